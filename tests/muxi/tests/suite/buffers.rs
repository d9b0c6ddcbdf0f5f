//! The messages that the formation has in mind.

use muxi_sdk::{ErrorKind, FormationClient};
use muxi_tests::{fresh, world};
use test_harness::{Peer, Reply};

#[tokio::test]
async fn a_users_messages_are_counted_and_forgotten() {
    let world = world().await;
    let formation = world.formation.for_user(fresh("buffers-1"));
    let session = fresh("buffers-1-a");
    formation.chat("One").session(muxi_sdk::SessionId::from(&session)).await.unwrap();
    formation.chat("Two").await.unwrap();
    let buffer = formation.buffers().get().await.unwrap();
    assert_eq!((buffer.messages, buffer.size_kb.is_some()), (Some(4), true));
    let stats = world.formation.buffers().stats().await.unwrap();
    assert!(stats.entries >= Some(4) && stats.users >= Some(1) && stats.sessions >= Some(2), "{stats:?}");

    let cleared = formation.buffers().clear_session(&session).await.unwrap();
    assert_eq!((cleared.messages, cleared.sessions), (Some(2), None));
    let cleared = formation.buffers().clear().await.unwrap();
    assert_eq!((cleared.messages, cleared.sessions), (Some(2), Some(1)));
    assert_eq!(formation.buffers().get().await.unwrap().messages, Some(0));

    let error = world.formation.buffers().clear().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "without a user nothing is cleared");
}

#[tokio::test]
async fn everybodys_messages_are_forgotten_whatever_the_runtime_says_of_it() {
    // Not at a formation that other suites talk to meanwhile.
    let backend = muxi_local_backend::start().await.unwrap();
    let formation = muxi_tests::client(backend.url());
    formation.chat("One").user("buffers-2").await.unwrap();
    formation.buffers().clear_all().await.unwrap();
    assert_eq!(formation.buffers().stats().await.unwrap().entries, Some(0));
}

#[tokio::test]
async fn only_that_failure_is_a_success() {
    let other = r#"{"success":false,"error":{"code":"INTERNAL_ERROR","message":"kaput"}}"#;
    let says_so = r#"{"success":false,"error":{"code":"INTERNAL_ERROR","message":"MEMORY_BUFFER_CLEARED"}}"#;
    let done = r#"{"success":true,"data":{"message":"cleared"}}"#;
    for (status, body, is_ok, attempts) in [
        ("500 Internal Server Error", other, false, 3),
        ("500 Internal Server Error", says_so, true, 1),
        ("400 Bad Request", says_so, false, 1),
        ("200 OK", done, true, 1),
    ] {
        let peer = Peer::start([Reply::json(status, body)]).await;
        let formation = FormationClient::direct(peer.url()).admin_key("ak").build().unwrap();
        assert_eq!(formation.buffers().clear_all().await.is_ok(), is_ok, "{status} {body}");
        assert_eq!(peer.requests().len(), attempts, "{status} {body}");
    }
}
