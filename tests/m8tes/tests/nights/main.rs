//! Runs on a bad network, over a backend that is killed: each is started once, and each text is told once and whole.
//!
//! Each night is made by a seed. `NIGHT_SEED=7` is one of them; `NIGHT_FIRST` and `NIGHT_ROUNDS` say from which seed on
//! and how many.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod asker;
mod network;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use local_backend_kit::Process;
use m8tes_local_backend::DEFAULT_API_KEY;
use m8tes_sdk::{Client, MessageRole, PermissionStatus, RetryPolicy, RunId, RunStatus};
use m8tes_tests::client;
use test_harness::{Dice, note, seeds};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::asker::{Asker, Deed, Heard};
use crate::network::{Cuts, How, Network, Place, WAYS, places};

/// How many nights there are, and how many of them at once.
const NIGHTS: u64 = 200;
const AT_ONCE: usize = 8;

/// How long is waited before something is looked at again.
const WHILE: Duration = Duration::from_millis(5);

/// What came of a night.
#[derive(Default)]
struct Dawn {
    cuts: Cuts,
    deeds: usize,
    kills: usize,
    told_whole: usize,
    interrupted: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_run_is_started_once_and_each_text_is_told_once_and_whole() {
    let seeds = seeds(NIGHTS);
    let count = seeds.end - seeds.start;
    let nights = futures::stream::iter(seeds).map(|seed| async move { (seed, tokio::spawn(night(seed)).await) });
    let nights: Vec<_> = nights.buffer_unordered(AT_ONCE).collect().await;
    let (mut all, mut failed) = (Dawn::default(), Vec::new());
    for (seed, dawn) in nights {
        let Ok(dawn) = dawn else {
            failed.push(seed);
            continue;
        };
        dawn.cuts.into_iter().for_each(|(kind, count)| *all.cuts.entry(kind).or_default() += count);
        all.deeds += dawn.deeds;
        all.kills += dawn.kills;
        all.told_whole += dawn.told_whole;
        all.interrupted += dawn.interrupted;
    }
    assert!(failed.is_empty(), "failed; run one alone with NIGHT_SEED={}: {failed:?}", failed[0]);
    let by = |is_of: &dyn Fn(&(Place, How)) -> bool| -> usize {
        all.cuts.iter().filter(|(kind, _)| is_of(kind)).map(|(_, count)| count).sum()
    };
    let places: Vec<_> = places().map(|place| (place, by(&|(at, _)| *at == place))).collect();
    let ways: BTreeMap<_, _> = WAYS.into_iter().map(|way| (way, by(&|(_, how)| *how == way))).collect();
    let Dawn { deeds, kills, told_whole, interrupted, .. } = all;
    note(&format!(
        "nights: {count}, in which {deeds} turns were asked for and the backend was killed {kills} times; {told_whole} texts \
         were streamed whole, and {interrupted} in part"
    ));
    note(&format!("nights: answers were cut {places:?}, and {ways:?}"));
    if count >= NIGHTS {
        assert!(places.iter().all(|(_, count)| *count > 0), "{places:?}");
        assert!(ways.values().all(|count| *count > 0), "{ways:?}");
        assert!(kills > 0 && told_whole > 0 && interrupted > 0);
    }
}

/// The backend's program, which is killed where this is dropped.
struct Backend {
    file: PathBuf,
    process: Option<Process>,
}

impl Backend {
    /// Starts it, on a port that is free.
    async fn start(file: &Path) -> Self {
        let mut backend = Self { file: file.to_owned(), process: None };
        backend.restart().await;
        backend
    }

    async fn kill(&mut self) {
        let process = self.process.take();
        spawn_blocking(move || drop(process)).await.unwrap();
    }

    async fn restart(&mut self) {
        let file = self.file.to_str().unwrap().to_owned();
        let started =
            spawn_blocking(move || Process::start(env!("CARGO_BIN_EXE_told-backend"), &["--data", file.as_str()]));
        self.process = Some(started.await.unwrap().unwrap());
    }

    fn url(&self) -> &str {
        self.process.as_ref().unwrap().url()
    }

    fn address(&self) -> SocketAddr {
        self.url().strip_prefix("http://").unwrap().parse().unwrap()
    }
}

/// A client without patience, beyond the network.
fn far(url: &str) -> Client {
    let limit = Duration::from_millis(500);
    let pause = Duration::from_millis(1);
    let quick = RetryPolicy::default().base_delay(pause).max_delay(4 * pause);
    let client = Client::builder(DEFAULT_API_KEY).base_url(url).retry(quick);
    client.connect_timeout(limit).attempt_timeout(limit).overall_timeout(4 * limit).build().unwrap()
}

async fn night(seed: u64) -> Dawn {
    let mut dice = Dice::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut backend = Backend::start(&directory.path().join("m8tes.db")).await;
    let network = Network::start(backend.address(), Dice::new(dice.below(u64::MAX))).await;
    let calm = Network::start(backend.address(), Dice::new(0)).await;
    calm.calm();
    let askers: Vec<_> = (0..2 + dice.below(3))
        .map(|number| {
            let dice = Dice::new(dice.below(u64::MAX));
            tokio::spawn(Asker::new(far(network.url()), far(calm.url()), dice, format!("{seed}-{number}")).ask())
        })
        .collect();

    let mut kills = 0;
    for _ in 0..dice.below(3) {
        sleep(dice.millis(120)).await;
        backend.kill().await;
        kills += 1;
        sleep(dice.millis(40)).await;
        backend.restart().await;
        network.lead_to(backend.address());
        calm.lead_to(backend.address());
    }
    sleep(dice.millis(400)).await;
    network.calm();

    let mut deeds = Vec::new();
    for asker in askers {
        deeds.extend(timeout(Duration::from_secs(60), asker).await.unwrap().unwrap());
    }
    let ledger = Ledger::read(&client(backend.url())).await;
    let mut dawn = Dawn { cuts: network.cuts(), kills, deeds: deeds.len(), ..Dawn::default() };
    for deed in &deeds {
        ledger.check(deed).await;
        match deed.heard {
            Heard::Whole(_) => dawn.told_whole += 1,
            Heard::Part(_) => dawn.interrupted += 1,
            Heard::Run(_) | Heard::Nothing | Heard::GivenUp => {}
        }
    }
    ledger.expect_no_more(&deeds);
    dawn
}

/// What the backend knows when the night is over.
struct Ledger {
    client: Client,
    /// What the users said in which runs.
    said: Vec<(String, RunId)>,
}

impl Ledger {
    async fn read(client: &Client) -> Self {
        let runs: Vec<_> = client.runs().list().into_stream().try_collect().await.unwrap();
        let mut said = Vec::new();
        for run in runs {
            let messages = client.runs().messages(run.id).await.unwrap();
            let of_user = messages.into_iter().filter(|message| message.role == MessageRole::User);
            said.extend(of_user.map(|message| (message.content, run.id)));
        }
        Self { client: client.clone(), said }
    }

    /// Expects that what was asked for was begun once, and told as it was.
    async fn check(&self, deed: &Deed) {
        let message = deed.work.to_string();
        let runs: Vec<_> = self.said.iter().filter(|(said, _)| *said == message).map(|(_, run)| *run).collect();
        let run = match (runs.as_slice(), deed.run) {
            ([run], Some(known)) => {
                assert_eq!(*run, known, "{deed:?}");
                *run
            }
            ([run], None) => {
                assert!(!deed.is_sure, "it is not known which run it is: {deed:?}");
                if matches!(deed.heard, Heard::Nothing) {
                    // Nobody knows of it, so it may wait for somebody still.
                    return;
                }
                *run
            }
            ([], _) if !deed.is_sure && matches!(deed.heard, Heard::Nothing | Heard::GivenUp) => return,
            _ => panic!("begun in {runs:?}: {deed:?}"),
        };
        let run = match deed.heard {
            // Behind the caller's back, it may be tried again in a second, or in two more.
            Heard::GivenUp => self.client.runs().poll(run).interval(WHILE).timeout(Duration::from_secs(20)).await,
            _ => self.client.runs().get(run).await,
        };
        let run = run.unwrap();
        assert!(run.status.is_terminal(), "it is left behind: {run:?} of {deed:?}");
        // A reply to it has come since: what it told is not known any more.
        let is_last = self.said.iter().rfind(|(_, of)| *of == run.id).is_some_and(|(said, _)| *said == message);
        let truth = deed.work.text(deed.files);
        match &deed.heard {
            Heard::Whole(text) => assert_eq!(*text, truth, "{deed:?}"),
            Heard::Part(text) => assert!(truth.starts_with(text.as_str()), "{deed:?}"),
            Heard::Run(heard) if heard.status == RunStatus::Completed => {
                assert_eq!(heard.output.as_deref(), Some(truth.as_str()), "{deed:?}");
            }
            Heard::Run(heard) => assert_eq!(heard.error_code.as_deref(), Some("AGENT_RUNNER_DIED"), "{deed:?}"),
            Heard::Nothing | Heard::GivenUp => {}
        }
        if !is_last {
            return;
        }
        match run.status {
            RunStatus::Completed => assert_eq!(run.output.as_deref(), Some(truth.as_str()), "{run:?}"),
            RunStatus::Failed => assert_eq!(run.error_code.as_deref(), Some("AGENT_RUNNER_DIED"), "{run:?}"),
            _ => {}
        }
        if run.status == RunStatus::Completed && deed.reply_to.is_none() {
            let asked = self.client.runs().permissions(run.id).await.unwrap();
            assert_eq!(asked.len(), deed.work.asks(), "{asked:?} of {deed:?}");
            assert!(asked.iter().all(|request| request.status == PermissionStatus::Allowed), "{asked:?} of {deed:?}");
        }
        if let (RunStatus::Completed, Some((name, content))) = (&run.status, deed.work.file()) {
            let file = self.client.runs().download_file(run.id, name).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&file), content, "{deed:?}");
        }
    }

    /// Expects that nothing was done but what was asked for.
    fn expect_no_more(&self, deeds: &[Deed]) {
        for (message, run) in &self.said {
            let is_one = |deed: &&Deed| deed.work.to_string() == *message;
            assert!(deeds.iter().any(|deed| is_one(&deed)), "{run} was asked for by nobody: {message}");
        }
    }
}
