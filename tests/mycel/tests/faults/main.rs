//! Every operation under every fault, by the facade of Mycel.

// It is test code: what it can't do ends the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cases;
mod flows;

use std::env;
use std::net::SocketAddr;
use std::path::Path;

use mycel_local_backend::LocalBackend;
use mycel_sdk::{Client, GuestSession};
use mycel_tests::{NOT_SENT, is_sent, note};
use test_harness::engine::Settings;
use test_harness::faults::{self, Case, Facade, Subject};
use test_harness::{AnswerKind, PATIENCE, PublicOperation, with_settings};

struct Mycel {
    backend: LocalBackend,
    /// Goes directly to the backend.
    direct: Client,
    /// Of a user who has nothing else to do than to see whether a client works.
    witness: GuestSession,
}

/// The two operations that the backend's document does not have.
fn unlisted() -> [PublicOperation; 2] {
    let unlisted = [
        ("backend_info", "/openapi.json", AnswerKind::Json),
        ("subscribe_inbox", "/api/runtime/inbox/subscribe", AnswerKind::Messages),
    ];
    unlisted.map(|(name, path, answer)| PublicOperation::unlisted(name, path, answer))
}

impl Facade for Mycel {
    type Client = Client;

    const PLATFORM: &str = "Mycel";
    const DOCUMENT: &str = "mycel";
    const LEFT_OUT: &[(&str, &str)] = NOT_SENT;
    const LEAVES_NOTHING: &[(&str, &str)] = &[("login", "Mycel stores no sessions, and a second one is none too many")];

    fn subjects() -> Vec<Subject> {
        let listed = PublicOperation::all(Self::DOCUMENT).into_iter().filter(|operation| is_sent(&operation.name));
        listed.chain(unlisted()).map(Subject::from).collect()
    }

    async fn start(data: &Path) -> Self {
        let backend = LocalBackend::builder().data(data).start().await.unwrap();
        let direct = Client::builder(backend.url()).attempt_timeout(PATIENCE).build().unwrap();
        let witness = direct.auth().create_guest_owner().await.unwrap();
        Self { backend, direct, witness }
    }

    fn address(&self) -> SocketAddr {
        self.backend.address()
    }

    fn client(url: &str, settings: Settings) -> Client {
        with_settings!(mycel_sdk, Client::builder(url), settings).build().unwrap()
    }

    async fn prepare(&self, subject: &str) -> Case<Client> {
        cases::prepare(subject, &self.direct).await
    }

    async fn check(&self, client: &Client) -> Result<(), String> {
        match client.with_auth_token(&self.witness.token).me().whoami().await {
            Ok(user) if user.id == self.witness.user.id => Ok(()),
            outcome => Err(format!("{outcome:?}")),
        }
    }

    async fn shutdown(self) {
        self.backend.shutdown().await;
    }
}

/// Whether there is another backend, so that this test is left out.
fn needs_the_local_backend(test: &str) -> bool {
    let is_another = env::var_os("MYCEL_TEST_URL").is_some();
    if is_another {
        note(&format!("left out, since it needs the local backend: {test}"));
    }
    is_another
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_under_every_fault() {
    if needs_the_local_backend("every_operation_under_every_fault") {
        return;
    }
    faults::every_operation_under_every_fault::<Mycel>().await;
}
