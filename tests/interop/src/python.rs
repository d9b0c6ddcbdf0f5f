//! Running the scripts in `python`.

use std::{path::Path, time::Duration};

use serde::de::DeserializeOwned;
use tokio::{process::Command, time::timeout};

use crate::{environment::Environment, problem::Problem};

/// A script that takes longer hangs. Its cases have limits of their own.
const PATIENCE: Duration = Duration::from_secs(1800);

/// A command that runs a script of the folder `python` in an environment.
pub fn command(environment: &Environment, script: &str) -> Command {
    environment.command(&Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script))
}

/// Runs a script to its end, and reads the lines that it prints: one JSON value each.
pub async fn run<L: DeserializeOwned>(
    environment: &Environment,
    script: &str,
    arguments: &[&str],
) -> Result<Vec<L>, Problem> {
    let output = timeout(PATIENCE, command(environment, script).args(arguments).output())
        .await
        .map_err(Problem::because(script))?
        .map_err(Problem::because(script))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::new(format!("{script} failed, {}\n{}", output.status, error.trim_end())));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).map_err(Problem::because(format_args!("{script} printed {line:?}"))))
        .collect()
}
