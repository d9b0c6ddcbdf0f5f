//! After a connection that broke off the stream is opened once more: the backend takes the listener away with the
//! old connection when it finds that dead, which it may do a minute later. It does so with the settings that a program
//! has which sets none.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycel_sdk::{Client, ErrorKind, ListenEvent, Listener, NotificationEvent};
use mycel_tests::{Handshake, Reply, StreamPeer, VirtualTime};
use tokio::time::Instant;

use crate::shared::{TOKEN, other_frame};

const SECOND: Duration = Duration::from_secs(1);

fn listen(peer: &StreamPeer) -> Listener {
    Client::builder(peer.url()).auth_token(TOKEN).build().unwrap().notifications().listen()
}

/// What a listener tells, in short, and when, until so much time has passed.
async fn told(listener: &mut Listener, time: Duration) -> Vec<(Instant, String)> {
    let end = Instant::now() + time;
    let mut told = Vec::new();
    while let Ok(event) = tokio::time::timeout_at(end, listener.next()).await {
        let words = match event.unwrap().unwrap() {
            ListenEvent::Connected => "connected".to_owned(),
            ListenEvent::Disconnected { reason, .. } => format!("disconnected: {:?}", reason.kind()),
            ListenEvent::Renewing { retry_in } => format!("renewing in {retry_in:?}"),
            ListenEvent::Notification(notification) => match notification.event {
                NotificationEvent::Other(name) => name,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        told.push((Instant::now(), words));
    }
    told
}

fn words(told: &[(Instant, String)]) -> Vec<&str> {
    told.iter().map(|(_, words)| words.as_str()).collect()
}

/// When a stream began, and when it ended if it has.
type Times = (Instant, Option<Instant>);

/// A server that plays a script and takes down when each stream began and ended.
struct Recorded {
    peer: StreamPeer,
    times: Arc<Mutex<Vec<Times>>>,
}

impl Recorded {
    /// `breaks` says how a stream breaks off, by its number; `None` keeps it.
    async fn start(breaks: impl Fn(usize) -> Option<Break> + Send + Sync + 'static) -> Self {
        let times = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&times);
        let peer = StreamPeer::start(move |handshake: Handshake| {
            let times = Arc::clone(&shared);
            let number = handshake.number;
            times.lock().unwrap().push((Instant::now(), None));
            let how = breaks(number);
            async move {
                match how {
                    Some(Break::InHandshake) => drop(handshake),
                    Some(Break::After(time)) => {
                        let socket = handshake.accept().await;
                        tokio::time::sleep(time).await;
                        socket.reset();
                    }
                    Some(Break::InOrder) => handshake.accept().await.close(Some(1012), "restarting").await,
                    None => handshake.accept().await.alive().await,
                }
                times.lock().unwrap()[number].1 = Some(Instant::now());
            }
        })
        .await;
        Self { peer, times }
    }

    /// How long nobody listened between one stream and the next.
    fn pauses(&self) -> Vec<Duration> {
        let times = self.times.lock().unwrap();
        times.windows(2).map(|pair| pair[1].0 - pair[0].1.unwrap()).collect()
    }
}

/// How a connection breaks off.
#[derive(Clone, Copy, Debug)]
enum Break {
    /// Before the handshake is answered: the backend may hold a connection that its client knows nothing of.
    InHandshake,
    After(Duration),
    /// With a close.
    InOrder,
}

/// Expects a pause of about so long: the clock goes on while a stream is opened.
#[track_caller]
fn expect_about(pause: Duration, least: Duration, most: Duration) {
    assert!(pause >= least && pause <= most + SECOND / 4, "{pause:?} is not between {least:?} and {most:?}");
}

#[tokio::test(start_paused = true)]
async fn a_minute_after_a_connection_that_broke_off_the_stream_is_opened_once_more() {
    let _time = VirtualTime::start();
    for breaks in [Break::InHandshake, Break::After(Duration::ZERO)] {
        let server = Recorded::start(move |number| (number == 0).then_some(breaks)).await;
        let begun = Instant::now();
        let told = told(&mut listen(&server.peer), 300 * SECOND).await;
        let words = words(&told);
        let after_the_break = words.split(|words| words.starts_with("disconnected")).next_back().unwrap();
        assert_eq!(after_the_break, ["connected", "renewing in 1s", "connected"], "{breaks:?}: {words:?}");
        assert_eq!(server.peer.handshakes().len(), 3, "once, and no more: {breaks:?}");
        let [first, renewal] = server.pauses()[..] else { panic!("{breaks:?}") };
        expect_about(first, SECOND, SECOND * 2);
        expect_about(renewal, SECOND, SECOND);
        let told_at = told[told.len() - 2].0 - begun;
        assert!((SECOND * 60..SECOND * 62).contains(&told_at), "{breaks:?}: {told_at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_connection_that_was_closed_in_order_it_is_not() {
    let _time = VirtualTime::start();
    let server = Recorded::start(|number| (number == 0).then_some(Break::InOrder)).await;
    let told = told(&mut listen(&server.peer), 300 * SECOND).await;
    let closed = format!("disconnected: {:?}", ErrorKind::Closed { code: Some(1012) });
    assert!(words(&told).ends_with(&[&closed, "connected"]), "{told:?}");
    expect_about(server.pauses()[0], SECOND, SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_takes_no_longer_after_many_breaks_than_after_one() {
    let _time = VirtualTime::start();
    for breaks in [1, 5, 6] {
        let server = Recorded::start(move |number| (number < breaks).then_some(Break::After(Duration::ZERO))).await;
        let told = told(&mut listen(&server.peer), 300 * SECOND).await;
        let (renewal, others) = server.pauses().split_last().map(|(last, others)| (*last, others.to_vec())).unwrap();
        assert_eq!(others.len(), breaks, "{told:?}");
        for (index, pause) in others.iter().enumerate() {
            let least = SECOND * 2_u32.pow(u32::try_from(index).unwrap()).min(30);
            expect_about(*pause, least, least * 2);
        }
        expect_about(renewal, SECOND, SECOND);
        assert!(words(&told).ends_with(&["connected", "renewing in 1s", "connected"]), "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_leaves_the_pauses_where_they_are() {
    let _time = VirtualTime::start();
    // Four breaks; a minute after the last one the stream is renewed, and then breaks once more: before it was open
    // for a minute, the renewal aside, and after.
    for (lasts, least) in [(SECOND, SECOND * 16), (SECOND * 30, SECOND)] {
        let server = Recorded::start(move |number| match number {
            0..=3 => Some(Break::After(Duration::ZERO)),
            5 => Some(Break::After(lasts)),
            _ => None,
        })
        .await;
        told(&mut listen(&server.peer), 300 * SECOND).await;
        let pauses = server.pauses();
        expect_about(pauses[4], SECOND, SECOND);
        expect_about(pauses[5], least, least * 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_happens_meanwhile_is_told_when_the_stream_is_open_again() {
    let _time = VirtualTime::start();
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let number = handshake.number;
        let mut socket = handshake.accept().await;
        if number == 0 {
            return socket.reset();
        }
        // It goes on from where it was, so nothing is told twice.
        let asked: serde_json::Value = serde_json::from_slice(&socket.next().await.unwrap().payload).unwrap();
        for seq in (1..=number as u64).filter(|seq| *seq > asked["since_seq"].as_u64().unwrap()) {
            socket.text(&other_frame(seq, &format!("event.{seq}"))).await;
        }
        socket.alive().await;
    })
    .await;
    peer.prepare_drain(Reply::json("200 OK", r#"{"count":1,"notifications":[{"seq":0,"event_type":"inbox"}]}"#));
    let told = told(&mut listen(&peer), 300 * SECOND).await;
    let words = words(&told);
    let after_the_break = words.split(|words| words.starts_with("disconnected")).next_back().unwrap();
    assert_eq!(after_the_break, ["connected", "event.1", "renewing in 1s", "connected", "event.2"], "{words:?}");
}
