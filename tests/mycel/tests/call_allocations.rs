//! How often a call allocates, beside the same request without the SDK. In a program of its own, since the allocator is
//! replaced by one that counts.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use allocation_counter::measure;
use mycel_sdk::Client;
use mycel_tests::RawPeer;
use reqwest::header::ACCEPT;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};

const MESSAGE: &str = r#"{"id":"m-1","chat_id":"c","sender_id":"u","sender_name":"Ada","content":"hello","message_type":"human","mentioned_ids":[],"delivery_scope":"broadcast","addressed_to_user_ids":[],"seq":1,"signal":null,"retracted_at":null,"created_at":1784000000.5}"#;

/// A call holds what a bare request does not: itself on the heap, the chat's id and the content as they are given, what it
/// is known by, a copy of the request in case that it is sent again, and the response in one piece with its URL. It is sent
/// without reqwest's layers, which allocate more than all of that.
const FEWER_THAN_BARE: u64 = 8;

/// As many calls before it counts: the connection and its buffers are there then, and as large as they get.
const WARM_UP: u32 = 20;

const COUNTED: u32 = 100;

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is decoded, not used")]
struct Message {
    id: String,
    chat_id: String,
    sender_id: String,
    sender_name: String,
    content: String,
    message_type: String,
    mentioned_ids: Vec<String>,
    delivery_scope: String,
    addressed_to_user_ids: Vec<String>,
    seq: u64,
    signal: Option<String>,
    retracted_at: Option<f64>,
    created_at: f64,
}

#[derive(Serialize)]
struct SendMessage<'m> {
    content: &'m str,
    enforce_caught_up: bool,
}

async fn send_bare(http: &reqwest::Client, url: &str) -> Message {
    let body = SendMessage { content: "hello", enforce_caught_up: true };
    let request = http.post(format!("{url}/api/chats/c/messages")).bearer_auth("tok-123");
    let response = request.header(ACCEPT, "application/json").json(&body).send().await.unwrap();
    response.error_for_status().unwrap().json().await.unwrap()
}

/// How often one of many calls allocates on this thread, which makes them by itself.
fn allocations<T>(runtime: &Runtime, call: impl AsyncFn() -> T) -> u64 {
    let make = |calls: u32| {
        runtime.block_on(async {
            for _ in 0..calls {
                call().await;
            }
        });
    };
    make(WARM_UP);
    measure(|| make(COUNTED)).count_total / u64::from(COUNTED)
}

#[test]
fn a_call_allocates_less_than_the_same_request_without_the_sdk() {
    // The peer has a thread of its own, so that what it allocates does not count.
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let peer = elsewhere.block_on(RawPeer::start(|mut connection| async move {
        let length = MESSAGE.len();
        let answer =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{MESSAGE}");
        while connection.request().await.is_some() {
            connection.send(&answer).await;
        }
    }));
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();

    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(15)).build().unwrap();
    let url = peer.url();
    let bare = allocations(&runtime, async || send_bare(&http, &url).await);
    let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
    let ours = allocations(&runtime, async || client.messages().send("c", "hello").await.unwrap());

    println!("{ours} allocations in a call, and {bare} without the SDK");
    assert!(bare > 20, "{bare} is not all that a request takes");
    assert!(ours + FEWER_THAN_BARE <= bare, "{ours} allocations in a call, and {bare} without the SDK");
}
