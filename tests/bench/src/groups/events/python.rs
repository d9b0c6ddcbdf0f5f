//! The official Python clients at the same peer, as their users use them.

use std::path::Path;

use python_clients::{Installer, Package};
use tokio::runtime::Runtime;

use super::EVENTS;
use super::reading::{Source, Way};
use crate::Result;
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// A script of the folder `python`, and what it reads with.
struct Script {
    source: Source,
    file: &'static str,
    client: &'static str,
    package: Package,
}

const SCRIPTS: [Script; 2] = [
    Script { source: Source::Run, file: "m8tes_events.py", client: "m8tes 4.49.0", package: Package::M8tes449 },
    Script { source: Source::Chat, file: "muxi_events.py", client: "muxi 1.20260713.0", package: Package::Muxi },
];

/// Pieces of text in a run of Python.
const OF_PYTHON: u32 = 5_000;

pub(super) fn measure(runs: usize, peer: &Peer, runtime: &Runtime) -> Result<Vec<Row>> {
    SCRIPTS.iter().map(|script| beside(runs, peer, runtime, script)).collect()
}

fn beside(runs: usize, peer: &Peer, runtime: &Runtime, script: &Script) -> Result<Row> {
    let what = format!("{}, and the official Python client", script.source.call());
    let installed = runtime.block_on(async {
        let installer = Installer::find().await?;
        installer.install(script.package).await.map(|environment| (installer, environment))
    });
    let (_installer, environment) = match installed {
        Ok(installed) => installed,
        Err(problem) => {
            let why = problem.to_string().lines().next().unwrap_or_default().to_owned();
            return Ok(Row::left_out(what, why));
        }
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script.file);
    let pairs = measure::in_turns(
        runs,
        || {
            let seconds = measure::seconds(|| runtime.block_on(Way::Ours.read(script.source, peer.url(), EVENTS)))?;
            Ok(seconds / f64::from(EVENTS))
        },
        || {
            let mut command = environment.command(&file);
            command.args([&format!("{}/events/{OF_PYTHON}", peer.url()), &OF_PYTHON.to_string()]);
            let output = runtime.block_on(async { command.output().await })?;
            if !output.status.success() {
                let complaint = String::from_utf8_lossy(&output.stderr);
                return Err(format!("{} failed, {}\n{complaint}", script.file, output.status).into());
            }
            Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
        },
    )?;
    Ok(Row::compared(what, Unit::Seconds, &pairs, script.client, Target::TimesFaster(50.0)))
}
