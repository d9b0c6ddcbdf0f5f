//! Teammates.

use m8tes_local_backend::{LocalBackend, Run};
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

#[tokio::test]
async fn one_is_made_with_its_webhook_and_its_address() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let teammate = made(&api, json!({ "webhook": true, "email_inbox": true })).await;
    let url = teammate["webhook_url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/webhooks/agents/whk_", backend.url())), "{url}");
    assert!(teammate["inbound_email_enabled"] == true && teammate["webhook_enabled"] == true, "{teammate}");
    assert!(teammate["email_address"].as_str().unwrap().contains('@'), "{teammate}");
    let read = api.get("/agents/1").await.good(StatusCode::OK);
    assert!(read["webhook_url"].as_str().unwrap().ends_with("/****"), "{read}");
    // A new URL is told once as well.
    let again = api.send(Method::POST, "/agents/1/webhook", None).await.good(StatusCode::OK);
    assert!(again["url"] != url && again["url"].as_str().unwrap().contains("/whk_"), "{again}");
    let off = api.send(Method::PATCH, "/agents/1/webhook", Some(json!({ "enabled": false }))).await;
    assert_eq!(off.good(StatusCode::OK)["enabled"], false);
    api.send(Method::DELETE, "/agents/1/webhook", None).await.nothing();
    let none = api.send(Method::PATCH, "/agents/1/webhook", Some(json!({ "enabled": true }))).await;
    none.refused(400, "bad_request", None, "no webhook");
    api.send(Method::POST, "/agents/9/webhook", None).await.refused(404, "not_found", None, "Teammate not found");
}

#[tokio::test]
async fn an_address_is_switched_on_and_off() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    made(&api, json!({ "user_id": "cust_1" })).await;
    let on = api.send(Method::POST, "/agents/1/email-inbox?user_id=cust_1", None).await.good(StatusCode::OK);
    let read = api.get("/agents/1").await.good(StatusCode::OK);
    assert_eq!((&on["enabled"], &on["address"]), (&json!(true), &read["email_address"]));
    api.send(Method::DELETE, "/agents/1/email-inbox", None).await.nothing();
    let read = api.get("/agents/1").await.good(StatusCode::OK);
    assert_eq!((&read["inbound_email_enabled"], &read["email_address"]), (&json!(false), &Value::Null));
    let other = api.send(Method::POST, "/agents/1/email-inbox?user_id=cust_2", None).await;
    other.refused(404, "not_found", None, "Teammate not found");
}

#[tokio::test]
async fn a_template_says_what_a_teammate_is() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let teammate = made(&api, json!({ "from_template": "inbox-assistant", "model": "m" })).await;
    assert_eq!((&teammate["template_slug"], &teammate["tools"]), (&json!("inbox-assistant"), &json!(["gmail"])));
    let both = api.post("/agents/", json!({ "from_template": "inbox-assistant", "name": "Ada" })).await;
    both.refused(400, "bad_request", Some("from_template_conflict"), "template");
    api.post("/agents/", json!({ "from_template": "x" })).await.refused(404, "not_found", None, "Template not found");
    api.post("/agents/", json!({ "group_id": 1 })).await.refused(404, "not_found", None, "Group not found");
}

#[tokio::test]
async fn runs_tell_of_their_teammate_and_a_summary_is_shorter() {
    let backend = LocalBackend::builder()
        .on_run(|run: Run| async move { if run.message() == "end" { Ok(()) } else { std::future::pending().await } });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let before = made(&api, json!({ "instructions": "Help", "goals": "Be quick", "metadata": { "a": 1 } })).await;
    let told = |of: &Value| (of["active_run_count"].clone(), of["active_run_id"].clone());
    assert_eq!((told(&before), &before["last_active_at"]), ((json!(0), Value::Null), &Value::Null));
    for message in ["go", "go", "end"] {
        let body = json!({ "message": message, "stream": false, "teammate_id": 1 });
        api.post("/runs/", body).await.good(StatusCode::OK);
    }
    api.ended(3).await;
    let after = api.get("/agents/1").await.good(StatusCode::OK);
    assert_eq!(told(&after), (json!(2), json!(2)));
    assert!(after["last_active_at"].is_string(), "{after}");

    let mut short = api.get("/agents/?fields=summary").await.good(StatusCode::OK)["data"][0].clone();
    for left_out in ["goals", "instructions", "metadata"] {
        assert!(short.get(left_out).is_none() && after[left_out].is_string() | after[left_out].is_object());
        short[left_out] = after[left_out].clone();
    }
    assert_eq!(short, after);
    let other = api.get("/agents/?fields=all").await;
    other.refused(422, "validation_error", None, "query.fields");
}

#[tokio::test]
async fn null_is_what_it_is_by_default() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let before = made(&api, json!({})).await;
    let set = json!({ "model": "m", "effort": "low", "enable_memory": false, "prompt_profile": "bare",
        "disabled_builtin_tools": ["web"], "display_order": 3 });
    let changed = api.send(Method::PATCH, "/agents/1", Some(set.clone())).await.good(StatusCode::OK);
    let mut nulls = json!({});
    for (name, value) in set.as_object().unwrap() {
        assert_eq!(changed[name], *value, "{name}");
        nulls[name] = Value::Null;
    }
    let cleared = api.send(Method::PATCH, "/agents/1", Some(nulls)).await.good(StatusCode::OK);
    for name in set.as_object().unwrap().keys() {
        assert_eq!(cleared[name], before[name], "{name}");
    }
    assert_eq!((&cleared["prompt_profile"], &cleared["disabled_builtin_tools"]), (&json!("platform"), &json!([])));
}
