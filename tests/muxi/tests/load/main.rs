//! The local formation as a program under many clients, half of them on a bad network, killed again and again: no turn is
//! begun twice, and what was acknowledged is there, once and by its id.
//!
//! `LOAD_SECONDS` says for how long, 5 unless set; `LOAD_SEED` makes the choices.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::env;
use std::time::Duration;

use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY};
use muxi_sdk::{ChatStatus, Error, ErrorKind, FormationClient, MemoryId, RetryPolicy};
use muxi_tests::work::{Step, Work};
use test_harness::load::{CLIENTS, Fate, Ledger, Load, Worker, names_and_numbers, open_sound};
use test_harness::{Dice, Program, note};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_formation_that_is_killed_under_load_keeps_what_it_acknowledged() {
    if env::var_os("MUXI_TEST_URL").is_some() {
        note("left out, since it needs the local backend: a_formation_that_is_killed_under_load_…");
        return;
    }
    let load = Load::from_env();
    let directory = tempfile::tempdir().unwrap();
    let (file, turns) = (directory.path().join("muxi.db"), directory.path().join("turns"));
    let arguments = ["--data".into(), file.clone().into_os_string(), "--turns".into(), turns.clone().into_os_string()];
    let program = Program::start(env!("CARGO_BIN_EXE_told-formation"), arguments).await;
    let (ledger, kills) = load.run(program, Somebody::new).await;
    let of = format!("{CLIENTS} clients");
    load.tell("MUXI's formation", &of, kills, &ledger);

    let database = open_sound(&file);
    let find = |query| names_and_numbers(&database, query);
    ledger.check("memories", find("SELECT body ->> 'content', id FROM things WHERE kind = 'memory'"));
    ledger.check("secrets", find("SELECT name, name FROM secrets WHERE name LIKE 'LOAD%'"));
    let turns = std::fs::read_to_string(&turns).unwrap();
    ledger.check("turns", turns.lines().map(|turn| (turn.to_owned(), turn.to_owned())));
    load.record("MUXI's formation", &of, kills);
}

/// A user of somebody's, who does a bit of everything.
struct Somebody {
    client: FormationClient,
    number: usize,
    dice: Dice,
    /// How many names it has made up.
    names: usize,
    /// What was last remembered.
    latest: Option<MemoryId>,
}

impl Somebody {
    fn new(number: usize, url: String, dice: Dice) -> Self {
        // Long enough that the backend has surely done by then what it was asked for.
        let limit = Duration::from_secs(5);
        let retry = RetryPolicy::default().base_delay(Duration::from_millis(20)).max_delay(Duration::from_millis(200));
        let builder = FormationClient::direct(url).client_key(CLIENT_KEY).admin_key(ADMIN_KEY);
        let client = builder.attempt_timeout(limit).retry(retry).build().unwrap().for_user(format!("user-{number}"));
        Self { client, number, dice, names: 0, latest: None }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("{}-{}", self.number, self.names)
    }

    async fn chat(&mut self, ledger: &mut Ledger) {
        // Now done at once, now under way for a while.
        let steps = if self.dice.below(4) == 0 { vec![Step::Text, Step::Progress] } else { Vec::new() };
        let work = Work { name: self.name(), steps };
        let request = self.client.chat(work.to_string());
        let told = if self.dice.below(2) == 0 {
            match request.stream().silence(Duration::from_secs(3)).await {
                Ok(stream) => stream.finish().await.map(|outcome| {
                    assert_eq!(outcome.status, Some(ChatStatus::Success), "{work}");
                    outcome.text
                }),
                Err(error) => Err(error),
            }
        } else {
            // As long as a turn may take is too long here.
            match tokio::time::timeout(Duration::from_secs(3), request.into_future()).await {
                Ok(answer) => answer.map(|answer| answer.text().unwrap_or_default().to_owned()),
                Err(_) => return ledger.note("turns", work.to_string(), Fate::Unknown),
            }
        };
        if let Ok(told) = &told {
            assert_eq!(*told, work.answer());
        }
        made(ledger, "turns", work.to_string(), told, false, |_| work.to_string());
    }

    async fn remember(&mut self, ledger: &mut Ledger) {
        let name = self.name();
        let kept = self.client.memories().create(&name).await;
        self.latest = kept.as_ref().ok().map(|memory| memory.id.clone()).or(self.latest.take());
        made(ledger, "memories", name, kept, false, |memory| memory.id.to_string());
    }

    async fn recall(&mut self, ledger: &mut Ledger) {
        let found = self.client.memories().list().limit(100).await;
        ledger.calls.note(found.as_ref().err().map(Error::kind), false);
        if let (Ok(found), Some(latest)) = (found, &self.latest) {
            assert!(found.iter().any(|memory| memory.id == *latest), "{latest} was remembered, and now it is not");
        }
    }

    async fn keep_secret(&mut self, ledger: &mut Ledger) {
        let name = format!("LOAD_{}", self.name().replace('-', "_"));
        let kept = self.client.secrets().set(name.as_str(), "value").await;
        // What says that there is none yet may be cut off behind its head, and then nobody knows whose 404 it is.
        let is_cut = kept.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound && error.code().is_none());
        made(ledger, "secrets", name.clone(), kept, is_cut, |()| name.clone());
    }
}

impl Worker for Somebody {
    async fn step(&mut self, ledger: &mut Ledger) {
        match self.dice.below(8) {
            0..=3 => self.chat(ledger).await,
            4 | 5 => self.remember(ledger).await,
            6 => self.recall(ledger).await,
            _ => self.keep_secret(ledger).await,
        }
    }
}

/// Notes a call that was to make a thing of this name, whether its error is expected, and what became of it.
fn made<T>(
    ledger: &mut Ledger,
    kind: &'static str,
    name: String,
    made: Result<T, Error>,
    is_expected: bool,
    id: impl Fn(&T) -> String,
) {
    ledger.calls.note(made.as_ref().err().map(Error::kind), is_expected);
    let fate = Fate::of(made.as_ref().map(id), Error::may_have_been_sent);
    ledger.note(kind, name, fate);
}
