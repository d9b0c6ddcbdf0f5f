//! Managed agents.

use mycel_sdk::{AgentStatus, Client, ErrorKind, UserKind};
use mycel_tests::{Peer, Reply, World, expect_refused};

#[tokio::test]
async fn a_new_agent_is_a_draft_without_a_configuration() {
    let Some(world) = World::start_local("a_new_agent_is_a_draft_without_a_configuration").await else { return };
    let ada = world.registered().await;
    let agent = ada.client.agents().create("Chanterelle").description("Answers questions").await.unwrap();
    let summary = &agent.summary;
    assert_eq!((summary.name.as_str(), summary.description.as_str()), ("Chanterelle", "Answers questions"));
    assert_eq!((&summary.status, &summary.model, &summary.source), (&AgentStatus::Draft, &None, &None));
    let id = summary.id.as_str();
    assert!(id.starts_with("m_") && id.len() == "m_".len() + 12, "{id}");
    // The backend keeps no times of agents, and writes 0.
    assert_eq!((summary.created_at, summary.updated_at), (None, None));

    let config = &agent.config;
    assert_eq!((config.prompt.as_str(), config.compact_trigger_tokens), ("", None));
    assert_eq!((config.rules.len(), config.tools.len(), config.mcp_servers.len()), (0, 0, 0));
    assert_eq!((config.skills.len(), config.sub_agents.len()), (0, 0));

    let bare = ada.client.agents().create("Chanterelle").await.unwrap().summary;
    assert_eq!((bare.name.as_str(), bare.description.as_str()), ("Chanterelle", ""));
    assert_ne!(bare.id, summary.id);
}

#[tokio::test]
async fn the_list_has_the_callers_own_agents() {
    let Some(world) = World::start_local("the_list_has_the_callers_own_agents").await else { return };
    let (ada, grace) = (world.registered().await, world.registered().await);
    let made = ada.client.agents().create("Chanterelle").await.unwrap().summary;
    let of_ada = ada.client.agents().list().await.unwrap();
    assert_eq!((of_ada.len(), of_ada.last()), (3, Some(&made)));
    assert_eq!([&of_ada[0].status, &of_ada[1].status], [&AgentStatus::Active; 2]);
    let of_grace = grace.client.agents().list().await.unwrap();
    assert_eq!(of_grace.len(), 2);
    assert!(of_grace.iter().all(|agent| of_ada.iter().all(|other| other.id != agent.id)));
}

#[tokio::test]
async fn an_agent_is_a_user_to_talk_to() {
    let Some(world) = World::start_local("an_agent_is_a_user_to_talk_to").await else { return };
    let ada = world.registered().await;
    let agent = ada.client.agents().create("Chanterelle").await.unwrap().summary;
    let chat = ada.client.chats().ensure_direct(&agent.id).await.unwrap();
    let sent = ada.client.messages().send(&chat.id, "hello").mention(&agent.id).await.unwrap();
    assert_eq!(sent.mentions, std::slice::from_ref(&agent.id));
    let members = ada.client.chats().get(&chat.id).await.unwrap().members;
    let member = members.iter().find(|member| member.id == agent.id).unwrap();
    assert_eq!((member.name.as_str(), &member.kind), ("Chanterelle", &UserKind::Agent));
}

#[tokio::test]
async fn guests_and_agents_make_none() {
    let Some(world) = World::start_local("guests_and_agents_make_none").await else { return };
    let guest = world.owner().await;
    let codex = world.registered().await.agent("codex").await;
    for actor in [guest, codex] {
        let error = actor.client.agents().create("Chanterelle").await.unwrap_err();
        expect_refused(&error, ErrorKind::Forbidden, 403, "Capability required: create_managed_agent");
        assert_eq!(actor.client.agents().list().await.unwrap(), []);
    }
    let error = world.client.agents().list().await.unwrap_err();
    expect_refused(&error, ErrorKind::Unauthorized, 401, "Missing or invalid Authorization header");
}

#[tokio::test]
async fn what_an_agent_is_connected_to_is_handed_over_and_not_shown() {
    let body = r#"{"id":"m_1","name":"Morel","description":"","status":"draft","version":"1","created_at":0,"updated_at":0,
        "config":{"prompt":"Be brief.","rules":[],"tools":[],"mcpServers":[{"env":{"API_KEY":"hunter2"}}],"skills":[],
        "subAgents":[]}}"#;
    let peer = Peer::start([Reply::json("200 OK", body)]).await;
    let agent = Client::builder(peer.url()).build().unwrap().agents().create("Morel").await.unwrap();
    assert_eq!(agent.config.mcp_servers[0]["env"]["API_KEY"], "hunter2");
    let shown = format!("{agent:?} {agent:#?}");
    assert!(shown.contains("Be brief.") && shown.contains("[redacted]") && !shown.contains("hunter2"), "{shown}");
}
