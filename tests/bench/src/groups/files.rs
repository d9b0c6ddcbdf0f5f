//! Files and lists of m8tes.

mod moving;

use std::ffi::OsString;
use std::process::{Command, Stdio};

use tokio::runtime::{Builder, Runtime};

use moving::Way;

use crate::Result;
use crate::counted::{self, Counted, Probe};
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// The argument that has the program do one of these things.
pub(crate) const ROLE: &str = "move-files";

/// The sizes of a large file and of a small one.
const LARGE: u64 = 1_000_000_000;
const SMALL: u64 = 1_000_000;

/// The size of a file that goes with a run.
const ATTACHED: usize = 10_000_000;

/// How long a list is.
const LIST: u32 = 20_000;

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let runtime = runtime()?;
    let per_second = |bytes: f64, work: &dyn Fn() -> Result<()>| Ok(bytes / measure::seconds(work)?);

    let download = |way: Way| per_second(LARGE as f64, &|| runtime.block_on(way.download(peer.url(), LARGE)));
    let pairs = measure::in_turns(runs, || download(Way::Ours), || download(Way::Bare))?;
    let target = Target::AtLeast(0.9);
    let bytes = Unit::PerSecond("bytes");
    let mut rows = vec![Row::compared("a download of 1 GB to a writer", bytes, &pairs, "bare reqwest", target)];

    let pairs = measure::in_turns(runs, || resident(peer.url(), LARGE), || resident(peer.url(), SMALL))?;
    let what = "most resident memory of a program that downloads 1 GB to a writer";
    rows.push(Row::compared(what, Unit::Bytes, &pairs, "1 MB", Target::AtMost(1.1)));

    let file = vec![b'x'; ATTACHED];
    let upload = |way: Way| per_second(ATTACHED as f64, &|| runtime.block_on(way.upload(peer.url(), file.clone())));
    let pairs = measure::in_turns(4 * runs, || upload(Way::Ours), || upload(Way::Bare))?;
    let (what, baseline) = ("a run with a file of 10 MB", "bare reqwest, and the form by hand");
    rows.push(Row::compared(what, bytes, &pairs, baseline, target));
    rows.push(instructions(&format!("{what}, instructions"), baseline, runs, |way| {
        let arguments = ["upload", way.name(), peer.url()];
        counted::instructions_between(&Probe { role: ROLE, arguments: &arguments }, 5, 25)
    })?);

    let list = |way: Way| Ok(f64::from(LIST) / measure::seconds(|| runtime.block_on(way.list(peer.url(), LIST)))?);
    let pairs = measure::in_turns(4 * runs, || list(Way::Ours), || list(Way::Bare))?;
    let what = format!("`memories().list()` over {LIST}, page by page");
    let baseline = "a bare loop over the pages";
    rows.push(Row::compared(&what, Unit::PerSecond("memories"), &pairs, baseline, target));
    rows.push(instructions(&format!("{what}, instructions each"), baseline, runs, |way| {
        let arguments = ["list", way.name(), peer.url()];
        Counted::Instructions.count(&Probe { role: ROLE, arguments: &arguments })
    })?);
    Ok(rows)
}

/// What both ways take in instructions, where they can be counted.
fn instructions(what: &str, baseline: &str, runs: usize, count: impl Fn(Way) -> Result<f64>) -> Result<Row> {
    if let Some(hindrance) = counted::hindrance() {
        return Ok(Row::left_out(what, hindrance));
    }
    let pairs = counted::pairs(runs, || count(Way::Ours), || count(Way::Bare))?;
    Ok(Row::compared(what, Unit::Count("instructions"), &pairs, baseline, Target::AtMost(1.0 / 0.9)))
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Of a process of its own that downloads so much.
fn resident(url: &str, size: u64) -> Result<f64> {
    let mut program = Command::new(std::env::current_exe()?);
    let arguments = [ROLE, "download", Way::Ours.name(), url, &size.to_string()];
    let output = program.args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Downloads so many bytes, lists so many memories, or uploads so many files, in one way, and prints the most memory that it
/// had resident.
pub(crate) fn probe(arguments: Vec<OsString>) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let [what, way, url, count] = arguments[..] else {
        return Err("what, a way, a URL and a number are needed".into());
    };
    let way = [Way::Ours, Way::Bare].into_iter().find(|known| known.name() == way).ok_or("there is no such way")?;
    match what {
        "download" => runtime()?.block_on(way.download(url, count.parse()?))?,
        "upload" => {
            let (runtime, file) = (runtime()?, vec![b'x'; ATTACHED]);
            for _ in 0..count.parse()? {
                runtime.block_on(way.upload(url, file.clone()))?;
            }
        }
        _ => runtime()?.block_on(way.list(url, count.parse()?))?,
    }
    if let Some(bytes) = measure::most_resident() {
        println!("{bytes}");
    }
    Ok(())
}
