//! While the stream is open the inbox is drained from time to time, so that nothing stays untold for long, whatever the
//! stream does not tell. It does so with the settings that a program has which sets none.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mycel_local_backend::LocalBackend;
use mycel_sdk::{Client, ErrorKind, ListenEvent, ListenSettings, Listener, Notification};
use mycel_tests::{Handshake, RawSocket, Reply, StreamPeer, VirtualTime, World};
use tokio::time::Instant;

use crate::shared::{TOKEN, event, final_error, other_frame};

const MINUTE: Duration = Duration::from_secs(60);

fn listen(peer: &StreamPeer) -> Listener {
    Client::builder(peer.url()).auth_token(TOKEN).build().unwrap().notifications().listen()
}

/// A server whose streams tell nothing.
async fn deaf() -> StreamPeer {
    StreamPeer::start(async |handshake: Handshake| handshake.accept().await.alive().await).await
}

fn empty() -> Reply {
    Reply::json("200 OK", r#"{"count":0,"notifications":[]}"#)
}

async fn connected(listener: &mut Listener) {
    while !matches!(event(listener).await, ListenEvent::Connected) {}
}

/// The next notification, which comes within a minute.
async fn told_within_a_minute(listener: &mut Listener) -> Notification {
    let told =
        tokio::time::timeout(MINUTE + MINUTE / 30, listener.next()).await.expect("nothing was told for a minute");
    match told.unwrap().unwrap() {
        ListenEvent::Notification(notification) => notification,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_stream_is_drained_each_minute() {
    let _time = VirtualTime::start();
    let peer = deaf().await;
    let mut listener = listen(&peer);
    connected(&mut listener).await;
    let (begun, drains) = (Instant::now(), peer.drains());
    peer.wait_for_drains(drains + 1).await;
    let first = begun.elapsed();
    assert!((MINUTE / 2..MINUTE + MINUTE / 30).contains(&first), "{first:?}");
    for _ in 0..5 {
        let (begun, drains) = (Instant::now(), peer.drains());
        peer.wait_for_drains(drains + 1).await;
        let pause = begun.elapsed();
        assert!((MINUTE - MINUTE / 30..MINUTE + MINUTE / 30).contains(&pause), "{pause:?}");
    }
    assert_eq!(peer.handshakes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn how_often_is_set() {
    let _time = VirtualTime::start();
    let peer = deaf().await;
    let client = Client::builder(peer.url()).auth_token(TOKEN).build().unwrap();
    for (every, least, most) in [(MINUTE / 12, 12, 14), (Duration::MAX, 0, 0)] {
        let settings = ListenSettings::default().drain_every(every);
        let mut listener = client.notifications().listen_with(settings);
        connected(&mut listener).await;
        let before = peer.drains();
        tokio::time::sleep(MINUTE + MINUTE / 30).await;
        let drains = peer.drains() - before;
        assert!((least..=most).contains(&drains), "{drains} drains with one every {every:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_deaf_stream_does_not_tell_is_told_within_a_minute() {
    let _time = VirtualTime::start();
    let peer = deaf().await;
    for _ in 0..2 {
        peer.prepare_drain(empty());
    }
    let mut listener = listen(&peer);
    connected(&mut listener).await;
    for seq in 1..=3 {
        let body = format!(r#"{{"count":1,"notifications":[{{"seq":{seq},"event_type":"event.{seq}"}}]}}"#);
        peer.prepare_drain(Reply::json("200 OK", &body));
        assert_eq!(told_within_a_minute(&mut listener).await.seq, seq);
    }
    assert_eq!(peer.handshakes().len(), 1, "nothing is wrong with it");
}

#[tokio::test(start_paused = true)]
async fn what_wakes_nobody_is_told_within_a_minute() {
    let _time = VirtualTime::start();
    let test = "what_wakes_nobody_is_told_within_a_minute";
    let Some(world) = World::start_local(test).await else { return };
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let muted = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    claude.client.chats().mute_member(&muted, &claude.id).await.unwrap();
    let group = owner.group(&[&codex, &claude]).await;
    let mut listener = claude.client.notifications().listen();
    connected(&mut listener).await;
    for _ in 0..2 {
        codex.client.messages().send(&muted, "psst").enforce_caught_up(false).await.unwrap();
        assert_eq!(told_within_a_minute(&mut listener).await.metadata["chat_id"], muted.as_str());
        let asked = owner.client.messages().send(&group, "codex?").mention(&codex.id);
        asked.enforce_caught_up(false).await.unwrap();
        assert_eq!(told_within_a_minute(&mut listener).await.metadata["chat_id"], group.as_str());
    }
    // They stay unread, and nothing more is said of them.
    assert!(tokio::time::timeout(MINUTE * 3, listener.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_listener_was_taken_away_is_deaf_for_no_longer_than_a_minute() {
    let _time = VirtualTime::start();
    let backend = LocalBackend::builder().stream_linger(Duration::from_millis(500)).start().await.unwrap();
    let direct = Client::builder(backend.url()).build().unwrap();
    let owner = direct.auth().create_guest_owner().await.unwrap();
    let owner = direct.with_auth_token(owner.token);
    let session = owner.users().create_external("codex", "Codex").await.unwrap();
    let codex = direct.with_auth_token(session.token);
    let chat = owner.chats().ensure_direct(&session.user.id).await.unwrap().id;

    // It comes back too soon, so its first stream takes the second one's listener away.
    let hasty = ListenSettings::default().base_delay(Duration::from_millis(1));
    let mut listener = codex.notifications().listen_with(hasty);
    connected(&mut listener).await;
    drop(listener);
    let mut listener = codex.notifications().listen_with(hasty);
    connected(&mut listener).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for number in 1..=3 {
        let sent = Instant::now();
        owner.messages().send(&chat, "are you there?").enforce_caught_up(false).await.unwrap();
        assert_eq!(told_within_a_minute(&mut listener).await.metadata["message_seq"], number);
        assert!(sent.elapsed() > Duration::from_secs(5), "it is not deaf, and this test shows nothing");
    }
}

/// A server that is asked to go on from somewhere, says so, and then sends what is prepared.
async fn asked(since: Arc<Mutex<Vec<u64>>>, mut socket: RawSocket, names: &[(u64, &str)]) {
    let asked: serde_json::Value = match socket.next().await {
        Some(frame) => serde_json::from_slice(&frame.payload).unwrap(),
        None => return,
    };
    let asked = asked["since_seq"].as_u64().unwrap();
    since.lock().unwrap().push(asked);
    for (seq, name) in names.iter().filter(|(seq, _)| *seq > asked) {
        socket.text(&other_frame(*seq, name)).await;
    }
    socket.alive().await;
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_fails_is_a_break_and_what_it_carried_is_sent_again() {
    let _time = VirtualTime::start();
    let since = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&since);
    let peer = StreamPeer::start(move |handshake: Handshake| {
        let since = Arc::clone(&shared);
        async move {
            let number = handshake.number;
            let socket = handshake.accept().await;
            let lost: &[(u64, &str)] = &[(8, "lost with the response")];
            asked(since, socket, if number == 0 { &[] } else { lost }).await;
        }
    })
    .await;
    peer.prepare_drain(Reply::json("200 OK", r#"{"count":1,"notifications":[{"seq":7,"event_type":"first"}]}"#));
    peer.prepare_drain(empty());
    peer.prepare_drain(Reply::cut_off(r#"{"count":1,"notifications":[{"seq":8"#));
    let mut listener = listen(&peer);
    connected(&mut listener).await;
    let ListenEvent::Disconnected { reason, retry_in } = event_within_a_minute(&mut listener).await else {
        panic!("no break")
    };
    assert_eq!((reason.kind(), reason.operation()), (ErrorKind::Interrupted, Some("drain_inbox")), "{reason}");
    assert!(retry_in >= Duration::from_secs(1));
    let ListenEvent::Connected = event(&mut listener).await else { panic!("not connected") };
    assert_eq!(told_within_a_minute(&mut listener).await.seq, 8);
    assert_eq!(*since.lock().unwrap(), [7, 7]);
}

async fn event_within_a_minute(listener: &mut Listener) -> ListenEvent {
    let told = tokio::time::timeout(MINUTE + MINUTE / 2, listener.next()).await;
    told.expect("nothing was told for more than a minute").unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_refused_ends_the_listener_only_if_it_is_refused_once_more() {
    let _time = VirtualTime::start();
    for status in ["401 Unauthorized", "404 Not Found"] {
        for is_refused_again in [false, true] {
            let peer = deaf().await;
            for _ in 0..2 {
                peer.prepare_drain(empty());
            }
            for _ in 0..1 + usize::from(is_refused_again) {
                peer.prepare_drain(Reply::http(status, "", ""));
            }
            let mut listener = listen(&peer);
            connected(&mut listener).await;
            assert!(matches!(event_within_a_minute(&mut listener).await, ListenEvent::Disconnected { .. }), "{status}");
            if is_refused_again {
                let error = final_error(&mut listener).await;
                assert_eq!(error.status().unwrap().to_string(), status[..3], "{error}");
            } else {
                assert!(matches!(event(&mut listener).await, ListenEvent::Connected), "{status}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_takes_long_does_not_hold_up_the_stream() {
    let _time = VirtualTime::start();
    let peer = StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        for seq in 1.. {
            tokio::time::sleep(Duration::from_secs(1)).await;
            socket.text(&other_frame(seq, &format!("event.{seq}"))).await;
        }
    })
    .await;
    for _ in 0..2 {
        peer.prepare_drain(empty());
    }
    peer.prepare_drain(Reply::Silence);
    let mut listener = listen(&peer);
    let drained = async {
        peer.wait_for_drains(3).await;
        Instant::now()
    };
    let reading = async {
        let mut told = Vec::new();
        loop {
            match event(&mut listener).await {
                ListenEvent::Notification(_) => told.push(Instant::now()),
                ListenEvent::Disconnected { reason, .. } => {
                    assert_eq!((reason.kind(), reason.operation()), (ErrorKind::TimedOut, Some("drain_inbox")));
                    return told;
                }
                _ => {}
            }
        }
    };
    let (drained, told) = tokio::join!(drained, reading);
    let meanwhile = told.iter().filter(|time| **time > drained).count();
    assert!((14..=15).contains(&meanwhile), "{meanwhile} were told in the 15 s that the drain took");
}
