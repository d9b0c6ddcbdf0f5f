//! End users.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Api, ids};

#[tokio::test]
async fn what_they_are_made_of_is_read_again() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let body = json!({ "user_id": "cust/1 ü", "name": "Ada", "email": "a@b.c", "company": "Acme",
        "metadata": { "a": 1 }, "run_limit": 5 });
    // A slash is a separator to the server, however it is written.
    let refused = api.get("/users/cust%2F1").await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let mut body = body;
    body["user_id"] = json!("cust 1 ü");
    let made = api.post("/users/", body.clone()).await.good(StatusCode::CREATED);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(made[field], *value, "{field}");
    }
    assert_eq!(api.get("/users/cust%201%20%C3%BC").await.good(StatusCode::OK), made);
    api.post("/users/", body).await.refused(409, "conflict", None, "exists");
    api.post("/users/", json!({ "user_id": "" })).await.refused(422, "validation_error", None, "body.user_id");
    api.get("/users/1").await.refused(404, "not_found", None, "User not found");
}

#[tokio::test]
async fn a_limit_that_is_null_is_none() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let made = json!({ "user_id": "cust_1", "run_limit": 5, "cost_limit_cents": 7 });
    api.post("/users/", made).await.good(StatusCode::CREATED);
    let change = json!({ "run_limit": null, "name": "Ada", "metadata": { "b": 2 } });
    let changed = api.send(Method::PATCH, "/users/cust_1", Some(change)).await.good(StatusCode::OK);
    assert_eq!((&changed["run_limit"], &changed["cost_limit_cents"]), (&Value::Null, &json!(7)));
    assert_eq!((&changed["name"], &changed["metadata"]), (&json!("Ada"), &json!({ "b": 2 })));
    assert!(changed["updated_at"].is_string());
    api.send(Method::PATCH, "/users/x", Some(json!({}))).await.refused(404, "not_found", None, "User not found");
}

#[tokio::test]
async fn they_are_listed_by_number_and_deleted_by_name() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for user_id in ["a", "b", "c"] {
        api.post("/users/", json!({ "user_id": user_id })).await.good(StatusCode::CREATED);
    }
    let first = api.get("/users/?limit=2").await.good(StatusCode::OK);
    assert_eq!((ids(&first), &first["next_starting_after"]), (vec![3, 2], &json!(2)));
    assert_eq!(ids(&api.get("/users/?limit=2&starting_after=2").await.good(StatusCode::OK)), [1]);
    api.send(Method::DELETE, "/users/b", None).await.nothing();
    api.send(Method::DELETE, "/users/b", None).await.refused(404, "not_found", None, "User not found");
    assert_eq!(ids(&api.get("/users/").await.good(StatusCode::OK)), [3, 1]);
}
