//! The management server: how it is prepared for each operation, how that is called, and how its effects are counted.

mod flows;

use std::net::SocketAddr;
use std::path::Path;

use futures::{FutureExt, StreamExt};
use muxi_local_backend::{KEY_ID, LocalBackend, SECRET_KEY};
use muxi_sdk::server::{DeployedFormation, FormationState, Stage};
use muxi_sdk::{Error, ServerClient};
use muxi_tests::bundles::bundle;
use test_harness::engine::{Rules, Settings};
use test_harness::faults::{self, Again, Case, Facade, Subject};
use test_harness::{PATIENCE, PublicOperation, fresh, told, with_settings};
use tokio::sync::OnceCell;

struct Server {
    backend: LocalBackend,
    /// Goes directly to the server.
    direct: ServerClient,
    /// Whether the formation is deployed that stays as it is.
    stays: OnceCell<()>,
}

/// What may take minutes until the head of its answer comes.
const LONG: [&str; 5] =
    ["deploy_formation", "restart_formation", "rollback_formation", "start_formation", "update_formation"];

fn subject(operation: PublicOperation) -> Subject {
    let is_among = |names: &[&str]| names.contains(&operation.name.as_str());
    let again = if is_among(&["delete_formation"]) { Again::Gone(404) } else { Again::Same };
    let outlasts_limits = is_among(&LONG);
    // Any other text is no pong.
    let is_one_text = is_among(&["ping"]);
    Subject { again, is_one_text, outlasts_limits, ..Subject::from(operation) }
}

impl Facade for Server {
    type Client = ServerClient;

    const PLATFORM: &str = "MUXI's server";
    const DOCUMENT: &str = "muxi-server";
    const RULES: Rules = Rules { repeated: &[408, 429, 500, 502, 503, 504], ..Rules::COMMON };

    fn subjects() -> Vec<Subject> {
        let operations = PublicOperation::all(Self::DOCUMENT).into_iter();
        operations.map(subject).collect()
    }

    async fn start(data: &Path) -> Self {
        // An update waits for its end until somebody cancels it, if that is what its id asks for.
        let backend = LocalBackend::builder().data(data).on_stage(async |step| {
            if step.stage() == "spawning_staging" && step.formation_id().starts_with("waits") {
                std::future::pending::<()>().await;
            }
            Ok(())
        });
        let backend = backend.start().await.unwrap();
        let direct = ServerClient::builder(backend.url()).key_id(KEY_ID).secret_key(SECRET_KEY);
        let direct = direct.attempt_timeout(PATIENCE).build().unwrap();
        Self { backend, direct, stays: OnceCell::new() }
    }

    fn address(&self) -> SocketAddr {
        self.backend.address()
    }

    fn client(url: &str, settings: Settings) -> ServerClient {
        let builder = ServerClient::builder(url).key_id(KEY_ID).secret_key(SECRET_KEY);
        with_settings!(muxi_sdk, builder, settings).build().unwrap()
    }

    async fn prepare(&self, subject: &str) -> Case<ServerClient> {
        prepare(subject, &self.direct).await
    }

    async fn check(&self, client: &ServerClient) -> Result<(), String> {
        client.ping().await.map_err(|error| format!("{error:?}"))
    }

    async fn shutdown(self) {
        self.backend.shutdown().await;
    }
}

/// A call.
fn call<T, F>(call: impl FnOnce(ServerClient) -> F + Send + 'static) -> Case<ServerClient>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    Case::new(|client| call(client).map(|outcome| outcome.map(drop).map_err(|error| told!(error))))
}

async fn prepare(subject: &str, direct: &ServerClient) -> Case<ServerClient> {
    match subject {
        "ping" => return call(async |client| client.ping().await),
        "get_server_logs" => return call(async |client| client.server_logs().lines(1).await),
        "get_server_health" => return call(async |client| client.health().await),
        "get_server_status" => return call(async |client| client.status().await),
        "list_formations" => return call(async |client| client.list().await),
        _ => {}
    }
    let id = fresh(if subject == "cancel_update" { "waits" } else { "bot" });
    let (of, known) = (id.clone(), direct.clone());
    let (first, second) = (bundle(&id, "1.0.0"), bundle(&id, "2.0.0"));
    // What is known of it when all is over.
    let later = |is: fn(Option<DeployedFormation>) -> bool| async move { i64::from(is(known.get(of).await.ok())) };
    if subject == "deploy_formation" {
        return call(async move |client| client.deploy(first).stream().await)
            .leaves_in_memory(later(|of| of.is_some()));
    }
    direct.deploy(first).await.unwrap();
    match subject {
        "get_formation" => call(async move |client| client.get(id).await),
        "get_formation_logs" => call(async move |client| client.logs(id).await),
        "download_formation" => call(async move |client| client.download(id).into_stream().await),
        "update_formation" => call(async move |client| client.update(second).stream().await)
            .leaves_in_memory(later(|of| of.is_some_and(|of| of.version.previous.is_some()))),
        "start_formation" => {
            direct.stop(id.clone()).await.unwrap();
            call(async move |client| client.start(id).stream().await).leaves_in_memory(later(is_running))
        }
        "stop_formation" => call(async move |client| client.stop(id).await)
            .leaves_in_memory(later(|of| of.is_some_and(|of| of.status == FormationState::Stopped))),
        "restart_formation" => {
            let (of, known) = (id.clone(), direct.clone());
            call(async move |client| client.restart(id).stream().await)
                .leaves_in_memory(async move { known.get(of).await.unwrap().restart_count.unwrap_or(0) })
        }
        "rollback_formation" => {
            let before = direct.get(id.clone()).await.unwrap().version.current;
            direct.update(second).await.unwrap();
            let (of, known) = (id.clone(), direct.clone());
            call(async move |client| client.rollback(id).stream().await)
                .leaves_in_memory(async move { i64::from(known.get(of).await.unwrap().version.current == before) })
        }
        "cancel_update" => {
            let mut update = direct.update(second).stream().await.unwrap();
            // Before that there is none to be cancelled, though the head of the answer is here.
            while update.next().await.unwrap().unwrap().stage != Stage::SpawningStaging {}
            drop(update);
            let (of, known) = (id.clone(), direct.clone());
            // The server writes that down before it answers; the update itself may end a little later.
            call(async move |client| client.cancel_update(id).await).leaves_in_memory(async move {
                let log = known.server_logs().lines(10_000).await.unwrap();
                let is_cancelled = |line: &&String| line.contains("Update cancelled") && line.contains(of.as_str());
                i64::try_from(log.iter().filter(is_cancelled).count()).unwrap()
            })
        }
        "delete_formation" => {
            call(async move |client| client.delete(id).await).leaves_in_memory(later(|of| of.is_none()))
        }
        _ => panic!(
            "tests/muxi/tests/faults/server.rs has no case for {subject}: say how it is called, and how its effects are \
             counted"
        ),
    }
}

fn is_running(formation: Option<DeployedFormation>) -> bool {
    formation.is_some_and(|formation| formation.status == FormationState::Running)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_of_the_server_under_every_fault() {
    faults::every_operation_under_every_fault::<Server>().await;
}
