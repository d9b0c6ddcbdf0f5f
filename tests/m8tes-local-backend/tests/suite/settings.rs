//! The account's settings, and what it has used.

use m8tes_local_backend::LocalBackend;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::Api;

#[tokio::test]
async fn a_change_is_of_what_is_given_and_null_clears() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let before = api.get("/settings/").await.good(StatusCode::OK);
    assert_eq!((&before["retention_mode"], &before["require_end_user_id"]), (&json!("standard"), &json!(false)));
    let change = json!({ "per_end_user_run_limit": 3, "retention_mode": "metadata_only" });
    let changed = api.send(Method::PATCH, "/settings/", Some(change)).await.good(StatusCode::OK);
    assert_eq!((&changed["per_end_user_run_limit"], &changed["retention_mode"]), (&json!(3), &json!("metadata_only")));
    let change = json!({ "per_end_user_run_limit": null });
    let changed = api.send(Method::PATCH, "/settings/", Some(change)).await.good(StatusCode::OK);
    assert_eq!(
        (&changed["per_end_user_run_limit"], &changed["retention_mode"]),
        (&Value::Null, &json!("metadata_only"))
    );
    for (change, problem) in [
        (json!({ "company_research": true }), "company_research"),
        (json!({ "retention_mode": "x" }), "retention_mode"),
    ] {
        let refused = api.send(Method::PATCH, "/settings/", Some(change)).await;
        refused.refused(422, "validation_error", None, problem);
    }
}

#[tokio::test]
async fn an_account_is_strict_for_as_long_as_it_says_and_whoever_starts_it_again() {
    let directory = tempfile::tempdir().unwrap();
    let builder = LocalBackend::builder().data(directory.path().join("m8tes.db"));
    let backend = builder.clone().start().await.unwrap();
    let api = Api::of(&backend);
    api.get("/agents/").await.good(StatusCode::OK);
    let strict = json!({ "require_end_user_id": true });
    api.send(Method::PATCH, "/settings/", Some(strict)).await.good(StatusCode::OK);
    api.get("/agents/").await.refused(422, "validation_error", None, "require_end_user_id=False");
    backend.shutdown().await;

    let backend = builder.start().await.unwrap();
    let api = Api::of(&backend);
    api.get("/agents/").await.refused(422, "validation_error", None, "require_end_user_id=False");
    let lenient = json!({ "require_end_user_id": false });
    api.send(Method::PATCH, "/settings/", Some(lenient)).await.good(StatusCode::OK);
    api.get("/agents/").await.good(StatusCode::OK);
}

#[tokio::test]
async fn runs_are_counted() {
    let backend = LocalBackend::builder().on_run(|_| std::future::pending()).start().await.unwrap();
    let api = Api::of(&backend);
    for _ in 0..2 {
        api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    }
    api.send(Method::POST, "/runs/1/cancel", None).await.good(StatusCode::OK);
    let usage = api.get("/usage/").await.good(StatusCode::OK);
    assert_eq!((&usage["runs_used"], &usage["concurrent_runs"]), (&json!(2), &json!(1)));
    assert_eq!((&usage["cost_used"], &usage["unlimited_runs"]), (&json!("0.00"), &json!(true)));
}
