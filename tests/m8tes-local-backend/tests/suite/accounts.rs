//! Several accounts in one backend: each has its own key, and sees what is its own.

use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend, Run};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    client::Api,
    operations::{busy, operations, with_everything},
};

async fn signed_up(backend: &LocalBackend, email: &str, more: Value) -> Value {
    let mut body = json!({ "email": email, "first_name": "Ada", "last_name": "", "password": "pw-12345678" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Api::at(&backend.base_url(), None).post("/signup", body).await.good(StatusCode::CREATED)
}

fn of_key(backend: &LocalBackend, told: &Value) -> Api {
    Api::at(&backend.base_url(), told["api_key"].as_str())
}

/// An account that may go without end users.
async fn account(backend: &LocalBackend, email: &str) -> Api {
    of_key(backend, &signed_up(backend, email, json!({ "require_end_user_id": false })).await)
}

#[tokio::test]
async fn who_signs_up_has_a_key_of_its_own() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let nobody = Api::at(&backend.base_url(), None);
    let told = signed_up(&backend, " Ada@Example.com", json!({})).await;
    assert_eq!((&told["email"], &told["verification"]), (&json!("ada@example.com"), &json!("pending")));
    let key = told["api_key"].as_str().unwrap();
    assert!(key.starts_with("m8_") && key.len() > 30 && !told["message"].as_str().unwrap().is_empty(), "{told}");
    let api = of_key(&backend, &told);
    api.get("/agents/?user_id=cust_1").await.good(StatusCode::OK);

    let body = |email: &str, name: &str| json!({ "email": email, "first_name": name, "password": "other" });
    nobody.post("/signup", body("ADA@example.com", "Eve")).await.refused(409, "conflict", None, "known already");
    for (email, name, problem) in [
        ("", "Ada", "body.email"),
        ("ada", "Ada", "body.email"),
        ("@example.com", "Ada", "body.email"),
        ("a b@example.com", "Ada", "body.email"),
        ("b@example.com", " ", "body.first_name"),
    ] {
        nobody.post("/signup", body(email, name)).await.refused(422, "validation_error", None, problem);
    }
    nobody.post("/signup", json!({ "email": "b@example.com" })).await.refused(
        422,
        "validation_error",
        None,
        "first_name",
    );
    let other = json!({ "email": "b@example.com", "first_name": "B", "product": "moon" });
    nobody.post("/signup", other).await.refused(422, "validation_error", None, "body.product");
    // What is refused has made nothing, and the key of before is alive.
    signed_up(&backend, "b@example.com", json!({})).await;
    api.get("/agents/?user_id=cust_1").await.good(StatusCode::OK);
    Api::of(&backend).get("/agents/").await.good(StatusCode::OK);
}

#[tokio::test]
async fn accounts_of_the_api_are_strict_unless_they_say_otherwise() {
    let backend = m8tes_local_backend::start().await.unwrap();
    for (number, (more, is_strict)) in [
        (json!({}), true),
        (json!({ "product": "api" }), true),
        (json!({ "product": "platform" }), false),
        (json!({ "product": "platform", "require_end_user_id": true }), true),
        (json!({ "require_end_user_id": false }), false),
    ]
    .into_iter()
    .enumerate()
    {
        let told = signed_up(&backend, &format!("{number}@example.com"), more).await;
        let api = of_key(&backend, &told);
        let settings = api.get("/settings/").await.good(StatusCode::OK);
        assert_eq!(settings["require_end_user_id"], is_strict, "{settings}");
        let listed = api.get("/agents/").await;
        match is_strict {
            true => listed.refused(422, "validation_error", None, "require_end_user_id=False"),
            false => drop(listed.good(StatusCode::OK)),
        }
    }
    // The first account is as it was.
    Api::of(&backend).get("/agents/").await.good(StatusCode::OK);
}

#[tokio::test]
async fn a_new_key_is_the_death_of_the_one_before() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let nobody = Api::at(&backend.base_url(), None);
    let told = signed_up(&backend, "ada@example.com", json!({ "require_end_user_id": false })).await;
    let before = of_key(&backend, &told);
    before.post("/agents/", json!({ "name": "Mine" })).await.good(StatusCode::CREATED);
    for (email, password) in [("ada@example.com", "wrong"), ("ada@example.com", ""), ("eve@example.com", "pw-12345678")]
    {
        let refused = nobody.post("/token", json!({ "email": email, "password": password })).await;
        refused.refused(401, "authentication_error", None, "Invalid e-mail address or password");
    }
    before.get("/agents/").await.good(StatusCode::OK);

    let login = json!({ "email": "Ada@example.com", "password": "pw-12345678" });
    let again = nobody.post("/token", login).await.good(StatusCode::OK);
    assert_eq!(again["email"], "ada@example.com");
    assert_ne!(again["api_key"], told["api_key"]);
    before.get("/agents/").await.refused(401, "authentication_error", None, "API key");
    let listed = of_key(&backend, &again).get("/agents/").await.good(StatusCode::OK);
    assert_eq!(listed["data"][0]["name"], "Mine");
}

#[tokio::test]
async fn who_has_no_password_can_not_log_in() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let nobody = Api::at(&backend.base_url(), None);
    let body = json!({ "email": "a@example.com", "first_name": "Ada", "require_end_user_id": false });
    let told = nobody.post("/signup", body).await.good(StatusCode::CREATED);
    assert_eq!(told["verification"], "pending");
    of_key(&backend, &told).get("/agents/").await.good(StatusCode::OK);
    let login = nobody.post("/token", json!({ "email": "a@example.com", "password": "" })).await;
    login.refused(401, "authentication_error", None, "");
}

#[tokio::test]
async fn an_address_is_verified_once_its_message_is_asked_for_again() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let is_verified =
        |api: Api| async move { api.get("/verify/status").await.good(StatusCode::OK)["is_verified"].clone() };
    let resend = |api: Api| async move {
        let told = api.send(Method::POST, "/verify/resend", None).await.good(StatusCode::OK);
        told["message"].as_str().unwrap().to_owned()
    };
    let told = signed_up(&backend, "ada@example.com", json!({})).await;
    assert_eq!(is_verified(of_key(&backend, &told)).await, false);
    assert!(resend(of_key(&backend, &told)).await.contains("ada@example.com"));
    assert_eq!(is_verified(of_key(&backend, &told)).await, true);
    assert!(resend(of_key(&backend, &told)).await.contains("verified already"));
    assert_eq!(is_verified(Api::of(&backend)).await, true);
}

/// Every operation of the document that names something by its id.
#[tokio::test]
async fn what_is_anothers_is_not_there() {
    let backend = busy().await;
    let (one, other) = (account(&backend, "one@example.com").await, account(&backend, "other@example.com").await);
    let ids = with_everything(&one, None).await;
    let mut tried = 0;
    for operation in operations() {
        // An app is everybody's; what is connected to it is not, as the next test tells.
        if !operation.template.contains('{') || operation.template.starts_with("/apps") {
            continue;
        }
        let answer = operation.send(&other, &operation.path(&ids)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation:?}: {}", answer.text);
        tried += 1;
    }
    assert_eq!(tried, 46);
}

#[tokio::test]
async fn lists_and_names_are_an_accounts_own() {
    let backend = busy().await;
    let (one, other) = (account(&backend, "one@example.com").await, account(&backend, "other@example.com").await);
    let lists = ["/agents/", "/runs/", "/tasks/", "/memories/", "/permissions/", "/users/", "/webhooks/"];
    let ids = with_everything(&one, None).await;
    for api in [&other, &Api::of(&backend)] {
        for list in lists {
            assert_eq!(api.get(list).await.good(StatusCode::OK)["data"], json!([]), "{list}");
        }
        assert_eq!(api.get("/usage/").await.good(StatusCode::OK)["runs_used"], 0);
        let apps = api.get("/apps/").await.good(StatusCode::OK);
        assert!(apps["data"].as_array().unwrap().iter().all(|app| app["connected"] == false), "{apps}");
        let gone = api.send(Method::DELETE, "/apps/gemini/connections", None).await;
        gone.refused(404, "not_found", None, "Connection not found");
    }
    // Another's teammate can't be given work.
    let mate: i64 = ids[0].1.parse().unwrap();
    for (path, body) in [
        ("/tasks/", json!({ "teammate_id": mate, "instructions": "Report" })),
        ("/runs/", json!({ "message": "go", "stream": false, "teammate_id": mate })),
    ] {
        other.post(path, body).await.refused(404, "not_found", None, "Teammate not found");
    }
    // What is named alike does not meet: users, memories, permissions, and the keys of requests.
    let again = with_everything(&other, None).await;
    assert_ne!(ids, again);
    for list in lists {
        let (mine, theirs) = (one.get(list).await.good(StatusCode::OK), other.get(list).await.good(StatusCode::OK));
        let mine = mine["data"].as_array().unwrap();
        assert!(!mine.is_empty() && mine.len() == theirs["data"].as_array().unwrap().len(), "{list}");
        assert!(
            mine.iter().all(|each| theirs["data"].as_array().unwrap().iter().all(|their| their["id"] != each["id"]))
        );
    }
    let change = json!({ "retention_mode": "metadata_only" });
    one.send(Method::PATCH, "/settings/", Some(change)).await.good(StatusCode::OK);
    assert_eq!(other.get("/settings/").await.good(StatusCode::OK)["retention_mode"], "standard");
}

/// What one account has allowed for good, and whom it has told, is of its runs alone.
#[tokio::test]
async fn runs_are_told_to_and_allowed_by_their_own_account() {
    let backend = LocalBackend::builder().loopback_webhooks().on_run(|run: Run| async move {
        let is_allowed = run.ask_permission("gmail_send", &json!({})).await.is_allowed();
        run.text(is_allowed.to_string());
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let (one, other) = (account(&backend, "one@example.com").await, account(&backend, "other@example.com").await);
    one.post("/permissions/", json!({ "tool": "gmail_send" })).await.good(StatusCode::CREATED);
    let hook = one.post("/webhooks/", json!({ "url": "http://127.0.0.1:9/" })).await.good(StatusCode::CREATED);
    let go = json!({ "message": "go", "stream": false });
    let run = other.post("/runs/", go.clone()).await.good(StatusCode::OK)["id"].as_i64().unwrap();
    while other.get(&format!("/runs/{run}/permissions")).await.json() == json!([]) {}
    let approval = json!({ "request_id": format!("req_{run}_1"), "decision": "deny", "remember": false });
    other.post(&format!("/runs/{run}/approve"), approval).await.good(StatusCode::OK);
    assert_eq!(other.ended(run).await["output"], "false");
    let deliveries = format!("/webhooks/{}/deliveries", hook["id"]);
    assert_eq!(one.get(&deliveries).await.good(StatusCode::OK)["data"], json!([]));
    let run = one.post("/runs/", go).await.good(StatusCode::OK)["id"].as_i64().unwrap();
    assert_eq!(one.ended(run).await["output"], "true");
    assert_eq!(one.get(&deliveries).await.good(StatusCode::OK)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn accounts_outlive_the_backend_and_their_secrets_are_in_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("m8tes.db");
    let builder = LocalBackend::builder().data(&file);
    let backend = builder.clone().start().await.unwrap();
    let told = signed_up(&backend, "ada@example.com", json!({})).await;
    let strict = of_key(&backend, &told);
    strict.post("/agents/", json!({ "user_id": "cust_1" })).await.good(StatusCode::CREATED);
    backend.shutdown().await;

    let backend = builder.api_key("m8_another").start().await.unwrap();
    let listed = of_key(&backend, &told).get("/agents/?user_id=cust_1").await.good(StatusCode::OK);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    Api::at(&backend.base_url(), Some("m8_another")).get("/agents/").await.good(StatusCode::OK);
    Api::of(&backend).get("/agents/").await.refused(401, "authentication_error", None, "");
    backend.shutdown().await;

    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in [told["api_key"].as_str().unwrap(), "pw-12345678", "m8_another", DEFAULT_API_KEY] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
}

#[tokio::test]
async fn a_period_ends_at_one_time_whenever_it_is_asked_for() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let end = |usage: Value| usage["period_end"].as_str().unwrap().to_owned();
    let first = end(api.get("/usage/").await.good(StatusCode::OK));
    assert_eq!(end(api.get("/usage/").await.good(StatusCode::OK)), first);
}
