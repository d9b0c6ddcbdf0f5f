//! The listener against servers that break every rule.

use std::time::{Duration, Instant};

use mycel_sdk::{Error, ErrorKind, Gap, ListenEvent, ListenSettings, Listener, Notification, NotificationEvent};
use mycel_tests::{Handshake, Peer, Reply, StreamPeer, VirtualTime, soon};

use crate::shared::{chat_frame, event, fast, final_error, hasty_client, other_frame, refusing};

fn listen(peer: &StreamPeer, settings: ListenSettings) -> Listener {
    hasty_client(peer.url()).notifications().listen_with(settings)
}

async fn disconnected(listener: &mut Listener) -> (Error, Duration) {
    loop {
        if let ListenEvent::Disconnected { reason, retry_in } = event(listener).await {
            return (reason, retry_in);
        }
    }
}

/// The numbers that are told up to this one, and the gaps among them.
async fn told_up_to(last: u64, listener: &mut Listener) -> (Vec<u64>, Vec<Gap>) {
    let (mut told, mut gaps) = (Vec::new(), Vec::new());
    soon(async {
        while told.last() != Some(&last) {
            match event(listener).await {
                ListenEvent::Notification(notification) => told.push(notification.seq),
                ListenEvent::Gap(gap) => gaps.push(gap),
                _ => {}
            }
        }
    })
    .await;
    (told, gaps)
}

async fn notified(listener: &mut Listener) -> Notification {
    loop {
        match event(listener).await {
            ListenEvent::Notification(notification) => return notification,
            ListenEvent::Connected => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_no_further_try_would_mend_ends_it() {
    for (status, kind) in [
        ("401 Unauthorized", ErrorKind::Unauthorized),
        ("403 Forbidden", ErrorKind::Forbidden),
        ("404 Not Found", ErrorKind::NotFound),
        ("501 Not Implemented", ErrorKind::BackendFailed),
    ] {
        let peer = refusing(Reply::http(status, "", "")).await;
        let error = final_error(&mut listen(&peer, fast())).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(peer.handshakes().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";
    for (reply, kind) in [
        (Reply::http("500 Internal Server Error", "", ""), ErrorKind::BackendFailed),
        (Reply::http("502 Bad Gateway", "", "<html>"), ErrorKind::Unavailable),
        (Reply::http("429 Too Many Requests", "", ""), ErrorKind::TooManyRequests),
        (Reply::http("302 Found", "location: /\r\n", ""), ErrorKind::Redirected),
        (Reply::http("200 OK", "", "{}"), ErrorKind::UnexpectedStatus),
        (Reply::Bytes(head.into()), ErrorKind::MalformedResponse),
        (Reply::Bytes(Vec::new()), ErrorKind::Interrupted),
    ] {
        let peer = refusing(reply).await;
        let mut listener = listen(&peer, fast());
        for _ in 0..3 {
            let (reason, _) = disconnected(&mut listener).await;
            assert_eq!(reason.kind(), kind, "{reason}");
        }
        assert!(peer.handshakes().len() >= 3, "{kind:?}");
    }
}

#[tokio::test]
async fn where_it_may_be_the_token_that_is_refused_that_is_asked_for() {
    for (refusal, next) in [
        ("403 Forbidden", "/api/auth/me"),
        ("500 Internal Server Error", "/api/auth/me"),
        // Nothing more of that: it begins again.
        ("502 Bad Gateway", "/api/runtime/inbox/drain"),
    ] {
        let peer = Peer::start([
            Reply::json("200 OK", r#"{"id":"codex","name":"Codex","type":"external","is_guest":false}"#),
            Reply::json("200 OK", r#"{"count":0,"notifications":[]}"#),
            Reply::http(refusal, "", ""),
            Reply::http("401 Unauthorized", "", ""),
        ])
        .await;
        let mut listener = hasty_client(peer.url()).notifications().listen_with(fast());
        assert_eq!(final_error(&mut listener).await.kind(), ErrorKind::Unauthorized, "{refusal}");
        let requests = peer.requests();
        let asked: Vec<_> = requests.iter().map(|request| request.split(' ').nth(1).unwrap()).collect();
        assert_eq!(asked[2..], ["/api/runtime/inbox/subscribe", next], "{refusal}");
    }
}

/// Expects that handshakes come with pauses that grow up to a bound.
async fn expect_growing_pauses(peer: &StreamPeer, mut listener: Listener, base: Duration, max: Duration) {
    // Somebody takes the events, or the pauses would be those of a listener that nobody reads.
    let reader = tokio::spawn(async move { while listener.next().await.is_some_and(|event| event.is_ok()) {} });
    soon(peer.wait_for_handshakes(8)).await;
    reader.abort();
    let handshakes = peer.handshakes();
    let mut least = base;
    for pair in handshakes.windows(2).take(7) {
        let pause = pair[1] - pair[0];
        assert!(pause >= least, "{pause:?} is less than {least:?}: {handshakes:?}");
        least = (least * 2).min(max);
    }
}

#[tokio::test]
async fn a_server_that_closes_at_once_for_ever_is_not_besieged() {
    let (base, max) = (Duration::from_millis(10), Duration::from_millis(80));
    let settings = ListenSettings::default().base_delay(base).max_delay(max);
    let closing = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        socket.close(Some(1012), "restarting").await;
        socket.gone().await;
    })
    .await;
    let resetting = StreamPeer::start(async |handshake: Handshake| handshake.accept().await.reset()).await;
    for peer in [closing, resetting] {
        expect_growing_pauses(&peer, listen(&peer, settings), base, max).await;
    }
}

#[tokio::test]
async fn a_server_that_has_lost_everything_for_ever_is_not_besieged() {
    let (base, max) = (Duration::from_millis(10), Duration::from_millis(80));
    for overflow in [
        r#"{"type":"replay_overflow","since_seq":0,"oldest_seq":45}"#,
        r#"{"type":"replay_overflow","since_seq":18446744073709551615,"oldest_seq":45}"#,
        r#"{"type":"replay_overflow","since_seq":0,"oldest_seq":18446744073709551615}"#,
        r#"{"type":"replay_overflow","since_seq":3,"oldest_seq":0}"#,
    ] {
        let peer = StreamPeer::start(move |handshake: Handshake| async move {
            let mut socket = handshake.accept().await;
            socket.text(overflow).await;
            socket.gone().await;
        })
        .await;
        let settings = ListenSettings::default().base_delay(base).max_delay(max);
        expect_growing_pauses(&peer, listen(&peer, settings), base, max).await;
    }
}

#[tokio::test]
async fn an_overflow_is_told_once_the_gap_is_healed_with_what_is_missing() {
    let peer = StreamPeer::start(async |mut handshake: Handshake| {
        let number = std::mem::take(&mut handshake.number);
        let mut socket = handshake.accept().await;
        match number {
            0 => {
                socket.text(&other_frame(1, "before the break")).await;
            }
            1 => {
                assert_eq!(socket.next().await.unwrap().payload, br#"{"since_seq":1,"type":"resume"}"#);
                socket.text(r#"{"type":"replay_overflow","since_seq":1,"oldest_seq":45}"#).await;
                socket.gone().await;
            }
            _ => {
                assert_eq!(socket.next().await.unwrap().payload, br#"{"since_seq":44,"type":"resume"}"#);
                socket.text(&other_frame(45, "after the gap")).await;
                socket.gone().await;
            }
        }
    })
    .await;
    let mut listener = listen(&peer, fast());
    let (told, gaps) = told_up_to(45, &mut listener).await;
    assert_eq!((told, gaps), (vec![1, 45], vec![Gap::Overflow { missed: 43 }]));
}

#[tokio::test]
async fn pauses_begin_anew_after_a_connection_that_lasted() {
    let _time = VirtualTime::pause();
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let lasts = handshake.number == 6;
        let mut socket = handshake.accept().await;
        if lasts {
            // As long as the setting says; this is not waiting for something else.
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        socket.close(Some(1001), "").await;
    })
    .await;
    let settings = ListenSettings::default()
        .base_delay(Duration::from_millis(4))
        .max_delay(Duration::from_secs(30))
        .stable_after(Duration::from_secs(5));
    let mut listener = listen(&peer, settings);
    let mut pauses = Vec::new();
    for _ in 0..7 {
        pauses.push(disconnected(&mut listener).await.1);
    }
    for (index, pause) in pauses[..6].iter().enumerate() {
        let least = Duration::from_millis(4) * 2_u32.pow(u32::try_from(index).unwrap());
        assert!(*pause >= least && *pause <= least * 2, "pause {index} of {pauses:?}");
    }
    assert!(pauses[6] <= Duration::from_millis(8), "{pauses:?}");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_for_a_new_connection() {
    let peer = StreamPeer::start(async |handshake: Handshake| handshake.accept().await.gone().await).await;
    let begun = Instant::now();
    let silence = Duration::from_millis(150);
    let mut listener = listen(&peer, fast().silence(silence));
    assert!(matches!(event(&mut listener).await, ListenEvent::Connected));
    let (reason, _) = disconnected(&mut listener).await;
    assert_eq!(reason.kind(), ErrorKind::TimedOut, "{reason}");
    assert!(begun.elapsed() >= silence);
    assert!(matches!(event(&mut listener).await, ListenEvent::Connected));
    drop(listener);
    soon(peer.wait_until_closed()).await;
}

#[tokio::test]
async fn settings_beyond_all_clocks_are_taken() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        socket.text(&other_frame(1, "hello")).await;
        socket.gone().await;
    })
    .await;
    let settings = ListenSettings::default()
        .base_delay(Duration::MAX)
        .max_delay(Duration::MAX)
        .stable_after(Duration::MAX)
        .silence(Duration::MAX)
        .capacity(usize::MAX);
    let mut listener = listen(&peer, settings);
    assert_eq!(notified(&mut listener).await.seq, 1);

    // Nobody is there, and the next try is never: it still tells so, and can be stopped.
    let gone = refusing(Reply::Bytes(Vec::new())).await;
    let mut listener = listen(&gone, settings);
    disconnected(&mut listener).await;
    listener.stop_handle().stop();
    assert_eq!(final_error(&mut listener).await.kind(), ErrorKind::Stopped);
}

#[tokio::test]
async fn a_frame_that_comes_twice_is_told_once_and_is_no_restart() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        for seq in 1..=3 {
            // The same frame, and then its echo.
            for seq in [seq * 2 - 1, seq * 2 - 1, seq * 2] {
                socket.text(&other_frame(seq, &format!("moon.{}", seq.div_ceil(2)))).await;
                socket.text(&chat_frame(seq, "c", &seq.div_ceil(2).to_string())).await;
            }
        }
        socket.text(&other_frame(100, "end")).await;
        socket.gone().await;
    })
    .await;
    let mut listener = listen(&peer, fast());
    let mut others = Vec::new();
    while others.last().is_none_or(|last| last != "end") {
        if let NotificationEvent::Other(name) = notified(&mut listener).await.event {
            others.push(name);
        }
    }
    assert_eq!(others, ["moon.1", "moon.2", "moon.3", "end"]);
}

#[tokio::test]
async fn a_live_frame_that_overtakes_the_replay_is_no_restart() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let number = handshake.number;
        let mut socket = handshake.accept().await;
        if number == 0 {
            return socket.text(&other_frame(1, "a")).await;
        }
        // A wake came before the request to go on was read: its frame is live, and then replayed.
        for (seq, name) in [(8, "d"), (6, "b"), (7, "c"), (8, "d"), (9, "e")] {
            socket.text(&other_frame(seq, name)).await;
        }
        socket.gone().await;
    })
    .await;
    let mut listener = listen(&peer, fast());
    let (told, gaps) = told_up_to(9, &mut listener).await;
    assert_eq!(gaps, []);
    assert_eq!(told, [1, 8, 6, 7, 9]);
}

#[tokio::test]
async fn what_a_live_frame_overtook_is_not_lost_with_the_connection() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let number = handshake.number;
        let mut socket = handshake.accept().await;
        match number {
            0 => socket.text(&other_frame(1, "a")).await,
            // The live frame comes, and the connection breaks before the replay.
            1 => socket.text(&other_frame(8, "d")).await,
            _ => {
                let asked: serde_json::Value = serde_json::from_slice(&socket.next().await.unwrap().payload).unwrap();
                for (seq, name) in [(6, "b"), (7, "c"), (8, "d"), (9, "e")] {
                    if seq > asked["since_seq"].as_u64().unwrap() {
                        socket.text(&other_frame(seq, name)).await;
                    }
                }
                socket.gone().await;
            }
        }
    })
    .await;
    let mut listener = listen(&peer, fast());
    let (told, gaps) = told_up_to(9, &mut listener).await;
    assert_eq!(gaps, []);
    assert_eq!(told, [1, 8, 6, 7, 9]);
}

#[tokio::test]
async fn numbers_that_begin_anew_are_a_restart_that_is_told_once() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let number = handshake.number;
        let mut socket = handshake.accept().await;
        if number == 0 {
            return;
        }
        for seq in 1..=60 {
            socket.text(&other_frame(seq, &format!("after.{seq}"))).await;
        }
        socket.gone().await;
    })
    .await;
    peer.prepare_drain(Reply::json("200 OK", r#"{"count":1,"notifications":[{"seq":50,"event_type":"before"}]}"#));
    let mut listener = listen(&peer, fast());
    let (told, gaps) = told_up_to(60, &mut listener).await;
    assert_eq!(told, [50].into_iter().chain(1..=60).collect::<Vec<u64>>());
    assert_eq!(gaps, [Gap::Restarted]);
}

#[tokio::test]
async fn a_drain_that_is_lost_is_asked_for_again_from_the_beginning() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        assert_eq!(socket.next().await.unwrap().payload, br#"{"since_seq":0,"type":"resume"}"#);
        socket.text(&other_frame(1, "what the lost response carried")).await;
        socket.gone().await;
    })
    .await;
    peer.prepare_drain(Reply::cut_off(r#"{"count":1,"notifications":[{"seq":1"#));
    let mut listener = listen(&peer, fast());
    assert_eq!(disconnected(&mut listener).await.0.operation(), Some("drain_inbox"));
    assert_eq!(notified(&mut listener).await.seq, 1);
}

#[test]
fn a_listener_whose_runtime_has_ended_ends_with_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (peer, mut listener) = runtime.block_on(async {
        let peer = StreamPeer::start(async |handshake: Handshake| handshake.accept().await.gone().await).await;
        let mut listener = listen(&peer, fast());
        assert!(matches!(event(&mut listener).await, ListenEvent::Connected));
        (peer, listener)
    });
    drop(runtime);
    drop(peer);
    let another = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(another.block_on(final_error(&mut listener)).kind(), ErrorKind::Stopped);
}

#[test]
fn a_listener_whose_runtime_has_ended_before_its_first_turn_ends_with_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = hasty_client("http://127.0.0.1:9");
    let mut listener = runtime.block_on(async { client.notifications().listen() });
    drop(runtime);
    let another = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(another.block_on(final_error(&mut listener)).kind(), ErrorKind::Stopped);
}
