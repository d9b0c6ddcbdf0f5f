//! A chat's workflow and its events.

use mycel_local_backend::LocalBackend;
use serde_json::{Value, json};

use crate::client::{Answer, User, backend};

struct Chat {
    _backend: LocalBackend,
    a: User,
    b: User,
    stranger: User,
    id: String,
}

impl Chat {
    async fn new() -> Self {
        let (backend, nobody) = backend().await;
        let owner = nobody.guest("Owner").await;
        let (a, b) = (owner.external("a").await, owner.external("b").await);
        let id = a.direct(&b).await;
        Self { _backend: backend, a, b, stranger: owner, id }
    }

    fn workflow(&self) -> String {
        format!("/api/chats/{}/workflow", self.id)
    }

    fn events(&self) -> String {
        format!("/api/chats/{}/workflow/events", self.id)
    }

    async fn set(&self, body: Value) -> Answer {
        self.a.put(self.workflow(), body).await
    }

    async fn event(&self) -> Value {
        self.a.post(self.events(), json!({ "kind": "review", "requested_by_user_id": "a" })).await.good()
    }
}

#[tokio::test]
async fn a_workflow_is_set_replaced_and_removed() {
    let chat = Chat::new().await;
    chat.b.get(chat.workflow()).await.refused(404, "Chat workflow not found");
    let set = chat.set(json!({ "kind": "keep", "config": { "k": [1, null] } })).await.good();
    let expected = json!({
        "chat_id": chat.id, "kind": "keep", "state": "active", "config": { "k": [1, null] }, "state_version": 0,
        "updated_by_user_id": "a", "created_at": set["created_at"], "updated_at": set["created_at"],
    });
    assert_eq!(set, expected);
    assert_eq!(chat.b.get(chat.workflow()).await.good(), expected);

    let replaced = chat.b.put(chat.workflow(), json!({ "kind": "other", "state": "paused" })).await.good();
    let expected = json!({
        "chat_id": chat.id, "kind": "other", "state": "paused", "config": {}, "state_version": 1,
        "updated_by_user_id": "b", "created_at": set["created_at"], "updated_at": replaced["updated_at"],
    });
    assert_eq!(replaced, expected);

    // No state is the state of the beginning.
    assert_eq!(chat.set(json!({ "kind": "other", "state": "" })).await.good()["state"], "active");
    assert_eq!(chat.b.get(chat.workflow()).await.good()["state"], "active");

    for _ in 0..2 {
        assert_eq!(chat.a.delete(chat.workflow()).await.good(), json!({ "status": "deleted" }));
    }
    chat.a.get(chat.workflow()).await.refused(404, "Chat workflow not found");
    assert_eq!(chat.set(json!({ "kind": "anew" })).await.good()["state_version"], 0);
}

#[tokio::test]
async fn a_stale_workflow_is_not_set() {
    let chat = Chat::new().await;
    let stale = |expected: u64, actual: Value| {
        json!({
            "error": "stale_chat_workflow_state_version", "chat_id": chat.id, "expected_state_version": expected,
            "actual_state_version": actual,
        })
    };
    let set = async |expected: Value| chat.set(json!({ "kind": "keep", "expected_state_version": expected })).await;
    set(json!(0)).await.refused(409, stale(0, json!(null)));
    set(json!(null)).await.good();
    set(json!(1)).await.refused(409, stale(1, json!(0)));
    assert_eq!(set(json!(0)).await.good()["state_version"], 1);
    set(json!(u64::MAX)).await.refused(409, stale(u64::MAX, json!(1)));
    assert_eq!(set(json!(-1)).await.issue()["type"], "greater_than_equal");
    assert_eq!(chat.set(json!({ "kind": "keep", "version": 1 })).await.issue()["type"], "extra_forbidden");
    assert_eq!(chat.set(json!({ "kind": "keep", "config": null })).await.issue()["type"], "dict_type");
    assert_eq!(chat.set(json!({})).await.issue()["loc"], json!(["body", "kind"]));
}

#[tokio::test]
async fn an_event_has_every_field() {
    let chat = Chat::new().await;
    let body = json!({
        "kind": "review", "resource_refs": [{ "type": "task", "id": "1" }], "requested_by_user_id": "a",
        "decision_states": { "b": { "1": "open" } }, "rationales": { "r": 1 }, "final_state": {}, "metadata": { "m": 1 },
    });
    let made = chat.a.post(chat.events(), body.clone()).await.good();
    let mut expected = body;
    let rest = json!({
        "chat_id": chat.id, "event_id": "1", "state": "open", "state_version": 0, "created_at": made["created_at"],
        "updated_at": null, "settled_at": null,
    });
    expected.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    assert_eq!(made, expected);
    // The stored one is dated, what was answered at its making is not.
    let got = chat.b.get(format!("{}/1", chat.events())).await.good();
    expected["updated_at"] = got["updated_at"].clone();
    assert_eq!(got, expected);
    assert!(got["updated_at"].is_f64());
    assert_eq!(chat.b.get(chat.events()).await.good(), json!([got]));

    let least = chat.event().await;
    assert_eq!((&least["event_id"], &least["resource_refs"]), (&json!("2"), &json!([])));
    let maps = ["decision_states", "rationales", "final_state", "metadata"];
    assert!(maps.iter().all(|name| least[name] == json!({})), "{least}");
}

#[tokio::test]
async fn an_event_is_changed_where_something_is_given() {
    let chat = Chat::new().await;
    let body =
        json!({ "kind": "review", "requested_by_user_id": "a", "metadata": { "m": 1 }, "rationales": { "r": 1 } });
    chat.a.post(chat.events(), body).await.good();
    let event = format!("{}/1", chat.events());
    let patch = async |body: Value| chat.b.patch(&event, body).await;

    let changed = patch(json!({
        "state": "settled", "decision_states": { "b": { "1": "completed" } }, "final_state": { "1": "completed" },
        "settled_at": 1234.5, "metadata": null,
    }));
    let changed = changed.await.good();
    assert_eq!(changed["state"], "settled");
    assert_eq!(changed["decision_states"], json!({ "b": { "1": "completed" } }));
    assert_eq!(changed["final_state"], json!({ "1": "completed" }));
    assert_eq!((&changed["settled_at"], &changed["metadata"]), (&json!(1234.5), &json!({ "m": 1 })));
    assert_eq!((&changed["state_version"], &changed["rationales"]), (&json!(1), &json!({ "r": 1 })));
    assert_eq!(chat.a.get(&event).await.good(), changed);

    // No state is the state of the beginning.
    assert_eq!(patch(json!({ "state": "" })).await.good()["state"], "open");
    assert_eq!(chat.a.get(&event).await.good()["state"], "open");

    // A map replaces the whole one. A change of nothing counts as well.
    let changed = patch(json!({ "metadata": { "n": 2 }, "settled_at": null })).await.good();
    assert_eq!((&changed["metadata"], &changed["settled_at"]), (&json!({ "n": 2 }), &json!(1234.5)));
    assert_eq!(patch(json!({})).await.good()["state_version"], 4);

    let stale = json!({
        "error": "stale_chat_workflow_event_state_version", "chat_id": chat.id, "event_id": "1",
        "expected_state_version": 3, "actual_state_version": 4,
    });
    patch(json!({ "expected_state_version": 3 })).await.refused(409, stale);
    assert_eq!(patch(json!({ "expected_state_version": 4 })).await.good()["state_version"], 5);
    assert_eq!(patch(json!({ "kind": "other" })).await.issue()["type"], "extra_forbidden");
}

#[tokio::test]
async fn an_event_needs_somebody_who_requested_it() {
    let chat = Chat::new().await;
    let make = async |requested_by: Value| {
        chat.a.post(chat.events(), json!({ "kind": "review", "requested_by_user_id": requested_by })).await
    };
    make(json!(null)).await.crashed();
    make(json!("ghost")).await.crashed();
    assert_eq!(chat.a.get(chat.events()).await.good(), json!([]));
    assert_eq!(make(json!("b")).await.good()["event_id"], "1");
    let issue = chat.a.post(chat.events(), json!({ "kind": "review", "metadata": null })).await.issue();
    assert_eq!(issue["type"], "dict_type");
}

#[tokio::test]
async fn an_event_is_removed_and_its_id_is_free_again() {
    let chat = Chat::new().await;
    chat.event().await;
    let event = format!("{}/1", chat.events());
    for _ in 0..2 {
        assert_eq!(chat.b.delete(&event).await.good(), json!({ "status": "deleted" }));
    }
    chat.a.get(&event).await.refused(404, "Chat workflow event not found");
    chat.a.patch(&event, json!({})).await.refused(404, "Chat workflow event not found");
    assert_eq!(chat.event().await["event_id"], "1");
}

#[tokio::test]
async fn a_workflow_is_its_chats_members_own() {
    let chat = Chat::new().await;
    let unknown = chat.workflow().replace(&chat.id, "nope");
    let event = json!({ "kind": "review", "requested_by_user_id": "a" });
    for (user, workflow, status, detail) in [
        (&chat.stranger, chat.workflow(), 403, "Not a participant of this chat"),
        (&chat.a, unknown, 404, "Chat not found"),
    ] {
        user.get(&workflow).await.refused(status, detail);
        user.put(&workflow, json!({ "kind": "x" })).await.refused(status, detail);
        user.delete(&workflow).await.refused(status, detail);
        user.get(format!("{workflow}/events")).await.refused(status, detail);
        user.post(format!("{workflow}/events"), event.clone()).await.refused(status, detail);
        user.get(format!("{workflow}/events/1")).await.refused(status, detail);
        user.patch(format!("{workflow}/events/1"), json!({})).await.refused(status, detail);
        user.delete(format!("{workflow}/events/1")).await.refused(status, detail);
    }
}
