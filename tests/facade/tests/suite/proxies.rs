//! Proxies: used where they are asked for, for calls and streams alike; their errors are told as theirs, and
//! their credentials go to nobody else.

use std::process::Stdio;
use std::time::Duration;

use facade_tests::{
    Connection, Handshake, Peer, RawPeer, Reply, StreamPeer, TlsFront, Trace, pass_on, socks, soon, strip_upgrade,
};
use mycel_sdk::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy};
use tokio::process::Command;
use tokio::sync::mpsc::unbounded_channel;

/// `ada:hunter2` as basic authentication has it.
const BASIC: &str = "Basic YWRhOmh1bnRlcjI=";

fn with_credentials(proxy: &RawPeer, scheme: &str) -> String {
    format!("{scheme}://ada:hunter2@{}", proxy.address())
}

fn builder(url: &str) -> ClientBuilder {
    let quick = RetryPolicy::default().base_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(1));
    Client::builder(url).auth_token("tok-123").retry(quick)
}

/// A value of a header, in a request as it came.
fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    let mut lines = request.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
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

/// A proxy that answers everything so.
async fn refusing(answer: &'static str) -> RawPeer {
    RawPeer::start(move |mut connection: Connection| async move {
        connection.request().await;
        connection.send(format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")).await;
    })
    .await
}

#[tokio::test]
async fn a_request_over_http_is_handed_to_the_proxy() {
    let backend = Peer::start([Reply::json("200 OK", "[]")]).await;
    let proxy = RawPeer::start(pass_on).await;
    let client = builder(&format!("{}/mycel", backend.url())).proxy(with_credentials(&proxy, "http")).build().unwrap();
    client.chats().list().await.unwrap();
    let asked = proxy.requests().remove(0);
    assert!(asked.starts_with(&format!("GET {}/mycel/api/chats HTTP/1.1\r\n", backend.url())), "{asked}");
    assert_eq!(header(&asked, "proxy-authorization"), Some(BASIC));
    let answered = backend.requests().remove(0);
    assert!(answered.starts_with("GET /mycel/api/chats HTTP/1.1\r\n"), "{answered}");
    assert_eq!(header(&answered, "proxy-authorization"), None);
    assert_eq!(header(&answered, "authorization"), Some("Bearer tok-123"));
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
    assert_eq!((header(&asked, "upgrade"), header(&asked, "connection")), (Some("websocket"), Some("Upgrade")));
}

#[tokio::test]
async fn a_stream_that_the_proxy_does_not_pass_on_is_told_as_that() {
    // What the backend answers to a plain request for a route of WebSockets.
    let backend = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Not Found"}"#)]).await;
    let proxy = RawPeer::start(strip_upgrade).await;
    let client = builder(backend.url()).proxy(proxy.url()).build().unwrap();
    let error = soon(async { client.notifications().stream().await }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let hint = format!("perhaps the proxy {} passes on no WebSocket", proxy.url());
    assert!(error.to_string().contains(&hint), "{error}");
}

#[tokio::test]
async fn over_https_the_proxy_makes_a_tunnel_and_sees_nothing() {
    let backend = Peer::start([Reply::json("200 OK", "[]")]).await;
    let stream = streaming().await;
    for plain in [backend.url(), stream.url()] {
        let front = TlsFront::start(plain).await;
        let proxy = RawPeer::start(pass_on).await;
        let client = builder(front.url())
            .proxy(with_credentials(&proxy, "http"))
            .add_root_certificates(front.certificate())
            .build()
            .unwrap();
        if plain == backend.url() {
            assert_eq!(soon(async { client.chats().list().await }).await.unwrap(), []);
            let answered = backend.requests().remove(0);
            assert!(answered.starts_with("GET /api/chats HTTP/1.1\r\n"), "{answered}");
            assert_eq!(header(&answered, "proxy-authorization"), None);
            assert_eq!(header(&answered, "authorization"), Some("Bearer tok-123"));
        } else {
            expect_stream(&client).await;
        }
        let asked = proxy.requests();
        let target = front.url().strip_prefix("https://").unwrap();
        assert!(asked[0].starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{asked:?}");
        assert_eq!(header(&asked[0], "proxy-authorization"), Some(BASIC));
        assert!(!asked.concat().contains("tok-123") && asked.len() == 1, "{asked:?}");
    }
}

#[tokio::test]
async fn a_proxy_can_be_spoken_to_over_tls() {
    let backend = Peer::start([Reply::json("200 OK", "[]")]).await;
    let behind_tls = TlsFront::start(backend.url()).await;
    let proxy = RawPeer::start(pass_on).await;
    let front = TlsFront::start(&proxy.url()).await;
    for (url, method) in [(backend.url(), "GET"), (behind_tls.url(), "CONNECT")] {
        let client = builder(url)
            .proxy(front.url().replace("https://", "https://ada:hunter2@"))
            .add_root_certificates(front.certificate())
            .add_root_certificates(behind_tls.certificate())
            .build()
            .unwrap();
        assert_eq!(soon(async { client.chats().list().await }).await.unwrap(), []);
        let asked = proxy.requests().pop().unwrap();
        assert!(asked.starts_with(&format!("{method} ")), "{asked}");
        assert_eq!(header(&asked, "proxy-authorization"), Some(BASIC));
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_knows_is_refused_unless_it_is_added() {
    let backend = Peer::start([Reply::json("200 OK", "[]")]).await;
    let front = TlsFront::start(backend.url()).await;
    let error = soon(async { builder(front.url()).build().unwrap().messages().send("c", "hello").await });
    let error = error.await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Connect, false), "{error}");
    assert!(error.to_string().to_lowercase().contains("certificate"), "{error}");

    let another = TlsFront::start(backend.url()).await;
    let trusting = builder(front.url())
        .add_root_certificates(another.certificate().trim_end())
        .add_root_certificates(front.certificate())
        .build()
        .unwrap();
    assert_eq!(soon(async { trusting.chats().list().await }).await.unwrap(), []);

    let pem = |text: &str| format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    for (wrong, problem) in [
        (String::new(), "the root certificates can't be read"),
        ("nonsense".to_owned(), "the root certificates can't be read"),
        (pem("n.o.t base64"), "the root certificates can't be read"),
        (pem("bm9uc2Vuc2U="), "TLS could not be set up (invalid peer certificate"),
    ] {
        let error = builder(front.url()).add_root_certificates(&wrong).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(problem), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn a_socks_proxy_makes_a_tunnel_for_everything() {
    let backend = Peer::start([Reply::json("200 OK", "[]")]).await;
    let stream = streaming().await;
    for (scheme, expected) in [("socks5", 1), ("socks5h", 3)] {
        let (sender, mut kinds) = unbounded_channel();
        let proxy = RawPeer::start(move |connection| {
            let sender = sender.clone();
            async move { sender.send(socks(connection, "ada", "hunter2").await).unwrap() }
        })
        .await;
        // By name, which the one looks up itself, and the other leaves to the proxy.
        let by_name = |url: &str| url.replace("127.0.0.1", "localhost");
        let client = |url: &str| builder(&by_name(url)).proxy(with_credentials(&proxy, scheme)).build().unwrap();
        assert_eq!(soon(async { client(backend.url()).chats().list().await }).await.unwrap(), []);
        expect_stream(&client(stream.url())).await;
        assert_eq!(soon(kinds.recv()).await, Some(expected), "{scheme}");
    }
    let asked = backend.requests();
    assert!(asked.iter().all(|request| request.starts_with("GET /api/chats HTTP/1.1\r\n")), "{asked:?}");
    assert!(asked.iter().all(|request| header(request, "proxy-authorization").is_none()), "{asked:?}");
}

/// The errors of an operation that may be repeated, of one that may not, and of the stream's handshake.
async fn errors(client: &Client) -> [Error; 3] {
    [
        soon(async { client.chats().list().await }).await.unwrap_err(),
        soon(async { client.messages().send("c", "hello").await }).await.unwrap_err(),
        soon(async { client.notifications().stream().await }).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn a_proxy_that_wants_credentials_is_told_as_that_and_asked_once() {
    for backend in ["http://mycel.invalid", "https://mycel.invalid"] {
        for (credentials, problem) in [("", "wants a user name"), ("ada:hunter2@", "does not accept its user name")] {
            let proxy = refusing("407 Proxy Authentication Required").await;
            let url = format!("http://{credentials}{}", proxy.address());
            let client = builder(backend).proxy(url).build().unwrap();
            for error in errors(&client).await {
                assert_eq!((error.kind(), error.status()), (ErrorKind::ProxyCredentials, Some(407)), "{error}");
                assert_eq!((error.attempts(), error.may_have_been_sent()), (1, false), "{error}");
                assert!(error.to_string().contains(&format!("the proxy {} {problem}", proxy.url())), "{error}");
            }
            assert_eq!(proxy.requests().len(), 3, "{backend}");
            // A listener does not go on asking.
            let mut listener = client.notifications().listen();
            let end = soon(listener.next()).await.unwrap().unwrap_err();
            assert_eq!(end.kind(), ErrorKind::ProxyCredentials);
        }
    }
    // A proxy that nobody set.
    let peer = Peer::start([Reply::http("407 Proxy Authentication Required", "", "")]).await;
    let error = builder(peer.url()).build().unwrap().chats().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProxyCredentials);
    assert!(error.to_string().contains("a proxy before"), "{error}");
}

#[tokio::test]
async fn where_the_proxy_makes_no_tunnel_nothing_was_sent() {
    for answer in ["403 Forbidden", "502 Bad Gateway", "503 Service Unavailable", "200"] {
        let proxy = refusing(answer).await;
        // After a tunnel that was promised, there is no TLS.
        let client = builder("https://mycel.invalid").proxy(with_credentials(&proxy, "http")).build().unwrap();
        for (error, attempts) in errors(&client).await.iter().zip([3, 3, 1]) {
            assert_eq!((error.kind(), error.status()), (ErrorKind::Connect, None), "{answer}: {error}");
            assert_eq!((error.attempts(), error.may_have_been_sent()), (attempts, false), "{answer}: {error}");
            let line = error.to_string();
            assert!(line.contains(&format!("https://mycel.invalid through the proxy {}", proxy.url())), "{line}");
        }
        let asked = proxy.requests();
        assert!(asked.iter().all(|request| request.starts_with("CONNECT mycel.invalid:443 ")), "{asked:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for backend in ["http://mycel.invalid", "https://mycel.invalid"] {
        let client = builder(backend).proxy(&gone).build().unwrap();
        for error in errors(&client).await {
            assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Connect, false), "{error}");
            assert!(error.to_string().contains(&format!("through the proxy {gone} (")), "{error}");
        }
    }
}

#[tokio::test]
async fn what_a_proxy_could_not_pass_on_may_have_been_sent() {
    for answer in ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"] {
        let proxy = refusing(answer).await;
        let client = builder("http://mycel.invalid").proxy(proxy.url()).build().unwrap();
        let [list, send, stream] = errors(&client).await;
        assert_eq!((list.attempts(), send.attempts(), stream.attempts()), (3, 1, 1), "{answer}");
        assert_eq!((send.kind(), send.may_have_been_sent()), (ErrorKind::Unavailable, true), "{send}");
        assert_eq!(proxy.requests().len(), 5, "{answer}");
        assert!(list.to_string().contains(&format!("perhaps it is the proxy {} that says so", proxy.url())), "{list}");
    }
    // A backend's own words need no such guess.
    let backend = Peer::start([Reply::json("403 Forbidden", r#"{"detail":"Not a member"}"#)]).await;
    let proxy = RawPeer::start(pass_on).await;
    let client = builder(backend.url()).proxy(proxy.url()).build().unwrap();
    let error = client.chats().get("c").await.unwrap_err();
    assert_eq!(error.detail(), Some("Not a member"));
    assert!(!error.to_string().contains("proxy"), "{error}");
}

#[tokio::test]
async fn the_credentials_of_a_proxy_are_printed_by_nothing() {
    let trace = Trace::record();
    let mut printed = String::new();
    for answer in ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", "HTTP"] {
        for backend in ["http://mycel.invalid", "https://mycel.invalid"] {
            for scheme in ["http", "socks5h"] {
                let proxy = match scheme {
                    "http" => refusing(answer).await,
                    _ => RawPeer::start(async |mut connection: Connection| connection.send([5, 0xff]).await).await,
                };
                let builder = builder(backend).proxy(with_credentials(&proxy, scheme));
                printed += &format!("{builder:?}");
                let client = builder.build().unwrap();
                for error in errors(&client).await {
                    printed += &format!("{error} {error:?} {error:#?} {:?}", std::error::Error::source(&error));
                }
                printed += &format!("{client:?} {:?} {:?}", client.notifications(), client.messages().send("c", "x"));
            }
        }
    }
    printed += &trace.text();
    assert!(printed.contains("operation=\"send_message\""), "the trace was recorded: {printed}");
    for secret in ["hunter2", "ada:", BASIC, "YWRhOmh1bnRlcjI"] {
        assert!(!printed.contains(secret), "{secret} is in: {printed}");
    }
}

#[test]
fn a_url_that_is_no_proxys_is_refused_before_anything_is_sent() {
    for (url, problem) in [
        ("socks4://ada:hunter2@proxy.example", "http, https, socks5 and socks5h"),
        ("http://ada:hunter2@", "can't be read"),
        ("http://proxy.example/hunter2", "a path"),
        ("", "can't be read"),
    ] {
        let error = builder("http://mycel.invalid").proxy(url).build().unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
        let said = format!("{error} {error:?}");
        assert!(said.contains(problem) && !said.contains("hunter2"), "{url}: {said}");
    }
}

/// Set in the process that [`the_environment_is_used_where_it_is_asked_for`] starts of itself.
const CHILD: &str = "FACADE_TESTS_PROXY_CHILD";

/// What the process with proxies in its environment does: an operation for each way to build a client.
async fn make_calls(base_url: &str) {
    let never = RetryPolicy::never();
    let direct = Client::builder(base_url).retry(never).build().unwrap();
    drop(direct.chats().list().await);
    drop(Client::from_env().unwrap().me().whoami().await);
    let asked_for = Client::builder(base_url).retry(never).proxy_from_env().build().unwrap();
    drop(asked_for.backend_info().await);
    let explicit = std::env::var("EXPLICIT_PROXY").unwrap();
    let both = Client::builder(base_url).retry(never).proxy_from_env().proxy(explicit).build().unwrap();
    drop(both.relationships().list().await);
}

#[tokio::test]
async fn the_environment_is_used_where_it_is_asked_for() {
    if let Ok(base_url) = std::env::var(CHILD) {
        return make_calls(&base_url).await;
    }
    let paths = |requests: Vec<String>| -> Vec<String> {
        requests.iter().map(|request| request.split(' ').nth(1).unwrap().to_owned()).collect()
    };
    for (variables, exceptions, uses_proxy) in [
        (["http_proxy", "HTTP_PROXY"], "", true),
        (["ALL_PROXY", "all_proxy"], "10.0.0.0/8", true),
        (["http_proxy", "all_proxy"], "127.0.0.1", false),
        (["HTTP_PROXY", "HTTPS_PROXY"], "*", false),
        (["https_proxy", "HTTPS_PROXY"], "", false),
    ] {
        let backend = Peer::start([Reply::json("200 OK", "[]")]).await;
        let proxy = RawPeer::start(pass_on).await;
        let explicit = RawPeer::start(pass_on).await;
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "proxies::the_environment_is_used_where_it_is_asked_for"]);
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"] {
            child.env_remove(name);
        }
        child.envs(variables.map(|name| (name, with_credentials(&proxy, "http"))));
        child.env("NO_PROXY", exceptions).env_remove("REQUEST_METHOD").env_remove("MYCEL_AUTH_TOKEN");
        child.env("MYCEL_BASE_URL", backend.url()).env(CHILD, backend.url()).env("EXPLICIT_PROXY", explicit.url());
        let outcome = child.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
        assert!(outcome.status.success(), "{outcome:?}");

        let through = |path: &str| format!("{}{path}", backend.url());
        let expected = if uses_proxy { vec![through("/openapi.json")] } else { Vec::new() };
        assert_eq!(paths(proxy.requests()), expected, "{variables:?} but {exceptions:?}");
        assert_eq!(paths(explicit.requests()), [through("/api/relationships")]);
        let asked = backend.requests();
        assert!(asked.iter().all(|request| header(request, "proxy-authorization").is_none()), "{asked:?}");
        assert_eq!(paths(asked), ["/api/chats", "/api/auth/me", "/openapi.json", "/api/relationships"]);
    }
}
