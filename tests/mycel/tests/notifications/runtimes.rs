//! Streams and listeners beside the tokio runtimes that they need.

use futures::FutureExt;
use futures::executor::block_on;
use mycel_sdk::{Error, ErrorKind, ListenEvent};
use mycel_tests::{Handshake, StreamPeer, expect_not_sent, soon};
use tokio::runtime::{Builder, Runtime};

use crate::shared::{ended, event, hasty_client, other_frame};

fn runtime(build: impl FnOnce(&mut Builder) -> &mut Builder) -> Runtime {
    build(&mut Builder::new_current_thread()).build().unwrap()
}

#[test]
fn what_they_need_of_a_runtime_is_told_before_anything_is_sent() {
    let client = hasty_client("http://127.0.0.1:9");
    let opening = async || client.notifications().stream().await.unwrap_err();
    let listening = async || client.notifications().listen().next().await.unwrap().unwrap_err();
    let expect_told = |error: Error, needed: &str| expect_not_sent(&error, needed);
    expect_told(block_on(opening()), "needs a tokio runtime");
    expect_told(block_on(listening()), "needs a tokio runtime");
    for (runtime, needed) in
        [(runtime(Builder::enable_io), "needs timers"), (runtime(Builder::enable_time), "needs IO")]
    {
        expect_told(runtime.block_on(opening()), needed);
        expect_told(runtime.block_on(listening()), needed);
    }
}

#[test]
fn another_listener_may_follow_one_that_is_dropped_whose_runtime_has_no_turn_meanwhile() {
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer =
        elsewhere.block_on(StreamPeer::start(async |handshake: Handshake| handshake.accept().await.gone().await));
    let client = hasty_client(peer.url());
    let connected = async || {
        let mut listener = client.notifications().listen();
        assert!(matches!(event(&mut listener).await, ListenEvent::Connected));
        listener
    };
    let stands = runtime(Builder::enable_all);
    drop(stands.block_on(connected()));
    drop(runtime(Builder::enable_all).block_on(connected()));
}

/// A stream of a runtime that has ended by now, and its server, which has sent a frame.
fn orphaned() -> (mycel_sdk::NotificationStream, StreamPeer, Runtime) {
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer = elsewhere.block_on(StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        socket.text(&other_frame(1, "first")).await;
        socket.gone().await;
    }));
    let runtime = runtime(Builder::enable_all);
    let stream = runtime.block_on(async {
        let mut stream = soon(hasty_client(peer.url()).notifications().stream().into_future()).await.unwrap();
        assert_eq!(soon(stream.next()).await.unwrap().unwrap().notification.seq, 1);
        assert!(stream.next().now_or_never().is_none());
        stream
    });
    drop(runtime);
    (stream, peer, elsewhere)
}

#[test]
fn a_stream_whose_runtime_has_ended_is_interrupted() {
    let (stream, _peer, _elsewhere) = orphaned();
    let error = runtime(Builder::enable_all).block_on(ended(stream));
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    let (mut stream, _peer, _elsewhere) = orphaned();
    let error = block_on(stream.next()).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
}

#[test]
fn a_stream_goes_on_in_another_runtime_while_its_own_lives() {
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer = elsewhere.block_on(StreamPeer::start(async |handshake: Handshake| {
        let mut socket = handshake.accept().await;
        assert!(socket.next().await.is_some());
        for seq in 1..=3 {
            socket.text(&other_frame(seq, "here and there")).await;
        }
        socket.gone().await;
    }));
    let mut stream = elsewhere
        .block_on(async { soon(hasty_client(peer.url()).notifications().stream().since(0).into_future()).await })
        .unwrap();
    for seq in 1..=3 {
        // Each in a runtime of its own, which ends.
        let streamed = runtime(Builder::enable_all).block_on(soon(stream.next())).unwrap().unwrap();
        assert_eq!(streamed.notification.seq, seq);
    }
}
