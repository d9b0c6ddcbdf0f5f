//! Recorded frames of the inbox stream, each through `notifications().stream()`.

use std::path::Path;
use std::sync::Arc;

use mycel_sdk::{Client, ErrorKind, RetryPolicy};
use mycel_tests::{AnswerSchema, Handshake, StreamPeer, soon};
use serde_json::Value;

use test_harness::recordings::{Facade, Marked};

use crate::answers::Mycel;
use crate::json;

/// How much was decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct DecodedFrames {
    pub frames: usize,
    pub values: usize,
    pub refusals: usize,
    pub closes: usize,
}

/// What the server does with one handshake.
enum Played {
    /// Accepts, and sends this.
    Frame(Value),
    /// Refuses, with this status and this body.
    Refusal(u16, String),
    /// Accepts, and closes with this code and this reason.
    Close(u16, String),
}

impl Played {
    async fn to(&self, handshake: Handshake) {
        match self {
            Self::Frame(frame) => {
                let mut socket = handshake.accept().await;
                socket.text(&frame.to_string()).await;
                socket.close(Some(1000), "").await;
                socket.gone().await;
            }
            Self::Refusal(status, body) => {
                let length = body.len();
                let head = format!("HTTP/1.1 {status} Recorded\r\nconnection: close\r\ncontent-length: {length}\r\n");
                handshake.answer(format!("{head}\r\n{body}").as_bytes()).await;
            }
            Self::Close(code, reason) => {
                let mut socket = handshake.accept().await;
                socket.close(Some(*code), reason).await;
                socket.gone().await;
            }
        }
    }
}

/// A server that does this with the first handshake, that with the second, and a client of it.
async fn server(script: Vec<Played>) -> (StreamPeer, Client) {
    let script = Arc::new(script);
    let peer = StreamPeer::start(move |handshake| {
        let script = Arc::clone(&script);
        async move { script[handshake.number].to(handshake).await }
    });
    let peer = peer.await;
    let client = Client::builder(peer.url()).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap();
    (peer, client)
}

/// What the next stream brings first: a notification, or the end.
async fn first(client: &Client) -> Result<String, ErrorKind> {
    let mut stream = client.notifications().stream().await.unwrap();
    let item = soon(stream.next()).await.unwrap();
    item.map(|notification| format!("{notification:?}")).map_err(|error| error.kind())
}

/// Decodes what a file tells of the stream, and holds what comes out against it; frames against their schema too.
pub async fn decode(file: &Path) -> DecodedFrames {
    let text = std::fs::read_to_string(file).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let frames = rows.iter().flat_map(|row| ["frames", "first", "last"].map(|name| &row[name]));
    let frames: Vec<&Value> = frames.filter_map(Value::as_array).flatten().collect();
    for frame in &frames {
        AnswerSchema::get().check_frame(&frame.to_string()).unwrap_or_else(|problem| panic!("{frame}: {problem}"));
    }
    let numbered = |number: &str, text: &str| -> Vec<(u16, String)> {
        let told = rows.iter().filter(|row| row[number].is_u64());
        told.map(|row| (row[number].as_u64().unwrap().try_into().unwrap(), row[text].as_str().unwrap().into()))
            .collect()
    };
    DecodedFrames {
        frames: frames.len(),
        values: decode_frames(&frames).await,
        refusals: expect_refusals(&numbered("http_status", "body")).await,
        closes: expect_closes(&numbered("close_code", "reason")).await,
    }
}

/// Each frame comes through with all its values; returns how many those are.
async fn decode_frames(frames: &[&Value]) -> usize {
    let marked: Vec<Vec<Marked>> = frames.iter().map(|frame| Mycel::marked(frame)).collect();
    let script = frames.iter().zip(&marked).flat_map(|(frame, marked)| {
        let changed = marked.iter().map(|marked| marked.answer.clone());
        std::iter::once((*frame).clone()).chain(changed).map(Played::Frame)
    });
    let (_peer, client) = server(script.collect()).await;
    let mut values = 0;
    for (frame, marked) in frames.iter().zip(&marked) {
        let unchanged = first(&client).await;
        let is_overflow = frame["type"] == "replay_overflow";
        match &unchanged {
            Ok(returned) => {
                assert!(!is_overflow, "{frame}");
                assert_eq!(json::read_frame(frame), *returned);
            }
            Err(ErrorKind::ReplayOverflow { .. }) => assert!(is_overflow, "{frame}"),
            Err(other) => panic!("{frame}: {other:?}"),
        }
        for value in marked {
            let changed = first(&client).await;
            if value.pointer == "/type" && is_overflow {
                // Of a type that is not known and without a number, and so left alone.
                assert_eq!(changed, Err(ErrorKind::Closed { code: Some(1000) }), "{frame}");
                continue;
            }
            if let Ok(returned) = &changed {
                assert_eq!(json::read_frame(&value.answer), *returned);
            }
            let seen = value.is_seen(&format!("{unchanged:?}"), &format!("{changed:?}"));
            assert!(seen, "{} is lost of {frame}: {changed:?}", value.pointer);
            values += 1;
        }
    }
    values
}

/// Each refusal is an error with its status; returns how many those are.
async fn expect_refusals(refusals: &[(u16, String)]) -> usize {
    let script = refusals.iter().map(|(status, body)| Played::Refusal(*status, body.clone()));
    let (_peer, client) = server(script.collect()).await;
    for (status, _) in refusals {
        let error = client.notifications().stream().await.unwrap_err();
        assert_eq!(error.status(), Some(*status), "{error}");
    }
    refusals.len()
}

/// Each close is an error with its code and its reason; returns how many those are.
async fn expect_closes(closes: &[(u16, String)]) -> usize {
    let script = closes.iter().map(|(code, reason)| Played::Close(*code, reason.clone()));
    let (_peer, client) = server(script.collect()).await;
    for (code, reason) in closes {
        let mut stream = client.notifications().stream().await.unwrap();
        let error = soon(stream.next()).await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.detail()), (ErrorKind::Closed { code: Some(*code) }, Some(reason.as_str())));
    }
    closes.len()
}
