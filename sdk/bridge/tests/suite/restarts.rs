//! All sides end and begin again, at any time; each message is answered once.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use agent_bridge::{Lent, Store};
use m8tes_local_backend::DEFAULT_API_KEY;
use muxi_local_backend::CLIENT_KEY;
use muxi_sdk::FormationClient;
use test_harness::{Door, Fault, Network, Script, ScriptedNetwork, Weather, soon};
use tokio::process::{Child, Command};

use crate::world::{World, account};

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
    let client = account(backend.base_url());
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
    let client = account(backend.base_url());
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

/// The same of a formation. What it has begun is known by its id, and waited for.
#[tokio::test]
async fn each_message_is_answered_once_by_a_formation() {
    const ROUNDS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let world = World::new().await;
    let backend = muxi_local_backend::start().await.unwrap();
    let formation = FormationClient::direct(backend.url()).client_key(CLIENT_KEY).build().unwrap();
    let store = || Store::open(folder.path().join("state.json")).unwrap();
    for round in 0..ROUNDS {
        let bridge = world.bridge(Lent::muxi(formation.clone()), store());
        world.says(&format!("number {round}")).await;
        for _ in 0..round * 60 {
            tokio::task::yield_now().await;
        }
        bridge.kill().await;
    }
    let _bridge = world.bridge(Lent::muxi(formation.clone()), store());
    let said = world.has_said(ROUNDS).await;
    let expected: Vec<_> = (0..ROUNDS).map(|round| format!("Echo: number {round}")).collect();
    assert_eq!(said, expected);
    let sessions = formation.sessions().list().user(format!("mycel-{}", world.chat)).await.unwrap();
    assert_eq!(sessions.len(), 1, "one session for the chat");
}

/// The program, set up by the environment.
fn program(mycel: &str, token: &str, m8tes: &str, teammate: &str, state: &Path) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_agent-bridge"));
    program.env("MYCEL_BASE_URL", mycel).env("MYCEL_AUTH_TOKEN", token).env("AGENT_BRIDGE_STATE", state);
    program.env("M8TES_API_KEY", DEFAULT_API_KEY).env("M8TES_BASE_URL", m8tes).env("M8TES_TEAMMATE", teammate);
    program.env_remove("MUXI_FORMATION_URL").stdin(Stdio::null()).kill_on_drop(true).spawn().unwrap()
}

#[tokio::test]
async fn the_program_survives_kill_9() {
    const ROUNDS: u64 = 8;
    let folder = tempfile::tempdir().unwrap();
    let mycel = mycel_local_backend::start().await.unwrap();
    let (world, token) = World::with_token(mycel).await;
    let backend = m8tes(&folder.path().join("m8tes"), "127.0.0.1:0".parse().unwrap()).await;
    let client = account(backend.base_url());
    let teammate = client.teammates().create().name("Ada's").await.unwrap().id.to_string();
    let state = folder.path().join("state.json");
    let start = || program(world.mycel.url(), &token, &backend.base_url(), &teammate, &state);
    for round in 0..ROUNDS {
        let mut bridge = start();
        world.says(&format!("say {round}")).await;
        // At another point of the work in each round; what comes of it is the same at all of them.
        tokio::time::sleep(Duration::from_millis(30 * round)).await;
        bridge.kill().await.unwrap();
    }
    let _bridge = start();
    let expected: Vec<_> = (0..ROUNDS).map(|round| round.to_string()).collect();
    assert_eq!(world.has_said(expected.len()).await, expected);
}

/// An answer that had arrived when the bridge was killed, and was not known to have.
#[tokio::test]
async fn what_has_arrived_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new().await;
    let backend = m8tes(&folder.path().join("m8tes"), "127.0.0.1:0".parse().unwrap()).await;
    let client = account(backend.base_url());
    let teammate = client.teammates().create().name("Ada's").await.unwrap().id;
    let asked = world.says("say two").await;
    world.agent.messages().send(&world.chat, "two").enforce_caught_up(false).await.unwrap();
    let state = serde_json::json!({ world.chat.as_str(): {
        "seen": asked.seq,
        "turn": {
            "asked": { "id": asked.id, "seq": asked.seq, "sender": asked.sender_id, "text": asked.content },
            "said": asked.seq,
            "answer": "two",
        },
    } });
    std::fs::write(folder.path().join("state.json"), state.to_string()).unwrap();
    let store = Store::open(folder.path().join("state.json")).unwrap();
    let _bridge = world.bridge(Lent::m8tes(client, teammate), store);
    world.says("say three").await;
    assert_eq!(world.has_said(2).await, ["two", "three"]);
}

/// The network between the bridge and both backends is cut again and again.
#[tokio::test]
async fn each_message_is_answered_once_over_a_network_that_is_cut() {
    const ROUNDS: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let (world, token) = World::with_token(mycel_local_backend::start().await.unwrap()).await;
    let backend = m8tes(&folder.path().join("m8tes"), "127.0.0.1:0".parse().unwrap()).await;
    let (near, far) = (Network::start(world.mycel.address(), 1).await, Network::start(backend.address(), 2).await);
    let agent = mycel_sdk::Client::builder(near.url()).auth_token(token).build().unwrap();
    let client = account(far.url());
    let teammate = client.teammates().create().name("Ada's").await.unwrap().id;
    let world = World { agent, ..world };
    let _bridge = world.bridge(Lent::m8tes(client, teammate), Store::in_memory());
    for round in 0..ROUNDS {
        world.says(&format!("say {round}")).await;
        // At another point of the work in each round.
        for _ in 0..round * 50 {
            tokio::task::yield_now().await;
        }
        far.set(Weather::Cut);
        if round % 2 == 1 {
            near.set(Weather::Cut);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        near.set(Weather::Calm);
        far.set(Weather::Calm);
    }
    let expected: Vec<_> = (0..ROUNDS).map(|round| round.to_string()).collect();
    assert_eq!(world.has_said(ROUNDS).await, expected);
}

/// Asks a program to end, as a supervisor does.
fn terminate(program: &Child) {
    let id = program.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}

/// All answers of Mycel come late, so that what is sent is under way for a while after it has arrived.
#[cfg(unix)]
#[tokio::test]
async fn told_to_stop_it_finishes_what_it_is_sending() {
    let folder = tempfile::tempdir().unwrap();
    let (world, token) = World::with_token(mycel_local_backend::start().await.unwrap()).await;
    let backend = m8tes(&folder.path().join("m8tes"), "127.0.0.1:0".parse().unwrap()).await;
    let client = account(backend.base_url());
    let teammate = client.teammates().create().name("Ada's").await.unwrap().id.to_string();
    let network = ScriptedNetwork::start(world.mycel.address(), Door::Open).await;
    network.follow(Script::new([Fault::Late(Duration::from_millis(500))], 0).for_good());
    let state = folder.path().join("state.json");
    let mut bridge = program(network.url(), &token, &backend.base_url(), &teammate, &state);
    world.says("say one").await;
    world.has_said(1).await;
    terminate(&bridge);
    assert_eq!(bridge.wait().await.unwrap().code(), Some(0));
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
    assert!(kept[world.chat.as_str()]["turn"].is_null(), "it is known to have arrived: {kept}");
}

#[tokio::test]
async fn a_program_that_is_not_set_up_says_so_and_ends_with_2() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_agent-bridge"));
    let output = program.env_clear().env("MYCEL_BASE_URL", "http://127.0.0.1:1").output().await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, "agent-bridge: mycel.token (MYCEL_AUTH_TOKEN) is not set\n");
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn a_program_that_is_not_accepted_ends_with_2() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let state = folder.path().join("state.json");
    let mut program = program(world.mycel.url(), "tok-nobodys", "http://127.0.0.1:1", "1", &state);
    assert_eq!(program.wait().await.unwrap().code(), Some(2));
}

#[tokio::test]
async fn a_state_file_is_one_programs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let _first = Store::open(&state).unwrap();
    let mut second = program("http://127.0.0.1:1", "tok", "http://127.0.0.1:1", "1", &state);
    assert_eq!(second.wait().await.unwrap().code(), Some(2));
}
