//! After a connection that broke off the stream is opened once more: the backend takes the listener away with
//! the old connection when it finds that dead, which it may do a minute later.
//!
//! The clock is virtual. It goes on when nobody has anything to do, so no limit may run while bytes are on their
//! way: the limits of the client are beyond all clocks, and the stream has no time of silence.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycel_sdk::{Client, ErrorKind, ListenEvent, Listener, NotificationEvent};
use mycel_tests::{Handshake, Reply, StreamPeer};
use tokio::time::Instant;

use crate::shared::{TOKEN, fast, other_frame};

fn listen(peer: &StreamPeer) -> Listener {
    let client = Client::builder(peer.url())
        .auth_token(TOKEN)
        .connect_timeout(Duration::MAX)
        .attempt_timeout(Duration::MAX)
        .overall_timeout(Duration::MAX)
        .build()
        .unwrap();
    client.notifications().listen_with(fast().silence(Duration::MAX))
}

/// What a listener tells, in short, until so much time has passed.
async fn told(listener: &mut Listener, time: Duration) -> Vec<String> {
    let end = Instant::now() + time;
    let mut told = Vec::new();
    while let Ok(event) = tokio::time::timeout_at(end, listener.next()).await {
        told.push(match event.unwrap().unwrap() {
            ListenEvent::Connected => "connected".to_owned(),
            ListenEvent::Disconnected { reason, .. } => format!("disconnected: {:?}", reason.kind()),
            ListenEvent::Notification(notification) => match notification.event {
                NotificationEvent::Other(name) => name,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        });
    }
    told
}

/// How the first connection breaks off.
#[derive(Clone, Copy, Debug)]
enum Break {
    /// Before the handshake is answered: the backend may hold a connection that its client knows nothing of.
    InHandshake,
    Later,
}

#[tokio::test(start_paused = true)]
async fn a_minute_after_a_connection_that_broke_off_the_stream_is_opened_once_more() {
    for breaks in [Break::InHandshake, Break::Later] {
        let begun = Arc::new(Mutex::new(Vec::new()));
        let times = Arc::clone(&begun);
        let peer = StreamPeer::start(move |handshake: Handshake| {
            times.lock().unwrap().push(Instant::now());
            async move {
                let number = handshake.number;
                if matches!((number, breaks), (0, Break::InHandshake)) {
                    return;
                }
                let mut socket = handshake.accept().await;
                if number == 0 {
                    return socket.reset();
                }
                // It goes on from where it was, so nothing is told twice.
                let asked: serde_json::Value = serde_json::from_slice(&socket.next().await.unwrap().payload).unwrap();
                for seq in (1..=2).filter(|seq| *seq > asked["since_seq"].as_u64().unwrap()) {
                    socket.text(&other_frame(seq, &format!("event.{seq}"))).await;
                }
                socket.gone().await;
            }
        })
        .await;
        peer.prepare_drain(Reply::json("200 OK", r#"{"count":1,"notifications":[{"seq":0,"event_type":"inbox"}]}"#));
        let mut listener = listen(&peer);
        let events = told(&mut listener, Duration::from_secs(24 * 3600)).await;
        let after_the_break = events.split(|event| event.starts_with("disconnected")).next_back().unwrap();
        assert_eq!(after_the_break, ["connected", "event.1", "event.2", "connected"], "{breaks:?}: {events:?}");
        let begun = begun.lock().unwrap();
        assert_eq!(begun.len(), 3, "once, and no more for a day: {breaks:?}");
        let later = begun[2] - begun[0];
        assert!((Duration::from_secs(60)..Duration::from_secs(70)).contains(&later), "{breaks:?}: {later:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_connection_that_was_closed_in_order_it_is_not() {
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let number = handshake.number;
        let mut socket = handshake.accept().await;
        if number == 0 {
            socket.close(Some(1012), "restarting").await;
        }
        socket.gone().await;
    })
    .await;
    let mut listener = listen(&peer);
    let events = told(&mut listener, Duration::from_secs(24 * 3600)).await;
    let closed = format!("disconnected: {:?}", ErrorKind::Closed { code: Some(1012) });
    assert!(events.ends_with(&[closed, "connected".to_owned()]), "{events:?}");
    assert_eq!(peer.handshakes().len(), 2);
}
