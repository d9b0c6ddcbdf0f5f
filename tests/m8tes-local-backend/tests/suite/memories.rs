//! Memories.

use m8tes_local_backend::LocalBackend;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Api, ids};

async fn made(api: &Api, body: Value) -> Value {
    api.post("/memories/", body).await.good(StatusCode::CREATED)
}

#[tokio::test]
async fn scopes_never_mix() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let own = made(&api, json!({ "content": "Likes tea", "audience": "company" })).await;
    assert_eq!((&own["user_id"], &own["audience"]), (&Value::Null, &json!("company")));
    // The same of another is another.
    made(&api, json!({ "content": "Likes tea", "user_id": "cust_1" })).await;
    for (query, expected) in [("", vec![1]), ("?user_id=cust_1", vec![2]), ("?user_id=cust_2", vec![])] {
        assert_eq!(ids(&api.get(&format!("/memories/{query}")).await.good(StatusCode::OK)), expected, "{query}");
    }
    for path in ["/memories/1?user_id=cust_1", "/memories/2", "/memories/2?user_id=cust_2", "/memories/9"] {
        api.send(Method::DELETE, path, None).await.refused(404, "not_found", None, "Memory not found");
        let change = api.send(Method::PATCH, path, Some(json!({ "content": "No" }))).await;
        change.refused(404, "not_found", None, "Memory not found");
    }
    api.send(Method::DELETE, "/memories/2?user_id=cust_1", None).await.nothing();
    assert_eq!(ids(&api.get("/memories/?user_id=cust_1").await.good(StatusCode::OK)), [0; 0]);
    // Who is remembered is known.
    assert_eq!(api.get("/users/cust_1").await.good(StatusCode::OK)["id"], 1);
}

#[tokio::test]
async fn what_is_remembered_has_a_length_and_is_remembered_once() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    made(&api, json!({ "content": "ä".repeat(300) })).await;
    made(&api, json!({ "content": "Likes  green tea" })).await;
    for content in [String::new(), "  ".to_owned(), "ä".repeat(301)] {
        let body = json!({ "content": content });
        api.post("/memories/", body.clone()).await.refused(422, "validation_error", None, "body.content");
        let change = api.send(Method::PATCH, "/memories/1", Some(body)).await;
        change.refused(422, "validation_error", None, "body.content");
    }
    let again = json!({ "content": " likes Green   TEA" });
    api.post("/memories/", again.clone()).await.refused(409, "conflict", None, "identical");
    api.send(Method::PATCH, "/memories/1", Some(again.clone())).await.refused(409, "conflict", None, "identical");
    // Itself is no other.
    let changed = api.send(Method::PATCH, "/memories/2", Some(again)).await.good(StatusCode::OK);
    assert_eq!(changed["content"], " likes Green   TEA");
    let nothing = api.send(Method::PATCH, "/memories/2", Some(json!({}))).await;
    nothing.refused(422, "validation_error", None, "content or audience");
    let shared = api.send(Method::PATCH, "/memories/2", Some(json!({ "audience": "personal" }))).await;
    assert_eq!(shared.good(StatusCode::OK)["scope"], "personal");
}

#[tokio::test]
async fn they_are_found_by_their_text() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for content in ["Likes TEA", "Likes coffee", "No tea after six"] {
        made(&api, json!({ "content": content })).await;
    }
    assert_eq!(ids(&api.get("/memories/?query=tea").await.good(StatusCode::OK)), [3, 1]);
    let first = api.get("/memories/?query=tea&limit=1").await.good(StatusCode::OK);
    assert_eq!((ids(&first), &first["next_starting_after"]), (vec![3], &json!(3)));
    assert_eq!(ids(&api.get("/memories/?query=tea&limit=1&starting_after=3").await.good(StatusCode::OK)), [1]);
}

#[tokio::test]
async fn a_strict_account_has_none_of_its_own() {
    let backend = LocalBackend::builder().require_user_id().start().await.unwrap();
    let api = Api::of(&backend);
    let problem = "require_end_user_id=False";
    api.post("/memories/", json!({ "content": "a" })).await.refused(422, "validation_error", None, problem);
    api.get("/memories/").await.refused(422, "validation_error", None, problem);
    for method in [Method::PATCH, Method::DELETE] {
        let body = Some(json!({ "content": "b" }));
        api.send(method, "/memories/1", body).await.refused(422, "validation_error", None, problem);
    }
    made(&api, json!({ "content": "a", "user_id": "cust_1" })).await;
}
