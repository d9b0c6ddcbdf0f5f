//! Messages that are addressed to some of a group's members: about attention, not about privacy.

use std::slice;

use mycel_sdk::{ChatId, DeliveryScope, ErrorKind, NotificationEvent};
use mycel_tests::{Actor, World, expect_behind, expect_refused};

/// Three agents of one owner in a group.
async fn trio(world: &World) -> (Actor, Actor, Actor, ChatId) {
    let owner = world.owner().await;
    let (codex, claude, devin) = (owner.agent("codex").await, owner.agent("claude").await, owner.agent("devin").await);
    let group = codex.group(&[&claude, &devin]).await;
    (codex, claude, devin, group)
}

#[tokio::test]
async fn only_the_addressees_have_it_to_read_and_all_can_see_it() {
    let world = World::start().await;
    let (codex, claude, devin, group) = trio(&world).await;
    let sent = codex.client.messages().send(&group, "for claude").addressed_to([&claude.id]).await.unwrap();
    assert_eq!((&sent.delivery_scope, &sent.addressed_to), (&DeliveryScope::Addressed, &vec![claude.id.clone()]));

    assert_eq!(claude.client.messages().unread(&group).await.unwrap(), slice::from_ref(&sent));
    assert_eq!(devin.client.messages().unread(&group).await.unwrap(), []);
    for actor in [&codex, &claude, &devin] {
        assert_eq!(actor.client.messages().list(&group).await.unwrap(), slice::from_ref(&sent));
    }

    let summary = async |actor: &Actor| actor.client.chats().list().await.unwrap().remove(0);
    assert_eq!(summary(&claude).await.unread_count, 1);
    let for_devin = summary(&devin).await;
    assert_eq!((for_devin.unread_count, for_devin.last_message.unwrap().id), (0, sent.id));
}

#[tokio::test]
async fn who_is_not_addressed_is_not_held_up() {
    let world = World::start().await;
    let (codex, claude, devin, group) = trio(&world).await;
    codex.client.messages().send(&group, "for claude").addressed_to([&claude.id]).await.unwrap();

    let error = claude.client.messages().send(&group, "too early").await.unwrap_err();
    expect_behind(&error);
    let sent = devin.client.messages().send(&group, "meanwhile").await.unwrap();
    assert_eq!(sent.seq, 2);

    // Devin's message is for everybody, so now the first sender is behind.
    let error = codex.client.messages().send(&group, "too early").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotCaughtUp);
}

#[tokio::test]
async fn what_is_read_among_messages_for_others_is_what_is_for_the_reader() {
    let world = World::start().await;
    let (codex, claude, devin, group) = trio(&world).await;
    let messages = codex.client.messages();
    let broadcast = messages.send(&group, "for all").await.unwrap();
    messages.send(&group, "for claude").addressed_to([&claude.id]).await.unwrap();
    let for_devin = messages.send(&group, "for devin").addressed_to([&devin.id]).await.unwrap();
    messages.send(&group, "for claude again").addressed_to([&claude.id]).await.unwrap();

    assert_eq!(devin.client.messages().read(&group).await.unwrap(), [broadcast, for_devin]);
    assert_eq!(devin.client.messages().unread(&group).await.unwrap(), []);
    devin.client.messages().send(&group, "caught up").await.unwrap();
    let for_claude = claude.client.messages().read(&group).await.unwrap();
    let contents: Vec<_> = for_claude.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(contents, ["for all", "for claude", "for claude again", "caught up"]);
}

#[tokio::test]
async fn several_are_addressed_each_once_and_never_the_sender() {
    let world = World::start().await;
    let (codex, claude, devin, group) = trio(&world).await;
    let sent = codex
        .client
        .messages()
        .send(&group, "for both")
        .addressed_to([&claude.id, &codex.id])
        .addressed_to([&devin.id, &claude.id])
        .await
        .unwrap();
    assert_eq!(sent.addressed_to, [claude.id.clone(), devin.id.clone()]);
    for actor in [&claude, &devin] {
        assert_eq!(actor.client.messages().unread(&group).await.unwrap(), slice::from_ref(&sent));
    }
}

#[tokio::test]
async fn only_members_are_addressed() {
    let world = World::start().await;
    let (codex, claude, _, group) = trio(&world).await;
    let stranger = world.owner().await;
    for unknown in ["nobody-at-all", stranger.id.as_str()] {
        let request = codex.client.messages().send(&group, "psst").addressed_to([claude.id.as_str(), unknown]);
        let detail = format!("Addressed recipient is not a chat member: {unknown}");
        expect_refused(&request.await.unwrap_err(), ErrorKind::Rejected, 400, &detail);
    }
    assert_eq!(claude.client.messages().list(&group).await.unwrap(), []);
}

#[tokio::test]
async fn the_inbox_tells_the_addressees_alone() {
    let world = World::start().await;
    let (codex, claude, devin, group) = trio(&world).await;
    codex.client.messages().send(&group, "for claude").addressed_to([&claude.id]).await.unwrap();
    assert_eq!(devin.client.notifications().drain().await.unwrap(), []);
    let drained = claude.client.notifications().drain().await.unwrap();
    let [only] = &drained[..] else { panic!("{drained:?}") };
    let NotificationEvent::ChatMessage { chat_id, unread_count, .. } = &only.event else { panic!("{only:?}") };
    assert_eq!((chat_id, *unread_count), (&group, 1));
}
