//! A formation of MUXI is lent.

use agent_bridge::{Lent, Store};
use muxi_local_backend::CLIENT_KEY;
use muxi_sdk::FormationClient;

use crate::world::World;

#[tokio::test]
async fn messages_are_turns_of_one_session() {
    let world = World::new().await;
    let backend = muxi_local_backend::start().await.unwrap();
    let formation = FormationClient::direct(backend.url()).client_key(CLIENT_KEY).build().unwrap();
    let _bridge = world.bridge(Lent::muxi(formation.clone()), Store::in_memory());
    world.says("one").await;
    assert_eq!(world.has_said(1).await, ["Echo: one"]);
    world.says("two").await;
    assert_eq!(world.has_said(2).await, ["Echo: one", "Echo: two"]);
    let sessions = formation.sessions().list().user(format!("mycel-{}", world.chat)).await.unwrap();
    assert_eq!(sessions.len(), 1, "one session for the chat");
}
