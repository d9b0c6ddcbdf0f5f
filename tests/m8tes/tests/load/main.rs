//! The local backend as a program under many clients, half of them on a bad network, killed again and again: no run is
//! started twice, and what was acknowledged is there, once and by its number.
//!
//! `LOAD_SECONDS` says for how long, 5 unless set; `LOAD_SEED` makes the choices.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use m8tes_local_backend::DEFAULT_API_KEY;
use m8tes_sdk::{Client, Error, RetryPolicy, RunId};
use test_harness::load::{CLIENTS, Fate, Ledger, Load, Worker, names_and_numbers, open_sound};
use test_harness::{Dice, Program};
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_killed_under_load_keeps_what_it_acknowledged() {
    let load = Load::from_env();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("m8tes.db");
    let data = ["--data".into(), file.clone().into_os_string()];
    let program = Program::start(env!("CARGO_BIN_EXE_told-backend"), data).await;
    let (ledger, kills) = load.run(program, Somebody::new).await;
    let of = format!("{CLIENTS} clients");
    load.tell("m8tes", &of, kills, &ledger);
    audit(&file, &ledger);
    load.record("m8tes", &of, kills);
}

/// Fails where the file is damaged, has lost something, or has something that nobody asked for.
fn audit(file: &Path, ledger: &Ledger) {
    let database = open_sound(file);
    let find = |query| names_and_numbers(&database, query);
    ledger.check(
        "runs",
        find("SELECT rest ->> 'content', run_id || '' FROM messages WHERE sequence = 1 AND rest ->> 'role' = 'user'"),
    );
    let replies = "SELECT rest ->> 'content' AS said, run_id || ' ' || (rest ->> 'content') FROM messages
                   WHERE sequence > 1 AND rest ->> 'role' = 'user'
                   UNION ALL SELECT message, run_id || ' ' || message FROM queued_replies";
    ledger.check("replies", find(replies));
    ledger.check("memories", find("SELECT rest ->> 'content', id || '' FROM memories"));
    ledger.check("tasks", find("SELECT rest ->> 'instructions', id || '' FROM tasks"));
    ledger.check(
        "teammates",
        find("SELECT rest ->> 'name', id || '' FROM teammates WHERE id NOT IN (SELECT teammate_id FROM runs)"),
    );
    let silent = find("SELECT id || '', id || '' FROM runs WHERE id NOT IN (SELECT run_id FROM messages)");
    assert!(silent.is_empty(), "runs that nobody was told of: {silent:?}");
}

/// A user of somebody's, who does a bit of everything.
struct Somebody {
    client: Client,
    number: usize,
    dice: Dice,
    /// How many names it has made up.
    names: usize,
    /// Runs of its own that it has not replied to, the latest last.
    runs: Vec<RunId>,
    latest: Option<RunId>,
}

impl Somebody {
    fn new(number: usize, url: String, dice: Dice) -> Self {
        // Long enough that the backend has surely done by then what it was asked for.
        let limit = Duration::from_secs(5);
        let retry = RetryPolicy::default().base_delay(Duration::from_millis(20)).max_delay(Duration::from_millis(200));
        let builder = Client::builder(DEFAULT_API_KEY).base_url(url).attempt_timeout(limit).retry(retry);
        let client = builder.build().unwrap().for_user(format!("user-{number}"));
        Self { client, number, dice, names: 0, runs: Vec::new(), latest: None }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("{}-{}", self.number, self.names)
    }

    async fn start(&mut self, ledger: &mut Ledger) {
        // Now done at once, now under way for a while.
        let message = self.name() + if self.dice.below(4) == 0 { " text" } else { "" };
        let key = format!("key of {message}");
        // A key is known again for as long as anybody asks, over each end of the backend.
        let tries = if self.dice.below(2) == 0 { 1 } else { 20 };
        let mut fate = Fate::Refused;
        for _ in 0..tries {
            let started = self.client.runs().create(&message).idempotency_key(&key).await;
            note_call(ledger, &started);
            fate = match (Fate::of(started.as_ref(), Error::may_have_been_sent), fate) {
                (Fate::Done(run), _) => Fate::Done(run.id.to_string()),
                (Fate::Refused, Fate::Refused) => Fate::Refused,
                _ => Fate::Unknown,
            };
            if let Ok(run) = started.map(|run| run.id) {
                assert!(self.latest.is_none_or(|latest| run > latest), "{run} comes after {:?}", self.latest);
                self.latest = Some(run);
                self.runs.push(run);
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        ledger.note("runs", message, fate);
    }

    async fn reply(&mut self, ledger: &mut Ledger) {
        let Some(id) = self.runs.pop() else { return };
        let run = self.client.runs().get(id).await;
        note_call(ledger, &run);
        let Ok(run) = run else { return };
        assert_eq!(run.id, id);
        // One that is not over would take the reply with it when it is killed.
        if !run.status.is_terminal() {
            return;
        }
        let message = self.name();
        let replied = self.client.runs().reply(id, &message).await;
        note_call(ledger, &replied);
        let fate = Fate::of(replied.as_ref().map(|run| format!("{} {message}", run.id)), Error::may_have_been_sent);
        ledger.note("replies", message, fate);
    }

    async fn list(&mut self, ledger: &mut Ledger) {
        let page = self.client.runs().list().limit(20).await;
        note_call(ledger, &page);
        if let Ok(page) = page {
            assert!(page.data.is_sorted_by(|one, other| one.id > other.id), "out of order");
            let newest = page.data.first().map(|run| run.id);
            assert!(newest >= self.latest, "{:?} was there, and now {newest:?} is the newest", self.latest);
        }
    }
}

impl Worker for Somebody {
    async fn step(&mut self, ledger: &mut Ledger) {
        match self.dice.below(8) {
            0..=2 => self.start(ledger).await,
            3 => self.reply(ledger).await,
            4 => self.list(ledger).await,
            5 => {
                let name = self.name();
                let made = self.client.memories().create(&name).await;
                note_made(ledger, "memories", name, made, |made| made.id.get());
            }
            6 => {
                let name = self.name();
                let made = self.client.teammates().create().name(&name).await;
                note_made(ledger, "teammates", name, made, |made| made.id.get());
            }
            _ => {
                let found = self.client.teammates().list().limit(1).await;
                note_call(ledger, &found);
                let Some(teammate) = found.ok().and_then(|page| page.data.first().map(|teammate| teammate.id)) else {
                    return;
                };
                let name = self.name();
                let made = self.client.tasks().create(teammate, &name).await;
                note_made(ledger, "tasks", name, made, |made| made.id.get());
            }
        }
    }
}

fn note_call<T>(ledger: &mut Ledger, outcome: &Result<T, Error>) {
    ledger.calls.note(outcome.as_ref().err().map(Error::kind), false);
}

/// Notes a call that was to make a thing of this name, and what became of it.
fn note_made<T>(
    ledger: &mut Ledger,
    kind: &'static str,
    name: String,
    made: Result<T, Error>,
    number: impl Fn(&T) -> i64,
) {
    note_call(ledger, &made);
    let fate = Fate::of(made.as_ref().map(|made| number(made).to_string()), Error::may_have_been_sent);
    ledger.note(kind, name, fate);
}
