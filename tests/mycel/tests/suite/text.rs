//! Text of every kind is sent, kept and read as it is, byte for byte.

use mycel_sdk::{ChatId, NotificationEvent};
use mycel_tests::{Actor, World, holds_for_all};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Text of all planes of Unicode, and much of what is treated in a special way somewhere on the way. Without U+0000,
/// which the backend's database takes in no text.
fn texts() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "\r",
        "\n",
        "\r\n",
        "\n\r",
        "\t",
        " ",
        "\u{a0}",
        "\u{200b}",
        "\u{200d}",
        "\u{200e}",
        "\u{202e}",
        "\u{2066}",
        "\u{2028}",
        "\u{2029}",
        "\u{3000}",
        "\u{feff}",
        "\u{fffd}",
        "\u{fdd0}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{1fffe}",
        "\u{10ffff}",
        "\u{e0001}",
        "\u{f0000}",
        "e\u{301}",
        "\u{e9}",
        "\u{1100}\u{1161}",
        "עברית",
        "العربية",
        "汉字",
        "👩\u{200d}👩\u{200d}👧",
        "🇩🇪",
        "❤\u{fe0f}",
        "\u{301}",
        "\\",
        "\\u0041",
        "\\ud800",
        "\"",
        "'",
        "</script>",
        "<b>",
        "&amp;",
        "%00",
        "%s",
        "{}",
        "{{7*7}}",
        "${x}",
        "null",
        "'; DROP TABLE messages; --",
        "a",
        "Ω",
    ];
    prop_oneof![
        2 => any::<String>(),
        3 => vec(select(PIECES), 0..12).prop_map(|pieces| pieces.concat()),
        1 => vec(any::<char>(), 1..400).prop_map(String::from_iter),
    ]
    .prop_map(|text| text.replace('\0', ""))
}

async fn sent_and_read(from: &Actor, to: &Actor, chat: &ChatId, content: &str) {
    let sent = from.client.messages().send(chat, content).await.unwrap();
    let unread = to.client.messages().unread(chat).await.unwrap();
    let read = to.client.messages().read(chat).await.unwrap();
    let listed = from.client.messages().list(chat).limit(1).await.unwrap();
    for message in [Some(&sent), unread.last(), read.last(), listed.last()] {
        let message = message.unwrap();
        assert_eq!(message.id, sent.id);
        assert!(message.content == content, "{} bytes became other ones", content.len());
    }
}

#[test]
fn a_message_is_read_as_it_was_sent() {
    let contents = texts().prop_filter("a blank message is refused", |text| !is_blank(text));
    holds_for_all(60, vec(contents, 1..4), async |contents| {
        let world = World::start().await;
        let (codex, claude, chat) = world.pair().await;
        for content in contents {
            sent_and_read(&codex, &claude, &chat, &content).await;
        }
    });
}

#[tokio::test]
async fn a_message_of_a_mebibyte_is_read_as_it_was_sent() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    // Every character that a text may hold, a mebibyte at a time.
    let all: String = ('\u{1}'..=char::MAX).collect();
    assert!(all.len() > 4_000_000);
    let mut rest = &*all;
    while !rest.is_empty() {
        let (part, more) = rest.split_at(rest.floor_char_boundary(1024 * 1024));
        rest = more;
        sent_and_read(&codex, &claude, &chat, &format!("<{part}>")).await;
    }
}

#[test]
fn names_titles_and_states_are_kept_as_they_are() {
    let labels = texts().prop_map(|text| format!("<{text}>"));
    holds_for_all(30, (labels, texts()), async |(label, text)| {
        let world = World::start().await;
        let guest = world.client.auth().create_guest_owner().display_name(&label).await.unwrap();
        let owner = Actor { id: guest.user.id, client: world.client.with_auth_token(guest.token) };
        assert_eq!((&guest.user.name, &owner.client.me().whoami().await.unwrap().name), (&label, &label));
        let codex = owner.client.users().create_external(mycel_tests::fresh("codex"), &label).await.unwrap();
        assert_eq!(codex.user.name, label);
        let (claude, devin) = (owner.agent("claude").await, owner.agent("devin").await);
        let codex = Actor { id: codex.user.id, client: world.client.with_auth_token(codex.token) };

        let chat = codex.client.chats().create([&claude.id, &devin.id]).group().title(&label).await.unwrap();
        assert_eq!(chat.title.as_deref(), Some(&*label));
        let seen = claude.client.chats().get(&chat.id).await.unwrap();
        assert_eq!(seen.title.as_deref(), Some(&*label));
        assert!(seen.members.iter().any(|member| member.id == codex.id && member.name == label));
        assert_eq!(claude.client.chats().list().await.unwrap()[0].title, label);

        codex.client.messages().send(&chat.id, "hello").await.unwrap();
        let drained = claude.client.notifications().drain().await.unwrap();
        let NotificationEvent::ChatMessage { sender_name, .. } = &drained[0].event else { panic!("{drained:?}") };
        assert_eq!(sender_name, &label);

        let config = serde_json::json!({ &text: text, "deep": [{ "label": label }] });
        codex.client.workflows().set(&chat.id, &label).state(&label).config(&config).await.unwrap();
        let workflow = claude.client.workflows().get(&chat.id).await.unwrap();
        assert_eq!((&workflow.kind, &workflow.state), (&label, &label));
        assert_eq!(serde_json::Value::Object(workflow.config), config);
        let task = codex.client.tasks().create(&chat.id, &label).description(&text).metadata(&config).await.unwrap();
        let seen = claude.client.tasks().get(&chat.id, &task.id).await.unwrap();
        assert_eq!((&seen.subject, &seen.description, &seen), (&label, &text, &task));

        let asked = codex.client.relationships().request(&claude.id).message(&label).await.unwrap();
        assert_eq!(asked.message.as_deref(), Some(&*label));
    });
}

/// As Python's `str.strip` sees it, which the backend takes: it strips four separators more than Rust does.
fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character))
}
