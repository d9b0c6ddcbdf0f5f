//! The facade against the contract: every operation is called by some method, and none that is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use mycel_sdk::{Client, Error, Message, RetryPolicy};
use mycel_tests::{Peer, Reply};
use serde_json::json;

/// An operation of the contract.
struct Operation {
    method: String,
    segments: Vec<String>,
    repeat: bool,
}

/// The public operations, by name.
fn contract() -> BTreeMap<String, Operation> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/mycel/contract.toml");
    let contract: toml::Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
    let public = contract["public"].as_table().unwrap();
    let operation = |entry: &toml::Value| {
        let (method, path) = entry["call"].as_str().unwrap().split_once(' ').unwrap();
        Operation {
            method: method.to_owned(),
            segments: path.split('/').map(str::to_owned).collect(),
            repeat: entry["repeat"].as_bool().unwrap(),
        }
    };
    public.iter().map(|(name, entry)| (name.clone(), operation(entry))).collect()
}

impl Operation {
    fn is_meant_by(&self, method: &str, path: &str) -> bool {
        let segments: Vec<_> = path.split('/').collect();
        let fits = |(template, segment): (&String, &&str)| template.starts_with('{') || template == segment;
        self.method == method && self.segments.len() == segments.len() && self.segments.iter().zip(&segments).all(fits)
    }
}

/// Every method of the facade that is an operation, each called once; the error that it fails with.
fn calls<'c>(client: &'c Client, message: &'c Message) -> Vec<BoxFuture<'c, Error>> {
    let no_config = json!({});
    macro_rules! errors {
        ($($call:expr,)*) => {
            vec![$({
                let call = $call;
                async move { call.await.map(|_| ()).unwrap_err() }.boxed()
            },)*]
        };
    }
    errors![
        client.auth().send_otp("ada@example.com", "correct horse", "INVITE"),
        client.auth().verify_otp("ada@example.com", "000000"),
        client.auth().complete_register("temp", "INVITE"),
        client.auth().login("ada@example.com", "correct horse"),
        client.auth().create_guest_owner(),
        client.me().whoami(),
        client.users().create_external("codex", "Codex"),
        client.agents().list(),
        client.agents().create("Morel"),
        client.threads().create("m_1"),
        client.chats().list(),
        client.chats().create(["codex", "claude"]),
        client.chats().ensure_direct("codex"),
        client.chats().get("c"),
        client.chats().add_member("c", "codex"),
        client.chats().mute_member("c", "codex"),
        client.chats().unmute_member("c", "codex"),
        client.messages().list("c"),
        client.messages().unread("c"),
        client.messages().read("c"),
        client.messages().mark_read(message),
        client.messages().send("c", "hello"),
        async { client.messages().history("c").next().await.unwrap() },
        client.join_requests().target("c"),
        client.join_requests().list("c"),
        client.join_requests().request("c"),
        client.join_requests().approve("c", "j"),
        client.join_requests().reject("c", "j"),
        client.relationships().list(),
        client.relationships().request("codex"),
        client.relationships().approve("r"),
        client.relationships().reject("r"),
        client.relationships().upgrade("r"),
        client.relationships().revoke("r"),
        client.relationships().downgrade("r"),
        client.workflows().get("c"),
        client.workflows().set("c", "review").config(&no_config),
        client.workflows().delete("c"),
        client.workflow_events().list("c"),
        client.workflow_events().create("c", "review", "codex"),
        client.workflow_events().get("c", "1"),
        client.workflow_events().update("c", "1"),
        client.workflow_events().delete("c", "1"),
        client.tasks().list("c"),
        client.tasks().create("c", "Review"),
        client.tasks().get("c", "1"),
        client.tasks().update("c", "1"),
        client.tasks().delete("c", "1"),
        client.notifications().drain(),
        client.notifications().wait(Duration::from_millis(1)),
    ]
}

/// A message can only be had from a backend.
async fn message() -> Message {
    let page = json!([{"id": "m", "chat_id": "c", "sender_id": "u", "sender_name": "U", "content": "x",
        "message_type": "human", "mentioned_ids": [], "seq": 1, "created_at": 1.5}]);
    let peer = Peer::start([Reply::json("200 OK", &page.to_string())]).await;
    Client::builder(peer.url()).build().unwrap().messages().list("c").await.unwrap().remove(0)
}

#[tokio::test]
async fn every_operation_is_called_by_its_name_and_no_other_is() {
    let contract = contract();
    assert_eq!(contract.len(), 47);
    let message = message().await;
    let peer = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Not Found"}"#)]).await;
    let client = Client::builder(peer.url()).auth_token("t").build().unwrap();

    let mut called = BTreeSet::new();
    for (index, call) in calls(&client, &message).into_iter().enumerate() {
        let error = call.await;
        let requests = peer.requests();
        assert_eq!(requests.len(), index + 1, "{error}");
        let mut words = requests[index].split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let path = target.split('?').next().unwrap();
        let meant: Vec<_> = contract.iter().filter(|(_, operation)| operation.is_meant_by(method, path)).collect();
        let [(name, _)] = meant[..] else { panic!("{method} {path} is {} operations of the contract", meant.len()) };
        assert_eq!(error.operation(), Some(name.as_str()), "{method} {path}");
        called.insert(name);
    }
    let missing: Vec<_> = contract.keys().filter(|name| !called.contains(name)).collect();
    assert_eq!(missing, [""; 0], "no method calls these");
}

#[tokio::test]
async fn an_operation_is_repeated_where_the_contract_allows_it_and_nowhere_else() {
    let contract = contract();
    let message = message().await;
    let peer = Peer::start([Reply::Nothing]).await;
    let quick = RetryPolicy::default().base_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(1));
    // Each call by a client of its own, since a client does not retry without end.
    let new_client = || Client::builder(peer.url()).retry(quick).build().unwrap();
    for index in 0..calls(&new_client(), &message).len() {
        let client = new_client();
        let error = calls(&client, &message).swap_remove(index).await;
        let repeat = contract[error.operation().unwrap()].repeat;
        assert_eq!(error.attempts() > 1, repeat, "{error}");
    }
}
