//! Apps.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::Api;

async fn is_connected(api: &Api, app: &str, query: &str) -> bool {
    let apps = api.get(&format!("/apps/{query}")).await.good(StatusCode::OK);
    apps["data"].as_array().unwrap().iter().any(|each| each["name"] == app && each["connected"] == true)
}

#[tokio::test]
async fn an_end_users_connection_is_completed_by_its_id() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let body = json!({ "redirect_uri": "http://a.test/done", "user_id": "cust_1" });
    let begun = api.post("/apps/gmail/connect", body.clone()).await.good(StatusCode::OK);
    assert!(!is_connected(&api, "gmail", "?user_id=cust_1").await);
    let complete = json!({ "connection_id": begun["connection_id"], "user_id": "cust_1" });
    let other = json!({ "connection_id": begun["connection_id"], "user_id": "cust_2" });
    api.post("/apps/gmail/connect/complete", other).await.refused(404, "not_found", None, "Connection not found");
    let done = api.post("/apps/gmail/connect/complete", complete.clone()).await.good(StatusCode::OK);
    assert_eq!(done, json!({ "status": "active", "app": "gmail" }));
    // Once.
    api.post("/apps/gmail/connect/complete", complete).await.refused(404, "not_found", None, "Connection not found");
    assert!(is_connected(&api, "gmail", "?user_id=cust_1").await && !is_connected(&api, "gmail", "").await);

    let begun = api.post("/apps/gmail/connect", body).await.good(StatusCode::OK);
    let another = json!({ "connection_id": begun["connection_id"], "user_id": "cust_1", "add_account": true });
    api.post("/apps/gmail/connect/complete", another).await.good(StatusCode::OK);
    let path = "/apps/gmail/connections?user_id=cust_1";
    api.send(Method::DELETE, path, None).await.refused(409, "conflict", None, "Several accounts");
}

#[tokio::test]
async fn the_accounts_own_is_completed_by_the_ticket_of_the_page() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let begun = api.post("/apps/slack/connect", json!({ "redirect_uri": "http://a.test/done?x=1" })).await;
    let begun = begun.good(StatusCode::OK);
    let by_id = api.post("/apps/slack/connect/complete", json!({ "connection_id": begun["connection_id"] })).await;
    by_id.refused(400, "bad_request", None, "claim_ticket");
    let url = begun["authorization_url"].as_str().unwrap();
    let page = Api::at(url, None).get("").await;
    let location = page.header("location").unwrap();
    let ticket = location.strip_prefix("http://a.test/done?x=1&composio_claim=").unwrap();
    let done = api.post("/apps/slack/connect/complete", json!({ "claim_ticket": ticket })).await;
    done.good(StatusCode::OK);
    assert!(is_connected(&api, "slack", "").await);
    api.send(Method::DELETE, "/apps/slack/connections", None).await.nothing();
    assert!(!is_connected(&api, "slack", "").await);
    api.send(Method::DELETE, "/apps/slack/connections", None).await.refused(404, "not_found", None, "Connection");
}

#[tokio::test]
async fn an_app_is_connected_in_its_own_way() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/apps/gemini/connect/api-key", json!({ "api_key": "k" })).await.good(StatusCode::OK);
    assert!(is_connected(&api, "gemini", "").await);
    let body = json!({ "redirect_uri": "http://a.test" });
    api.post("/apps/gemini/connect", body.clone()).await.refused(400, "bad_request", None, "in this way");
    api.post("/apps/gmail/connect/api-key", json!({ "api_key": "k" })).await.refused(400, "bad_request", None, "way");
    api.post("/apps/moon/connect", body).await.refused(404, "not_found", None, "App not found");
}
