//! Events of a chat's workflow: what its members decide on.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use mycel_sdk::{Client, ErrorKind};
use mycel_tests::{Peer, Reply, World, expect_failed, expect_not_sent, expect_refused};
use serde_json::{Map, Value, json};

fn decisions(user: &str, thing: &str, decision: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    BTreeMap::from([(user.to_owned(), BTreeMap::from([(thing.to_owned(), decision.to_owned())]))])
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn an_event_begins_open_and_empty() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    assert_eq!(codex.client.workflow_events().list(&chat).await.unwrap(), []);

    let event = codex.client.workflow_events().create(&chat, "review", &codex.id).await.unwrap();
    assert_eq!((event.id.as_str(), &event.chat_id, event.kind.as_str()), ("1", &chat, "review"));
    assert_eq!((event.state.as_str(), event.state_version), ("open", 0));
    assert_eq!((event.requested_by.as_ref(), event.settled_at), (Some(&codex.id), None));
    assert_eq!((event.resource_refs.len(), event.decision_states.len(), event.rationales.len()), (0, 0, 0));
    assert_eq!((event.final_state.len(), event.metadata.len()), (0, 0));

    let next = claude.client.workflow_events().create(&chat, "release", &codex.id).await.unwrap();
    assert_eq!((next.id.as_str(), next.requested_by.as_ref()), ("2", Some(&codex.id)));
}

#[tokio::test]
async fn an_event_keeps_all_that_it_is_made_with() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let made = codex
        .client
        .workflow_events()
        .create(&chat, "review", &codex.id)
        .resource_ref(json!({"type": "task", "id": "1"}))
        .resource_ref(json!({"type": "file", "path": "README.md"}))
        .decision_states(decisions(claude.id.as_str(), "1", "pending"))
        .rationales(json!({"1": "not read yet"}))
        .final_state(json!({"1": null}))
        .metadata(json!({"round": 1}))
        .await
        .unwrap();
    assert_eq!(made.resource_refs[0], object(json!({"type": "task", "id": "1"})));
    assert_eq!(made.resource_refs[1], object(json!({"type": "file", "path": "README.md"})));
    assert_eq!(made.decision_states, decisions(claude.id.as_str(), "1", "pending"));
    assert_eq!(made.rationales, object(json!({"1": "not read yet"})));
    assert_eq!(made.final_state, object(json!({"1": null})));
    assert_eq!(made.metadata, object(json!({"round": 1})));

    let mut stored = claude.client.workflow_events().get(&chat, &made.id).await.unwrap();
    assert!(stored.updated_at.is_some());
    stored.updated_at = made.updated_at;
    assert_eq!(stored, made);
    assert_eq!(claude.client.workflow_events().list(&chat).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_update_changes_what_is_set_and_nothing_else() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let events = claude.client.workflow_events();
    let made = codex
        .client
        .workflow_events()
        .create(&chat, "review", &codex.id)
        .decision_states(decisions("somebody", "1", "pending"))
        .rationales(json!({"1": "not read yet"}))
        .metadata(json!({"round": 1}))
        .await
        .unwrap();

    let untouched = events.update(&chat, &made.id).await.unwrap();
    assert_eq!((untouched.state.as_str(), untouched.state_version), ("open", 1));
    assert_eq!((&untouched.decision_states, &untouched.rationales), (&made.decision_states, &made.rationales));
    assert_eq!((&untouched.final_state, &untouched.metadata), (&made.final_state, &made.metadata));
    assert_eq!((untouched.settled_at, untouched.created_at), (None, made.created_at));

    let settled_at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_306_561_500);
    let settled = events
        .update(&chat, &made.id)
        .state("settled")
        .final_state(json!({"1": "completed"}))
        .settled_at(settled_at)
        .await
        .unwrap();
    assert_eq!((settled.state.as_str(), settled.state_version), ("settled", 2));
    assert_eq!(settled.final_state, object(json!({"1": "completed"})));
    assert_eq!(settled.settled_at.map(SystemTime::from), Some(settled_at));
    assert_eq!((&settled.decision_states, &settled.metadata), (&made.decision_states, &made.metadata));
    assert_eq!(codex.client.workflow_events().get(&chat, &made.id).await.unwrap(), settled);
}

#[tokio::test]
async fn a_map_that_is_set_replaces_the_whole_map() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let events = codex.client.workflow_events();
    let made = events
        .create(&chat, "review", &codex.id)
        .decision_states(decisions("first", "1", "approved"))
        .rationales(json!({"1": "good", "2": "bad"}))
        .final_state(json!({"1": "done"}))
        .metadata(json!({"round": 1, "of": 3}))
        .await
        .unwrap();
    let updated = events
        .update(&chat, &made.id)
        .decision_states(decisions("second", "1", "rejected"))
        .rationales(json!({"2": "better"}))
        .final_state(json!({}))
        .metadata(json!({"round": 2}))
        .await
        .unwrap();
    assert_eq!(updated.decision_states, decisions("second", "1", "rejected"));
    assert_eq!(updated.rationales, object(json!({"2": "better"})));
    assert_eq!((updated.final_state, updated.metadata), (Map::new(), object(json!({"round": 2}))));
}

#[tokio::test]
async fn who_read_an_older_version_does_not_overwrite_a_newer_one() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let event = codex.client.workflow_events().create(&chat, "review", &codex.id).await.unwrap();
    let events = claude.client.workflow_events();
    let newer = events.update(&chat, &event.id).state("paused").expected_state_version(0).await.unwrap();

    let request = codex.client.workflow_events().update(&chat, &event.id).state("settled").expected_state_version(0);
    let error = request.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StaleStateVersion { expected: 0, actual: Some(1) });
    assert_eq!((error.status(), error.attempts(), error.may_have_been_sent()), (Some(409), 1, false));
    assert!(error.to_string().contains("version 0 was expected, and it is at version 1"), "{error}");
    assert_eq!(events.get(&chat, &event.id).await.unwrap(), newer);
    codex.client.workflow_events().update(&chat, &event.id).expected_state_version(1).await.unwrap();
}

#[tokio::test]
async fn a_deleted_event_is_gone() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let event = codex.client.workflow_events().create(&chat, "review", &codex.id).await.unwrap();
    let events = claude.client.workflow_events();
    events.delete(&chat, &event.id).await.unwrap();
    events.delete(&chat, &event.id).await.unwrap();
    assert_eq!(events.list(&chat).await.unwrap(), []);
    let errors = [
        events.get(&chat, &event.id).await.unwrap_err(),
        events.update(&chat, &event.id).state("late").await.unwrap_err(),
        events.get(&chat, "99").await.unwrap_err(),
    ];
    for error in errors {
        expect_refused(&error, ErrorKind::NotFound, 404, "Chat workflow event not found");
    }
}

#[tokio::test]
async fn somebody_who_exists_has_to_ask_for_it() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let error = codex.client.workflow_events().create(&chat, "review", "nobody-at-all").await.unwrap_err();
    expect_failed(&error);
    assert_eq!(codex.client.workflow_events().list(&chat).await.unwrap(), []);
}

#[tokio::test]
async fn they_are_of_no_concern_to_others() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    codex.client.workflow_events().create(&chat, "review", &codex.id).await.unwrap();
    let stranger = world.owner().await;
    let events = stranger.client.workflow_events();
    for (chat, kind, status, detail) in [
        (chat.as_str(), ErrorKind::Forbidden, 403, "Not a participant of this chat"),
        ("nope", ErrorKind::NotFound, 404, "Chat not found"),
    ] {
        let errors = [
            events.list(chat).await.unwrap_err(),
            events.create(chat, "review", &stranger.id).await.unwrap_err(),
            events.get(chat, "1").await.unwrap_err(),
            events.update(chat, "1").state("settled").await.unwrap_err(),
            events.delete(chat, "1").await.unwrap_err(),
        ];
        for error in errors {
            expect_refused(&error, kind, status, detail);
        }
    }
    assert_eq!(codex.client.workflow_events().get(&chat, "1").await.unwrap().state, "open");
}

#[tokio::test]
async fn what_is_no_object_is_not_sent() {
    let peer = Peer::start([Reply::json("200 OK", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let events = client.workflow_events();
    let list = json!([1]);
    let create = || events.create("c", "review", "codex");
    expect_not_sent(&create().resource_ref(json!({})).resource_ref(&list).await.unwrap_err(), "a resource ref");
    expect_not_sent(&create().rationales(&list).await.unwrap_err(), "the rationales");
    expect_not_sent(&create().final_state(&list).await.unwrap_err(), "the final state");
    expect_not_sent(&create().metadata(&list).await.unwrap_err(), "the metadata");
    let update = || events.update("c", "1");
    expect_not_sent(&update().rationales(&list).await.unwrap_err(), "the rationales");
    expect_not_sent(&update().final_state(&list).await.unwrap_err(), "the final state");
    expect_not_sent(&update().metadata(&list).await.unwrap_err(), "the metadata");
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    expect_not_sent(&update().settled_at(before).await.unwrap_err(), "before 1970");
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn what_is_not_set_is_not_sent() {
    let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    client.workflow_events().update("c", "1").state("paused").expected_state_version(3).await.unwrap_err();
    assert_eq!(
        serde_json::from_str::<Value>(&peer.bodies()[0]).unwrap(),
        json!({"state": "paused", "expected_state_version": 3})
    );
}
