//! The inbox stream: the handshake, and the first frame that a client sends.

use std::{collections::BTreeMap, sync::Arc};

use mycel_sdk::Secret;
use mycel_tests::{Handshake, StreamPeer, opcode};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{
    comparison::{self, ABSENT, Difference},
    request,
};
use crate::{
    clients::{Invocation, MYCEL_CALLS, Official, Ours},
    environment::Environment,
    problem::Problem,
};

/// It is not in the contract, since the backend's schema has no WebSockets.
pub const OPERATION: &str = "subscribe_inbox";

/// Whose stream it is.
const ACTOR: &str = "codex";

/// New for every handshake.
const NONCE: &str = "sec-websocket-key";

const NOTIFY: &str = r#"{"type":"notify","seq":1,"fingerprint":"f","ts":1.5,"metadata":{"event_type":"moon.rose"}}"#;

/// A handshake, and what came first through the stream.
#[derive(Clone, Debug)]
struct Opening {
    request: String,
    first_frame: Value,
}

/// A client that can open the stream.
pub enum Opener<'a> {
    Ours,
    Official(&'a Environment),
}

/// The differences between two clients, and the number of handshakes that were compared.
pub async fn compare(first: &Opener<'_>, second: &Opener<'_>) -> Result<(Vec<Difference>, usize), Problem> {
    let (ones, others) = (first.open().await?, second.open().await?);
    let found = ones.iter().zip(&others).flat_map(|(one, other)| one.differences(other));
    Ok((found.collect(), ones.len().min(others.len())))
}

impl Opener<'_> {
    /// Opens the stream in each way that there is.
    async fn open(&self) -> Result<Vec<Opening>, Problem> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let peer = {
            let seen = Arc::clone(&seen);
            StreamPeer::start(move |handshake| play(handshake, Arc::clone(&seen))).await
        };
        let token = Secret::from("t.0.k");
        let mut ours = Ours::new(peer.url())?;
        ours.add(ACTOR, &token);
        let mut official = match self {
            Self::Ours => None,
            Self::Official(environment) => Some(Official::start(environment, MYCEL_CALLS, &[peer.url()])?),
        };
        if let Some(official) = &mut official {
            official.add(ACTOR, &token).await?;
        }
        for (index, arguments) in [json!({}), json!({"since_seq": 0}), json!({"since_seq": 41})].iter().enumerate() {
            let call = Invocation {
                actor: Some(ACTOR.to_owned()),
                call: "notifications.stream".to_owned(),
                arguments: arguments.as_object().cloned().unwrap_or_default(),
            };
            let answer = match &mut official {
                None => ours.call(&call).await?,
                Some(official) => official.call(&call).await?,
            };
            if seen.lock().await.len() != index + 1 {
                return Err(Problem::new(format!("the stream was not opened: {:?}", answer.outcome)));
            }
        }
        let openings = std::mem::take(&mut *seen.lock().await);
        Ok(openings)
    }
}

/// The other side of a stream: one notification, and then a look at what the client sends.
async fn play(handshake: Handshake, seen: Arc<Mutex<Vec<Opening>>>) {
    // Held until the first frame is there, so that whoever looks waits for it.
    let mut seen = seen.lock().await;
    let request = handshake.request.replace(&host(&handshake.request), "{backend}");
    let mut socket = handshake.accept().await;
    socket.text(NOTIFY).await;
    let first = socket.next().await.filter(|frame| frame.opcode == opcode::TEXT);
    let first_frame = first.and_then(|frame| serde_json::from_slice(&frame.payload).ok()).unwrap_or_default();
    seen.push(Opening { request, first_frame });
    drop(seen);
    socket.gone().await;
}

impl Opening {
    fn differences(&self, other: &Self) -> Vec<Difference> {
        let (one, two) = (self.head(), other.head());
        let mut found = vec![
            Difference::new("handshake", one.0, two.0),
            Difference::new("first frame", shown(&self.first_frame), shown(&other.first_frame)),
        ];
        found.retain(|difference| difference.first != difference.second);
        found.extend(comparison::headers(&one.1, &two.1));
        found
    }

    /// The request line, and the headers that matter.
    fn head(&self) -> (String, BTreeMap<String, String>) {
        let mut lines = self.request.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let named = lines.filter_map(|line| line.split_once(':'));
        let sent: Vec<_> = named.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        let mut headers = request::headers(&sent, false);
        headers.remove(NONCE);
        // A token of the protocol, and matched without regard to case.
        headers.entry("upgrade".to_owned()).and_modify(|value| value.make_ascii_lowercase());
        (first, headers)
    }
}

/// Another in each run.
fn host(request: &str) -> String {
    let mut headers = request.lines().filter_map(|line| line.split_once(": "));
    headers.find(|(name, _)| name.eq_ignore_ascii_case("host")).map_or_else(String::new, |(_, host)| host.to_owned())
}

fn shown(frame: &Value) -> String {
    if frame.is_null() { ABSENT.to_owned() } else { frame.to_string() }
}
