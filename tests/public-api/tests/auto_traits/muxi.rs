//! The types of `muxi-sdk`.

use std::future::IntoFuture;

use futures::Stream;
use muxi_sdk::{
    Agent, ChatAnswer, ChatStream, ChatStreamEvent, Error, ErrorKind, FormationClient, FormationClientBuilder,
};

#[test]
fn what_a_program_keeps_may_go_to_any_thread() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<FormationClient>();
    is_shared::<FormationClientBuilder>();
    is_shared::<Error>();
    is_shared::<ErrorKind>();
    is_shared::<Agent>();
    is_shared::<ChatAnswer>();
    is_shared::<ChatStreamEvent>();
}

#[test]
fn streams_may_be_polled_in_any_task() {
    fn is_stream<T: Stream + Send + Unpin + 'static>() {}
    is_stream::<ChatStream>();
}

#[test]
fn calls_may_be_made_in_any_task() {
    fn is_sent<F: IntoFuture<IntoFuture: Send>>(_: F) {}
    // It is compiled, and never run.
    let _ = |formation: &FormationClient| {
        is_sent(formation.health());
        is_sent(formation.status());
        is_sent(formation.agents().list());
        is_sent(formation.secrets().set("", ""));
        is_sent(formation.sessions().messages(""));
        is_sent(formation.chat(""));
        is_sent(formation.chat("").stream());
    };
}
