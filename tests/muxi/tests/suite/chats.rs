//! Chats that are answered whole.

use std::sync::Arc;

use muxi_local_backend::Reply;
use muxi_sdk::{ChatReply, ErrorKind, FormationClient, Widget};
use muxi_tests::{scripted, world};
use serde_json::{Value, json};
use test_harness::{Peer, Reply as PeerReply};
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_chat_is_answered_and_goes_on() {
    let world = world().await;
    let formation = world.formation.for_user("chats-1");
    let answer = formation.chat("My name is Ada").await.unwrap();
    assert_eq!((answer.text(), answer.user_id.as_ref().unwrap().as_str()), (Some("Echo: My name is Ada"), "chats-1"));
    let session = answer.session_id.expect("it is a new conversation");
    assert!(session.as_str().starts_with("sess_"));

    let answer = formation.chat("And mine?").session(session.clone()).request_id("rq-77").agent("coder").await.unwrap();
    assert_eq!((answer.session_id.as_ref(), answer.request_id.unwrap().as_str()), (Some(&session), "rq-77"));
    let ChatReply::Message(message) = answer.reply else { panic!() };
    assert_eq!((message.role.as_str(), message.artifacts.is_empty()), ("assistant", true));
}

#[tokio::test]
async fn a_turn_with_a_key_goes_on_when_nobody_waits_for_it_any_more() {
    let (begun, word) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (begins, awaited) = (Arc::clone(&begun), Arc::clone(&word));
    let (_backend, formation) = scripted(move |_| {
        let (begins, awaited) = (Arc::clone(&begins), Arc::clone(&awaited));
        async move {
            begins.add_permits(1);
            awaited.acquire().await.unwrap().forget();
            Ok(Reply::text("Here I am"))
        }
    })
    .await;
    let chat = formation.chat("Where are you?").idempotency_key("k-1");
    tokio::select! {
        answer = chat.clone().into_future() => panic!("{answer:?}"),
        permit = begun.acquire() => permit.unwrap().forget(),
    }
    // It left; a call behind it is answered when the formation has seen that.
    formation.health().await.unwrap();
    word.add_permits(2);
    assert_eq!(chat.await.unwrap().text(), Some("Here I am"));
    assert_eq!(begun.available_permits(), 0, "it was begun once more");
}

#[tokio::test]
async fn widgets_are_shown_and_answered() {
    let world = world().await;
    let answer = world.formation.chat("ui").user("chats-2").await.unwrap();
    let ChatReply::Message(message) = answer.reply else { panic!() };
    let [Widget::Options { id, options, .. }, Widget::ActionLink { url, .. }] = &message.widgets[..] else {
        panic!("{:?}", message.widgets)
    };
    assert_eq!((options[0].value.clone(), url.as_str()), (json!("eu"), "https://portal.example.com/connect"));

    let (_backend, formation) =
        scripted(async |turn| Ok(Reply::text(turn.widget_answer().cloned().unwrap_or_default().to_string()))).await;
    let answer = formation.chat("Europe").answer_widget(id, "eu").await.unwrap();
    let told: Value = serde_json::from_str(answer.text().unwrap()).unwrap();
    assert_eq!(told, json!({"id": id, "value": "eu"}));
}

#[tokio::test]
async fn a_turn_may_move_to_the_background() {
    let world = world().await;
    let answer = world.formation.chat("async").user("chats-3").request_id("bg-77").await.unwrap();
    assert_eq!((answer.text(), answer.request_id.as_ref().unwrap().as_str()), (None, "bg-77"));
    let ChatReply::Background(turn) = answer.reply else { panic!() };
    assert_eq!((turn.status.as_str(), turn.request_id.unwrap().as_str()), ("processing", "bg-77"));
}

#[tokio::test]
async fn a_turn_that_fails_is_an_error() {
    let world = world().await;
    let formation = world.formation.for_user("chats-4");
    for (message, kind, code) in [
        ("boom", ErrorKind::BackendFailed, "INTERNAL_ERROR"),
        ("artifact", ErrorKind::BackendFailed, "INTERNAL_ERROR"),
        ("forbidden", ErrorKind::Forbidden, "FORBIDDEN"),
    ] {
        let error = formation.chat(message).await.unwrap_err();
        assert_eq!((error.kind(), error.code(), error.attempts()), (kind, Some(code), 1), "{error}");
        assert_eq!(error.to_string().lines().count(), 1);
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_turn() {
    let world = world().await;
    let chat = |message: &str| world.formation.chat(message).user("chats-5").idempotency_key("chats-key-1");
    let first = chat("First").await.unwrap();
    assert_eq!(chat("Second").await.unwrap(), first);
    assert_eq!(first.text(), Some("Echo: First"));
}

#[tokio::test]
async fn a_chat_is_sent_once() {
    for reply in [
        PeerReply::cut_off("{"),
        PeerReply::json("503 Service Unavailable", "{}"),
        PeerReply::json("429 Too Many Requests", "{}"),
        PeerReply::http("503 Service Unavailable", "retry-after: 0.5\r\n", "<html>busy</html>"),
    ] {
        let peer = Peer::start([reply]).await;
        let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
        let error = formation.chat("Hi").await.unwrap_err();
        assert_eq!((error.attempts(), peer.requests().len()), (1, 1), "{error}");
        let body: Value = serde_json::from_str(&peer.bodies()[0]).unwrap();
        assert_eq!(body, json!({"message": "Hi", "stream": false}));
        assert!(peer.requests()[0].to_lowercase().contains("x-muxi-idempotency-key: "));
    }
}
