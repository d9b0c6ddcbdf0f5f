//! Every operation under every fault, by the facade of m8tes.

// It is test code: what it can't do ends the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cases;
mod flows;

use std::net::SocketAddr;
use std::path::Path;

use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend};
use m8tes_sdk::{Client, TeammateId};
use test_harness::engine::{Rules, Settings};
use test_harness::faults::{self, Again, Case, Facade, Subject};
use test_harness::{PATIENCE, PublicOperation, with_settings};

struct M8tes {
    backend: LocalBackend,
    /// Goes directly to the backend.
    direct: Client,
    /// A teammate who is there to be looked at.
    witness: TeammateId,
}

/// What begins a turn of a run, whose events can be asked for. The case has `-streamed` behind the operation's name then.
const STREAMED: [&str; 5] =
    ["create_run", "create_run_with_files", "reply_to_run", "reply_to_run_with_files", "run_task"];

/// What is not there any more once it is deleted: a second time it is not found, which is the success that was lost.
const GONE: [&str; 6] =
    ["delete_memory", "delete_permission", "delete_trigger", "delete_user", "delete_webhook", "disconnect_app"];

/// Nobody waits for these longer than half a minute.
const BOUNDED: [&str; 2] = ["create_token", "sign_up"];

/// Whose answer may be any object.
const LENIENT: [&str; 3] = ["answer_run", "get_settings", "update_settings"];

fn subjects_of(operation: PublicOperation) -> impl Iterator<Item = Subject> {
    let is_among = |names: &[&str]| names.contains(&operation.name.as_str());
    let again = if is_among(&GONE) { Again::Gone(404) } else { Again::Same };
    let (is_lenient, is_bounded, is_streamed) = (is_among(&LENIENT), is_among(&BOUNDED), is_among(&STREAMED));
    let subject = Subject { again, is_lenient, is_bounded, ..Subject::from(operation) };
    // A run that began before is told as JSON, and is joined then.
    let streamed = is_streamed.then(|| Subject {
        name: format!("{}-streamed", subject.name),
        again: Again::Followed(1),
        ..subject.clone()
    });
    [subject].into_iter().chain(streamed)
}

impl Facade for M8tes {
    type Client = Client;

    const PLATFORM: &str = "m8tes";
    const DOCUMENT: &str = "m8tes";
    const LEAVES_NOTHING: &[(&str, &str)] = &[("resend_verification", "a local m8tes sends no e-mail")];
    const RULES: Rules = m8tes_tests::RULES;

    fn subjects() -> Vec<Subject> {
        PublicOperation::all(Self::DOCUMENT).into_iter().flat_map(subjects_of).collect()
    }

    async fn start(data: &Path) -> Self {
        let backend = LocalBackend::builder().data(data).on_run(cases::play).start().await.unwrap();
        let direct = Client::builder(DEFAULT_API_KEY).base_url(backend.url()).attempt_timeout(PATIENCE);
        let direct = direct.build().unwrap();
        let witness = direct.teammates().create().name("witness").await.unwrap().id;
        Self { backend, direct, witness }
    }

    fn address(&self) -> SocketAddr {
        self.backend.address()
    }

    fn client(url: &str, settings: Settings) -> Client {
        let builder = Client::builder(DEFAULT_API_KEY).base_url(url);
        with_settings!(m8tes_sdk, builder, settings).build().unwrap()
    }

    async fn prepare(&self, subject: &str) -> Case<Client> {
        cases::prepare(subject, &self.direct).await
    }

    async fn check(&self, client: &Client) -> Result<(), String> {
        match client.teammates().get(self.witness).await {
            Ok(teammate) if teammate.id == self.witness => Ok(()),
            outcome => Err(format!("{outcome:?}")),
        }
    }

    async fn shutdown(self) {
        self.backend.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_under_every_fault() {
    faults::every_operation_under_every_fault::<M8tes>().await;
}
