//! Streams that do not end as they should: an error, never a short answer.

use futures::StreamExt;
use muxi_local_backend::TurnFailure;
use muxi_sdk::{ChatEvent, Error, ErrorKind, FormationClient};
use muxi_tests::{scripted, world};
use test_harness::{Peer, Reply};

/// Reads a chat's stream to its end: all text, and how it ended.
async fn read(formation: &FormationClient, message: &str) -> (String, Result<(), Error>) {
    let mut chat = match formation.chat(message).user("broken").stream().await {
        Ok(chat) => chat,
        Err(error) => return (String::new(), Err(error)),
    };
    let (mut text, mut is_done) = (String::new(), false);
    while let Some(event) = chat.next().await {
        assert!(!is_done, "nothing comes behind the end");
        match event.map(|event| event.kind) {
            Ok(ChatEvent::Text(piece)) => text += &piece,
            Ok(ChatEvent::Done) => is_done = true,
            Ok(_) => {}
            Err(error) => {
                assert!(chat.next().await.is_none());
                return (text, Err(error));
            }
        }
    }
    assert!(is_done, "an end without done is an error");
    (text, Ok(()))
}

#[tokio::test]
async fn a_turn_that_is_broken_off_says_by_what() {
    let world = world().await;
    for (message, code) in [("boom", "RuntimeError"), ("midboom", "ValueError"), ("forbidden", "RbacRejectedError")] {
        let (_, outcome) = read(&world.formation, message).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::TurnFailed, Some(code), Some(200)));
        assert!(error.may_have_been_sent() && error.to_string().lines().count() == 1, "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_an_error() {
    let (_backend, formation) = scripted(async |turn| {
        turn.text("Half an ans");
        Err(TurnFailure::cut())
    })
    .await;
    let (text, outcome) = read(&formation, "go").await;
    let error = outcome.unwrap_err();
    assert_eq!((text.as_str(), error.kind(), error.is_interrupted()), ("Half an ans", ErrorKind::Interrupted, true));
}

/// A turn of which nothing was told may have been begun all the same.
#[tokio::test]
async fn an_error_that_is_told_first_is_no_text_and_begins_nothing_anew() {
    for body in [
        "event: error\ndata: {\"error\":\"out of paper\",\"type\":\"RuntimeError\"}\n\n",
        "event: error\ndata: out of paper\n\nevent: done\ndata: {}\n\n",
    ] {
        let peer = Peer::start([events(body)]).await;
        let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
        let (text, outcome) = read(&formation, "Hi").await;
        let error = outcome.unwrap_err();
        assert_eq!((text.as_str(), error.kind(), peer.requests().len()), ("", ErrorKind::TurnFailed, 1), "{error}");
        assert!(error.may_have_been_sent() && error.to_string().contains("out of paper"), "{error}");
    }
}

fn events(body: &str) -> Reply {
    Reply::http("200 OK", "content-type: text/event-stream; charset=utf-8\r\n", body)
}

#[tokio::test]
async fn only_done_is_an_end() {
    let token = |content: &str, kind: &str| {
        format!("data: {{\"token\":{{\"type\":\"{kind}\",\"content\":\"{content}\",\"request_id\":\"r\"}}}}\n\n")
    };
    let done = "event: done\ndata: {\"finished\":true}\n\n";
    for (body, text, ends) in [
        (String::new(), "", false),
        (": keepalive\n\n".to_owned(), "", false),
        (token("a", "content"), "a", false),
        (token("a", "content") + &token("a", "completed"), "a", false),
        (token("a", "completed") + done, "a", true),
        (token("a", "content") + done + &token("b", "content"), "a", true),
        (done.to_owned(), "", true),
        (format!("event: later\ndata: x\n\n{}{done}", token("a", "content")), "a", true),
        (format!("data: nonsense\n\n{}{done}", token("a", "content")), "a", true),
        (done.replace('\n', "\r\n"), "", true),
    ] {
        let peer = Peer::start([events(&body)]).await;
        let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
        let (told, outcome) = read(&formation, "Hi").await;
        assert_eq!((told.as_str(), outcome.is_ok()), (text, ends), "{body:?}");
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        }
    }
}

#[tokio::test]
async fn what_is_no_stream_is_an_error_before_the_first_event() {
    for (reply, kind) in [
        (
            Reply::json("401 Unauthorized", r#"{"error":{"code":"UNAUTHORIZED","message":"no"}}"#),
            ErrorKind::Unauthorized,
        ),
        (
            Reply::json("503 Service Unavailable", r#"{"error":"Formation unavailable","code":503}"#),
            ErrorKind::Unavailable,
        ),
        (
            Reply::json("200 OK", r#"{"success":true,"data":{"message":{"role":"assistant","content":"x"}}}"#),
            ErrorKind::MalformedResponse,
        ),
        (Reply::http("200 OK", "content-type: text/html\r\n", "<html>"), ErrorKind::MalformedResponse),
    ] {
        let peer = Peer::start([reply]).await;
        let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
        let error = formation.chat("Hi").stream().await.unwrap_err();
        assert_eq!((error.kind(), peer.requests().len()), (kind, 1), "{error}");
    }
}

#[tokio::test]
async fn what_is_odd_in_one_place_spoils_no_more_than_that() {
    let token = |content: &str| format!("data: {{\"token\":{{\"type\":\"content\",\"content\":\"{content}\"}}}}\n\n");
    let deep = "[".repeat(5_000);
    for odd in [
        "data: {\n\n",
        "data: 7\n\n",
        "data\n\n",
        "data: {\"token\":{\"type\":{\"content\":1},\"content\":[]}}\n\n",
        "data: {\"token\":{\"type\":\"progress\",\"content\":\"\\ud83d\",\"stage\":1e999}}\n\n",
        "event: ui\ndata: {\"ui\":[7,null,{}]}\n\n",
        "event: \0\ndata: \0\n\n",
        "id: \0\nretry: 99999999999999999999\n: comment\n\n",
        "\u{feff}data: {}\r\r\n\n",
        &format!("data: {deep}\n\n"),
        &format!("data: {}\n\n", "x".repeat(100_000)),
    ] {
        for odd in [odd.to_owned(), odd.repeat(3)] {
            let body = format!("{}{odd}{}event: done\ndata: {{}}\n\n", token("a"), token("b"));
            let peer = Peer::start([events(&body)]).await;
            let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
            let (text, outcome) = read(&formation, "Hi").await;
            assert_eq!((text.as_str(), outcome.is_ok()), ("ab", true), "{odd:?}");
        }
    }
}
