//! The program.

use std::process::{Command, Output};

use local_backend_kit::Process;
use m8tes_local_backend::{BASE_PATH, DEFAULT_API_KEY};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::Api;

const PROGRAM: &str = env!("CARGO_BIN_EXE_m8tes-local-backend");

fn output(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

fn started(arguments: &[&str]) -> Process {
    Process::start(PROGRAM, arguments).unwrap()
}

#[tokio::test]
async fn it_says_where_it_listens_and_answers_there() {
    let running = started(&[
        "--api-key",
        "m8_other",
        "--require-user-id",
        "--loopback-webhooks",
        "--tool=abacus",
        "--scripted",
        "--pace=0",
    ]);
    let api = Api::at(&format!("{}{BASE_PATH}", running.url()), Some("m8_other"));
    api.get("/agents/?user_id=cust_1").await.good(StatusCode::OK);
    assert_eq!(api.get("/agents/").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    api.post("/agents/", json!({ "user_id": "cust_1", "tools": ["abacus"] })).await.good(StatusCode::CREATED);
    let run = json!({ "message": "say done", "stream": false, "user_id": "cust_1" });
    let run = api.post("/runs/", run).await.good(StatusCode::OK);
    while api.get(&format!("/runs/{}?user_id=cust_1", run["id"])).await.json()["output"] != "done" {}
}

#[tokio::test]
async fn being_killed_loses_nothing_that_was_answered() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("m8tes.db");
    let arguments = ["--pace=0", "--data", file.to_str().unwrap()];
    let api = |running: &Process| Api::at(&format!("{}{BASE_PATH}", running.url()), Some(DEFAULT_API_KEY));

    let running = started(&arguments);
    let before = api(&running);
    before.post("/runs/", json!({ "message": "one", "stream": false })).await.good(StatusCode::OK);
    let first = before.ended(1).await;
    let messages = before.get("/runs/1/messages").await.good(StatusCode::OK);
    // The second one waits for a person, and a reply for the second one.
    let body = json!({ "message": "two", "stream": false, "permission_mode": "approval", "human_in_the_loop": true });
    before.keyed("k", body.clone()).await.good(StatusCode::OK);
    while before.get("/runs/2/permissions").await.json() == json!([]) {}
    let more = before.post("/runs/2/reply", json!({ "message": "more", "stream": false })).await;
    assert_eq!(more.good(StatusCode::OK)["pending_queued_message_ids"], json!([1]));
    drop(running);

    let running = started(&arguments);
    let after = api(&running);
    assert_eq!(after.get("/runs/1").await.good(StatusCode::OK), first);
    assert_eq!(after.get("/runs/1/messages").await.good(StatusCode::OK), messages);
    let second = after.keyed("k", body).await;
    assert_eq!(second.header("idempotent-replay"), Some("true"));
    assert_eq!((&second.json()["id"], &second.json()["cancelled_queued_message_ids"]), (&json!(2), &json!([])));
    let gates = after.get("/runs/2/permissions").await.good(StatusCode::OK);
    assert_eq!(gates[0]["status"], "cancelled");
    let approval = json!({ "request_id": gates[0]["request_id"], "decision": "allow", "remember": false });
    after.post("/runs/2/approve", approval).await.refused(404, "not_found", Some("gate_cancelled"), "");
    // It has failed, and goes on with the reply that has waited.
    while after.get("/runs/2/permissions").await.json()[1].is_null() {}
    let mode = Some(json!({ "permission_mode": "autonomous" }));
    after.send(Method::PATCH, "/runs/2/permission-mode", mode).await.good(StatusCode::OK);
    let second = after.ended(2).await;
    assert_eq!((&second["status"], &second["pending_queued_message_ids"]), (&json!("completed"), &json!([])));
    assert!(second["output"].as_str().unwrap().ends_with("You said: more"), "{second}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_in_good_order_whatever_goes_on() {
    let mut running = started(&["--pace=60000"]);
    let api = Api::at(&format!("{}{BASE_PATH}", running.url()), Some(DEFAULT_API_KEY));
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    assert!(Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap().success());
    assert_eq!(running.wait().unwrap().code(), Some(0));
}

#[test]
fn help_and_version_are_printed() {
    let help = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for option in [
        "--listen",
        "--data",
        "--api-key",
        "--require-user-id",
        "--loopback-webhooks",
        "--tool",
        "--scripted",
        "--pace",
        "Bearer m8_local",
    ] {
        assert!(help.contains(option), "{help}");
    }
    assert!(String::from_utf8(output(&["-V"]).stdout).unwrap().starts_with("m8tes-local-backend "));
}

#[test]
fn what_it_does_not_know_is_refused_by_name() {
    for (arguments, problem) in [
        (&["--port", "1"][..], "--port"),
        (&["--pace", "slow"], "slow"),
        (&["--listen"], "--listen"),
        (&["more"], "more"),
    ] {
        let output = output(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(problem) && said.ends_with("Try --help.\n"), "{said}");
    }
}
