//! Runs that are waited for, with people in the loop.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use m8tes_sdk::runs::{Answers, Ask, Decision};
use m8tes_sdk::{Client, Error, ErrorKind, PermissionMode, RetryPolicy, Run, RunId, RunStatus};
use m8tes_tests::client;
use m8tes_tests::peers::{is, ok, refuses, refuses_without_a_word};
use serde_json::{Value, json};
use test_harness::{Panics, Peer, Reply, Trace, VirtualTime, soon};

const PAUSE: Duration = Duration::from_millis(1);

fn waits() -> Reply {
    is("awaiting_approval", &json!({}))
}

fn over() -> Reply {
    is("completed", &json!({"output": "done"}))
}

fn asks(requests: &[Value]) -> Reply {
    ok(&json!(requests))
}

fn tool(id: &str) -> Value {
    json!({"request_id": id, "tool_name": "gmail_send", "display_name": "Send a mail", "status": "pending"})
}

fn question(id: &str) -> Value {
    let questions = json!([{"question": "Which?", "header": "Branch", "options": [{"label": "Main"}]}]);
    json!({"request_id": id, "tool_name": "AskUserQuestion", "tool_input": {"questions": questions}, "status": "pending"})
}

/// The bodies of the decisions and answers that a peer got.
fn decisions(peer: &Peer) -> Vec<Value> {
    let is_one = |request: &&String| {
        request.starts_with("POST /api/v2/runs/42/approve ") || request.starts_with("POST /api/v2/runs/42/answer ")
    };
    let bodies = peer.requests();
    let bodies = bodies.iter().filter(is_one).map(|request| request.split_once("\r\n\r\n").unwrap().1);
    bodies.map(|body| serde_json::from_str(body).unwrap()).collect()
}

async fn wait(client: &Client) -> Result<Run, Error> {
    let runs = client.runs();
    let wait = runs.wait(42).interval(PAUSE).timeout(Duration::from_secs(60));
    let wait = wait.on_approval(|tool| async move { tool.allow().remember(tool.title() == "Send a mail") });
    soon(async { wait.on_question(|question| async move { question.answer("Main") }).await }).await
}

#[tokio::test]
async fn what_waits_is_decided_by_whoever_is_there() {
    let peer = Peer::start([
        waits(),
        asks(&[tool("a"), json!({"request_id": "b", "tool_name": "x", "status": "denied"}), question("c")]),
        ok(&tool("a")),
        ok(&json!({"status": "ok", "resumed": true})),
        over(),
    ])
    .await;
    assert_eq!(wait(&client(peer.url())).await.unwrap().output.as_deref(), Some("done"));
    assert_eq!(
        decisions(&peer),
        [
            json!({"request_id": "a", "decision": "allow", "remember": true}),
            json!({"request_id": "c", "answers": {"Which?": "Main"}}),
        ]
    );
}

#[tokio::test]
async fn a_request_is_handed_over_once() {
    // The backend lags: it still names what was decided.
    let lags = [waits(), asks(&[tool("a")]), ok(&tool("a")), waits(), asks(&[tool("a")]), over()];
    // The decision is lost, and is sent again without asking again.
    let loses = [waits(), asks(&[tool("a")]), Reply::Nothing, waits(), asks(&[tool("a")]), ok(&tool("a")), over()];
    for (script, sent) in [(lags.to_vec(), 1), (loses.to_vec(), 2)] {
        let peer = Peer::start(script).await;
        let asked = AtomicUsize::new(0);
        let client = client(peer.url());
        let wait = client.runs().wait(42).interval(PAUSE).on_approval(|tool| {
            asked.fetch_add(1, Ordering::Relaxed);
            async move { tool.deny().reason("no") }
        });
        soon(async { wait.await }).await.unwrap();
        assert_eq!((asked.load(Ordering::Relaxed), decisions(&peer).len()), (1, sent));
    }
}

#[tokio::test]
async fn an_answer_that_came_through_and_is_sent_again_ends_no_wait() {
    // The answer to it is lost, and the backend lags behind.
    let script = |refusal: Reply| {
        [waits(), asks(&[question("a")]), Reply::Nothing, waits(), asks(&[question("a")]), refusal, over()]
    };
    let peer = Peer::start(script(refuses("409 Conflict", "run_not_awaiting_input"))).await;
    assert_eq!(wait(&client(peer.url())).await.unwrap().status, RunStatus::Completed);
    assert_eq!(decisions(&peer).len(), 2);
    // Somebody else's does.
    let peer = Peer::start(script(refuses("409 Conflict", "auto_continued"))).await;
    assert_eq!(wait(&client(peer.url())).await.unwrap_err().code(), Some("auto_continued"));
    let peer =
        Peer::start([waits(), asks(&[question("a")]), refuses("409 Conflict", "run_not_awaiting_input"), over()]).await;
    assert_eq!(wait(&client(peer.url())).await.unwrap_err().code(), Some("run_not_awaiting_input"));
}

#[tokio::test]
async fn a_panic_of_who_decides_is_the_programs_own_and_shows_no_secret() {
    let (trace, panics) = (Trace::record(), Panics::record());
    for request in [tool("a"), question("a")] {
        let peer = Peer::start([waits(), asks(std::slice::from_ref(&request)), over()]).await;
        let client = Client::builder("m8_key-secret").base_url(peer.url()).build().unwrap();
        let asker = client.clone();
        let wait = client.runs().wait(42).interval(PAUSE).on_approval(move |tool| {
            let asker = asker.clone();
            async move { if tool.request_id == "a" { panic!("{tool:?} of {asker:?}") } else { tool.allow() } }
        });
        let asker = client.clone();
        let wait = wait.on_question(move |question| {
            let asker = asker.clone();
            async move {
                if question.request_id == "a" { panic!("{question:?} of {asker:?}") } else { question.answer("x") }
            }
        });
        let told = AssertUnwindSafe(soon(async { wait.await })).catch_unwind().await.unwrap_err();
        assert!(told.downcast_ref::<String>().unwrap().contains("Request {"));
        assert!(decisions(&peer).is_empty(), "nothing was decided");
        client.runs().get(42).await.unwrap();
    }
    let printed = format!("{} {}", panics.text(), trace.text());
    assert!(printed.contains("of Client {") && !printed.contains("-secret"), "{printed}");
}

#[tokio::test]
async fn what_fails_in_between_is_waited_out() {
    let peer =
        Peer::start([is("running", &json!({})), Reply::json("502 Bad Gateway", ""), Reply::Nothing, over()]).await;
    let client = Client::builder("m8_x").base_url(peer.url()).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(wait(&client).await.unwrap().status, RunStatus::Completed);
    assert_eq!(peer.requests().len(), 4);
}

#[tokio::test]
async fn what_is_left_to_others_is_not_decided() {
    let peer = Peer::start([waits(), asks(&[tool("a")]), waits(), asks(&[tool("a")]), over()]).await;
    let client = client(peer.url());
    let wait = client.runs().wait(42).interval(PAUSE).on_approval(|_| async { None::<Decision> });
    soon(async { wait.await }).await.unwrap();
    assert!(decisions(&peer).is_empty());
}

#[tokio::test]
async fn a_decision_that_comes_too_late_ends_nothing_and_another_does() {
    for code in ["gate_cancelled", "run_not_active"] {
        let peer = Peer::start([waits(), asks(&[tool("a")]), refuses("409 Conflict", code), over()]).await;
        assert_eq!(wait(&client(peer.url())).await.unwrap().status, RunStatus::Completed, "{code}");
    }
    // Of which no more than the head comes: the next look says what became of it.
    for status in ["404 Not Found", "409 Conflict"] {
        let silent = || refuses_without_a_word(status);
        let peer =
            Peer::start([waits(), asks(&[tool("a")]), silent(), waits(), asks(&[tool("a")]), ok(&tool("a")), over()])
                .await;
        assert_eq!(wait(&client(peer.url())).await.unwrap().status, RunStatus::Completed, "{status}");
        assert_eq!(decisions(&peer).len(), 2);
    }
    for code in ["gate_resolved_otherwise", "gate_not_found"] {
        let peer = Peer::start([waits(), asks(&[tool("a")]), refuses("404 Not Found", code)]).await;
        let error = wait(&client(peer.url())).await.unwrap_err();
        assert_eq!((error.code(), error.run_id()), (Some(code), Some(RunId::from(42))));
        assert_eq!(error.permission_request().unwrap().request_id, "a");
    }
    // With one word at least, or of another kind, it is a refusal as any other.
    for refusal in [
        Reply::json("404 Not Found", r#"{"detail": "Not Found"}"#),
        Reply::json("404 Not Found", r#"{"error": {"error_code": "gate_not_found"}}"#),
        refuses_without_a_word("403 Forbidden"),
    ] {
        let peer = Peer::start([waits(), asks(&[tool("a")]), refusal, over()]).await;
        assert_eq!(wait(&client(peer.url())).await.unwrap_err().permission_request().unwrap().request_id, "a");
    }
}

#[tokio::test]
async fn where_nobody_is_there_the_error_names_the_request() {
    for (request, what_to_do) in [(tool("a"), "on_approval"), (question("a"), "on_question")] {
        let peer = Peer::start([waits(), asks(&[request])]).await;
        let error = client(peer.url()).runs().wait(42).await.unwrap_err();
        assert_eq!((error.kind(), error.run_id()), (ErrorKind::NeedsPerson, Some(RunId::from(42))));
        assert_eq!(error.permission_request().unwrap().request_id, "a");
        assert_eq!(error.run().unwrap().status, RunStatus::AwaitingApproval);
        assert!(error.to_string().contains("(request a)") && error.to_string().contains(what_to_do), "{error}");
    }
    // Who polls leaves that to others.
    let peer = Peer::start([waits(), waits(), over()]).await;
    assert_eq!(client(peer.url()).runs().poll(42).interval(PAUSE).await.unwrap().status, RunStatus::Completed);
}

#[tokio::test]
async fn what_was_over_in_time_is_an_error_with_the_run() {
    let peer = Peer::start([waits()]).await;
    let client = client(peer.url());
    let error = client.runs().poll(42).interval(PAUSE).timeout(Duration::ZERO).await.unwrap_err();
    assert_eq!((error.kind(), error.run().unwrap().status.clone()), (ErrorKind::TimedOut, RunStatus::AwaitingApproval));
    assert!(error.to_string().contains("it waits for a person"), "{error}");
}

#[tokio::test]
async fn a_reply_that_was_queued_has_its_own_turn_waited_for() {
    let queued =
        json!({"delivery": "queued", "queued_message_id": 5, "pending_queued_message_ids": [5], "output": "old"});
    let after = json!({"output": "new"});
    let peer = Peer::start([is("running", &queued), is("completed", &queued), is("completed", &after)]).await;
    let run = client(peer.url()).runs().reply_and_wait(42, "and then?").interval(PAUSE).await.unwrap();
    assert_eq!(run.output.as_deref(), Some("new"));
    // Taken back: the old turn is not the answer.
    let taken_back = json!({"cancelled_queued_message_ids": [5], "output": "old"});
    let peer = Peer::start([is("running", &queued), is("completed", &taken_back)]).await;
    let error = client(peer.url()).runs().reply_and_wait(42, "and then?").interval(PAUSE).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("queued_message_cancelled")));
    // Too late: it is not cancelled.
    let peer = Peer::start([is("running", &queued)]).await;
    let wait = client(peer.url());
    let wait = wait.runs().reply_and_wait(42, "and then?").timeout(Duration::ZERO).await;
    assert_eq!(wait.unwrap_err().kind(), ErrorKind::TimedOut);
    assert!(!peer.requests().iter().any(|request| request.contains("/cancel ")));
}

#[tokio::test]
async fn whose_turn_a_run_tells_is_known_by_either_of_two_signs() {
    let turn = |more: Value| is("completed", &more);
    let of_before =
        [json!({"delivery": "queued", "queued_message_id": 5}), json!({"pending_queued_message_ids": [4, 5]})];
    let of_its_own = [
        json!({"delivery": "queued", "queued_message_id": 6}),
        json!({"delivery": "resumed", "queued_message_id": 5}),
        json!({"pending_queued_message_ids": [6]}),
    ];
    for (signs, looks) in of_before.map(|signs| (signs, 2)).into_iter().chain(of_its_own.map(|signs| (signs, 1))) {
        let peer = Peer::start([turn(signs.clone()), turn(json!({}))]).await;
        client(peer.url()).runs().wait(42).queued_message(5).interval(PAUSE).await.unwrap();
        assert_eq!(peer.requests().len(), looks, "{signs}");
    }
}

#[tokio::test]
async fn a_run_that_is_not_over_in_time_is_cancelled() {
    let running = || is("running", &json!({"user_id": "cust_1"}));
    let begin = async |script: Vec<Reply>| {
        let peer = Peer::start(script).await;
        let client = client(peer.url());
        let outcome = client.runs().create_and_wait("go").interval(PAUSE).timeout(Duration::ZERO).await;
        (outcome, peer.requests())
    };
    let (outcome, requests) = begin(vec![running(), running(), is("cancelled", &json!({}))]).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.run().unwrap().status.clone()), (ErrorKind::TimedOut, RunStatus::Cancelled));
    assert!(requests[1].starts_with("GET /api/v2/runs/42?user_id=cust_1 "), "{requests:?}");
    assert!(requests[2].starts_with("POST /api/v2/runs/42/cancel?user_id=cust_1 "), "{requests:?}");
    // It was over after all.
    let (outcome, _) = begin(vec![running(), running(), refuses("409 Conflict", "run_not_active"), over()]).await;
    assert_eq!(outcome.unwrap().output.as_deref(), Some("done"));
}

/// Waits until a peer got so many requests.
async fn was_asked(peer: &Peer, often: usize) {
    while peer.requests().len() < often {
        tokio::time::sleep(PAUSE).await;
    }
}

/// How often somebody wanted to cancel the run.
fn cancellations(peer: &Peer) -> usize {
    peer.requests().iter().filter(|request| request.starts_with("POST /api/v2/runs/42/cancel ")).count()
}

#[tokio::test(start_paused = true)]
async fn a_run_that_can_not_be_cancelled_now_is_cancelled_later() {
    let _time = VirtualTime::start();
    let running = || is("running", &json!({}));
    let away = || refuses("503 Service Unavailable", "unavailable");
    let forbidden = || refuses("403 Forbidden", "forbidden");
    // The first attempt is of who waited, the others behind its back. What m8tes does not allow is not tried again, and
    // nothing is for more than about a minute.
    for (answers, seconds, attempts, is_told) in [
        (vec![away(), away(), is("cancelled", &json!({}))], 10, 3, false),
        (vec![forbidden()], 5, 1, false),
        (vec![away(), forbidden()], 5, 2, true),
        (vec![away()], 70, 8, true),
    ] {
        let trace = Trace::record();
        let peer = Peer::start([vec![running(), running()], answers].concat()).await;
        let client = Client::builder("m8_x").base_url(peer.url()).retry(RetryPolicy::never()).build().unwrap();
        let outcome = client.runs().create_and_wait("go").interval(PAUSE).timeout(Duration::ZERO).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::TimedOut);
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        assert_eq!(cancellations(&peer), attempts, "{:?}", peer.requests());
        assert_eq!(trace.text().contains("nobody waits for could not be cancelled"), is_told);
    }
}

#[tokio::test]
async fn a_turn_that_was_queued_is_nobodys_to_cancel() {
    let queued = json!({"delivery": "queued", "queued_message_id": 5, "pending_queued_message_ids": [5]});
    let peer = Peer::start([is("running", &queued)]).await;
    let client = client(peer.url());
    let waiting = client.clone();
    let waiting = tokio::spawn(async move { waiting.runs().reply_and_wait(42, "and then?").interval(PAUSE).await });
    soon(was_asked(&peer, 3)).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    client.runs().get(42).await.unwrap();
    assert_eq!(cancellations(&peer), 0, "{:?}", peer.requests());
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_any_more_is_cancelled() {
    let _time = VirtualTime::pause();
    // Dropped while it is waited for, and before it is known which run it is.
    for is_known in [true, false] {
        let first = if is_known { is("running", &json!({})) } else { Reply::Silence };
        let mut script = vec![first, is("running", &json!({}))];
        if !is_known {
            script.push(is("cancelled", &json!({})));
        }
        let peer = Peer::start(script).await;
        let client = Client::builder("m8_x").base_url(peer.url()).attempt_timeout(Duration::from_secs(1)).build();
        let client = client.unwrap();
        let waiting = tokio::spawn(async move { client.runs().create_and_wait("go").interval(PAUSE).await });
        let wanted = if is_known { 3 } else { 1 };
        soon(was_asked(&peer, wanted)).await;
        waiting.abort();
        soon(async {
            while cancellations(&peer) == 0 {
                tokio::time::sleep(PAUSE).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn what_waits_is_decided_by_hand() {
    let plan = json!([{"request_id": "p", "tool_name": "AskUserQuestion", "status": "pending",
        "tool_input": {"questions": [{"question": "1. look", "header": "Plan Approval"}]}}]);
    let peer = Peer::start([
        ok(&plan),
        ok(&json!({"status": "ok", "resumed": true})),
        ok(&json!({"request_id": "a", "tool_name": "x", "status": "allowed", "remembered": true, "resumed": true})),
        ok(&json!({"status": "ok"})),
        ok(&json!({"permission_mode": "autonomous"})),
    ])
    .await;
    let client = client(peer.url());
    let waiting = client.runs().permissions(42).await.unwrap();
    let Ask::Plan(plan) = waiting[0].ask() else { panic!("{waiting:?}") };
    client.runs().resolve(42, plan.approve()).await.unwrap();
    let allowed = client.runs().approve(42, Decision::allow("a").remember(true)).await.unwrap();
    assert_eq!((allowed.remembered, allowed.resumed, allowed.is_pending()), (Some(true), Some(true), false));
    let answered = client.runs().answer(42, Answers::new("Which?", "Main")).await.unwrap();
    assert_eq!((answered.status.as_deref(), answered.resumed), (Some("ok"), None));
    assert_eq!(
        decisions(&peer),
        [
            json!({"request_id": "p", "answers": {"1. look": "Approve"}}),
            json!({"request_id": "a", "decision": "allow", "remember": true}),
            json!({"answers": {"Which?": "Main"}}),
        ]
    );
    let mode = client.runs().update_permission_mode(42, PermissionMode::Autonomous).await.unwrap();
    assert_eq!(mode, PermissionMode::Autonomous);
    let odd = client.runs().update_permission_mode(42, PermissionMode::from("odd".to_owned())).await.unwrap_err();
    assert_eq!((odd.kind(), odd.attempts()), (ErrorKind::InvalidInput, 0));
}
