//! `m8tes run …`

mod approve;
mod download;
mod messages;

use futures::{StreamExt, TryStreamExt};
use m8tes_sdk::runs::ListRuns;
use m8tes_sdk::{ErrorKind, Run as RunNow, RunId, RunOutcome};
use serde_json::{Value, json};

use crate::args::run::Run;
use crate::failure::Failure;
use crate::output::work::{Work, short};
use crate::output::{Fields, Table};
use crate::screen::Screen;
use crate::session::Session;
use crate::turn;

/// How many runs a page has at the most.
const LARGEST_PAGE: u32 = 100;

pub(super) async fn run(session: &mut Session<'_>, command: Run) -> Result<(), Failure> {
    let client = session.client()?;
    let runs = client.runs();
    match command {
        Run::Get { id } => get(session, id).await,
        Run::List { limit } => list(session, runs.list(), limit).await,
        Run::ListMate { id, limit } => list(session, runs.list().teammate(id), limit).await,
        Run::Conversation { id } => messages::conversation(session, id).await,
        Run::Usage { id } => {
            let outcome = runs.outcome(id).await?;
            with_cost(Fields::default().add("run", id), &outcome).show(&mut session.screen, &outcome)
        }
        Run::Tools { id, verbose } => messages::tools(session, id, verbose).await,
        Run::Watch { id, debug } => watch(session, id, debug).await,
        Run::Cancel { id } => {
            let run = runs.cancel(id).await?;
            show_status(&mut session.screen, &run)
        }
        Run::Approve(command) => approve::run(session, command).await,
        Run::Files { id } => {
            let files = runs.list_files(id).await?;
            let table = Table::new(&["name", "bytes", "label"]);
            table.show(&mut session.screen, &files, "no files", |file| {
                vec![file.name.clone(), file.size.to_string(), file.label.clone().unwrap_or_default()]
            })
        }
        Run::Download { id, name, to, force } => download::run(session, id, &name, to.as_deref(), force).await,
        Run::Retry { id, confirm } => {
            let request = runs.retry(id);
            let run = if confirm { request.confirm() } else { request }.await.map_err(|error| match error.code() {
                Some("retry_needs_confirmation") => Failure::failed(format!("{error}; --confirm does it all the same")),
                _ => error.into(),
            })?;
            if session.screen.is_json() {
                return session.screen.json(&run);
            }
            session.screen.line(&format!("run {} tries it again; m8tes run watch {} shows it", run.id, run.id))
        }
        Run::SetPermissionMode { id, mode } => {
            let mode = runs.update_permission_mode(id, mode.into()).await?;
            if session.screen.is_json() {
                return session.screen.json(&json!({"permission_mode": mode}));
            }
            session.screen.line(&format!("run {id} is {mode} now"))
        }
    }
}

async fn get(session: &mut Session<'_>, id: RunId) -> Result<(), Failure> {
    let client = session.client()?;
    let run = client.runs().get(id).await?;
    let outcome = client.runs().outcome(id).await?;
    let fields = fields_of(&run)
        .add_some("summary", outcome.headline.as_deref().or(outcome.summary.as_deref()))
        .add_some("output", run.output.as_deref())
        .add_some("data", outcome.output_data.as_ref().map(|data| Value::Object(data.clone())));
    let fields = with_cost(fields, &outcome);
    if session.screen.is_json() {
        return session.screen.json(&json!({"run": run, "outcome": outcome}));
    }
    fields.show(&mut session.screen, &run)
}

fn fields_of(run: &RunNow) -> Fields {
    Fields::default()
        .add("run", run.id)
        .add("status", &run.status)
        .add_some("teammate", run.teammate_id)
        .add_some("task", run.task_name.as_deref())
        .add_some("user", run.user_id.as_ref())
        .add_some("permission mode", run.permission_mode.as_ref())
        .add_some("error", run.error.as_deref())
        .add_some("error code", run.error_code.as_deref())
        .add_some("made", run.created_at.as_ref())
}

fn with_cost(fields: Fields, outcome: &RunOutcome) -> Fields {
    fields
        .add_some("messages", outcome.message_count)
        .add_some("input tokens", outcome.input_tokens)
        .add_some("output tokens", outcome.output_tokens)
        .add_some("tokens", outcome.total_tokens)
        .add_some("cost", outcome.cost_usd.as_ref().map(|cost| format!("${cost}")))
}

async fn list(session: &mut Session<'_>, request: ListRuns<'_>, limit: u32) -> Result<(), Failure> {
    let runs = request.limit(limit.min(LARGEST_PAGE)).into_stream();
    let runs: Vec<RunNow> = runs.take(usize::try_from(limit).unwrap_or(usize::MAX)).try_collect().await?;
    let table = Table::new(&["id", "status", "teammate", "made", "output"]);
    table.show(&mut session.screen, &runs, "no runs", |run| {
        let teammate = run.teammate_id.map(|id| id.to_string()).unwrap_or_default();
        let made = run.created_at.as_ref().map(ToString::to_string).unwrap_or_default();
        let said = run.output.as_deref().or(run.error.as_deref()).unwrap_or_default();
        vec![run.id.to_string(), run.status.to_string(), teammate, made, short(said)]
    })
}

/// What became of a run, in a line.
fn show_status(screen: &mut Screen, run: &RunNow) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.json(run);
    }
    screen.line(&format!("run {} is {}", run.id, run.status))
}

async fn watch(session: &mut Session<'_>, id: RunId, debug: bool) -> Result<(), Failure> {
    let client = session.client()?;
    let stream = match client.runs().join(id).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::Conflict => return over(session, id).await,
        Err(error) => return Err(error.into()),
    };
    super::mate::watch_to_the_end(session, &client, stream, debug).await
}

/// A run that is not at work: what it has said.
async fn over(session: &mut Session<'_>, id: RunId) -> Result<(), Failure> {
    let client = session.client()?;
    let run = client.runs().get(id).await?;
    session.screen.note(&format!("run {id} is {}", run.status));
    if let Some(output) = &run.output {
        Work::new(false).rest(&mut session.screen, output)?;
        session.screen.end_line()?;
    }
    if !session.screen.is_json() {
        turn::summarize(&mut session.screen, &client, id, None).await;
    }
    turn::result_of(run)
}
