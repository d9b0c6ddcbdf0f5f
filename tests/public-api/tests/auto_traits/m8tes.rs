//! The types of `m8tes-sdk`.

use std::future::IntoFuture;

use futures::Stream;
use m8tes_sdk::{Client, ClientBuilder, Error, ErrorKind, Run, RunEvent, RunId, RunStream, Teammate, TeammateId};

#[test]
fn what_a_program_keeps_may_go_to_any_thread() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<Client>();
    is_shared::<ClientBuilder>();
    is_shared::<Error>();
    is_shared::<ErrorKind>();
    is_shared::<Run>();
    is_shared::<RunEvent>();
    is_shared::<Teammate>();
}

#[test]
fn streams_may_be_polled_in_any_task() {
    fn is_stream<T: Stream + Send + Unpin + 'static>() {}
    is_stream::<RunStream>();
}

#[test]
fn calls_may_be_made_in_any_task() {
    fn is_sent<F: IntoFuture<IntoFuture: Send>>(_: F) {}
    // It is compiled, and never run.
    let _ = |client: &Client, run: RunId, teammate: TeammateId| {
        let teammates = client.teammates();
        is_sent(teammates.create());
        is_sent(teammates.list());
        is_sent(teammates.get(teammate));

        let runs = client.runs();
        is_sent(runs.create(""));
        is_sent(runs.stream(""));
        is_sent(runs.list());
        is_sent(runs.get(run));
        is_sent(runs.wait(run));
    };
}
