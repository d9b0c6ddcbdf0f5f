//! Chats that are answered whole.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use muxi_local_backend::Reply;
use muxi_sdk::{ChatFile, ChatReply, ErrorKind, FormationClient, RetryPolicy, SessionId, Widget};
use muxi_tests::{fresh, scripted, world};
use serde_json::{Value, json};
use test_harness::{Peer, RawPeer, Reply as PeerReply, VirtualTime, no_server, soon};
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
async fn a_turn_is_begun_once() {
    for reply in [
        PeerReply::Nothing,
        PeerReply::cut_off("{"),
        PeerReply::json("500 Internal Server Error", "{}"),
        PeerReply::json("503 Service Unavailable", "{}"),
        PeerReply::http("503 Service Unavailable", "retry-after: 0.5\r\n", "<html>busy</html>"),
    ] {
        let peer = Peer::start([reply]).await;
        let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
        let audio = || ChatFile::new("a.ogg", "audio/ogg", "x");
        let errors = [
            formation.chat("Hi").await.unwrap_err(),
            formation.chat("Hi").stream().await.unwrap_err(),
            formation.audio_chat(audio()).await.unwrap_err(),
            formation.audio_chat(audio()).stream().await.unwrap_err(),
        ];
        assert!(errors.iter().all(|error| error.attempts() == 1), "{errors:?}");
        assert_eq!(peer.requests().len(), 4, "{errors:?}");
        let body: Value = serde_json::from_str(&peer.bodies()[0]).unwrap();
        assert_eq!(body, json!({"message": "Hi", "stream": false}));
        assert!(peer.requests()[0].to_lowercase().contains("x-muxi-idempotency-key: "));
    }
}

#[tokio::test]
async fn what_was_refused_for_coming_too_often_is_said_again_under_its_key() {
    let busy = PeerReply::http("429 Too Many Requests", "retry-after: 0\r\n", r#"{"error":{"code":"RATE_LIMITED"}}"#);
    let answer = PeerReply::json("200 OK", r#"{"success":true,"data":{"message":{"role":"assistant","content":"x"}}}"#);
    let events = "event: done\ndata: {}\n\n";
    let stream = PeerReply::http("200 OK", "content-type: text/event-stream\r\n", events);
    let peer = Peer::start([busy.clone(), answer, busy, stream]).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
    assert_eq!(formation.chat("Hi").await.unwrap().text(), Some("x"));
    formation.chat("Hi").stream().await.unwrap().finish().await.unwrap();
    let key = |request: &String| {
        let lines = request.lines().map(str::to_lowercase);
        lines.into_iter().find(|line| line.starts_with("x-muxi-idempotency-key: ")).unwrap()
    };
    let keys: Vec<_> = peer.requests().iter().map(key).collect();
    assert!(keys.len() == 4 && keys[0] == keys[1] && keys[2] == keys[3] && keys[1] != keys[2], "{keys:?}");
}

#[tokio::test]
async fn nothing_is_said_to_where_nobody_listens_and_that_is_certain() {
    let formation =
        FormationClient::direct(no_server()).client_key("ck").retry(RetryPolicy::default().base_delay(Duration::ZERO));
    let formation = formation.build().unwrap();
    for error in [formation.chat("Hi").await.unwrap_err(), formation.chat("Hi").stream().await.unwrap_err()] {
        let told = (error.kind(), error.attempts(), error.may_have_been_sent());
        assert_eq!(told, (ErrorKind::Connect, 3, false), "{error}");
    }
}

#[tokio::test]
async fn all_that_can_be_said_is_sent() {
    let peer = Peer::start([PeerReply::Nothing]).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap().for_user("ada");
    let chat = formation
        .chat("Hi")
        .session(SessionId::from("s"))
        .request_id("r")
        .agent("coder")
        .group("team")
        .source_channel("slack");
    let chat = chat
        .webhook_url("https://a.example/hook")
        .background_after(Duration::from_millis(1500))
        .answer_widget("ui_1", json!(["eu", 7]));
    let chat =
        chat.file(ChatFile::new("a.txt", "text/plain", "Hi!")).file(ChatFile::new("b.bin", "application/x", [0xff, 0]));
    chat.stream().await.unwrap_err();
    let body: Value = serde_json::from_str(&peer.bodies()[0]).unwrap();
    let expected = json!({
        "message": "Hi", "stream": true, "session_id": "s", "request_id": "r", "agent_id": "coder", "group_id": "team",
        "source_channel": "slack", "webhook_url": "https://a.example/hook", "threshold_seconds": 1.5,
        "ui_response": {"id": "ui_1", "value": ["eu", 7]},
        "files": [
            {"filename": "a.txt", "content_type": "text/plain", "size": 3, "content": "SGkh"},
            {"filename": "b.bin", "content_type": "application/x", "size": 2, "content": "/wA="},
        ],
    });
    assert_eq!(body, expected);
    assert!(peer.requests()[0].to_lowercase().contains("x-muxi-user-id: ada\r\n"));
}

/// No call may take more than a second here.
#[tokio::test(start_paused = true)]
async fn a_turn_that_is_answered_whole_may_take_longer_than_other_calls_by_as_long_as_is_said() {
    let _time = VirtualTime::start();
    let second = Duration::from_secs(1);
    let peer = RawPeer::start(async |mut connection| {
        connection.request().await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
        let message = json!({"message": {"role": "assistant", "content": "at last"}});
        let PeerReply::Bytes(answer) =
            PeerReply::json("200 OK", &json!({"success": true, "data": message}).to_string())
        else {
            unreachable!()
        };
        connection.send(&answer).await;
    })
    .await;
    let builder = FormationClient::direct(peer.url()).client_key("ck").attempt_timeout(second);
    let formation = builder.retry(RetryPolicy::never()).build().unwrap().for_user("ada");
    let chat = |longer: u32| formation.chat("Hi").longest_turn(longer * second);
    let spoken = |longer: u32| formation.audio_chat(ChatFile::new("a", "audio/ogg", "x")).longest_turn(longer * second);
    for answer in [chat(8).await, spoken(8).await] {
        assert_eq!(answer.unwrap().text(), Some("at last"));
    }
    let late = [
        chat(2).await.unwrap_err(),
        spoken(2).await.unwrap_err(),
        // A stream begins at once.
        chat(8).stream().await.unwrap_err(),
        spoken(8).stream().await.unwrap_err(),
    ];
    assert_eq!(late.map(|error| error.kind()), [ErrorKind::TimedOut; 4]);
}

#[tokio::test]
async fn a_file_goes_along() {
    let world = world().await;
    let file = ChatFile::new("note.txt", "text/plain", "hello");
    let answer = world.formation.chat("Look at this").user("chats-6").file(file).await.unwrap();
    assert_eq!(answer.text(), Some("Echo: Look at this"));
    let error = world.formation.chat("Look").file(ChatFile::new("", "text/plain", "x")).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
}

#[tokio::test]
async fn what_a_turn_has_made_is_to_be_streamed() {
    let world = world().await;
    let formation = world.formation.for_user("chats-7");
    let error = formation.chat("artifact").await.unwrap_err();
    assert!(error.to_string().contains("stream such turns"), "{error}");
    let outcome = formation.chat("artifact").stream().await.unwrap().finish().await.unwrap();
    assert_eq!((outcome.text.as_str(), outcome.artifacts.len()), ("Here is the file.", 1));
    assert_eq!(outcome.artifacts[0].content.as_deref(), Some("hello\n"));
}

#[tokio::test]
async fn a_conversation_keeps_its_id() {
    let world = world().await;
    let formation = world.formation.for_user(fresh("chats-8"));
    let talk = formation.conversation();
    let session = talk.session_id().clone();
    assert_eq!(talk.chat("One").await.unwrap().session_id.as_ref(), Some(&session));
    let mut stream = talk.clone().chat("Two").stream().await.unwrap();
    let first = soon(stream.next()).await.unwrap().unwrap();
    assert_eq!((first.session_id.as_ref(), first.request_id.is_some()), (Some(&session), true));
    stream.finish().await.unwrap();
    // Whatever becomes of a turn.
    talk.chat("boom").await.unwrap_err();
    let answer = talk.audio_chat(ChatFile::new("three.ogg", "audio/ogg", "x")).await.unwrap();
    assert_eq!(answer.session_id.as_ref(), Some(&session));

    let again = formation.session(session.clone());
    let messages = again.messages().await.unwrap();
    let texts: Vec<_> = messages.iter().map(|message| message.content.as_str()).collect();
    let expected = ["One", "Echo: One", "Two", "Echo: Two", "boom", "heard three.ogg", "Echo: heard three.ogg"];
    assert_eq!(texts, expected);
    assert_ne!(formation.conversation().session_id(), &session);
}
