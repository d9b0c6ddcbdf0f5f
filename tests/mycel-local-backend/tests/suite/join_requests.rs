//! Asking to join a group, deciding on it, and adding members.

use mycel_local_backend::LocalBackend;
use serde_json::{Value, json};

use crate::client::{Answer, User, backend, seqs, text};

/// A group of `owner` and `member`, both external, and a stranger to it.
struct Group {
    _backend: LocalBackend,
    human: User,
    owner: User,
    member: User,
    stranger: User,
    chat: String,
}

impl Group {
    async fn new() -> Self {
        let (backend, nobody) = backend().await;
        let human = nobody.guest("Human").await;
        let (owner, member) = (human.external("owner").await, human.external("member").await);
        let stranger = nobody.guest("Other").await.external("stranger").await;
        let chat = owner.group("Group", &[&member]).await;
        Self { _backend: backend, human, owner, member, stranger, chat }
    }

    async fn ask(&self, user: &User, body: Value) -> Answer {
        user.post(format!("/api/chats/{}/join-requests", self.chat), body).await
    }

    async fn decide(&self, user: &User, id: &str, decision: &str) -> Answer {
        user.post(format!("/api/chats/{}/join-requests/{id}/{decision}", self.chat), json!({})).await
    }

    /// The stranger asks, and gets an id.
    async fn asked(&self) -> String {
        text(&self.ask(&self.stranger, json!({})).await.good()["id"])
    }

    /// What was said in the chat: type, content, whom it mentions.
    async fn history(&self) -> Vec<Value> {
        let messages = self.owner.get(format!("/api/chats/{}/messages", self.chat)).await.good();
        let shown = |message: &Value| json!([message["message_type"], message["content"], message["mentioned_ids"]]);
        messages.as_array().unwrap().iter().map(shown).collect()
    }
}

#[tokio::test]
async fn a_request_has_every_field_and_asking_again_replaces_it() {
    let group = Group::new().await;
    let first = group.ask(&group.stranger, json!({ "message": "please" })).await.good();
    let expected = json!({
        "id": format!("chat_join:{}:stranger", group.chat), "chat_id": group.chat, "requester_user_id": "stranger",
        "state": "pending", "message": "please", "decided_by_user_id": null, "decided_at": null,
        "created_at": first["created_at"], "updated_at": first["created_at"], "requester_name": "Name of stranger",
        "requester_type": "external",
    });
    assert_eq!(first, expected);
    let second = group.ask(&group.stranger, json!({ "message": null })).await.good();
    assert_eq!((&second["id"], &second["message"]), (&first["id"], &json!(null)));
    assert!(second["created_at"].as_f64() > first["created_at"].as_f64());
    let listed = group.owner.get(format!("/api/chats/{}/join-requests", group.chat)).await.good();
    assert_eq!(listed, json!([second]));
}

#[tokio::test]
async fn a_target_shows_anybody_where_they_stand() {
    let group = Group::new().await;
    let target = async |user: &User| user.get(format!("/api/chats/{}/join-target", group.chat)).await.good();
    let mut expected = json!({
        "id": group.chat, "type": "group", "title": "Group", "status": "active", "created_by_user_id": "owner",
        "is_member": false, "current_request": null,
    });
    assert_eq!(target(&group.stranger).await, expected);
    expected["current_request"] = group.ask(&group.stranger, json!({})).await.good();
    assert_eq!(target(&group.stranger).await, expected);
    expected["current_request"] = json!(null);
    expected["is_member"] = json!(true);
    assert_eq!(target(&group.member).await, expected);
}

#[tokio::test]
async fn approving_lets_in() {
    let group = Group::new().await;
    let id = group.asked().await;
    let approved = group.decide(&group.owner, &id, "approve").await.good();
    assert_eq!((&approved["state"], &approved["decided_by_user_id"]), (&json!("approved"), &json!("owner")));
    assert!(approved["decided_at"].is_f64() && approved["decided_at"] == approved["updated_at"]);
    let detail = group.stranger.get(format!("/api/chats/{}", group.chat)).await.good();
    assert_eq!(detail["members"][2]["id"], "stranger");
    group.ask(&group.stranger, json!({})).await.refused(409, "Already a participant of this chat");
    group.decide(&group.owner, &id, "approve").await.refused(409, "Chat join request is not pending");
    group.decide(&group.owner, &id, "reject").await.refused(409, "Chat join request is not pending");
    // The whole history is unread to who comes late, except what they said themselves.
    assert_eq!(group.stranger.unread(&group.chat).await, [2]);
}

#[tokio::test]
async fn after_a_rejection_one_may_ask_again() {
    let group = Group::new().await;
    let id = group.asked().await;
    let rejected = group.decide(&group.owner, &id, "reject").await.good();
    assert_eq!((&rejected["state"], &rejected["decided_by_user_id"]), (&json!("rejected"), &json!("owner")));
    group.decide(&group.owner, &id, "approve").await.refused(409, "Chat join request is not pending");
    let again = group.ask(&group.stranger, json!({ "message": "again" })).await.good();
    let seen = (&again["id"], &again["state"], &again["decided_by_user_id"], &again["decided_at"]);
    assert_eq!(seen, (&json!(id), &json!("pending"), &json!(null), &json!(null)));
    group.decide(&group.owner, &id, "approve").await.good();
}

#[tokio::test]
async fn every_step_is_told_in_the_chat_and_counts_as_unread() {
    let group = Group::new().await;
    group.ask(&group.stranger, json!({ "message": "please" })).await.good();
    let id = group.asked().await;
    group.decide(&group.owner, &id, "reject").await.good();
    group.asked().await;
    group.decide(&group.owner, &id, "approve").await.good();
    let expected = [
        json!(["notification", "stranger requested to join this chat: please", ["owner"]]),
        json!(["notification", "stranger requested to join this chat.", ["owner"]]),
        json!(["notification", "Rejected chat join request for stranger.", ["stranger"]]),
        json!(["notification", "stranger requested to join this chat.", ["owner"]]),
        json!(["notification", "Approved chat join request for stranger.", ["stranger"]]),
    ];
    assert_eq!(group.history().await, expected);
    assert_eq!(group.member.unread(&group.chat).await, [1, 2, 3, 4, 5]);
    assert_eq!(group.owner.unread(&group.chat).await, [1, 2, 4]);
    let late = group.owner.say_caught_up(&group.chat, "hello").await;
    late.refused(409, "Read unread messages before sending.");
    assert_eq!(seqs(&group.owner.read(&group.chat).await), [1, 2, 4]);
    assert_eq!(group.owner.say_caught_up(&group.chat, "hello").await.good()["seq"], 6);
}

#[tokio::test]
async fn only_the_owner_decides() {
    let group = Group::new().await;
    let id = group.asked().await;
    let detail = "Only the chat owner can manage join requests";
    // The owner is who made the chat; who owns them is not.
    for user in [&group.member, &group.stranger, &group.human] {
        user.get(format!("/api/chats/{}/join-requests", group.chat)).await.refused(403, detail);
        group.decide(user, &id, "approve").await.refused(403, detail);
        group.decide(user, &id, "reject").await.refused(403, detail);
    }
    group.decide(&group.owner, "nope", "approve").await.refused(404, "Chat join request not found");
    // A request to another chat is not one to this.
    let other = group.owner.group("Other", &[]).await;
    let elsewhere = format!("/api/chats/{other}/join-requests/{id}/approve");
    group.owner.post(elsewhere, json!({})).await.refused(404, "Chat join request not found");
}

#[tokio::test]
async fn only_groups_can_be_joined() {
    let group = Group::new().await;
    let direct = group.owner.direct(&group.member).await;
    for (chat, status, detail) in
        [(direct.as_str(), 409, "Join requests are only supported for group chats"), ("nope", 404, "Chat not found")]
    {
        group.stranger.get(format!("/api/chats/{chat}/join-target")).await.refused(status, detail);
        group.stranger.post(format!("/api/chats/{chat}/join-requests"), json!({})).await.refused(status, detail);
        group.owner.get(format!("/api/chats/{chat}/join-requests")).await.refused(status, detail);
        let approve = format!("/api/chats/{chat}/join-requests/x/approve");
        group.owner.post(approve, json!({})).await.refused(status, detail);
    }
}

#[tokio::test]
async fn only_active_groups_can_be_joined() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let start = || LocalBackend::builder().data(&file).start();
    let backend = start().await.unwrap();
    let owner = User::nobody(backend.url()).guest("Owner").await;
    let agent = owner.external("a").await;
    let chat = owner.group("Group", &[]).await;
    backend.shutdown().await;
    // No operation that is served does this.
    rusqlite::Connection::open(&file).unwrap().execute("UPDATE chats SET status = 'deleted'", []).unwrap();

    let backend = start().await.unwrap();
    let (owner, agent) = (owner.at(backend.url()), agent.at(backend.url()));
    agent.get(format!("/api/chats/{chat}/join-target")).await.refused(409, "Chat is not active");
    agent.post(format!("/api/chats/{chat}/join-requests"), json!({})).await.refused(409, "Chat is not active");
    let body = json!({ "user_id": "a" });
    owner.post(format!("/api/chats/{chat}/members"), body).await.refused(400, "Chat is not active");
    assert_eq!(owner.get("/api/chats").await.good(), json!([]));
}

#[tokio::test]
async fn bodies_are_needed_and_closed() {
    let group = Group::new().await;
    let path = format!("/api/chats/{}/join-requests", group.chat);
    assert_eq!(group.stranger.post_nothing(&path).await.issue()["loc"], json!(["body"]));
    let issue = group.ask(&group.stranger, json!({ "reason": "x" })).await.issue();
    assert_eq!(issue["type"], "extra_forbidden");
    let id = group.asked().await;
    for decision in ["approve", "reject"] {
        let path = format!("{path}/{id}/{decision}");
        assert_eq!(group.owner.post_nothing(&path).await.issue()["type"], "missing");
        let issue = group.owner.post(&path, json!({ "message": "x" })).await.issue();
        assert_eq!(issue["type"], "extra_forbidden");
    }
}

#[tokio::test]
async fn the_owner_adds_whom_they_like() {
    let group = Group::new().await;
    let add = async |user: &User, chat: &str, id: &str| {
        user.post(format!("/api/chats/{chat}/members"), json!({ "user_id": id })).await
    };
    let added = json!({ "chat_id": group.chat, "user_id": "stranger", "state": "member" });
    assert_eq!(add(&group.owner, &group.chat, "stranger").await.good(), added);
    assert_eq!(add(&group.owner, &group.chat, "stranger").await.good(), added);
    assert_eq!(group.history().await, [Value::Null; 0]);

    let not_owner = "Only the chat owner can manage join requests";
    add(&group.member, &group.chat, "stranger").await.refused(403, not_owner);
    add(&group.owner, "nope", "stranger").await.refused(404, "Chat not found");
    add(&group.owner, &group.chat, "ghost").await.refused(400, "Unknown chat participant id: ghost");
    let myself = "Chat participant ids must not include the authenticated user";
    add(&group.owner, &group.chat, "owner").await.refused(400, myself);
    let direct = group.owner.direct(&group.member).await;
    let only_groups = "Join requests are only supported for group chats";
    add(&group.owner, &direct, "stranger").await.refused(400, only_groups);
    // Whom it is about is looked at first, and only then where, and by whom.
    for (user, chat) in [(&group.owner, "nope"), (&group.owner, direct.as_str()), (&group.member, group.chat.as_str())]
    {
        add(user, chat, "ghost").await.refused(400, "Unknown chat participant id: ghost");
        add(user, chat, &user.id).await.refused(400, myself);
    }
    let issue = group.owner.post(format!("/api/chats/{}/members", group.chat), json!({ "user_id": "x", "role": "y" }));
    assert_eq!(issue.await.issue()["type"], "extra_forbidden");
}
