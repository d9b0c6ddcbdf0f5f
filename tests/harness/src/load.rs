//! A backend's program under many clients, half of them on a bad network, killed again and again: what it has acknowledged
//! it keeps, and what it has not it did once or not at all.
//!
//! `LOAD_SECONDS` says for how long, 5 unless set; `LOAD_SEED` makes the choices.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::{self, Debug};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::time::sleep;

use crate::network::{Dice, Network, Weather};
use crate::note;
use crate::program::Program;
use crate::totals;

/// How many clients there are.
pub const CLIENTS: usize = 64;

/// How long a backend is loaded, and when what happens.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// What the choices follow from.
    pub seed: u64,
    /// For how long.
    pub seconds: u64,
}

impl Load {
    /// As `LOAD_SECONDS` and `LOAD_SEED` say.
    pub fn from_env() -> Self {
        let number = |name: &str, default| env::var(name).map_or(default, |value| value.parse().unwrap());
        Self { seed: number("LOAD_SEED", 0), seconds: number("LOAD_SECONDS", 5) }
    }

    /// Tells what a platform was put through.
    pub fn tell(&self, platform: &str, of: &str, kills: usize, what: &dyn fmt::Display) {
        let Self { seed, seconds } = self;
        note(&format!("load: of {platform}: seed {seed}, {seconds} s, {of}\nload: {kills} kills; {what}"));
    }

    /// Leaves that in the totals, once all has held.
    pub fn record(&self, platform: &str, of: &str, kills: usize) {
        totals::record(platform, "load", &format!("{} s, {of}, {kills} kills", self.seconds));
    }

    /// When it is over, if it begins now.
    pub fn end(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.seconds)
    }

    /// Kills the program and starts it again until then; how often.
    pub async fn kill_until(&self, end: Instant, program: &mut Program, dice: &mut Dice) -> usize {
        let mut kills = 0;
        while Instant::now() < end {
            sleep(Duration::from_millis(400) + dice.millis(2_000)).await;
            program.kill().await;
            program.restart().await;
            kills += 1;
        }
        kills
    }

    /// Has clients work for this long while the program is killed again and again, and kills it for good. What they know, and
    /// how often it was killed.
    ///
    /// `client` makes the client of this number, whose backend is here. It shares no connection with any other.
    pub async fn run<W: Worker>(
        &self,
        mut program: Program,
        client: impl Fn(usize, String, Dice) -> W,
    ) -> (Ledger, usize) {
        let mut dice = Dice::new(self.seed);
        let network = Network::start(program.address(), dice.below(u64::MAX)).await;
        network.set(Weather::Storm);
        let end = self.end();
        let workers: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let url = if number % 2 == 1 { network.url() } else { program.url() };
                let worker = client(number, url.to_owned(), Dice::new(dice.below(u64::MAX)));
                tokio::spawn(work(worker, end))
            })
            .collect();
        let kills = self.kill_until(end, &mut program, &mut dice).await;
        let mut ledger = Ledger::default();
        for worker in workers {
            ledger.absorb(worker.await.unwrap());
        }
        program.kill().await;
        (ledger, kills + 1)
    }
}

/// A client at work.
pub trait Worker: Send + 'static {
    /// Does one thing, and notes what became of it.
    fn step(&mut self, ledger: &mut Ledger) -> impl Future<Output = ()> + Send;
}

async fn work(mut worker: impl Worker, end: Instant) -> Ledger {
    let mut ledger = Ledger::default();
    let mut pause = Dice::new(0);
    while Instant::now() < end {
        let refused = ledger.calls.refused_to_connect();
        worker.step(&mut ledger).await;
        if ledger.calls.refused_to_connect() != refused {
            // The backend is not there.
            sleep(Duration::from_millis(10) + pause.millis(40)).await;
        }
    }
    ledger
}

/// What a client knows of something that must not happen twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<T> {
    /// It was acknowledged.
    Done(T),
    /// It surely did not happen.
    Refused,
    /// It happened once, or not at all.
    Unknown,
}

impl<T> Fate<T> {
    /// Of what came of a call, and whether its error says that it may have been sent.
    pub fn of<E>(outcome: Result<T, &E>, may_have_been_sent: impl FnOnce(&E) -> bool) -> Self {
        match outcome {
            Ok(value) => Self::Done(value),
            Err(error) if may_have_been_sent(error) => Self::Unknown,
            Err(_) => Self::Refused,
        }
    }
}

/// How many were acknowledged, refused and unknown.
pub fn count<'f, T: 'f>(fates: impl Iterator<Item = &'f Fate<T>>) -> (usize, usize, usize) {
    fates.fold((0, 0, 0), |(done, refused, unknown), fate| match fate {
        Fate::Done(_) => (done + 1, refused, unknown),
        Fate::Refused => (done, refused + 1, unknown),
        Fate::Unknown => (done, refused, unknown + 1),
    })
}

/// How many calls there were, and what kinds of errors.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    calls: usize,
    errors: BTreeMap<String, usize>,
}

impl Calls {
    /// Counts a call, by the kind of its error. Of those only what the network does is expected, and these.
    pub fn note(&mut self, error: Option<impl Debug>, is_expected: bool) {
        self.calls += 1;
        if let Some(kind) = error {
            let name = format!("{kind:?}");
            let name = name.split([' ', '(']).next().unwrap();
            assert!(is_expected || matches!(name, "Connect" | "Interrupted" | "TimedOut"), "{kind:?}");
            *self.errors.entry(name.to_owned()).or_default() += 1;
        }
    }

    /// How often no connection was made.
    pub fn refused_to_connect(&self) -> usize {
        self.errors.get("Connect").copied().unwrap_or(0)
    }

    /// Counts those of another client, too.
    pub fn absorb(&mut self, other: Self) {
        self.calls += other.calls;
        for (kind, count) in other.errors {
            *self.errors.entry(kind).or_default() += count;
        }
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls; errors: {:?}", self.calls, self.errors)
    }
}

/// What clients know of things of some kinds, each of which has a name that no other has.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The calls.
    pub calls: Calls,
    things: BTreeMap<&'static str, Vec<Thing>>,
}

/// A name, and what became of it: its number, where it was acknowledged.
type Thing = (String, Fate<String>);

impl Ledger {
    /// Notes what became of a thing.
    pub fn note(&mut self, kind: &'static str, name: String, fate: Fate<String>) {
        self.things.entry(kind).or_default().push((name, fate));
    }

    fn absorb(&mut self, other: Self) {
        self.calls.absorb(other.calls);
        for (kind, things) in other.things {
            self.things.entry(kind).or_default().extend(things);
        }
    }

    /// Expects that of a kind these are there, by name and number: what was acknowledged, once and by its number; what is
    /// in doubt, once or not at all; and nothing else.
    pub fn check(&self, kind: &'static str, stored: impl IntoIterator<Item = (String, String)>) {
        let things = self.things.get(kind).map_or(&[][..], Vec::as_slice);
        let (acknowledged, ..) = count(things.iter().map(|(_, fate)| fate));
        assert!(acknowledged > 0, "nothing was acknowledged of the {kind}");
        let mut there: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut numbers = BTreeSet::new();
        for (name, number) in stored {
            assert!(numbers.insert(number.clone()), "two {kind} have number {number}");
            there.entry(name).or_default().push(number);
        }
        for (name, fate) in things {
            let found = there.remove(name).unwrap_or_default();
            let fits = match fate {
                Fate::Done(number) => found == [number.as_str()],
                Fate::Refused => found.is_empty(),
                Fate::Unknown => found.len() <= 1,
            };
            assert!(fits, "of the {kind}, {name:?} is {fate:?}, and is there as {found:?}");
        }
        assert!(there.is_empty(), "{kind} that nobody made: {there:?}");
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, things) in &self.things {
            let (done, refused, unknown) = count(things.iter().map(|(_, fate)| fate));
            write!(f, "{kind}: {done} acknowledged, {refused} refused, {unknown} unknown; ")?;
        }
        write!(f, "{}", self.calls)
    }
}

/// Opens a backend's file, which has to be sound.
pub fn open_sound(file: &Path) -> Connection {
    let database = Connection::open(file).unwrap();
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let mut dangling = database.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(!dangling.exists([]).unwrap(), "rows refer to nothing");
    drop(dangling);
    database
}

/// Names and numbers that this finds, both as texts.
pub fn names_and_numbers(database: &Connection, query: &str) -> Vec<(String, String)> {
    let mut select = database.prepare(query).unwrap();
    let found = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    found.map(Result::unwrap).collect()
}
