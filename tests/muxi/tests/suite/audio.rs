//! Chats that are spoken.

use muxi_sdk::{ChatFile, ErrorKind, FormationClient};
use muxi_tests::world;
use serde_json::{Value, json};
use test_harness::{Peer, Reply as PeerReply, soon};

fn recorded(name: &str) -> ChatFile {
    ChatFile::new(name, "audio/ogg", "OggS")
}

#[tokio::test]
async fn what_is_spoken_is_answered_whole_or_as_it_comes() {
    let world = world().await;
    let formation = world.formation.for_user("audio-1");
    let answer = formation.audio_chat(recorded("a.ogg")).file(recorded("b.ogg")).agent("coder").await.unwrap();
    assert_eq!(answer.text(), Some("Echo: heard a.ogg, b.ogg"));
    let session = answer.session_id.expect("the message tells it");

    let stream = formation.audio_chat(recorded("c.ogg")).session(session.clone()).request_id("audio-rq").stream();
    let outcome = soon(async { stream.await.unwrap().finish().await.unwrap() }).await;
    assert_eq!(outcome.text, "Echo: heard c.ogg");
    assert_eq!((outcome.session_id, outcome.request_id.is_some()), (Some(session), true));
}

#[tokio::test]
async fn what_is_no_audio_is_refused_before_it_is_sent() {
    let peer = Peer::start([PeerReply::Nothing]).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
    for kind in ["video/mp4", "audio/", "", "ogg"] {
        let chat = formation.audio_chat(recorded("a.ogg")).file(ChatFile::new("b", kind, "x"));
        for error in [chat.clone().await.unwrap_err(), chat.stream().await.unwrap_err()] {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
            assert!(error.to_string().contains(&format!("{kind:?}")), "{error}");
        }
    }
    assert_eq!(peer.requests().len(), 0);
}

#[tokio::test]
async fn all_that_can_be_said_is_sent() {
    let peer = Peer::start([PeerReply::Nothing]).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
    let talk = formation.session("s");
    talk.audio_chat(recorded("a.ogg")).user("ada").agent("coder").request_id("r").await.unwrap_err();
    let body: Value = serde_json::from_str(&peer.bodies()[0]).unwrap();
    let file = json!({"filename": "a.ogg", "content_type": "audio/ogg", "size": 4, "content": "T2dnUw=="});
    let expected = json!({"files": [file], "agent_id": "coder", "request_id": "r", "session_id": "s", "stream": false});
    assert_eq!(body, expected);
    let request = peer.requests()[0].to_lowercase();
    assert!(request.starts_with("post /v1/audiochat ") && request.contains("x-muxi-user-id: ada\r\n"), "{request}");
}
