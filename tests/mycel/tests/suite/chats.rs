//! Direct chats, and the list of chats.

use mycel_sdk::{ChatKind, ChatStatus, ErrorKind, UserKind};
use mycel_tests::World;

#[tokio::test]
async fn a_direct_chat_is_the_same_from_both_sides() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;

    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap();
    assert_eq!((chat.title.as_deref(), chat.status.clone()), (None, ChatStatus::Active));
    let again = owner.client.chats().ensure_direct(&codex.id).await.unwrap();
    assert_eq!(again, chat);

    let whole = owner.client.chats().get(&chat.id).await.unwrap();
    assert_eq!((whole.id, whole.kind), (chat.id, ChatKind::Direct));
    assert_eq!((whole.created_by, whole.created_at), (codex.id.clone(), chat.created_at));
    let mut members: Vec<_> = whole.members.iter().map(|member| (&member.id, &member.kind)).collect();
    members.sort_by_key(|(_, kind)| kind.as_str().to_owned());
    assert_eq!(members, [(&codex.id, &UserKind::External), (&owner.id, &UserKind::Human)]);
}

#[tokio::test]
async fn the_list_tells_what_is_new() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    assert_eq!(codex.client.chats().list().await.unwrap(), []);

    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap();
    let sent = codex.client.messages().send(&chat.id, "hello").await.unwrap();

    let list = owner.client.chats().list().await.unwrap();
    assert_eq!(list.len(), 1);
    let summary = &list[0];
    assert_eq!((&summary.id, summary.title.as_str(), summary.unread_count), (&chat.id, "codex", 1));
    assert_eq!(summary.members.len(), 2);
    let last = summary.last_message.as_ref().unwrap();
    assert_eq!((&last.id, last.content.as_str(), last.seq), (&sent.id, "hello", 1));
    assert_eq!((last.sender_name.as_str(), last.created_at), ("codex", sent.created_at));
    assert!(summary.updated_at >= summary.created_at);

    assert_eq!(codex.client.chats().list().await.unwrap()[0].unread_count, 0);
}

#[tokio::test]
async fn a_chat_is_seen_by_its_members_alone() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let stranger = owner.agent("stranger").await;
    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap();

    let error = stranger.client.chats().get(&chat.id).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)));
    assert_eq!(error.detail(), Some("Not a participant of this chat"));

    let error = stranger.client.chats().get("nope").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
    assert_eq!(error.detail(), Some("Chat not found"));
    assert!(error.to_string().contains("check the id"), "{error}");
}

#[tokio::test]
async fn a_direct_chat_needs_another_user_who_is_there() {
    let world = World::start().await;
    let codex = world.owner().await.agent("codex").await;

    let error = codex.client.chats().ensure_direct("nobody-at-all").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert_eq!(error.detail(), Some("Unknown chat participant id: nobody-at-all"));

    let error = codex.client.chats().ensure_direct(&codex.id).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert_eq!(error.detail(), Some("Chat participant ids must not include the authenticated user"));
}
