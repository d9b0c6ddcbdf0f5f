//! Guests, external users, tokens.

use std::path::Path;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, header};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::{Answer, User, backend, keys, text};

#[tokio::test]
async fn a_guest_is_made_and_is_who_they_are() {
    let (_backend, nobody) = backend().await;
    let issued = nobody.post("/api/auth/guest", json!({ "display_name": " Ada " })).await.good();
    let id = text(&issued["user"]["id"]);
    assert!(id.starts_with("guest-") && id.len() == "guest-".len() + 36, "{id}");
    let expected = json!({
        "id": id, "name": "Ada", "type": "human", "is_guest": true, "email": null, "mycel_id": null, "avatar": null,
    });
    assert_eq!(issued["user"], expected);
    assert_eq!(keys(&issued), ["token", "user"]);
    assert_eq!(nobody.issued(&issued).get("/api/auth/me").await.good(), expected);
}

#[tokio::test]
async fn a_guest_without_a_name_is_called_guest() {
    let (_backend, nobody) = backend().await;
    let blank = |name: &str| json!({ "display_name": name });
    for body in [json!({}), json!({ "display_name": null }), blank("  "), blank("\u{1c}"), json!({ "else": 1 })] {
        let issued = nobody.post("/api/auth/guest", body).await.good();
        assert_eq!(issued["user"]["name"], "Guest");
    }
    assert_eq!(nobody.post_nothing("/api/auth/guest").await.issue()["loc"], json!(["body"]));
}

#[tokio::test]
async fn an_external_user_is_made_by_an_owner() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let body = json!({ "user_id": " codex-1 ", "display_name": " Codex " });
    let issued = owner.post("/api/auth/external-users", body).await.good();
    let expected = json!({ "id": "codex-1", "name": "Codex", "type": "external", "created_by_user_id": owner.id });
    assert_eq!(issued["user"], expected);
    let me = owner.issued(&issued).get("/api/auth/me").await.good();
    let expected = json!({
        "id": "codex-1", "name": "Codex", "type": "external", "email": null, "mycel_id": null, "is_guest": false,
        "avatar": null,
    });
    assert_eq!(me, expected);
}

#[tokio::test]
async fn an_external_user_needs_an_id_a_name_and_an_owner() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let agent = owner.external("codex-1").await;
    let create = async |user: &User, id: &str, name: &str| {
        user.post("/api/auth/external-users", json!({ "user_id": id, "display_name": name })).await
    };
    for blank in [" ", "\u{1f}"] {
        create(&owner, blank, "Codex").await.refused(400, "external user_id is required");
        create(&owner, "codex-2", blank).await.refused(400, "external display_name is required");
    }
    create(&owner, "codex-1", "Again").await.refused(409, "external user already exists: codex-1");
    create(&owner, &owner.id, "Me").await.refused(409, format!("external user already exists: {}", owner.id));
    // Who asks is looked at before what is asked.
    for body in [json!({ "user_id": "codex-2", "display_name": "Codex" }), json!({}), json!([]), json!(null)] {
        let refused = agent.post("/api/auth/external-users", body).await;
        refused.refused(403, "Capability required: create_external_user");
    }
    create(&nobody, "codex-2", "Codex").await.refused(401, "Missing or invalid Authorization header");
}

#[tokio::test]
async fn a_token_must_be_borne_and_be_genuine() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let token = owner.token.clone().unwrap();
    let me = async |authorization: &str| {
        let request = nobody.request(Method::GET, "/api/auth/me").header(header::AUTHORIZATION, authorization);
        Answer::to(request).await
    };
    assert_eq!(me(&format!("Bearer {token}")).await.status, 200);
    for other in [format!("bearer {token}"), format!("Token {token}"), token.clone(), "Bearer".to_owned()] {
        me(&other).await.refused(401, "Missing or invalid Authorization header");
    }
    me("Bearer nonsense").await.refused(401, "Token 无效: Not enough segments");
    me("Bearer a.b.c").await.refused(401, "Token 无效: Invalid header padding");
    let (signed, _) = token.rsplit_once('.').unwrap();
    me(&format!("Bearer {signed}.")).await.refused(401, "Token 无效: Signature verification failed");
    nobody.get("/api/auth/me").await.refused(401, "Missing or invalid Authorization header");
}

#[tokio::test]
async fn a_token_of_another_backend_does_not_count() {
    let (_one, nobody) = backend().await;
    let (other, _) = backend().await;
    let owner = nobody.guest("Owner").await.at(other.url());
    owner.get("/api/auth/me").await.refused(401, "Token 无效: Signature verification failed");
}

#[tokio::test]
async fn a_token_of_somebody_who_is_gone_does_not_count() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let start = || mycel_local_backend::LocalBackend::builder().data(&file).start();
    let backend = start().await.unwrap();
    let owner = User::nobody(backend.url()).guest("Owner").await;
    backend.shutdown().await;
    rusqlite::Connection::open(&file).unwrap().execute("DELETE FROM users", []).unwrap();
    let backend = start().await.unwrap();
    let detail = "User no longer exists — please re-login";
    let owner = owner.at(backend.url());
    owner.get("/api/auth/me").await.refused(401, detail);
    owner.post_nothing("/api/runtime/inbox/wait").await.refused(401, detail);
}

#[tokio::test]
async fn a_token_that_is_past_its_time_does_not_count() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let start = || mycel_local_backend::LocalBackend::builder().data(&file).start();
    let backend = start().await.unwrap();
    let owner = User::nobody(backend.url()).guest("Owner").await;
    backend.shutdown().await;
    let secret = token_secret(&file);
    let backend = start().await.unwrap();
    let me = async |expires: i64| {
        let claims = json!({ "sub": owner.id, "exp": expires });
        owner.at(backend.url()).with_token(&signed(&secret, &claims)).get("/api/auth/me").await
    };
    me(4_102_444_800).await.good();
    me(1_700_000_000).await.refused(401, "Token 已过期，请重新登录");
}

/// What signs the tokens of the backend that this is the file of.
pub fn token_secret(file: &Path) -> Vec<u8> {
    let query = "SELECT value FROM settings WHERE name = 'token_secret'";
    rusqlite::Connection::open(file).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

/// A token with these claims, made by the book.
pub fn signed(secret: &[u8], claims: &Value) -> String {
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(&json!({ "alg": "HS256" })), encoded(claims));
    let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(&signed).finalize();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()))
}

#[tokio::test]
async fn every_signed_operation_asks_for_a_token() {
    let (_backend, nobody) = backend().await;
    let document: Value = nobody.get("/openapi.json").await.good();
    let open =
        ["send-otp", "verify-otp", "complete-register", "login", "guest"].map(|name| format!("/api/auth/{name}"));
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if open.contains(path) {
                continue;
            }
            // A body that is readable JSON and nothing else: the caller is looked at before its fields are.
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            let answer = nobody.send(method, path, Some(json!([]))).await;
            answer.refused(401, "Missing or invalid Authorization header");
        }
    }
}
