//! Managed agents and their threads.

use serde_json::{Value, json};

use crate::{
    client::{Answer, User, backend, keys, text},
    registration::register,
};

/// A registered owner, who may everything.
async fn owner(nobody: &User, email: &str) -> User {
    nobody.issued(&register(nobody, email, "secret").await)
}

#[tokio::test]
async fn an_agent_is_made_as_a_draft_and_listed() {
    let (_backend, nobody) = backend().await;
    let owner = owner(&nobody, "ada@example.org").await;
    let made = owner.post("/api/panel/agents", json!({ "name": "Helper", "description": "Helps" })).await.good();
    let id = text(&made["id"]);
    assert!(id.starts_with("m_") && id.len() == 14, "{id}");
    let summary = json!({
        "id": id, "name": "Helper", "description": "Helps", "model": null, "status": "draft", "version": "0.1.0",
        "avatar_url": null, "created_at": 0, "updated_at": 0,
    });
    let mut expected = summary.clone();
    expected["config"] = json!({
        "prompt": "", "rules": [], "tools": [], "mcpServers": [], "skills": [], "subAgents": [],
        "compact": { "trigger_tokens": null },
    });
    assert_eq!(made, expected);
    let listed = owner.get("/api/panel/agents").await.good();
    assert_eq!(keys(&listed), ["items"]);
    assert_eq!(listed["items"][2], summary);
    assert_eq!(listed["items"][0]["status"], "active");
    let made = owner.post("/api/panel/agents", json!({ "name": "Silent" })).await.good();
    assert_eq!(made["description"], "");
}

#[tokio::test]
async fn guests_and_external_users_have_no_agents() {
    let (_backend, nobody) = backend().await;
    let guest = nobody.guest("Guest").await;
    let external = guest.external("a").await;
    for user in [guest, external] {
        assert_eq!(user.get("/api/panel/agents").await.good(), json!({ "items": [] }));
        let body = json!({ "name": "Helper" });
        user.post("/api/panel/agents", body).await.refused(403, "Capability required: create_managed_agent");
        let body = json!({ "agent_user_id": "m_x" });
        user.post("/api/threads", body).await.refused(403, "Capability required: use_sandbox");
        // Who asks is looked at before what is asked.
        user.post("/api/panel/agents", json!({})).await.refused(403, "Capability required: create_managed_agent");
        user.post("/api/threads", json!([])).await.refused(403, "Capability required: use_sandbox");
    }
}

#[tokio::test]
async fn an_agent_is_a_member_like_others_of_its_owner() {
    let (_backend, nobody) = backend().await;
    let owner = owner(&nobody, "ada@example.org").await;
    let agent = owner.get("/api/panel/agents").await.good()["items"][0].clone();
    let body = json!({ "user_ids": [agent["id"]], "title": "Group", "kind": "group" });
    let chat = text(&owner.post("/api/chats", body).await.good()["id"]);
    let members = owner.get(format!("/api/chats/{chat}")).await.good()["members"].clone();
    assert_eq!(members[1], json!({ "id": agent["id"], "name": "Toad", "type": "agent", "avatar_url": null }));
}

#[tokio::test]
async fn threads_of_an_agent_are_counted_and_the_first_is_main() {
    let (_backend, nobody) = backend().await;
    let owner = owner(&nobody, "ada@example.org").await;
    let agents = owner.get("/api/panel/agents").await.good()["items"].clone();
    let thread = async |agent: &Value| owner.post("/api/threads", json!({ "agent_user_id": agent["id"] })).await.good();
    let id = text(&agents[0]["id"]);
    let expected = |number: i64| {
        json!({
            "thread_id": format!("{id}-{number}"), "sandbox": "local", "agent_user_id": id, "agent_name": "Toad",
            "branch_index": number - 1, "sidebar_label": null, "avatar_url": null, "is_main": number == 1,
        })
    };
    assert_eq!(thread(&agents[0]).await, expected(1));
    assert_eq!(thread(&agents[0]).await, expected(2));
    assert_eq!(thread(&agents[1]).await["is_main"], true);
}

#[tokio::test]
async fn a_thread_needs_an_own_agent_and_the_local_sandbox() {
    let (_backend, nobody) = backend().await;
    let (ada, bob) = (owner(&nobody, "ada@example.org").await, owner(&nobody, "bob@example.org").await);
    let agent = ada.get("/api/panel/agents").await.good()["items"][0]["id"].clone();
    let thread = async |user: &User, more: Value| -> Answer {
        let mut body = json!({ "agent_user_id": agent });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        user.post("/api/threads", body).await
    };
    thread(&bob, json!({})).await.refused(403, "Not authorized");
    thread(&ada, json!({ "agent_user_id": "ghost" })).await.refused(403, "Not authorized");
    thread(&ada, json!({ "existing_sandbox_id": "s" })).await.refused(403, "Sandbox not authorized");
    thread(&ada, json!({ "sandbox_template_id": " " })).await.refused(400, "Recipe id is required");
    thread(&ada, json!({ "sandbox_template_id": "r" })).await.refused(400, "Recipe not found");
    let unavailable = thread(&ada, json!({ "sandbox": "cloud" })).await;
    assert_eq!(unavailable.status, 400);
    assert_eq!(unavailable.json(), json!({ "error": "sandbox_provider_unavailable", "provider": "cloud" }));

    let mount = json!({ "source": "/a", "target": "/b", "mode": "copy", "read_only": true, "else": 1 });
    thread(&ada, json!({ "bind_mounts": [mount], "cwd": "/a", "model": null })).await.good();
    let issue = thread(&ada, json!({ "bind_mounts": [{ "source": "/a" }] })).await.issue();
    assert_eq!(issue["loc"], json!(["body", "bind_mounts", 0, "target"]));
    assert_eq!(thread(&ada, json!({ "bind_mounts": null })).await.issue()["type"], "list_type");
    assert_eq!(thread(&ada, json!({ "else": 1 })).await.issue()["type"], "extra_forbidden");
}
