//! The listener over a real backend, and what it does with a program that is slow to listen.

use std::path::Path;
use std::time::Duration;

use futures::FutureExt;
use mycel_local_backend::LocalBackend;
use mycel_sdk::{ChatId, Client, ErrorKind, Gap, ListenEvent, ListenSettings, Listener, NotificationEvent, Secret};
use mycel_tests::{Actor, Handshake, Network, StreamPeer, Weather, World, soon};
use tokio::sync::watch;

use crate::shared::{chat_frame, event, fast, final_error, hasty_client, other_frame};

async fn connected(agent: &Actor) -> Listener {
    let mut listener = agent.client.notifications().listen_with(fast());
    while !matches!(event(&mut listener).await, ListenEvent::Connected) {}
    listener
}

/// What the next event is, in a word: a chat's latest message by its number, or the name of what happened.
async fn word(listener: &mut Listener) -> String {
    match event(listener).await {
        ListenEvent::Notification(notification) => match notification.event {
            NotificationEvent::ChatMessage { message_seq, .. } => format!("message {}", message_seq.unwrap()),
            NotificationEvent::Other(name) => name,
            _ => notification.metadata["event_type"].as_str().unwrap().to_owned(),
        },
        ListenEvent::Connected => "connected".to_owned(),
        ListenEvent::Disconnected { .. } => "disconnected".to_owned(),
        ListenEvent::Gap(gap) => format!("{gap:?}"),
        other => format!("{other:?}"),
    }
}

/// Expects that nothing is told for longer than an echo takes.
async fn expect_quiet(listener: &mut Listener) {
    let told = tokio::time::timeout(Duration::from_millis(150), listener.next()).await;
    assert!(told.is_err(), "{told:?}");
}

async fn send(from: &Actor, chat: &ChatId, text: &str) {
    from.client.messages().send(chat, text).enforce_caught_up(false).await.unwrap();
}

#[tokio::test]
async fn what_was_unread_before_is_told_first_and_then_what_comes() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    send(&codex, &chat, "before").await;

    let mut listener = claude.client.notifications().listen_with(fast());
    assert_eq!(word(&mut listener).await, "message 1");
    assert_eq!(word(&mut listener).await, "connected");
    for number in 2..=4 {
        send(&codex, &chat, "live").await;
        assert_eq!(word(&mut listener).await, format!("message {number}"));
    }
    expect_quiet(&mut listener).await;
}

#[tokio::test]
async fn a_chat_that_stays_unread_is_not_told_again_with_another() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let stays = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    let group = owner.group(&[&codex, &claude]).await;
    claude.client.messages().read(&group).await.unwrap();
    let mut listener = connected(&claude).await;
    send(&codex, &stays, "unread for good").await;
    assert_eq!(word(&mut listener).await, "message 1");
    for _ in 0..3 {
        send(&owner, &group, "another").await;
        let ListenEvent::Notification(told) = event(&mut listener).await else { panic!("no notification") };
        assert_eq!(told.metadata["chat_id"], group.as_str());
    }
    expect_quiet(&mut listener).await;
}

#[tokio::test]
async fn all_else_that_happens_is_told_once() {
    let world = World::start().await;
    let (owner, stranger) = (world.owner().await, world.owner().await);
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let visitor = stranger.agent("visitor").await;
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    let group = owner.group(&[&codex]).await;
    let (mut of_claude, mut of_visitor) = (connected(&claude).await, connected(&visitor).await);

    let asked = visitor.client.relationships().request(&claude.id).await.unwrap();
    assert_eq!(word(&mut of_claude).await, "relationship.requested");
    claude.client.relationships().approve(&asked.id).await.unwrap();
    assert_eq!(word(&mut of_visitor).await, "relationship.approved");

    let join = visitor.client.join_requests().request(&group).await.unwrap();
    owner.client.join_requests().reject(&group, &join.id).await.unwrap();
    assert_eq!(word(&mut of_visitor).await, "chat.join.rejected");

    codex.client.workflow_events().create(&chat, "review", &codex.id).await.unwrap();
    assert_eq!(word(&mut of_claude).await, "chat.workflow.event");
    expect_quiet(&mut of_claude).await;
    expect_quiet(&mut of_visitor).await;
}

#[tokio::test]
async fn a_muted_chat_and_a_mention_of_somebody_else_wake_nobody() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let muted = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    claude.client.chats().mute_member(&muted, &claude.id).await.unwrap();
    let group = owner.group(&[&codex, &claude]).await;
    claude.client.messages().read(&group).await.unwrap();
    let mut listener = connected(&claude).await;
    send(&codex, &muted, "psst").await;
    owner.client.messages().send(&group, "codex?").mention(&codex.id).await.unwrap();
    expect_quiet(&mut listener).await;
    // They are unread all the same, and told with the next that asks.
    assert_eq!(claude.client.notifications().drain().await.unwrap().len(), 2);
}

async fn on_file(file: &Path, address: Option<std::net::SocketAddr>) -> LocalBackend {
    let builder = LocalBackend::builder().data(file);
    let builder = address.into_iter().fold(builder, mycel_local_backend::Builder::listen);
    builder.start().await.unwrap()
}

/// An agent and one who writes to it, over a backend that can be started again.
struct Scene {
    file: std::path::PathBuf,
    _directory: tempfile::TempDir,
    backend: LocalBackend,
    codex: Actor,
    claude: Actor,
    token: Secret,
    chat: ChatId,
}

impl Scene {
    async fn set() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("mycel.db");
        let backend = on_file(&file, None).await;
        let client = Client::builder(backend.url()).build().unwrap();
        let guest = client.auth().create_guest_owner().await.unwrap();
        let owner = Actor { id: guest.user.id, client: client.with_auth_token(guest.token) };
        let codex = owner.agent("codex").await;
        let session = owner.client.users().create_external("claude", "Claude").await.unwrap();
        let claude = Actor { id: session.user.id, client: client.with_auth_token(&session.token) };
        let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
        Self { file, _directory: directory, backend, codex, claude, token: session.token, chat }
    }
}

#[tokio::test]
async fn a_restart_is_survived_and_told_and_what_was_sent_meanwhile_comes() {
    let scene = Scene::set().await;
    let mut listener = scene.claude.client.notifications().listen_with(fast());
    assert_eq!(word(&mut listener).await, "connected");
    for number in 1..=5 {
        send(&scene.codex, &scene.chat, "before").await;
        assert_eq!(word(&mut listener).await, format!("message {number}"));
    }
    let address = scene.backend.address();
    scene.backend.shutdown().await;
    assert_eq!(word(&mut listener).await, "disconnected");
    let backend = on_file(&scene.file, Some(address)).await;
    // Whoever comes first: the listener may be back before this is sent.
    send(&scene.codex, &scene.chat, "meanwhile").await;
    let mut words = Vec::new();
    while ["connected", "message 6", "Restarted"].iter().any(|what| !words.iter().any(|word| word == what)) {
        words.push(word(&mut listener).await);
    }
    assert_eq!(words.iter().filter(|word| *word == "Restarted").count(), 1, "{words:?}");
    send(&scene.codex, &scene.chat, "after").await;
    while word(&mut listener).await != "message 7" {}
    backend.shutdown().await;
}

#[tokio::test]
async fn more_than_the_backend_holds_during_a_break_is_a_gap_and_messages_are_told_all_the_same() {
    let scene = Scene::set().await;
    let network = Network::start(scene.backend.address(), 0).await;
    let far = Client::builder(network.url()).auth_token(&scene.token).build().unwrap();
    send(&scene.codex, &scene.chat, "before").await;
    let mut listener = far.notifications().listen_with(fast());
    assert_eq!(word(&mut listener).await, "message 1");
    assert_eq!(word(&mut listener).await, "connected");

    network.set(Weather::Cut);
    assert_eq!(word(&mut listener).await, "disconnected");
    send(&scene.codex, &scene.chat, "meanwhile").await;
    // Each numbers the unread chat once more. Two were given before: one drain before the stream, one after.
    for _ in 0..300 {
        scene.claude.client.notifications().drain().await.unwrap();
    }
    network.set(Weather::Calm);
    let (mut gaps, mut told) = (Vec::new(), false);
    while gaps.is_empty() || !told {
        match event(&mut listener).await {
            ListenEvent::Gap(gap) => gaps.push(gap),
            ListenEvent::Notification(notification) => told |= notification.metadata["message_seq"] == 2,
            _ => {}
        }
    }
    let [Gap::Overflow { missed }] = gaps[..] else { panic!("{gaps:?}") };
    assert!((40..=60).contains(&missed), "{missed}: 300 and a few more were given, and 256 are held");
    send(&scene.codex, &scene.chat, "after").await;
    while word(&mut listener).await != "message 3" {}
}

#[tokio::test]
async fn a_second_listener_of_one_user_is_refused_until_the_first_is_gone() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let first = connected(&codex).await;
    let clone = codex.client.clone();
    for client in [&codex.client, &clone] {
        let error = final_error(&mut client.notifications().listen_with(fast())).await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::AlreadyListening, 0), "{error}");
    }
    // Others over the same connections are free to, and so is the same user once the first is gone.
    drop(connected(&owner.agent("claude").await).await);
    drop(first);
    for _ in 0..20 {
        drop(connected(&codex).await);
    }
    // The last of them was left while it may have been asking who it is.
    for _ in 0..20 {
        drop(codex.client.notifications().listen());
    }
    let mut last = connected(&codex).await;
    let chat = owner.client.chats().ensure_direct(&codex.id).await.unwrap().id;
    send(&owner, &chat, "still there?").await;
    assert_eq!(word(&mut last).await, "message 1");
}

#[tokio::test]
async fn who_may_not_listen_is_told_why() {
    let world = World::start().await;
    let owner = world.owner().await;
    let person = final_error(&mut owner.client.notifications().listen()).await;
    assert_eq!((person.kind(), person.attempts()), (ErrorKind::InvalidInput, 0), "{person}");
    assert!(person.to_string().contains("drain() brings a person the chats with unread messages"), "{person}");

    for client in [world.client.with_auth_token("no-token-of-this-backend"), world.client.clone()] {
        let error = final_error(&mut client.notifications().listen()).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)), "{error}");
    }
    let unsendable = world.client.with_auth_token("two\nlines");
    let error = final_error(&mut unsendable.notifications().listen()).await;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
}

#[tokio::test]
async fn a_stopped_listener_tells_what_it_has_and_then_that_it_was_stopped() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    send(&codex, &chat, "unread").await;
    let mut listener = claude.client.notifications().listen_with(fast());
    assert_eq!(word(&mut listener).await, "message 1");
    let handle = listener.stop_handle();
    let stopper = tokio::spawn(async move {
        handle.clone().stop();
        handle.stop();
    });
    stopper.await.unwrap();
    assert_eq!(final_error(&mut listener).await.kind(), ErrorKind::Stopped);
    // It is over, so another may listen although the first is still held.
    let mut next = connected(&claude).await;
    send(&codex, &chat, "more").await;
    assert_eq!(word(&mut next).await, "message 2");
}

#[tokio::test]
async fn a_backend_that_is_not_there_yet_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let backend = on_file(&file, None).await;
    let address = backend.address();
    let client = Client::builder(backend.url()).build().unwrap();
    let guest = client.auth().create_guest_owner().await.unwrap();
    let session = client.with_auth_token(guest.token).users().create_external("codex", "Codex").await.unwrap();
    backend.shutdown().await;

    let patient = Client::builder(client.base_url()).auth_token(session.token).retry(mycel_sdk::RetryPolicy::never());
    let base = Duration::from_millis(4);
    let settings = ListenSettings::default().base_delay(base).max_delay(base * 8);
    let mut listener = patient.build().unwrap().notifications().listen_with(settings);
    for index in 0..5 {
        let ListenEvent::Disconnected { reason, retry_in } = event(&mut listener).await else { panic!("not there") };
        assert_eq!(reason.kind(), ErrorKind::Connect, "{reason}");
        let least = base * 2_u32.pow(index).min(8);
        assert!(retry_in >= least && retry_in <= least * 2, "pause {index}: {retry_in:?}");
    }
    let _backend = on_file(&file, Some(address)).await;
    soon(async { while word(&mut listener).await != "connected" {} }).await;
}

#[test]
fn a_listener_outside_of_a_runtime_is_an_error_and_no_panic() {
    let client = hasty_client("http://127.0.0.1:9");
    let mut listener = client.notifications().listen();
    listener.stop_handle().stop();
    let error = listener.next().now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    assert!(error.to_string().contains("tokio runtime"), "{error}");
    assert!(listener.next().now_or_never().unwrap().is_none());
}

#[tokio::test]
async fn of_ten_thousand_notifications_of_a_chat_a_slow_program_is_told_the_newest() {
    let (all_sent, mut sent) = watch::channel(false);
    let peer = StreamPeer::start(move |handshake: Handshake| {
        let all_sent = all_sent.clone();
        async move {
            let mut socket = handshake.accept().await;
            for seq in 1..=10_000_u64 {
                socket.text(&chat_frame(seq, "busy", &seq.to_string())).await;
            }
            socket.text(&other_frame(10_001, "after them")).await;
            // It answers this after it has read all that came before.
            socket.send(mycel_tests::opcode::PING, b"read?").await;
            while socket.next().await.is_some_and(|frame| frame.opcode != mycel_tests::opcode::PONG) {}
            all_sent.send_replace(true);
            socket.gone().await;
        }
    })
    .await;
    let mut listener = hasty_client(peer.url()).notifications().listen_with(fast().capacity(10));
    soon(sent.wait_for(|sent| *sent)).await.unwrap();
    assert_eq!(word(&mut listener).await, "connected");
    assert_eq!(word(&mut listener).await, "message 10000");
    assert_eq!(word(&mut listener).await, "after them");
}

#[tokio::test]
async fn what_does_not_collapse_is_kept_up_to_a_bound_and_then_left_with_the_backend() {
    const FRAMES: u64 = 300;
    let (progress, mut sent) = watch::channel(0);
    let peer = StreamPeer::start(move |handshake: Handshake| {
        let progress = progress.clone();
        async move {
            let mut socket = handshake.accept().await;
            for seq in 1..=FRAMES {
                let mut text = other_frame(seq, &format!("event {seq}"));
                text.push_str(&" ".repeat(500_000));
                socket.text(&text).await;
                progress.send_replace(seq);
            }
            socket.gone().await;
        }
    })
    .await;
    let mut listener = hasty_client(peer.url()).notifications().listen_with(fast().capacity(4));
    // The kernel takes some megabytes, but not 150 of them: after some frames nothing moves for a while.
    let stuck = soon(async {
        loop {
            let before = *sent.borrow_and_update();
            if tokio::time::timeout(Duration::from_millis(300), sent.changed()).await.is_err() && before > 0 {
                return before;
            }
        }
    })
    .await;
    assert!(stuck < FRAMES, "all was read although nobody takes it");
    assert_eq!(word(&mut listener).await, "connected");
    for seq in 1..=FRAMES {
        assert_eq!(word(&mut listener).await, format!("event {seq}"));
    }
}
