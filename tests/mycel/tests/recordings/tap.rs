use mycel_sdk::{Client, ErrorKind, RetryPolicy};
use mycel_tests::{Peer, Reply, StreamPeer, Tap, World, frame, opcode, raw_request, soon};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends these bytes, and returns all that comes back.
async fn exchange(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    soon(stream.read_to_string(&mut response)).await.unwrap();
    response
}

#[tokio::test]
async fn every_framing_of_a_body_passes_unchanged_and_is_kept_without_it() {
    let whole = "HTTP/1.1 200 OK\r\nX-Case: Kept\r\ncontent-length: 4\r\n\r\nwhat";
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;note=x\r\nwh\r\n2\r\nat\r\n0\r\ntrailer: x\r\n\r\n";
    let until_close = "HTTP/1.1 200 OK\r\n\r\nwhat";
    let continued = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 4\r\n\r\nwhat";
    for response in [whole, chunked, until_close, continued] {
        let peer = Peer::start([Reply::Bytes(response.into())]).await;
        let tap = Tap::before(peer.url()).await;
        let request = "POST /a%2Fb?c=%20d HTTP/1.1\r\nHost: tap\r\nX-Name: Value\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(exchange(&tap.url(), request).await, response);
        let kept = tap.take();
        let [only] = &kept[..] else { panic!("{kept:?}") };
        assert_eq!(
            (only.method.as_str(), only.path.as_str(), only.query.as_deref()),
            ("POST", "/a%2Fb", Some("c=%20d"))
        );
        assert!(only.request_headers.contains(&("X-Name".to_owned(), "Value".to_owned())), "{only:?}");
        assert_eq!((&only.request_body[..], &only.response_body[..]), (&b"hello"[..], &b"what"[..]));
        assert_eq!(only.status, if response == continued { 201 } else { 200 });
        let authority = peer.url().strip_prefix("http://").unwrap();
        assert_eq!(peer.requests(), [request.replace("Host: tap", &format!("host: {authority}"))]);
        assert!(tap.take().is_empty(), "it is taken out");
    }
}

#[tokio::test]
async fn exchanges_are_kept_in_order_by_the_time_that_their_answers_are_there() {
    let world = World::start().await;
    let tap = Tap::before(world.client.base_url()).await;
    let owner = Client::builder(tap.url()).build().unwrap().auth().create_guest_owner().await.unwrap();
    let client = Client::builder(tap.url()).auth_token(owner.token).build().unwrap();
    for count in 1..20 {
        client.me().whoami().await.unwrap();
        client.chats().list().await.unwrap();
        let kept = tap.take();
        let paths: Vec<&str> = kept.iter().map(|exchange| exchange.path.as_str()).collect();
        let expected: &[&str] = &["/api/auth/guest", "/api/auth/me", "/api/chats"];
        assert_eq!(paths, if count == 1 { expected } else { &expected[1..] });
    }
}

#[tokio::test]
async fn the_path_of_a_backend_stays_before_the_paths() {
    let peer = Peer::start([Reply::json("200 OK", "{}")]).await;
    let tap = Tap::before(&format!("{}/gateway/", peer.url())).await;
    let (base, path) = tap.url().rsplit_once('/').map(|(base, path)| (base.to_owned(), format!("/{path}/x"))).unwrap();
    assert_eq!(raw_request(&base, "GET", &path, "t", "").await.0, 200);
    assert_eq!(tap.take()[0].path, "/gateway/x");
}

#[tokio::test]
async fn a_stream_passes_and_its_text_is_kept() {
    let peer = StreamPeer::start(|handshake| async move {
        let acceptance = handshake.acceptance();
        let first = frame(true, opcode::TEXT, br#"{"type":"notify","seq":1,"fingerprint":"a","ts":1.0,"metadata":{}}"#);
        // The first frame comes with the head.
        let mut socket = handshake.answer(&[acceptance, first].concat()).await;
        let resume = socket.next().await.unwrap();
        assert_eq!(String::from_utf8(resume.payload).unwrap(), r#"{"since_seq":7,"type":"resume"}"#);
        let (head, tail) = (br#"{"type":"notify","seq":2,"fingerprint":"b","#, br#""ts":1.0,"metadata":{}}"#);
        socket.bytes(&frame(false, opcode::TEXT, head)).await;
        socket.send(opcode::PING, b"!").await;
        socket.send(opcode::CONTINUATION, tail).await;
        socket.close(Some(1000), "done").await;
        socket.gone().await;
    });
    let peer = peer.await;
    let tap = Tap::before(peer.url()).await;
    let client = Client::builder(tap.url()).auth_token("t").build().unwrap();
    let mut stream = client.notifications().stream().since(7).await.unwrap();
    assert_eq!(soon(stream.next()).await.unwrap().unwrap().notification.seq, 1);
    assert_eq!(soon(stream.next()).await.unwrap().unwrap().notification.seq, 2);
    let kept = tap.take();
    assert_eq!((kept.len(), kept[0].status, kept[0].path.as_str()), (1, 101, "/api/runtime/inbox/subscribe"));
    let frames = tap.take_frames();
    assert_eq!(frames.len(), 2);
    assert!(
        frames[0].contains(r#""fingerprint":"a""#) && frames[1].ends_with(r#""b","ts":1.0,"metadata":{}}"#),
        "{frames:?}"
    );
}

#[tokio::test]
async fn what_breaks_on_one_side_breaks_on_the_other() {
    let peer = Peer::start([Reply::Nothing, Reply::cut_off("{")]).await;
    let tap = Tap::before(peer.url()).await;
    let client = Client::builder(tap.url()).auth_token("t").retry(RetryPolicy::never()).build().unwrap();
    for _ in 0..2 {
        let error = soon(client.me().whoami()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    }
    assert!(tap.take().is_empty(), "no exchange was whole");

    let peer = StreamPeer::start(|handshake| async move {
        let number = handshake.number;
        let mut socket = handshake.accept().await;
        match number {
            0 => socket.reset(),
            _ => socket.gone().await,
        }
    });
    let peer = peer.await;
    let tap = Tap::before(peer.url()).await;
    let client = Client::builder(tap.url()).auth_token("t").build().unwrap();
    let mut broken = client.notifications().stream().await.unwrap();
    assert!(soon(broken.next()).await.unwrap().is_err(), "the backend broke it off");
    let left = client.notifications().stream().await.unwrap();
    drop(left);
    soon(peer.wait_until_closed()).await;
}

#[tokio::test]
async fn nothing_listens_any_more_once_the_tap_is_gone() {
    let peer = StreamPeer::start(|handshake| async move { handshake.accept().await.gone().await }).await;
    let tap = Tap::before(peer.url()).await;
    let client = Client::builder(tap.url()).auth_token("t").retry(RetryPolicy::never()).build().unwrap();
    let mut stream = client.notifications().stream().await.unwrap();
    drop(tap);
    assert!(soon(stream.next()).await.is_none_or(|frame| frame.is_err()), "its connections end with it");
    soon(peer.wait_until_closed()).await;
}
