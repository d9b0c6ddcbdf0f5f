//! Logs, as they are written.

use futures::StreamExt;
use muxi_sdk::{ErrorKind, FormationClient, LogLevel};
use muxi_tests::{fresh, world};
use test_harness::{Peer, Reply as PeerReply, soon};

#[tokio::test]
async fn what_happens_is_told_while_it_is_listened_to() {
    let world = world().await;
    let user = fresh("logs-1");
    let mut logs = world.formation.logs().user(&user).event_type("chat.*").level(LogLevel::Info).await.unwrap();
    world.formation.chat("Hi").user("logs-2").await.unwrap();
    let talk = world.formation.for_user(&user).conversation();
    talk.chat("Hi").await.unwrap();
    for expected in ["chat.request.received", "chat.response.completed"] {
        let entry = soon(logs.next()).await.unwrap().unwrap();
        assert_eq!((entry.event_type.as_str(), entry.level), (expected, LogLevel::Info));
        assert_eq!(entry.user_id.unwrap().as_str(), user);
        assert_eq!((entry.session_id.as_ref(), entry.agent_id), (Some(talk.session_id()), None));
        assert!(entry.timestamp.is_some() && entry.request_id.is_some() && !entry.message.is_empty());
    }
}

#[tokio::test]
async fn what_went_wrong_is_graver() {
    let world = world().await;
    let user = fresh("logs-3");
    let mut logs = world.formation.logs().user(&user).level(LogLevel::Warning).await.unwrap();
    let formation = world.formation.for_user(&user);
    formation.chat("Hi").await.unwrap();
    formation.chat("boom").await.unwrap_err();
    let entry = soon(logs.next()).await.unwrap().unwrap();
    assert_eq!((entry.event_type.as_str(), entry.level), ("agent.message.failed", LogLevel::Error));
}

#[tokio::test]
async fn all_of_the_log_is_refused_before_it_is_asked_for() {
    let peer = Peer::start([PeerReply::Nothing]).await;
    let formation = FormationClient::direct(peer.url()).admin_key("ak").build().unwrap();
    for logs in [formation.logs(), formation.logs().event_type("")] {
        let error = logs.await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    }
    assert_eq!(peer.requests().len(), 0);
}

#[tokio::test]
async fn what_is_named_is_asked_for() {
    let peer = Peer::start([PeerReply::json("400 Bad Request", "{}")]).await;
    let formation = FormationClient::direct(peer.url()).admin_key("ak").build().unwrap().for_user("nobody");
    let logs = formation
        .logs()
        .user("a&b")
        .session("s 1")
        .request("r/1")
        .agent("coder")
        .level(LogLevel::Error)
        .event_type("*.é");
    logs.await.unwrap_err();
    let request = peer.requests().remove(0);
    let query = request.split_whitespace().nth(1).unwrap().strip_prefix("/v1/logs?").unwrap();
    let mut parts: Vec<_> = query.split('&').collect();
    parts.sort_unstable();
    let expected =
        ["agent_id=coder", "event_type=*.%C3%A9", "level=error", "request_id=r%2F1", "session_id=s+1", "user_id=a%26b"];
    assert_eq!(parts, expected);
}

#[tokio::test]
async fn a_stream_that_ends_or_fails_is_an_error() {
    let entry = "event: log\ndata: {\"level\":\"INFO\",\"event_type\":\"a.b\",\"message\":\"m\",\"data\":null}\n\n";
    for (body, told, kind) in [
        ("", "", ErrorKind::Interrupted),
        (entry, "a.b", ErrorKind::Interrupted),
        ("event: error\ndata: {\"error\":true,\"message\":\"No log\"}\n\n", "", ErrorKind::BackendFailed),
        ("event: error\ndata: kaput\n\n", "", ErrorKind::BackendFailed),
        ("event: new\ndata: x\n\n: alive\n\n", "", ErrorKind::Interrupted),
    ] {
        let peer = Peer::start([PeerReply::http("200 OK", "content-type: text/event-stream\r\n", body)]).await;
        let formation = FormationClient::direct(peer.url()).admin_key("ak").build().unwrap();
        let mut logs = formation.logs().level(LogLevel::Debug).await.unwrap();
        let mut types = String::new();
        let error = loop {
            match soon(logs.next()).await.unwrap() {
                Ok(entry) => types.push_str(&entry.event_type),
                Err(error) => break error,
            }
        };
        assert_eq!((types.as_str(), error.kind(), error.status()), (told, kind, Some(200)), "{error}");
        assert!(soon(logs.next()).await.is_none());
        assert!(format!("{logs:?}").ends_with("is_over: true, .. }"), "{logs:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_read_costs_nothing_else() {
    let body = "event: log\ndata: 7\n\nevent: log\ndata: {\"event_type\":\"a.b\",\"level\":\"loud\"}\n\n";
    let peer = Peer::start([PeerReply::http("200 OK", "content-type: text/event-stream\r\n", body)]).await;
    let formation = FormationClient::direct(peer.url()).admin_key("ak").build().unwrap();
    let mut logs = formation.logs().user("ada").await.unwrap();
    assert_eq!(soon(logs.next()).await.unwrap().unwrap_err().kind(), ErrorKind::MalformedResponse);
    assert_eq!(soon(logs.next()).await.unwrap().unwrap().level, LogLevel::Other("loud".to_owned()));
}
