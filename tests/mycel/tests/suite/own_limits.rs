//! Limits on time and retries that are those of one call, or of a part of a program; and what an error says of them.

use std::time::Duration;

use mycel_sdk::{Client, Error, ErrorKind, RetryPolicy};
use mycel_tests::{Peer, Reply, VirtualTime, no_server};

const SHORT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_call_can_have_limits_of_its_own() {
    let _time = VirtualTime::pause();
    let peer = Peer::start([Reply::Silence]).await;
    let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();

    let hasty = client.with_attempt_timeout(SHORT).with_retry(RetryPolicy::never());
    let error = hasty.me().whoami().await.unwrap_err();
    assert!(error.to_string().contains("1s (the attempt limit)"), "{error}");
    let error = client.with_overall_timeout(SHORT).messages().unread("c").await.unwrap_err();
    assert!(error.to_string().contains("1s (the overall limit)"), "{error}");
    // Also where the token is not sent.
    let error = hasty.auth().create_guest_owner().await.unwrap_err();
    assert!(error.to_string().contains("1s (the attempt limit)"), "{error}");

    // Who calls stays, whichever comes first.
    let other = hasty.with_auth_token("tok-456");
    assert!(other.me().whoami().await.unwrap_err().is_timeout());
    assert!(client.with_auth_token("tok-789").with_overall_timeout(SHORT).chats().list().await.is_err());
    let tokens: Vec<_> = peer.requests().iter().map(|request| request.contains("Bearer tok-123")).collect();
    assert_eq!(tokens, [true, true, false, false, false]);
}

#[tokio::test]
async fn a_client_with_other_limits_is_the_same_backend() {
    let peer = Peer::start([Reply::http("503 Service Unavailable", "", "")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let patient = client.with_retry(RetryPolicy::default().max_attempts(5).base_delay(Duration::from_millis(1)));
    assert_eq!(patient.base_url(), client.base_url());
    assert_eq!(patient.chats().list().await.unwrap_err().attempts(), 5);
    assert_eq!(client.with_retry(RetryPolicy::never()).chats().list().await.unwrap_err().attempts(), 1);
    // The client that it was made from stays as it is.
    assert_eq!(client.chats().list().await.unwrap_err().attempts(), 3);
}

/// What is true of an error.
fn said(error: &Error) -> Vec<&'static str> {
    let all = [
        ("connect", error.is_connect()),
        ("timeout", error.is_timeout()),
        ("interrupted", error.is_interrupted()),
        ("auth", error.is_auth()),
        ("not found", error.is_not_found()),
        ("rate limited", error.is_rate_limited()),
        ("retryable", error.is_retryable()),
    ];
    all.into_iter().filter(|(_, is_so)| *is_so).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn an_error_says_what_a_program_may_do_about_it() {
    let _time = VirtualTime::pause();
    for (reply, of_read, of_send) in [
        (Reply::Silence, &["timeout", "retryable"][..], &["timeout"][..]),
        (Reply::Nothing, &["interrupted", "retryable"], &["interrupted"]),
        (Reply::http("401 Unauthorized", "", ""), &["auth"], &["auth"]),
        (Reply::http("403 Forbidden", "", ""), &["auth"], &["auth"]),
        (Reply::http("404 Not Found", "", ""), &["not found"], &["not found"]),
        (Reply::http("409 Conflict", "", ""), &[], &[]),
        (Reply::http("422 Unprocessable Entity", "", ""), &[], &[]),
        (Reply::http("429 Too Many Requests", "", ""), &["rate limited", "retryable"], &["rate limited", "retryable"]),
        (Reply::http("500 Internal Server Error", "", ""), &[], &[]),
        (Reply::http("503 Service Unavailable", "", ""), &["retryable"], &[]),
        (Reply::json("200 OK", "[[]"), &[], &[]),
    ] {
        let peer = Peer::start([reply]).await;
        let client = Client::builder(peer.url()).attempt_timeout(SHORT).retry(RetryPolicy::never()).build().unwrap();
        let read = client.chats().list().await.unwrap_err();
        assert_eq!(said(&read), of_read, "{read}");
        let sent = client.messages().send("c", "hello").await.unwrap_err();
        assert_eq!(said(&sent), of_send, "{sent}");
    }
    let client = Client::builder(no_server()).retry(RetryPolicy::never()).build().unwrap();
    let sent = client.messages().send("c", "hello").await.unwrap_err();
    assert_eq!((said(&sent), sent.kind()), (vec!["connect", "retryable"], ErrorKind::Connect));
    let refused = client.messages().send("c", " ").await.unwrap_err();
    assert_eq!(said(&refused), [""; 0]);
}
