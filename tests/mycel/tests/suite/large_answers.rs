//! Messages that are too large together for one answer, or each by itself: nobody is locked out by them, and what is
//! marked as read was handed over.

use std::time::Duration;

use mycel_sdk::{ChatId, Client, ErrorKind, Message, RetryPolicy};
use mycel_tests::{Archive, Peer, Reply, World, expect_behind, expect_not_sent, fresh};
use serde_json::{Value, json};

/// The bound on an answer. There are 32 MiB unless set, for which messages of 1 MiB would be what these are.
const BOUND: usize = 64 * 1024;

/// How long a text is of which 33 are too large together.
const LARGE: usize = BOUND / 32;

/// Texts that can be told apart.
fn large(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number} {}", "x".repeat(LARGE))).collect()
}

/// A chat, who writes there, and who reads there with a bound on answers.
struct Scene {
    /// Its answers are looked at, too.
    _world: World,
    writer: Client,
    reader: Client,
    chat: ChatId,
}

impl Scene {
    async fn new(bound: usize) -> Self {
        let world = World::start().await;
        let owner = world.owner().await;
        let writer = owner.agent("codex").await;
        let claude = owner.client.users().create_external(fresh("claude"), "Claude").await.unwrap();
        // Not through the tap, which takes an answer that is broken off for a broken one.
        let bounded = Client::builder(world.backend_url()).max_response_bytes(bound).build().unwrap();
        let chat = writer.client.chats().ensure_direct(&claude.user.id).await.unwrap().id;
        Self { _world: world, writer: writer.client, reader: bounded.with_auth_token(claude.token), chat }
    }

    async fn with(texts: &[String]) -> Self {
        let scene = Self::new(BOUND).await;
        for text in texts {
            scene.write(text).await;
        }
        scene
    }

    /// The writer does not mind what it has not read.
    async fn write(&self, text: &str) {
        self.writer.messages().send(&self.chat, text).enforce_caught_up(false).await.unwrap();
    }
}

fn contents(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.content.as_str()).collect()
}

#[tokio::test]
async fn who_reads_before_sending_gets_through() {
    let texts = large(33);
    let scene = Scene::with(&texts).await;
    let messages = scene.reader.messages();
    let mut read = Vec::new();
    let sent = loop {
        match messages.send(&scene.chat, "Done.").await {
            Ok(sent) => break sent,
            Err(error) => expect_behind(&error),
        }
        let part = messages.read(&scene.chat).await.unwrap();
        assert!(!part.is_empty(), "nothing to read, and yet behind");
        read.extend(part);
    };
    assert_eq!((contents(&read), sent.seq), (texts.iter().map(String::as_str).collect(), 34));
    assert!(read.iter().all(|message| message.malformed.is_empty()));
    assert_eq!(messages.unread(&scene.chat).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_marked_as_read_was_handed_over() {
    let texts = large(70);
    let scene = Scene::with(&texts).await;
    let messages = scene.reader.messages();
    let first = messages.read(&scene.chat).await.unwrap();
    assert!((20..33).contains(&first.len()), "{} of them", first.len());
    assert_eq!(contents(&first), texts[..first.len()]);
    let next = messages.unread(&scene.chat).await.unwrap();
    assert_eq!(next[0].seq, first.len() as u64 + 1);
    // Looking marks nothing.
    assert_eq!(messages.unread(&scene.chat).await.unwrap(), next);
    messages.mark_read(next.last().unwrap()).await.unwrap();
    let rest = messages.read(&scene.chat).await.unwrap();
    assert_eq!(rest.last().unwrap().seq, 70);
    assert_eq!(first.len() + next.len() + rest.len(), 70);
    assert_eq!(messages.read(&scene.chat).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_unread_comes_page_by_page_and_each_is_marked_when_the_next_is_asked_for() {
    let texts = large(70);
    let scene = Scene::with(&texts).await;
    let messages = scene.reader.messages();
    let mut pages = messages.unread_pages(&scene.chat);
    let mut read = pages.next().await.unwrap().unwrap();
    assert_eq!(messages.unread(&scene.chat).await.unwrap(), read, "it was marked at once");
    // What comes meanwhile comes in its turn.
    scene.write("one more").await;
    let mut count = 1;
    while let Some(page) = pages.next().await.transpose().unwrap() {
        assert_eq!(messages.unread(&scene.chat).await.unwrap(), page);
        count += 1;
        read.extend(page);
    }
    let expected: Vec<&str> = texts.iter().map(String::as_str).chain(["one more"]).collect();
    assert_eq!((contents(&read), count), (expected, 3));
    assert_eq!(messages.unread(&scene.chat).await.unwrap(), []);
    assert!(pages.next().await.is_none());
    messages.send(&scene.chat, "Done.").await.unwrap();

    // Where little is unread, it is one page.
    scene.write("and now this").await;
    let page = messages.unread_pages(&scene.chat).next().await.unwrap().unwrap();
    assert_eq!(contents(&page), ["and now this"]);
}

#[tokio::test]
async fn a_history_has_every_message_however_many_are_too_large_together() {
    let mut texts = large(33);
    texts.extend((0..40).map(|number| format!("short {number}")));
    texts.extend(large(33));
    let scene = Scene::with(&texts).await;
    let mut newest_first: Vec<&str> = texts.iter().map(String::as_str).collect();
    let oldest_first = newest_first.clone();
    newest_first.reverse();
    for page_size in [1, 7, 50, 200] {
        let history = || scene.reader.messages().history(&scene.chat).page_size(page_size);
        assert_eq!(contents(&all(history()).await), newest_first, "by {page_size}");
        assert_eq!(contents(&all(history().oldest_first()).await), oldest_first, "by {page_size}");
    }
    // A page has as many of the newest as there is room for.
    for limit in [None, Some(200), Some(50), Some(30)] {
        let list = scene.reader.messages().list(&scene.chat);
        let page = limit.into_iter().fold(list, |list, limit| list.limit(limit)).await.unwrap();
        assert!((10..33).contains(&page.len()), "{} of {limit:?}", page.len());
        assert_eq!(contents(&page), oldest_first[oldest_first.len() - page.len()..]);
    }
}

async fn all(mut history: mycel_sdk::History<'_>) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some(message) = history.next().await.transpose().unwrap() {
        messages.push(message);
    }
    messages
}

#[tokio::test]
async fn a_message_that_is_too_large_by_itself_is_told_and_the_others_are_whole() {
    let giant = format!("giant {}", "é".repeat(3 * BOUND));
    let texts = [&large(2)[..], std::slice::from_ref(&giant), &large(2)[..], &[giant.clone(), giant.clone()]].concat();
    let scene = Scene::with(&texts).await;
    let messages = scene.reader.messages();
    let check = |read: &[Message], what: &str| {
        assert_eq!(read.len(), texts.len(), "{what}");
        for (message, text) in read.iter().zip(&texts) {
            if *text == giant {
                let told = message.malformed.to_string();
                assert!(
                    told.starts_with("content: is cut off") && told.contains("max_response_bytes"),
                    "{what}: {told}"
                );
                assert!(giant.starts_with(&message.content) && message.content.len() > BOUND / 2, "{what}");
            } else {
                assert_eq!((&message.content, message.malformed.is_empty()), (text, true), "{what}");
            }
        }
    };
    for page_size in [1, 3, 200] {
        let history = || messages.history(&scene.chat).page_size(page_size);
        check(&all(history().oldest_first()).await, "oldest first");
        let mut backward = all(history()).await;
        backward.reverse();
        check(&backward, "newest first");
    }
    let newest = messages.list(&scene.chat).await.unwrap();
    assert_eq!((newest.len(), newest[0].seq), (1, 7));
    // Chats are listed with their latest messages.
    let chats = scene.reader.chats().list().await.unwrap();
    assert_eq!((chats.len(), chats[0].last_message.as_ref().unwrap().seq, chats[0].unread_count), (1, 7, 7));
    assert!(chats[0].malformed.to_string().starts_with("last_message: is cut off"), "{}", chats[0].malformed);

    let mut read = Vec::new();
    loop {
        let page = messages.read(&scene.chat).await.unwrap();
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    check(&read, "read");
    messages.send(&scene.chat, "Done.").await.unwrap();
}

#[tokio::test]
async fn a_history_asks_for_more_again_where_there_is_room() {
    const MESSAGES: u64 = 2_400;
    // One is too large by itself, and 40 are too large together.
    let letters = |seq| match seq {
        1_000 => 2 * BOUND,
        2_000..2_040 => LARGE,
        _ => 1,
    };
    for oldest_first in [false, true] {
        let archive = Archive::start_uneven(1..=MESSAGES, letters).await;
        let client = Client::builder(archive.url()).max_response_bytes(BOUND).build().unwrap();
        let history = client.messages().history("c");
        let mut seqs: Vec<u64> = all(if oldest_first { history.oldest_first() } else { history })
            .await
            .iter()
            .map(|message| message.seq)
            .collect();
        if !oldest_first {
            seqs.reverse();
        }
        assert!(seqs.into_iter().eq(1..=MESSAGES));
        let pages = archive.pages();
        assert!(pages.iter().any(|page| page.limit == 1), "{pages:?}");
        assert_eq!(pages.last().unwrap().limit, 200, "{pages:?}");
        // Twelve for the messages, eight on the way down to one and up again, and some for those that are large.
        assert!(pages.len() < 50, "{} requests: {pages:?}", pages.len());
    }
}

#[tokio::test]
async fn who_is_unsure_whether_it_was_marked_has_the_messages_and_who_knows_that_it_was_not_has_an_error() {
    let page = json!([message(3)]).to_string();
    let unread = || Reply::json("200 OK", &page);
    for (marked, is_told) in [
        (Reply::Nothing, true),
        (Reply::json("500 Internal Server Error", "{}"), true),
        (Reply::json("200 OK", r#"{"status":"ok"}"#), true),
        (Reply::json("403 Forbidden", r#"{"detail":"Not a participant of this chat"}"#), false),
    ] {
        let peer = Peer::start([unread(), marked]).await;
        let client = Client::builder(peer.url()).retry(RetryPolicy::never()).build().unwrap();
        match client.messages().read("c").await {
            Ok(read) => assert_eq!((read.len(), read[0].seq, is_told), (1, 3, true)),
            Err(error) => assert_eq!((error.kind(), is_told), (ErrorKind::Forbidden, false)),
        }
        assert_eq!(peer.bodies(), ["", r#"{"up_to_seq":3}"#]);
    }
    // An answer that is lost is asked for again: nothing is marked before it is there.
    let quick = RetryPolicy::default().base_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(1));
    let peer = Peer::start([Reply::cut_off(&page), unread(), Reply::json("200 OK", r#"{"status":"ok"}"#)]).await;
    let client = Client::builder(peer.url()).retry(quick).build().unwrap();
    assert_eq!(client.messages().read("c").await.unwrap().len(), 1);
    assert_eq!(peer.bodies(), ["", "", r#"{"up_to_seq":3}"#]);
    // Nothing is marked where nothing is unread.
    let peer = Peer::start([Reply::json("200 OK", "[]")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    assert_eq!((client.messages().read("c").await.unwrap(), peer.requests().len()), (vec![], 1));
}

fn message(seq: u64) -> Value {
    json!({"id": format!("m-{seq}"), "chat_id": "c", "sender_id": "u", "sender_name": "U", "content": "hello",
           "message_type": "human", "mentioned_ids": [], "seq": seq, "created_at": 1.5})
}

#[tokio::test]
async fn a_number_that_cannot_be_read_is_one_that_marks_nothing_else() {
    let odd = || {
        let mut odd = message(1);
        odd["seq"] = json!("x");
        odd
    };
    let numbers = async |page: Vec<Value>| {
        let peer = Peer::start([Reply::json("200 OK", &Value::from(page).to_string())]).await;
        let client = Client::builder(peer.url()).build().unwrap();
        let unread = client.messages().unread("c").await.unwrap();
        assert_eq!(client.messages().list("c").await.unwrap(), unread);
        unread
    };
    let seqs = |page: &[Message]| page.iter().map(|message| message.seq).collect::<Vec<_>>();
    let page = numbers(vec![odd(), odd(), message(5), odd(), message(9), odd()]).await;
    assert_eq!(seqs(&page), [3, 4, 5, 6, 9, 10]);
    assert!(page[3].malformed.contains("seq") && page[4].malformed.is_empty());
    // Where nothing tells it, nothing is marked.
    let page = numbers(vec![odd()]).await;
    assert_eq!(seqs(&page), [0]);
    let peer = Peer::start([Reply::json("200 OK", r#"{"status":"ok"}"#)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    expect_not_sent(&client.messages().mark_read(&page[0]).await.unwrap_err(), "number could not be read");
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn pages_end_though_the_backend_gives_the_same_again() {
    let page = Reply::json("200 OK", &json!([message(3)]).to_string());
    let peer = Peer::start([page.clone(), Reply::json("200 OK", r#"{"status":"ok"}"#), page]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let mut pages = client.messages().unread_pages("c");
    assert_eq!(pages.next().await.unwrap().unwrap()[0].seq, 3);
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::MalformedResponse, Some("list_unread_messages")));
    assert!(error.to_string().contains("marked as read"), "{error}");
    assert!(pages.next().await.is_none());
}
