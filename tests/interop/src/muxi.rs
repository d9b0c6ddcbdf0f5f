//! The part `muxi`: every method of MUXI's Python client, in its good case and its most likely error; of both its forms, the
//! one that blocks and the one that is awaited.

use muxi_local_backend::{FORMATION_ID, KEY_ID, LocalBackend, SECRET_KEY};

use crate::{
    cases::{self, Kind, Line},
    environment::Environments,
    problem::Problem,
    python,
    totals::Row,
};

/// What it is called.
pub const PART: &str = "muxi";

/// Runs the cases with both forms, each against a backend of its own.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let blocking = against_a_backend(environments, "blocking").await;
    let awaited = against_a_backend(environments, "async").await;
    match (blocking, awaited) {
        (Ok(blocking), Ok(awaited)) => Ok(vec![blocking, awaited]),
        (Err(blocking), Err(awaited)) => Err(Problem::new(format!("{blocking}\n{awaited}"))),
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
    }
}

async fn against_a_backend(environments: &Environments, form: &str) -> Result<Row, Problem> {
    let client = format!("muxi 1.20260713.0, {form}");
    let backend = LocalBackend::builder().start().await.map_err(Problem::because(&client))?;
    let arguments = [backend.url(), FORMATION_ID, form, KEY_ID, SECRET_KEY];
    let lines = python::run::<Line>(&environments.muxi, "muxi_methods.py", &arguments).await;
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
