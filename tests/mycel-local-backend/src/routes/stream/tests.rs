//! What depends on the timing, which is not a matter of the builder's public options, and what can only be seen from
//! inside.

use std::{future::ready, time::Duration};

use futures::{SinkExt, StreamExt};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, duplex},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::header,
        protocol::{CloseFrame, Role},
    },
};

use super::{PATH, Timing, open};
use crate::{
    LocalBackend,
    store::{
        inbox,
        users::{self, User, UserType},
    },
};

/// What never comes in a test that doesn't wait for it.
const NEVER: Duration = Duration::from_secs(3600);

/// What comes at once, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(60);

const CALM: Timing = Timing { echo: NEVER, ping_every: NEVER, pong_within: NEVER, linger: Duration::ZERO };

async fn backend(timing: Timing) -> LocalBackend {
    // Where it stops, nothing is given up.
    let mut builder = LocalBackend::builder().grace(NEVER);
    builder.timing = timing;
    builder.start().await.unwrap()
}

/// Adds an external user, unless there is one.
async fn add(backend: &LocalBackend, id: &str) {
    let user = User {
        id: id.to_owned(),
        kind: UserType::External,
        name: "Name".to_owned(),
        is_guest: false,
        email: None,
        mycel_id: None,
        owner_user_id: None,
    };
    let added = backend.app.transact(|work| match users::find(work.db, &user.id)? {
        Some(_) => Ok(()),
        None => Ok(users::insert(work.db, &user)?),
    });
    added.unwrap();
}

/// A user's stream.
async fn stream(backend: &LocalBackend, id: &str) -> WebSocketStream<TcpStream> {
    add(backend, id).await;
    let token = backend.app.tokens.for_external(id, "owner").unwrap();
    let mut request = format!("ws://{}{PATH}", backend.address()).into_client_request().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    let connection = TcpStream::connect(backend.address()).await.unwrap();
    client_async(request, connection).await.unwrap().0
}

/// A stream that has been sent more than there is room for, and its peer, who has read none of it.
async fn unread_stream(backend: &LocalBackend, id: &str) -> WebSocketStream<DuplexStream> {
    let app = &backend.app;
    add(backend, id).await;
    let (here, there) = duplex(1024);
    open(app, id.to_owned(), ready(Ok::<_, ()>(there)));
    let (user_id, metadata) = (id.to_owned(), json!({ "event_type": "test", "text": "x".repeat(64 * 1024) }));
    app.transact(|work| work.notify(&user_id, &metadata)).unwrap();
    WebSocketStream::from_raw_socket(here, Role::Client, None).await
}

/// Puts something into the inbox, and wakes.
async fn notify(backend: &LocalBackend, id: &'static str) {
    let put = backend.app.transact(|work| work.notify(id, &json!({ "event_type": "test" })));
    put.unwrap();
}

/// Puts something into the inbox without a wake: it is found when the stream looks again.
async fn put_unheard(backend: &LocalBackend, id: &'static str) {
    let put = backend.app.transact(|work| Ok(inbox::push(work.db, id, &json!({ "event_type": "test" }))?));
    put.unwrap();
}

async fn next<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut WebSocketStream<S>) -> Message {
    timeout(SOON, stream.next()).await.unwrap().unwrap().unwrap()
}

async fn is_silent(stream: &mut WebSocketStream<TcpStream>, time: Duration) -> bool {
    timeout(time, stream.next()).await.is_err()
}

/// Waits until so many streams are left.
async fn are_left(backend: &LocalBackend, count: usize) {
    let start = Instant::now();
    while backend.app.streams.receiver_count() != count {
        assert!(start.elapsed() < SOON, "{} are left", backend.app.streams.receiver_count());
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_pings_stays() {
    let every = Duration::from_millis(20);
    let backend = backend(Timing { ping_every: every, pong_within: SOON, ..CALM }).await;
    let mut stream = memory_stream(&backend, "a").await;
    let start = Instant::now();
    for _ in 0..5 {
        assert!(matches!(next(&mut stream).await, Message::Ping(_)));
        // The pong goes out with whatever is read or written next.
    }
    assert!(start.elapsed() >= every * 5);
    notify(&backend, "a").await;
    while !matches!(next(&mut stream).await, Message::Text(_)) {}
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_answer_a_ping_is_dropped() {
    let moment = Duration::from_millis(50);
    let backend = backend(Timing { ping_every: moment, pong_within: moment, ..CALM }).await;
    let mut stream = memory_stream(&backend, "a").await;
    // It doesn't read meanwhile, which is what pongs come from.
    sleep(moment * 3).await;
    assert!(matches!(next(&mut stream).await, Message::Ping(_)));
    let told = CloseFrame { code: 1011.into(), reason: "keepalive ping timeout".into() };
    assert_eq!(next(&mut stream).await, Message::Close(Some(told)));
    drop(stream);
    are_left(&backend, 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_pong_that_nobody_asked_for_is_no_answer() {
    let moment = Duration::from_millis(50);
    let backend = backend(Timing { ping_every: moment, pong_within: moment, ..CALM }).await;
    let mut stream = memory_stream(&backend, "a").await;
    let start = Instant::now();
    // It is written without anything being read.
    while stream.send(Message::Pong("unasked".into())).await.is_ok() && backend.app.streams.receiver_count() == 1 {
        assert!(start.elapsed() < SOON, "it is still there");
        sleep(Duration::from_millis(5)).await;
    }
    are_left(&backend, 0).await;
}

#[tokio::test]
async fn a_peer_that_goes_away_leaves_nothing() {
    let backend = backend(CALM).await;
    let (mut closing, mut dropped) = (stream(&backend, "a").await, stream(&backend, "b").await);
    are_left(&backend, 2).await;
    closing.close(None).await.unwrap();
    are_left(&backend, 1).await;
    dropped.send(Message::text("[]")).await.unwrap();
    drop(dropped);
    are_left(&backend, 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_holds_up_itself_alone_and_not_for_ever() {
    let patience = Duration::from_millis(400);
    let backend = backend(Timing { ping_every: patience, pong_within: patience, ..CALM }).await;
    let mut deaf = unread_stream(&backend, "deaf").await;
    let mut other = memory_stream(&backend, "other").await;
    notify(&backend, "other").await;
    let heard = async {
        while !matches!(next(&mut other).await, Message::Text(_)) {}
        // From here on its pings are answered.
        while other.next().await.is_some() {}
    };
    tokio::select! {
        () = heard => panic!("the wrong one is gone"),
        () = are_left(&backend, 1) => {}
    }
    // There was no room for a word.
    assert!(!matches!(deaf.next().await, Some(Ok(_))));
}

#[tokio::test]
async fn a_peer_that_does_not_read_does_not_hold_up_the_end() {
    let backend = backend(CALM).await;
    let _deaf = unread_stream(&backend, "deaf").await;
    are_left(&backend, 1).await;
    timeout(SOON, backend.shutdown()).await.unwrap();
}

#[tokio::test]
async fn an_echo_is_not_for_who_was_superseded() {
    let echo = Duration::from_millis(500);
    let backend = backend(Timing { echo, ..CALM }).await;
    let mut first = stream(&backend, "a").await;
    notify(&backend, "a").await;
    assert!(matches!(next(&mut first).await, Message::Text(_)));
    let mut second = stream(&backend, "a").await;
    put_unheard(&backend, "a").await;
    assert!(is_silent(&mut first, echo * 2).await);
    assert!(is_silent(&mut second, Duration::from_millis(10)).await);
}

/// A user's stream, without a socket.
async fn memory_stream(backend: &LocalBackend, id: &str) -> WebSocketStream<DuplexStream> {
    add(backend, id).await;
    let (here, there) = duplex(1024);
    open(&backend.app, id.to_owned(), ready(Ok::<_, ()>(there)));
    WebSocketStream::from_raw_socket(here, Role::Client, None).await
}

/// Whether a stream tells what happens.
async fn hears(backend: &LocalBackend, stream: &mut WebSocketStream<DuplexStream>) -> bool {
    notify(backend, "a").await;
    timeout(SOON, stream.next()).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_task_that_lingers_takes_away_whoever_listens_at_its_end() {
    let linger = Duration::from_millis(300);
    let backend = backend(Timing { linger, ..CALM }).await;
    let first = memory_stream(&backend, "a").await;
    drop(first);
    are_left(&backend, 0).await;
    let mut early = memory_stream(&backend, "a").await;
    assert!(hears(&backend, &mut early).await);
    sleep(linger).await;
    assert!(!hears(&backend, &mut early).await);
    // It is still there.
    assert_eq!(backend.app.streams.receiver_count(), 1);
    early.send(Message::Ping("still there?".into())).await.unwrap();
    assert_eq!(early.next().await.unwrap().unwrap(), Message::Pong("still there?".into()));

    drop(early);
    are_left(&backend, 0).await;
    sleep(linger).await;
    let mut late = memory_stream(&backend, "a").await;
    assert!(hears(&backend, &mut late).await);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_does_not_linger_takes_its_own_listener_away_alone() {
    let backend = backend(CALM).await;
    let first = memory_stream(&backend, "a").await;
    let mut second = memory_stream(&backend, "a").await;
    drop(first);
    are_left(&backend, 1).await;
    assert!(hears(&backend, &mut second).await);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_lingers_does_not_hold_up_the_end() {
    let backend = backend(Timing { linger: NEVER, ..CALM }).await;
    drop(memory_stream(&backend, "a").await);
    are_left(&backend, 0).await;
    let app = std::sync::Arc::downgrade(&backend.app);
    backend.shutdown().await;
    while app.strong_count() > 0 {
        sleep(Duration::from_millis(5)).await;
    }
}
