//! Turns that move to the background, followed to their ends by who began them.

use std::time::Duration;

use muxi_local_backend::Reply;
use muxi_sdk::{ChatReply, ErrorKind, FormationClient, RequestStatus, RetryPolicy};
use muxi_tests::scripted;
use test_harness::{Peer, Reply as PeerReply, VirtualTime, soon};

/// A peer that moves a turn to the background, and then tells of it in these words.
async fn moved(states: &[&str]) -> (Peer, FormationClient) {
    let moved = r#"{"success":true,"data":{"message":{"status":"processing","request_id":"r","delivery":"polling"},"user_id":"0","session_id":null,"request_id":null}}"#;
    let state = |state: &&str| {
        let body = format!(r#"{{"success":true,"data":{{"request_id":"r","user_id":"0","created_at":1.5,{state}}}}}"#);
        PeerReply::json("200 OK", &body)
    };
    let replies: Vec<_> = [PeerReply::json("200 OK", moved)].into_iter().chain(states.iter().map(state)).collect();
    let peer = Peer::start(replies).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").retry(RetryPolicy::never()).build().unwrap();
    (peer, formation)
}

#[tokio::test]
async fn a_turn_is_followed_to_its_answer() {
    let (_backend, formation) = scripted(async |turn| {
        if turn.message() == "at once" {
            return Ok(Reply::text("Here"));
        }
        let later = turn.clone();
        tokio::spawn(async move { later.complete("Done at last") });
        Ok(Reply::background())
    })
    .await;
    // Nobody is named, then somebody by the call, and by the client.
    let talk = formation.for_user("background-2").conversation();
    let chats = [formation.chat("go"), formation.chat("go").user("background-1"), talk.chat("go")];
    for chat in chats {
        let answer = soon(chat.and_wait().interval(Duration::from_millis(1)).into_future()).await.unwrap();
        assert_eq!(answer.text(), Some("Done at last"));
        assert!(answer.request_id.is_some());
    }
    let answer = talk.chat("go").and_wait().interval(Duration::from_millis(1)).await.unwrap();
    assert_eq!(answer.session_id.as_ref(), Some(talk.session_id()));
    assert_eq!(formation.chat("at once").and_wait().await.unwrap().text(), Some("Here"));
}

#[tokio::test]
async fn it_is_asked_for_as_who_it_was_begun_for() {
    for (named, expected) in [(None, "x-muxi-user-id: 0\r\n"), (Some("ada"), "x-muxi-user-id: ada\r\n")] {
        let (peer, formation) = moved(&[r#""status":"running""#, r#""status":"completed","result":"x""#]).await;
        let chat = formation.chat("go");
        let chat = if let Some(user) = named { chat.user(user) } else { chat };
        let answer = soon(chat.and_wait().interval(Duration::ZERO).into_future()).await.unwrap();
        assert_eq!((answer.text(), peer.requests().len()), (Some("x"), 3));
        assert!(peer.requests()[1..].iter().all(|request| request.to_lowercase().contains(expected)));
    }
}

#[tokio::test]
async fn what_it_comes_to_is_told() {
    let wait = async |state: &str| {
        let (_peer, formation) = moved(&[state]).await;
        soon(formation.chat("go").and_wait().into_future()).await
    };
    for (state, line) in [
        (
            r#""status":"failed","error":"RuntimeError: kaput\nsecond""#,
            "the turn failed in the background: RuntimeError: kaput",
        ),
        (r#""status":"cancelled""#, "the turn cancelled in the background"),
    ] {
        let error = wait(state).await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::TurnFailed, Some("r")));
        assert!(error.may_have_been_sent() && error.to_string().contains(line), "{error}");
    }
    let asked = wait(r#""status":"awaiting_clarification","result":"Which one?""#).await.unwrap();
    assert_eq!(asked.text(), Some("Which one?"));
    let ChatReply::Message(message) = asked.reply else { panic!() };
    assert_eq!(message.extra["status"], RequestStatus::AwaitingClarification.as_str());
    let whole =
        wait(r#""status":"completed","result":{"role":"assistant","content":"x","artifacts":[{"type":"text"}]}"#).await;
    let ChatReply::Message(message) = whole.unwrap().reply else { panic!() };
    assert_eq!((message.text.as_str(), message.artifacts.len()), ("x", 1));
}

#[tokio::test]
async fn what_is_not_over_in_time_is_an_error_with_how_far_it_is() {
    let _time = VirtualTime::pause();
    let (_peer, formation) = moved(&[r#""status":"running""#]).await;
    let waiting = formation.chat("go").and_wait().interval(Duration::from_millis(1)).timeout(Duration::from_secs(1));
    let error = soon(waiting.into_future()).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("it is running"), "{error}");
}
