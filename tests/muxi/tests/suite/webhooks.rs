//! Webhooks: what the formation really posts, in both forms that it signs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY, LocalBackend, Reply, Turn};
use muxi_sdk::{ChatReply, FormationClient, RequestStatus, WebhookError, WebhookEvent, WebhookStatus, Webhooks};
use muxi_tests::client;
use serde_json::{Map, json};
use test_harness::{Peer, Reply as PeerReply, soon};

/// A program of somebody's that takes what is posted to it, with these statuses one after the other.
async fn hook(statuses: &[&str]) -> Peer {
    Peer::start(statuses.iter().map(|status| PeerReply::json(status, "{}")).collect::<Vec<_>>()).await
}

/// The posts, once there are so many.
async fn posts(hook: &Peer, count: usize) -> Vec<String> {
    soon(async {
        while hook.requests().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        hook.requests()
    })
    .await
}

/// What a program makes of a post.
fn read(post: &str, secret: &str) -> Result<WebhookEvent, WebhookError> {
    let (head, body) = post.split_once("\r\n\r\n").unwrap();
    let headers = head.lines().skip(1).map(|line| line.split_once(": ").unwrap());
    Webhooks::verify(headers, body.as_bytes(), secret)
}

/// A formation whose turns end so behind their answers.
async fn ends(end: impl Fn(&Turn) + Clone + Send + Sync + 'static) -> (LocalBackend, FormationClient) {
    let builder = LocalBackend::builder().webhook_pause(Duration::ZERO).on_chat(move |turn| {
        end(&turn);
        async { Ok(Reply::background()) }
    });
    let backend = builder.start().await.unwrap();
    let formation = client(backend.url()).for_user("zoe");
    (backend, formation)
}

#[tokio::test]
async fn the_outcome_of_a_turn_is_posted_and_signed() {
    let (_backend, formation) = ends(|turn| turn.complete("Grüße 🦀 \u{2028} \"q\" \\ </b>")).await;
    let hook = hook(&["200 OK"]).await;
    let url = format!("{}/hook?a=1&b=%20", hook.url());
    let answer = formation.chat("Read all of it").webhook_url(&url).request_id("hook-1").await.unwrap();
    let ChatReply::Background(turn) = answer.reply else { panic!("{answer:?}") };
    assert_eq!(turn.webhook_url.as_ref(), Some(&url));

    let post = posts(&hook, 1).await.remove(0);
    assert!(post.starts_with("POST /hook?a=1&b=%20 HTTP/1.1\r\n"), "{post}");
    let event = read(&post, ADMIN_KEY).unwrap();
    assert_eq!(
        (event.status.clone(), event.text().as_str()),
        (WebhookStatus::Completed, "Grüße 🦀 \u{2028} \"q\" \\ </b>")
    );
    assert_eq!((event.request_id.unwrap().as_str(), event.user_id.unwrap().as_str()), ("hook-1", "zoe"));
    assert_eq!((event.formation_id.as_deref(), event.webhook_url.as_ref()), (Some("echo-bot"), Some(&url)));
    assert!(event.timestamp.is_some() && event.processing_time.is_some() && event.error.is_none());
    // It is not what was sent that is signed.
    assert!(
        post.contains("\\u00fc\\u00dfe \\ud83e\\udd80") && post.contains("{\"id\": \"hook-1\", \"object\": "),
        "{post}"
    );
    assert_eq!(read(&post, CLIENT_KEY), Err(WebhookError::WrongSignature));
    assert_eq!(read(&post.replace("zoe", "eve"), ADMIN_KEY), Err(WebhookError::WrongSignature));
    assert_eq!(formation.requests().get("hook-1").await.unwrap().status, RequestStatus::Completed);
}

#[tokio::test]
async fn a_failure_and_a_question_are_posted() {
    let (_backend, formation) = ends(|turn| match turn.message() {
        "fail" => turn.fail("processing_failed", "kaput"),
        _ => turn.ask_back("Which one?"),
    })
    .await;
    let hook = hook(&["200 OK"]).await;
    formation.chat("fail").webhook_url(hook.url()).await.unwrap();
    let event = read(&posts(&hook, 1).await[0], ADMIN_KEY).unwrap();
    let error = event.error.unwrap();
    assert_eq!((event.status, &*error.code, &*error.message), (WebhookStatus::Failed, "processing_failed", "kaput"));
    assert!(event.content.is_empty());

    formation.chat("Open it").webhook_url(hook.url()).request_id("hook-2").await.unwrap();
    let event = read(&posts(&hook, 2).await[1], ADMIN_KEY).unwrap();
    let asked = event.clarification.unwrap();
    assert_eq!((event.status, &*asked.question), (WebhookStatus::AwaitingClarification, "Which one?"));
    assert_eq!((event.request_id.unwrap().as_str(), asked.original_message.as_deref()), ("hook-2", Some("Open it")));
    assert!(event.timestamp.is_some() && asked.request_id.is_some());
    assert_eq!(formation.requests().get("hook-2").await.unwrap().status, RequestStatus::AwaitingClarification);
}

#[tokio::test]
async fn an_escalation_is_posted_as_it_is_signed() {
    let payload = Map::from_iter([("type".to_owned(), json!("escalation")), ("who".to_owned(), json!("zoë"))]);
    let sent = payload.clone();
    let (_backend, formation) = ends(move |turn| turn.escalate(&payload)).await;
    let hook = hook(&["200 OK"]).await;
    formation.chat("Help").webhook_url(hook.url()).await.unwrap();
    let post = posts(&hook, 1).await.remove(0);
    assert!(post.ends_with(r#"{"type":"escalation","who":"zoë"}"#), "{post}");
    let event = read(&post, CLIENT_KEY).unwrap();
    assert_eq!((event.status, event.request_id, event.raw), (WebhookStatus::Unknown, None, sent));
    assert_eq!(read(&post, ADMIN_KEY), Err(WebhookError::WrongSignature));
}

#[tokio::test]
async fn a_post_that_is_not_taken_is_posted_again() {
    let done = Arc::new(Mutex::new(0));
    let ended = Arc::clone(&done);
    let (_backend, formation) = ends(move |turn| {
        *ended.lock().unwrap() += 1;
        turn.complete("Once");
    })
    .await;
    let hook = hook(&["500 Internal Server Error", "404 Not Found", "302 Found", "204 No Content"]).await;
    formation.chat("go").webhook_url(hook.url()).request_id("hook-3").await.unwrap();
    for post in posts(&hook, 4).await {
        assert_eq!(read(&post, ADMIN_KEY).unwrap().request_id.unwrap().as_str(), "hook-3");
    }
    assert_eq!(*done.lock().unwrap(), 1);
}

#[tokio::test]
async fn the_bot_answers_by_a_webhook_where_one_is_named() {
    let backend = muxi_local_backend::start().await.unwrap();
    let hook = hook(&["200 OK"]).await;
    client(backend.url()).chat("async Hi there").user("ada").webhook_url(hook.url()).await.unwrap();
    assert_eq!(read(&posts(&hook, 1).await[0], ADMIN_KEY).unwrap().text(), "Echo: Hi there");
}
