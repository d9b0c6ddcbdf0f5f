//! What idle listeners take: memory, CPU time, and the time to connect them.
//!
//! Those of a run are all there at once, each kind and number in a process of its own, so that one wait serves for
//! all. Each process has a peer of its own, which the limit on open files asks for.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use mycel_sdk::{Client, ListenEvent};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::Result;
use crate::figure::{Pairs, Row, Target, Unit, written};
use crate::peer::Peer;
use crate::raw_stream::Stream;

/// The argument that has the program be so many listeners.
pub(crate) const ROLE: &str = "be-listeners";

/// How many listeners there are in a process.
const COUNTS: [u32; 3] = [1, 1_000, 10_000];

/// So many connect at once.
const AT_ONCE: usize = 64;

/// After that the HTTP connections that connecting has used are closed.
const SETTLING: Duration = Duration::from_secs(6);

/// How long is looked at nothing: each connection is pinged once in it.
const WINDOW: Duration = Duration::from_secs(10);

/// Open files of a process that are no listeners' connections.
const OTHER_FILES: u32 = 200;

/// How one listens.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Ours,
    /// With the buffers that tokio-tungstenite has unless told otherwise.
    Raw,
    /// With buffers as small as its documentation has them for many quiet connections.
    RawSmall,
}

const WAYS: [(Way, &str); 3] = [(Way::Ours, "ours"), (Way::Raw, "raw"), (Way::RawSmall, "raw-small")];

/// What listeners take of one kind and number.
#[derive(Clone, Copy)]
struct Taken {
    /// Memory of the whole process.
    process: f64,
    /// Memory of one listener.
    each: f64,
    cpu: f64,
    connecting: f64,
}

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let open_files = open_files()?;
    let (counts, beyond): (Vec<u32>, Vec<u32>) =
        COUNTS.into_iter().partition(|count| u64::from(count + OTHER_FILES) <= open_files);
    let mut measured = Vec::new();
    for run in 0..runs {
        measured.push(together(&counts, run)?);
    }
    let mut rows = Vec::new();
    for (at, count) in counts.iter().enumerate() {
        rows.extend(of_count(*count, |way, part: fn(&Taken) -> f64| {
            measured
                .iter()
                .filter_map(|run| run.iter().filter(|(of, _)| *of == way).nth(at))
                .map(|(_, taken)| part(taken))
                .collect()
        }));
    }
    for count in beyond {
        let why = format!("this process may open {open_files} files");
        rows.push(Row::left_out(format!("{count} idle listeners"), why));
    }
    Ok(rows)
}

/// The rows of so many listeners, from what was measured of each kind in each run.
fn of_count(count: u32, measured: impl Fn(Way, fn(&Taken) -> f64) -> Vec<f64>) -> Vec<Row> {
    let pairs = |baseline, part: fn(&Taken) -> f64| {
        Pairs::new(measured(Way::Ours, part).into_iter().zip(measured(baseline, part)).collect())
    };
    let (raw, small) = ("raw", "raw, small buffers");
    let name = if count == 1 {
        "1 idle listener".to_owned()
    } else {
        format!("{} idle listeners", written(Unit::Count(""), count.into()))
    };
    let mut rows = Vec::new();
    if count == 1 {
        rows.push(Row::compared(
            format!("{name}: memory of the process"),
            Unit::Bytes,
            &pairs(Way::Raw, |taken| taken.process),
            raw,
            Target::AtMost(1.5),
        ));
    } else {
        let each = |taken: &Taken| taken.each;
        rows.push(Row::compared(
            format!("{name}: memory of each"),
            Unit::Bytes,
            &pairs(Way::Raw, each),
            raw,
            Target::AtMost(1.5),
        ));
        rows.push(Row::compared(
            format!("{name}: memory of each"),
            Unit::Bytes,
            &pairs(Way::RawSmall, each),
            small,
            Target::AtMost(1.5),
        ));
    }
    // One of a hundred parts of a core for each thousand, while each is pinged once.
    let busy = WINDOW.as_secs_f64() / 100.0 * f64::from(count.div_ceil(1_000));
    rows.push(Row::compared(
        format!("{name}: CPU time in {} s", WINDOW.as_secs()),
        Unit::Seconds,
        &pairs(Way::Raw, |taken| taken.cpu),
        raw,
        Target::Below(busy),
    ));
    rows.push(Row::compared(
        format!("{name}: time to connect"),
        Unit::Seconds,
        &pairs(Way::Raw, |taken| taken.connecting),
        raw,
        Target::Stated,
    ));
    rows
}

/// All kinds and numbers at once, once.
fn together(counts: &[u32], run: usize) -> Result<Vec<(Way, Taken)>> {
    let mut all = Vec::new();
    for count in counts {
        let mut ways = WAYS;
        ways.rotate_left(run % WAYS.len());
        for (way, name) in ways {
            all.push((way, *count, Listeners::start(name, *count)?));
        }
    }
    std::thread::sleep(SETTLING);
    let mut before = Vec::new();
    for (_, _, listeners) in &mut all {
        before.push(listeners.look()?);
    }
    std::thread::sleep(WINDOW);
    let mut taken: Vec<(Way, Taken)> = Vec::new();
    for ((way, count, listeners), before) in all.iter_mut().zip(before) {
        let after = listeners.look()?;
        // What there is once, however many listen, is in the process that has one.
        let of_one = taken.iter().find(|(of, _)| of == way).map_or(0.0, |(_, first)| first.process);
        let taken_by_way = Taken {
            process: after.resident,
            each: (after.resident - of_one) / f64::from(count.saturating_sub(1).max(1)),
            cpu: after.cpu - before.cpu,
            connecting: listeners.connecting,
        };
        taken.push((*way, taken_by_way));
    }
    Ok(taken)
}

/// A process with listeners.
struct Listeners {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    connecting: f64,
    _peer: Peer,
}

/// What a process has taken so far.
struct Look {
    resident: f64,
    cpu: f64,
}

impl Listeners {
    /// Starts it, and waits until all are connected.
    fn start(way: &str, count: u32) -> Result<Self> {
        let peer = Peer::start()?;
        let mut process = Command::new(std::env::current_exe()?)
            .args([ROLE, way, peer.url(), &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().ok_or("no input")?;
        let output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut listeners = Self { process, input, output, connecting: 0.0, _peer: peer };
        [_, listeners.connecting] = listeners.numbers()?;
        Ok(listeners)
    }

    fn look(&mut self) -> Result<Look> {
        self.input.write_all(b"\n")?;
        let [resident, cpu] = self.numbers()?;
        Ok(Look { resident, cpu })
    }

    fn numbers(&mut self) -> Result<[f64; 2]> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let told = line.trim().split_once(' ').ok_or("the listeners' process has ended")?;
        Ok([told.0.parse()?, told.1.parse()?])
    }
}

/// Is so many listeners, and tells for each line of input what they have taken.
pub(crate) fn probe(arguments: Vec<OsString>) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let [way, url, count] = arguments[..] else { return Err("a way, a URL and a number are needed".into()) };
    let (way, _) = WAYS.into_iter().find(|(_, name)| *name == way).ok_or("there is no such way")?;
    let (url, count): (String, u32) = (url.to_owned(), count.parse()?);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let before = resident()?;
        let client = (way == Way::Ours).then(|| Client::builder(format!("{url}/idle")).build()).transpose()?;
        let started = Instant::now();
        listen(client, way, &url, count).await?;
        println!("{before} {}", started.elapsed().as_secs_f64());
        std::thread::spawn(|| {
            for _ in std::io::stdin().lines() {
                match (resident(), cpu()) {
                    (Ok(resident), Ok(cpu)) => println!("{resident} {cpu}"),
                    _ => break,
                }
            }
            std::process::exit(0);
        });
        // Nothing comes but pings, so only an end would be told.
        std::future::pending().await
    })
}

/// Connects all, each with a task that reads what it is told.
async fn listen(client: Option<Client>, way: Way, url: &str, count: u32) -> Result<()> {
    let small = WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0);
    let config = (way == Way::RawSmall).then_some(small);
    let address = url.trim_start_matches("http://");
    let opened = stream::iter(0..count).map(|index| {
        let client = client.as_ref();
        async move {
            let token = format!("agent-{index}");
            match client {
                Some(client) => {
                    let mut listener = client.with_auth_token(token).notifications().listen();
                    let first = listener.next().await.ok_or("the listener has ended")??;
                    if !matches!(first, ListenEvent::Connected) {
                        return Err(format!("{first:?}").into());
                    }
                    tokio::spawn(async move { ended(listener.next().await.map(|event| format!("{event:?}"))) });
                }
                None => {
                    let mut stream = Stream::open(address, "/idle", &token, config).await?;
                    tokio::spawn(async move { ended(stream.next().await.err().map(|error| error.to_string())) });
                }
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        }
    });
    opened.buffer_unordered(AT_ONCE).try_collect().await
}

/// An idle listener is told nothing: where one is, nothing is measured.
fn ended(told: Option<String>) {
    eprintln!("an idle listener was told: {told:?}");
    std::process::exit(1);
}

/// How many files this process may open.
fn open_files() -> Result<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).ok_or("no limit on open files")?;
    match line.split_whitespace().next().ok_or("no limit on open files")? {
        "unlimited" => Ok(u64::MAX),
        number => Ok(number.parse()?),
    }
}

/// How much memory this process takes, in bytes.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no memory is told")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
}

/// How much CPU time this process has had, in seconds, to the hundredth.
fn cpu() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no CPU time is told")?;
    let mut ticks = 0.0;
    for field in fields.split_whitespace().skip(11).take(2) {
        ticks += field.parse::<f64>()?;
    }
    Ok(ticks / 100.0)
}

impl Drop for Listeners {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
