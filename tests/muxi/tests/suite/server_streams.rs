//! Answers of the management server that are not as they should be.

use std::time::Duration;

use futures::StreamExt;
use muxi_sdk::server::{ProgressStream, Stage};
use muxi_sdk::{Error, ErrorKind, ServerClient};
use muxi_tests::bundles::{Archive, bundle};
use tar::EntryType;
use test_harness::{Peer, Reply, VirtualTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn client(peer: &Peer) -> ServerClient {
    ServerClient::builder(peer.url()).key_id("MUXI_1").secret_key("sk_1").build().unwrap()
}

fn events(body: &str) -> Reply {
    Reply::http("200 OK", "content-type: text/event-stream\r\n", body)
}

const COMPLETE: &str = "event: complete\ndata: {\"formation_id\":\"my-bot\",\"port\":8001,\"status\":\"running\"}\n\n";

async fn read(mut stream: ProgressStream) -> (Vec<Stage>, Result<String, Error>) {
    let mut stages = Vec::new();
    while let Some(progress) = stream.next().await {
        match progress {
            Ok(progress) => stages.push(progress.stage),
            Err(error) => {
                assert!(stream.next().await.is_none());
                return (stages, Err(error));
            }
        }
    }
    (stages, stream.finish().await.map(|deployed| deployed.formation_id.to_string()))
}

#[tokio::test]
async fn only_complete_is_an_end() {
    let progress = "event: progress\ndata: {\"stage\":\"spawning\",\"message\":\"x\"}\n\n";
    let new = "event: progress\ndata: {\"stage\":\"warming_up\"}\n\nevent: later\ndata: x\n\n";
    for (body, stages, ends) in [
        (COMPLETE.to_owned(), 0, true),
        (format!("{progress}{new}{COMPLETE}{progress}"), 2, true),
        (COMPLETE.replace('\n', "\r\n"), 0, true),
        (format!("event: progress\ndata: no json\n\n{COMPLETE}"), 1, true),
        (String::new(), 0, false),
        (progress.to_owned(), 1, false),
        (": keepalive\n\n".to_owned(), 0, false),
    ] {
        let peer = Peer::start([events(&body)]).await;
        let (told, outcome) = read(client(&peer).start("my-bot").stream().await.unwrap()).await;
        assert_eq!((told.len(), outcome.is_ok()), (stages, ends), "{body:?}");
        if let Err(error) = outcome {
            assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Interrupted, true), "{error}");
            assert!(error.to_string().contains("look before you repeat it"), "{error}");
        }
    }
    let peer = Peer::start([events("event: complete\ndata: {\"port\":1}\n\n")]).await;
    let error = client(&peer).start("my-bot").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{error}");
}

#[tokio::test]
async fn an_error_under_200_is_one() {
    for (name, kind) in [
        ("NotFound", ErrorKind::NotFound),
        ("AlreadyRunning", ErrorKind::Conflict),
        ("NoPreviousVersion", ErrorKind::Rejected),
        ("SpawnError", ErrorKind::BackendFailed),
        ("SomethingNew", ErrorKind::BackendFailed),
    ] {
        let error = format!(
            "event: error\ndata: {{\"error\":\"{name}\",\"message\":\"two\\nlines\",\"stage\":\"spawning\",\"details\":{{\"n\":1}}}}\n\n"
        );
        let peer = Peer::start([events(&error)]).await;
        let error = client(&peer).rollback("my-bot").await.unwrap_err();
        assert_eq!((error.kind(), error.code(), error.status()), (kind, Some(name), Some(200)));
        let object = error.detail_object().unwrap();
        assert_eq!((object["stage"].as_str(), object["details"]["n"].as_i64()), (Some("spawning"), Some(1)));
        assert_eq!((error.to_string().lines().count(), peer.requests().len()), (1, 1), "{error}");
    }
    let peer = Peer::start([events("event: error\ndata: no json\n\n")]).await;
    assert_eq!(client(&peer).restart("my-bot").await.unwrap_err().kind(), ErrorKind::BackendFailed);
}

#[tokio::test]
async fn a_plain_answer_is_taken_for_the_end() {
    let updated = r#"{"success":true,"data":{"id":"my-bot","status":"running","version":3,"previous_version":2,"port":8002,"pid":7,"message":"ok","deployment_type":"blue-green"}}"#;
    let peer = Peer::start([Reply::json("200 OK", updated)]).await;
    let mut stream = client(&peer).update(bundle("my-bot", "1.0.0")).stream().await.unwrap();
    assert!(stream.next().await.is_none());
    let updated = stream.finish().await.unwrap();
    assert_eq!((updated.version.as_deref(), updated.previous_version.as_deref()), (Some("3"), Some("2")));
    assert_eq!(updated.extra["deployment_type"], "blue-green");
    assert!(!format!("{updated:?}").contains("blue-green"));
}

#[tokio::test]
async fn a_plain_refusal_of_what_is_the_same_is_its_end_too() {
    let deployed = || Reply::json("200 OK", r#"{"success":true,"data":{"id":"my-bot","status":"running"}}"#);
    let refused = |message: &str| {
        Reply::json("409 Conflict", &format!(r#"{{"error":"Conflict","message":"{message}","code":409}}"#))
    };
    let same = "Source is identical to current version - nothing to update";
    for (message, is_end) in [(same, true), ("Formation is already being updated", false)] {
        let peer = Peer::start([deployed(), refused(message)]).await;
        let outcome = client(&peer).deploy_or_update(bundle("my-bot", "1.0.0")).await;
        assert_eq!((outcome.is_ok(), peer.requests().len()), (is_end, 2), "{message}");
    }
}

#[tokio::test]
async fn what_acts_twice_is_not_repeated() {
    for reply in [Reply::cut_off("{"), Reply::json("503 Service Unavailable", "{}"), Reply::json("500 Oh", "{}")] {
        let peer = Peer::start([reply]).await;
        let server = client(&peer);
        for outcome in [server.deploy(bundle("my-bot", "1.0.0")).await.map(drop), server.stop("my-bot").await.map(drop)]
        {
            let error = outcome.unwrap_err();
            assert!(error.attempts() == 1 && !error.is_retryable(), "{error}");
        }
    }
    // Reading is, and deleting.
    let status = Reply::json("200 OK", r#"{"success":true,"data":{"formations":[],"total":0}}"#);
    let peer = Peer::start([Reply::json("503 Service Unavailable", "{}"), status]).await;
    assert!(client(&peer).list().await.unwrap().is_empty());
    let signatures: Vec<_> = peer.requests().iter().map(|request| request.to_lowercase()).collect();
    assert_eq!(signatures.len(), 2);
    assert!(signatures.iter().all(|request| request.matches("authorization: muxi-hmac key=muxi_1, ").count() <= 1));
}

#[tokio::test]
async fn what_was_deleted_by_an_attempt_whose_answer_was_lost_is_deleted() {
    let gone = || Reply::json("404 Not Found", r#"{"error":"Not Found","message":"Formation not found","code":404}"#);
    let peer = Peer::start([Reply::cut_off("{"), gone()]).await;
    client(&peer).delete("my-bot").await.unwrap();
    let peer = Peer::start([gone()]).await;
    assert!(client(&peer).delete("my-bot").await.unwrap_err().is_not_found());
    let peer = Peer::start([Reply::json("429 Too Many Requests", "{}"), gone()]).await;
    assert!(client(&peer).delete("my-bot").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told() {
    let expired = r#"{"error":"Unauthorized","message":"Request expired (timestamp too old or in future)","code":401}"#;
    let peer = Peer::start([Reply::json("401 Unauthorized", expired)]).await;
    let error = client(&peer).status().await.unwrap_err();
    assert!(error.is_auth() && error.to_string().contains("set the clock"), "{error}");
}

#[tokio::test]
async fn ids_that_reach_another_route_are_refused() {
    let peer = Peer::start([]).await;
    let server = client(&peer);
    for id in ["", ".", "..", "a/b"] {
        for error in [
            server.get(id).await.unwrap_err(),
            server.restart(id).await.unwrap_err(),
            server.delete(id).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{id}");
        }
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn a_ping_is_answered_by_a_server() {
    for (reply, is_server) in [
        (Reply::http("200 OK", "content-type: text/plain\r\n", "pong"), true),
        (Reply::http("200 OK", "content-type: text/html\r\n", "<html>hello</html>"), false),
        (Reply::http("200 OK", "content-type: text/html\r\n", &"x".repeat(5000)), false),
    ] {
        let peer = Peer::start([reply]).await;
        let outcome = client(&peer).ping().await;
        assert_eq!(outcome.is_ok(), is_server);
        assert!(outcome.err().is_none_or(|error| error.kind() == ErrorKind::MalformedResponse));
    }
}

#[tokio::test]
async fn a_refusal_is_heard_while_a_large_bundle_is_still_on_its_way() {
    let (listener, url) = listen().await;
    let body = r#"{"error":"Conflict","message":"Formation 'my-bot' already exists. Use PUT to update.","code":409}"#;
    let answer = format!("HTTP/1.1 409 Conflict\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let peer = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await.unwrap();
        connection.write_all(answer.as_bytes()).await.unwrap();
        // Nothing more is read of it.
        std::future::pending::<()>().await;
    });
    // It comes again further back than gzip looks.
    let mut noise = 1_u64;
    let noise = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 56) as u8
    });
    let mut archive = Archive::default();
    archive.add("b/formation.afs", EntryType::Regular, b"id: my-bot");
    archive.add("b/noise", EntryType::Regular, &noise.take(64 * 1024).collect::<Vec<_>>().repeat(256));
    let bundle = archive.finish();
    assert!(bundle.len() > 15 * 1024 * 1024);
    let server = ServerClient::builder(url).key_id("MUXI_1").secret_key("sk_1").build().unwrap();
    let error = server.deploy(bundle).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Conflict, Some(409)), "{error}");
    peer.abort();
}

#[tokio::test(start_paused = true)]
async fn silence_is_borne_for_long_and_not_for_ever() {
    let _clock = VirtualTime::start();
    let started = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let (listener, url) = listen().await;
    let peer = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await.unwrap();
        // Longer than any attempt may take otherwise.
        tokio::time::sleep(Duration::from_secs(50)).await;
        connection.write_all(started.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(50)).await;
        connection.write_all(b"event: progress\ndata: {\"stage\":\"spawning\"}\n\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let server = ServerClient::builder(url).key_id("MUXI_1").secret_key("sk_1").build().unwrap();
    let (stages, outcome) = read(server.start("my-bot").silence(Duration::from_secs(60)).stream().await.unwrap()).await;
    let error = outcome.unwrap_err();
    assert_eq!((stages.len(), error.kind(), error.may_have_been_sent()), (1, ErrorKind::TimedOut, true), "{error}");
    peer.abort();
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}
