//! The stream against servers that break every rule.

use std::time::{Duration, Instant};

use futures::{FutureExt, Stream, StreamExt};
use mycel_sdk::{Error, ErrorKind, ListenEvent, Listener, NotificationStream, StopHandle};
use mycel_tests::{Handshake, Reply, StreamPeer, Trace, VirtualTime, frame, frame_head, opcode, soon};
use tokio::sync::mpsc;

use crate::shared::{TOKEN, chat_frame, ended, hasty_client, open, other_frame, printed, refusing};

const LARGEST: usize = 1024 * 1024;

/// A server that accepts, sends these bytes, and waits for the client to go.
async fn sending(bytes: Vec<u8>) -> StreamPeer {
    StreamPeer::start(move |handshake| {
        let bytes = bytes.clone();
        async move {
            let mut socket = handshake.accept().await;
            socket.bytes(&bytes).await;
            socket.gone().await;
        }
    })
    .await
}

async fn refused(peer: &StreamPeer) -> Error {
    soon(async { hasty_client(peer.url()).notifications().stream().await }).await.unwrap_err()
}

#[tokio::test]
async fn a_refused_handshake_is_an_error_like_that_of_any_call() {
    let not_found = r#"{"detail":"Not Found"}"#;
    for (status, body, kind, detail) in [
        ("401 Unauthorized", r#"{"detail":"Not authenticated"}"#, ErrorKind::Unauthorized, Some("Not authenticated")),
        ("403 Forbidden", "", ErrorKind::Forbidden, None),
        ("404 Not Found", not_found, ErrorKind::NotFound, Some("Not Found")),
        ("426 Upgrade Required", "", ErrorKind::UnexpectedStatus, None),
        ("429 Too Many Requests", "", ErrorKind::TooManyRequests, None),
        ("500 Internal Server Error", r#"{"detail":"it broke"}"#, ErrorKind::BackendFailed, Some("it broke")),
        ("502 Bad Gateway", "<html>no</html>", ErrorKind::Unavailable, None),
        ("503 Service Unavailable", "", ErrorKind::Unavailable, None),
        ("200 OK", "[]", ErrorKind::UnexpectedStatus, None),
        ("204 No Content", "", ErrorKind::UnexpectedStatus, None),
        ("307 Temporary Redirect", "", ErrorKind::Redirected, None),
    ] {
        let peer = refusing(Reply::http(status, "location: http://127.0.0.1:9/elsewhere\r\n", body)).await;
        let error = refused(&peer).await;
        let number: u16 = status.split(' ').next().unwrap().parse().unwrap();
        assert_eq!((error.kind(), error.status(), error.detail()), (kind, Some(number), detail), "{error}");
        assert_eq!((error.operation(), error.attempts()), (Some("subscribe_inbox"), 1), "{error}");
        assert_eq!(peer.handshakes().len(), 1, "{status}: it is attempted once");
        assert_eq!(error.to_string().contains("/elsewhere"), kind == ErrorKind::Redirected, "{error}");
        soon(peer.wait_until_closed()).await;
    }
}

#[tokio::test]
async fn a_handshake_without_the_right_proof_is_malformed() {
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n";
    for proof in ["", "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "sec-websocket-accept: \r\n"] {
        let peer = refusing(Reply::Bytes(format!("{head}{proof}\r\n").into_bytes())).await;
        let error = refused(&peer).await;
        let expected = (ErrorKind::MalformedResponse, Some(101), 1);
        assert_eq!((error.kind(), error.status(), error.attempts()), expected, "{proof}: {error}");
        soon(peer.wait_until_closed()).await;
    }
}

/// A server that accepts, but for what was put in place of something else.
async fn accepting_but(right: &'static str, wrong: &'static str) -> StreamPeer {
    StreamPeer::start(move |handshake: Handshake| async move {
        let right_one = String::from_utf8(handshake.acceptance()).unwrap();
        assert!(right_one.contains(right), "{right_one}");
        let bytes = right_one.replacen(right, wrong, 1);
        handshake.answer(bytes.as_bytes()).await.gone().await;
    })
    .await
}

/// What RFC 6455, section 4.1, says of the answer to a client's handshake.
#[tokio::test]
async fn a_handshake_that_is_to_fail_fails() {
    const UPGRADE: &str = "upgrade: websocket\r\n";
    const CONNECTION: &str = "connection: Upgrade\r\n";
    const ACCEPT: &str = "sec-websocket-accept: ";
    for (right, wrong, problem) in [
        (UPGRADE, "", "`Upgrade: websocket`"),
        (UPGRADE, "upgrade: \r\n", "`Upgrade: websocket`"),
        (UPGRADE, "upgrade: tcp\r\n", "`Upgrade: websocket`"),
        (UPGRADE, "upgrade: websocket/13\r\n", "`Upgrade: websocket`"),
        (UPGRADE, "upgrade: websocket\r\nupgrade: h2c\r\n", "`Upgrade: websocket`"),
        (UPGRADE, "upgrade: websocket, h2c\r\n", "`Upgrade: websocket`"),
        (CONNECTION, "", "`Connection: Upgrade`"),
        (CONNECTION, "connection: keep-alive\r\n", "`Connection: Upgrade`"),
        (CONNECTION, "connection: upgraded, no-upgrade\r\n", "`Connection: Upgrade`"),
        (ACCEPT, "sec-websocket-accept: x", "proof"),
        (ACCEPT, "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-accept: ", "proof"),
        (ACCEPT, "x-accept: ", "proof"),
        (UPGRADE, "upgrade: websocket\r\nsec-websocket-extensions: permessage-deflate\r\n", "extension"),
        (UPGRADE, "upgrade: websocket\r\nsec-websocket-extensions: ,\r\nsec-websocket-extensions: x\r\n", "extension"),
        (UPGRADE, "upgrade: websocket\r\nsec-websocket-protocol: chat\r\n", "subprotocol"),
    ] {
        let peer = accepting_but(right, wrong).await;
        let error = refused(&peer).await;
        let expected = (ErrorKind::MalformedResponse, Some(101), 1);
        assert_eq!((error.kind(), error.status(), error.attempts()), expected, "{wrong:?}: {error}");
        assert!(error.to_string().contains(problem), "{wrong:?}: {error}");
        soon(peer.wait_until_closed()).await;
    }
}

#[tokio::test]
async fn a_handshake_that_is_spelled_in_another_way_is_taken() {
    for (right, other) in [
        ("upgrade: websocket\r\n", "UPGRADE: WebSocket\r\n"),
        ("connection: Upgrade\r\n", "Connection: keep-alive, UPGRADE\r\n"),
        ("connection: Upgrade\r\n", "connection: keep-alive\r\nconnection: ,upgrade ,\r\n"),
        ("sec-websocket-accept: ", "Sec-WebSocket-Accept: \t "),
        ("upgrade: websocket\r\n", "upgrade: websocket\r\nsec-websocket-extensions: \r\nsec-websocket-protocol:\r\n"),
    ] {
        drop(open(&accepting_but(right, other).await).await);
    }
}

#[tokio::test]
async fn a_handshake_that_nobody_answers_is_given_up_and_closed() {
    let peer = StreamPeer::start(async |handshake: Handshake| handshake.answer(b"").await.gone().await).await;
    let limit = Duration::from_millis(150);
    let client = mycel_sdk::Client::builder(peer.url()).auth_token(TOKEN).attempt_timeout(limit).build().unwrap();
    let begun = Instant::now();
    let error = soon(async { client.notifications().stream().await }).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::TimedOut, 1), "{error}");
    assert!(begun.elapsed() >= limit, "{:?}", begun.elapsed());
    soon(peer.wait_until_closed()).await;
}

#[tokio::test]
async fn a_handshake_that_is_cut_off_anywhere_is_interrupted() {
    // Every third byte, which tears each line apart in the middle and at both ends.
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let cut = handshake.number * 3;
        let whole = handshake.acceptance();
        drop(handshake.answer(&whole[..cut.min(whole.len())]).await);
    })
    .await;
    for cut in 0.. {
        let outcome = soon(async { hasty_client(peer.url()).notifications().stream().await }).await;
        match outcome {
            Err(error) => {
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1), "after {cut}: {error}");
            }
            Ok(stream) => {
                assert!(cut > 30, "after {cut}: not the whole handshake was sent");
                assert_eq!(ended(stream).await.kind(), ErrorKind::Interrupted);
                break;
            }
        }
    }
    soon(peer.wait_until_closed()).await;
}

#[tokio::test]
async fn what_follows_the_handshake_in_one_packet_is_not_lost() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut bytes = handshake.acceptance();
        bytes.extend(frame(true, opcode::TEXT, other_frame(1, "first").as_bytes()));
        bytes.extend(frame(true, opcode::TEXT, other_frame(2, "second").as_bytes()));
        handshake.answer(&bytes).await.gone().await;
    })
    .await;
    let mut stream = open(&peer).await;
    for seq in 1..=2 {
        assert_eq!(soon(stream.next()).await.unwrap().unwrap().notification.seq, seq);
    }
}

#[tokio::test]
async fn what_is_no_message_of_text_ends_the_stream_as_malformed() {
    let text = |text: &[u8]| frame(true, opcode::TEXT, text);
    let masked = [0x81, 0x82, 1, 2, 3, 4, b'{' ^ 1, b'}' ^ 2];
    let mut compressed = text(b"{}");
    compressed[0] |= 0x40;
    for (what, bytes) in [
        ("a binary message", frame(true, opcode::BINARY, b"{}")),
        ("text that is not UTF-8", text(&[b'"', 0xff, 0xfe, b'"'])),
        ("a character that is cut off", text(&[b'"', 0xe2, 0x9c])),
        ("a mask", masked.to_vec()),
        ("a reserved bit", compressed),
        ("a reserved opcode", frame(true, 3, b"{}")),
        ("a ping that is too long", frame(true, opcode::PING, &[0; 126])),
        ("a ping in parts", frame(false, opcode::PING, b"x")),
        ("a part of nothing", frame(true, opcode::CONTINUATION, b"{}")),
        ("a message within a message", [frame(false, opcode::TEXT, b"{"), text(b"{}")].concat()),
        ("a close of one byte", frame(true, opcode::CLOSE, &[3])),
    ] {
        let peer = sending(bytes).await;
        let error = ended(open(&peer).await).await;
        assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{what}: {error}");
        soon(peer.wait_until_closed()).await;
    }
}

#[tokio::test]
async fn a_message_of_a_mebibyte_is_read_and_a_longer_one_is_refused() {
    let padded = |length: usize| {
        let text = other_frame(7, "long");
        format!("{text}{}", " ".repeat(length - text.len())).into_bytes()
    };
    let peer = sending(frame(true, opcode::TEXT, &padded(LARGEST))).await;
    let mut stream = open(&peer).await;
    assert_eq!(soon(stream.next()).await.unwrap().unwrap().notification.seq, 7);

    let long = padded(LARGEST + 1);
    let in_parts = [
        frame(false, opcode::TEXT, &long[..LARGEST / 2]),
        frame(false, opcode::CONTINUATION, &long[LARGEST / 2..LARGEST]),
        frame(true, opcode::CONTINUATION, &long[LARGEST..]),
    ];
    for bytes in [frame(true, opcode::TEXT, &long), in_parts.concat()] {
        let peer = sending(bytes).await;
        let error = ended(open(&peer).await).await;
        assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{error}");
        assert!(error.to_string().contains("1048576"), "{error}");
        soon(peer.wait_until_closed()).await;
    }
}

#[tokio::test]
async fn a_message_that_is_announced_as_huge_is_refused_before_it_comes() {
    for length in [LARGEST as u64 + 1, 100 * 1024 * 1024, i64::MAX as u64, u64::MAX] {
        for code in [opcode::TEXT, opcode::BINARY] {
            // Nothing follows, so whoever waits for it waits for ever.
            let peer = sending(frame_head(true, code, length)).await;
            let error = ended(open(&peer).await).await;
            assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{length}: {error}");
            soon(peer.wait_until_closed()).await;
        }
    }
}

#[tokio::test]
async fn unknown_frames_are_skipped_and_odd_values_do_no_harm() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        socket.text(r#"{"type":"weather","outlook":"sunny"}"#).await;
        socket.text(r#"{"type":"keepalive"}"#).await;
        socket.send(opcode::PONG, b"that nobody asked for").await;
        for odd in ["1e308", "-1e308", "0", "-0.5", "null"] {
            let text = format!(r#"{{"type":"notify","seq":{},"ts":{odd},"metadata":{{}},"more":[]}}"#, u64::MAX);
            socket.text(&text).await;
        }
        socket.gone().await;
    })
    .await;
    let mut stream = open(&peer).await;
    for _ in 0..5 {
        let streamed = soon(stream.next()).await.unwrap().unwrap();
        assert_eq!((streamed.notification.seq, streamed.fingerprint.as_str()), (u64::MAX, ""));
        assert!(!format!("{streamed:?}").is_empty());
    }
}

#[tokio::test]
async fn a_message_in_many_parts_is_put_together_with_pings_between_them() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        let text = other_frame(3, "in ✓ parts");
        let parts: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        for (index, part) in parts.iter().enumerate() {
            let code = if index == 0 { opcode::TEXT } else { opcode::CONTINUATION };
            socket.bytes(&frame(index + 1 == parts.len(), code, part)).await;
            socket.send(opcode::PING, b"between").await;
        }
        socket.gone().await;
    })
    .await;
    let streamed = soon(open(&peer).await.next()).await.unwrap().unwrap();
    assert_eq!(streamed.notification.metadata["event_type"], "in ✓ parts");
}

#[tokio::test]
async fn a_ping_is_answered_with_what_it_carries() {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let peer = StreamPeer::start(move |handshake| {
        let heard = heard.clone();
        async move {
            let mut socket = handshake.accept().await;
            for payload in [&b""[..], b"mycel", &[0xff; 125]] {
                socket.send(opcode::PING, payload).await;
                heard.send(socket.next().await.unwrap()).unwrap();
            }
            socket.text(&other_frame(1, "done")).await;
            socket.gone().await;
        }
    })
    .await;
    assert!(soon(open(&peer).await.next()).await.unwrap().is_ok());
    for payload in [&b""[..], b"mycel", &[0xff; 125]] {
        let frame = hears.recv().await.unwrap();
        assert_eq!((frame.opcode, frame.payload.as_slice()), (opcode::PONG, payload));
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_pinged_and_then_given_up() {
    let _time = VirtualTime::pause();
    let (heard, mut hears) = mpsc::unbounded_channel();
    let peer = StreamPeer::start(move |handshake| {
        let heard = heard.clone();
        async move {
            let mut socket = handshake.accept().await;
            while let Some(frame) = socket.next().await {
                heard.send(frame.opcode).unwrap();
            }
        }
    })
    .await;
    let limit = Duration::from_secs(2);
    let begun = tokio::time::Instant::now();
    let stream = soon(async { hasty_client(peer.url()).notifications().stream().silence(limit).await }).await.unwrap();
    let error = ended(stream).await;
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    assert!(error.to_string().contains("2s"), "{error}");
    assert!(begun.elapsed() >= limit, "{:?}", begun.elapsed());
    assert_eq!(hears.recv().await, Some(opcode::PING));
    soon(peer.wait_until_closed()).await;
}

/// A server that answers pings, and has something to tell after so many of them.
async fn answering(pings: usize) -> StreamPeer {
    StreamPeer::start(move |handshake: Handshake| async move {
        let mut socket = handshake.accept().await;
        for _ in 0..pings {
            let ping = socket.next().await.unwrap();
            assert_eq!(ping.opcode, opcode::PING);
            socket.send(opcode::PONG, &ping.payload).await;
        }
        socket.text(&other_frame(1, "still here")).await;
        socket.gone().await;
    })
    .await
}

/// The limit on silence there, in virtual time: what passes over the sockets takes none of it.
const SILENCE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_pings_lives() {
    let _time = VirtualTime::start();
    let peer = answering(6).await;
    let begun = tokio::time::Instant::now();
    let mut stream = hasty_client(peer.url()).notifications().stream().silence(SILENCE).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(begun.elapsed() >= SILENCE * 3, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_program_that_was_busy_for_longer_than_the_limit_finds_the_server_alive() {
    let _time = VirtualTime::start();
    let peer = answering(1).await;
    let mut stream = hasty_client(peer.url()).notifications().stream().silence(SILENCE).await.unwrap();
    // Nobody asks the stream for anything, so it has no chance to ping.
    tokio::time::sleep(SILENCE * 2).await;
    let streamed = stream.next().await.unwrap();
    assert!(streamed.is_ok(), "{streamed:?}");
}

#[tokio::test]
async fn a_limit_beyond_all_clocks_is_no_limit() {
    let peer = sending(frame(true, opcode::TEXT, other_frame(1, "hello").as_bytes())).await;
    let client = hasty_client(peer.url());
    for limit in [Duration::MAX, Duration::from_secs(u64::MAX / 4)] {
        let mut stream = soon(async { client.notifications().stream().silence(limit).await }).await.unwrap();
        assert!(soon(stream.next()).await.unwrap().is_ok());
        assert!(stream.next().now_or_never().is_none(), "it is not over");
    }
}

#[tokio::test]
async fn a_close_tells_its_code_and_reason_and_is_answered() {
    for (code, reason) in [
        (Some(1000), "bye"),
        (Some(1011), "Chat 57caf0ac has no projectable title"),
        (Some(1012), ""),
        (Some(4000), "ours"),
        (None, ""),
        // What tungstenite puts in the place of those that follow.
        (Some(1002), "Protocol violation"),
        // What may not be sent is told as it was, too.
        (Some(0), "zero"),
        (Some(999), "too small"),
        (Some(1004), ""),
        (Some(1005), "nothing was said"),
        (Some(1006), ""),
        (Some(1015), "TLS"),
        (Some(1016), "not defined"),
        (Some(2999), ""),
        (Some(5000), "too large ✓"),
        (Some(65535), "larger still"),
    ] {
        let (heard, mut hears) = mpsc::unbounded_channel();
        let peer = StreamPeer::start(move |handshake| {
            let heard = heard.clone();
            async move {
                let mut socket = handshake.accept().await;
                socket.close(code, reason).await;
                heard.send(socket.next().await).unwrap();
                socket.gone().await;
            }
        })
        .await;
        let error = ended(open(&peer).await).await;
        let detail = (!reason.is_empty()).then_some(reason);
        assert_eq!((error.kind(), error.detail()), (ErrorKind::Closed { code }, detail), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
        let answer = soon(hears.recv()).await.unwrap().map(|frame| frame.opcode);
        assert_eq!(answer, Some(opcode::CLOSE), "{code:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_interrupted() {
    let reset = StreamPeer::start(async |handshake: Handshake| handshake.accept().await.reset()).await;
    let cut = StreamPeer::start(async |handshake: Handshake| drop(handshake.accept().await)).await;
    let cut_in_a_frame = StreamPeer::start(async |handshake: Handshake| {
        let whole = frame(true, opcode::TEXT, other_frame(1, "never whole").as_bytes());
        handshake.accept().await.bytes(&whole[..whole.len() - 1]).await;
    })
    .await;
    for peer in [reset, cut, cut_in_a_frame] {
        let error = ended(open(&peer).await).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Interrupted, None), "{error}");
    }
}

#[tokio::test]
async fn a_replay_overflow_tells_both_numbers_and_ends_the_stream() {
    for (since, oldest) in [(0, 45), (u64::MAX, 1), (7, u64::MAX)] {
        let text = format!(r#"{{"type":"replay_overflow","since_seq":{since},"oldest_seq":{oldest}}}"#);
        let peer = sending(frame(true, opcode::TEXT, text.as_bytes())).await;
        let error = ended(open(&peer).await).await;
        assert_eq!(error.kind(), ErrorKind::ReplayOverflow { since_seq: since, oldest_seq: oldest }, "{error}");
    }
}

#[tokio::test]
async fn the_first_frame_says_where_to_go_on_and_there_is_none_unless_it_is_asked_for() {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let peer = StreamPeer::start(move |handshake| {
        let heard = heard.clone();
        async move {
            let mut socket = handshake.accept().await;
            heard.send(socket.next().await).unwrap();
        }
    })
    .await;
    let client = hasty_client(peer.url());
    for seq in [0, 7, u64::MAX] {
        let _stream = soon(async { client.notifications().stream().since(seq).await }).await.unwrap();
        let frame = soon(hears.recv()).await.unwrap().unwrap();
        assert_eq!(frame.opcode, opcode::TEXT);
        let asked: serde_json::Value = serde_json::from_slice(&frame.payload).unwrap();
        assert_eq!(asked, serde_json::json!({"type": "resume", "since_seq": seq}));
    }
    drop(open(&peer).await);
    assert_eq!(soon(hears.recv()).await.unwrap(), None);
}

#[tokio::test]
async fn a_handshake_names_its_user_by_the_header_alone() {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let peer = StreamPeer::start(move |handshake| {
        heard.send(handshake.request.clone()).unwrap();
        async move { handshake.accept().await.gone().await }
    })
    .await;
    drop(open(&peer).await);
    let request = hears.recv().await.unwrap().to_lowercase();
    assert!(request.starts_with("get /api/runtime/inbox/subscribe http/1.1\r\n"), "{request}");
    for header in ["authorization: bearer tok-123", "sec-websocket-version: 13", "upgrade: websocket"] {
        assert!(request.contains(&format!("{header}\r\n")), "{request}");
    }
    assert_eq!(request.matches(TOKEN).count(), 1, "{request}");
    assert!(!request.contains("sec-websocket-protocol") && !request.contains("sec-websocket-extensions"), "{request}");
}

#[tokio::test]
async fn the_token_is_printed_by_nothing() {
    let trace = Trace::record();
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n";
    let mut text = String::new();
    for reply in [
        Reply::json("403 Forbidden", r#"{"detail":"tok-123 may not"}"#),
        Reply::json("401 Unauthorized", r#"{"detail":{"error":"tok-123","header":"Bearer tok-123"}}"#),
        Reply::http("500 Internal Server Error", "", "Bearer tok-123"),
        Reply::Bytes(format!("{head}sec-websocket-accept: tok-123\r\n\r\n").into_bytes()),
    ] {
        text += &printed(&refused(&refusing(reply).await).await);
    }
    let closed = [&1011_u16.to_be_bytes()[..], b"no user for tok-123"].concat();
    for bytes in [frame(true, opcode::CLOSE, &closed), frame(true, opcode::BINARY, b"tok-123")] {
        let peer = sending(bytes).await;
        let client = hasty_client(peer.url());
        text += &format!("{:?}", client.notifications().stream().since(4));
        let stream = soon(async { client.notifications().stream().since(4).await }).await.unwrap();
        text += &format!("{stream:?} {stream:#?}");
        text += &printed(&ended(stream).await);
        let mut listener = client.notifications().listen_with(crate::shared::fast());
        text += &format!("{listener:?} {:?}", listener.stop_handle());
        loop {
            match soon(listener.next()).await.unwrap() {
                Ok(ListenEvent::Disconnected { reason, .. }) => break text += &printed(&reason),
                other => text += &format!("{other:?}"),
            }
        }
    }
    // What can't be read is told, without a word of it.
    for unreadable in
        ["tok-123", r#"{"type":{"tok-123":"tok-123"}}"#, r#"{"type":"notify","seq":"tok-123","metadata":{}}"#]
    {
        let peer = sending(frame(true, opcode::TEXT, unreadable.as_bytes())).await;
        text += &format!("{:?}", soon(open(&peer).await.next()).await.unwrap().unwrap());
        let mut listener = hasty_client(peer.url()).notifications().listen_with(crate::shared::fast());
        for _ in 0..2 {
            text += &format!("{:?}", soon(listener.next()).await.unwrap().unwrap());
        }
    }
    text += &trace.text();
    assert!(text.contains("operation=\"subscribe_inbox\"") && text.contains("closed the stream (1011: "), "{text}");
    assert!(!text.contains(TOKEN), "{text}");
}

#[tokio::test]
async fn it_is_a_stream_among_other_things_to_wait_for() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        for seq in 1..=3 {
            socket.text(&chat_frame(seq, "c", &seq.to_string())).await;
        }
        socket.gone().await;
    })
    .await;
    let mut stream = open(&peer).await;
    let mut seqs = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    while seqs.len() < 3 {
        tokio::select! {
            _ = ticks.tick() => {}
            streamed = StreamExt::next(&mut stream) => seqs.push(streamed.unwrap().unwrap().notification.seq),
        }
    }
    assert_eq!(seqs, [1, 2, 3], "what was not waited for to its end is not lost");
    // In another task it goes on as it is, and dropping it there closes the connection.
    tokio::spawn(async move { assert!(stream.next().now_or_never().is_none()) }).await.unwrap();
    soon(peer.wait_until_closed()).await;
}

/// What a program may do with these types, checked by the compiler.
#[test]
fn streams_and_listeners_may_go_anywhere() {
    fn is_free<T: Send + 'static>() {}
    fn is_shared<T: Send + Sync + Clone + 'static>() {}
    fn is_stream<T: Stream + Unpin>() {}
    fn is_sent<T: Send>(_: fn(&mycel_sdk::Client) -> T) {}
    is_free::<NotificationStream>();
    is_free::<Listener>();
    is_free::<ListenEvent>();
    is_shared::<StopHandle>();
    is_stream::<NotificationStream>();
    is_stream::<Listener>();
    let _ = |client: &'static mycel_sdk::Client| {
        fn sent<T: Send>(what: T) -> T {
            what
        }
        drop(sent(client.notifications().drain()));
        drop(sent(client.notifications().wait(Duration::ZERO)));
        drop(sent(client.notifications().stream().into_future()));
    };
    is_sent(|client| client.notifications().listen());
}
