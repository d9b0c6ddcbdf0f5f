//! Nobody answers past what was said in the meantime.

use mycel_sdk::ErrorKind;
use mycel_tests::{World, expect_behind};

#[tokio::test]
async fn a_sender_who_is_behind_is_refused_until_all_is_read() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    let first = codex.client.messages().send(&chat, "first").await.unwrap();
    codex.client.messages().send(&chat, "second").await.unwrap();

    let refused = claude.client.messages().send(&chat, "what?").await.unwrap_err();
    expect_behind(&refused);
    assert_eq!(refused.operation(), Some("send_message"));
    assert!(refused.to_string().contains("read them, then send again"), "{refused}");

    // One is not all.
    claude.client.messages().mark_read(&first).await.unwrap();
    let refused = claude.client.messages().send(&chat, "what?").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotCaughtUp);

    claude.client.messages().read(&chat).await.unwrap();
    let answer = claude.client.messages().send(&chat, "I see.").await.unwrap();
    assert_eq!(answer.seq, 3);
    // Nothing of what was refused is there.
    assert_eq!(codex.client.messages().list(&chat).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_sender_can_opt_out_and_stays_behind() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap().id;
    codex.client.messages().send(&chat, "first").await.unwrap();

    claude.client.messages().send(&chat, "whatever").enforce_caught_up(false).await.unwrap();
    assert_eq!(claude.client.messages().unread(&chat).await.unwrap().len(), 1);
    let refused = claude.client.messages().send(&chat, "and now?").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotCaughtUp);
}

#[tokio::test]
async fn a_senders_own_messages_do_not_hold_it_up() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap().id;
    for number in 1..=3 {
        assert_eq!(codex.client.messages().send(&chat, "again").await.unwrap().seq, number);
    }
}
