//! What is refused before an operation is asked.

use m8tes_local_backend::{BASE_PATH, LocalBackend};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::{Answer, Api};

#[tokio::test]
async fn who_has_no_key_or_another_is_nobody() {
    let backend = m8tes_local_backend::start().await.unwrap();
    for key in [None, Some("m8_other"), Some("")] {
        let answer = Api::at(&backend.base_url(), key).get("/agents/").await;
        answer.refused(401, "authentication_error", None, "API key");
    }
    // Who asks is looked at before what is asked.
    let answer = Api::at(&backend.base_url(), None).post("/agents/", json!({ "name": 3 })).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let other = LocalBackend::builder().api_key("m8_other").start().await.unwrap();
    Api::at(&other.base_url(), Some("m8_other")).get("/agents/").await.good(StatusCode::OK);
    Api::of(&other).get("/agents/").await.refused(401, "authentication_error", None, "");
}

#[tokio::test]
async fn what_is_no_route_is_told_in_the_frameworks_words() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    assert_eq!(api.get("/nope").await.good(StatusCode::NOT_FOUND), json!({ "detail": "Not Found" }));
    let outside = Api::at(backend.url(), None).get("/agents/").await;
    assert_eq!(outside.good(StatusCode::NOT_FOUND), json!({ "detail": "Not Found" }));
    let answer = api.send(Method::PUT, "/agents/", None).await;
    assert_eq!(answer.good(StatusCode::METHOD_NOT_ALLOWED), json!({ "detail": "Method Not Allowed" }));
    assert_eq!(answer.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn a_slash_that_is_missing_or_too_much_is_redirected() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for (method, path, right) in [
        (Method::POST, "/agents", "/agents/"),
        (Method::GET, "/runs?limit=3", "/runs/?limit=3"),
        (Method::GET, "/teammates", "/teammates/"),
        (Method::GET, "/runs/1/", "/runs/1"),
    ] {
        let answer = api.send(method, path, None).await;
        assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{path}");
        let location = format!("{}{BASE_PATH}{right}", backend.url());
        assert_eq!(answer.header("location"), Some(location.as_str()));
    }
}

#[tokio::test]
async fn teammates_have_two_names() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let made = api.post("/teammates/", json!({ "name": "Ada" })).await.good(StatusCode::CREATED);
    assert_eq!(api.get(&format!("/agents/{}", made["id"])).await.good(StatusCode::OK), made);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_by_its_place() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let wrong = api.post("/runs/", json!({ "stream": "perhaps", "tools": [1], "more": 1 })).await;
    for problem in ["body.message: Field required", "body.stream: Input should", "body.tools.0:", "body.more: Extra"] {
        wrong.refused(422, "validation_error", None, problem);
    }
    api.get("/runs/?limit=101").await.refused(422, "validation_error", None, "query.limit: Input should be less");
    api.get("/runs/x").await.refused(422, "validation_error", None, "path.run_id: Input should be a valid integer");
    let unknown = api.get("/agents/?limt=1").await;
    unknown.refused(422, "validation_error", Some("unknown_query_parameter"), "query.limt");
    let text = api.request(Method::POST, "/agents/").header("content-type", "application/json").body("{");
    Answer::to(text).await.refused(422, "validation_error", None, "JSON decode error");
}
