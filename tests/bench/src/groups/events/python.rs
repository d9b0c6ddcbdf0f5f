//! The official Python clients at the same peer, as their users use them.

use std::path::Path;

use python_clients::{Installer, Package};
use tokio::runtime::Runtime;

use super::reading::{Source, Way};
use super::{BARE, EVENTS};
use crate::Result;
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;
use crate::spent::{self, Spent};

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

pub(super) fn measure(runs: usize, peer: &Peer, runtime: &Runtime) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for script in &SCRIPTS {
        rows.extend(beside(runs, peer, runtime, script)?);
    }
    Ok(rows)
}

/// What an event takes, on the clock and of the client's processor, the latter with the bare parser in place of the SDK, too.
fn beside(runs: usize, peer: &Peer, runtime: &Runtime, script: &Script) -> Result<Vec<Row>> {
    let what = format!("{}, and the official Python client", script.source.call());
    let installed = runtime.block_on(async {
        let installer = Installer::find().await?;
        installer.install(script.package).await.map(|environment| (installer, environment))
    });
    let (_installer, environment) = match installed {
        Ok(installed) => installed,
        Err(problem) => {
            let why = problem.to_string().lines().next().unwrap_or_default().to_owned();
            return Ok(vec![Row::left_out(what, why)]);
        }
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script.file);
    let read = |way: Way| {
        let read = || runtime.block_on(way.read(script.source, peer.url(), EVENTS));
        let spent = Spent::on(spent::of_this_thread, read)?;
        Ok([spent.seconds, spent.processor.ok_or(spent::WHY_UNKNOWN)?].map(|seconds| seconds / f64::from(EVENTS)))
    };
    let python = || -> Result<[f64; 2]> {
        let mut command = environment.command(&file);
        command.args([&format!("{}/events/{EVENTS}", peer.url()), &EVENTS.to_string()]);
        let output = runtime.block_on(async { command.output().await })?;
        let told = String::from_utf8_lossy(&output.stdout);
        let Some((seconds, processor)) = told.trim().split_once(' ').filter(|_| output.status.success()) else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} failed, {}\n{complaint}", script.file, output.status).into());
        };
        Ok([seconds.parse()?, processor.parse()?])
    };
    let of_processor = |taken: Result<[f64; 2]>| taken.map(|[_, processor]| processor);
    let clock = measure::in_turns(
        runs,
        || read(Way::Ours).map(|[seconds, _]| seconds),
        || python().map(|[seconds, _]| seconds),
    )?;
    let ours = measure::in_turns(runs, || of_processor(read(Way::Ours)), || of_processor(python()))?;
    let bare = measure::in_turns(runs, || of_processor(read(Way::Bare)), || of_processor(python()))?;
    let row = |what, pairs, target| Row::compared(what, Unit::Seconds, pairs, script.client, target);
    let target = Target::TimesFaster(50.0);
    Ok(vec![
        row(format!("{what}, an event"), &clock, target),
        row(format!("{what}, an event, of the client's processor"), &ours, target),
        row(format!("the same of {BARE}"), &bare, Target::Stated),
    ])
}
