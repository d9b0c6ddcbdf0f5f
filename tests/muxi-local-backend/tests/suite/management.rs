//! The management server over plain HTTP: signatures, its forms, and what outlives it.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac::{Hmac, KeyInit, Mac};
use muxi_local_backend::{Builder, KEY_ID, LocalBackend, SECRET_KEY};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use test_harness::PublicOperation;

use crate::client::Answer;

/// A server, and who calls it.
struct Server {
    backend: LocalBackend,
    http: reqwest::Client,
}

impl Server {
    async fn start(builder: Builder) -> Self {
        Self { backend: builder.start().await.unwrap(), http: reqwest::Client::new() }
    }

    /// A request that is signed so many seconds from now.
    fn signed_at(&self, method: Method, path: &str, offset: i64) -> RequestBuilder {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 + offset;
        let bare = path.split('?').next().unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET_KEY.as_bytes()).unwrap();
        mac.update(format!("{now};{method};{bare}").as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let header = format!("MUXI-HMAC key={KEY_ID}, timestamp={now}, signature={signature}");
        self.http.request(method, format!("{}{path}", self.backend.url())).header("authorization", header)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.signed_at(method, path, 0)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::POST, path)).await
    }

    fn deploy(&self, id: &str, bundle: Vec<u8>) -> RequestBuilder {
        let request = self.request(Method::POST, "/rpc/formations").header("x-formation-id", id);
        request.header("content-type", "application/gzip").body(bundle)
    }

    async fn remember(&self, id: &str, content: &str) -> Answer {
        let request = self.http.post(format!("{}/api/{id}/v1/memories", self.backend.url()));
        let request = request.header("x-muxi-admin-key", "ak").header("x-muxi-user-id", "ada");
        Answer::to(request.json(&json!({ "content": content }))).await
    }

    async fn memories(&self, id: &str) -> usize {
        let request = self.http.get(format!("{}/api/{id}/v1/memories", self.backend.url()));
        let answer = Answer::to(request.header("x-muxi-admin-key", "ak").header("x-muxi-user-id", "ada")).await;
        answer.data()["memories"].as_array().unwrap().len()
    }
}

fn refused(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.body["code"], answer.status, "{answer:?}");
    assert!(answer.body["error"].is_string());
    (answer.status, answer.body["message"].as_str().unwrap())
}

fn bundle(folder: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, format!("{folder}/{name}"), text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn bot(version: &str) -> Vec<u8> {
    let declaration = format!("id: my-bot\ndescription: for tests\nversion: {version}\nruntime: 1.2\n");
    bundle("any", &[("formation.afs", &declaration), (".hidden", "x"), ("sops/a.md", "1. Greet\n")])
}

#[tokio::test]
async fn every_operation_of_the_document_is_served() {
    let server = Server::start(LocalBackend::builder()).await;
    for operation in PublicOperation::all("muxi-server") {
        let path = operation.path.replace("{formation_id}", "none");
        let answer = server.request(operation.method.parse().unwrap(), &path).send().await.unwrap();
        assert_ne!(
            answer.text().await.unwrap(),
            "404 page not found\n",
            "nothing in tests/muxi-local-backend/src/management.rs answers {} {}: write what does, and its tests in tests/suite",
            operation.method,
            operation.path
        );
    }
}

#[tokio::test]
async fn who_has_not_signed_is_refused() {
    let server = Server::start(LocalBackend::builder()).await;
    let path = "/rpc/server/status";
    let bare = server.http.get(format!("{}{path}", server.backend.url()));
    assert_eq!(refused(&Answer::to(bare.try_clone().unwrap()).await), (401, "Missing authorization header"));
    let bearer = Answer::to(bare.bearer_auth("x")).await;
    assert_eq!(refused(&bearer), (401, "Invalid authorization header format"));
    for offset in [-400, 400] {
        let answer = Answer::to(server.signed_at(Method::GET, path, offset)).await;
        assert_eq!(refused(&answer), (401, "Request expired (timestamp too old or in future)"));
    }
    for offset in [-250, 250] {
        assert_eq!(Answer::to(server.signed_at(Method::GET, path, offset)).await.status, 200);
    }
    // What was signed for one path is none for another; the query is no part of it.
    let other = server.request(Method::GET, "/rpc/formations").build().unwrap();
    let header = other.headers()["authorization"].clone();
    let replayed = server.http.get(format!("{}{path}", server.backend.url())).header("authorization", header.clone());
    assert_eq!(refused(&Answer::to(replayed).await), (401, "Invalid signature"));
    let queried = server.http.get(format!("{}/rpc/formations?x=y", server.backend.url()));
    assert_eq!(Answer::to(queried.header("authorization", header)).await.status, 200);
    let unknown = server.request(Method::GET, "/rpc/none").send().await.unwrap();
    assert_eq!((unknown.status().as_u16(), unknown.text().await.unwrap().as_str()), (404, "404 page not found\n"));
}

#[tokio::test]
async fn what_needs_no_key_is_answered_to_anybody() {
    let server = Server::start(LocalBackend::builder()).await;
    let get = async |path: &str| server.http.get(format!("{}{path}", server.backend.url())).send().await.unwrap();
    assert_eq!(get("/ping").await.text().await.unwrap(), "pong");
    let health: Value = get("/health").await.json().await.unwrap();
    assert_eq!((&health["success"], &health["status"]), (&json!(true), &json!("ok")));
    for path in ["/v1/health", "/api/echo-bot/v1/health", "/draft/echo-bot/v1/health"] {
        assert_eq!(get(path).await.status(), 200, "{path}");
    }
    let none: Value = get("/api/none/v1/health").await.json().await.unwrap();
    assert_eq!(none, json!({"error": "Formation not found", "message": "No formation with id 'none'", "code": 404}));
}

#[tokio::test]
async fn what_is_wrong_with_a_deployment_is_told_with_a_status_or_in_the_stream() {
    let server = Server::start(LocalBackend::builder()).await;
    let plain = async |request: RequestBuilder| Answer::to(request).await;
    let untyped = server.request(Method::POST, "/rpc/formations").header("x-formation-id", "my-bot").body(bot("1.0.0"));
    assert_eq!(refused(&plain(untyped).await).0, 400);
    let unnamed = server.request(Method::POST, "/rpc/formations").header("content-type", "application/x-gzip");
    assert!(refused(&plain(unnamed.body(bot("1.0.0"))).await).1.starts_with("Missing X-Formation-ID"));
    assert!(refused(&plain(server.deploy("No", bot("1.0.0"))).await).1.starts_with("Invalid X-Formation-ID"));
    assert_eq!(refused(&plain(server.deploy("echo-bot", bot("1.0.0"))).await).0, 409);
    let no_id = bundle("b", &[("formation.afs", "description: x\n")]);
    let no_description = bundle("b", &[("formation.afs", "id: my-bot\n")]);
    for (id, bundle, name, said) in [
        ("other-bot", bot("1.0.0"), "IDMismatch", "Formation ID mismatch"),
        ("my-bot", bot("2.0.0"), "VersionMismatch", "Formation version mismatch"),
        ("my-bot", b"nothing".to_vec(), "ExtractError", "Failed to extract bundle"),
        ("my-bot", bundle("b", &[("readme.md", "")]), "ParseError", "formation.afs not found"),
        ("my-bot", no_id, "ParseError", "'id'"),
        ("my-bot", no_description, "ParseError", "'description'"),
    ] {
        let answer = plain(server.deploy(id, bundle.clone())).await;
        let (status, message) = refused(&answer);
        assert!(status == 400 && message.contains(said), "{answer:?}");
        let streamed = server.deploy(id, bundle).header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(streamed.status(), 200);
        let events = streamed.text().await.unwrap();
        assert!(
            events.ends_with("\n\n") && events.contains(&format!("event: error\ndata: {{\"error\":\"{name}\"")),
            "{events}"
        );
    }
    assert_eq!(server.get("/rpc/formations").await.data()["total"], 1);
}

#[tokio::test]
async fn a_bundle_is_deployed_and_comes_back() {
    let server = Server::start(LocalBackend::builder()).await;
    let answer = Answer::to(server.deploy("my-bot", bot("1.0.0"))).await;
    assert_eq!((answer.status, &answer.data()["formation_id"]), (201, &json!("my-bot")));
    let streamed = server.request(Method::POST, "/rpc/formations/my-bot/restart").header("accept", "text/event-stream");
    let streamed = streamed.send().await.unwrap();
    assert_eq!(streamed.headers()["content-type"], "text/event-stream");
    let events = streamed.text().await.unwrap();
    let stages = ["stopping", "resolving_runtime", "downloading_sif", "spawning", "health_check"];
    let told: Vec<_> = stages.iter().map(|stage| events.find(&format!("\"stage\":\"{stage}\"")).unwrap()).collect();
    assert!(told.is_sorted() && events.contains("event: complete"), "{events}");
    let zip: Response = server.request(Method::GET, "/rpc/formations/my-bot/download").send().await.unwrap();
    assert_eq!(zip.headers()["content-type"], "application/zip");
    let zip = String::from_utf8_lossy(&zip.bytes().await.unwrap()).into_owned();
    assert!(zip.contains("sops/a.md1. Greet\n") && !zip.contains(".hidden"));
    for (verb, status) in
        [("stop", 200), ("stop", 409), ("start", 200), ("start", 409), ("rollback", 400), ("cancel-update", 400)]
    {
        assert_eq!(server.post(&format!("/rpc/formations/my-bot/{verb}")).await.status, status, "{verb}");
    }
}

#[tokio::test]
async fn what_is_deployed_outlives_the_server_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let builder = LocalBackend::builder().data(folder.path().join("muxi.db"));
    let server = Server::start(builder.clone()).await;
    for id in ["my-bot", "other-bot"] {
        let declaration = format!("id: {id}\ndescription: x\n");
        Answer::to(server.deploy(id, bundle("b", &[("formation.yaml", &declaration)]))).await.data();
        server.remember(id, "likes tea").await.data();
    }
    server.post("/rpc/formations/other-bot/stop").await.data();
    server.backend.shutdown().await;

    let server = Server::start(builder.clone()).await;
    let listed = server.get("/rpc/formations").await;
    let states: Vec<_> = listed.data()["formations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].clone(), row["status"].clone()))
        .collect();
    let expected = [("echo-bot", "running"), ("my-bot", "running"), ("other-bot", "stopped")];
    assert_eq!(states, expected.map(|(id, status)| (json!(id), json!(status))));
    assert_eq!(server.memories("my-bot").await, 1);
    server.post("/rpc/formations/other-bot/start").await.data();
    assert_eq!(server.memories("other-bot").await, 1);
    // What is deleted takes with it what it kept.
    Answer::to(server.request(Method::DELETE, "/rpc/formations/my-bot")).await.data();
    Answer::to(server.request(Method::DELETE, "/rpc/formations/echo-bot")).await.data();
    Answer::to(server.deploy("my-bot", bot("1.0.0"))).await.data();
    assert_eq!(server.memories("my-bot").await, 0);
    server.backend.shutdown().await;

    let server = Server::start(builder).await;
    let listed = server.get("/rpc/formations").await;
    assert_eq!(listed.data()["total"], 2, "{listed:?}");
}

#[tokio::test]
async fn a_formation_may_have_keys_of_its_own() {
    let server = Server::start(LocalBackend::builder()).await;
    let declaration = "id: my-bot\ndescription: x\nserver:\n  api_keys:\n    admin_key: own-ak\n    client_key: ${{ secrets.CLIENT }}\n";
    Answer::to(server.deploy("my-bot", bundle("b", &[("formation.afs", declaration)]))).await.data();
    for (header, key, status) in
        [("x-muxi-admin-key", "own-ak", 200), ("x-muxi-admin-key", "ak", 401), ("x-muxi-client-key", "ck", 200)]
    {
        let path = if header.contains("admin") { "agents" } else { "sops" };
        let request = server.http.get(format!("{}/api/my-bot/v1/{path}", server.backend.url()));
        assert_eq!(request.header(header, key).send().await.unwrap().status(), status, "{header} {key}");
    }
}
