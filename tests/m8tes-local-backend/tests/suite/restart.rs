//! A file outlives its backend.

use m8tes_local_backend::{LocalBackend, Question, Run};
use reqwest::StatusCode;
use serde_json::json;

use crate::client::Api;

#[tokio::test]
async fn what_was_there_is_there_and_what_went_on_has_failed() {
    let directory = tempfile::tempdir().unwrap();
    let builder = LocalBackend::builder().data(directory.path().join("m8tes.db"));
    let builder = builder.on_run(|_: Run| std::future::pending());
    let backend = builder.clone().start().await.unwrap();
    let api = Api::of(&backend);
    let teammate = api.post("/agents/", json!({ "name": "Ada" })).await.good(StatusCode::CREATED);
    let body = json!({ "message": "go", "stream": false, "teammate_id": teammate["id"] });
    api.keyed("key-1", body.clone()).await.good(StatusCode::OK);
    backend.shutdown().await;

    let backend = builder.start().await.unwrap();
    let api = Api::of(&backend);
    assert_eq!(api.get("/agents/1").await.good(StatusCode::OK)["name"], teammate["name"]);
    let run = api.get("/runs/1").await.good(StatusCode::OK);
    assert_eq!((&run["status"], &run["error_code"]), (&json!("failed"), &json!("AGENT_RUNNER_DIED")));
    let again = api.keyed("key-1", body).await;
    assert_eq!((again.header("idempotent-replay"), again.json()["id"].as_i64()), (Some("true"), Some(1)));
}

#[tokio::test]
async fn what_runs_made_and_were_given_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let builder = LocalBackend::builder().data(directory.path().join("m8tes.db"));
    let builder = builder.on_run(|run: Run| async move {
        run.file("report.csv", "a,b\n")?;
        std::future::pending().await
    });
    let backend = builder.clone().start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    while api.get("/runs/1/files").await.json() == json!([]) {}
    backend.shutdown().await;

    let backend = builder.start().await.unwrap();
    let api = Api::of(&backend);
    let files = json!([{ "name": "report.csv", "size": 4, "label": null }]);
    assert_eq!(api.get("/runs/1").await.good(StatusCode::OK)["files"], files);
    assert_eq!(api.get("/runs/1/files/report.csv/download").await.text, "a,b\n");
}

#[tokio::test]
async fn what_nobody_has_answered_is_cancelled() {
    let directory = tempfile::tempdir().unwrap();
    let builder = LocalBackend::builder().data(directory.path().join("m8tes.db"));
    let builder = builder.on_run(|run: Run| async move {
        let input = json!({});
        tokio::join!(run.question(Question::new("Which channel?")), run.ask_permission("gmail", &input));
        Ok(())
    });
    let backend = builder.clone().start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    while api.get("/runs/1/permissions").await.json()[1].is_null() {}
    backend.shutdown().await;

    let backend = builder.start().await.unwrap();
    let gates = Api::of(&backend).get("/runs/1/permissions").await.good(StatusCode::OK);
    assert_eq!((&gates[0]["status"], &gates[1]["status"]), (&json!("cancelled"), &json!("cancelled")));
}
