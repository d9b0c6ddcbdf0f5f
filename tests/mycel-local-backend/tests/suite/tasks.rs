//! A chat's tasks.

use mycel_local_backend::LocalBackend;
use serde_json::{Value, json};

use crate::client::{Answer, User, backend};

struct Chat {
    _backend: LocalBackend,
    a: User,
    b: User,
    stranger: User,
    tasks: String,
}

impl Chat {
    async fn new() -> Self {
        let (backend, nobody) = backend().await;
        let owner = nobody.guest("Owner").await;
        let (a, b) = (owner.external("a").await, owner.external("b").await);
        let tasks = format!("/api/chats/{}/tasks", a.direct(&b).await);
        Self { _backend: backend, a, b, stranger: owner, tasks }
    }

    async fn make(&self, more: Value) -> Answer {
        let mut body = json!({ "subject": "Review", "description": "" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.a.post(&self.tasks, body).await
    }

    async fn ids(&self) -> Vec<Value> {
        let tasks = self.b.get(&self.tasks).await.good();
        tasks.as_array().unwrap().iter().map(|task| task["id"].clone()).collect()
    }
}

#[tokio::test]
async fn a_task_is_asked_for_in_snake_case_and_answered_in_camel_case() {
    let chat = Chat::new().await;
    let least = chat.make(json!({})).await.good();
    let expected = json!({
        "id": "1", "subject": "Review", "description": "", "status": "pending", "activeForm": null, "owner": null,
        "blocks": [], "blockedBy": [], "metadata": {},
    });
    assert_eq!(least, expected);
    let more = json!({
        "status": "weird", "active_form": "Reviewing", "owner": "b", "blocks": ["1"], "blocked_by": ["1"],
        "metadata": { "k": [1, null] },
    });
    let most = chat.make(more).await.good();
    let expected = json!({
        "id": "2", "subject": "Review", "description": "", "status": "weird", "activeForm": "Reviewing", "owner": "b",
        "blocks": ["1"], "blockedBy": ["1"], "metadata": { "k": [1, null] },
    });
    assert_eq!(most, expected);
    assert_eq!(chat.b.get(format!("{}/2", chat.tasks)).await.good(), most);
    assert_eq!(chat.b.get(&chat.tasks).await.good(), json!([least, most]));
}

#[tokio::test]
async fn a_task_is_changed_where_something_is_given() {
    let chat = Chat::new().await;
    chat.make(json!({ "active_form": "Reviewing", "owner": "b", "metadata": { "k": 1 } })).await.good();
    let task = format!("{}/1", chat.tasks);
    let patch = async |body: Value| chat.b.patch(&task, body).await;
    let changed =
        patch(json!({ "status": "completed", "owner": "a", "blocked_by": ["7"], "metadata": {} })).await.good();
    let expected = json!({
        "id": "1", "subject": "Review", "description": "", "status": "completed", "activeForm": "Reviewing",
        "owner": "a", "blocks": [], "blockedBy": ["7"], "metadata": {},
    });
    assert_eq!(changed, expected);
    // What is null stays: nothing can be cleared.
    let nulls = json!({
        "status": null, "subject": null, "description": null, "active_form": null, "owner": null, "blocks": null,
        "blocked_by": null, "metadata": null,
    });
    assert_eq!(patch(nulls).await.good(), expected);
    assert_eq!(patch(json!({ "activeForm": "x" })).await.issue()["type"], "extra_forbidden");
}

#[tokio::test]
async fn an_owner_must_exist() {
    let chat = Chat::new().await;
    chat.make(json!({ "owner": "ghost" })).await.crashed();
    chat.make(json!({})).await.good();
    chat.a.patch(format!("{}/1", chat.tasks), json!({ "owner": "ghost" })).await.crashed();
    assert_eq!(chat.a.get(format!("{}/1", chat.tasks)).await.good()["owner"], json!(null));
}

#[tokio::test]
async fn ids_count_up_from_the_highest_and_are_listed_as_texts() {
    let chat = Chat::new().await;
    for _ in 0..11 {
        chat.make(json!({})).await.good();
    }
    assert_eq!(chat.ids().await, ["1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"]);
    for id in ["11", "3", "11"] {
        let deleted = chat.b.delete(format!("{}/{id}", chat.tasks)).await.good();
        assert_eq!(deleted, json!({ "status": "deleted" }));
    }
    // The highest id is free again, one in between is not.
    assert_eq!(chat.make(json!({})).await.good()["id"], "11");
}

#[tokio::test]
async fn lists_and_maps_may_not_be_null_at_the_making() {
    let chat = Chat::new().await;
    for (field, kind) in [("blocks", "list_type"), ("blocked_by", "list_type"), ("metadata", "dict_type")] {
        assert_eq!(chat.make(json!({ field: null })).await.issue()["type"], kind);
    }
    assert_eq!(chat.make(json!({ "activeForm": "x" })).await.issue()["type"], "extra_forbidden");
    let issue = chat.a.post(&chat.tasks, json!({ "subject": "x" })).await.issue();
    assert_eq!((&issue["type"], &issue["loc"]), (&json!("missing"), &json!(["body", "description"])));
}

#[tokio::test]
async fn tasks_are_their_chats_members_own() {
    let chat = Chat::new().await;
    for (user, tasks, status, detail) in [
        (&chat.stranger, chat.tasks.as_str(), 403, "Not a participant of this chat"),
        (&chat.a, "/api/chats/nope/tasks", 404, "Chat not found"),
    ] {
        user.get(tasks).await.refused(status, detail);
        user.post(tasks, json!({ "subject": "x", "description": "" })).await.refused(status, detail);
        user.get(format!("{tasks}/1")).await.refused(status, detail);
        user.patch(format!("{tasks}/1"), json!({})).await.refused(status, detail);
        user.delete(format!("{tasks}/1")).await.refused(status, detail);
    }
    chat.a.get(format!("{}/99", chat.tasks)).await.refused(404, "Chat task not found");
    chat.a.patch(format!("{}/99", chat.tasks), json!({})).await.refused(404, "Chat task not found");
}
