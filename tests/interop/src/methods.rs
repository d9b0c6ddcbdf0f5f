//! The part `methods`: every public method of the Python clients, in its good case and its most likely error.

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend, Profile};

use crate::{
    cases::{self, Kind, Line},
    environment::{Environment, Environments},
    problem::Problem,
    python,
    totals::Row,
};

/// Runs the cases with both clients, each against backends of its own.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let older = against_a_backend(&environments.sdk_045, "mycel-sdk 0.1.45").await;
    let newer = against_a_backend(&environments.sdk_083, "mycel-sdk 0.1.83").await;
    match (older, newer) {
        (Ok(older), Ok(newer)) => Ok(vec![older, newer]),
        (Err(older), Err(newer)) => Err(Problem::new(format!("{older}\n{newer}"))),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
    }
}

async fn against_a_backend(environment: &Environment, client: &str) -> Result<Row, Problem> {
    let full = LocalBackend::builder().start().await.map_err(Problem::because(client))?;
    let communication = LocalBackend::builder().profile(Profile::Communication).start().await;
    let communication = communication.map_err(Problem::because(client))?;
    let arguments = [full.url(), communication.url(), DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE];
    let lines = python::run::<Line>(environment, "methods.py", &arguments).await;
    full.shutdown().await;
    communication.shutdown().await;
    let exercised =
        lines.and_then(|lines| cases::judge(&lines, &[Kind::Good, Kind::Error])).map_err(Problem::because(client))?;
    Ok(Row {
        part: "methods",
        subject: client.to_owned(),
        counted: format!(
            "{} methods: {} good cases, {} errors, {} pinned defects",
            exercised.methods, exercised.good, exercised.error, exercised.defect
        ),
    })
}
