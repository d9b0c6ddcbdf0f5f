//! What a communication deployment leaves out.

use mycel_local_backend::{LocalBackend, Profile};
use reqwest::Method;
use serde_json::json;

use crate::client::User;

#[tokio::test]
async fn communication_has_no_registration_panel_or_threads() {
    let backend = LocalBackend::builder().profile(Profile::Communication).start().await.unwrap();
    let nobody = User::nobody(backend.url());
    for path in ["login", "send-otp", "verify-otp", "complete-register"] {
        nobody.post(format!("/api/auth/{path}"), json!({})).await.refused(404, "Not Found");
    }
    let owner = nobody.guest("Owner").await;
    for (method, path) in [
        (Method::GET, "/api/panel/agents"),
        (Method::POST, "/api/panel/agents"),
        (Method::POST, "/api/threads"),
        (Method::GET, "/api/threads"),
        (Method::GET, "/api/monitor/threads"),
    ] {
        owner.send(method, path, Some(json!({}))).await.refused(404, "Not Found");
    }
}

/// Whoever asks it what it promises gets what the client was generated from.
#[tokio::test]
async fn full_serves_the_document_that_was_imported() {
    let backend = LocalBackend::builder().start().await.unwrap();
    let served = User::nobody(backend.url()).get("/openapi.json").await.good();
    let imported: serde_json::Value =
        serde_json::from_str(include_str!("../../../../openapi/mycel/backend.json")).unwrap();
    assert_eq!(served, imported);
}

#[tokio::test]
async fn communication_has_the_rest() {
    let backend = LocalBackend::builder().profile(Profile::Communication).start().await.unwrap();
    let nobody = User::nobody(backend.url());
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let chat = a.direct(&b).await;
    a.say(&chat, "hello").await;
    assert_eq!(b.drain().await.len(), 1);
    assert_eq!(b.get("/api/relationships").await.good(), json!([]));
    for path in ["/api/conversations", "/api/contacts", "/api/users", "/api/users/a/profile"] {
        assert_eq!(owner.get(path).await.status, 501, "{path}");
    }
    let document = nobody.get("/openapi.json").await.good();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/api/chats/{chat_id}/tasks") && paths.contains_key("/api/auth/guest"));
    assert!(!paths.contains_key("/api/auth/login") && !paths.contains_key("/api/threads"));
    // All but those.
    let full = LocalBackend::builder().start().await.unwrap();
    let mut expected = User::nobody(full.url()).get("/openapi.json").await.good()["paths"].take();
    let left_out = |path: &str| {
        let accounts = ["login", "send-otp", "verify-otp", "complete-register"].map(|name| format!("/api/auth/{name}"));
        accounts.iter().any(|account| account == path)
            || ["/api/panel/", "/api/threads"].iter().any(|at| path.starts_with(at))
    };
    expected.as_object_mut().unwrap().retain(|path, _| !left_out(path));
    assert_eq!(document["paths"], expected);
}
