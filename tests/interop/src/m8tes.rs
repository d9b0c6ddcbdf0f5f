//! The part `m8tes`: what m8tes' documents show, by its Python clients, each method in its good case and its most likely
//! error.

use std::time::Duration;

use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend, Question, Run, RunFailure};
use serde_json::json;

use crate::{
    cases::{self, Kind, Line},
    environment::{Environment, Environments},
    problem::Problem,
    python,
    totals::Row,
};

/// What it is called.
pub const PART: &str = "m8tes";

/// Runs the cases with both clients, each against a backend of its own.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let older = against_a_backend(&environments.m8tes_110, "1.1.0").await;
    let newer = against_a_backend(&environments.m8tes_449, "4.49.0").await;
    match (older, newer) {
        (Ok(older), Ok(newer)) => Ok(vec![older, newer]),
        (Err(older), Err(newer)) => Err(Problem::new(format!("{older}\n{newer}"))),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
    }
}

async fn against_a_backend(environment: &Environment, version: &str) -> Result<Row, Problem> {
    let client = format!("{PART} {version}");
    let backend = LocalBackend::builder().on_run(script).start().await.map_err(Problem::because(&client))?;
    let arguments = [&backend.base_url(), DEFAULT_API_KEY, version];
    let lines = python::run::<Line>(environment, "m8tes_methods.py", &arguments).await;
    backend.shutdown().await;
    let exercised =
        lines.and_then(|lines| cases::judge(&lines, &[Kind::Good, Kind::Error])).map_err(Problem::because(&client))?;
    Ok(Row {
        part: PART,
        subject: client,
        counted: format!(
            "{} methods, {} of them left out with a reason: {} good cases, {} errors, {} pinned defects",
            exercised.methods, exercised.left_out, exercised.good, exercised.error, exercised.defect
        ),
    })
}

/// A run does what its message says, and otherwise repeats it.
pub async fn script(run: Run) -> Result<(), RunFailure> {
    let message = run.message().to_owned();
    match message.as_str() {
        "ask" => {
            let answer = run.question(Question::new("Which channel?").option("#general")).await;
            run.text(answer.unwrap_or_default());
            return Ok(());
        }
        "fail" => return Err(RunFailure::new("it was asked to")),
        "file" => run.file("report.csv", "a,b\n")?,
        "send" | "use a tool" => {
            run.tool("gmail_send", &json!({ "to": "a@example.com" }), &json!({ "id": 1 })).await;
        }
        "wait a little" => run.pause(Duration::from_millis(100)).await,
        "wait long" => run.pause(Duration::from_secs(60)).await,
        _ => {}
    }
    run.text("You said: ");
    run.text(message);
    Ok(())
}
