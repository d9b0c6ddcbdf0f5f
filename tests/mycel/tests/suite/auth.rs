//! Guests, and who a token belongs to.

use mycel_sdk::{ErrorKind, UserKind};
use mycel_tests::World;

#[tokio::test]
async fn a_guest_owner_is_made_without_a_token() {
    let world = World::start().await;
    let guest = world.client.auth().create_guest_owner().display_name("Ada").await.unwrap();
    assert!(guest.user.id.as_str().starts_with("guest-"), "{:?}", guest.user.id);
    assert_eq!((guest.user.name.as_str(), guest.user.kind, guest.user.is_guest), ("Ada", UserKind::Human, true));
    assert_eq!((guest.user.email, guest.user.mycel_id), (None, None));

    let nameless = world.client.auth().create_guest_owner().await.unwrap();
    assert_eq!(nameless.user.name, "Guest");
    let blank = world.client.auth().create_guest_owner().display_name("  ").await.unwrap();
    assert_eq!(blank.user.name, "Guest");
    assert_ne!(nameless.user.id, blank.user.id);
}

#[tokio::test]
async fn a_token_tells_who_its_user_is() {
    let world = World::start().await;
    let owner = world.owner().await;
    let me = owner.client.me().whoami().await.unwrap();
    assert_eq!((me.id, me.kind, me.is_guest), (owner.id.clone(), UserKind::Human, true));

    let agent = owner.agent("codex").await;
    let me = agent.client.me().whoami().await.unwrap();
    assert_eq!((me.id, me.name.as_str(), me.kind, me.is_guest), (agent.id, "codex", UserKind::External, false));
}

#[tokio::test]
async fn without_a_good_token_nothing_goes() {
    let world = World::start().await;

    let error = world.client.me().whoami().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
    assert_eq!(error.detail(), Some("Missing or invalid Authorization header"));
    assert!(error.to_string().contains("no auth token was set"), "{error}");
    assert!(!error.may_have_been_sent());

    let error = world.client.with_auth_token("not-a-jwt").me().whoami().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
    assert_eq!(error.detail(), Some("Token 无效: Not enough segments"));
    assert!(error.to_string().contains("does not accept the auth token"), "{error}");
    assert_eq!((error.operation(), error.attempts()), (Some("whoami"), 1));
}

#[tokio::test]
async fn a_token_that_no_header_carries_is_refused_before_it_is_sent() {
    let world = World::start().await;
    for token in ["", "a\r\nx: y", "tökén", "a b"] {
        let error = world.client.with_auth_token(token).me().whoami().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{token:?}");
        assert!(!error.may_have_been_sent());
    }
}
