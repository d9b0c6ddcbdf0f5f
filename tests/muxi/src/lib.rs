//! What the suites over MUXI's facade share: a formation to run against.

// It is test code: what it can't do ends the test.
#![allow(clippy::unwrap_used)]

pub mod bundles;
pub mod work;

use std::env;

use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY, KEY_ID, LocalBackend, Reply, SECRET_KEY, Turn, TurnFailure};
use muxi_sdk::{FormationClient, ServerClient};
use test_harness::engine::Rules;

/// What of a formation is attempted again.
pub const RULES: Rules = Rules { repeated: &[408, 429, 500, 502, 503, 504], final_on_post: &[500], ..Rules::COMMON };

/// The public operation that every runtime fails, whatever is asked: it lacks a part that this needs.
pub const FAILED_BY_THE_RUNTIME: &str = "stream_request_events";

/// A formation, and a client of it with both keys.
pub struct World {
    /// The client.
    pub formation: FormationClient,
    /// The local backend, unless `MUXI_TEST_URL` names another formation.
    pub backend: Option<LocalBackend>,
}

/// The formation at `MUXI_TEST_URL`, whose keys are `ak` and `ck` and whose bot is the echo; or else a local one.
pub async fn world() -> World {
    if let Ok(url) = env::var("MUXI_TEST_URL") {
        return World { formation: client(&url), backend: None };
    }
    let backend = muxi_local_backend::start().await.unwrap();
    World { formation: client(backend.url()), backend: Some(backend) }
}

/// A local formation whose turns do this.
pub async fn scripted<F, P>(script: F) -> (LocalBackend, FormationClient)
where
    F: Fn(Turn) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Reply, TurnFailure>> + Send + 'static,
{
    let backend = LocalBackend::builder().on_chat(script).start().await.unwrap();
    let formation = client(backend.url());
    (backend, formation)
}

/// A client with both keys of the formation behind this URL.
pub fn client(url: &str) -> FormationClient {
    FormationClient::direct(url).client_key(CLIENT_KEY).admin_key(ADMIN_KEY).build().unwrap()
}

/// A local management server, which has one formation, and a client of it.
pub async fn server() -> (LocalBackend, ServerClient) {
    let backend = muxi_local_backend::start().await.unwrap();
    let server = client_of_server(backend.url());
    (backend, server)
}

/// A client of the management server at this URL, with the key pair of a local one.
pub fn client_of_server(url: &str) -> ServerClient {
    ServerClient::builder(url).key_id(KEY_ID).secret_key(SECRET_KEY).build().unwrap()
}

/// A client with both keys of a formation behind the proxy of a local server.
pub fn servers_formation(backend: &LocalBackend, id: &str) -> FormationClient {
    let builder = FormationClient::builder(backend.url()).formation(id);
    builder.client_key(CLIENT_KEY).admin_key(ADMIN_KEY).build().unwrap()
}

/// A user, or a conversation, that no run of the suites before has had.
pub fn fresh(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}
