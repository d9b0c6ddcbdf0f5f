//! A teammate of m8tes is lent.

use agent_bridge::{Lent, Store};
use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend, Question, Run, RunFailure};
use m8tes_sdk::PermissionMode;
use m8tes_sdk::runs::Ask;
use serde_json::json;

use crate::world::{World, account};

/// A teammate whose runs do this.
async fn teammate(backend: &LocalBackend) -> Lent {
    let client = account(backend.base_url());
    let teammate = client.teammates().create().name("Scheduler").await.unwrap();
    Lent::m8tes(client, teammate.id)
}

async fn scripted() -> (LocalBackend, Lent) {
    let backend = LocalBackend::builder().scripted().start().await.unwrap();
    let lent = teammate(&backend).await;
    (backend, lent)
}

#[tokio::test]
async fn messages_are_turns_of_one_run() {
    let world = World::new().await;
    let (backend, lent) = scripted().await;
    let _bridge = world.bridge(lent, Store::in_memory());
    world.says("say one").await;
    assert_eq!(world.has_said(1).await, ["one"]);
    world.says("say two").await;
    world.says("say three").await;
    assert_eq!(world.has_said(3).await, ["one", "two", "three"]);
    let client = account(backend.base_url());
    assert_eq!(client.runs().list().await.unwrap().data.len(), 1, "one run for the chat");
}

#[tokio::test]
async fn a_note_says_which_tool_is_used() {
    let world = World::new().await;
    let backend = LocalBackend::builder()
        .on_run(|run: Run| async move {
            run.tool("calendar", &json!({}), &json!({ "free": true })).await;
            run.tool("clock", &json!({}), &json!({})).await;
            run.text("At ten.");
            Ok::<(), RunFailure>(())
        })
        .start()
        .await
        .unwrap();
    let client = account(backend.base_url());
    let teammate = client.teammates().create().name("Scheduler").await.unwrap();
    let lent = Lent::m8tes_with_mode(client, teammate.id, PermissionMode::Autonomous);
    let _bridge = world.bridge(lent, Store::in_memory());
    world.says("When?").await;
    world.is_done_with("At ten.").await;
    assert_eq!(world.said_and_noted().await, ["… using calendar", "At ten."], "and no more than one at once");
}

#[tokio::test]
async fn a_tool_is_shown_and_the_person_is_asked_for_it() {
    let world = World::new().await;
    let (_backend, lent) = scripted().await;
    let _bridge = world.bridge(lent, Store::in_memory());
    world.says("ask gmail_send {\"to\": \"ada@example.com\"}\nsay Sent.").await;
    let said = world.has_said(1).await;
    let asked = said.last().unwrap();
    assert!(asked.contains("May I use gmail_send?") && asked.contains("ada@example.com"), "{said:?}");
    let before = said.len();

    world.says("yes, but only tomorrow").await;
    let said = world.has_said(before + 1).await;
    assert_eq!(said.last().unwrap(), "Please answer yes, no, or always.");
    world.says("yes").await;
    world.is_done_with("allowedSent.").await;
}

#[tokio::test]
async fn a_question_is_answered_by_number_and_a_refusal_is_heard() {
    let world = World::new().await;
    let backend = LocalBackend::builder()
        .on_run(|run: Run| async move {
            let question = Question::new("Which channel?").option("#general").option("#random");
            let channel = run.question(question).await.unwrap_or_default();
            let is_allowed = run.ask_permission("post", &json!({ "channel": channel })).await.is_allowed();
            run.text(format!("{channel} {is_allowed}"));
            Ok::<(), RunFailure>(())
        })
        .start()
        .await
        .unwrap();
    let lent = teammate(&backend).await;
    let _bridge = world.bridge(lent, Store::in_memory());
    world.says("Post it").await;
    assert_eq!(world.has_said(1).await, ["Which channel?\n1. #general\n2. #random"]);
    world.says("2").await;
    assert!(world.has_said(2).await[1].starts_with("May I use post?"));
    world.says("no").await;
    assert_eq!(world.has_said(3).await[2], "#random false");
}

#[tokio::test]
async fn a_run_that_fails_is_told_and_the_next_message_is_answered() {
    let world = World::new().await;
    let (_backend, lent) = scripted().await;
    let _bridge = world.bridge(lent, Store::in_memory());
    world.says("fail it was asked to").await;
    let said = world.has_said(1).await;
    assert!(said[0].starts_with("I can't answer that: "), "{said:?}");
    world.says("say again").await;
    assert_eq!(world.has_said(2).await[1], "again");
}

#[tokio::test]
async fn in_a_group_only_what_calls_the_agent_is_answered() {
    let world = World::new().await;
    let (_backend, lent) = scripted().await;
    let other = world.person.users().create_external("other", "Other").await.unwrap();
    let members = [world.agent_id.clone(), other.user.id.clone()];
    let group = world.person.chats().create(members).title("Group").await.unwrap().id;
    let _bridge = world.bridge(lent, Store::in_memory());
    let messages = world.person.messages();
    messages.send(&group, "say not called").enforce_caught_up(false).await.unwrap();
    let agents = world.person.with_auth_token(other.token);
    let of_agent = agents.messages().send(&group, "say an agent's").mention(&world.agent_id);
    of_agent.enforce_caught_up(false).await.unwrap();
    messages.send(&group, "say called").mention(&world.agent_id).enforce_caught_up(false).await.unwrap();
    let world = World { chat: group, ..world };
    assert_eq!(world.has_said(1).await, ["called"]);
}

#[tokio::test]
async fn in_a_group_the_one_who_asked_decides_and_calls_the_agent() {
    let world = World::new().await;
    let (_backend, lent) = scripted().await;
    let other = world.person.users().create_external("other", "Other").await.unwrap();
    let members = [world.agent_id.clone(), other.user.id.clone()];
    let group = world.person.chats().create(members).title("Group").await.unwrap().id;
    let _bridge = world.bridge(lent, Store::in_memory());
    let other = world.person.with_auth_token(other.token);
    let world = World { chat: group, ..world };
    let says = async |client: &mycel_sdk::Client, text: &str, calls: bool| {
        let message = client.messages().send(&world.chat, text).enforce_caught_up(false);
        let message = if calls { message.mention(&world.agent_id) } else { message };
        message.await.unwrap();
    };
    says(&world.person, "ask gmail_send {}\nsay Sent.", true).await;
    let said = world.has_said(1).await;
    assert!(said[0].ends_with("Please answer yes, no, or always.\n(Mention me when you answer.)"), "{said:?}");
    says(&other, "yes", true).await;
    says(&world.person, "no", false).await;
    says(&world.person, "yes", true).await;
    assert_eq!(world.has_said(2).await[1], "allowedSent.");
}

#[tokio::test]
async fn a_token_that_mycel_does_not_accept_ends_it() {
    let world = World::new().await;
    let (_backend, lent) = scripted().await;
    let world = World { agent: world.agent.with_auth_token("tok-nobodys"), ..world };
    let error = world.bridge(lent, Store::in_memory()).outcome().await.unwrap_err();
    assert!(error.to_string().starts_with("Mycel: ") && !error.to_string().contains("tok-nobodys"), "{error}");
}

/// What can be approved in a chat can be approved elsewhere as well.
#[tokio::test]
async fn what_is_decided_elsewhere_is_not_waited_for_in_the_chat() {
    let world = World::new().await;
    let (backend, lent) = scripted().await;
    let _bridge = world.bridge(lent, Store::in_memory());
    world.says("ask gmail_send {}\nsay Sent.").await;
    world.has_said(1).await;
    let client = account(backend.base_url());
    let run = client.runs().list().await.unwrap().data[0].id;
    let request = client.runs().permissions(run).await.unwrap().remove(0);
    let Ask::Tool(tool) = request.ask() else { panic!("{request:?}") };
    client.runs().resolve(run, tool.allow()).await.unwrap();
    world.is_done_with("allowedSent.").await;
    world.says("say next").await;
    world.is_done_with("next").await;
}

/// A run may be at work for somebody who talks with it elsewhere.
#[tokio::test]
async fn a_turn_waits_while_the_run_is_at_work_for_somebody_else() {
    let world = World::new().await;
    let (backend, lent) = scripted().await;
    let _bridge = world.bridge(lent, Store::in_memory());
    world.says("say one").await;
    world.has_said(1).await;
    let client = account(backend.base_url());
    let run = client.runs().list().await.unwrap().data[0].id;
    client.runs().reply(run, "wait 700\nsay theirs").await.unwrap();
    world.says("say mine").await;
    assert_eq!(world.has_said(2).await, ["one", "mine"]);
    assert_eq!(client.runs().list().await.unwrap().data.len(), 1, "the conversation is the same");
}

/// Mycel can't store it.
#[tokio::test]
async fn an_answer_with_a_null_character_is_said_without_it() {
    let world = World::new().await;
    let backend = LocalBackend::builder()
        .on_run(|run: Run| async move {
            run.text("a\0b");
            Ok::<(), RunFailure>(())
        })
        .start()
        .await
        .unwrap();
    let _bridge = world.bridge(teammate(&backend).await, Store::in_memory());
    world.says("Hello").await;
    assert_eq!(world.has_said(1).await, ["ab"]);
}

/// Mycel tells people nothing of what comes.
#[tokio::test]
async fn a_token_of_a_person_ends_it() {
    let world = World::new().await;
    let (_backend, lent) = scripted().await;
    let world = World { agent: world.person.clone(), ..world };
    let error = world.bridge(lent, Store::in_memory()).outcome().await.unwrap_err();
    assert!(error.to_string().starts_with("Mycel: the token is a person's"), "{error}");
}

#[tokio::test]
async fn a_teammate_that_there_is_not_ends_it() {
    let world = World::new().await;
    let (backend, _lent) = scripted().await;
    let client = account(backend.base_url());
    let error = world.bridge(Lent::m8tes(client, 999), Store::in_memory()).outcome().await.unwrap_err().to_string();
    assert!(error.starts_with("teammate 999 of m8tes: ") && !error.contains(DEFAULT_API_KEY), "{error}");
}

/// Another begins when the run is gone that a chat was.
#[tokio::test]
async fn a_conversation_that_is_gone_begins_anew() {
    let (world, folder) = (World::new().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("state.json");
    let (_backend, lent) = scripted().await;
    std::fs::write(&file, json!({ world.chat.as_str(): { "session": "999" } }).to_string()).unwrap();
    let _bridge = world.bridge(lent, Store::open(&file).unwrap());
    world.says("say one").await;
    assert_eq!(world.has_said(1).await, ["one"]);
}

/// Mycel takes no text that it counts as blank.
#[tokio::test]
async fn what_can_not_be_shown_in_the_chat_is_told_and_the_next_message_is_answered() {
    let world = World::new().await;
    let backend = LocalBackend::builder()
        .on_run(|run: Run| async move {
            match run.message() {
                "ask" => {
                    run.question(Question::new("\u{1c}")).await;
                }
                "blank" => run.text("\u{1c}"),
                message => run.text(message),
            }
            Ok::<(), RunFailure>(())
        })
        .start()
        .await
        .unwrap();
    let _bridge = world.bridge(teammate(&backend).await, Store::in_memory());
    for message in ["ask", "blank", "hello"] {
        world.says(message).await;
    }
    let said = world.has_said(3).await;
    assert!(said[0].starts_with("I can't answer that: what I have to ask can't be shown here"), "{said:?}");
    assert!(said[1].starts_with("My answer can't be shown here"), "{said:?}");
    assert_eq!(said[2], "hello");
}
