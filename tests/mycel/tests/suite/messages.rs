//! Sending, listing and reading.

use mycel_sdk::{DeliveryScope, ErrorKind, MessageKind};
use mycel_tests::World;

#[tokio::test]
async fn a_message_comes_back_as_it_was_sent() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let content = "  Grüße 👋🏽,\n\ttabs \u{1} and \"quotes\" \\ \u{202e}right to left  ";
    let sent = codex
        .client
        .messages()
        .send(&chat, content)
        .mention(&claude.id)
        .mention("nobody")
        .reply_to("no-such-message")
        .await
        .unwrap();
    assert_eq!((sent.content.as_str(), sent.seq), (content, 1));
    assert_eq!((&sent.chat_id, &sent.sender_id, sent.sender_name.as_str()), (&chat, &codex.id, "codex"));
    assert_eq!(sent.kind, MessageKind::Human);
    assert_eq!(sent.mentions, [claude.id.clone(), "nobody".into()]);
    assert_eq!((sent.delivery_scope.clone(), sent.addressed_to.len()), (DeliveryScope::Broadcast, 0));
    assert_eq!((sent.signal.clone(), sent.retracted_at), (None, None));

    assert_eq!(claude.client.messages().unread(&chat).await.unwrap(), std::slice::from_ref(&sent));
    assert_eq!(claude.client.messages().list(&chat).await.unwrap(), [sent]);
}

#[tokio::test]
async fn pages_are_the_newest_below_a_number_oldest_first() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    for number in 1..=7 {
        codex.client.messages().send(&chat, format!("{number}")).await.unwrap();
    }
    let seqs = |page: Vec<mycel_sdk::Message>| page.iter().map(|message| message.seq).collect::<Vec<_>>();
    let messages = claude.client.messages();
    assert_eq!(seqs(messages.list(&chat).await.unwrap()), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(seqs(messages.list(&chat).limit(3).await.unwrap()), [5, 6, 7]);
    assert_eq!(seqs(messages.list(&chat).limit(3).before(5).await.unwrap()), [2, 3, 4]);
    assert_eq!(seqs(messages.list(&chat).limit(200).before(1).await.unwrap()), [0; 0]);
    // Listing marks nothing as read.
    assert_eq!(messages.unread(&chat).await.unwrap().len(), 7);
}

#[tokio::test]
async fn a_limit_outside_of_1_to_200_is_refused_before_it_is_sent() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    for limit in [0, 201, u32::MAX] {
        let error = codex.client.messages().list(&chat).limit(limit).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{limit}");
    }
}

#[tokio::test]
async fn reading_moves_the_cursor_and_looking_does_not() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    for content in ["one", "two", "three"] {
        codex.client.messages().send(&chat, content).await.unwrap();
    }
    let messages = claude.client.messages();
    let unread = messages.unread(&chat).await.unwrap();
    assert_eq!(unread.len(), 3);
    assert_eq!(messages.unread(&chat).await.unwrap(), unread);

    messages.mark_read(&unread[1]).await.unwrap();
    assert_eq!(messages.unread(&chat).await.unwrap(), unread[2..]);
    // The cursor does not move back.
    messages.mark_read(&unread[0]).await.unwrap();
    assert_eq!(messages.unread(&chat).await.unwrap(), unread[2..]);

    assert_eq!(messages.read(&chat).await.unwrap(), unread[2..]);
    assert_eq!(messages.unread(&chat).await.unwrap(), []);
    assert_eq!(messages.read(&chat).await.unwrap(), []);
}

#[tokio::test]
async fn who_is_not_a_member_is_refused_everywhere() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let sent = codex.client.messages().send(&chat, "between us").await.unwrap();
    let stranger = world.owner().await;
    let messages = stranger.client.messages();
    let errors = [
        messages.send(&chat, "let me in").await.unwrap_err(),
        messages.list(&chat).await.unwrap_err(),
        messages.unread(&chat).await.unwrap_err(),
        messages.read(&chat).await.unwrap_err(),
        messages.mark_read(&sent).await.unwrap_err(),
        // An unknown chat is no different here.
        messages.list("nope").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)), "{error}");
        assert_eq!(error.detail(), Some("Not a participant of this chat"));
        assert!(!error.may_have_been_sent());
    }
}

#[tokio::test]
async fn a_message_without_a_text_or_an_addressee_is_refused_before_it_is_sent() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    for content in ["", " ", "\n\t \u{3000}"] {
        let error = codex.client.messages().send(&chat, content).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{content:?}");
    }
    let nobody: [&str; 0] = [];
    let error = codex.client.messages().send(&chat, "psst").addressed_to(nobody).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn an_addressed_message_counts_for_its_addressees() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let sent = codex.client.messages().send(&chat, "psst").addressed_to([&claude.id, &claude.id]).await.unwrap();
    assert_eq!(sent.delivery_scope, DeliveryScope::Addressed);
    assert_eq!(sent.addressed_to, std::slice::from_ref(&claude.id));
    assert_eq!(claude.client.messages().unread(&chat).await.unwrap(), [sent]);

    let error = codex.client.messages().send(&chat, "psst").addressed_to(["nobody"]).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)));
    assert_eq!(error.detail(), Some("Addressed recipient is not a chat member: nobody"));

    let error = codex.client.messages().send(&chat, "psst").addressed_to([&codex.id]).await.unwrap_err();
    let expected = "addressed messages require at least one recipient other than the sender";
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Rejected, Some(expected)));
}
