//! Proxies are used for streams as for other calls, and their errors are told as theirs.

use mycel_sdk::{Client, ClientBuilder, Error, ErrorKind};
use mycel_tests::{
    ClientAuthority, Connection, Handshake, Peer, RawPeer, Reply, StreamPeer, TLS12, TlsFront, Trace, pass_on, socks,
    soon, strip_upgrade,
};
use tokio::sync::mpsc;

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
async fn over_http_a_stream_goes_through_a_tunnel_though_other_calls_are_handed_to_the_proxy() {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let backend = StreamPeer::start(move |handshake: Handshake| {
        heard.send(handshake.request.to_lowercase()).unwrap();
        async move { handshake.accept().await.close(Some(1001), "farewell").await }
    })
    .await;
    // Like many real ones it leaves out the wish for another protocol, where it passes a request on.
    let proxy = RawPeer::start(strip_upgrade).await;
    let client = builder(backend.url()).proxy(with_credentials(&proxy, "http")).build().unwrap();
    expect_stream(&client).await;
    soon(async { client.notifications().drain().await }).await.unwrap();
    expect_stream(&client).await;

    let asked = proxy.requests();
    let tunnel = format!("CONNECT {} HTTP/1.1\r\n", backend.url().strip_prefix("http://").unwrap());
    let call = format!("POST {}/api/runtime/inbox/drain HTTP/1.1\r\n", backend.url());
    for (request, line) in asked.iter().zip([&tunnel, &call, &tunnel]) {
        assert!(request.starts_with(line) && request.to_lowercase().contains(BASIC), "{asked:?}");
    }
    assert_eq!(asked.len(), 3, "{asked:?}");
    for _ in 0..2 {
        let handshake = hears.recv().await.unwrap();
        assert!(handshake.starts_with("get /api/runtime/inbox/subscribe http/1.1\r\n"), "{handshake}");
        assert!(handshake.contains("\r\nauthorization: bearer tok-123\r\n"), "{handshake}");
        assert!(!handshake.contains("proxy-"), "what is the proxy's goes to the proxy alone: {handshake}");
    }
}

#[tokio::test]
async fn a_stream_through_a_tunnel_is_refused_by_the_backend_and_not_by_the_proxy() {
    let backend = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Not Found"}"#)]).await;
    let proxy = RawPeer::start(pass_on).await;
    let error = refused(&builder(backend.url()).proxy(proxy.url()).build().unwrap()).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!error.to_string().contains("proxy"), "{error}");
}

#[tokio::test]
async fn a_stream_shows_the_clients_certificate_too() {
    let (backend, authority) = (streaming().await, ClientAuthority::default());
    let front = TlsFront::start_with(backend.url(), "localhost", &[&TLS12], Some(&authority)).await;
    let builder = builder(front.url()).add_root_certificates(front.certificate());
    let error = refused(&builder.clone().build().unwrap()).await;
    assert_eq!(error.kind(), ErrorKind::Connect);
    let identity = authority.vouch();
    expect_stream(&builder.client_certificate(identity.certificate, identity.key).build().unwrap()).await;
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
    for (backend, port) in
        [("https://mycel.invalid", 443), ("http://mycel.invalid", 80), ("http://mycel.invalid:8042", 8042)]
    {
        let proxy = refusing("403 Forbidden").await;
        let error = refused(&builder(backend).proxy(proxy.url()).build().unwrap()).await;
        let expected = (ErrorKind::Connect, 1, false);
        assert_eq!((error.kind(), error.attempts(), error.may_have_been_sent()), expected, "{error}");
        let line = error.to_string();
        assert!(line.contains(&format!("{backend} through the proxy {}", proxy.url())), "{line}");
        assert!(line.contains("tunnel (CONNECT)"), "{line}");
        let asked = proxy.requests();
        assert!(asked[0].starts_with(&format!("CONNECT mycel.invalid:{port} HTTP/1.1\r\n")), "{asked:?}");
    }
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
