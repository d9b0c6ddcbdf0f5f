//! What a client costs before it makes calls: to build it, to clone it, to give it another token.

use std::ffi::OsString;
use std::hint::black_box;

use mycel_sdk::Client;
use tokio::runtime::Runtime;

use super::calls::{CHAT, CONTENT, TOKEN, runtime};
use crate::Result;
use crate::bare::BareClient;
use crate::counted::{self, Probe};
use crate::figure::{Pairs, Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// The argument that has the program build clients: the side, the peer's URL and the number follow.
pub(crate) const ROLE: &str = "client-probe";

/// Clients that are built in a run.
const BUILT: u32 = 250;

/// What the rows of such a client are called.
const START: &str = "build, and the first call";

/// What the baseline is called.
const BARE: &str = "bare reqwest";

/// Clones that are made in a run, and tokens that are given.
const MADE: u32 = 200_000;

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let client = Client::builder(peer.url()).auth_token(TOKEN).build()?;
    let mut rows = vec![start(runs, &peer)?];
    rows.extend(counted(runs, &peer)?);
    rows.extend([
        made("`Client::clone`", runs, || client.clone())?,
        made("`Client::with_auth_token`", runs, || client.with_auth_token(TOKEN))?,
    ]);
    Ok(rows)
}

/// Builds so many clients, and makes one call with each.
fn start_ours(runtime: &Runtime, url: &str, times: u32) -> Result<()> {
    for _ in 0..times {
        let client = Client::builder(url).auth_token(TOKEN).build()?;
        runtime.block_on(client.messages().send(CHAT, CONTENT).into_future())?;
    }
    Ok(())
}

fn start_bare(runtime: &Runtime, url: &str, times: u32) -> Result<()> {
    for _ in 0..times {
        let client = BareClient::new(url, TOKEN)?;
        runtime.block_on(client.send(CHAT, CONTENT))?;
    }
    Ok(())
}

/// So many clients of one side, for who counts what they take.
pub(crate) fn probe(arguments: Vec<OsString>) -> Result<()> {
    let arguments: Option<Vec<&str>> = arguments.iter().map(|argument| argument.to_str()).collect();
    let Some([side, url, times]) = arguments.as_deref() else {
        return Err("a side, a URL and a number are needed".into());
    };
    let (runtime, times) = (runtime()?, times.parse()?);
    match *side {
        "ours" => start_ours(&runtime, url, times),
        "bare" => start_bare(&runtime, url, times),
        other => Err(format!("there is no side {other:?}").into()),
    }
}

/// From nothing to the answer of the first call.
fn start(runs: usize, peer: &Peer) -> Result<Row> {
    let runtime = runtime()?;
    let pairs = measure::in_turns(
        8 * runs,
        || Ok(measure::seconds(|| start_ours(&runtime, peer.url(), BUILT))? / f64::from(BUILT)),
        || Ok(measure::seconds(|| start_bare(&runtime, peer.url(), BUILT))? / f64::from(BUILT)),
    )?;
    Ok(Row::compared(START, Unit::Seconds, &pairs, BARE, Target::AtMost(1.05)))
}

/// The same by its instructions and allocations.
fn counted(runs: usize, peer: &Peer) -> Result<Vec<Row>> {
    let [instructions, allocations] = ["instructions", "allocations"].map(|what| format!("{START}, {what}"));
    if let Some(why) = counted::hindrance() {
        return Ok([instructions, allocations].map(|name| Row::left_out(name, why)).into());
    }
    let (mut executed, mut allocated) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let [ours, bare] = ["ours", "bare"].map(|side| [side, peer.url()]);
        let [ours, bare] = [&ours, &bare].map(|arguments| Probe { role: ROLE, arguments });
        executed.push((counted::instructions(&ours)?, counted::instructions(&bare)?));
        allocated.push((counted::allocated(&ours)?.blocks, counted::allocated(&bare)?.blocks));
    }
    let row = |name, pairs, target| Row::compared(name, Unit::Count(""), &Pairs::new(pairs), BARE, target);
    Ok(vec![row(instructions, executed, Target::AtMost(1.05)), row(allocations, allocated, Target::Stated)])
}

/// To make something out of a client, and to drop it.
fn made(what: &str, runs: usize, mut make: impl FnMut() -> Client) -> Result<Row> {
    let samples = measure::alone(runs, || {
        let seconds = measure::seconds(|| {
            for _ in 0..MADE {
                black_box(make());
            }
            Ok(())
        })?;
        Ok(seconds / f64::from(MADE))
    })?;
    Ok(Row::alone(what, Unit::Seconds, samples, Target::Below(1e-6)))
}
