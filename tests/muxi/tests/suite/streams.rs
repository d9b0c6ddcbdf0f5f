//! Chats that are told as they come.

use std::sync::Arc;

use futures::StreamExt;
use muxi_local_backend::Reply;
use muxi_sdk::{ChatEvent, ChatStatus, ChatStream, Error, FormationClient, SessionId, Widget};
use muxi_tests::{client, scripted, world};
use serde_json::json;
use test_harness::{Peer, Reply as PeerReply, soon};
use tokio::sync::Semaphore;

/// A chat's events in words.
async fn told(formation: &FormationClient, message: &str) -> Vec<String> {
    let mut chat = formation.chat(message).user("streams").stream().await.unwrap();
    let mut told = Vec::new();
    while let Some(event) = soon(chat.next()).await.transpose().unwrap() {
        told.push(match event.kind {
            ChatEvent::Text(text) => format!("text {text}"),
            ChatEvent::Reset => "reset".to_owned(),
            ChatEvent::Progress(progress) => format!("{} {}", progress.kind, progress.text),
            ChatEvent::Ui(widgets) => format!("ui {}", widgets.len()),
            ChatEvent::Trouble(text) => format!("trouble {text}"),
            ChatEvent::Completed(completed) => format!("completed {} {}", completed.status, completed.text),
            ChatEvent::Failed(text) => format!("failed {text}"),
            ChatEvent::Cancelled(text) => format!("cancelled {text}"),
            ChatEvent::Done => "done".to_owned(),
            other => panic!("{other:?}"),
        });
    }
    told
}

const INIT: &str = "progress Working on it";

#[tokio::test]
async fn each_kind_of_turn_is_told() {
    let world = world().await;
    for (message, expected) in [
        ("Hello, stream", &["text Echo: ", "text Hello, ", "text stream", "completed success Echo: Hello, stream"][..]),
        ("nodelta", &["text The whole answer at once.", "completed success The whole answer at once."]),
        (
            "discontinuity",
            &[
                "text Wrong ",
                "text beginning",
                "text Right answer.",
                "reset",
                "text Right answer.",
                "completed success Right answer.",
            ],
        ),
        ("ui", &["text Please choose.", "completed success Please choose.", "ui 2"]),
        (
            "clarify",
            &[
                "text Which repository do you mean?",
                "completed awaiting_clarification Which repository do you mean?",
                "ui 1",
            ],
        ),
        ("error", &["trouble kaput", "text That went wrong: kaput", "completed error That went wrong: kaput"]),
        ("failed", &["text Half an ans", "failed The agent gave up"]),
        (
            "tools",
            &[
                "planning Thinking about a plan",
                "progress Calling web_search",
                "thinking The first tool gave nothing, trying the second",
                "tool_call Calling read_file",
                "replanning A second plan is ready",
                "finalizing Writing the answer",
                "text I used ",
                "text two ",
                "text tools.",
                "completed success I used two tools.",
            ],
        ),
    ] {
        let expected: Vec<_> = [INIT].iter().chain(expected).chain(&["done"]).copied().collect();
        assert_eq!(told(&world.formation, message).await, expected, "{message}");
    }
    let unicode = told(&world.formation, "unicode").await;
    let pieces = ["Grüße ", "\u{2028}line separator\u{2029}", " 日本 ", "🦀", "\r\nnew\nlines\t", "\"quoted\" \\ "];
    assert_eq!(unicode[1..7], pieces.map(|piece| format!("text {piece}")));
    assert_eq!(unicode[7], format!("completed success {}", pieces.concat()));

    let strings = ["text plain ", "text string ", "text tokens", "done"];
    assert_eq!(told(&world.formation, "strings").await, strings);
}

#[tokio::test]
async fn the_first_event_names_conversation_and_turn() {
    let world = world().await;
    let mut chat = world.formation.chat("Hi").user("streams-2").stream().await.unwrap();
    let first = soon(chat.next()).await.unwrap().unwrap();
    let session = first.session_id.unwrap();
    let turn = first.request_id.unwrap();
    assert!(session.as_str().starts_with("sess_") && turn.as_str().starts_with("req_"));
    assert_eq!((chat.session_id(), chat.request_id()), (Some(&session), Some(&turn)));
    assert!(format!("{chat:?}").contains(turn.as_str()), "{chat:?}");
    let outcome = chat.finish().await.unwrap();
    assert_eq!((outcome.text.as_str(), outcome.session_id), ("Echo: Hi", Some(session.clone())));

    let named = world.formation.chat("Hi").user("streams-2").session(session.clone()).request_id("rs-1");
    let outcome = named.stream().await.unwrap().finish().await.unwrap();
    assert_eq!((outcome.session_id, outcome.request_id.unwrap().as_str()), (Some(session), "rs-1"));
}

#[tokio::test]
async fn each_event_names_the_conversation_and_the_turn_that_it_came_with() {
    let came = [("s-1", "r-1"), ("s-1", "r-2"), ("s-2", "r-2"), ("s-2", "r-2")];
    let token = |(session, request): &(&str, &str)| {
        let token = json!({"type": "content", "content": "x", "session_id": session, "request_id": request});
        format!("data: {}\n\n", json!({ "token": token }))
    };
    let body = came.iter().map(token).collect::<String>() + "event: done\ndata: {}\n\n";
    let peer = Peer::start([PeerReply::http("200 OK", "content-type: text/event-stream\r\n", &body)]).await;
    let mut chat = client(peer.url()).chat("Hi").user("ada").stream().await.unwrap();
    for (session, request) in came {
        let event = soon(chat.next()).await.unwrap().unwrap();
        assert_eq!(event.kind, ChatEvent::Text("x".to_owned()));
        assert_eq!((event.session_id.unwrap().as_str(), event.request_id.unwrap().as_str()), (session, request));
    }
}

#[tokio::test]
async fn a_whole_stream_is_one_outcome() {
    let world = world().await;
    let outcome = async |message: &str| -> Result<_, Error> {
        let stream: ChatStream = world.formation.chat(message).user("streams-3").stream().await?;
        stream.finish().await
    };
    let artifact = outcome("artifact").await.unwrap();
    assert_eq!((artifact.text.as_str(), artifact.status), ("Here is the file.", Some(ChatStatus::Success)));
    assert_eq!(
        (artifact.artifacts[0].filename.as_deref(), artifact.artifacts[0].content.as_deref()),
        (Some("note.txt"), Some("hello\n"))
    );
    assert_eq!(outcome("discontinuity").await.unwrap().text, "Right answer.");
    assert!(matches!(outcome("ui resource").await.unwrap().widgets[..], [Widget::McpResource { .. }]));
    assert_eq!(outcome("failed").await.unwrap().status, None);
    assert_eq!(outcome("escalated").await.unwrap().status, Some(ChatStatus::Escalated));
}

#[tokio::test]
async fn what_is_told_is_seen_as_it_is_told() {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let (_backend, formation) = scripted(move |turn| {
        let awaited = Arc::clone(&awaited);
        async move {
            turn.text("Grüße\u{2028}");
            awaited.acquire().await.unwrap().forget();
            turn.text("🦀\r\n");
            Ok(Reply::told())
        }
    })
    .await;
    let mut chat = formation.chat("go").session(SessionId::from("s")).stream().await.unwrap();
    let text = |event: Option<Result<muxi_sdk::ChatStreamEvent, Error>>| match event.unwrap().unwrap().kind {
        ChatEvent::Text(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(soon(chat.next()).await), "Grüße\u{2028}");
    word.add_permits(1);
    assert_eq!(text(soon(chat.next()).await), "🦀\r\n");
    let outcome = chat.finish().await.unwrap();
    assert_eq!((outcome.status, outcome.text.as_str()), (Some(ChatStatus::Success), ""));
}
