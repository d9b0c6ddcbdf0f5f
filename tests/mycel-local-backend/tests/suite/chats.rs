//! Listing, opening, creating and muting chats.

use serde_json::{Value, json};

use crate::client::{Answer, User, backend, text};

async fn create(user: &User, body: Value) -> Answer {
    user.post("/api/chats", body).await
}

#[tokio::test]
async fn a_direct_chat_is_found_or_made_from_either_side() {
    let (_backend, nobody) = backend().await;
    let (ada, bob) = (nobody.guest("Ada").await, nobody.guest("Bob").await);
    let made = create(&ada, json!({ "user_ids": [bob.id, bob.id], "kind": "direct" })).await.good();
    let expected = json!({ "id": made["id"], "title": null, "status": "active", "created_at": made["created_at"] });
    assert_eq!(made, expected);
    assert!(made["created_at"].is_f64());
    assert_eq!(create(&bob, json!({ "user_ids": [ada.id] })).await.good(), made);
    // The title of a chat that is there already is not touched.
    assert_eq!(create(&ada, json!({ "user_ids": [bob.id], "title": "ignored", "kind": "auto" })).await.good(), made);
}

#[tokio::test]
async fn a_direct_chat_keeps_the_title_it_was_made_with() {
    let (_backend, nobody) = backend().await;
    let (ada, bob) = (nobody.guest("Ada").await, nobody.guest("Bob").await);
    create(&ada, json!({ "user_ids": [bob.id], "title": "Ours", "kind": "direct" })).await.good();
    assert_eq!(bob.get("/api/chats").await.good()[0]["title"], "Ours");
}

#[tokio::test]
async fn a_chat_shows_its_members() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let agent = owner.external("a").await;
    let chat = owner.group("Group", &[&agent]).await;
    let detail = agent.get(format!("/api/chats/{chat}")).await.good();
    let expected = json!({
        "id": chat, "type": "group", "title": "Group", "status": "active", "created_by_user_id": owner.id,
        "created_at": detail["created_at"],
        "members": [
            { "id": owner.id, "name": "Owner", "type": "human", "avatar_url": null },
            { "id": "a", "name": "Name of a", "type": "external", "avatar_url": null },
        ],
    });
    assert_eq!(detail, expected);
}

#[tokio::test]
async fn a_chat_is_shown_to_its_members_only() {
    let (_backend, nobody) = backend().await;
    let (ada, bob, eve) = (nobody.guest("Ada").await, nobody.guest("Bob").await, nobody.guest("Eve").await);
    let chat = ada.direct(&bob).await;
    eve.get(format!("/api/chats/{chat}")).await.refused(403, "Not a participant of this chat");
    eve.get("/api/chats/nope").await.refused(404, "Chat not found");
    assert_eq!(eve.get("/api/chats").await.good(), json!([]));
}

#[tokio::test]
async fn the_list_tells_what_is_new() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let direct = a.direct(&b).await;
    a.group("Group", &[&b]).await;
    let sent = a.say(&direct, "hello").await;
    let list = b.get("/api/chats").await.good();
    let expected = json!({
        "id": direct, "title": "Name of a", "status": "active", "created_at": list[0]["created_at"],
        "updated_at": sent["created_at"], "avatar_url": null,
        "members": [
            { "id": "a", "name": "Name of a", "type": "external", "avatar_url": null },
            { "id": "b", "name": "Name of b", "type": "external", "avatar_url": null },
        ],
        "last_message": {
            "id": sent["id"], "content": "hello", "sender_name": "Name of a", "seq": 1, "created_at": sent["created_at"],
        },
        "unread_count": 1,
    });
    assert_eq!(list[0], expected);
    let group = &list[1];
    assert_eq!(
        (&group["title"], &group["last_message"], &group["unread_count"]),
        (&json!("Group"), &json!(null), &json!(0))
    );
    assert_eq!(group["created_at"], group["updated_at"]);
}

#[tokio::test]
async fn participants_must_exist_and_be_others() {
    let (_backend, nobody) = backend().await;
    let (ada, bob, eve) = (nobody.guest("Ada").await, nobody.guest("Bob").await, nobody.guest("Eve").await);
    let myself = "Chat participant ids must not include the authenticated user";
    create(&ada, json!({ "user_ids": [ada.id] })).await.refused(400, myself);
    create(&ada, json!({ "user_ids": ["ghost"] })).await.refused(400, "Unknown chat participant id: ghost");
    let alone = "Chat must include at least one other participant";
    create(&ada, json!({})).await.refused(400, alone);
    create(&ada, json!({ "user_ids": [], "kind": "direct" })).await.refused(400, alone);
    let body = json!({ "user_ids": [bob.id, eve.id], "kind": "direct" });
    create(&ada, body).await.refused(400, "Use create_group_chat() for 3+ users");
}

#[tokio::test]
async fn a_group_is_always_new() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let body = json!({ "user_ids": ["a", "b"], "title": "Group", "kind": "auto" });
    let first = create(&owner, body.clone()).await.good();
    let second = create(&owner, body).await.good();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(first["title"], "Group");
    // One other, and none, are enough for a group that is asked for as such.
    let with_one = a.group("Two", &[&b]).await;
    assert_eq!(a.get(format!("/api/chats/{with_one}")).await.good()["type"], "group");
    let alone = a.group("Alone", &[]).await;
    assert_eq!(a.get(format!("/api/chats/{alone}")).await.good()["members"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_group_takes_kin_and_acquaintances() {
    let (_backend, nobody) = backend().await;
    let (owner, other) = (nobody.guest("Owner").await, nobody.guest("Other").await);
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let (far, farther) = (other.external("far").await, other.external("farther").await);
    let group = async |user: &User, with: &User| {
        create(user, json!({ "user_ids": [with.id], "title": "Group", "kind": "group" })).await
    };
    let unknown = |user: &User| format!("Active relationship required for group chat participant: {}", user.id);

    // One's own, and one's owner's others.
    group(&owner, &a).await.good();
    group(&a, &b).await.good();
    // Strangers.
    group(&a, &far).await.refused(400, unknown(&far));
    group(&owner, &other).await.refused(400, unknown(&other));
    // Asking is not enough.
    let body = json!({ "target_user_id": "far" });
    let id = text(&a.post("/api/relationships/request", body).await.good()["id"]);
    group(&a, &far).await.refused(400, unknown(&far));
    far.post(format!("/api/relationships/{id}/approve"), json!({})).await.good();
    group(&a, &far).await.good();
    group(&far, &a).await.good();
    group(&b, &far).await.refused(400, unknown(&far));
    // A relationship with an owner opens the way to what they own.
    group(&owner, &farther).await.refused(400, unknown(&farther));
    owner.visit(&other).await;
    group(&owner, &farther).await.good();
    group(&other, &a).await.good();
}

#[tokio::test]
async fn nobody_needs_a_relationship_for_a_direct_chat() {
    let (_backend, nobody) = backend().await;
    let (ada, bob) = (nobody.guest("Ada").await, nobody.guest("Bob").await);
    let stranger = bob.external("stranger").await;
    let chat = ada.direct(&stranger).await;
    assert_eq!(stranger.get(format!("/api/chats/{chat}")).await.good()["type"], "direct");
}

#[tokio::test]
async fn an_untitled_group_alone_breaks_the_list_until_somebody_joins() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let agent = owner.external("a").await;
    for title in [json!(null), json!("")] {
        let made = create(&agent, json!({ "kind": "group", "title": title })).await.good();
        let chat = text(&made["id"]);
        agent.get("/api/chats").await.crashed();
        let detail = format!("Chat {chat} has no projectable title");
        agent.post_nothing("/api/runtime/inbox/drain").await.refused(500, detail.clone());
        agent.post_nothing("/api/runtime/inbox/wait").await.refused(500, detail);
        agent.post(format!("/api/chats/{chat}/members"), json!({ "user_id": owner.id })).await.good();
        agent.drain().await;
        let list = agent.get("/api/chats").await.good();
        assert_eq!(list.as_array().unwrap().last().unwrap()["title"], "Owner");
    }
}

#[tokio::test]
async fn one_mutes_for_oneself_and_ones_own() {
    let (_backend, nobody) = backend().await;
    let (owner, other) = (nobody.guest("Owner").await, nobody.guest("Other").await);
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let chat = a.direct(&b).await;
    let mute = async |user: &User, chat: &str, body: Value| user.post(format!("/api/chats/{chat}/mute"), body).await;
    let muted = json!({ "status": "ok", "muted": true });
    assert_eq!(mute(&a, &chat, json!({ "user_id": "a", "muted": true })).await.good(), muted);
    assert_eq!(mute(&owner, &chat, json!({ "user_id": "a", "muted": true, "mute_until": null })).await.good(), muted);
    assert_eq!(mute(&owner, &chat, json!({ "user_id": "a", "muted": true, "mute_until": 0 })).await.good(), muted);
    let unmuted = json!({ "status": "ok", "muted": false });
    assert_eq!(mute(&a, &chat, json!({ "user_id": "a", "muted": false, "else": 1 })).await.good(), unmuted);
    // The chat is not looked at.
    assert_eq!(mute(&a, "nope", json!({ "user_id": "a", "muted": true })).await.good(), muted);

    mute(&a, &chat, json!({ "user_id": "b", "muted": true })).await.refused(403, "User does not belong to you");
    mute(&other, &chat, json!({ "user_id": "a", "muted": true })).await.refused(403, "User does not belong to you");
    mute(&a, &chat, json!({ "user_id": "ghost", "muted": true })).await.refused(403, "User not found");
    mute(&a, &chat, json!({ "user_id": "a", "muted": true, "mute_until": 1.5 })).await.crashed();
}
