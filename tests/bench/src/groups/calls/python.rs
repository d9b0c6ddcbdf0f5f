//! The Python clients at the same peer: the official one as its users use it, and the HTTP client below it.

use std::path::Path;
use std::process::Stdio;

use mycel_sdk::Client;
use python_clients::{Environment, Installer, Package};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Runtime;

use super::{CALLS, CHAT, CONTENT, TOKEN, runtime, seconds_of_ours};
use crate::Result;
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// A script of the folder `python`, and what it is measured for.
struct Script {
    what: &'static str,
    file: &'static str,
    client: &'static str,
    /// Calls in a run.
    calls: u32,
    target: Target,
}

const SCRIPTS: [Script; 2] = [
    Script {
        what: "`send`, and the official Python client",
        file: "mycel_send.py",
        client: "mycel-sdk 0.1.83",
        calls: 20,
        target: Target::TimesFaster(300.0),
    },
    Script {
        what: "`send`, and plain httpx",
        file: "httpx_send.py",
        client: "httpx, keep-alive",
        calls: 500,
        target: Target::TimesFaster(8.0),
    },
];

pub(super) fn measure(runs: usize, peer: &Peer, ours: &Client) -> Result<Vec<Row>> {
    let runtime = runtime()?;
    let installed = runtime.block_on(async {
        let installer = Installer::find().await?;
        installer.install(Package::Sdk083).await.map(|environment| (installer, environment))
    });
    let (_installer, environment) = match installed {
        Ok(installed) => installed,
        Err(problem) => {
            // A problem may have many lines, and a cell of the table has one.
            let why = problem.to_string().lines().next().unwrap_or_default().to_owned();
            return Ok(SCRIPTS.iter().map(|script| Row::left_out(script.what, why.as_str())).collect());
        }
    };
    let beside = |script: &Script| {
        let pairs = measure::in_turns(
            runs,
            || seconds_of_ours(&runtime, ours, CALLS),
            || seconds_of(&runtime, &environment, peer, script),
        )?;
        Ok(Row::compared(script.what, Unit::Seconds, &pairs, script.client, script.target))
    };
    SCRIPTS.iter().map(beside).collect()
}

/// Seconds for each call of the script's.
fn seconds_of(runtime: &Runtime, environment: &Environment, peer: &Peer, script: &Script) -> Result<f64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script.file);
    let output = runtime.block_on(async {
        let mut command = environment.command(&file);
        command.args([peer.url(), &script.calls.to_string(), CHAT, CONTENT]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut input) = process.stdin.take() {
            input.write_all(TOKEN.as_bytes()).await?;
        }
        process.wait_with_output().await
    })?;
    let (printed, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{} failed, {}\n{complaint}", script.file, output.status).into());
    }
    Ok(printed.trim().parse()?)
}
