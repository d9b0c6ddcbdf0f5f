//! The events of runs and chats, as fast as they come.

mod python;
pub(super) mod reading;

use std::ffi::OsString;
use std::process::{Command, Stdio};

use tokio::runtime::{Builder, Runtime};

use reading::{Source, Way};

use crate::Result;
use crate::counted::{self, Counted, Probe};
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// The argument that has the program read events to be counted.
pub(crate) const ROLE: &str = "read-events";

/// Pieces of text in a run.
const EVENTS: u32 = 100_000;

/// Streams in a run, of which the first event is waited for.
const STREAMS: u32 = 200;

/// Pieces of text of a long stream, and of one that is not.
const MANY: u32 = 1_000_000;
const FEW: u32 = 10_000;

const BARE: &str = "reqwest, a bare parser and serde_json";

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let runtime = runtime()?;
    let mut rows = Vec::new();
    for source in [Source::Run, Source::Chat] {
        let per_second = |way: Way| {
            let seconds = measure::seconds(|| runtime.block_on(way.read(source, peer.url(), EVENTS)))?;
            Ok(f64::from(EVENTS) / seconds)
        };
        let pairs = measure::in_turns(2 * runs, || per_second(Way::Ours), || per_second(Way::Bare))?;
        let target = Target::AtLeast(0.85);
        rows.push(Row::compared(source.call(), Unit::PerSecond("events"), &pairs, BARE, target));
        for counted in [Counted::Instructions, Counted::Allocations] {
            let what = format!("{}, {} an event", source.call(), counted.name());
            rows.push(match counted::hindrance() {
                Some(hindrance) => Row::left_out(what, hindrance),
                None => {
                    let count = |way: Way| {
                        let arguments = [way.name(), source.name(), peer.url()];
                        counted.count(&Probe { role: ROLE, arguments: &arguments })
                    };
                    let pairs = counted::pairs(runs, || count(Way::Ours), || count(Way::Bare))?;
                    let target = match counted {
                        Counted::Instructions => Target::AtMost(1.0 / 0.85),
                        Counted::Allocations => Target::Stated,
                    };
                    Row::compared(what, Unit::Count(counted.name()), &pairs, BARE, target)
                }
            });
        }
        let first = |way: Way| {
            let all = measure::seconds(|| {
                runtime.block_on(async {
                    for _ in 0..STREAMS {
                        way.first(source, peer.url()).await?;
                    }
                    Ok(())
                })
            })?;
            Ok(all / f64::from(STREAMS))
        };
        let pairs = measure::in_turns(2 * runs, || first(Way::Ours), || first(Way::Bare))?;
        let what = format!("{}, from the call to the first event", source.call());
        rows.push(Row::compared(what, Unit::Seconds, &pairs, BARE, Target::Stated));
        rows.push(memory(source, peer.url(), runs)?);
    }
    rows.extend(python::measure(runs, &peer, &runtime)?);
    Ok(rows)
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// By how much a program's memory grows with a long stream, at its most. All text of a run is kept, as its stream has it; the
/// baseline keeps it, too. Of a chat nothing is kept.
fn memory(source: Source, url: &str, runs: usize) -> Result<Row> {
    let what = format!("most resident memory of a program, {MANY} events of {}", source.call());
    let of = |way: Way, count| resident(way, source, url, count);
    let (pairs, baseline) = match source {
        Source::Run => {
            let grown = |way: Way| Ok(of(way, MANY)? - of(way, FEW)?);
            let pairs = measure::in_turns(runs, || grown(Way::Ours), || grown(Way::Bare))?;
            (pairs, format!("{BARE}, with all text"))
        }
        Source::Chat => {
            let pairs = measure::in_turns(runs, || of(Way::Ours, MANY), || of(Way::Ours, FEW))?;
            (pairs, format!("{FEW} events"))
        }
    };
    let what = if matches!(source, Source::Run) { format!("{what}, beyond that of {FEW}") } else { what };
    Ok(Row::compared(what, Unit::Bytes, &pairs, baseline, Target::AtMost(1.1)))
}

fn resident(way: Way, source: Source, url: &str, count: u32) -> Result<f64> {
    let mut program = Command::new(std::env::current_exe()?);
    let arguments = [ROLE, way.name(), source.name(), url, &count.to_string()];
    let output = program.args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Reads so many events of a source in one way, and prints the most memory that it had resident.
pub(crate) fn probe(arguments: Vec<OsString>) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let [way, source, url, count] = arguments[..] else {
        return Err("a way, a source, a URL and a number are needed".into());
    };
    let way = [Way::Ours, Way::Bare].into_iter().find(|known| known.name() == way).ok_or("there is no such way")?;
    let source = [Source::Run, Source::Chat].into_iter().find(|known| known.name() == source);
    runtime()?.block_on(way.read(source.ok_or("there is no such source")?, url, count.parse()?))?;
    if let Some(bytes) = measure::most_resident() {
        println!("{bytes}");
    }
    Ok(())
}
