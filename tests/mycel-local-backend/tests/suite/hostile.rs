//! Nothing that is sent stops the backend.

use reqwest::{Method, header};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::client::{Answer, User, backend};

async fn post(user: &User, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    Answer::to(user.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json").body(body)).await
}

#[tokio::test]
async fn a_body_too_large_is_refused() {
    let (_backend, nobody) = backend().await;
    let body = format!("{{\"display_name\":\"{}\"}}", "x".repeat(5 * 1024 * 1024));
    post(&nobody, "/api/auth/guest", body).await.refused(413, "Request body too large");
    let body = format!("{{\"display_name\":\"{}\"}}", "x".repeat(1024 * 1024));
    post(&nobody, "/api/auth/guest", body).await.good();
}

#[tokio::test]
async fn a_body_too_deep_or_of_other_bytes_is_refused() {
    let (_backend, nobody) = backend().await;
    let detail = "There was an error parsing the body";
    post(&nobody, "/api/auth/guest", "[".repeat(100_000)).await.refused(400, detail);
    post(&nobody, "/api/auth/guest", "{\"a\":".repeat(100_000)).await.refused(400, detail);
    post(&nobody, "/api/auth/guest", b"{\"display_name\":\"\xff\"}".to_vec()).await.refused(400, detail);
}

#[tokio::test]
async fn odd_texts_are_kept_as_they_are() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("O'Brien\"; DROP TABLE users; --").await;
    assert_eq!(owner.get("/api/auth/me").await.good()["name"], "O'Brien\"; DROP TABLE users; --");
    let odd = owner.external("%_' \u{1F980}\u{202e}..").await;
    let chat = owner.direct(&odd).await;
    for content in ["\u{1}", "\u{feff}x", "𝄞 e\u{301}", &"x".repeat(100_000)] {
        assert_eq!(owner.say(&chat, content).await["content"], content);
    }
}

#[tokio::test]
async fn odd_paths_are_routes_or_not() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    for path in ["/api/chats/%", "/api/chats/%zz", "/api/chats/%ff", "/api/chats/a;b=c", "/api/chats/%F0%9F%A6%80"] {
        owner.get(path).await.refused(404, "Chat not found");
    }
    owner.get(format!("/api/chats/{}", "x".repeat(5000))).await.refused(404, "Chat not found");
    assert_eq!(owner.get("/api/chats?%=%&a=%ff&=&&").await.status, 200);
}

#[tokio::test]
async fn odd_headers_are_refused_or_ignored() {
    let (_backend, nobody) = backend().await;
    let request = nobody.request(Method::GET, "/api/auth/me");
    let request = request.header(header::AUTHORIZATION, header::HeaderValue::from_bytes(b"Bearer \xff").unwrap());
    Answer::to(request).await.refused(401, "Missing or invalid Authorization header");
    let request = nobody.request(Method::POST, "/api/auth/guest").body("{}");
    let request = request.header(header::CONTENT_TYPE, header::HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(Answer::to(request).await.status, 422);
}

#[tokio::test]
async fn odd_numbers_are_numbers_or_not() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let other = nobody.guest("Other").await;
    let chat = owner.direct(&other).await;
    for number in ["1e400", "-1e400", "1e20", "99999999999999999999999", "18446744073709551615", "-0", "1.0e0"] {
        let body = format!("{{\"up_to_seq\":{number}}}");
        let status = post(&owner, &format!("/api/chats/{chat}/read"), body).await.status.as_u16();
        assert!(matches!(status, 200 | 422 | 500), "{number}: {status}");
    }
    for query in ["timeout_seconds=nan", "timeout_seconds=-inf", "timeout_seconds=1e400"] {
        let answer = owner.post_nothing(format!("/api/runtime/inbox/wait?{query}")).await;
        assert_eq!(answer.status, 422, "{query} {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_not_http_or_ends_early_harms_nobody() {
    let (backend, nobody) = backend().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/auth/guest HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        b"GET /api/chats/ HTTP/1.1\r\n\r\n",
        b"GET /api/chats/ HTTP/1.1\r\nhost: \xff\r\n\r\n",
    ] {
        let mut connection = TcpStream::connect(backend.address()).await.unwrap();
        connection.write_all(bytes).await.unwrap();
        connection.shutdown().await.unwrap();
        // Whether it answers or hangs up, it ends.
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
    }
    nobody.guest("Still here").await;
    assert_eq!(nobody.post("/api/auth/guest", json!({})).await.status, 200);
}
