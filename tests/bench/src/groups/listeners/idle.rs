//! What idle listeners and quiet streams take: memory, CPU time, and the time to connect them.
//!
//! Those of a run are all there at once, each kind and number in a process of its own, so that one wait serves for
//! all. Each process has a peer of its own, which the limit on open files asks for.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use m8tes_sdk::RunEvent;
use muxi_sdk::ChatEvent;
use mycel_sdk::ListenEvent;
use reqwest::RequestBuilder;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::Result;
use crate::bare_events::{BareEvents, ChatFrame, RunKind, chat_frame, run_frame};
use crate::figure::{Pairs, Row, Target, Unit, written};
use crate::groups::events::reading;
use crate::peer::Peer;
use crate::raw_stream::Stream;
use crate::spent;

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
    Listener,
    /// With the buffers that tokio-tungstenite has unless told otherwise.
    RawSocket,
    /// With buffers as small as its documentation has them for many quiet connections.
    RawSmallSocket,
    Run,
    BareRun,
    Chat,
    BareChat,
}

/// What is measured beside what.
pub(super) struct Kind {
    /// What one of them is called, and what many are.
    names: [&'static str; 2],
    ours: Way,
    baselines: &'static [(Way, &'static str)],
}

/// Listeners of Mycel.
pub(super) const LISTENERS: &[Kind] = &[Kind {
    names: ["idle listener", "idle listeners"],
    ours: Way::Listener,
    baselines: &[(Way::RawSocket, "raw"), (Way::RawSmallSocket, "raw, small buffers")],
}];

/// Streams of m8tes and MUXI, of which the head and one piece of text have come.
pub(super) const STREAMS: &[Kind] = &[
    Kind {
        names: ["quiet stream of a run", "quiet streams of runs"],
        ours: Way::Run,
        baselines: &[(Way::BareRun, "bare reqwest")],
    },
    Kind {
        names: ["quiet stream of a chat", "quiet streams of chats"],
        ours: Way::Chat,
        baselines: &[(Way::BareChat, "bare reqwest")],
    },
];

impl Way {
    const ALL: [(Self, &str); 7] = [
        (Self::Listener, "listener"),
        (Self::RawSocket, "raw"),
        (Self::RawSmallSocket, "raw-small"),
        (Self::Run, "run"),
        (Self::BareRun, "bare-run"),
        (Self::Chat, "chat"),
        (Self::BareChat, "bare-chat"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(way, _)| *way == self).map_or("", |(_, name)| name)
    }
}

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

pub(super) fn measure(kinds: &[Kind], runs: usize) -> Result<Vec<Row>> {
    let open_files = open_files()?;
    let (counts, beyond): (Vec<u32>, Vec<u32>) =
        COUNTS.into_iter().partition(|count| u64::from(count + OTHER_FILES) <= open_files);
    let mut rows = Vec::new();
    for kind in kinds {
        let mut measured = Vec::new();
        for run in 0..runs {
            measured.push(together(kind, &counts, run)?);
        }
        for (at, count) in counts.iter().enumerate() {
            rows.extend(of_count(kind, *count, |way, part: fn(&Taken) -> f64| {
                measured
                    .iter()
                    .filter_map(|run| run.iter().filter(|(of, _)| *of == way).nth(at))
                    .map(|(_, taken)| part(taken))
                    .collect()
            }));
        }
        for count in &beyond {
            let why = format!("this process may open {open_files} files");
            rows.push(Row::left_out(kind.called(*count), why));
        }
    }
    Ok(rows)
}

impl Kind {
    /// So many of them.
    fn called(&self, count: u32) -> String {
        let [one, many] = self.names;
        if count == 1 { format!("1 {one}") } else { format!("{} {many}", written(Unit::Count(""), count.into())) }
    }
}

/// The rows of so many listeners, from what was measured of each kind in each run.
fn of_count(kind: &Kind, count: u32, measured: impl Fn(Way, fn(&Taken) -> f64) -> Vec<f64>) -> Vec<Row> {
    let pairs = |baseline, part: fn(&Taken) -> f64| {
        Pairs::new(measured(kind.ours, part).into_iter().zip(measured(baseline, part)).collect())
    };
    let name = kind.called(count);
    let mut rows = Vec::new();
    let (what, part, baselines): (_, fn(&Taken) -> f64, _) = if count == 1 {
        ("memory of the process", |taken| taken.process, kind.baselines.get(..1).unwrap_or_default())
    } else {
        ("memory of each", |taken| taken.each, kind.baselines)
    };
    for (way, baseline) in baselines {
        let (what, pairs) = (format!("{name}: {what}"), pairs(*way, part));
        rows.push(Row::compared(what, Unit::Bytes, &pairs, *baseline, Target::AtMost(1.5)));
    }
    // One of a hundred parts of a core for each thousand, while each is pinged once.
    let busy = WINDOW.as_secs_f64() / 100.0 * f64::from(count.div_ceil(1_000));
    for (way, baseline) in kind.baselines.get(..1).unwrap_or_default() {
        let what = format!("{name}: CPU time in {} s", WINDOW.as_secs());
        let of_cpu = pairs(*way, |taken| taken.cpu);
        rows.push(Row::compared(what, Unit::Seconds, &of_cpu, *baseline, Target::Below(busy)));
        let what = format!("{name}: time to connect");
        let of_time = pairs(*way, |taken| taken.connecting);
        rows.push(Row::compared(what, Unit::Seconds, &of_time, *baseline, Target::Stated));
    }
    rows
}

/// Ours and its baselines, all numbers at once, once.
fn together(kind: &Kind, counts: &[u32], run: usize) -> Result<Vec<(Way, Taken)>> {
    let mut all = Vec::new();
    for count in counts {
        let mut ways: Vec<Way> = [kind.ours].into_iter().chain(kind.baselines.iter().map(|(way, _)| *way)).collect();
        let first = run % ways.len();
        ways.rotate_left(first);
        for way in ways {
            all.push((way, *count, Listeners::start(way.name(), *count)?));
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
    let (way, _) = Way::ALL.into_iter().find(|(_, name)| *name == way).ok_or("there is no such way")?;
    let (url, count): (String, u32) = (url.to_owned(), count.parse()?);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let before = resident()?;
        let clients = Clients::of(&url)?;
        let started = Instant::now();
        let opened = stream::iter(0..count).map(|index| clients.listen(way, index));
        opened.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        println!("{before} {}", started.elapsed().as_secs_f64());
        std::thread::spawn(|| {
            for _ in std::io::stdin().lines() {
                match (resident(), spent::of_process(std::process::id())) {
                    (Ok(resident), Some(cpu)) => println!("{resident} {cpu}"),
                    _ => break,
                }
            }
            std::process::exit(0);
        });
        // Nothing comes but pings, so only an end would be told.
        std::future::pending().await
    })
}

/// What those listen with that share a client.
struct Clients {
    address: String,
    mycel: mycel_sdk::Client,
    m8tes: m8tes_sdk::Client,
    muxi: muxi_sdk::FormationClient,
    bare_run: RequestBuilder,
    bare_chat: RequestBuilder,
}

impl Clients {
    fn of(url: &str) -> Result<Self> {
        let quiet = format!("{url}/quiet");
        Ok(Self {
            address: url.trim_start_matches("http://").to_owned(),
            mycel: mycel_sdk::Client::builder(format!("{url}/idle")).build()?,
            m8tes: reading::run(&quiet)?,
            muxi: reading::chat(&quiet)?,
            bare_run: reading::bare_run(&quiet)?,
            bare_chat: reading::bare_chat(&quiet)?,
        })
    }

    /// Connects one, with a task that reads what it is told.
    async fn listen(&self, way: Way, index: u32) -> Result<()> {
        let token = format!("agent-{index}");
        match way {
            Way::Listener => {
                let mut listener = self.mycel.with_auth_token(token).notifications().listen();
                let first = listener.next().await.ok_or("the listener has ended")??;
                if !matches!(first, ListenEvent::Connected) {
                    return Err(format!("{first:?}").into());
                }
                tokio::spawn(async move { ended(listener.next().await.map(|event| format!("{event:?}"))) });
            }
            Way::RawSocket | Way::RawSmallSocket => {
                let small = WebSocketConfig::default().read_buffer_size(4 * 1024).write_buffer_size(0);
                let config = (way == Way::RawSmallSocket).then_some(small);
                let mut stream = Stream::open(&self.address, "/idle", &token, config).await?;
                tokio::spawn(async move { ended(stream.next().await.err().map(|error| error.to_string())) });
            }
            Way::Run => {
                let mut stream = self.m8tes.runs().stream("go").await?;
                while !matches!(stream.next().await.ok_or(ENDED)??.kind, RunEvent::TextDelta(_)) {}
                tokio::spawn(async move { ended(stream.next().await.map(|event| format!("{event:?}"))) });
            }
            Way::Chat => {
                let mut stream = self.muxi.chat("go").stream().await?;
                while !matches!(stream.next().await.ok_or(ENDED)??.kind, ChatEvent::Text(_)) {}
                tokio::spawn(async move { ended(stream.next().await.map(|event| format!("{event:?}"))) });
            }
            Way::BareRun => {
                let mut stream = BareEvents::open(self.bare_run.try_clone().ok_or(ENDED)?).await?;
                while !matches!(stream.next(run_frame).await?.ok_or(ENDED)?.kind, RunKind::TextDelta { .. }) {}
                tokio::spawn(async move { ended(stream.next(run_frame).await.err().map(|error| error.to_string())) });
            }
            Way::BareChat => {
                let mut stream = BareEvents::open(self.bare_chat.try_clone().ok_or(ENDED)?).await?;
                while !matches!(stream.next(chat_frame).await?.ok_or(ENDED)?, ChatFrame::Text { .. }) {}
                tokio::spawn(async move { ended(stream.next(chat_frame).await.err().map(|error| error.to_string())) });
            }
        }
        Ok(())
    }
}

const ENDED: &str = "the stream has ended";

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

impl Drop for Listeners {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
