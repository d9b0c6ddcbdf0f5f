//! Whatever a frame is, it is told somehow, and so is the next one: a stream that stopped at it would stop there again
//! each time that it went on from where it was.

use std::time::Duration;

use mycel_sdk::{ErrorKind, Gap, ListenEvent, Listener, Notification, NotificationEvent};
use mycel_tests::{Handshake, Reply, StreamPeer, VirtualTime, frame, opcode, soon};
use serde_json::json;
use tokio::time::Instant;

use crate::shared::{event, fast, hasty_client, open, other_frame};

/// What a frame may be that is none of the known ones, with the number that it is told with.
fn odd() -> Vec<(String, u64)> {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let with =
        |metadata: &str| format!(r#"{{"type":"notify","seq":2,"fingerprint":"f","ts":1.5,"metadata":{metadata}}}"#);
    let mut odd = vec![
        (with(r#"{"event_type":"chat.message","chat_id":"c","sender_name":"Ada \ud83d"}"#), 2),
        (with(r#"{"event_type":"\ude00"}"#), 2),
        (with(r#"{"event_type":"moon.rose","at":1e999}"#), 2),
        (with(r#"{"event_type":"moon.rose","at":NaN}"#), 2),
        (with(&format!(r#"{{"event_type":"moon.rose","in":{}}}"#, deep(126))), 2),
        (with(&format!(r#"{{"event_type":"moon.rose","in":{}}}"#, deep(100_000))), 2),
        (with(r#"{"event_type":null}"#), 2),
        (with(r#"{"event_type":["chat.message"],"chat_id":{}}"#), 2),
        (r#"{"type":"notify","seq":2}"#.to_owned(), 2),
        (r#"{"seq":2,"metadata":{"event_type":"moon.rose"}}"#.to_owned(), 2),
        (r#"{"type":"moved","seq":2,"to":"the moon"}"#.to_owned(), 2),
        (r#"{"type":"notify"}"#.to_owned(), 0),
        (r#"{"type":"notify","metadata":{"event_type":"moon.rose"}}"#.to_owned(), 0),
    ];
    for metadata in ["null", "[]", "[{\"event_type\":\"moon.rose\"}]", "\"moon.rose\"", "3", "true"] {
        odd.push((with(metadata), 2));
    }
    let moon = json!({"event_type": "moon.rose"});
    for value in [json!(null), json!([]), json!({}), json!("x"), json!(-1), json!(0.5), json!(true)] {
        odd.push((json!({"type": "notify", "seq": value, "fingerprint": "f", "metadata": moon}).to_string(), 0));
        odd.push((json!({"type": "notify", "seq": 2, "fingerprint": value, "metadata": moon}).to_string(), 2));
        odd.push((json!({"type": "notify", "seq": 2, "ts": value, "metadata": moon}).to_string(), 2));
    }
    odd
}

/// What nobody can read at all.
fn unreadable() -> Vec<String> {
    let nested = "[".repeat(200_000);
    let texts = ["", "hello", "[]", "{}", "null", "3", r#"{"type":3}"#, r#"{"type":"notify","seq":2"#, &nested];
    let replay = r#"{"type":"replay_overflow"}"#;
    texts.into_iter().chain([replay]).map(str::to_owned).collect()
}

/// A server that sends these frames, between the numbers 1 and 3.
async fn sending(odd: Vec<String>) -> StreamPeer {
    StreamPeer::start(move |handshake: Handshake| {
        let odd = odd.clone();
        async move {
            let mut socket = handshake.accept().await;
            socket.text(&other_frame(1, "before")).await;
            for text in odd {
                socket.text(&text).await;
            }
            socket.text(&other_frame(3, "after")).await;
            socket.alive().await;
        }
    })
    .await
}

fn name(notification: &Notification) -> &str {
    match &notification.event {
        NotificationEvent::Other(name) => name,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stream_tells_whatever_comes_and_what_comes_next() {
    for (text, seq) in odd().into_iter().chain(unreadable().into_iter().map(|text| (text, 0))) {
        let peer = sending(vec![text.clone()]).await;
        let mut stream = open(&peer).await;
        let mut told = Vec::new();
        for _ in 0..3 {
            told.push(soon(stream.next()).await.unwrap().unwrap().notification);
        }
        assert_eq!((name(&told[0]), told[1].seq, name(&told[2])), ("before", seq, "after"), "{text:.60}");
    }
}

#[tokio::test]
async fn a_stream_tells_what_it_can_not_read_as_an_event_of_which_nothing_is_known() {
    let peer = sending(unreadable()).await;
    let mut stream = open(&peer).await;
    soon(stream.next()).await.unwrap().unwrap();
    for text in unreadable() {
        let streamed = soon(stream.next()).await.unwrap().unwrap();
        let Notification { seq, metadata, .. } = &streamed.notification;
        let told = (*seq, name(&streamed.notification), metadata.len(), streamed.fingerprint.as_str());
        assert_eq!(told, (0, "", 0, ""), "{text:.60}");
        assert_eq!(streamed.sent_at, None);
    }
    assert_eq!(name(&soon(stream.next()).await.unwrap().unwrap().notification), "after");
}

/// What is told from `before` up to `after`.
async fn between(listener: &mut Listener) -> Vec<ListenEvent> {
    let mut told = Vec::new();
    let mut has_begun = false;
    loop {
        match event(listener).await {
            ListenEvent::Notification(notification) if notification.seq == 1 => has_begun = true,
            ListenEvent::Notification(notification) if notification.seq == 3 => return told,
            event if has_begun => told.push(event),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_listener_tells_whatever_comes_and_what_comes_next_and_stays_on_its_stream() {
    for (text, seq) in odd() {
        let peer = sending(vec![text.clone()]).await;
        let mut listener = hasty_client(peer.url()).notifications().listen_with(fast());
        let told = between(&mut listener).await;
        let [ListenEvent::Notification(told)] = &told[..] else { panic!("{text:.60}: {told:?}") };
        assert_eq!(told.seq, seq, "{text:.60}");
        assert_eq!(peer.handshakes().len(), 1, "{text:.60}");
    }
}

#[tokio::test]
async fn what_a_listener_can_not_read_is_a_gap_that_a_drain_heals() {
    for text in unreadable() {
        let peer = sending(vec![text.clone()]).await;
        let mut listener = hasty_client(peer.url()).notifications().listen_with(fast());
        assert!(matches!(event(&mut listener).await, ListenEvent::Connected));
        let drains = peer.drains();
        let mut told = Vec::new();
        while told.len() < 3 {
            told.push(match event(&mut listener).await {
                ListenEvent::Notification(notification) => name(&notification).to_owned(),
                ListenEvent::Gap(gap) => format!("{gap:?}"),
                other => panic!("{text:.60}: {other:?}"),
            });
        }
        told.sort();
        assert_eq!(told, ["Unreadable", "after", "before"], "{text:.60}");
        assert_eq!((peer.handshakes().len(), peer.drains()), (1, drains + 1), "{text:.60}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_tells_nothing_readable_for_ever_is_not_besieged() {
    let _time = VirtualTime::start();
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            socket.text("hello").await;
            socket.text(r#"{"type":"notify"}"#).await;
        }
    })
    .await;
    let mut listener = hasty_client(peer.url()).notifications().listen();
    assert!(matches!(event(&mut listener).await, ListenEvent::Connected));
    let (begun, drains, mut gaps) = (Instant::now(), peer.drains(), 0);
    while begun.elapsed() < Duration::from_secs(60) {
        match event(&mut listener).await {
            ListenEvent::Gap(Gap::Unreadable) => gaps += 1,
            ListenEvent::Notification(_) => {}
            other => panic!("{other:?}"),
        }
    }
    let drains = peer.drains() - drains;
    assert!((50..=61).contains(&drains) && gaps <= drains, "{drains} drains and {gaps} gaps in a minute");
}

/// What can't be taken although it is a message, or looks like one.
fn untakeable() -> Vec<(&'static str, Vec<u8>, ErrorKind)> {
    let text = |text: &[u8]| frame(true, opcode::TEXT, text);
    vec![
        ("too large", text(&vec![b' '; 1024 * 1024 + 1]), ErrorKind::ResponseTooLarge),
        ("bytes", frame(true, opcode::BINARY, b"{}"), ErrorKind::MalformedResponse),
        ("no UTF-8", text(&[b'"', 0xff, b'"']), ErrorKind::MalformedResponse),
    ]
}

#[tokio::test]
async fn what_no_stream_gets_past_is_left_out_and_told_as_a_gap() {
    for (what, bytes, kind) in untakeable() {
        let peer = StreamPeer::start(move |handshake: Handshake| {
            let bytes = bytes.clone();
            async move {
                let mut socket = handshake.accept().await;
                let asked = socket.next().await.map(|frame| frame.payload).unwrap_or_default();
                // The very first stream asks for nothing.
                let asked: serde_json::Value = serde_json::from_slice(&asked).unwrap();
                for seq in asked["since_seq"].as_u64().unwrap() + 1..=4 {
                    match seq {
                        2 | 3 => socket.bytes(&bytes).await,
                        _ => socket.text(&other_frame(seq, &format!("event.{seq}"))).await,
                    }
                }
                socket.alive().await;
            }
        })
        .await;
        let first = r#"{"count":1,"notifications":[{"seq":0,"event_type":"first"}]}"#;
        peer.prepare_drain(Reply::json("200 OK", first));
        let mut listener = hasty_client(peer.url()).notifications().listen_with(fast());
        let (mut told, mut gaps) = (Vec::new(), Vec::new());
        while told.last() != Some(&4) {
            match event(&mut listener).await {
                ListenEvent::Notification(notification) => told.push(notification.seq),
                ListenEvent::Gap(gap) => gaps.push(gap),
                ListenEvent::Disconnected { reason, .. } => assert_eq!(reason.kind(), kind, "{what}: {reason}"),
                _ => {}
            }
        }
        assert_eq!((told, gaps), (vec![0, 1, 4], vec![Gap::Unreadable, Gap::Unreadable]), "{what}");
        let handshakes = peer.handshakes().len();
        assert!(handshakes <= 5, "{what}: {handshakes} streams for two messages");
    }
}

#[tokio::test]
async fn a_message_that_breaks_a_stream_once_is_not_left_out() {
    for (what, bytes, _) in untakeable() {
        let peer = StreamPeer::start(move |handshake: Handshake| {
            let bytes = bytes.clone();
            async move {
                let number = handshake.number;
                let mut socket = handshake.accept().await;
                match number {
                    0 => socket.text(&other_frame(1, "before")).await,
                    _ => socket.text(&other_frame(2, "once spoilt on its way")).await,
                }
                if number == 0 {
                    socket.bytes(&bytes).await;
                }
                socket.alive().await;
            }
        })
        .await;
        let mut listener = hasty_client(peer.url()).notifications().listen_with(fast());
        let mut told = Vec::new();
        while told.len() < 2 {
            match event(&mut listener).await {
                ListenEvent::Notification(notification) => told.push(notification.seq),
                ListenEvent::Gap(gap) => panic!("{what}: {gap:?}"),
                _ => {}
            }
        }
        assert_eq!(told, [1, 2], "{what}");
    }
}

#[tokio::test]
async fn a_drain_that_is_odd_in_one_place_does_not_stop_a_listener_either() {
    let drained = |first: &str, odd: &str, last: u64| {
        let row = format!(r#"{{"seq":{first},"event_type":"chat.message","chat_id":"c"{odd}}}"#);
        let body = format!(r#"{{"count":2,"notifications":[{row},{{"seq":{last},"event_type":"after.{last}"}}]}}"#);
        Reply::json("200 OK", &body)
    };
    for (seq, odd) in [
        ("3", r#","sender_name":"Ada \ud83d""#.to_owned()),
        ("3", r#","sender_name":null"#.to_owned()),
        ("3", r#","at":1e999"#.to_owned()),
        ("3", r#","at":NaN"#.to_owned()),
        ("3", format!(r#","in":{}{}"#, "[".repeat(1_000), "]".repeat(1_000))),
        ("3", r#","message_seq":-1,"unread_count":[]"#.to_owned()),
        ("null", String::new()),
        ("-3", String::new()),
        (r#""3""#, String::new()),
    ] {
        let peer = StreamPeer::start(async |handshake: Handshake| handshake.accept().await.alive().await).await;
        peer.prepare_drain(drained("1", "", 2));
        peer.prepare_drain(drained(seq, &odd, 4));
        let mut listener = hasty_client(peer.url()).notifications().listen_with(fast());
        let mut told = Vec::new();
        loop {
            match event(&mut listener).await {
                ListenEvent::Notification(Notification { event: NotificationEvent::Other(name), .. }) => {
                    told.push(name)
                }
                ListenEvent::Notification(notification) => told.push(notification.metadata["chat_id"].to_string()),
                ListenEvent::Connected => break,
                other => panic!("{seq} {odd:.60}: {other:?}"),
            }
        }
        assert!(["after.2", "after.4", "\"c\""].iter().all(|name| told.iter().any(|told| told == name)), "{told:?}");
    }
}
