//! The workflow of a chat, and its versions.

use mycel_sdk::{Client, ErrorKind};
use mycel_tests::{Peer, Reply, World, expect_not_sent, expect_refused};
use serde_json::{Map, Value, json};

#[tokio::test]
async fn any_member_sets_sees_and_deletes_it() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let error = codex.client.workflows().get(&chat).await.unwrap_err();
    expect_refused(&error, ErrorKind::NotFound, 404, "Chat workflow not found");

    let config = json!({"reviewer": claude.id, "limits": {"rounds": 3, "budget": null}});
    let set = codex.client.workflows().set(&chat, "review").config(&config).await.unwrap();
    assert_eq!((&set.chat_id, set.kind.as_str(), set.state.as_str()), (&chat, "review", "active"));
    assert_eq!(Value::Object(set.config.clone()), config);
    assert_eq!((set.state_version, set.updated_by.as_ref()), (0, Some(&codex.id)));
    assert_eq!(set.updated_at, Some(set.created_at));
    assert_eq!(claude.client.workflows().get(&chat).await.unwrap(), set);

    claude.client.workflows().delete(&chat).await.unwrap();
    let error = codex.client.workflows().get(&chat).await.unwrap_err();
    expect_refused(&error, ErrorKind::NotFound, 404, "Chat workflow not found");
    codex.client.workflows().delete(&chat).await.unwrap();
}

#[tokio::test]
async fn each_write_counts_and_tells_whose_it_was() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let first = codex.client.workflows().set(&chat, "review").await.unwrap();
    let second = claude.client.workflows().set(&chat, "review").state("paused").await.unwrap();
    let third = codex.client.workflows().set(&chat, "review").await.unwrap();
    assert_eq!([first.state_version, second.state_version, third.state_version], [0, 1, 2]);
    assert_eq!([second.updated_by, third.updated_by], [Some(claude.id), Some(codex.id)]);
    assert_eq!([second.created_at, third.created_at], [first.created_at; 2]);
    assert!(first.updated_at < second.updated_at && second.updated_at < third.updated_at);
}

#[tokio::test]
async fn a_write_replaces_the_whole() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let workflows = codex.client.workflows();
    workflows.set(&chat, "review").state("paused").config(json!({"reviewer": "claude"})).await.unwrap();
    let bare = workflows.set(&chat, "release").await.unwrap();
    assert_eq!((bare.kind.as_str(), bare.state.as_str(), bare.config), ("release", "active", Map::new()));
}

#[tokio::test]
async fn who_read_an_older_version_does_not_overwrite_a_newer_one() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    codex.client.workflows().set(&chat, "review").await.unwrap();
    let newer = claude.client.workflows().set(&chat, "review").state("paused").expected_state_version(0).await.unwrap();

    for expected in [0, 2] {
        let request = codex.client.workflows().set(&chat, "release").expected_state_version(expected);
        let error = request.await.unwrap_err();
        let kind = ErrorKind::StaleStateVersion { expected, actual: Some(1) };
        expect_refused(&error, kind, 409, "stale_chat_workflow_state_version");
        assert_eq!(error.detail_object().unwrap()["chat_id"], chat.as_str());
        assert!(error.to_string().contains("it is at version 1"), "{error}");
    }
    assert_eq!(codex.client.workflows().get(&chat).await.unwrap(), newer);
    codex.client.workflows().set(&chat, "release").expected_state_version(1).await.unwrap();
}

#[tokio::test]
async fn a_version_of_what_is_not_there_is_stale() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    for expected in [0, 7] {
        let request = codex.client.workflows().set(&chat, "review").expected_state_version(expected);
        let error = request.await.unwrap_err();
        let kind = ErrorKind::StaleStateVersion { expected, actual: None };
        expect_refused(&error, kind, 409, "stale_chat_workflow_state_version");
        assert!(error.to_string().contains("it does not exist"), "{error}");
    }
    assert_eq!(codex.client.workflows().get(&chat).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn after_a_deletion_the_versions_begin_anew() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let workflows = codex.client.workflows();
    workflows.set(&chat, "review").await.unwrap();
    assert_eq!(workflows.set(&chat, "review").await.unwrap().state_version, 1);
    workflows.delete(&chat).await.unwrap();
    assert_eq!(workflows.set(&chat, "review").await.unwrap().state_version, 0);
}

#[tokio::test]
async fn it_is_of_no_concern_to_others() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let set = codex.client.workflows().set(&chat, "review").await.unwrap();
    let stranger = world.owner().await;
    let workflows = stranger.client.workflows();
    for (chat, kind, status, detail) in [
        (chat.as_str(), ErrorKind::Forbidden, 403, "Not a participant of this chat"),
        ("nope", ErrorKind::NotFound, 404, "Chat not found"),
    ] {
        let errors = [
            workflows.get(chat).await.unwrap_err(),
            workflows.set(chat, "review").await.unwrap_err(),
            workflows.delete(chat).await.unwrap_err(),
        ];
        for error in errors {
            expect_refused(&error, kind, status, detail);
        }
    }
    assert_eq!(codex.client.workflows().get(&chat).await.unwrap(), set);
}

#[tokio::test]
async fn a_config_that_is_no_object_is_not_sent() {
    let peer = Peer::start([Reply::json("200 OK", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    for config in [json!(null), json!([{}]), json!("text"), json!(3)] {
        let error = client.workflows().set("c", "review").config(&config).await.unwrap_err();
        expect_not_sent(&error, "the config is not a JSON object");
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn what_is_not_set_is_left_to_the_backend() {
    let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    client.workflows().set("c", "review").await.unwrap_err();
    client.workflows().set("c", "review").state("paused").expected_state_version(0).await.unwrap_err();
    let bodies: Vec<Value> = peer.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(bodies[0], json!({"kind": "review"}));
    assert_eq!(bodies[1], json!({"kind": "review", "state": "paused", "expected_state_version": 0}));
}
