//! Runs.

use std::time::Duration;

use m8tes_local_backend::{Question, Run, RunFailure};
use m8tes_sdk::runs::{Answers, Decision};
use m8tes_sdk::{Client, PermissionMode, RunId};
use serde_json::json;
use test_harness::faults::Case;
use test_harness::fresh;

use super::{call, no_case};

/// What a run does, as the first word of its message says.
pub async fn play(run: Run) -> Result<(), RunFailure> {
    match run.message().split('-').next() {
        Some("goes on") => std::future::pending().await,
        Some("says") => {
            says(&run);
            Ok(())
        }
        Some("asks and says") => {
            run.ask_permission("gmail_send", &json!({})).await;
            says(&run);
            Ok(())
        }
        Some("writes") => run.file("long.txt", "All is well, and goes on.\n".repeat(2_000)),
        Some("fails") => Err(RunFailure::new("it was asked to")),
        Some("asks") => {
            run.ask_permission("gmail_send", &json!({})).await;
            Ok(())
        }
        Some("wonders") => {
            run.question(Question::new("Which?").option("Main")).await;
            Ok(())
        }
        _ => run.file("report.txt", "all is well"),
    }
}

fn says(run: &Run) {
    (0..20).for_each(|number| run.text(format!("Piece {number} of “it”. ")));
}

/// A run that is at its end.
pub async fn over(direct: &Client, message: &str) -> RunId {
    let id = direct.runs().create(fresh(message)).await.unwrap().id;
    direct.runs().poll(id).interval(Duration::from_millis(1)).await.unwrap();
    id
}

/// A run that goes on.
async fn going_on(direct: &Client) -> RunId {
    direct.runs().create(fresh("goes on")).human_in_the_loop(true).await.unwrap().id
}

/// A run that waits for a person, and what it asks.
pub async fn waiting(direct: &Client, message: &str) -> (RunId, String) {
    let id = direct.runs().create(fresh(message)).human_in_the_loop(true).await.unwrap().id;
    loop {
        if let Some(request) = direct.runs().permissions(id).await.unwrap().pop() {
            return (id, request.request_id);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub async fn prepare(subject: &str, direct: &Client) -> Case<Client> {
    match subject {
        _ if subject.starts_with("create_run") => of_beginnings(subject),
        _ if subject.starts_with("reply_to_run") => of_replies(subject, direct).await,
        "approve_run" | "answer_run" | "list_run_permissions" | "update_run_permission_mode" => {
            of_people(subject, direct).await
        }
        "list_runs" => call(async |client| client.runs().list().limit(1).await),
        "cancel_run" => {
            let id = going_on(direct).await;
            call(async move |client| client.runs().cancel(id).await)
                .leaves("SELECT count(*) FROM runs WHERE id = ? AND status = 'cancelled'", [id])
        }
        "retry_run" => {
            let id = over(direct, "fails").await;
            call(async move |client| client.runs().retry(id).await)
                .leaves("SELECT count(*) FROM runs WHERE rest ->> 'retry_of_run_id' = CAST(? AS INTEGER)", [id])
        }
        "stream_run" => {
            let id = going_on(direct).await;
            call(async move |client| client.runs().join(id).await)
        }
        _ => of_history(subject, direct).await,
    }
}

fn of_beginnings(subject: &str) -> Case<Client> {
    let message = fresh(if subject.ends_with("-streamed") { "goes on" } else { "go" });
    let parameters = [message.clone()];
    let file = ("a.csv", "1,2", "text/csv");
    let case = match subject {
        "create_run" => call(async move |client| client.runs().create(message).await),
        "create_run_with_files" => {
            call(async move |client| client.runs().create(message).file(file.0, file.1, file.2).await)
        }
        "create_run-streamed" => call(async move |client| client.runs().stream(message).await),
        "create_run_with_files-streamed" => {
            call(async move |client| client.runs().stream(message).file(file.0, file.1, file.2).await)
        }
        _ => no_case(subject),
    };
    case.leaves("SELECT count(*) FROM runs WHERE asked ->> 'message' = ?", parameters)
}

async fn of_replies(subject: &str, direct: &Client) -> Case<Client> {
    let id = over(direct, "go").await;
    let message = fresh(if subject.ends_with("-streamed") { "goes on" } else { "and then" });
    let parameters = [id.to_string(), message.clone()];
    let file = ("a.csv", "1,2", "text/csv");
    let case = match subject {
        "reply_to_run" => call(async move |client| client.runs().reply(id, message).await),
        "reply_to_run_with_files" => {
            call(async move |client| client.runs().reply(id, message).file(file.0, file.1, file.2).await)
        }
        "reply_to_run-streamed" => call(async move |client| client.runs().reply_stream(id, message).await),
        "reply_to_run_with_files-streamed" => {
            call(async move |client| client.runs().reply_stream(id, message).file(file.0, file.1, file.2).await)
        }
        _ => no_case(subject),
    };
    case.leaves("SELECT count(*) FROM messages WHERE run_id = ? AND rest ->> 'content' = ?", parameters)
}

async fn of_people(subject: &str, direct: &Client) -> Case<Client> {
    const ALLOWED: &str = "SELECT count(*) FROM gates WHERE run_id = ? AND status = 'allowed'";
    match subject {
        "approve_run" => {
            let (id, request) = waiting(direct, "asks").await;
            call(async move |client| client.runs().approve(id, Decision::allow(request)).await).leaves(ALLOWED, [id])
        }
        "answer_run" => {
            let (id, request) = waiting(direct, "wonders").await;
            let answers = Answers::new("Which?", "Main").request_id(request);
            call(async move |client| client.runs().answer(id, answers).await).leaves(ALLOWED, [id])
        }
        "list_run_permissions" => {
            let (id, _) = waiting(direct, "asks").await;
            call(async move |client| client.runs().permissions(id).await)
        }
        _ => {
            let id = going_on(direct).await;
            call(async move |client| client.runs().update_permission_mode(id, PermissionMode::Approval).await)
                .leaves("SELECT count(*) FROM runs WHERE id = ? AND rest ->> 'permission_mode' = 'approval'", [id])
        }
    }
}

/// What is left of a run that is over.
async fn of_history(subject: &str, direct: &Client) -> Case<Client> {
    let id = over(direct, "go").await;
    match subject {
        "get_run" => call(async move |client| client.runs().get(id).await),
        "get_run_outcome" => call(async move |client| client.runs().outcome(id).await),
        "list_run_messages" => call(async move |client| client.runs().messages(id).await),
        "list_run_files" => call(async move |client| client.runs().list_files(id).await),
        // Up to the head of its answer.
        "download_run_file" => {
            call(async move |client| client.runs().download_file(id, "report.txt").into_stream().await)
        }
        _ => no_case(subject),
    }
}
