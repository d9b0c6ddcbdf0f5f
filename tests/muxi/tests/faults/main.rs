//! Every operation under every fault, by the facade of MUXI.

// It is test code: what it can't do ends the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cases;
mod flows;
mod server;

use std::net::SocketAddr;
use std::path::Path;

use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY, LocalBackend};
use muxi_sdk::FormationClient;
use test_harness::engine::{Rules, Settings};
use test_harness::faults::{self, Again, Case, Facade, Subject};
use test_harness::{PATIENCE, PublicOperation, with_settings};

use crate::cases::{Turns, World};

struct Formation {
    backend: LocalBackend,
    world: World,
}

/// What is not there any more once it is deleted, or not in the other state: a second time it is not found.
const GONE: [&str; 5] = ["delete_credential", "delete_job", "delete_memory", "delete_secret", "remove_user_identifier"];

/// A turn is begun once, though it carries a key: a stream's is not looked at.
const SENT_ONCE: [&str; 2] = ["chat", "audio_chat"];

fn subjects_of(operation: PublicOperation) -> impl Iterator<Item = Subject> {
    let is_among = |names: &[&str]| names.contains(&operation.name.as_str());
    let again = if is_among(&GONE) { Again::Gone(404) } else { Again::Same };
    let is_sent_once = is_among(&SENT_ONCE);
    let is_alone = is_among(&["clear_all_buffers", "clear_audit_log"]);
    // A new secret is one that can't be changed.
    let behind = is_among(&["create_secret"]).then(|| named("update_secret"));
    let succeeds_with = is_among(&["clear_all_buffers"]).then_some(500);
    let subject = Subject { again, is_sent_once, is_alone, behind, succeeds_with, ..Subject::from(operation) };
    let streamed = is_sent_once.then(|| Subject { name: format!("{}-streamed", subject.name), ..subject.clone() });
    [subject].into_iter().chain(streamed)
}

fn named(name: &str) -> PublicOperation {
    PublicOperation::all("muxi-formation").into_iter().find(|operation| operation.name == name).unwrap()
}

impl Facade for Formation {
    type Client = FormationClient;

    const PLATFORM: &str = "MUXI's formation";
    const DOCUMENT: &str = "muxi-formation";
    const LEFT_OUT: &[(&str, &str)] =
        &[(muxi_tests::FAILED_BY_THE_RUNTIME, "every runtime fails it, and the local formation as they do")];
    const LEAVES_NOTHING: &[(&str, &str)] =
        &[("reload_secrets", "a local formation has no file of secrets that could differ from what it knows")];
    const RULES: Rules = muxi_tests::RULES;

    fn subjects() -> Vec<Subject> {
        let operations = PublicOperation::all(Self::DOCUMENT).into_iter();
        operations.filter(|one| one.name != muxi_tests::FAILED_BY_THE_RUNTIME).flat_map(subjects_of).collect()
    }

    async fn start(data: &Path) -> Self {
        let turns = Turns::default();
        let backend = LocalBackend::builder().data(data).on_chat(turns.script()).start().await.unwrap();
        let direct = FormationClient::direct(backend.url()).client_key(CLIENT_KEY).admin_key(ADMIN_KEY);
        let direct = direct.attempt_timeout(PATIENCE).build().unwrap();
        Self { backend, world: World { direct, turns } }
    }

    fn address(&self) -> SocketAddr {
        self.backend.address()
    }

    fn client(url: &str, settings: Settings) -> FormationClient {
        let builder = FormationClient::direct(url).client_key(CLIENT_KEY).admin_key(ADMIN_KEY);
        with_settings!(muxi_sdk, builder, settings).build().unwrap()
    }

    async fn prepare(&self, subject: &str) -> Case<FormationClient> {
        cases::prepare(subject, &self.world).await
    }

    async fn check(&self, client: &FormationClient) -> Result<(), String> {
        client.health().await.map(drop).map_err(|error| format!("{error:?}"))
    }

    async fn shutdown(self) {
        self.backend.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_of_a_formation_under_every_fault() {
    faults::every_operation_under_every_fault::<Formation>().await;
}
