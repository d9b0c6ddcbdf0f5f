//! The part `cel`: the life of a user through the official command line.

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend, Profile};
use tempfile::TempDir;

use crate::{
    cases::{self, Kind, Line},
    environment::Environments,
    problem::Problem,
    python,
    totals::Row,
};

const CLIENT: &str = "mycel-cli 0.1.83";

/// Lives the life, in a home folder of its own that is gone afterwards.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let full = LocalBackend::builder().start().await.map_err(Problem::because(CLIENT))?;
    let communication = LocalBackend::builder().profile(Profile::Communication).start().await;
    let communication = communication.map_err(Problem::because(CLIENT))?;
    let home = TempDir::with_prefix("cel-").map_err(Problem::because("a home folder"))?;
    let folder =
        home.path().to_str().ok_or_else(|| Problem::new("the folder for temporary files has no plain name"))?;
    let arguments = [full.url(), communication.url(), DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, folder];
    let lines = python::run::<Line>(&environments.cli_083, "cel.py", &arguments).await;
    full.shutdown().await;
    communication.shutdown().await;
    let exercised = lines.and_then(|lines| cases::judge(&lines, &[Kind::Good])).map_err(Problem::because(CLIENT))?;
    Ok(vec![Row {
        part: "cel",
        subject: CLIENT.to_owned(),
        counted: format!(
            "{} commands, {} of them left out with a reason: {} good cases, {} errors, {} pinned defects",
            exercised.methods, exercised.left_out, exercised.good, exercised.error, exercised.defect
        ),
    }])
}
