//! Teammates.

use m8tes_local_backend::LocalBackend;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Api, ids};

async fn made(api: &Api, body: Value) -> Value {
    api.post("/agents/", body).await.good(StatusCode::CREATED)
}

#[tokio::test]
async fn what_it_is_made_of_is_read_again() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let body = json!({ "name": "Ada", "tools": ["gmail"], "metadata": { "a": [1, null] }, "user_id": "cust_1",
        "enable_memory": false, "default_permission_mode": "plan" });
    let teammate = made(&api, body.clone()).await;
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(teammate[field], *value, "{field}");
    }
    assert_eq!((&teammate["id"], &teammate["status"]), (&json!(1), &json!("enabled")));
    assert_eq!(api.get("/agents/1").await.good(StatusCode::OK), teammate);
    assert_eq!(made(&api, json!({})).await["name"], "Mate 2");
}

#[tokio::test]
async fn names_have_a_length() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    made(&api, json!({ "name": "ä".repeat(255) })).await;
    for name in [String::new(), "ä".repeat(256)] {
        api.post("/agents/", json!({ "name": name })).await.refused(422, "validation_error", None, "body.name");
        let change = api.send(Method::PATCH, "/agents/1", Some(json!({ "name": name }))).await;
        change.refused(422, "validation_error", None, "body.name");
    }
}

#[tokio::test]
async fn a_change_is_of_what_is_given_and_null_is_given() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let before = made(&api, json!({ "name": "Ada", "model": "m", "metadata": { "a": 1 } })).await;
    let body = json!({ "model": null, "metadata": { "b": 2 } });
    let after = api.send(Method::PATCH, "/agents/1", Some(body)).await.good(StatusCode::OK);
    assert_eq!(
        (&after["name"], &after["model"], &after["metadata"]),
        (&json!("Ada"), &Value::Null, &json!({ "b": 2 }))
    );
    assert_eq!(after["created_at"], before["created_at"]);
    assert!(before["updated_at"].is_null() && after["updated_at"].is_string());
    api.send(Method::PATCH, "/agents/9", Some(json!({}))).await.refused(404, "not_found", None, "Teammate not found");
}

#[tokio::test]
async fn pages_do_not_repeat_and_end() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for number in 1..=21 {
        made(&api, json!({ "name": format!("Mate {number}") })).await;
    }
    let first = api.get("/agents/").await.good(StatusCode::OK);
    assert_eq!(ids(&first), (2..=21).rev().collect::<Vec<_>>());
    assert_eq!((&first["has_more"], &first["next_starting_after"]), (&json!(true), &json!(2)));
    let last = api.get("/agents/?starting_after=2&limit=20").await.good(StatusCode::OK);
    assert_eq!((ids(&last), &last["has_more"], &last["next_starting_after"]), (vec![1], &json!(false), &Value::Null));
    api.get("/agents/?starting_after=x").await.refused(422, "validation_error", None, "starting_after");
}

#[tokio::test]
async fn one_that_is_archived_is_listed_only_where_it_is_asked_for() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    made(&api, json!({})).await;
    for _ in 0..2 {
        assert_eq!(api.send(Method::DELETE, "/agents/1", None).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(ids(&api.get("/agents/").await.good(StatusCode::OK)), [0; 0]);
    assert_eq!(ids(&api.get("/agents/?include_archived=true").await.good(StatusCode::OK)), [1]);
    for (verb, status) in [("unarchive", "disabled"), ("enable", "enabled"), ("disable", "disabled")] {
        let path = format!("/agents/1/{verb}");
        assert_eq!(api.send(Method::POST, &path, None).await.good(StatusCode::OK)["status"], status);
    }
}

#[tokio::test]
async fn another_users_teammate_is_not_there() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    made(&api, json!({ "user_id": "cust_1" })).await;
    made(&api, json!({})).await;
    api.get("/agents/1?user_id=cust_1").await.good(StatusCode::OK);
    api.get("/agents/1?user_id=cust_2").await.refused(404, "not_found", None, "");
    api.get("/agents/2?user_id=cust_1").await.refused(404, "not_found", None, "");
    assert_eq!(ids(&api.get("/agents/?user_id=cust_1").await.good(StatusCode::OK)), [1]);
}

#[tokio::test]
async fn a_strict_account_wants_a_user() {
    let backend = LocalBackend::builder().require_user_id().start().await.unwrap();
    let api = Api::of(&backend);
    let problem = "require_end_user_id=False";
    api.post("/agents/", json!({})).await.refused(422, "validation_error", None, problem);
    api.get("/agents/").await.refused(422, "validation_error", None, problem);
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.refused(
        422,
        "validation_error",
        None,
        problem,
    );
    api.get("/runs/").await.refused(422, "validation_error", None, problem);
    made(&api, json!({ "user_id": "cust_1" })).await;
    api.get("/agents/?user_id=cust_1").await.good(StatusCode::OK);
}
