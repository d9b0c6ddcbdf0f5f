//! Runs on a bad network, over a backend that is killed: each is started once, and each text is told once and whole.
//!
//! Each night is made by a seed. `NIGHT_SEED=7` is one of them; `NIGHT_FIRST` and `NIGHT_ROUNDS` say from which seed on
//! and how many.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod asker;

use std::time::Duration;

use futures::TryStreamExt;
use m8tes_local_backend::DEFAULT_API_KEY;
use m8tes_sdk::{Client, MessageRole, PermissionStatus, RetryPolicy, RunId, RunStatus};
use m8tes_tests::client;
use test_harness::nights::{CuttingNetwork, Dawn, Frames, nights, trouble};
use test_harness::{Dice, PATIENCE, Program};
use tokio::time::timeout;

use crate::asker::{Asker, Deed, Heard};

/// How long is waited before something is looked at again.
const WHILE: Duration = Duration::from_millis(5);

/// Where a run waits for a person, and how its streams end.
const FRAMES: Frames = Frames { landmark: "\"awaiting_approval\"", last: "data: [DONE]" };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_run_is_started_once_and_each_text_is_told_once_and_whole() {
    nights("m8tes", "runs", night).await;
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
    let data = ["--data".into(), directory.path().join("m8tes.db").into_os_string()];
    let mut backend = Program::start(env!("CARGO_BIN_EXE_told-backend"), data).await;
    let network = CuttingNetwork::start(backend.address(), FRAMES, Dice::new(dice.below(u64::MAX))).await;
    let calm = CuttingNetwork::start(backend.address(), FRAMES, Dice::new(0)).await;
    calm.calm();
    let askers: Vec<_> = (0..2 + dice.below(3))
        .map(|number| {
            let dice = Dice::new(dice.below(u64::MAX));
            tokio::spawn(Asker::new(far(network.url()), far(calm.url()), dice, format!("{seed}-{number}")).ask())
        })
        .collect();
    let kills = trouble(&mut backend, &[&network, &calm], &mut dice, || {}).await;

    let mut deeds = Vec::new();
    for asker in askers {
        deeds.extend(timeout(PATIENCE, asker).await.unwrap().unwrap());
    }
    let ledger = Ledger::read(&client(backend.url())).await;
    let mut dawn = Dawn { cuts: network.cuts(), ..Dawn::default() };
    dawn.count("kills", kills);
    dawn.count("turns", deeds.len());
    for deed in &deeds {
        ledger.check(deed).await;
        match deed.heard {
            Heard::Whole(_) => dawn.count("texts streamed whole", 1),
            Heard::Part(_) => dawn.count("texts streamed in part", 1),
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
            Heard::GivenUp => self.client.runs().poll(run).interval(WHILE).timeout(PATIENCE).await,
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
