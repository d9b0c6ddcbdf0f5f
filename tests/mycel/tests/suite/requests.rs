//! How requests are written: what servers and proxies on the way may be strict about.

use mycel_sdk::{Client, RetryPolicy};
use mycel_tests::{Peer, Reply};

async fn peer(body: &str) -> (Client, Peer) {
    let peer = Peer::start([Reply::json("200 OK", body)]).await;
    let client = Client::builder(peer.url()).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap();
    (client, peer)
}

#[tokio::test]
async fn a_request_that_could_have_a_body_says_that_it_has_none() {
    let (client, peer) = peer(r#"{"count":0,"notifications":[]}"#).await;
    client.notifications().drain().await.unwrap();
    let _ = client.chats().list().await;
    let [drain, list] = &peer.requests()[..] else { panic!("{:?}", peer.requests()) };
    assert!(drain.to_lowercase().contains("\r\ncontent-length: 0\r\n"), "{drain}");
    assert!(!list.to_lowercase().contains("content-length"), "{list}");
}

#[tokio::test]
async fn an_id_in_a_path_is_encoded_where_a_path_may_not_hold_it() {
    let (client, peer) = peer("{}").await;
    let _ = client.chats().get("[a]^b|c d%e?f#gä").await;
    let request = peer.requests().remove(0);
    assert!(request.starts_with("GET /api/chats/%5Ba%5D%5Eb%7Cc%20d%25e%3Ff%23g%C3%A4 HTTP/1.1"), "{request}");
}

#[tokio::test]
async fn logging_in_and_registering_send_no_token() {
    let (client, peer) = peer("{}").await;
    let auth = client.auth();
    let _ = auth.create_guest_owner().await;
    let _ = auth.login("ada@example.com", "p").await;
    let _ = auth.send_otp("ada@example.com", "p", "i").await;
    let _ = auth.verify_otp("ada@example.com", "0").await;
    let _ = auth.complete_register("t", "i").await;
    let _ = client.me().whoami().await;
    let requests = peer.requests();
    let with_token = |request: &&String| request.contains("tok-123");
    assert_eq!((requests.len(), requests.iter().filter(with_token).count()), (6, 1));
    assert!(requests[5].contains("tok-123"), "{}", requests[5]);
}
