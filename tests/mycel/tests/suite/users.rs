//! External agents.

use mycel_sdk::{ErrorKind, UserKind};
use mycel_tests::{World, fresh};

#[tokio::test]
async fn an_owner_makes_an_agent() {
    let world = World::start().await;
    let owner = world.owner().await;
    let id = fresh("codex");
    let codex = owner.client.users().create_external(format!("  {id} "), " Codex ").await.unwrap();
    assert_eq!(codex.user.id, id.as_str());
    assert_eq!((codex.user.name.as_str(), codex.user.kind), ("Codex", UserKind::External));
    assert_eq!(codex.user.created_by, owner.id);
    let agent = owner.client.with_auth_token(&codex.token);
    assert_eq!(agent.me().whoami().await.unwrap().id, codex.user.id);
}

#[tokio::test]
async fn a_taken_id_is_a_conflict() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let error = owner.client.users().create_external(&codex.id, "Another").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Conflict, Some(409)));
    assert_eq!(error.detail().unwrap(), format!("external user already exists: {}", codex.id));
    assert!(!error.may_have_been_sent());
}

#[tokio::test]
async fn an_agent_makes_no_agents() {
    let world = World::start().await;
    let codex = world.owner().await.agent("codex").await;
    let error = codex.client.users().create_external(fresh("other"), "Other").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Forbidden, Some(403)));
    assert_eq!(error.detail(), Some("Capability required: create_external_user"));
}

#[tokio::test]
async fn an_id_or_name_that_is_of_no_use_is_refused_before_it_is_sent() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (id, name) in [("", "X"), ("  ", "X"), (".", "X"), (" .. ", "X"), ("a/b", "X"), ("a\\b", "X"), ("a", " ")] {
        let error = owner.client.users().create_external(id, name).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{id:?} {name:?}");
    }
}
