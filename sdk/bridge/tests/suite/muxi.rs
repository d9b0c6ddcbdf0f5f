//! A formation of MUXI is lent.

use std::fs;
use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agent_bridge::{Config, Lent, Pace, Store};
use muxi_local_backend::{CLIENT_KEY, KEY_ID, LocalBackend, Reply, SECRET_KEY, Turn, TurnFailure};
use muxi_sdk::{FormationClient, ServerClient, SessionId};
use serde_json::json;
use test_harness::{Door, Fault, Script, ScriptedNetwork, soon};
use tokio::time::sleep;

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

fn client(url: &str) -> FormationClient {
    FormationClient::direct(url).client_key(CLIENT_KEY).build().unwrap()
}

/// Waits until the state file holds this.
async fn is_kept(file: &Path, what: &str) {
    let kept = async {
        while !fs::read_to_string(file).is_ok_and(|text| text.contains(what)) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    soon(kept).await;
}

/// What it knows of its turns is gone when a formation is restarted.
#[tokio::test]
async fn a_turn_that_a_restarted_formation_has_lost_is_told_and_not_begun_again() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("state.json");
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let never = move |turn: Turn| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            turn.text("Half ");
            pending::<()>().await;
            Ok::<_, TurnFailure>(Reply::told())
        }
    };
    let backend = LocalBackend::builder().on_chat(never).start().await.unwrap();
    let address = backend.address();
    let _bridge = world.bridge(Lent::muxi(client(backend.url())), Store::open(&file).unwrap());
    world.says("one").await;
    is_kept(&file, "\"has_begun\":true").await;
    backend.shutdown().await;
    let _backend = LocalBackend::builder().listen(address).start().await.unwrap();
    let said = world.has_said(1).await;
    assert!(said[0].starts_with("I can't answer that: the formation does not know any more"), "{said:?}");
    world.says("two").await;
    assert_eq!(world.has_said(2).await[1], "Echo: two");
    assert_eq!(begun.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_message_that_comes_while_the_formation_is_away_is_answered_when_it_is_back() {
    let world = World::new().await;
    let backend = muxi_local_backend::start().await.unwrap();
    let address = backend.address();
    let _bridge = world.bridge(Lent::muxi(client(backend.url())), Store::in_memory());
    world.says("one").await;
    world.has_said(1).await;
    backend.shutdown().await;
    world.says("two").await;
    world.is_taken_in().await;
    let backend = LocalBackend::builder().listen(address).start().await.unwrap();
    assert_eq!(world.has_said(2).await, ["Echo: one", "Echo: two"]);
    let user = format!("mycel-{}", world.chat);
    let sessions = client(backend.url()).sessions().list().user(user).await.unwrap();
    assert_eq!(sessions.len(), 1, "the conversation is the same");
}

/// A formation forgets what came of a turn minutes after its end, and remembers the conversation for longer.
#[tokio::test]
async fn an_answer_that_is_only_in_the_conversation_any_more_is_found_there() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("state.json");
    let backend = muxi_local_backend::start().await.unwrap();
    let asked = world.says("one").await;
    let (user, id) = (format!("mycel-{}", world.chat), format!("mycel-{}", asked.id));
    let chat = client(backend.url());
    let chat = chat.chat("one").user(user.as_str()).session(SessionId::from(user.clone())).request_id(id);
    chat.stream().await.unwrap().finish().await.unwrap();
    let turn = json!({
        "asked": { "id": asked.id, "seq": asked.seq, "sender": asked.sender_id, "text": "one" }, "said": asked.seq,
        "has_begun": true,
    });
    fs::write(&file, json!({ world.chat.as_str(): { "seen": asked.seq, "turn": turn } }).to_string()).unwrap();

    let unknown = json!({
        "object": "error", "timestamp": 0, "type": "error.internal", "request": { "id": "r", "idempotency_key": null },
        "success": false, "error": { "code": "REQUEST_NOT_FOUND", "message": "Request not found", "data": null }, "data": {},
    });
    let unknown = unknown.to_string();
    let head = format!(
        "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        unknown.len()
    );
    let network = ScriptedNetwork::start(backend.address(), Door::Open).await;
    // The first exchange is whether the key is accepted.
    network.follow(Script::new([Fault::Pass, Fault::Answer((head + &unknown).into_bytes(), None)], 0));
    let _bridge = world.bridge(Lent::muxi(client(network.url())), Store::open(&file).unwrap());
    assert_eq!(world.has_said(1).await, ["Echo: one"]);
    let session = client(backend.url()).sessions().get(SessionId::from(user.clone())).user(user).await.unwrap();
    assert_eq!(session.message_count, Some(2), "it was begun once");
}

#[tokio::test]
async fn what_can_be_chosen_is_a_list_and_the_next_message_chooses() {
    let world = World::new().await;
    let script = |turn: Turn| async move {
        let region = json!({
            "type": "options", "id": "ui_1", "prompt": "Which region?", "multi": false,
            "options": [{ "value": "eu", "label": "Europe" }, { "value": "us", "label": "America" }],
        });
        let answer = turn.widget_answer().map(ToString::to_string);
        if turn.message() == "where" {
            turn.widget(region);
        }
        Ok::<_, TurnFailure>(Reply::text(format!("{} {}", turn.message(), answer.unwrap_or_default())))
    };
    let backend = LocalBackend::builder().on_chat(script).start().await.unwrap();
    let _bridge = world.bridge(Lent::muxi(client(backend.url())), Store::in_memory());
    world.says("where").await;
    let list = "where \nWhich region?\n1. Europe\n2. America";
    assert_eq!(world.has_said(1).await, [list]);
    world.says("2").await;
    assert_eq!(world.has_said(2).await[1], r#"America {"id":"ui_1","value":"us"}"#);
    world.says("1").await;
    assert_eq!(world.has_said(3).await[2], "1 ", "it is chosen once");
    world.says("where").await;
    world.has_said(4).await;
    world.says("neither").await;
    assert_eq!(world.has_said(5).await[4], "neither ", "what is none of them is said");
}

#[tokio::test]
async fn a_formation_behind_its_management_server_is_lent_through_that() {
    let (world, token) = World::with_token(mycel_local_backend::start().await.unwrap()).await;
    let backend = muxi_local_backend::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bridge.toml");
    fs::write(&file, "[muxi]\nformation = 'echo-bot'\n").unwrap();
    let variables = [
        ("MYCEL_BASE_URL", world.mycel.url()),
        ("MYCEL_AUTH_TOKEN", &token),
        ("MUXI_SERVER_URL", backend.url()),
        ("MUXI_CLIENT_KEY", CLIENT_KEY),
    ];
    let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let bridge = Config::from_file(&file).unwrap().with_variables(find).unwrap().bridge().unwrap();
    let pace = Pace::default().longest_pause(Duration::from_millis(200));
    let _bridge = tokio::spawn(bridge.pace(pace).run());
    world.says("one").await;
    assert_eq!(world.has_said(1).await, ["Echo: one"]);

    // While the formation is stopped, the server answers in its place.
    let server = ServerClient::builder(backend.url()).key_id(KEY_ID).secret_key(SECRET_KEY).build().unwrap();
    server.stop("echo-bot").await.unwrap();
    world.says("two").await;
    world.is_taken_in().await;
    server.start("echo-bot").await.unwrap();
    assert_eq!(world.has_said(2).await, ["Echo: one", "Echo: two"]);
}

#[tokio::test]
async fn a_key_that_the_formation_does_not_accept_ends_it() {
    let world = World::new().await;
    let backend = muxi_local_backend::start().await.unwrap();
    let formation = FormationClient::direct(backend.url()).client_key("wrong-key").build().unwrap();
    let error = world.bridge(Lent::muxi(formation), Store::in_memory()).outcome().await.unwrap_err().to_string();
    assert!(error.starts_with("the formation of MUXI at http://") && !error.contains("wrong-key"), "{error}");
}

/// A formation may answer at once that it will, later.
#[tokio::test]
async fn a_turn_in_the_background_is_waited_for() {
    let (world, backend) = (World::new().await, muxi_local_backend::start().await.unwrap());
    let later = json!({
        "object": "chat", "timestamp": 0, "type": "chat", "request": { "id": "r", "idempotency_key": null },
        "success": true, "error": null, "data": { "message": { "status": "processing", "request_id": "r" } },
    });
    let later = later.to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", later.len());
    let network = ScriptedNetwork::start(backend.address(), Door::Open).await;
    // The first exchange is whether the key is accepted.
    network.follow(Script::new([Fault::Pass, Fault::Replace((head + &later).into_bytes())], 0));
    let _bridge = world.bridge(Lent::muxi(client(network.url())), Store::in_memory());
    world.says("one").await;
    assert_eq!(world.has_said(1).await, ["Echo: one"]);
    let user = format!("mycel-{}", world.chat);
    let session = client(backend.url()).sessions().get(SessionId::from(user.clone())).user(user).await.unwrap();
    assert_eq!(session.message_count, Some(2), "it was begun once");
}
