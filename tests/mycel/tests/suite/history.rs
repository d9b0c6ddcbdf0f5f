//! All messages of a chat as a stream.

use futures::TryStreamExt;
use mycel_sdk::{ChatId, Client, ErrorKind, History, RetryPolicy};
use mycel_tests::{Actor, Archive, PageRequest, Peer, Reply, World, expect_not_sent, expect_refused};
use serde_json::{Value, json};

/// An agent that talks to itself, in a group with so many messages.
async fn monologue(world: &World, messages: u64) -> (Actor, ChatId) {
    let codex = world.owner().await.agent("codex").await;
    let chat = codex.group(&[]).await;
    for number in 1..=messages {
        codex.client.messages().send(&chat, format!("{number}")).await.unwrap();
    }
    (codex, chat)
}

async fn seqs(history: History<'_>) -> Vec<u64> {
    history.map_ok(|message| message.seq).try_collect().await.unwrap()
}

fn client(url: &str) -> Client {
    Client::builder(url).retry(RetryPolicy::never()).build().unwrap()
}

fn page(seqs: &[u64]) -> Reply {
    let messages = seqs.iter().map(|seq| {
        json!({"id": format!("m-{seq}"), "chat_id": "c", "sender_id": "u", "sender_name": "U", "content": "x",
               "message_type": "human", "mentioned_ids": [], "seq": seq, "created_at": 1.5})
    });
    Reply::json("200 OK", &Value::from_iter(messages).to_string())
}

#[tokio::test]
async fn it_has_every_message_once_whatever_the_page_size() {
    let world = World::start().await;
    let (codex, chat) = monologue(&world, 7).await;
    let forward: Vec<u64> = (1..=7).collect();
    let backward: Vec<u64> = (1..=7).rev().collect();
    // Less than a page, exactly one, several whole ones, and a rest.
    for page_size in [1, 2, 3, 6, 7, 8, 200] {
        let history = || codex.client.messages().history(&chat).page_size(page_size);
        assert_eq!(seqs(history()).await, backward, "{page_size}");
        assert_eq!(seqs(history().oldest_first()).await, forward, "{page_size}");
    }
    assert_eq!(seqs(codex.client.messages().history(&chat)).await, backward);
}

#[tokio::test]
async fn it_has_the_messages_as_the_list_does_and_marks_nothing_as_read() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap().id;
    for content in ["one", "two", "three"] {
        codex.client.messages().send(&chat, content).await.unwrap();
    }
    let listed = owner.client.messages().list(&chat).await.unwrap();
    let mut history = owner.client.messages().history(&chat).oldest_first().page_size(2);
    for message in &listed {
        assert_eq!(history.next().await.unwrap().unwrap(), *message);
    }
    assert!(history.next().await.is_none());
    assert!(history.next().await.is_none());
    assert_eq!(owner.client.messages().unread(&chat).await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_empty_chat_has_none() {
    let world = World::start().await;
    let (codex, chat) = monologue(&world, 0).await;
    assert_eq!(seqs(codex.client.messages().history(&chat)).await, [0; 0]);
    assert_eq!(seqs(codex.client.messages().history(&chat).oldest_first()).await, [0; 0]);
}

#[tokio::test]
async fn what_is_sent_while_it_is_read_is_not_in_it() {
    let world = World::start().await;
    let (codex, chat) = monologue(&world, 4).await;
    for oldest_first in [false, true] {
        let history = codex.client.messages().history(&chat).page_size(2);
        let mut history = if oldest_first { history.oldest_first() } else { history };
        let mut seen = vec![history.next().await.unwrap().unwrap().seq];
        let late = codex.client.messages().send(&chat, "late").await.unwrap();
        seen.extend(seqs(history).await);
        seen.sort();
        assert_eq!(seen, (1..late.seq).collect::<Vec<_>>(), "oldest first: {oldest_first}");
    }
}

#[tokio::test]
async fn who_is_not_a_member_sees_nothing() {
    let world = World::start().await;
    let (_, chat) = monologue(&world, 1).await;
    let stranger = world.owner().await;
    for chat in [chat.as_str(), "nope"] {
        let mut history = stranger.client.messages().history(chat);
        let error = history.next().await.unwrap().unwrap_err();
        expect_refused(&error, ErrorKind::Forbidden, 403, "Not a participant of this chat");
        assert!(history.next().await.is_none());
    }
}

#[tokio::test]
async fn twenty_thousand_messages_are_asked_for_page_by_page() {
    let archive = Archive::start(1..=20_000, 1).await;
    let client = client(archive.url());

    assert_eq!(seqs(client.messages().history("c")).await, (1..=20_000).rev().collect::<Vec<_>>());
    let backward = archive.pages();
    assert_eq!(backward.len(), 100);
    assert_eq!(backward[0], PageRequest { limit: 200, before: None });
    for (asked, before) in backward[1..].iter().zip((201..=19_801).rev().step_by(200)) {
        assert_eq!(*asked, PageRequest { limit: 200, before: Some(before) });
    }

    assert_eq!(seqs(client.messages().history("c").oldest_first()).await, (1..=20_000).collect::<Vec<_>>());
    let forward = archive.pages().split_off(100);
    assert_eq!(forward.len(), 101);
    assert_eq!(forward[0], PageRequest { limit: 1, before: None });
    for (asked, before) in forward[1..].iter().zip((201..=20_001).step_by(200)) {
        assert_eq!(*asked, PageRequest { limit: 200, before: Some(before) });
    }
}

#[tokio::test]
async fn as_many_pages_are_asked_for_as_hold_the_messages() {
    for messages in [1, 199, 200, 201, 400, 401, 999, 1_000] {
        let archive = Archive::start(1..=messages, 1).await;
        let client = client(archive.url());
        let pages = messages.div_ceil(200) as usize;
        seqs(client.messages().history("c")).await;
        assert_eq!(archive.pages().len(), pages, "{messages} messages, newest first");
        seqs(client.messages().history("c").oldest_first()).await;
        // And one to find the newest message.
        assert_eq!(archive.pages().len(), pages + 1 + pages, "{messages} messages, oldest first");
    }
    // That there are none has to be asked, too.
    let archive = Archive::start([], 1).await;
    let client = client(archive.url());
    seqs(client.messages().history("c")).await;
    seqs(client.messages().history("c").oldest_first()).await;
    assert_eq!(archive.pages().len(), 2);
}

#[tokio::test]
async fn a_page_is_asked_for_when_its_first_message_is_wanted() {
    let archive = Archive::start(1..=9, 1).await;
    let client = client(archive.url());
    let mut history = client.messages().history("c").page_size(3);
    assert_eq!(archive.pages().len(), 0);
    for taken in 1..=9_usize {
        history.next().await.unwrap().unwrap();
        assert_eq!(archive.pages().len(), taken.div_ceil(3), "after {taken} messages");
    }
}

#[tokio::test]
async fn gaps_in_the_numbers_are_crossed() {
    for (numbers, page_size, most_requests) in [
        ((1..=50).chain(5_000..=5_100).collect::<Vec<u64>>(), 20, 30),
        (vec![1, 1_000_000], 10, 40),
        (vec![1_000_000], 200, 30),
        ((0..40).map(|step| 1 + step * 17).collect(), 5, 80),
        ((900..=1_100).chain([1_500, 9_000]).collect(), 7, 80),
    ] {
        let archive = Archive::start(numbers.clone(), 1).await;
        let client = client(archive.url());
        let history = || client.messages().history("c").page_size(page_size);
        assert_eq!(seqs(history().oldest_first()).await, numbers);
        let forward = archive.pages().len();
        assert!(forward <= most_requests, "{forward} requests for {} messages", numbers.len());
        let backward: Vec<u64> = numbers.iter().rev().copied().collect();
        assert_eq!(seqs(history()).await, backward);
        let least = numbers.len() / page_size as usize + 1;
        assert!(archive.pages().len() - forward <= least + 1, "{:?}", archive.pages());
    }
}

#[tokio::test]
async fn any_numbers_come_once_and_in_order() {
    // A multiplicative generator: the same numbers in every run.
    let mut state: u64 = 88_172_645_463_325_252;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..60 {
        let mut numbers = Vec::new();
        let mut last = 0;
        for _ in 0..random(40) {
            last += 1 + if random(4) == 0 { random(60) } else { 0 };
            numbers.push(last);
        }
        let page_size = 1 + random(9) as u32;
        let archive = Archive::start(numbers.clone(), 1).await;
        let client = client(archive.url());
        let history = || client.messages().history("c").page_size(page_size);
        assert_eq!(seqs(history().oldest_first()).await, numbers, "by {page_size}");
        numbers.reverse();
        assert_eq!(seqs(history()).await, numbers, "by {page_size}");
    }
}

#[tokio::test]
async fn a_backend_that_always_gives_the_same_page_does_not_keep_it_going() {
    for (oldest_first, good) in [(false, vec![7, 6, 5]), (true, vec![])] {
        let peer = Peer::start([page(&[5, 6, 7])]).await;
        let client = client(peer.url());
        let history = client.messages().history("c").page_size(3);
        let mut history = if oldest_first { history.oldest_first() } else { history };
        for seq in good {
            assert_eq!(history.next().await.unwrap().unwrap().seq, seq);
        }
        let error = history.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::MalformedResponse, Some(200)));
        assert_eq!((error.operation(), error.attempts()), (Some("list_messages"), 1));
        assert!(error.to_string().contains("the cursor does not move"), "{error}");
        assert!(history.next().await.is_none());
        assert_eq!(peer.requests().len(), 2);
    }
}

#[tokio::test]
async fn messages_that_are_out_of_order_are_no_history() {
    for seqs in [[2, 1], [1, 1]] {
        let peer = Peer::start([page(&seqs)]).await;
        let client = client(peer.url());
        let mut history = client.messages().history("c");
        let error = history.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedResponse);
        assert!(error.to_string().contains("not in the order of their numbers"), "{error}");
        assert!(history.next().await.is_none());
    }
}

#[tokio::test]
async fn an_error_ends_it_after_the_messages_before_it() {
    let forbidden = Reply::json("403 Forbidden", r#"{"detail":"Not a participant of this chat"}"#);
    let peer = Peer::start([page(&[8, 9]), forbidden, page(&[6, 7])]).await;
    let client = client(peer.url());
    let mut history = client.messages().history("c").page_size(2);
    assert_eq!(history.next().await.unwrap().unwrap().seq, 9);
    assert_eq!(history.next().await.unwrap().unwrap().seq, 8);
    let error = history.next().await.unwrap().unwrap_err();
    expect_refused(&error, ErrorKind::Forbidden, 403, "Not a participant of this chat");
    assert!(history.next().await.is_none());
    assert!(history.next().await.is_none());
    assert_eq!(peer.requests().len(), 2);
}

#[tokio::test]
async fn a_page_size_outside_of_1_to_200_is_refused_before_anything_is_sent() {
    let peer = Peer::start([page(&[])]).await;
    let client = client(peer.url());
    for page_size in [0, 201, u32::MAX] {
        let history = || client.messages().history("c").page_size(page_size);
        for mut history in [history(), history().oldest_first()] {
            expect_not_sent(&history.next().await.unwrap().unwrap_err(), "between 1 and 200");
            assert!(history.next().await.is_none());
        }
    }
    assert_eq!(peer.requests(), [""; 0]);
}
