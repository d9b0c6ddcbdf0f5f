//! What happens to a user, as it happens.

use futures::StreamExt;
use muxi_sdk::{ErrorKind, Feed, FormationClient, FormationEvent};
use muxi_tests::{client, fresh, world};
use test_harness::{Peer, Reply as PeerReply, soon};

async fn types(events: &mut Feed<FormationEvent>, count: usize) -> Vec<String> {
    let mut types = Vec::new();
    while types.len() < count {
        types.push(soon(events.next()).await.unwrap().unwrap().event_type);
    }
    types
}

const OF_A_TURN: [&str; 3] = ["chat.request.received", "agent.message.processing", "chat.response.completed"];

#[tokio::test]
async fn what_happens_to_a_user_is_told() {
    let world = world().await;
    let formation = world.formation.for_user(fresh("events-1"));
    let (one, other) = (formation.conversation(), formation.conversation());
    let mut all = formation.events().await.unwrap();
    let mut of_one = one.events().await.unwrap();
    other.chat("Hi").await.unwrap();
    world.formation.chat("Hi").user("events-2").await.unwrap();
    let answer = one.chat("Hi").request_id(fresh("events-rq")).await.unwrap();

    assert_eq!(types(&mut all, 6).await, [OF_A_TURN, OF_A_TURN].concat());
    let first = soon(of_one.next()).await.unwrap().unwrap();
    assert_eq!((first.event_type.as_str(), first.session_id.as_ref()), (OF_A_TURN[0], Some(one.session_id())));
    assert_eq!(first.request_id, answer.request_id);
    assert!(first.timestamp.is_some() && !first.message.is_empty());
    assert_eq!(types(&mut of_one, 2).await, OF_A_TURN[1..]);
}

#[tokio::test]
async fn with_the_client_key_they_are_somebodys() {
    let world = world().await;
    let formation = FormationClient::direct(world.formation.base_url()).client_key("ck").build().unwrap();
    let error = formation.events().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
}

#[tokio::test]
async fn either_form_of_separator_is_read_however_it_is_cut() {
    let event = |text: &str| format!("data: {{\"type\":\"{text}\",\"message\":\"\\\\n\\\\n}}\"}}");
    let [literal, right] = [r"\n\n", "\n\n"];
    let events = [event("a.1") + literal, event("a.2") + literal, ": alive\n\n".to_owned(), event("a.3") + right];
    let peer = Peer::start([PeerReply::http("200 OK", "content-type: text/event-stream\r\n", &events.concat())]).await;
    let mut feed = client(peer.url()).events().user("ada").await.unwrap();
    assert_eq!(types(&mut feed, 3).await, ["a.1", "a.2", "a.3"]);
    let error = soon(feed.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn what_muxi_says_went_wrong_is_an_error() {
    let body = r#"data: {"error": true, "message": "Streaming error occurred"}\n\n"#;
    let peer = Peer::start([PeerReply::http("200 OK", "content-type: text/event-stream\r\n", body)]).await;
    let mut feed = client(peer.url()).events().user("ada").session("s").await.unwrap();
    let error = soon(feed.next()).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BackendFailed);
    assert!(error.to_string().contains("Streaming error occurred"), "{error}");
    assert!(soon(feed.next()).await.is_none());
}

#[tokio::test]
async fn an_event_without_an_end_is_not_kept_without_a_bound() {
    let body = format!("data: {{\"type\":\"{}", "x".repeat(3000));
    let peer = Peer::start([PeerReply::http("200 OK", "content-type: text/event-stream\r\n", &body)]).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").max_response_bytes(1000).build().unwrap();
    let mut feed = formation.events().user("ada").await.unwrap();
    assert_eq!(soon(feed.next()).await.unwrap().unwrap_err().kind(), ErrorKind::ResponseTooLarge);
}

#[tokio::test]
async fn those_of_one_turn_end_well_where_there_are_any() {
    let world = world().await;
    let error = world.formation.events().user("events-3").turn("s", "r").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::BackendFailed, Some("INTERNAL_ERROR")), "{error}");

    let body = "data: {\"type\":\"stream_open\"}\n\ndata: {\"type\":\"content\",\"content\":\"Hi\"}\n\n\
                data: {\"type\":\"stream_completed\"}\n\n";
    let peer = Peer::start([PeerReply::http("200 OK", "content-type: text/event-stream\r\n", body)]).await;
    let mut feed = client(peer.url()).events().user("ada").turn("s 1", "r?").await.unwrap();
    assert!(peer.requests()[0].starts_with("GET /v1/events/s%201/r%3F "), "{}", peer.requests()[0]);
    let told: Vec<_> = soon(feed.by_ref().map(|event| event.unwrap().message).collect()).await;
    assert_eq!(told, ["", "Hi", ""]);
}
