//! `m8tes mate …`

use futures::TryStreamExt;
use m8tes_sdk::runs::StreamRun;
use m8tes_sdk::{Client, PermissionMode, RunStream, Teammate, TeammateId, TeammateStatus};

use super::{chat, message, say};
use crate::args::mate::{Create, Mate, Mode, Task, Turn, Update};
use crate::failure::Failure;
use crate::output::work::Work;
use crate::output::{Fields, Table};
use crate::prompts;
use crate::screen::Screen;
use crate::session::Session;
use crate::turn;

/// How many teammates are asked for at once.
const PAGE: u32 = 100;

pub(super) async fn run(session: &mut Session<'_>, command: Mate) -> Result<(), Failure> {
    match command {
        Mate::Create(command) => create(session, command).await,
        Mate::List { include_disabled } => list(session, include_disabled).await,
        Mate::Get { id } => {
            let mate = session.client()?.teammates().get(id).await?;
            show(&mut session.screen, &mate)
        }
        Mate::Update(command) => update(session, command).await,
        Mate::Enable { id } => enable(session, id).await,
        Mate::Disable { id, force } => disable(session, id, force).await,
        Mate::Archive { id, force } => archive(session, id, force).await,
        Mate::Task(command) => task(session, command).await,
        Mate::Chat(command) => chat::run(session, command).await,
    }
}

async fn create(session: &mut Session<'_>, mut command: Create) -> Result<(), Failure> {
    let client = session.client()?;
    let screen = &mut session.screen;
    if !command.non_interactive {
        ask_for(screen, &mut command.name, "Name (m8tes finds one unless given)").await?;
        ask_for(screen, &mut command.instructions, "What it is told to do always").await?;
        if command.tools.is_none() {
            command.tools = tools_of(&prompts::line_or(screen, "Tools, with commas", "").await?);
        }
    }
    let Create { name, instructions, tools, role, goals, .. } = command;
    let request = say!(client.teammates().create(); name, instructions, tools, role, goals);
    let mate = request.await?;
    show(&mut session.screen, &mate)
}

/// Asks for what was not given; nothing where the answer is empty.
pub(super) async fn ask_for(screen: &mut Screen, value: &mut Option<String>, question: &str) -> Result<(), Failure> {
    if value.is_none() {
        *value = Some(prompts::line_or(screen, question, "").await?).filter(|said| !said.is_empty());
    }
    Ok(())
}

pub(super) fn tools_of(said: &str) -> Option<Vec<String>> {
    let tools = said.split(',').map(str::trim).filter(|tool| !tool.is_empty());
    let tools = tools.map(str::to_owned).collect::<Vec<_>>();
    (!tools.is_empty()).then_some(tools)
}

async fn list(session: &mut Session<'_>, include_disabled: bool) -> Result<(), Failure> {
    let mut mates = all(&session.client()?, include_disabled).await?;
    if !include_disabled {
        mates.retain(|mate| mate.status == TeammateStatus::Enabled);
    }
    let table = Table::new(&["id", "name", "status", "role", "tools"]);
    table.show(&mut session.screen, &mates, "no teammates; m8tes mate create makes one", |mate| {
        let role = mate.role.clone().unwrap_or_default();
        vec![mate.id.to_string(), mate.name.clone(), mate.status.to_string(), role, mate.tools.join(", ")]
    })
}

async fn all(client: &Client, include_archived: bool) -> Result<Vec<Teammate>, Failure> {
    let mut request = client.teammates().list().limit(PAGE);
    if include_archived {
        request = request.include_archived(true);
    }
    Ok(request.into_stream().try_collect().await?)
}

fn show(screen: &mut Screen, mate: &Teammate) -> Result<(), Failure> {
    Fields::default()
        .add("id", mate.id)
        .add("name", &mate.name)
        .add("status", &mate.status)
        .add_some("role", mate.role.as_deref())
        .add_some("goals", mate.goals.as_deref())
        .add_some("instructions", mate.instructions.as_deref())
        .add_some("tools", Some(mate.tools.join(", ")))
        .add_some("model", mate.model.as_deref())
        .add_some("permission mode", mate.default_permission_mode.as_ref())
        .add_some("user", mate.user_id.as_ref())
        .add_some("e-mail", mate.email_address.as_deref())
        .add_some("made", mate.created_at.as_ref())
        .show(screen, mate)
}

async fn update(session: &mut Session<'_>, mut command: Update) -> Result<(), Failure> {
    let client = session.client()?;
    let mate = client.teammates().get(command.id).await?;
    let screen = &mut session.screen;
    if !command.non_interactive {
        ask_again(screen, &mut command.name, "Name", &mate.name).await?;
        let instructions = mate.instructions.as_deref().unwrap_or_default();
        ask_again(screen, &mut command.instructions, "What it is told to do always", instructions).await?;
    }
    let Update { id, name, instructions, tools, role, goals, .. } = command;
    if [&name, &instructions, &role, &goals].into_iter().all(Option::is_none) && tools.is_none() {
        return Err(Failure::failed("nothing is to be changed; say what, with --name, --instructions, --tools, …"));
    }
    let request = say!(client.teammates().update(id); name, instructions, tools, role, goals);
    let mate = request.await?;
    show(&mut session.screen, &mate)
}

/// Asks for what was not given; nothing where it stays as it is.
async fn ask_again(screen: &mut Screen, value: &mut Option<String>, question: &str, now: &str) -> Result<(), Failure> {
    if value.is_none() {
        *value = Some(prompts::line_or(screen, question, now).await?).filter(|said| said != now);
    }
    Ok(())
}

async fn enable(session: &mut Session<'_>, id: TeammateId) -> Result<(), Failure> {
    let client = session.client()?;
    let mate = client.teammates().get(id).await?;
    let mate = if mate.status == TeammateStatus::Enabled { mate } else { client.teammates().enable(id).await? };
    show_status(&mut session.screen, &mate)
}

async fn disable(session: &mut Session<'_>, id: TeammateId, force: bool) -> Result<(), Failure> {
    let client = session.client()?;
    let mate = client.teammates().get(id).await?;
    if mate.status == TeammateStatus::Disabled {
        return show_status(&mut session.screen, &mate);
    }
    if !is_sure(session, force, &format!("Disable {} (teammate {id})?", mate.name)).await? {
        return Ok(());
    }
    let mate = client.teammates().disable(id).await?;
    show_status(&mut session.screen, &mate)
}

async fn archive(session: &mut Session<'_>, id: TeammateId, force: bool) -> Result<(), Failure> {
    let client = session.client()?;
    let mate = client.teammates().get(id).await?;
    let question = format!("Archive {} (teammate {id}) with all its runs?", mate.name);
    if !is_sure(session, force, &question).await? {
        return Ok(());
    }
    client.teammates().delete(id).await?;
    if session.screen.is_json() {
        return session.screen.json(&serde_json::json!({"id": id.get(), "status": "archived"}));
    }
    session.screen.line(&format!("{} (teammate {id}) is archived", mate.name))
}

/// Whether it is to be done. Where it is not, that is said.
pub(super) async fn is_sure(session: &mut Session<'_>, force: bool, question: &str) -> Result<bool, Failure> {
    if force || prompts::confirm(&mut session.screen, question).await? {
        return Ok(true);
    }
    session.screen.note("nothing was changed");
    Ok(false)
}

fn show_status(screen: &mut Screen, mate: &Teammate) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(mate);
    }
    screen.line(&format!("{} (teammate {}) is {}", mate.name, mate.id, mate.status))
}

async fn task(session: &mut Session<'_>, command: Task) -> Result<(), Failure> {
    let (id, message) = message::read(&command.words, command.message_file.as_deref()).await?;
    let client = session.client()?;
    let id = match id {
        None if session.has_user() => None,
        None => Some(newest(session, &client).await?),
        Some(id) => Some(id),
    };
    if let Some(id) = id {
        // That it is there at all is better said before anything is started.
        client.teammates().get(id).await?;
    }
    let request = with_turn(client.runs().stream(message), &command.turn);
    let request = match id {
        Some(id) => request.teammate(id),
        None => request,
    };
    session.screen.spin("starting");
    let stream = request.await?;
    watch_to_the_end(session, &client, stream, command.turn.debug).await
}

/// Shows a run's work to its end, and what it has cost.
pub(super) async fn watch_to_the_end(
    session: &mut Session<'_>,
    client: &Client,
    stream: RunStream,
    debug: bool,
) -> Result<(), Failure> {
    let mut work = Work::new(debug);
    let ended = turn::follow(session, client, stream, &mut work, None).await?;
    let is_told = !session.screen.is_json() && !matches!(ended.result, Err(Failure::Interrupted));
    if let Some(run) = ended.run.filter(|_| is_told) {
        turn::summarize(&mut session.screen, client, run, Some(&work)).await;
    }
    ended.result
}

/// The newest teammate that can be given work, where the person agrees.
pub(super) async fn newest(session: &mut Session<'_>, client: &Client) -> Result<TeammateId, Failure> {
    let mates = all(client, false).await?;
    let mates = mates.into_iter().filter(|mate| mate.status == TeammateStatus::Enabled);
    let Some(mate) = mates.max_by_key(|mate| mate.id) else {
        return Err(Failure::failed("there is no teammate; m8tes mate create makes one"));
    };
    match prompts::confirm(&mut session.screen, &format!("Have {} (teammate {}) do it?", mate.name, mate.id)).await? {
        true => Ok(mate.id),
        false => Err(Failure::failed("name a teammate by its id; m8tes mate list shows them")),
    }
}

/// What a run may do without asking, and whether it may ask people.
pub(super) fn permissions_of(mode: Option<Mode>) -> (Option<PermissionMode>, Option<bool>) {
    let mode = mode.map(PermissionMode::from);
    let asks = mode.as_ref().is_some_and(|mode| *mode != PermissionMode::Autonomous);
    (mode, asks.then_some(true))
}

/// The request with what was said of how the work is done.
pub(super) fn with_turn<'c>(request: StreamRun<'c>, turn: &Turn) -> StreamRun<'c> {
    let (model, (permission_mode, human_in_the_loop)) = (turn.model.as_deref(), permissions_of(turn.permission_mode));
    let mut request = say!(request; model, human_in_the_loop, permission_mode);
    if turn.no_task_setup_tools {
        request = request.task_setup_tools(false);
    }
    request
}
