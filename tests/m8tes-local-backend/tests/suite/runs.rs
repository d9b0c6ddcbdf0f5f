//! Runs without their streams.

use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Api, ids};

/// A backend whose runs go on until they are cancelled.
async fn endless() -> LocalBackend {
    LocalBackend::builder().on_run(|_: Run| std::future::pending()).start().await.unwrap()
}

async fn started(api: &Api, body: Value) -> i64 {
    let run = api.post("/runs/", body).await.good(StatusCode::OK);
    assert_eq!(run["status"], "running");
    run["id"].as_i64().unwrap()
}

#[tokio::test]
async fn it_echoes_where_nothing_is_set() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let id = started(&api, json!({ "message": "hello  there\nAda", "stream": false, "user_id": "cust_1" })).await;
    let run = api.ended(id).await;
    assert_eq!((&run["status"], &run["error"], &run["user_id"]), (&json!("completed"), &Value::Null, &json!("cust_1")));
    assert_eq!((&run["stop_reason"], &run["teammate_id"]), (&json!("end_turn"), &json!(1)));
    assert!(run["output"].as_str().unwrap().ends_with("You said: hello  there\nAda"), "{run}");
    let teammate = api.get("/agents/1").await.good(StatusCode::OK);
    assert_eq!(teammate["user_id"], "cust_1");
}

#[tokio::test]
async fn a_script_sees_what_was_asked_for() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        run.text(format!("{} {} {:?} {:?} ", run.id(), run.teammate_id(), run.tools(), run.user_id()));
        run.text(run.message());
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/agents/", json!({ "tools": ["gmail"], "user_id": "cust_1" })).await.good(StatusCode::CREATED);
    let id = started(&api, json!({ "message": "go", "stream": false, "teammate_id": 1 })).await;
    assert_eq!(api.ended(id).await["output"], r#"1 1 ["gmail"] Some("cust_1") go"#);
    let id = started(&api, json!({ "message": "go", "stream": false, "teammate_id": 1, "tools": ["slack"] })).await;
    assert_eq!(api.ended(id).await["output"], r#"2 1 ["slack"] Some("cust_1") go"#);
}

#[tokio::test]
async fn a_failure_is_told_and_so_is_a_panic() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        run.text("half");
        assert!(run.message() != "panic", "the script of a test");
        Err(RunFailure::new("out of paper").code("SANDBOX_UNAVAILABLE"))
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let id = started(&api, json!({ "message": "go", "stream": false })).await;
    let run = api.ended(id).await;
    assert_eq!((&run["status"], &run["error"]), (&json!("failed"), &json!("out of paper")));
    assert_eq!((&run["error_code"], &run["output"]), (&json!("SANDBOX_UNAVAILABLE"), &json!("half")));
    let id = started(&api, json!({ "message": "panic", "stream": false })).await;
    let run = api.ended(id).await;
    assert_eq!((&run["status"], &run["error_code"]), (&json!("failed"), &json!("AGENT_RUNNER_DIED")));
    assert!(run["error"].as_str().unwrap().contains("the script of a test"), "{run}");
}

#[tokio::test]
async fn a_run_that_goes_on_is_cancelled_once() {
    let backend = endless().await;
    let api = Api::of(&backend);
    let id = started(&api, json!({ "message": "go", "stream": false })).await;
    let path = format!("/runs/{id}/cancel");
    assert_eq!(api.send(Method::POST, &path, None).await.good(StatusCode::OK)["status"], "cancelled");
    api.send(Method::POST, &path, None).await.refused(409, "conflict", Some("run_not_active"), "not active");
    assert_eq!(api.ended(id).await["status"], "cancelled");
    api.send(Method::POST, "/runs/9/cancel", None).await.refused(404, "not_found", None, "Run not found");
}

#[tokio::test]
async fn a_key_starts_one_run() {
    let backend = endless().await;
    let api = Api::of(&backend);
    let body = json!({ "message": "go", "stream": false, "tools": ["gmail"] });
    let first = api.keyed("key-1", body.clone()).await;
    assert_eq!(first.header("idempotent-replay"), None);
    let first = first.good(StatusCode::OK);
    let again = api.keyed("key-1", body.clone()).await;
    assert_eq!((again.header("idempotent-replay"), again.good(StatusCode::OK)), (Some("true"), first.clone()));
    let other = api.keyed("key-2", body.clone()).await.good(StatusCode::OK);
    assert_ne!(other["id"], first["id"]);

    let changed = api.keyed("key-1", json!({ "message": "stop", "stream": false })).await;
    changed.refused(409, "conflict", Some("idempotency_key_reuse"), "another request");
    // A run is JSON the second time, whatever was asked for.
    let streamed = api.request(Method::POST, "/runs/").header("idempotency-key", "key-3");
    let head = streamed.json(&json!({ "message": "go", "stream": true })).send().await.unwrap();
    assert_eq!(head.headers()["content-type"], "text/event-stream; charset=utf-8");
    let again = api.keyed("key-3", json!({ "message": "go", "stream": true })).await;
    assert_eq!(again.header("idempotent-replay"), Some("true"));
    assert_eq!(again.good(StatusCode::OK)["id"], 3);
    assert_eq!(api.get("/runs/").await.good(StatusCode::OK)["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_was_refused_leaves_its_key_free() {
    let backend = endless().await;
    let api = Api::of(&backend);
    let refused = api.keyed("key-1", json!({ "message": "go", "stream": false, "teammate_id": 1 })).await;
    refused.refused(404, "not_found", None, "Teammate not found");
    let started = api.keyed("key-1", json!({ "message": "go", "stream": false })).await;
    assert_eq!(started.header("idempotent-replay"), None);
    started.good(StatusCode::OK);
}

#[tokio::test]
async fn lists_are_by_teammate_user_and_status() {
    let backend = endless().await;
    let api = Api::of(&backend);
    for user in ["cust_1", "cust_2", "cust_1"] {
        started(&api, json!({ "message": "go", "stream": false, "user_id": user })).await;
    }
    api.send(Method::POST, "/runs/1/cancel", None).await.good(StatusCode::OK);
    for (query, expected) in [
        ("", vec![3, 2, 1]),
        ("?user_id=cust_1", vec![3, 1]),
        ("?teammate_id=2", vec![2]),
        ("?status=cancelled", vec![1]),
        ("?user_id=cust_1&status=running", vec![3]),
        ("?archived=only", vec![]),
        ("?limit=1&starting_after=3", vec![2]),
    ] {
        let page = api.get(&format!("/runs/{query}")).await.good(StatusCode::OK);
        let ids: Vec<_> = page["data"].as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
    api.get("/runs/2?user_id=cust_1").await.refused(404, "not_found", None, "Run not found");
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let backend = endless().await;
    let api = Api::of(&backend);
    api.post("/agents/", json!({ "user_id": "cust_1" })).await.good(StatusCode::CREATED);
    for (more, problem) in [
        (json!({ "permission_mode": "plan" }), "requires human_in_the_loop"),
        (json!({ "permission_mode": "never" }), "body.permission_mode"),
        (json!({ "message": " " }), "body.message"),
        (json!({ "max_turns": 0 }), "body.max_turns"),
        (json!({ "max_turns": 2001 }), "body.max_turns"),
        (json!({ "teammate_id": 1, "user_id": "cust_2" }), "scope of the teammate"),
    ] {
        let mut body = json!({ "message": "go", "stream": false });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        api.post("/runs/", body).await.refused(422, "validation_error", None, problem);
    }
}

#[tokio::test]
async fn a_list_is_by_priority_or_of_the_accounts_own_or_in_short_where_it_is_asked_for() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        match run.message() {
            "ask" => drop(run.ask_permission("gmail", &json!({})).await),
            "go on" => std::future::pending().await,
            _ => run.text("done"),
        }
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    for (message, user) in [("ask", Some("cust_1")), ("go on", None), ("end", None), ("ask", None), ("end", None)] {
        let mut body = json!({ "message": message, "stream": false, "metadata": { "a": 1 } });
        if let Some(user) = user {
            body["user_id"] = json!(user);
        }
        api.post("/runs/", body).await.good(StatusCode::OK);
    }
    for (id, status) in [(1, "awaiting_approval"), (3, "completed"), (4, "awaiting_approval"), (5, "completed")] {
        while api.get(&format!("/runs/{id}")).await.json()["status"] != status {}
    }
    for (query, expected) in [
        ("?sort=created", vec![5, 4, 3, 2, 1]),
        ("?sort=priority", vec![4, 1, 2, 5, 3]),
        ("?sort=priority&limit=2", vec![4, 1]),
        ("?sort=priority&limit=2&starting_after=1", vec![2, 5]),
        ("?sort=priority&limit=2&starting_after=5", vec![3]),
        ("?sort=priority&status=completed", vec![5, 3]),
        ("?include_end_user_runs=false", vec![5, 4, 3, 2]),
        ("?include_end_user_runs=true", vec![5, 4, 3, 2, 1]),
        ("?include_end_user_runs=false&user_id=cust_1", vec![1]),
        ("?exclude_platform_runs=true", vec![5, 4, 3, 2, 1]),
        ("?archived=include", vec![5, 4, 3, 2, 1]),
        ("?archived=exclude", vec![5, 4, 3, 2, 1]),
    ] {
        assert_eq!(ids(&api.get(&format!("/runs/{query}")).await.good(StatusCode::OK)), expected, "{query}");
    }
    let (whole, short) = (api.get("/runs/").await.json(), api.get("/runs/?fields=summary").await.json());
    let (whole, mut short) = (whole["data"][0].clone(), short["data"][0].clone());
    for left_out in ["output", "output_data", "metadata", "files"] {
        assert!(short.get(left_out).is_none() && whole.get(left_out).is_some(), "{left_out}");
        short[left_out] = whole[left_out].clone();
    }
    assert_eq!(short, whole);
    for query in ["?sort=moon", "?archived=perhaps", "?fields=all", "?exclude_platform_runs=1"] {
        let name = query[1..].split('=').next().unwrap();
        api.get(&format!("/runs/{query}")).await.refused(422, "validation_error", None, name);
    }
}
