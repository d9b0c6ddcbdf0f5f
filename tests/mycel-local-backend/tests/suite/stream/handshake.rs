//! Who gets a stream, and who doesn't.

use mycel_local_backend::{LocalBackend, Profile};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::http::header;

use super::socket::{PATH, Stream, handshake, refused, two, with};
use crate::{
    auth::{signed, token_secret},
    client::{User, backend},
};

fn forbidden() -> (u16, String, String) {
    (403, String::new(), String::new())
}

fn crashed() -> (u16, String, String) {
    (500, "text/plain; charset=utf-8".to_owned(), "Internal Server Error".to_owned())
}

#[tokio::test]
async fn without_the_header_it_is_forbidden() {
    let (_backend, nobody) = backend().await;
    let token = nobody.guest("Owner").await.token.unwrap();
    assert_eq!(refused(handshake(&nobody, PATH)).await, forbidden());
    assert_eq!(refused(handshake(&nobody, &format!("{PATH}?token={token}"))).await, forbidden());
    let request = with(handshake(&nobody, PATH), header::SEC_WEBSOCKET_PROTOCOL, &format!("bearer.{token}"));
    assert_eq!(refused(request).await, forbidden());
    for value in ["", "Bearer", "Bearer ", &format!("Basic {token}"), &token] {
        let request = with(handshake(&nobody, PATH), header::AUTHORIZATION, value);
        assert_eq!(refused(request).await, forbidden(), "{value}");
    }
}

#[tokio::test]
async fn the_schemes_case_does_not_matter() {
    let (_backend, a, b, chat) = two().await;
    for scheme in ["bearer", "BEARER", "Bearer"] {
        let value = format!("{scheme} {}", b.token.clone().unwrap());
        let mut stream = Stream::asked_for_with(with(handshake(&b, PATH), header::AUTHORIZATION, &value)).await;
        a.say(&chat, "x").await;
        stream.frames(2).await;
    }
}

#[tokio::test]
async fn a_token_that_does_not_count_crashes_and_an_unknown_user_is_forbidden() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let start = || LocalBackend::builder().data(&file).start();
    let backend = start().await.unwrap();
    let owner = User::nobody(backend.url()).guest("Owner").await;
    backend.shutdown().await;
    let secret = token_secret(&file);
    let backend = start().await.unwrap();
    let owner = owner.at(backend.url());
    let with_token = async |token: &str| refused(handshake(&owner.with_token(token), PATH)).await;

    assert_eq!(with_token("x").await, crashed());
    assert_eq!(with_token(&signed(b"another secret", &json!({ "sub": owner.id }))).await, crashed());
    assert_eq!(with_token(&signed(&secret, &json!({ "sub": owner.id, "exp": 1_700_000_000 }))).await, crashed());
    assert_eq!(with_token(&signed(&secret, &json!({}))).await, crashed());
    assert_eq!(with_token(&signed(&secret, &json!({ "sub": "nobody" }))).await, forbidden());
    Stream::of(&owner.with_token(&signed(&secret, &json!({ "sub": owner.id })))).await.is_answered().await;
}

#[tokio::test]
async fn there_is_no_stream_anywhere_else() {
    let (_backend, a, ..) = two().await;
    for path in ["/api/runtime/inbox/subscribe/", "/api/chats", "/nope"] {
        assert_eq!(refused(handshake(&a, path)).await, forbidden(), "{path}");
    }
    Stream::of(&a).await.is_answered().await;
    Stream::asked_for_with(handshake(&a, "/api/runtime/inbox/subscrib%65?x=1")).await.is_answered().await;
}

#[tokio::test]
async fn without_a_handshake_there_is_no_such_route() {
    for profile in [Profile::Full, Profile::Communication] {
        let backend = LocalBackend::builder().profile(profile).start().await.unwrap();
        let owner = User::nobody(backend.url()).guest("Owner").await;
        for method in [Method::GET, Method::POST] {
            owner.send(method, PATH, None).await.refused(404, "Not Found");
        }
        owner.get(format!("{PATH}/")).await.refused(404, "Not Found");
        // One half of a handshake is none.
        let request = owner.request(Method::GET, PATH).header(header::UPGRADE, "websocket");
        assert_eq!(request.send().await.unwrap().status(), 404);
        Stream::of(&owner).await.is_answered().await;
    }
}

#[tokio::test]
async fn a_handshake_that_lacks_something_is_refused() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let upgrade = |owner: &User| {
        let request = owner.request(Method::GET, PATH).header(header::CONNECTION, "keep-alive, Upgrade");
        request.header(header::UPGRADE, "WebSocket").header(header::SEC_WEBSOCKET_KEY, "AAAAAAAAAAAAAAAAAAAAAA==")
    };
    let answer = upgrade(&owner).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().starts_with("Failed to open a WebSocket connection: "));
    // Who asks is looked at first.
    assert_eq!(upgrade(&nobody).send().await.unwrap().status(), 403);
    let answer = upgrade(&owner).header(header::SEC_WEBSOCKET_VERSION, "13").send().await.unwrap();
    assert_eq!(answer.status(), 101);
}
