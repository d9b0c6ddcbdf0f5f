//! JSON of the members' own: configs, metadata and whatever else takes any object.

use std::future::IntoFuture;

use mycel_sdk::{Client, Error};
use mycel_tests::{Peer, Reply, World, expect_not_sent};
use serde_json::{Value, json};

/// As deep as it may be.
const DEEPEST: usize = 120;

/// An object that nests so many levels, itself the first.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!({}), |inner, _| json!({"a": inner}))
}

/// How each argument that takes any object refuses this one.
async fn refusals(client: &Client, value: &Value) -> Vec<Error> {
    let (workflows, events, tasks) = (client.workflows(), client.workflow_events(), client.tasks());
    let create = || events.create("c", "review", "u");
    let update = || events.update("c", "1");
    vec![
        workflows.set("c", "review").config(value).await.unwrap_err(),
        create().resource_ref(json!({})).resource_ref(value).await.unwrap_err(),
        create().rationales(value).await.unwrap_err(),
        create().final_state(value).await.unwrap_err(),
        create().metadata(value).await.unwrap_err(),
        update().rationales(value).await.unwrap_err(),
        update().final_state(value).await.unwrap_err(),
        update().metadata(value).await.unwrap_err(),
        tasks.create("c", "Write").metadata(value).await.unwrap_err(),
        tasks.update("c", "1").metadata(value).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn what_nobody_could_read_again_is_refused_before_anything_is_sent() {
    let peer = Peer::start([Reply::json("200 OK", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    for levels in [DEEPEST + 1, 126, 400] {
        let refusals = refusals(&client, &nested(levels)).await;
        assert_eq!(refusals.len(), 10);
        refusals.iter().for_each(|error| expect_not_sent(error, "nested more than 120 levels deep"));
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn what_is_not_refused_is_read_again_wherever_it_is_told() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let deepest = nested(DEEPEST);
    let object = deepest.as_object().unwrap();

    let (workflows, events, tasks) = (codex.client.workflows(), codex.client.workflow_events(), codex.client.tasks());
    workflows.set(&chat, "review").config(&deepest).await.unwrap();
    assert_eq!(workflows.get(&chat).await.unwrap().config, *object);

    let event = events.create(&chat, "review", &codex.id).resource_ref(&deepest).rationales(&deepest);
    let made = event.final_state(&deepest).metadata(&deepest).into_future().await.unwrap();
    let listed = events.list(&chat).await.unwrap().remove(0);
    assert_eq!(listed.resource_refs, std::slice::from_ref(object));
    for part in [&listed.rationales, &listed.final_state, &listed.metadata] {
        assert_eq!(part, object);
    }
    // What an event is about is told to the other member, too.
    let drained = claude.client.notifications().drain().await.unwrap();
    let told = drained.iter().find(|notification| notification.metadata.contains_key("resource_refs"));
    assert_eq!(told.unwrap().metadata["resource_refs"], json!([deepest]), "{}", made.id);

    tasks.create(&chat, "Write").metadata(&deepest).await.unwrap();
    assert_eq!(tasks.list(&chat).await.unwrap()[0].metadata, *object);
}
