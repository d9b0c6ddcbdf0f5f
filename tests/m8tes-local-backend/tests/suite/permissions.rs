//! Tools that need no asking any more.

use m8tes_local_backend::LocalBackend;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::{Api, ids};

#[tokio::test]
async fn one_that_is_there_is_not_made_again() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let body = json!({ "tool": "gmail_send", "user_id": "cust_1" });
    let made = api.post("/permissions/", body.clone()).await.good(StatusCode::CREATED);
    assert_eq!((&made["tool_name"], &made["user_id"]), (&json!("gmail_send"), &json!("cust_1")));
    assert_eq!(api.post("/permissions/", body).await.good(StatusCode::OK), made);
    // The account's own is another.
    let own = api.post("/permissions/", json!({ "tool": "gmail_send", "user_id": null })).await;
    assert_eq!(own.good(StatusCode::CREATED)["id"], 2);
    assert_eq!(api.get("/users/cust_1").await.good(StatusCode::OK)["user_id"], "cust_1");
    api.post("/permissions/", json!({ "tool": "" })).await.refused(422, "validation_error", None, "body.tool");
}

#[tokio::test]
async fn scopes_never_mix() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for body in [json!({ "tool": "a" }), json!({ "tool": "a", "user_id": "cust_1" })] {
        api.post("/permissions/", body).await.good(StatusCode::CREATED);
    }
    assert_eq!(ids(&api.get("/permissions/").await.good(StatusCode::OK)), [1]);
    assert_eq!(ids(&api.get("/permissions/?user_id=cust_1").await.good(StatusCode::OK)), [2]);
    for path in ["/permissions/1?user_id=cust_1", "/permissions/2", "/permissions/9"] {
        api.send(Method::DELETE, path, None).await.refused(404, "not_found", None, "Permission not found");
    }
    api.send(Method::DELETE, "/permissions/2?user_id=cust_1", None).await.nothing();
    assert_eq!(ids(&api.get("/permissions/?user_id=cust_1").await.good(StatusCode::OK)), [0; 0]);
}

#[tokio::test]
async fn a_strict_account_has_none_of_its_own() {
    let backend = LocalBackend::builder().require_user_id().start().await.unwrap();
    let api = Api::of(&backend);
    let problem = "require_end_user_id=False";
    api.post("/permissions/", json!({ "tool": "a" })).await.refused(422, "validation_error", None, problem);
    api.get("/permissions/").await.refused(422, "validation_error", None, problem);
    api.send(Method::DELETE, "/permissions/1", None).await.refused(422, "validation_error", None, problem);
}
