//! Answers that are read as they come, under faults that befall them behind their heads.
//!
//! A facade's suite implements [`Flows`], and calls [`every_answer_that_comes_in_pieces_under_every_fault`].

use std::path::Path;
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt, StreamExt, stream};
use rusqlite::Connection;

use super::matrix::{effects_of, far_client};
use super::{Effects, Facade, Outcome, Subject};
use crate::network::{Flow, Then};
use crate::{AnswerKind, Dice, Door, End, Fault, PATIENCE, Script, ScriptedNetwork, Seen, note, totals};

/// An adapter: what a facade reads as it comes.
pub trait Flows: Facade {
    /// Whether a stream that breaks off is gone on with by the facade itself.
    const GOES_ON: bool = false;

    /// What is read so: each operation whose answer may come in pieces, by its name; where it is read in another way besides, by
    /// one that has `-` and a word behind it.
    fn flows() -> Vec<&'static str>;

    /// Prepares one, on things that nobody else uses.
    fn prepare_flow(&self, flow: &str) -> impl Future<Output = Reading<Self::Client>> + Send;
}

/// What was read of an answer, and how it ended.
#[derive(Debug)]
pub struct Read {
    /// What was told, piece by piece; the whole ends with its end, where an end is told.
    pub told: String,
    /// How it ended.
    pub end: Outcome,
}

type Reader<C> = Box<dyn FnOnce(C, Duration) -> BoxFuture<'static, Read> + Send>;

/// An answer that is ready to be asked for and read, once, with a limit on silence.
pub struct Reading<C> {
    read: Reader<C>,
    effects: Effects,
}

impl<C> Reading<C> {
    /// One that is only read.
    pub fn new<F>(read: impl FnOnce(C, Duration) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Read> + Send + 'static,
    {
        Self { read: Box::new(|client, silence| read(client, silence).boxed()), effects: Effects::None }
    }

    /// The same, of which this query of SQL counts what it leaves behind: 0 before it was carried out, 1 after.
    #[must_use]
    pub fn leaves<P: ToString>(mut self, query: impl Into<String>, parameters: impl IntoIterator<Item = P>) -> Self {
        self.effects = Effects::stored(query, parameters);
        self
    }

    /// The same, counted when all is over, before the backend ends.
    #[must_use]
    pub fn leaves_in_memory(mut self, count: impl Future<Output = i64> + Send + 'static) -> Self {
        self.effects = Effects::Running(count.boxed());
        self
    }
}

/// A fault behind the head.
#[derive(Clone, Copy)]
struct Broken {
    name: &'static str,
    /// After which part of the body, in thousandths.
    after: usize,
    then: Then,
    by_bytes: bool,
}

impl Broken {
    const fn new(name: &'static str, after: usize, then: Then) -> Self {
        Self { name, after, then, by_bytes: false }
    }

    fn stalls(self) -> bool {
        self.then == Then::End(End::Silence)
    }
}

/// All of them.
const ALL: [Broken; 17] = {
    use End::{Close, Reset, Silence};
    use Then::Head;
    const fn end(end: End) -> Then {
        Then::End(end)
    }
    [
        Broken::new("close-behind-head", 0, end(Close)),
        Broken::new("close-in-first-frame", 5, end(Close)),
        Broken::new("close-early", 300, end(Close)),
        Broken::new("close-late", 700, end(Close)),
        Broken::new("close-in-last-frame", 970, end(Close)),
        Broken::new("reset-behind-head", 0, end(Reset)),
        Broken::new("reset-early", 300, end(Reset)),
        Broken::new("reset-late", 700, end(Reset)),
        Broken::new("reset-in-last-frame", 970, end(Reset)),
        Broken::new("stall-behind-head", 0, end(Silence)),
        Broken::new("stall-early", 300, end(Silence)),
        Broken::new("stall-in-last-frame", 970, end(Silence)),
        Broken::new("second-head-behind-head", 0, Head),
        Broken::new("second-head-early", 300, Head),
        Broken::new("second-head-late", 700, Head),
        Broken { by_bytes: true, ..Broken::new("byte-by-byte", 1000, end(Close)) },
        Broken { by_bytes: true, ..Broken::new("byte-by-byte-then-close", 600, end(Close)) },
    ]
};

/// A limit on silence that is to run out. Where it does so early, an answer is told in part all the same.
const SHORT: Duration = Duration::from_millis(250);

/// A cell that is over.
struct Done {
    name: String,
    broken: Option<Broken>,
    whole: String,
    read: Read,
    seen: Seen,
    effects: Effects,
    after: Result<(), String>,
}

/// Reads all that comes in pieces under all faults, and fails with what is wrong in any. The seed decides where exactly a body
/// is cut: `FAULT_SEED`.
pub async fn every_answer_that_comes_in_pieces_under_every_fault<F: Flows>() {
    let seed = std::env::var("FAULT_SEED").map_or(0, |seed| seed.parse().unwrap());
    let in_memory = Path::new("/dev/shm");
    let directory = if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() }.unwrap();
    let file = directory.path().join("backend.db");
    let facade = F::start(&file).await;
    let flows = F::flows();
    expect_all::<F>(&flows);
    let rows = flows.iter().map(|flow| row(&facade, flow, seed));
    let mut done: Vec<Done> =
        stream::iter(rows).buffer_unordered(4).collect::<Vec<_>>().await.into_iter().flatten().collect();
    for one in &mut done {
        one.effects = std::mem::replace(&mut one.effects, Effects::None).while_running().await;
    }
    facade.shutdown().await;
    let database = Connection::open(&file).unwrap();
    let (cells, whole) = (done.len(), done.iter().filter(|done| done.read.end.is_ok()).count());
    let wrong: Vec<_> = done.into_iter().flat_map(|done| wrong::<F>(done, &database)).collect();
    let counted = format!(
        "{} answers x {} faults, {cells} cells; {whole} whole, {} broken off",
        flows.len(),
        ALL.len(),
        cells - whole
    );
    note(&format!("faults behind heads of {}, seed {seed}: {counted}", F::PLATFORM));
    assert!(!flows.is_empty() && wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    totals::record(F::PLATFORM, "faults behind heads", &counted);
}

/// Expects that each operation whose answer may come in pieces takes part.
fn expect_all<F: Flows>(flows: &[&str]) {
    use AnswerKind::{Bytes, Events, JsonOrEvents, Messages};
    let is_read = |name: &str| flows.iter().any(|flow| flow.split('-').next() == Some(name));
    for Subject { operation, .. } in F::subjects() {
        let comes_in_pieces = matches!(operation.answer, Bytes | Events | JsonOrEvents | Messages);
        let name = operation.name.as_str();
        assert!(!comes_in_pieces || is_read(name), "{name} comes in pieces, and does not take part");
    }
}

/// One answer: whole, so that it is known what is in it, and then under each fault.
async fn row<F: Flows>(facade: &F, flow: &str, seed: u64) -> Vec<Done> {
    let whole = cell(facade, flow, None, usize::MAX, String::new()).await;
    let length = whole.seen.body;
    let told = whole.read.told.clone();
    let own = flow.bytes().fold(seed, |seed, byte| Dice::new(seed ^ u64::from(byte)).below(u64::MAX));
    let mut dice = Dice::new(own);
    let cells = ALL.map(|broken| {
        // Somewhere about there, but for what is to be right behind the head or whole.
        let about = length * broken.after / 1000;
        let near =
            if matches!(broken.after, 0 | 1000) { 0 } else { dice.size(u32::try_from(length / 40 + 1).unwrap()) };
        let passes = if broken.after == 1000 { usize::MAX } else { (about + near).min(length - 1) };
        cell(facade, flow, Some(broken), passes, told.clone())
    });
    let mut done = join_all(cells).await;
    done.push(Done { whole: told, ..whole });
    done
}

async fn cell<F: Flows>(facade: &F, flow: &str, broken: Option<Broken>, passes: usize, whole: String) -> Done {
    let network = ScriptedNetwork::start(facade.address(), Door::Open).await;
    let client = far_client::<F>(&network, Door::Open).await;
    let Reading { read, effects } = facade.prepare_flow(flow).await;
    let (then, by_bytes) = broken.map_or((Then::End(End::Close), false), |broken| (broken.then, broken.by_bytes));
    let broken_off = Fault::Flow(Flow { passes, then, by_bytes });
    let goes_on = Fault::Flow(Flow { passes: usize::MAX, then, by_bytes: false });
    let faults = if F::GOES_ON { vec![broken_off, goes_on] } else { vec![broken_off] };
    let script = network.follow(Script::new(faults, 0).for_good());
    let silence = if broken.is_some_and(Broken::stalls) { SHORT } else { PATIENCE };
    let read = read(client.clone(), silence).await;
    let seen = script.seen();
    network.follow(Script::default());
    let after = facade.check(&client).await;
    let name = broken.map_or("whole", |broken| broken.name);
    Done { name: format!("{flow}/{name}"), broken, whole, read, seen, effects, after }
}

/// What is wrong with a cell.
fn wrong<F: Flows>(done: Done, database: &Connection) -> Vec<String> {
    let Done { name, broken, whole, read: Read { told, end }, seen, effects, after } = done;
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, problem: String| {
        if !is_right {
            wrong.push(format!("{name}: {problem}"));
        }
    };
    // What has a length takes another head for a part of it.
    let told = told.split("HTTP/1.1 200").next().unwrap_or_default();
    check(!whole.is_empty() && whole.starts_with(told), format!("it tells {told:?} of {whole:?}"));
    match &end {
        Ok(()) => {
            check(told == whole, format!("it is told as whole, and is {told:?} of {whole:?}"));
        }
        Err(error) => {
            let kinds: &[&str] = match broken.map(|broken| broken.then) {
                Some(Then::End(End::Silence)) if F::GOES_ON => &["TimedOut", "Interrupted"],
                Some(Then::End(End::Silence)) => &["TimedOut"],
                Some(Then::End(_)) => &["Interrupted"],
                Some(Then::Head) => &["Interrupted", "MalformedResponse"],
                None => &[],
            };
            check(kinds.contains(&error.kind.as_str()), format!("it ends with {error:?}"));
            check(error.may_have_been_sent, format!("it denies that it was sent: {error:?}"));
            let names_it = F::GOES_ON || !broken.is_some_and(Broken::stalls) || error.line.contains("250ms");
            check(names_it, format!("it does not say how long it was silent: {}", error.line));
        }
    }
    if let Some(effects) = effects_of(effects, database) {
        check(effects == 1, format!("it was carried out {effects} times"));
        check(F::GOES_ON || seen.delivered == 1, format!("the backend got it {} times", seen.delivered));
    }
    if let Err(problem) = after {
        check(false, format!("the next call of the client brought {problem}"));
    }
    wrong
}
