//! Calls that have no method of their own, and what the envelope says beside an answer.

use futures::TryStreamExt;
use muxi_sdk::{ErrorKind, FormationClient, Key, Method, with_metadata};
use muxi_tests::world;
use serde_json::json;
use test_harness::{Peer, Reply};

use crate::users::{client, enveloped, is, refused};

#[tokio::test]
async fn a_call_goes_where_its_segments_say_with_the_key_that_was_named() {
    let data = json!({"artifacts": [{"id": "a"}]});
    let peer = Peer::start([
        enveloped("200 OK", &data),
        enveloped("202 Accepted", &json!({"job_id": "j"})),
        Reply::http("204 No Content", "", ""),
        refused("409 Conflict", "BUSY"),
    ])
    .await;
    let formation = client(&peer);
    let listed =
        formation.request(Method::Get, ["artifacts"], Key::Client).query("q", "a b&c").user("ada").await.unwrap();
    assert_eq!(listed, data);

    #[derive(serde::Deserialize)]
    struct Started {
        job_id: String,
    }
    let body = json!({"scope": "all"});
    let started: Started =
        formation.request(Method::Post, ["memory", "rebuild"], Key::Admin).body(&body).json().await.unwrap();
    assert_eq!(started.job_id, "j");
    let nothing = formation.request(Method::Delete, ["tuning", "a?b#c %/".trim_end_matches('/')], Key::Admin).await;
    assert!(nothing.unwrap().is_null());
    let error = formation.request(Method::Put, ["x"], Key::Client).await.unwrap_err();
    assert_eq!((error.kind(), error.code(), error.attempts()), (ErrorKind::Conflict, Some("BUSY"), 1));

    let requests = peer.requests();
    is(&requests[0], "GET /v1/artifacts?q=a+b%26c", "client", None);
    assert!(requests[0].to_lowercase().contains("x-muxi-user-id: ada\r\n"));
    is(&requests[1], "POST /v1/memory/rebuild", "admin", Some(&body));
    is(&requests[2], "DELETE /v1/tuning/a%3Fb%23c%20%25", "admin", None);
}

#[tokio::test]
async fn what_can_t_be_sent_is_not() {
    let peer = Peer::start([]).await;
    let formation = client(&peer);
    let keyless = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
    for error in [
        formation.request(Method::Get, ["artifacts", ".."], Key::Client).await.unwrap_err(),
        formation.request(Method::Get, ["a/b"], Key::Client).await.unwrap_err(),
        formation.request(Method::Get, ["a", ""], Key::Client).await.unwrap_err(),
        formation.request(Method::Post, ["a"], Key::Client).body(7).await.unwrap_err(),
        formation.request(Method::Get, ["a"], Key::Client).user("a\nb").await.unwrap_err(),
        formation.request(Method::Get, ["a\0"], Key::Client).await.unwrap_err(),
        keyless.request(Method::Get, ["a"], Key::Admin).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn what_is_safe_is_repeated_and_nothing_else() {
    for (method, attempts) in
        [(Method::Get, 2), (Method::Delete, 2), (Method::Post, 1), (Method::Put, 1), (Method::Patch, 1)]
    {
        let peer = Peer::start([Reply::cut_off(""), enveloped("200 OK", &json!({}))]).await;
        let outcome = client(&peer).request(method, ["x"], Key::Admin).await;
        assert_eq!((outcome.is_ok(), peer.requests().len()), (attempts == 2, attempts), "{method:?}");
    }
}

#[tokio::test]
async fn what_is_no_json_comes_as_bytes() {
    let peer = Peer::start([
        Reply::http("200 OK", "content-type: image/png\r\n", "\u{1}png"),
        refused("404 Not Found", "GONE"),
    ])
    .await;
    let formation = client(&peer);
    let content = || formation.request(Method::Get, ["artifacts", "a", "content"], Key::Client);
    let pieces: Vec<_> = content().bytes().await.unwrap().try_collect().await.unwrap();
    assert_eq!(pieces.concat(), b"\x01png");
    assert_eq!(content().bytes().await.err().unwrap().code(), Some("GONE"));
    let error = formation.request(Method::Get, ["x"], Key::Client).json::<u8>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn an_answer_of_another_type_is_told_without_quoting_it() {
    let peer = Peer::start([enveloped("200 OK", &json!({"token": "shh"}))]).await;
    let error = client(&peer).request(Method::Get, ["x"], Key::Admin).json::<Vec<u8>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedResponse);
    assert!(!format!("{error:?}").contains("shh"));
}

#[tokio::test]
async fn the_envelope_is_told_of_whoever_asks() {
    let world = world().await;
    let agents = with_metadata(world.formation.agents().list()).await.unwrap();
    assert!(!agents.data.is_empty());
    assert!(agents.metadata.request_id.unwrap().as_str().starts_with("req_"));
    assert!(agents.metadata.timestamp.unwrap().as_second() > 1_700_000_000);
    assert_eq!(agents.metadata.idempotency_key, None);
    let health = with_metadata(world.formation.health()).await.unwrap();
    assert_eq!(health.metadata, muxi_sdk::Metadata::default());
    let key = format!("key-{}", std::process::id());
    let fired = world.formation.triggers().fire("static").idempotency_key(&key);
    assert_eq!(with_metadata(fired).await.unwrap().metadata.idempotency_key, Some(key));
    let error = with_metadata(world.formation.agents().get("nobody")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    // A call within a task has its own.
    let (first, second) =
        tokio::join!(with_metadata(world.formation.agents().list()), with_metadata(world.formation.secrets().list()),);
    assert_ne!(first.unwrap().metadata.request_id, second.unwrap().metadata.request_id);
}
