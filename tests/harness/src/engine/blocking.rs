//! Calls that wait, in threads that belong to no runtime; and what becomes of them in those that do.

use std::thread;

use tokio::runtime::{Builder, Runtime};

use super::{Facade, Settings, Told};
use crate::{Connection, RawPeer};

super::suite! { $ blocking:
    , properties:
    calls_wait_in_threads_without_a_runtime
    their_errors_are_those_of_calls_that_are_awaited
    in_a_runtime_they_are_refused_and_nothing_is_sent
}

/// A server with a runtime of its own, which answers each request so.
fn server(status: &'static str, body: &'static str) -> (Runtime, RawPeer) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer = runtime.block_on(RawPeer::start(move |mut connection: Connection| async move {
        while connection.request().await.is_some() {
            let length = body.len();
            connection.send(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")).await;
        }
    }));
    (runtime, peer)
}

fn calls_wait_in_threads_without_a_runtime<F: Facade>() {
    let (_runtime, peer) = server("200 OK", F::WRITE.answer);
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    F::write_blocking(&client).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| F::write_blocking(&client).unwrap()));
        }
    });
    assert_eq!(peer.requests().len(), 21, "each is sent once");
}

fn their_errors_are_those_of_calls_that_are_awaited<F: Facade>() {
    let (runtime, peer) = server("404 Not Found", "{}");
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    let awaited = runtime.block_on(F::write(&client)).unwrap_err();
    let waited = F::write_blocking(&client).unwrap_err();
    assert_eq!((waited.kind, waited.line, waited.status), (awaited.kind, awaited.line, awaited.status));
}

fn in_a_runtime_they_are_refused_and_nothing_is_sent<F: Facade>() {
    let (_runtime, peer) = server("200 OK", F::READ.answer);
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    let expect_refused = |outcome: Result<(), Box<Told>>| {
        let told = outcome.unwrap_err();
        assert!(told.is_refused() && told.line.contains("belongs to a tokio runtime"), "{told:?}");
    };
    for mut runtime in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async {
            expect_refused(F::read_blocking(&client));
            expect_refused(F::write_blocking(&client));
        });
        let elsewhere = client.clone();
        let waited = runtime.spawn_blocking(move || F::read_blocking(&elsewhere));
        expect_refused(runtime.block_on(waited).unwrap());
    }
    assert_eq!(peer.requests().len(), 0);
    F::read_blocking(&client).unwrap();
}
