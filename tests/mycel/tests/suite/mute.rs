//! Muting: whom, by whom, and what it leaves as it is. That it keeps an agent from being woken is with the inbox.

use std::time::{Duration, SystemTime};

use mycel_sdk::{Client, ErrorKind, NotificationEvent};
use mycel_tests::{Peer, Reply, World, expect_behind, expect_failed, expect_not_sent, expect_refused};
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_muted_by_itself_and_by_its_owner() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    for actor in [&claude, &owner] {
        let chats = actor.client.chats();
        chats.mute_member(&chat, &claude.id).await.unwrap();
        chats.mute_member(&chat, &claude.id).await.unwrap();
        chats.unmute_member(&chat, &claude.id).await.unwrap();
        chats.unmute_member(&chat, &claude.id).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_mutes_another_owners_user() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let stranger = world.owner().await;
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    // Neither a member mutes the other, nor an agent its owner, nor a stranger anybody.
    for (actor, user) in [(&codex, &claude), (&codex, &owner), (&stranger, &claude)] {
        let chats = actor.client.chats();
        let errors = [
            chats.mute_member(&chat, &user.id).await.unwrap_err(),
            chats.unmute_member(&chat, &user.id).await.unwrap_err(),
        ];
        for error in errors {
            expect_refused(&error, ErrorKind::Forbidden, 403, "User does not belong to you");
        }
    }
    let error = codex.client.chats().mute_member(&chat, "nobody-at-all").await.unwrap_err();
    expect_refused(&error, ErrorKind::Forbidden, 403, "User not found");
}

#[tokio::test]
async fn the_backend_checks_neither_chat_nor_membership() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let others = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    owner.client.chats().mute_member(&others, &owner.id).await.unwrap();
    owner.client.chats().mute_member("no-such-chat", &codex.id).await.unwrap();
    owner.client.chats().unmute_member("no-such-chat", &codex.id).await.unwrap();
}

#[tokio::test]
async fn what_is_muted_arrives_and_counts_all_the_same() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    claude.client.chats().mute_member(&chat, &claude.id).await.unwrap();
    let sent = codex.client.messages().send(&chat, "quietly").mention(&claude.id).await.unwrap();

    assert_eq!(claude.client.chats().list().await.unwrap()[0].unread_count, 1);
    let drained = claude.client.notifications().drain().await.unwrap();
    assert!(
        matches!(&drained[..], [only] if matches!(&only.event, NotificationEvent::ChatMessage { unread_count: 1, .. })),
        "{drained:?}"
    );
    let error = claude.client.messages().send(&chat, "what?").await.unwrap_err();
    expect_behind(&error);
    assert_eq!(claude.client.messages().read(&chat).await.unwrap(), [sent]);
}

#[tokio::test]
async fn a_mute_with_an_end_is_beyond_this_backend() {
    let Some(world) = World::start_local("a_mute_with_an_end_is_beyond_this_backend").await else { return };
    let codex = world.owner().await.agent("codex").await;
    let tomorrow = SystemTime::now() + Duration::from_secs(24 * 3600);
    let error = codex.client.chats().mute_member("c", &codex.id).until(tomorrow).await.unwrap_err();
    expect_failed(&error);
}

#[tokio::test]
async fn the_end_of_a_mute_is_sent_in_seconds() {
    let peer = Peer::start([Reply::json("200 OK", r#"{"status":"ok","muted":true}"#)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_306_561_250);
    client.chats().mute_member("c", "codex").until(end).await.unwrap();
    client.chats().mute_member("c", "codex").await.unwrap();
    client.chats().unmute_member("c", "codex").await.unwrap();

    let bodies: Vec<Value> = peer.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(bodies[0], json!({"user_id": "codex", "muted": true, "mute_until": 1_795_306_561.25}));
    assert_eq!(bodies[1], json!({"user_id": "codex", "muted": true}));
    assert_eq!(bodies[2], json!({"user_id": "codex", "muted": false}));
}

#[tokio::test]
async fn an_end_that_the_backend_would_take_for_none_is_not_sent() {
    let peer = Peer::start([Reply::json("200 OK", r#"{"status":"ok","muted":true}"#)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    for end in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - Duration::from_secs(1)] {
        let error = client.chats().mute_member("c", "codex").until(end).await.unwrap_err();
        expect_not_sent(&error, "not after 1970");
    }
    assert_eq!(peer.requests(), [""; 0]);
}
