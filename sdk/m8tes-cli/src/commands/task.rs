//! `m8tes task …`

use futures::TryStreamExt;
use m8tes_sdk::{Task as TaskNow, TaskId, Trigger};
use serde_json::json;

use super::mate::{ask_for, permissions_of, tools_of, watch_to_the_end};
use super::say;
use crate::args::task::{Create, Execute, Task, Update};
use crate::failure::Failure;
use crate::output::work::short;
use crate::output::{Fields, Table};
use crate::prompts;
use crate::screen::Screen;
use crate::session::Session;

pub(super) async fn run(session: &mut Session<'_>, command: Task) -> Result<(), Failure> {
    let client = session.client()?;
    let tasks = client.tasks();
    match command {
        Task::Create(command) => create(session, command).await,
        Task::List { mate_id, include_archived } => {
            let request = if include_archived { tasks.list().include_archived(true) } else { tasks.list() };
            let request = match mate_id {
                Some(mate) => request.teammate(mate),
                None => request,
            };
            let found: Vec<TaskNow> = request.into_stream().try_collect().await?;
            let table = Table::new(&["id", "name", "status", "teammate", "instructions"]);
            table.show(&mut session.screen, &found, "no tasks; m8tes task create makes one", |task| {
                let name = task.name.clone().unwrap_or_default();
                let teammate = task.teammate_id.to_string();
                vec![task.id.to_string(), name, task.status.to_string(), teammate, short(&task.instructions)]
            })
        }
        Task::Get { id } => show(&mut session.screen, &tasks.get(id).await?),
        Task::Execute(command) => execute(session, command).await,
        Task::Update(command) => update(session, command).await,
        Task::Enable { id } => {
            let task = tasks.update(id).status(m8tes_sdk::TaskStatus::Enabled).await?;
            show_status(&mut session.screen, &task)
        }
        Task::Disable { id } => {
            let task = tasks.update(id).status(m8tes_sdk::TaskStatus::Disabled).await?;
            show_status(&mut session.screen, &task)
        }
        Task::Archive { id } => archive(session, id).await,
        Task::Triggers { id } => {
            let triggers = tasks.triggers(id).list().await?;
            let table = Table::new(&["id", "kind", "enabled", "what", "next"]);
            table.show(&mut session.screen, &triggers, "nothing starts it but m8tes task execute", |trigger| {
                let enabled = if trigger.enabled { "yes" } else { "no" };
                let next = trigger.next_run.as_ref().map(ToString::to_string).unwrap_or_default();
                vec![trigger.id.to_string(), trigger.kind.to_string(), enabled.to_owned(), what_of(trigger), next]
            })
        }
    }
}

/// What a trigger waits for.
fn what_of(trigger: &Trigger) -> String {
    let every = trigger.interval_seconds.map(|seconds| format!("every {seconds} s"));
    let at = trigger.run_at.as_ref().map(|at| format!("at {at}"));
    let cron = trigger.cron.as_ref().map(|cron| format!("{cron} ({})", trigger.timezone));
    let event = || Some(format!("{} {}", trigger.app.as_ref()?, trigger.trigger_name.as_deref().unwrap_or_default()));
    let place = || trigger.address.clone().or_else(|| trigger.url.clone());
    cron.or(every).or(at).or_else(event).or_else(place).unwrap_or_default()
}

async fn create(session: &mut Session<'_>, mut command: Create) -> Result<(), Failure> {
    let client = session.client()?;
    let screen = &mut session.screen;
    if !command.non_interactive {
        if command.mate_id.is_none() {
            let id = prompts::line(screen, "Whose task it is (the teammate's id)").await?;
            let id = id.trim().parse().map_err(|_| Failure::failed(format!("{id} is no id of a teammate")))?;
            command.mate_id = Some(id);
        }
        ask_for(screen, &mut command.instructions, "What is to be done").await?;
        ask_for(screen, &mut command.name, "Name (may be left empty)").await?;
        if command.tools.is_none() {
            command.tools = tools_of(&prompts::line_or(screen, "Tools, with commas", "").await?);
        }
    }
    let (Some(mate), Some(instructions)) = (command.mate_id, command.instructions) else {
        return Err(Failure::usage("a task needs --mate-id and --instructions"));
    };
    let Create { name, tools, expected_output, goals, schedule, timezone: schedule_timezone, .. } = command;
    let request = client.tasks().create(mate, instructions);
    let request = say!(request; name, tools, expected_output, goals, schedule, schedule_timezone);
    show(&mut session.screen, &request.await?)
}

async fn update(session: &mut Session<'_>, command: Update) -> Result<(), Failure> {
    let client = session.client()?;
    let Update { id, name, instructions, tools, expected_output, goals } = command;
    if [&name, &instructions, &expected_output, &goals].into_iter().all(Option::is_none) && tools.is_none() {
        return Err(Failure::failed("nothing is to be changed; say what, with --name, --instructions, --tools, …"));
    }
    let request = say!(client.tasks().update(id); name, instructions, tools, expected_output, goals);
    show(&mut session.screen, &request.await?)
}

async fn archive(session: &mut Session<'_>, id: TaskId) -> Result<(), Failure> {
    session.client()?.tasks().delete(id).await?;
    if session.screen.is_json() {
        return session.screen.json(&json!({"id": id.get(), "status": "archived"}));
    }
    session.screen.line(&format!("task {id} is archived"))
}

async fn execute(session: &mut Session<'_>, command: Execute) -> Result<(), Failure> {
    let client = session.client()?;
    // That it is there at all is better said before anything is started.
    client.tasks().get(command.id).await?;
    let (model, (permission_mode, human_in_the_loop)) = (command.model, permissions_of(command.permission_mode));
    let request = say!(client.tasks().run_stream(command.id); model, human_in_the_loop, permission_mode);
    session.screen.spin("starting");
    let stream = request.await?;
    watch_to_the_end(session, &client, stream, command.debug).await
}

fn show(screen: &mut Screen, task: &TaskNow) -> Result<(), Failure> {
    Fields::default()
        .add("id", task.id)
        .add_some("name", task.name.as_deref())
        .add("status", &task.status)
        .add("teammate", task.teammate_id)
        .add("instructions", &task.instructions)
        .add_some("tools", Some(task.tools.join(", ")))
        .add_some("expected output", task.expected_output.as_deref())
        .add_some("goals", task.goals.as_deref())
        .add_some("user", task.user_id.as_ref())
        .add_some("made", task.created_at.as_ref())
        .show(screen, task)
}

fn show_status(screen: &mut Screen, task: &TaskNow) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(task);
    }
    screen.line(&format!("task {} is {}", task.id, task.status))
}
