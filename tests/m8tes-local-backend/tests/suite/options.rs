//! How runs are to work, and how many there may be.

use m8tes_local_backend::{LocalBackend, Refused, Run};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Api, ids};

/// A backend whose runs say how they are to work.
async fn telling() -> LocalBackend {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        let toggles = run.toggles();
        let on = [toggles.memory, toggles.history, toggles.task_setup_tools, toggles.feedback].map(u8::from);
        run.text(format!("{on:?} {:?} {:?} {:?}", run.model(), run.effort(), run.max_turns()));
        Ok(())
    });
    backend.start().await.unwrap()
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn said(api: &Api, path: &str, body: Value) -> Value {
    let run = api.post(path, body).await.good(StatusCode::OK);
    api.ended(run["id"].as_i64().unwrap()).await["output"].clone()
}

#[tokio::test]
async fn what_a_request_does_not_say_is_as_the_task_and_the_teammate_are_set() {
    let backend = telling().await;
    let api = Api::of(&backend);
    let go = |more: Value| with(json!({ "message": "go", "stream": false }), &more);
    assert_eq!(said(&api, "/runs/", go(json!({}))).await, "[1, 1, 1, 1] None None None");
    let mate = json!({ "enable_memory": false, "enable_history": false, "model": "m", "effort": "low" });
    api.post("/agents/", mate).await.good(StatusCode::CREATED);
    let of_mate = |more: Value| go(with(json!({ "teammate_id": 2 }), &more));
    assert_eq!(said(&api, "/runs/", of_mate(json!({}))).await, r#"[0, 0, 1, 1] Some("m") Some("low") None"#);
    let more = json!({ "memory": true, "history": null, "feedback": false, "effort": "high", "max_turns": 7 });
    assert_eq!(said(&api, "/runs/", of_mate(more)).await, r#"[1, 0, 1, 0] Some("m") Some("high") Some(7)"#);

    let task = json!({ "teammate_id": 2, "instructions": "a", "enable_history": true, "model": "t" });
    api.post("/tasks/", task).await.good(StatusCode::CREATED);
    let told = said(&api, "/tasks/1/runs", json!({ "stream": false })).await;
    assert_eq!(told, r#"[0, 1, 1, 1] Some("t") Some("low") None"#);
    let told = said(&api, "/tasks/1/runs", json!({ "stream": false, "history": false, "model": "r" })).await;
    assert_eq!(told, r#"[0, 0, 1, 1] Some("r") Some("low") None"#);
    let reply = json!({ "message": "more", "stream": false, "feedback": false });
    assert_eq!(said(&api, "/runs/5/reply", reply).await, r#"[0, 0, 1, 0] Some("r") Some("low") None"#);
}

#[tokio::test]
async fn a_mode_that_is_nobodys_is_the_teammates() {
    let backend = LocalBackend::builder().on_run(|_: Run| std::future::pending()).start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/agents/", json!({ "default_permission_mode": "approval" })).await.good(StatusCode::CREATED);
    for (more, expected) in [
        (json!({}), "approval"),
        // Where nobody is in the loop, nobody can be asked.
        (json!({ "human_in_the_loop": false }), "autonomous"),
        (json!({ "permission_mode": "autonomous" }), "autonomous"),
        (json!({ "human_in_the_loop": true, "permission_mode": "plan" }), "plan"),
    ] {
        let body = with(json!({ "message": "go", "stream": false, "teammate_id": 1 }), &more);
        assert_eq!(api.post("/runs/", body).await.good(StatusCode::OK)["permission_mode"], expected, "{more}");
    }
}

#[tokio::test]
async fn tools_are_known_ones() {
    let backend = LocalBackend::builder().tool("abacus").start().await.unwrap();
    let api = Api::of(&backend);
    let problem = "\"moon\" is unknown";
    let tools = json!(["gmail", "moon"]);
    api.post("/agents/", json!({ "tools": ["abacus"] })).await.good(StatusCode::CREATED);
    api.post("/tasks/", json!({ "teammate_id": 1, "instructions": "a" })).await.good(StatusCode::CREATED);
    api.post("/runs/", json!({ "message": "go", "stream": false, "tools": ["slack"] })).await.good(StatusCode::OK);
    api.ended(1).await;
    for (method, path, body) in [
        (Method::POST, "/agents/", json!({ "tools": tools })),
        (Method::PATCH, "/agents/1", json!({ "tools": tools })),
        (Method::POST, "/tasks/", json!({ "teammate_id": 1, "instructions": "a", "tools": tools })),
        (Method::PATCH, "/tasks/1", json!({ "tools": tools })),
        (Method::POST, "/runs/", json!({ "message": "go", "stream": false, "tools": tools })),
        (Method::POST, "/runs/1/reply", json!({ "message": "go", "stream": false, "tools": tools })),
    ] {
        api.send(method, path, Some(body)).await.refused(422, "validation_error", None, problem);
    }
    assert_eq!(ids(&api.get("/runs/").await.good(StatusCode::OK)), [1]);
}

#[tokio::test]
async fn the_address_of_a_run_is_told_where_it_starts() {
    let backend = LocalBackend::builder().on_run(|_: Run| std::future::pending()).start().await.unwrap();
    let api = Api::of(&backend);
    let body = json!({ "message": "go", "stream": false, "email_inbox": true });
    let made = api.keyed("key", body.clone()).await.good(StatusCode::OK);
    assert!(made["email_address"].as_str().unwrap().contains('@'), "{made}");
    let again = api.keyed("key", body).await.good(StatusCode::OK);
    assert_eq!(again["email_address"], made["email_address"]);
    assert_eq!(api.get("/runs/1").await.good(StatusCode::OK)["email_address"], Value::Null);
    let other = api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    assert_eq!(other["email_address"], Value::Null);
}

/// What is left of time and money, by status.
fn refused(answer: &Answer, status: u16, kind: &str, code: Option<&str>) -> Value {
    let error = answer.json()["error"].clone();
    assert_eq!((answer.status.as_u16(), error["type"].as_str()), (status, Some(kind)), "{error}");
    assert_eq!(error["error_code"].as_str(), code, "{error}");
    error["details"].clone()
}

#[tokio::test]
async fn an_end_user_has_as_many_runs_as_is_set() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let go = |user: &str| api.post("/runs/", json!({ "message": "go", "stream": false, "user_id": user }));
    api.post("/users/", json!({ "user_id": "one", "run_limit": 1 })).await.good(StatusCode::CREATED);
    api.post("/users/", json!({ "user_id": "fast", "rate_per_minute": 2 })).await.good(StatusCode::CREATED);
    let settings = json!({ "per_end_user_run_limit": 2 });
    api.send(Method::PATCH, "/settings/", Some(settings)).await.good(StatusCode::OK);

    go("one").await.good(StatusCode::OK);
    let details = refused(&go("one").await, 402, "billing_error", Some("RUN_LIMIT_REACHED"));
    assert_eq!((&details["runs_used"], &details["runs_limit"]), (&json!(1), &json!(1)));
    assert!(details["period_end"].is_string(), "{details}");
    // Who has no limit of its own has everybody's.
    for status in [200, 200, 402] {
        assert_eq!(go("two").await.status.as_u16(), status);
    }
    // null is everybody's again, and none where there is none.
    let change = Some(json!({ "run_limit": null }));
    api.send(Method::PATCH, "/users/one", change).await.good(StatusCode::OK);
    go("one").await.good(StatusCode::OK);
    let settings = json!({ "per_end_user_run_limit": null });
    api.send(Method::PATCH, "/settings/", Some(settings)).await.good(StatusCode::OK);
    go("one").await.good(StatusCode::OK);

    for _ in 0..2 {
        go("fast").await.good(StatusCode::OK);
    }
    let answer = go("fast").await;
    refused(&answer, 429, "rate_limit_error", None);
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    // The account itself has no limit.
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
}

#[tokio::test]
async fn a_run_may_be_refused_as_a_test_wants_it() {
    let backend = LocalBackend::builder().refuse_runs(|message| {
        let refused = Refused::new(402, "TRIAL_EXPIRED").details(json!({ "topup_url": "https://a.test/" }));
        match message {
            "pay" => Some(refused),
            "wait" => Some(Refused::new(429, "SANDBOX_CONCURRENCY_LIMIT").retry_after(3)),
            _ => None,
        }
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let go = |message: &'static str| json!({ "message": message, "stream": false });
    let pay = api.keyed("key", go("pay")).await;
    let details = refused(&pay, 402, "billing_error", Some("TRIAL_EXPIRED"));
    assert_eq!(details["topup_url"], "https://a.test/");
    let wait = api.keyed("key", go("wait")).await;
    refused(&wait, 429, "rate_limit_error", Some("SANDBOX_CONCURRENCY_LIMIT"));
    assert_eq!(wait.header("retry-after"), Some("3"));
    // Nothing was started by it, and the key is free.
    let run = api.keyed("key", go("go")).await.good(StatusCode::OK);
    assert_eq!(run["id"], 1);
    api.ended(1).await;
    let reply = api.post("/runs/1/reply", go("pay")).await;
    refused(&reply, 402, "billing_error", Some("TRIAL_EXPIRED"));
    assert_eq!(api.get("/runs/1").await.good(StatusCode::OK)["status"], "completed");
}
