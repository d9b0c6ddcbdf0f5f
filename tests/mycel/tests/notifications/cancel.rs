//! Whatever is dropped, and whenever: nothing of it stays behind, neither a task nor a socket.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures::FutureExt;
use mycel_sdk::Client;
use mycel_tests::{Handshake, PATIENCE, StreamPeer, soon};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

use crate::shared::{fast, hasty_client, other_frame};

/// A server on a thread of its own, so that the tasks of the test are those of the SDK.
struct Elsewhere {
    peer: Option<StreamPeer>,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Elsewhere {
    fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let peer = runtime.block_on(StreamPeer::start(async |handshake: Handshake| {
            let mut socket = handshake.accept().await;
            socket.text(&other_frame(1, "hello")).await;
            socket.gone().await;
        }));
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || drop(runtime.block_on(stopped)));
        Self { peer: Some(peer), runtime: handle, stop: Some(stop), thread: Some(thread) }
    }

    fn peer(&self) -> &StreamPeer {
        self.peer.as_ref().unwrap()
    }

    fn client(&self) -> Client {
        hasty_client(self.peer().url())
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        drop(self.peer.take());
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Polls a future at most so often; the outcome if it has one by then.
async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| {
        if polls == times {
            return Poll::Ready(None);
        }
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending if polls == times => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Expects that no task is left on this runtime, and no socket open at the server.
async fn expect_nothing_left(server: &Elsewhere, what: &str) {
    soon(server.peer().wait_until_closed()).await;
    let metrics = Handle::current().metrics();
    let ended = async {
        while metrics.num_alive_tasks() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let ended = tokio::time::timeout(PATIENCE, ended).await;
    assert!(ended.is_ok(), "{what}: {} tasks are left", metrics.num_alive_tasks());
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Drops what `begin` makes after each number of polls up to the one that completes it.
fn drops_cleanly<T>(what: &str, begin: impl AsyncFn(Client) -> T) {
    let server = Elsewhere::start();
    runtime().block_on(async {
        for times in 0..200 {
            let outcome = soon(polled(begin(server.client()), times)).await;
            let is_done = outcome.is_some();
            drop(outcome);
            expect_nothing_left(&server, &format!("{what} after {times} polls")).await;
            if is_done {
                assert!(times > 1, "{what} waited for nothing");
                return;
            }
        }
        panic!("{what} is not done after 200 polls");
    });
}

#[test]
fn a_drain_leaves_nothing_behind() {
    drops_cleanly("drain", async |client: Client| client.notifications().drain().await.unwrap());
}

#[test]
fn a_wait_leaves_nothing_behind() {
    let timeout = Duration::from_secs(1);
    drops_cleanly("wait", async |client: Client| client.notifications().wait(timeout).await.unwrap());
}

#[test]
fn a_stream_that_is_opened_leaves_nothing_behind() {
    drops_cleanly("open", async |client: Client| client.notifications().stream().since(0).await.unwrap());
}

#[test]
fn a_stream_that_is_read_leaves_nothing_behind() {
    drops_cleanly("next", async |client: Client| {
        let mut stream = client.notifications().stream().await.unwrap();
        stream.next().await.unwrap().unwrap();
        // And on, where nothing comes.
        assert!(stream.next().now_or_never().is_none());
        stream
    });
}

#[test]
fn a_listener_leaves_nothing_behind() {
    // It works by itself, so it is dropped after each number of turns that its task has had.
    let server = Elsewhere::start();
    runtime().block_on(async {
        let mut was_open = false;
        for turns in 0..400_u32 {
            let listener = server.client().notifications().listen_with(fast());
            for _ in 0..turns * 4 {
                tokio::task::yield_now().await;
            }
            was_open |= !server.peer().handshakes().is_empty();
            drop(listener);
            if turns % 4 == 0 {
                expect_nothing_left(&server, &format!("a listener after {} turns", turns * 4)).await;
            }
        }
        expect_nothing_left(&server, "all listeners").await;
        assert!(was_open, "none of them got as far as the stream");

        // Dropped while it is open, while it pauses, and after it was stopped.
        for is_stopped in [false, true] {
            let seen = server.peer().handshakes().len();
            let listener = server.client().notifications().listen_with(fast());
            soon(server.peer().wait_for_handshakes(seen + 1)).await;
            if is_stopped {
                listener.stop_handle().stop();
                expect_nothing_left(&server, "a listener that was stopped").await;
            }
            drop(listener);
            expect_nothing_left(&server, "an open listener").await;
        }
        let mut pausing = hasty_client("http://127.0.0.1:9").notifications().listen();
        assert!(soon(pausing.next()).await.unwrap().is_ok());
        drop(pausing);
        expect_nothing_left(&server, "a listener between two tries").await;
    });
}

#[test]
fn what_waits_for_a_listener_can_be_dropped_and_taken_up_again() {
    let server = Elsewhere::start();
    runtime().block_on(async {
        let mut listener = server.client().notifications().listen_with(fast());
        let mut told = 0;
        while told < 2 {
            told += usize::from(listener.next().now_or_never().is_some());
            tokio::task::yield_now().await;
        }
        assert!(listener.next().now_or_never().is_none());
        drop(listener);
        expect_nothing_left(&server, "a listener that was asked now and then").await;
    });
}
