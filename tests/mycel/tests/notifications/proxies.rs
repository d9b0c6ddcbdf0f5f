//! Proxies are used for streams as for other calls, and their errors are told as theirs.

use mycel_sdk::{Client, ClientBuilder, Error, ErrorKind};
use mycel_tests::{
    Connection, Handshake, Peer, RawPeer, Reply, StreamPeer, TlsFront, Trace, pass_on, socks, soon, strip_upgrade,
};

/// The header with `ada:hunter2` as basic authentication has it, in small letters.
const BASIC: &str = "\r\nproxy-authorization: basic ywrhomh1bnrlcji=\r\n";

fn with_credentials(proxy: &RawPeer, scheme: &str) -> String {
    format!("{scheme}://ada:hunter2@{}", proxy.address())
}

fn builder(url: &str) -> ClientBuilder {
    Client::builder(url).auth_token("tok-123")
}

/// A stream's server that accepts, and closes with a word of farewell.
async fn streaming() -> StreamPeer {
    StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        socket.close(Some(1001), "farewell").await;
        socket.gone().await;
    })
    .await
}

/// Expects that a stream opens, and brings what its server sends.
async fn expect_stream(client: &Client) {
    let mut stream = soon(async { client.notifications().stream().await }).await.unwrap();
    let end = soon(stream.next()).await.unwrap().unwrap_err();
    assert_eq!((end.kind(), end.detail()), (ErrorKind::Closed { code: Some(1001) }, Some("farewell")));
}

/// How a stream that should be opened fails.
async fn refused(client: &Client) -> Error {
    soon(async { client.notifications().stream().await }).await.unwrap_err()
}

/// A proxy that answers everything so.
async fn refusing(answer: &'static str) -> RawPeer {
    RawPeer::start(move |mut connection: Connection| async move {
        connection.request().await;
        connection.send(format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")).await;
    })
    .await
}

#[tokio::test]
async fn a_stream_over_http_is_open_where_the_proxy_passes_it_on() {
    let backend = streaming().await;
    let proxy = RawPeer::start(pass_on).await;
    let client = builder(backend.url()).proxy(with_credentials(&proxy, "http")).build().unwrap();
    expect_stream(&client).await;
    let asked = proxy.requests().remove(0);
    let line = format!("GET {}/api/runtime/inbox/subscribe HTTP/1.1\r\n", backend.url());
    assert!(asked.starts_with(&line), "{asked}");
    let head = asked.to_lowercase();
    assert!(head.contains("\r\nupgrade: websocket\r\n") && head.contains("\r\nconnection: upgrade\r\n"), "{asked}");
}

#[tokio::test]
async fn a_stream_that_the_proxy_does_not_pass_on_is_told_as_that() {
    // What the backend answers to a plain request for a route of WebSockets.
    let backend = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Not Found"}"#)]).await;
    let proxy = RawPeer::start(strip_upgrade).await;
    let client = builder(backend.url()).proxy(proxy.url()).build().unwrap();
    let error = refused(&client).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let hint = format!("perhaps the proxy {} passes on no WebSocket", proxy.url());
    assert!(error.to_string().contains(&hint), "{error}");
}

#[tokio::test]
async fn over_https_the_proxy_makes_a_tunnel_and_sees_nothing() {
    let backend = streaming().await;
    let front = TlsFront::start(backend.url()).await;
    let proxy = RawPeer::start(pass_on).await;
    let builder = builder(front.url()).proxy(with_credentials(&proxy, "http"));
    expect_stream(&builder.add_root_certificates(front.certificate()).build().unwrap()).await;
    let asked = proxy.requests();
    let target = front.url().strip_prefix("https://").unwrap();
    assert!(asked[0].starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{asked:?}");
    assert!(asked[0].to_lowercase().contains(BASIC), "{asked:?}");
    assert!(!asked.concat().contains("tok-123") && asked.len() == 1, "{asked:?}");
}

#[tokio::test]
async fn a_socks_proxy_makes_a_tunnel() {
    let backend = streaming().await;
    for scheme in ["socks5", "socks5h"] {
        let proxy = RawPeer::start(async |connection| {
            socks(connection, "ada", "hunter2").await;
        })
        .await;
        let client = builder(backend.url()).proxy(with_credentials(&proxy, scheme)).build().unwrap();
        expect_stream(&client).await;
    }
}

#[tokio::test]
async fn a_proxy_that_wants_credentials_is_told_as_that_and_a_listener_does_not_go_on_asking() {
    for backend in ["http://mycel.invalid", "https://mycel.invalid"] {
        let proxy = refusing("407 Proxy Authentication Required").await;
        let client = builder(backend).proxy(with_credentials(&proxy, "http")).build().unwrap();
        let error = refused(&client).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::ProxyCredentials, Some(407)), "{error}");
        assert_eq!((error.attempts(), error.may_have_been_sent()), (1, false), "{error}");
        let mut listener = client.notifications().listen();
        let end = soon(listener.next()).await.unwrap().unwrap_err();
        assert_eq!(end.kind(), ErrorKind::ProxyCredentials);
        assert!(soon(listener.next()).await.is_none());
    }
}

#[tokio::test]
async fn where_the_proxy_makes_no_tunnel_nothing_was_sent() {
    let proxy = refusing("502 Bad Gateway").await;
    let error = refused(&builder("https://mycel.invalid").proxy(proxy.url()).build().unwrap()).await;
    assert_eq!((error.kind(), error.attempts(), error.may_have_been_sent()), (ErrorKind::Connect, 1, false), "{error}");
    let through = format!("https://mycel.invalid through the proxy {}", proxy.url());
    assert!(error.to_string().contains(&through), "{error}");
}

#[tokio::test]
async fn the_credentials_of_a_proxy_are_printed_by_nothing() {
    let trace = Trace::record();
    let mut printed = String::new();
    for answer in ["407 Proxy Authentication Required", "502 Bad Gateway", "HTTP"] {
        for backend in ["http://mycel.invalid", "https://mycel.invalid"] {
            let proxy = refusing(answer).await;
            let builder = builder(backend).proxy(with_credentials(&proxy, "http"));
            let client = builder.clone().build().unwrap();
            let error = refused(&client).await;
            let cause = std::error::Error::source(&error);
            printed += &format!("{builder:?} {error} {error:?} {error:#?} {cause:?} {:?}", client.notifications());
        }
    }
    printed += &trace.text();
    for secret in ["hunter2", "ada:", "YWRhOmh1bnRlcjI"] {
        assert!(!printed.contains(secret), "{secret} is in: {printed}");
    }
}
