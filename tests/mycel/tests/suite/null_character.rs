//! U+0000: the backend's database takes it in no text, so nothing that holds it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mycel_sdk::{BindMount, Client, Error, RetryPolicy};
use mycel_tests::{CALLED, Peer, Reply, call, expect_not_sent, is_sent, message_in};
use serde_json::{Value, json};

/// A text with it, at each end and in the middle.
const TEXTS: [&str; 3] = ["\0", "a\0b", "%00\0"];

/// An object with it in a value, and one with it in a name, each deep inside.
fn objects(text: &str) -> [Value; 2] {
    [json!({"a": 1, "b": [{"c": text}]}), json!({"a": [1, {"b": {text: null}}]})]
}

/// How every call fails with this text in one of its arguments that end up in a body, argument by argument.
async fn refusals(client: &Client, text: &str) -> Vec<Error> {
    let (auth, users, chats, messages) = (client.auth(), client.users(), client.chats(), client.messages());
    let (join_requests, relationships, agents) = (client.join_requests(), client.relationships(), client.agents());
    let (threads, workflows, events, tasks) =
        (client.threads(), client.workflows(), client.workflow_events(), client.tasks());
    let states = |user: &str, name: &str, state: &str| {
        BTreeMap::from([(user.to_owned(), BTreeMap::from([(name.to_owned(), state.to_owned())]))])
    };
    let mut errors = vec![
        auth.create_guest_owner().display_name(text).await.unwrap_err(),
        auth.login(text, "p").await.unwrap_err(),
        auth.login("ada", text).await.unwrap_err(),
        auth.send_otp(text, "p", "i").await.unwrap_err(),
        auth.send_otp("ada@example.com", text, "i").await.unwrap_err(),
        auth.send_otp("ada@example.com", "p", text).await.unwrap_err(),
        auth.verify_otp(text, "000000").await.unwrap_err(),
        auth.verify_otp("ada@example.com", text).await.unwrap_err(),
        auth.complete_register(text, "i").await.unwrap_err(),
        auth.complete_register("t", text).await.unwrap_err(),
        users.create_external(text, "Codex").await.unwrap_err(),
        users.create_external("codex", text).await.unwrap_err(),
        chats.ensure_direct(text).await.unwrap_err(),
        chats.create(["a", text]).group().await.unwrap_err(),
        chats.create(["a", "b"]).group().title(text).await.unwrap_err(),
        chats.add_member("c", text).await.unwrap_err(),
        chats.mute_member("c", text).await.unwrap_err(),
        chats.unmute_member("c", text).await.unwrap_err(),
        messages.send("c", text).await.unwrap_err(),
        messages.send("c", "hello").mention(text).await.unwrap_err(),
        messages.send("c", "hello").addressed_to(["a", text]).await.unwrap_err(),
        messages.send("c", "hello").reply_to(text).await.unwrap_err(),
        join_requests.request("c").message(text).await.unwrap_err(),
        relationships.request(text).await.unwrap_err(),
        relationships.request("u").message(text).await.unwrap_err(),
        agents.create(text).await.unwrap_err(),
        agents.create("Morel").description(text).await.unwrap_err(),
        threads.create(text).await.unwrap_err(),
        threads.create("m_1").sandbox(text).await.unwrap_err(),
        threads.create("m_1").sandbox_template(text).await.unwrap_err(),
        threads.create("m_1").existing_sandbox(text).await.unwrap_err(),
        threads.create("m_1").cwd(text).await.unwrap_err(),
        threads.create("m_1").model(text).await.unwrap_err(),
        threads.create("m_1").agent(text).await.unwrap_err(),
        threads.create("m_1").bind_mount(BindMount::new(text, "/b")).await.unwrap_err(),
        threads.create("m_1").bind_mount(BindMount::new("/a", text)).await.unwrap_err(),
        workflows.set("c", text).await.unwrap_err(),
        workflows.set("c", "review").state(text).await.unwrap_err(),
        events.create("c", text, "u").await.unwrap_err(),
        events.create("c", "review", text).await.unwrap_err(),
        events.update("c", "1").state(text).await.unwrap_err(),
        tasks.create("c", text).await.unwrap_err(),
        tasks.create("c", "Review").description(text).await.unwrap_err(),
        tasks.create("c", "Review").status(text).await.unwrap_err(),
        tasks.create("c", "Review").active_form(text).await.unwrap_err(),
        tasks.create("c", "Review").owner(text).await.unwrap_err(),
        tasks.create("c", "Review").blocks(["1", text]).await.unwrap_err(),
        tasks.create("c", "Review").blocked_by(["1", text]).await.unwrap_err(),
        tasks.update("c", "1").subject(text).await.unwrap_err(),
        tasks.update("c", "1").description(text).await.unwrap_err(),
        tasks.update("c", "1").status(text).await.unwrap_err(),
        tasks.update("c", "1").active_form(text).await.unwrap_err(),
        tasks.update("c", "1").owner(text).await.unwrap_err(),
        tasks.update("c", "1").blocks(["1", text]).await.unwrap_err(),
        tasks.update("c", "1").blocked_by(["1", text]).await.unwrap_err(),
    ];
    for states in [states(text, "x", "y"), states("u", text, "y"), states("u", "x", text)] {
        errors.push(events.create("c", "review", "u").decision_states(states.clone()).await.unwrap_err());
        errors.push(events.update("c", "1").decision_states(states).await.unwrap_err());
    }
    for object in &objects(text) {
        errors.extend([
            workflows.set("c", "review").config(object).await.unwrap_err(),
            events.create("c", "review", "u").resource_ref(json!({})).resource_ref(object).await.unwrap_err(),
            events.create("c", "review", "u").rationales(object).await.unwrap_err(),
            events.create("c", "review", "u").final_state(object).await.unwrap_err(),
            events.create("c", "review", "u").metadata(object).await.unwrap_err(),
            events.update("c", "1").rationales(object).await.unwrap_err(),
            events.update("c", "1").final_state(object).await.unwrap_err(),
            events.update("c", "1").metadata(object).await.unwrap_err(),
            tasks.create("c", "Review").metadata(object).await.unwrap_err(),
            tasks.update("c", "1").metadata(object).await.unwrap_err(),
        ]);
    }
    errors
}

/// The schema, without detours.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolved(document, document.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// Whether a value of this schema may hold any text: as itself, as a part, or as a name.
fn may_hold_text(document: &Value, schema: &Value) -> bool {
    let schema = resolved(document, schema);
    let of_all = ["allOf", "anyOf", "oneOf"].iter().filter_map(|name| schema[name].as_array()).flatten();
    match schema["type"].as_str() {
        Some("string") => schema["enum"].is_null(),
        Some("array") => may_hold_text(document, &schema["items"]),
        Some("object") => true,
        _ => of_all.into_iter().any(|schema| may_hold_text(document, schema)),
    }
}

/// Every place of every operation that the facade sends and that may hold a text, as the document has it: `send_message: content`.
fn places() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/mycel/public.json");
    let document: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut places = BTreeSet::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        // The only text of a query is a number in the facade.
        let in_path = parameters.filter(|parameter| parameter["in"] == "path").map(|parameter| &parameter["name"]);
        let mut names: Vec<&str> = in_path.map(|name| name.as_str().unwrap()).collect();
        let body = resolved(&document, &operation["requestBody"]["content"]["application/json"]["schema"]);
        let members = body["properties"].as_object().into_iter().flatten();
        names.extend(members.filter(|(_, schema)| may_hold_text(&document, schema)).map(|(name, _)| name.as_str()));
        let operation = operation["operationId"].as_str().unwrap();
        if !is_sent(operation) {
            continue;
        }
        places.extend(names.into_iter().map(|name| format!("{operation}: {name}")));
    }
    places
}

#[tokio::test]
async fn no_text_name_or_id_that_holds_it_is_sent_by_any_operation() {
    let peer = Peer::start([Reply::json("200 OK", "{}")]).await;
    let client = Client::builder(peer.url()).auth_token("t").retry(RetryPolicy::never()).build().unwrap();
    let expected = places();
    assert!(expected.len() > 90, "{}", expected.len());
    for text in TEXTS {
        let mut errors = refusals(&client, text).await;
        let message = message_in(text).await;
        for name in CALLED {
            let has = |ids: &[&str]| ids.iter().any(|id| expected.contains(&format!("{name}: {id}")));
            if has(&["chat_id", "relationship_id"]) {
                errors.push(call(&client, name, [text, "1"], &message).await.unwrap_err());
            }
            if has(&["request_id", "task_id", "event_id"]) {
                errors.push(call(&client, name, ["c", text], &message).await.unwrap_err());
            }
        }
        let mut refused = BTreeSet::new();
        for error in errors {
            expect_not_sent(&error, "` holds U+0000, which the backend can't store; leave it out");
            let line = error.to_string();
            let (operation, rest) = line.split_once(": `").unwrap();
            refused.insert(format!("{operation}: {}", rest.split('`').next().unwrap()));
        }
        let untried: Vec<_> = expected.difference(&refused).collect();
        assert!(
            untried.is_empty(),
            "tests/mycel/tests/suite/null_character.rs: write down a call with {text:?} in {untried:?}"
        );
        assert!(refused.is_subset(&expected), "{refused:?}");
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn what_only_looks_like_it_is_sent_as_it_is() {
    let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
    let client = Client::builder(peer.url()).retry(RetryPolicy::never()).build().unwrap();
    for text in ["\\\0", "\\u0000\0", "\\\\\0u0000"] {
        expect_not_sent(&client.messages().send("c", text).await.unwrap_err(), "`content` holds U+0000");
    }
    for text in ["\\u0000", "\\\\u0000", "%00", "␀", "\u{1}", "null"] {
        client.messages().send("%00", text).await.unwrap_err();
        client.tasks().create("c", "s").metadata(json!({text: [text]})).await.unwrap_err();
        let bodies = peer.bodies();
        let [.., sent, created] = &bodies[..] else { panic!("{bodies:?}") };
        assert_eq!(serde_json::from_str::<Value>(sent).unwrap()["content"], text);
        assert_eq!(serde_json::from_str::<Value>(created).unwrap()["metadata"], json!({text: [text]}));
    }
}
