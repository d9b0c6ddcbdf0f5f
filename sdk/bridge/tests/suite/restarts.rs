//! All sides end and begin again, at any time; each message is answered once.

use std::net::SocketAddr;
use std::path::Path;

use agent_bridge::{Lent, Store};
use m8tes_local_backend::DEFAULT_API_KEY;
use m8tes_sdk::Client;
use test_harness::soon;

use crate::world::World;

async fn mycel(file: &Path, address: SocketAddr) -> mycel_local_backend::LocalBackend {
    mycel_local_backend::LocalBackend::builder().data(file).listen(address).start().await.unwrap()
}

async fn m8tes(file: &Path, address: SocketAddr) -> m8tes_local_backend::LocalBackend {
    m8tes_local_backend::LocalBackend::builder().data(file).listen(address).scripted().start().await.unwrap()
}

#[tokio::test]
async fn who_is_asked_for_permission_may_answer_another_bridge() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let backend = m8tes(&folder.path().join("m8tes"), "127.0.0.1:0".parse().unwrap()).await;
    let client = Client::builder(DEFAULT_API_KEY).base_url(backend.base_url()).build().unwrap();
    let teammate = client.teammates().create().name("Ada's").await.unwrap().id;
    let lent = || Lent::m8tes(client.clone(), teammate);
    let store = || Store::open(folder.path().join("state.json")).unwrap();

    let first = world.bridge(lent(), store());
    world.says("ask gmail_send {\"to\": 1}\nsay Sent.").await;
    world.has_said(1).await;
    first.kill().await;
    let before = world.said().await;
    world.says("yes").await;
    let _second = world.bridge(lent(), store());
    let said = world.is_done_with("allowedSent.").await;
    let asked = |said: &[String]| said.iter().filter(|said| said.starts_with("May I use")).count();
    assert_eq!((asked(&before), asked(&said)), (1, 1), "nobody is asked twice: {said:?}");
    assert_eq!(client.runs().list().await.unwrap().data.len(), 1);
}

/// In each round the bridge is killed while messages come, and so is one of the backends.
#[tokio::test]
async fn each_message_is_answered_once_whoever_is_restarted() {
    const ROUNDS: usize = 12;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut world = World::on(mycel(&file("mycel"), "127.0.0.1:0".parse().unwrap()).await).await;
    let mut backend = m8tes(&file("m8tes"), "127.0.0.1:0".parse().unwrap()).await;
    let client = Client::builder(DEFAULT_API_KEY).base_url(backend.base_url()).build().unwrap();
    let teammate = client.teammates().create().name("Ada's").await.unwrap().id;
    let store = || Store::open(file("state.json")).unwrap();
    for round in 0..ROUNDS {
        let bridge = world.bridge(Lent::m8tes(client.clone(), teammate), store());
        world.says(&format!("say {round} once")).await;
        world.says(&format!("say {round} twice")).await;
        // At another point of the work in each round.
        for _ in 0..round * 40 {
            tokio::task::yield_now().await;
        }
        if round % 3 == 1 {
            let address = backend.address();
            backend.shutdown().await;
            backend = m8tes(&file("m8tes"), address).await;
        }
        if round % 3 == 2 {
            let address = world.mycel.address();
            world.mycel.shutdown().await;
            world.mycel = mycel(&file("mycel"), address).await;
        }
        if round % 2 == 0 {
            soon(world.has_said(2 * round)).await;
        }
        bridge.kill().await;
    }
    let _bridge = world.bridge(Lent::m8tes(client.clone(), teammate), store());
    let said = world.has_said(2 * ROUNDS).await;
    let expected: Vec<_> = (0..ROUNDS).flat_map(|round| [format!("{round} once"), format!("{round} twice")]).collect();
    assert_eq!(said, expected);
}
