//! A listener with nothing to do does nothing: it waits, and asks for nothing but its inbox, each minute.
//!
//! The clock is a virtual one that jumps to the next timer whenever nobody has anything to do, so each time that the
//! runtime goes to sleep stands for a timer that somebody has set, however fast or slow the machine is.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use futures::FutureExt;
use mycel_sdk::{Client, ListenEvent};
use mycel_tests::{PATIENCE, RawSocket, StreamPeer, opcode};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::shared::{TOKEN, event};

/// How long the stream is quiet between two pings of the backend.
const QUIET: Duration = Duration::from_secs(10);

/// An hour of that.
const PINGS: usize = 360;

/// In each quiet time without a drain: its end is a timer, and so is what has the listener look, every 20 s, whether it
/// heard something, and what has it drain, each minute. For each of them the runtime wakes up to four times, as its wheel
/// of timers turns. Who looks every second is over it.
const MOST_SLEEPS: usize = 12;

/// The first of an hour may come half a minute early.
const DRAINS: RangeInclusive<usize> = 60..=61;

#[test]
fn an_idle_listener_waits_and_asks_for_nothing() {
    let (done, finished) = mpsc::channel();
    let hour = std::thread::spawn(move || {
        idle_for_an_hour();
        let _ = done.send(());
    });
    // Whoever is never done with its work keeps the virtual clock from going on, so here a real one has to tell.
    match finished.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => panic!("the virtual hour is not over: somebody is busy without a pause"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => hour.join().unwrap(),
    }
}

fn idle_for_an_hour() {
    let sleeps = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sleeps);
    let slept = move || counted.load(Ordering::Relaxed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().on_thread_park(move || {
        sleeps.fetch_add(1, Ordering::Relaxed);
    });
    runtime.build().unwrap().block_on(async {
        let (opened, mut streams) = unbounded_channel();
        let peer = StreamPeer::start(move |handshake| {
            let opened = opened.clone();
            async move { opened.send(handshake.accept().await).unwrap() }
        })
        .await;
        // The clock jumps ahead while a drain's bytes are on their way, so nothing of it has a limit.
        let builder = Client::builder(peer.url()).auth_token(TOKEN).connect_timeout(Duration::MAX);
        let client = builder.attempt_timeout(Duration::MAX).overall_timeout(Duration::MAX).build().unwrap();
        let mut listener = client.notifications().listen();
        assert!(matches!(event(&mut listener).await, ListenEvent::Connected));
        let mut stream = only(&mut streams);

        tokio::time::pause();
        // The connections of the calls before are closed after some seconds.
        for _ in 0..10 {
            tokio::time::sleep(QUIET / 2).await;
            ping(&mut stream).await;
        }
        let begun = peer.drains();
        let mut most = 0;
        for _ in 0..PINGS {
            let (sleeps, drains) = (slept(), peer.drains());
            tokio::time::sleep(QUIET).await;
            if peer.drains() == drains {
                most = most.max(slept() - sleeps);
            }
            ping(&mut stream).await;
        }
        assert!(most <= MOST_SLEEPS, "{most} times somebody woke up in a quiet time");
        let drains = peer.drains() - begun;
        assert!(DRAINS.contains(&drains) && peer.handshakes().len() == 1, "{drains} drains in an hour");
        assert!(listener.next().now_or_never().is_none(), "there is nothing to tell");
    });
}

fn only(streams: &mut UnboundedReceiver<RawSocket>) -> RawSocket {
    let stream = streams.try_recv().unwrap();
    assert!(streams.try_recv().is_err());
    stream
}

/// Pings the listener, and waits for its answer while the clock stands.
async fn ping(stream: &mut RawSocket) {
    let (release, held) = mpsc::channel::<()>();
    // As long as a blocking task is there, the clock does not jump.
    let standing = tokio::task::spawn_blocking(move || held.recv());
    stream.send(opcode::PING, b"").await;
    assert_eq!(stream.next().await.unwrap().opcode, opcode::PONG);
    drop(release);
    let _ = standing.await.unwrap();
}
