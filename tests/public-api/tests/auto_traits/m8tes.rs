//! The types of `m8tes-sdk`.

use std::future::IntoFuture;

use futures::Stream;
use m8tes_sdk::runs::Answers;
use m8tes_sdk::tasks::triggers::NewTrigger;
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
        is_sent(teammates.enable_webhook(teammate));

        let runs = client.runs();
        is_sent(runs.create(""));
        is_sent(runs.stream(""));
        is_sent(runs.create_and_wait("").on_approval(async |tool| tool.allow()));
        is_sent(runs.reply(run, ""));
        is_sent(runs.reply_stream(run, ""));
        is_sent(runs.reply_and_wait(run, ""));
        is_sent(runs.join(run));
        is_sent(runs.list());
        is_sent(runs.get(run));
        is_sent(runs.wait(run));
        is_sent(runs.permissions(run));
        is_sent(runs.resolve(run, Answers::new("", "")));
        is_sent(runs.download_file(run, ""));
        is_sent(runs.messages(run));

        let tasks = client.tasks();
        is_sent(tasks.create(teammate, ""));
        is_sent(tasks.run(1));
        is_sent(tasks.run_stream(1));
        is_sent(tasks.run_and_wait(1));
        is_sent(tasks.triggers(1).create(NewTrigger::Webhook));

        is_sent(client.apps().connect("", ""));
        is_sent(client.memories().list());
        is_sent(client.users().get(""));
        is_sent(client.webhooks().create(""));
        is_sent(client.settings().update());
        is_sent(client.account().usage());
        is_sent(client.auth().sign_up("", ""));
    };
}
