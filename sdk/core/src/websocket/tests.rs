//! An open connection, over no network and in virtual time.

use futures::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream, DuplexStream};
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};

use super::*;

const SILENCE: Duration = Duration::from_secs(40);

type Peer = WebSocketStream<DuplexStream>;

/// A connection whose writes go nowhere until they are flushed, and its other end.
async fn connected() -> (WebSocket<BufStream<DuplexStream>>, Peer) {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let peer = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    (WebSocket::over(BufStream::new(ours), WebSocketLimits::default(), Redactor::default()).await, peer)
}

#[tokio::test(start_paused = true)]
async fn texts_go_both_ways() {
    let (mut socket, mut peer) = connected().await;
    for text in ["a", &"x".repeat(20_000)] {
        socket.send(text.to_owned()).await.unwrap();
        let came = tokio::time::timeout(SILENCE, peer.next()).await.unwrap();
        assert_eq!(came.unwrap().unwrap(), Message::text(text));
        peer.send(Message::text(text)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_keeps_silent_is_pinged_after_half_of_the_limit_and_dead_after_all_of_it() {
    let begun = Instant::now();
    let (mut socket, mut peer) = connected().await;
    let pinged = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(15)).await;
        peer.send(Message::text("alive")).await.unwrap();
        // Without the pong, which it would send as it is read on.
        (peer.get_mut().read_u8().await.unwrap(), begun.elapsed(), peer)
    });
    assert_eq!(socket.next().await.unwrap().unwrap(), "alive");
    let end = socket.next().await;
    assert!(matches!(end, Some(Err(WebSocketEnd::Silent(SILENCE)))), "{end:?}");
    assert_eq!(begun.elapsed().as_secs(), 15 + 40);
    let (first, after, _peer) = tokio::time::timeout(SILENCE, pinged).await.unwrap().unwrap();
    // The head of a ping.
    assert_eq!((first, after.as_secs()), (0x89, 15 + 20));
    assert!(socket.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_pings_lives() {
    let (mut socket, mut peer) = connected().await;
    let answering = tokio::spawn(async move { while peer.next().await.is_some() {} });
    assert!(tokio::time::timeout(SILENCE * 10, socket.next()).await.is_err());
    answering.abort();
}

#[tokio::test(start_paused = true)]
async fn it_tells_how_it_was_closed() {
    for (frame, code, reason) in [
        (&[0x88, 5, 0x0f, 0xa1, b'b', b'y', b'e'][..], Some(4001), "bye"),
        // One that may not be sent.
        (&[0x88, 2, 0x03, 0xed], Some(1005), ""),
        (&[0x88, 0], None, ""),
    ] {
        let (mut socket, mut peer) = connected().await;
        peer.get_mut().write_all(frame).await.unwrap();
        match socket.next().await {
            Some(Err(WebSocketEnd::Closed { code: told, reason: said })) => assert_eq!((told, &*said), (code, reason)),
            other => panic!("{frame:?}: {other:?}"),
        }
        assert!(socket.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_close_nothing_can_be_sent() {
    let (mut socket, mut peer) = connected().await;
    peer.get_mut().write_all(&[0x88, 0]).await.unwrap();
    assert!(socket.next().await.unwrap().is_err());
    socket.send("a".to_owned()).await.unwrap_err();
    let shown = format!("{socket:?}");
    assert!(
        shown.starts_with("WebSocket { limits: WebSocketLimits {") && shown.ends_with("ended: true, .. }"),
        "{shown}"
    );
}

/// Nothing here shuts a connection down but who drops it; it is what a stream has to be able to, all the same.
#[tokio::test(start_paused = true)]
async fn what_lies_over_a_connection_shuts_it_down() {
    let (ours, mut theirs) = tokio::io::duplex(64);
    let mut connection = ReadAhead::new(PeerClose::new(ours));
    connection.shutdown().await.unwrap();
    let end = tokio::time::timeout(SILENCE, theirs.read(&mut [0; 8])).await.unwrap();
    assert_eq!(end.unwrap(), 0);
}

#[test]
fn half_of_a_limit_is_ahead_and_none_is_far_away() {
    let start = Instant::now();
    let half = |silence| half_a_silence_from(start, &WebSocketLimits { silence, ..WebSocketLimits::default() });
    assert_eq!(half(SILENCE), start + SILENCE / 2);
    let thirty_years = Duration::from_secs(946_080_000);
    assert_eq!(half(Duration::MAX), start + thirty_years);
}

#[test]
fn each_error_is_an_end() {
    let limits = WebSocketLimits { max_message_bytes: 7, ..WebSocketLimits::default() };
    let reset = || tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
    for (error, told) in [
        (tungstenite::Error::Io(std::io::ErrorKind::TimedOut.into()), "Broken(Kind(TimedOut))"),
        (reset(), "Broken(Kind(UnexpectedEof))"),
        (tungstenite::Error::ConnectionClosed, "Closed { code: None, reason: \"\" }"),
        (tungstenite::Error::AlreadyClosed, "Closed { code: None, reason: \"\" }"),
        (tungstenite::Error::Capacity(CapacityError::MessageTooLong { size: 9, max_size: 7 }), "TooLarge(7)"),
        (tungstenite::Error::Utf8("x".to_owned()), "Violated(\"a text that is not UTF-8\")"),
        (
            tungstenite::Error::Protocol(ProtocolError::UnmaskedFrameFromClient),
            "Violated(\"Received an unmasked frame from client\")",
        ),
        (tungstenite::Error::AttackAttempt, "Violated(\"a message that makes no sense\")"),
    ] {
        assert_eq!(format!("{:?}", end(error, &limits)), told);
    }
}
