//! The facade against the contract: every operation is called by some method, and none that is not in it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use mycel_sdk::{Client, Error, RetryPolicy};
use mycel_tests::{CALLED, NOT_SENT, Peer, Reply, call, is_sent, message_in};
use test_harness::PublicOperation;

/// The public operations, by name.
fn contract() -> BTreeMap<String, PublicOperation> {
    PublicOperation::all("mycel").into_iter().map(|operation| (operation.name.clone(), operation)).collect()
}

/// The methods of the facade that call an operation for which `call` has another one; the errors they fail with.
fn others(client: &Client) -> Vec<BoxFuture<'_, Error>> {
    vec![
        client.chats().create(["codex", "claude"]).into_future().map(Result::unwrap_err).boxed(),
        client.chats().unmute_member("c", "codex").map(Result::unwrap_err).boxed(),
        async { client.messages().history("c").next().await.unwrap().unwrap_err() }.boxed(),
        async { client.messages().unread_pages("c").next().await.unwrap().unwrap_err() }.boxed(),
        client.messages().read("c").map(Result::unwrap_err).boxed(),
    ]
}

/// The operation of the contract that is the peer's latest request.
fn requested<'a>(contract: &'a BTreeMap<String, PublicOperation>, peer: &Peer, error: &Error) -> &'a str {
    let requests = peer.requests();
    let mut words = requests.last().unwrap_or_else(|| panic!("nothing was sent: {error}")).split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let path = target.split('?').next().unwrap();
    let meant: Vec<_> = contract.iter().filter(|(_, operation)| operation.is_meant_by(method, path)).collect();
    let [(name, _)] = meant[..] else { panic!("{method} {path} is {} operations of the contract", meant.len()) };
    name
}

#[tokio::test]
async fn every_operation_is_called_by_its_name_and_no_other_is() {
    let contract = contract();
    let no_method: Vec<_> = contract.keys().filter(|name| !CALLED.contains(&name.as_str())).collect();
    assert!(
        no_method.is_empty(),
        "tests/mycel/src/calls.rs: write down which method of the facade calls {no_method:?}"
    );
    let unknown: Vec<_> = CALLED.iter().filter(|name| !contract.contains_key(**name)).collect();
    assert!(unknown.is_empty(), "tests/mycel/src/calls.rs: the contract has no {unknown:?}");
    assert!(NOT_SENT.iter().all(|(name, _)| CALLED.contains(name)), "tests/mycel/src/calls.rs: what is not sent");

    let message = message_in("c").await;
    let peer = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Not Found"}"#)]).await;
    let client = Client::builder(peer.url()).auth_token("t").build().unwrap();
    for (index, name) in CALLED.iter().filter(|name| is_sent(name)).enumerate() {
        let error = call(&client, name, ["c", "1"], &message).await.unwrap_err();
        assert_eq!(peer.requests().len(), index + 1, "{error}");
        assert_eq!((error.operation(), requested(&contract, &peer, &error)), (Some(*name), *name));
    }
    for other in others(&client) {
        let error = other.await;
        assert_eq!(error.operation(), Some(requested(&contract, &peer, &error)));
    }
}

#[tokio::test]
async fn an_operation_is_repeated_where_the_contract_allows_it_and_nowhere_else() {
    let contract = contract();
    let message = message_in("c").await;
    let peer = Peer::start([Reply::Nothing]).await;
    let quick = RetryPolicy::default().base_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(1));
    // Each call by a client of its own, since a client does not retry without end.
    let new_client = || Client::builder(peer.url()).retry(quick).build().unwrap();
    let mut errors = Vec::new();
    for name in CALLED.iter().filter(|name| is_sent(name)) {
        errors.push(call(&new_client(), name, ["c", "1"], &message).await.unwrap_err());
    }
    for index in 0..others(&new_client()).len() {
        errors.push(others(&new_client()).swap_remove(index).await);
    }
    for error in errors {
        let repeat = contract[error.operation().unwrap()].repeatable;
        assert_eq!(error.attempts() > 1, repeat, "{error}");
    }
}
