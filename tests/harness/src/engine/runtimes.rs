//! One client in several tokio runtimes, and in none.

use std::thread;

use futures::executor::block_on;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

use super::{Facade, Settings, Told};
use crate::{Connection, RawPeer, soon};

super::suite! { $ runtimes:
    one_client_serves_many_runtimes_that_come_and_go
    a_runtime_that_goes_on_keeps_its_connection
    what_a_call_needs_of_its_runtime_is_told_before_anything_is_sent
    a_runtime_that_ends_is_told_as_that
}

/// A server that answers each request so, over as few connections as the client makes.
async fn answering(body: &'static str) -> RawPeer {
    RawPeer::start(move |mut connection: Connection| async move {
        while connection.request().await.is_some() {
            let length = body.len();
            connection.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")).await;
        }
    })
    .await
}

fn runtime(build: impl FnOnce(&mut Builder) -> &mut Builder) -> Runtime {
    build(&mut Builder::new_current_thread()).build().unwrap()
}

async fn one_client_serves_many_runtimes_that_come_and_go<F: Facade>() {
    const THREADS: usize = 8;
    const RUNTIMES: usize = 25;
    let peer = answering(F::WRITE.answer).await;
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    let of_one = move || {
        for _ in 0..RUNTIMES {
            // It ends while the others are at work.
            let runtime = runtime(Builder::enable_all);
            runtime.block_on(soon(F::write(&client))).unwrap();
        }
    };
    let threads = (0..THREADS).map(|_| spawn_blocking(of_one.clone()));
    for outcome in futures::future::join_all(threads).await {
        outcome.unwrap();
    }
    assert_eq!(peer.requests().len(), THREADS * RUNTIMES, "each is sent once");
}

async fn a_runtime_that_goes_on_keeps_its_connection<F: Facade>() {
    let (first, all) = tokio::sync::mpsc::unbounded_channel();
    let peer = RawPeer::start(move |mut connection: Connection| {
        let first = first.clone();
        async move {
            while connection.request().await.is_some() {
                first.send(connection.number).unwrap();
                let (body, length) = (F::READ.answer, F::READ.answer.len());
                connection.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")).await;
            }
        }
    })
    .await;
    let mut numbers = all;
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    for elsewhere in 1..=3 {
        F::read(&client).await.unwrap();
        assert_eq!(numbers.recv().await, Some(0));
        let client = client.clone();
        spawn_blocking(move || runtime(Builder::enable_all).block_on(F::read(&client))).await.unwrap().unwrap();
        assert_eq!(numbers.recv().await, Some(elsewhere));
    }
}

async fn what_a_call_needs_of_its_runtime_is_told_before_anything_is_sent<F: Facade>() {
    let peer = answering(F::READ.answer).await;
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    let expect_told = |outcome: Result<(), Box<Told>>, needed: &str| {
        let told = outcome.unwrap_err();
        assert!(told.is_refused() && told.line.contains(needed), "{told:?}");
    };
    let elsewhere = client.clone();
    spawn_blocking(move || {
        thread::spawn(move || {
            let client = elsewhere;
            for _ in 0..2 {
                expect_told(block_on(F::read(&client)), "needs a tokio runtime");
                expect_told(block_on(F::write(&client)), "needs a tokio runtime");
            }
            for _ in 0..2 {
                let without_timers = runtime(Builder::enable_io);
                for _ in 0..2 {
                    expect_told(without_timers.block_on(F::read(&client)), "needs timers");
                    expect_told(without_timers.block_on(F::write(&client)), "needs timers");
                }
                let without_io = runtime(Builder::enable_time);
                for _ in 0..2 {
                    expect_told(without_io.block_on(F::read(&client)), "needs IO");
                    expect_told(without_io.block_on(F::write(&client)), "needs IO");
                }
            }
        })
        .join()
        .unwrap();
    })
    .await
    .unwrap();
    assert_eq!(peer.requests().len(), 0);
    soon(F::read(&client)).await.unwrap();
}

async fn a_runtime_that_ends_is_told_as_that<F: Facade>() {
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let peer = RawPeer::start(move |mut connection: Connection| {
        let heard = heard.clone();
        async move {
            connection.request().await;
            heard.send(()).unwrap();
            connection.gone().await;
        }
    })
    .await;
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    for is_write in [false, true] {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (client, handle) = (client.clone(), runtime.handle().clone());
        // The call is made in the runtime, but not by it.
        let call = spawn_blocking(move || {
            let _entered = handle.enter();
            if is_write { block_on(F::write(&client)) } else { block_on(F::read(&client)) }
        });
        soon(hears.recv()).await.unwrap();
        runtime.shutdown_background();
        let told = soon(call).await.unwrap().unwrap_err();
        assert_eq!((told.kind.as_str(), told.attempts, told.may_have_been_sent), ("Interrupted", 1, true), "{told:?}");
        assert!(told.line.contains("the tokio runtime that the connection to"), "{told:?}");
    }
    assert_eq!(peer.requests().len(), 2);
}
