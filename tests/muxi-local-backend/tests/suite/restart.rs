//! A file outlives its backend.

use std::collections::HashSet;

use muxi_local_backend::{Builder, LocalBackend};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Answer, Api};

fn on_file() -> (TempDir, Builder) {
    let directory = tempfile::tempdir().unwrap();
    let builder = LocalBackend::builder().data(directory.path().join("muxi.db"));
    (directory, builder)
}

/// What is there of each kind of things that are kept.
async fn kept(api: &Api, muxi_id: &str) -> Vec<Value> {
    let identifiers = format!("/users/identifiers/{muxi_id}");
    let paths = ["/secrets", "/memories", "/scheduler/jobs", "/credentials", "/users/ada", &identifiers];
    let mut kept = Vec::new();
    for path in paths {
        kept.push(api.get(path).await.data().clone());
    }
    kept
}

#[tokio::test]
async fn what_was_there_is_there() {
    let (_directory, builder) = on_file();
    let backend = builder.clone().start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/secrets", json!({ "key": "MINE", "value": "0123456789abcdef" })).await.data();
    api.delete("/secrets/SHORT").await.data();
    api.post("/memories", json!({ "content": "likes tea", "metadata": { "k": 1 } })).await.data();
    let job = json!({ "type": "recurring", "schedule": "0 9 * * *", "message": "m" });
    let job = api.post("/scheduler/jobs", job).await.data()["id"].as_str().unwrap().to_owned();
    api.post(&format!("/scheduler/jobs/{job}/pause"), json!({})).await.data();
    api.post("/credentials", json!({ "service": "github", "credential": { "token": "x" } })).await.data();
    let user = api.post("/users/resolve", json!({ "identifier": "ada" })).await.data()["muxi_user_id"].clone();
    let muxi_id = user.as_str().unwrap();
    api.post("/users/identifiers", json!({ "muxi_user_id": user, "identifiers": [["U1", "slack"]] })).await.data();
    let before = kept(&api, muxi_id).await;
    backend.shutdown().await;

    let backend = builder.start().await.unwrap();
    let after = kept(&Api::of(&backend), muxi_id).await;
    assert_eq!(before, after);
    // All of it was looked at.
    assert_eq!((&after[0]["count"], after[0]["secrets"].get("SHORT")), (&json!(4), None));
    assert_eq!([1, 2, 3].map(|kind| &after[kind]["count"]), [&json!(1); 3]);
    assert_eq!((&after[2]["jobs"][0]["status"], &after[5]["count"]), (&json!("PAUSED"), &json!(2)));
}

#[tokio::test]
async fn what_is_of_memory_alone_is_gone() {
    let (_directory, builder) = on_file();
    let backend = builder.clone().start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/chat", json!({ "message": "Hi", "stream": false, "session_id": "s", "request_id": "r" })).await.data();
    assert_eq!(api.get("/sessions").await.data()["count"], 1);
    backend.shutdown().await;

    let backend = builder.start().await.unwrap();
    let api = Api::of(&backend);
    assert_eq!(api.get("/sessions").await.data()["count"], 0);
    assert_eq!(api.get("/requests/r").await.status, 404);
}

#[tokio::test]
async fn no_id_and_no_number_comes_again() {
    let (_directory, builder) = on_file();
    let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
    for round in 0..3 {
        let backend = builder.clone().start().await.unwrap();
        let api = Api::of(&backend);
        let memory = api.post("/memories", json!({ "content": "a" })).await.data()["id"].clone();
        let job = json!({ "type": "recurring", "schedule": "0 9 * * *", "message": "m" });
        let job = api.post("/scheduler/jobs", job).await.data()["id"].clone();
        let credential = json!({ "service": format!("s{round}"), "credential": {} });
        let credential = api.post("/credentials", credential).await.data()["credential_id"].clone();
        let user = api.post("/users/resolve", json!({ "identifier": format!("u{round}") })).await;
        let chat = api.post("/chat", json!({ "message": "Hi", "stream": false })).await;
        let session = &chat.data()["session_id"];
        for id in [&memory, &job, &credential, &user.data()["muxi_user_id"], session, &chat.body["request"]["id"]] {
            assert!(ids.insert(id.as_str().unwrap().to_owned()), "{id} comes again");
        }
        assert!(numbers.insert(user.data()["internal_user_id"].as_i64().unwrap()));
        // What is gone leaves its number to nobody.
        for (kind, id) in [("memories", &memory), ("scheduler/jobs", &job), ("credentials", &credential)] {
            let path = format!("/{kind}/{}", id.as_str().unwrap());
            Answer::to(api.request(Method::DELETE, &path)).await.data();
        }
        backend.shutdown().await;
    }
}
