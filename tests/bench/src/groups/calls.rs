//! One `send`, and many at once.

mod floor;
pub(crate) mod probe;
mod python;

use mycel_sdk::Client;
use tokio::runtime::{Builder, Runtime};

use crate::Result;
use crate::bare::BareClient;
use crate::counted::{self, Allocated, Probe};
use crate::figure::{Pairs, Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;
use floor::Floor;

/// Calls in a run.
const CALLS: u32 = 4_000;

/// How many are under way at once, where many are.
const AT_ONCE: u32 = 64;

/// Calls in a run, of each of those.
const OF_EACH: u32 = 100;

/// What the token of the backend looks like: a JWT.
pub(super) const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl";

pub(super) const CHAT: &str = "c";

pub(super) const CONTENT: &str = "hello";

/// What the baseline is called.
const BARE: &str = "bare reqwest";

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let ours = Client::builder(peer.url()).auth_token(TOKEN).build()?;
    let bare = BareClient::new(peer.url(), TOKEN)?;
    let mut rows = one_after_another(runs, &peer, &ours, &bare)?;
    rows.extend(counted(runs, &peer)?);
    rows.push(many_at_once(runs, &ours, &bare)?);
    rows.extend(python::measure(runs, &peer, &ours)?);
    Ok(rows)
}

pub(super) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

async fn send_ours(client: &Client, times: u32) -> Result<()> {
    for _ in 0..times {
        client.messages().send(CHAT, CONTENT).await?;
    }
    Ok(())
}

async fn send_bare(client: &BareClient, times: u32) -> Result<()> {
    for _ in 0..times {
        client.send(CHAT, CONTENT).await?;
    }
    Ok(())
}

/// Seconds for each call of ours.
fn seconds_of_ours(runtime: &Runtime, client: &Client, times: u32) -> Result<f64> {
    Ok(measure::seconds(|| runtime.block_on(send_ours(client, times)))? / f64::from(times))
}

fn one_after_another(runs: usize, peer: &Peer, ours: &Client, bare: &BareClient) -> Result<Vec<Row>> {
    let runtime = runtime()?;
    // The target is narrow, and a run takes less than a second.
    let beside_bare = measure::in_turns(
        4 * runs,
        || seconds_of_ours(&runtime, ours, CALLS),
        || Ok(measure::seconds(|| runtime.block_on(send_bare(bare, CALLS)))? / f64::from(CALLS)),
    )?;
    let mut floor = Floor::new(peer.address())?;
    let beside_floor = measure::in_turns(
        runs,
        || seconds_of_ours(&runtime, ours, CALLS),
        || Ok(measure::seconds(|| (0..CALLS).try_for_each(|_| floor.call()))? / f64::from(CALLS)),
    )?;
    Ok(vec![
        Row::compared("`send`, time", Unit::Seconds, &beside_bare, BARE, Target::AtMost(1.05)),
        Row::compared("the same, and the floor", Unit::Seconds, &beside_floor, "a blocking socket", Target::Stated),
    ])
}

fn counted(runs: usize, peer: &Peer) -> Result<Vec<Row>> {
    let names = [
        "`send`, instructions",
        "the same, and the floor, instructions",
        "`send`, allocations",
        "`send`, bytes allocated",
    ];
    if let Some(why) = counted::hindrance() {
        return Ok(names.map(|name| Row::left_out(name, why)).into());
    }
    let [of_bare, of_floor, allocations, bytes] = names;
    let instructions = |side| counted::instructions(&Probe { role: probe::ROLE, arguments: &[side, peer.url()] });
    let allocated = |side| counted::allocated(&Probe { role: probe::ROLE, arguments: &[side, peer.url()] });
    let mut beside_bare = Vec::new();
    let mut beside_floor = Vec::new();
    let mut memory: Vec<(Allocated, Allocated)> = Vec::new();
    // No run disturbs another: they need not take turns at being first.
    for _ in 0..runs {
        let ours = instructions("ours")?;
        beside_bare.push((ours, instructions("bare")?));
        beside_floor.push((ours, instructions("floor")?));
        memory.push((allocated("ours")?, allocated("bare")?));
    }
    let blocks = memory.iter().map(|(ours, bare)| (ours.blocks, bare.blocks)).collect();
    let sizes = memory.iter().map(|(ours, bare)| (ours.bytes, bare.bytes)).collect();
    let count = Unit::Count("");
    let stated = Target::Stated;
    Ok(vec![
        Row::compared(of_bare, count, &Pairs::new(beside_bare), BARE, Target::AtMost(1.10)),
        Row::compared(of_floor, count, &Pairs::new(beside_floor), "a blocking socket", stated),
        Row::compared(allocations, count, &Pairs::new(blocks), BARE, stated),
        Row::compared(bytes, Unit::Bytes, &Pairs::new(sizes), BARE, stated),
    ])
}

fn many_at_once(runs: usize, ours: &Client, bare: &BareClient) -> Result<Row> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let per_second = |seconds: f64| f64::from(AT_ONCE * OF_EACH) / seconds;
    let pairs = measure::in_turns(
        4 * runs,
        || {
            let tasks = || {
                let client = ours.clone();
                async move { send_ours(&client, OF_EACH).await }
            };
            measure::seconds(|| runtime.block_on(all(tasks))).map(per_second)
        },
        || {
            let tasks = || {
                let client = bare.clone();
                async move { send_bare(&client, OF_EACH).await }
            };
            measure::seconds(|| runtime.block_on(all(tasks))).map(per_second)
        },
    )?;
    let what = format!("{AT_ONCE} at once");
    Ok(Row::compared(what, Unit::PerSecond("calls"), &pairs, BARE, Target::AtLeast(0.95)))
}

/// Starts as many tasks as are to be under way at once, and waits for their ends.
async fn all<F: Future<Output = Result<()>> + Send + 'static>(mut task: impl FnMut() -> F) -> Result<()> {
    let tasks: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(task())).collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}
