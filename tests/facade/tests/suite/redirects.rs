//! Redirects are told, and not followed: the token goes to nobody but the backend that it was given for.

use facade_tests::{Peer, Reply};
use mycel_sdk::{Client, Error, ErrorKind};

const STATUSES: [&str; 6] = [
    "300 Multiple Choices",
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

fn client(peer: &Peer) -> Client {
    Client::builder(peer.url()).auth_token("tok-123").build().unwrap()
}

/// The errors of an operation that may be repeated, of one that may not, and of the stream's handshake.
async fn errors(client: &Client) -> [Error; 3] {
    [
        client.chats().list().await.unwrap_err(),
        client.messages().send("c", "hello").await.unwrap_err(),
        client.notifications().stream().await.unwrap_err(),
    ]
}

#[tokio::test]
async fn no_redirect_is_followed_and_the_token_stays() {
    for status in STATUSES {
        let elsewhere = Peer::start([Reply::json("200 OK", "[]")]).await;
        let peer =
            Peer::start([Reply::http(status, &format!("location: {}/api/chats\r\n", elsewhere.url()), "")]).await;
        for error in errors(&client(&peer)).await {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Redirected, 1), "{status}: {error}");
            assert!(!error.may_have_been_sent());
            let line = error.to_string();
            assert!(line.contains(&format!("{} points to {}/api/chats", peer.url(), elsewhere.url())), "{line}");
            assert!(line.contains("which is not followed; set the base URL"), "{line}");
        }
        assert_eq!(elsewhere.requests(), [""; 0], "{status}");
        assert_eq!(peer.requests().len(), 3, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_to_itself_is_no_loop() {
    for status in STATUSES {
        let peer = Peer::start([Reply::http(status, "location: /api/chats\r\n", "")]).await;
        let error = client(&peer).chats().list().await.unwrap_err();
        assert_eq!((error.kind(), peer.requests().len()), (ErrorKind::Redirected, 1), "{status}: {error}");
        assert!(error.to_string().contains(&format!("points to {}/api/chats (", peer.url())), "{error}");
    }
}

#[tokio::test]
async fn the_error_says_where_to_without_secrets() {
    for (location, shown) in [
        ("https://mycel.example/api/chats", "points to https://mycel.example/api/chats ("),
        ("//mycel.example/x", "points to http://mycel.example/x ("),
        // What FastAPI answers where a route has a slash at its end.
        ("/api/chats/", "/api/chats/ ("),
        ("https://ada:hunter2@mycel.example/x", "points to https://mycel.example/x ("),
        ("https://mycel.example/login?next=/&ticket=hunter2", "points to https://mycel.example/login ("),
        ("https://mycel.example/#hunter2", "points to https://mycel.example/ ("),
        ("https://mycel.example/tok-123", "points to https://mycel.example/[redacted] ("),
        ("https://tok-123.example/", "points to https://[redacted].example/ ("),
        ("http://[", "points to elsewhere"),
        ("caf\u{e9}", "points to elsewhere"),
        ("javascript:alert(1)", "points to javascript:alert(1) ("),
    ] {
        let peer = Peer::start([Reply::http("307 Temporary Redirect", &format!("location: {location}\r\n"), "")]).await;
        let error = client(&peer).chats().list().await.unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(printed.contains(shown), "{location}: {printed}");
        assert!(!printed.contains("hunter2") && !printed.contains("tok-123"), "{location}: {printed}");
    }
    let long = format!("location: https://mycel.example/{}\r\n", "x".repeat(10_000));
    for headers in ["", &long] {
        let peer = Peer::start([Reply::http("302 Found", headers, "")]).await;
        let error = client(&peer).chats().list().await.unwrap_err();
        assert!(error.to_string().contains("points to elsewhere"), "{error}");
    }
}
