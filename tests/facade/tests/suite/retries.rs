//! What is attempted again, and what never is.

use std::time::Duration;

use facade_tests::{Peer, Reply};
use mycel_sdk::{Client, ErrorKind, RetryPolicy};

fn quick() -> RetryPolicy {
    RetryPolicy::default().base_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(2))
}

async fn client(peer: &Peer) -> Client {
    Client::builder(peer.url()).attempt_timeout(Duration::from_millis(200)).retry(quick()).build().unwrap()
}

#[tokio::test]
async fn what_may_be_repeated_is_until_it_succeeds() {
    let passing = [
        Reply::Nothing,
        Reply::Silence,
        Reply::cut_off("["),
        Reply::http("408 Request Timeout", "", ""),
        Reply::http("429 Too Many Requests", "", ""),
        Reply::http("502 Bad Gateway", "", ""),
        Reply::http("503 Service Unavailable", "", ""),
        Reply::http("504 Gateway Timeout", "", ""),
    ];
    for failure in passing {
        let peer = Peer::start([failure.clone(), Reply::json("200 OK", "[]")]).await;
        let chats = client(&peer).await.chats().list().await;
        assert_eq!(chats.unwrap(), [], "{failure:?}");
        assert_eq!(peer.requests().len(), 2, "{failure:?}");
    }
}

#[tokio::test]
async fn what_may_be_repeated_is_given_up_after_the_last_attempt() {
    let peer = Peer::start([Reply::http("503 Service Unavailable", "", "")]).await;
    let error = client(&peer).await.chats().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 3));
    assert!(error.to_string().ends_with("[after 3 attempts]"), "{error}");
    assert_eq!(peer.requests().len(), 3);
}

#[tokio::test]
async fn what_would_not_change_is_not_tried_again() {
    for reply in [
        Reply::http("400 Bad Request", "", ""),
        Reply::http("401 Unauthorized", "", ""),
        Reply::http("403 Forbidden", "", ""),
        Reply::http("404 Not Found", "", ""),
        Reply::http("409 Conflict", "", ""),
        Reply::http("422 Unprocessable Entity", "", ""),
        Reply::http("500 Internal Server Error", "", ""),
        Reply::json("200 OK", "nonsense"),
    ] {
        let peer = Peer::start([reply.clone()]).await;
        let error = client(&peer).await.chats().list().await.unwrap_err();
        assert_eq!((error.attempts(), peer.requests().len()), (1, 1), "{reply:?}");
    }
}

#[tokio::test]
async fn what_must_not_happen_twice_is_sent_once() {
    for reply in [
        Reply::Nothing,
        Reply::Silence,
        Reply::cut_off("{"),
        Reply::http("408 Request Timeout", "", ""),
        Reply::http("502 Bad Gateway", "", ""),
        Reply::http("503 Service Unavailable", "", ""),
        Reply::http("504 Gateway Timeout", "", ""),
        Reply::http("500 Internal Server Error", "", ""),
    ] {
        let peer = Peer::start([reply.clone()]).await;
        let client = client(&peer).await;
        let error = client.messages().send("c", "hello").await.unwrap_err();
        assert!(error.may_have_been_sent(), "{reply:?}");
        assert_eq!((error.attempts(), peer.requests().len()), (1, 1), "{reply:?}");
        // These move state before they answer.
        client.messages().read("c").await.unwrap_err();
        client.auth().create_guest_owner().await.unwrap_err();
        client.users().create_external("a", "A").await.unwrap_err();
        client.chats().ensure_direct("a").await.unwrap_err();
        assert_eq!(peer.requests().len(), 5, "{reply:?}");
    }
}

#[tokio::test]
async fn what_was_surely_not_acted_on_is_sent_again() {
    let peer = Peer::start([
        Reply::http("429 Too Many Requests", "", ""),
        Reply::http("429 Too Many Requests", "retry-after: 0\r\n", ""),
        Reply::json("409 Conflict", r#"{"detail":"Read unread messages before sending."}"#),
    ])
    .await;
    let error = client(&peer).await.messages().send("c", "hello").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotCaughtUp, 3));
    assert!(!error.may_have_been_sent());
}

#[tokio::test]
async fn a_connection_that_is_never_made_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder(url).retry(quick()).build().unwrap();
    let error = client.messages().send("c", "hello").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3));
    assert!(!error.may_have_been_sent());
}

#[tokio::test]
async fn a_pause_that_would_not_end_in_time_is_not_begun() {
    let peer = Peer::start([Reply::http("503 Service Unavailable", "retry-after: 3600\r\n", "")]).await;
    let error = client(&peer).await.chats().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
}

#[tokio::test]
async fn a_retry_that_was_lost_once_may_have_been_sent() {
    // The second attempt is refused, but the first may have been acted on.
    let peer = Peer::start([Reply::Nothing, Reply::http("404 Not Found", "", "")]).await;
    let error = client(&peer).await.chats().list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotFound, 2));
    assert!(error.may_have_been_sent());
}

#[tokio::test]
async fn a_backend_that_is_down_is_not_stormed() {
    let peer = Peer::start([Reply::http("503 Service Unavailable", "", "")]).await;
    let client = client(&peer).await;
    for _ in 0..300 {
        client.chats().list().await.unwrap_err();
    }
    // 300 first attempts, the ten retries that are saved up, and one for each ten calls.
    let attempts = peer.requests().len();
    assert!((330..=341).contains(&attempts), "{attempts}");
}
