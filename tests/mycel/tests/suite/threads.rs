//! Threads of managed agents.

use mycel_sdk::{BindMount, Client, ErrorKind};
use mycel_tests::{Peer, Reply, World, expect_refused};
use serde_json::{Value, json};

#[tokio::test]
async fn the_first_thread_is_the_main_one() {
    let Some(world) = World::start_local("the_first_thread_is_the_main_one").await else { return };
    let ada = world.registered().await;
    let agent = ada.client.agents().create("Chanterelle").await.unwrap().summary;
    for branch in 0..3 {
        let thread = ada.client.threads().create(&agent.id).await.unwrap();
        assert_eq!(thread.id, format!("{}-{}", agent.id, branch + 1).as_str());
        assert_eq!((thread.branch_index, thread.is_main), (branch, branch == 0));
        assert_eq!((&thread.agent_id, thread.agent_name.as_str()), (&agent.id, "Chanterelle"));
        assert_eq!((thread.sandbox.as_str(), thread.sidebar_label), ("local", None));
    }
    // The branches of another agent are its own.
    let other = ada.client.agents().create("Morel").await.unwrap().summary;
    assert!(ada.client.threads().create(&other.id).await.unwrap().is_main);
}

#[tokio::test]
async fn the_backend_takes_all_options() {
    let Some(world) = World::start_local("the_backend_takes_all_options").await else { return };
    let ada = world.registered().await;
    let agent = ada.client.agents().create("Chanterelle").await.unwrap().summary;
    let thread = ada
        .client
        .threads()
        .create(&agent.id)
        .sandbox("local")
        .cwd("/repo")
        .model("large")
        .agent("coder")
        .bind_mount(BindMount::new("/srv/data", "/data").read_only())
        .bind_mount(BindMount::new("/srv/template", "/work").copied())
        .await
        .unwrap();
    assert_eq!((thread.sandbox.as_str(), thread.is_main), ("local", true));
}

#[tokio::test]
async fn what_is_set_is_on_the_wire_and_nothing_else() {
    let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let whole = client
        .threads()
        .create("m_1")
        .sandbox("e2b")
        .sandbox_template("recipe-1")
        .existing_sandbox("sandbox-1")
        .cwd("/repo")
        .model("large")
        .agent("coder")
        .bind_mount(BindMount::new("/srv/data", "/data").read_only())
        .bind_mount(BindMount::new("/srv/template", "/work").copied())
        .bind_mount(BindMount::new("/srv/plain", "/plain"));
    whole.await.unwrap_err();
    client.threads().create("m_1").await.unwrap_err();

    assert!(peer.requests()[0].starts_with("POST /api/threads HTTP/1.1\r\n"));
    let bodies: Vec<Value> = peer.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(
        bodies[0],
        json!({
            "agent_user_id": "m_1",
            "sandbox": "e2b",
            "sandbox_template_id": "recipe-1",
            "existing_sandbox_id": "sandbox-1",
            "cwd": "/repo",
            "model": "large",
            "agent": "coder",
            "bind_mounts": [
                {"source": "/srv/data", "target": "/data", "read_only": true},
                {"source": "/srv/template", "target": "/work", "mode": "copy"},
                {"source": "/srv/plain", "target": "/plain"},
            ],
        })
    );
    // The backend takes no null for the mounts: they are left out.
    assert_eq!(bodies[1], json!({"agent_user_id": "m_1"}));
}

#[tokio::test]
async fn only_the_owner_makes_threads_of_an_agent() {
    let Some(world) = World::start_local("only_the_owner_makes_threads_of_an_agent").await else { return };
    let (ada, grace) = (world.registered().await, world.registered().await);
    let agent = ada.client.agents().create("Chanterelle").await.unwrap().summary;
    let codex = ada.agent("codex").await;
    let errors = [
        grace.client.threads().create(&agent.id).await.unwrap_err(),
        ada.client.threads().create("m_nobody").await.unwrap_err(),
        // An external agent is no managed one.
        ada.client.threads().create(&codex.id).await.unwrap_err(),
    ];
    for error in errors {
        expect_refused(&error, ErrorKind::Forbidden, 403, "Not authorized");
    }
    for actor in [world.owner().await, codex] {
        let error = actor.client.threads().create(&agent.id).await.unwrap_err();
        expect_refused(&error, ErrorKind::Forbidden, 403, "Capability required: use_sandbox");
    }
}

#[tokio::test]
async fn a_sandbox_that_can_not_be_had_is_named() {
    let Some(world) = World::start_local("a_sandbox_that_can_not_be_had_is_named").await else { return };
    let ada = world.registered().await;
    let agent = ada.client.agents().create("Chanterelle").await.unwrap().summary;
    let create = || ada.client.threads().create(&agent.id);

    let error = create().existing_sandbox("sandbox-1").await.unwrap_err();
    expect_refused(&error, ErrorKind::Forbidden, 403, "Sandbox not authorized");
    let error = create().sandbox_template(" ").await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "Recipe id is required");
    let error = create().sandbox_template("recipe-1").await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "Recipe not found");
    let error = create().sandbox("e2b").await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "sandbox_provider_unavailable");
    assert_eq!(error.detail_object().unwrap()["provider"], "e2b");

    assert!(create().await.unwrap().is_main);
}

#[tokio::test]
async fn a_body_without_a_detail_is_read_too() {
    for (status, body, kind, code, name) in [
        (
            "409 Conflict",
            r#"{"error":"sandbox_quota_exceeded","message":"no more than 3","resource":"cpu"}"#,
            ErrorKind::Conflict,
            409,
            "sandbox_quota_exceeded",
        ),
        (
            "400 Bad Request",
            r#"{"error":"sandbox_capability_mismatch","provider":"e2b","requested":"gpu","capability":{"gpu":false}}"#,
            ErrorKind::Rejected,
            400,
            "sandbox_capability_mismatch",
        ),
    ] {
        let peer = Peer::start([Reply::json(status, body)]).await;
        let client = Client::builder(peer.url()).build().unwrap();
        let error = client.threads().create("m_1").await.unwrap_err();
        expect_refused(&error, kind, code, name);
        assert_eq!(Value::Object(error.detail_object().unwrap().clone()), serde_json::from_str::<Value>(body).unwrap());
        assert!(error.to_string().contains(name), "{error}");
    }
}
