//! For which user of the account's a call is made.

use std::time::Duration;

use m8tes_local_backend::LocalBackend;
use m8tes_sdk::{Client, ErrorKind};
use m8tes_tests::local;
use m8tes_tests::peers::{events, is, refuses, text};
use serde_json::json;
use test_harness::{Peer, Reply};

fn client(peer: &Peer) -> Client {
    Client::builder("m8_x").base_url(peer.url()).build().unwrap()
}

/// Answers that each call here can read.
fn answers(count: usize) -> Vec<Reply> {
    let body = r#"{"id": 7, "name": "bot", "status": "completed", "data": [], "has_more": false}"#;
    (0..count).map(|_| Reply::json("200 OK", body)).collect()
}

/// What was asked for, each with its body.
fn asked(peer: &Peer) -> Vec<String> {
    let line = |request: &String| request.lines().next().unwrap().replace("/api/v2", "").replace(" HTTP/1.1", "");
    peer.requests().iter().zip(peer.bodies()).map(|(request, body)| format!("{} {body}", line(request))).collect()
}

#[tokio::test]
async fn the_clients_user_is_sent_with_every_call_and_a_calls_own_instead_of_it() {
    let peer = Peer::start(answers(12)).await;
    let account = client(&peer);
    let acme = account.for_user("cust/1 ä");
    for (client, other) in [(&acme, false), (&acme, true), (&account, false)] {
        let (mut create, mut list, mut get) =
            (client.teammates().create().name("bot"), client.teammates().list(), client.teammates().get(7));
        let (mut runs, mut run) = (client.runs().list(), client.runs().get(7));
        if other {
            (create, list, get) = (create.user("b"), list.user("b"), get.user("b"));
            (runs, run) = (runs.user("b"), run.user("b"));
        }
        create.await.unwrap();
        list.await.unwrap();
        get.await.unwrap();
        runs.await.unwrap();
        run.await.unwrap();
    }
    let mut expected = Vec::new();
    for (query, body) in
        [("?user_id=cust%2F1+%C3%A4", r#","user_id":"cust/1 ä""#), ("?user_id=b", r#","user_id":"b""#), ("", "")]
    {
        expected.push(format!(r#"POST /agents/ {{"name":"bot"{body}}}"#));
        for path in ["/agents/", "/agents/7", "/runs/", "/runs/7"] {
            expected.push(format!("GET {path}{query} "));
        }
    }
    assert_eq!(asked(&peer), expected);
}

#[tokio::test]
async fn a_run_is_started_for_the_clients_user() {
    let peer = Peer::start(answers(3)).await;
    let account = client(&peer);
    account.for_user("a").runs().create("go").await.unwrap();
    account.for_user("a").runs().create("go").user("b").await.unwrap();
    account.runs().create("go").await.unwrap();
    let expected =
        [r#"{"message":"go","stream":false,"user_id":"a"}"#, r#"{"message":"go","stream":false,"user_id":"b"}"#];
    assert_eq!(peer.bodies(), [expected[0], expected[1], r#"{"message":"go","stream":false}"#]);
}

#[tokio::test]
async fn a_user_id_that_is_none_is_refused_before_anything_is_sent() {
    let peer = Peer::start(answers(1)).await;
    let account = client(&peer);
    let long = "x".repeat(8 * 1024 + 1);
    for user in ["", " \t", &long] {
        let scoped = account.for_user(user);
        let errors = [
            scoped.teammates().create().await.unwrap_err(),
            scoped.teammates().list().await.unwrap_err(),
            account.teammates().get(7).user(user).await.unwrap_err(),
            scoped.runs().create("go").await.unwrap_err(),
            scoped.runs().stream("go").await.map(|_| ()).unwrap_err(),
            scoped.runs().list().await.unwrap_err(),
            scoped.runs().get(7).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
            assert!(error.to_string().contains("the user id"), "{error}");
        }
    }
    assert_eq!(peer.requests().len(), 0);
}

/// In a strict account nothing of a run is told without.
#[tokio::test]
async fn a_run_is_waited_for_and_joined_for_its_user() {
    let (_backend, account) = local(LocalBackend::builder().require_user_id()).await;
    let pause = Duration::from_millis(1);
    let run = account.runs().create("go").user("cust_1").await.unwrap();
    assert_eq!(account.runs().wait(run.id).await.unwrap_err().kind(), ErrorKind::Rejected);
    let run = account.runs().wait(run.id).user("cust_1").interval(pause).await.unwrap();
    let run = account.runs().poll(run.id).user("cust_1").interval(pause).await.unwrap();
    let other = account.runs().wait(run.id).user("cust_2").interval(pause).await.unwrap_err();
    assert!(other.is_not_found(), "{other}");
    let reply = account.runs().reply_and_wait(run.id, "and?").user("cust_1").interval(pause).await.unwrap();
    assert_eq!(reply.id, run.id);
    account.runs().reply_stream(run.id, "and then?").user("cust_1").await.unwrap().finish().await.unwrap();
}

#[tokio::test]
async fn a_stream_that_is_joined_again_asks_for_its_user() {
    let cut = || events(&[text("one")], false);
    let over = || is("completed", &json!({"output": "one"}));
    for number in 0..4 {
        let peer = Peer::start([cut(), refuses("409 Conflict", "run_not_active"), over()]).await;
        let account = client(&peer);
        let runs = account.runs();
        let stream = match number {
            0 => runs.join(42).user("u").rejoin_pauses(Duration::ZERO, Duration::ZERO).await,
            1 => runs.stream("go").user("u").rejoin_pauses(Duration::ZERO, Duration::ZERO).await,
            2 => runs.reply_stream(42, "go").user("u").rejoin_pauses(Duration::ZERO, Duration::ZERO).await,
            _ => account.tasks().run_stream(10).user("u").rejoin_pauses(Duration::ZERO, Duration::ZERO).await,
        };
        assert_eq!(stream.unwrap().finish().await.unwrap(), "one");
        assert_eq!(asked(&peer)[1..], ["GET /runs/42/stream ", "GET /runs/42?user_id=u "]);
    }
}

/// Each kind of call that says nothing of a user.
#[tokio::test]
async fn a_user_id_that_is_none_stops_no_call_that_sends_none() {
    let body = r#"{"id": 7, "user_id": "cust_1", "run_id": 7, "data": [], "has_more": false, "permission_mode": "plan",
        "plan": "free", "runs_used": 1, "runs_limit": 2, "cost_used": "0", "cost_limit": "5", "period_end": "2026-12-01"}"#;
    let peer = Peer::start(vec![Reply::json("200 OK", body)]).await;
    let blank = client(&peer).for_user(" ");
    blank.users().create("cust_1").await.unwrap();
    blank.users().get("cust_1").await.unwrap();
    blank.users().update("cust_1").name("Acme").await.unwrap();
    blank.users().list().await.unwrap();
    blank.users().delete("cust_1").await.unwrap();
    blank.settings().get().await.unwrap();
    blank.settings().update().result_email_enabled(true).await.unwrap();
    blank.account().usage().await.unwrap();
    blank.runs().outcome(7).await.unwrap();
    blank.runs().reply(7, "and?").await.unwrap();
    blank.runs().update_permission_mode(7, m8tes_sdk::PermissionMode::Plan).await.unwrap();
    assert_eq!(asked(&peer).len(), 11);
    assert!(asked(&peer).iter().all(|asked| !asked.contains("user_id=")), "{:?}", asked(&peer));
}
