//! U+0000, which the real backend's database, PostgreSQL, takes in no text.

use mycel_local_backend::{DEFAULT_INVITE_CODE, LocalBackend};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{User, backend, seqs, text},
    registration::register,
};

/// `body` once for each of its texts and names of members of open maps, with U+0000 behind that one.
fn with_nul(body: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    texts(body, "", &mut places);
    let spoiled = places.iter().map(|place| {
        let mut body = body.clone();
        let value = body.pointer_mut(place).unwrap();
        *value = json!(format!("{}\0", value.as_str().unwrap()));
        body
    });
    let maps = ["config", "metadata", "decision_states", "rationales", "final_state"];
    let renamed = maps.iter().filter(|map| body.get(map).is_some()).map(|map| {
        let mut body = body.clone();
        body[map] = json!({ "\0": {} });
        body
    });
    spoiled.chain(renamed).collect()
}

fn texts(value: &Value, place: &str, places: &mut Vec<String>) {
    match value {
        Value::String(_) => places.push(place.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| texts(item, &format!("{place}/{index}"), places));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| texts(member, &format!("{place}/{name}"), places));
        }
        _ => {}
    }
}

struct Scene {
    _backend: LocalBackend,
    nobody: User,
    owner: User,
    a: User,
    b: User,
    /// A group of `a` and `b`, which `a` owns.
    chat: String,
}

impl Scene {
    async fn new() -> Self {
        let (backend, nobody) = backend().await;
        let owner = nobody.issued(&register(&nobody, "ada@example.org", "secret").await);
        let (a, b) = (owner.external("a").await, owner.external("b").await);
        let chat = a.group("Group", &[&b]).await;
        Self { _backend: backend, nobody, owner, a, b, chat }
    }

    /// Holds that `user` can send `body`, and none of it with U+0000.
    async fn takes_all_but_nul(&self, user: &User, method: Method, path: &str, body: Value) {
        let spoiled = with_nul(&body);
        assert!(!spoiled.is_empty());
        for body in spoiled {
            let answer = user.send(method.clone(), path, Some(body.clone())).await;
            assert_eq!(answer.status, 500, "{method} {path} {body}: {}", answer.text);
            answer.crashed();
        }
        user.send(method, path, Some(body)).await.good();
    }
}

#[tokio::test]
async fn no_text_of_a_body_is_stored_or_looked_up() {
    let scene = Scene::new().await;
    let Scene { nobody, owner, a, b, chat, .. } = &scene;
    let (post, put, patch) = (Method::POST, Method::PUT, Method::PATCH);
    let agent = text(&owner.get("/api/panel/agents").await.good()["items"][0]["id"]);
    let stranger = owner.external("stranger").await;
    let in_chat = |rest: &str| format!("/api/chats/{chat}/{rest}");
    let map = json!({ "m": ["text", { "deep": "text" }] });
    let maps =
        json!({ "decision_states": { "b": { "1": "open" } }, "rationales": map, "final_state": map, "metadata": map });
    let with_maps = |mut body: Value| {
        body.as_object_mut().unwrap().extend(maps.as_object().unwrap().clone());
        body
    };
    let event = json!({ "kind": "k", "requested_by_user_id": "a", "resource_refs": [{ "id": "1" }] });
    let task = json!({
        "subject": "s", "description": "d", "status": "t", "active_form": "f", "owner": "a", "blocks": ["1"],
        "blocked_by": ["1"], "metadata": map,
    });
    for (user, method, path, body) in [
        (nobody, &post, "/api/auth/guest".to_owned(), json!({ "display_name": "Ada" })),
        (owner, &post, "/api/auth/external-users".to_owned(), json!({ "user_id": "c", "display_name": "C" })),
        (owner, &post, "/api/panel/agents".to_owned(), json!({ "name": "n", "description": "d" })),
        (a, &post, "/api/chats".to_owned(), json!({ "user_ids": ["b"], "title": "t" })),
        (a, &post, in_chat("members"), json!({ "user_id": "b" })),
        (a, &post, in_chat("mute"), json!({ "user_id": "a", "muted": true })),
        (&stranger, &post, in_chat("join-requests"), json!({ "message": "m" })),
        (a, &post, "/api/relationships/request".to_owned(), json!({ "target_user_id": "b", "message": "m" })),
        (a, &put, in_chat("workflow"), json!({ "kind": "k", "state": "s", "config": map })),
        (a, &post, in_chat("workflow/events"), with_maps(event)),
        (b, &patch, in_chat("workflow/events/1"), with_maps(json!({ "state": "s" }))),
        (a, &post, in_chat("tasks"), task.clone()),
        (a, &patch, in_chat("tasks/1"), task),
    ] {
        scene.takes_all_but_nul(user, method.clone(), &path, body).await;
    }
    let thread = json!({ "agent_user_id": format!("{agent}\0") });
    owner.post("/api/threads", thread).await.crashed();
    let registration = json!({ "email": "a\0@example.org", "password": "x", "invite_code": DEFAULT_INVITE_CODE });
    nobody.post("/api/auth/send-otp", registration).await.crashed();
    nobody.post("/api/auth/login", json!({ "identifier": "ada\0", "password": "x" })).await.crashed();
}

#[tokio::test]
async fn no_id_of_a_path_is_looked_up() {
    let scene = Scene::new().await;
    let document: Value = scene.nobody.get("/openapi.json").await.good();
    let mut looked_up = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if !path.contains('{') || operation.get("requestBody").is_some() {
                continue;
            }
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            // The last id alone has it: those before it lead there.
            let path = path.replace("{chat_id}/", &format!("{}/", scene.chat));
            let path = match path.split_once('{') {
                Some((before, rest)) => format!("{before}x%00{}", rest.split_once('}').unwrap().1),
                None => path.replace(&scene.chat, "x%00"),
            };
            scene.a.send(method, path, None).await.crashed();
            looked_up += 1;
        }
    }
    assert!(looked_up > 10, "{looked_up}");
    scene.a.post("/api/relationships/x%00/approve", json!({})).await.crashed();
    scene.a.post(format!("/api/chats/{}/join-requests/x%00/approve", scene.chat), json!({})).await.crashed();
}

#[tokio::test]
async fn a_message_with_it_uses_up_its_number_and_leaves_nothing_else() {
    let scene = Scene::new().await;
    let Scene { a, b, chat, .. } = &scene;
    let path = format!("/api/chats/{chat}/messages");
    a.say(chat, "one").await;
    for (times, body) in [
        json!({ "content": "x\0" }),
        json!({ "content": "\0" }),
        json!({ "content": "x", "mentioned_ids": ["b", "\0"] }),
        json!({ "content": "x", "reply_to": "\0" }),
    ]
    .into_iter()
    .enumerate()
    {
        a.post(&path, body).await.crashed();
        assert_eq!(seqs(&b.get(&path).await.good()).len(), times + 1);
        // The next number but one.
        assert_eq!(a.say(chat, "next").await["seq"], json!(2 * times + 3));
    }
    assert_eq!(b.unread(chat).await, [1, 3, 5, 7, 9]);
    // The cursor of who sends has not moved.
    b.say_caught_up(chat, "x\0").await.refused(409, "Read unread messages before sending.");
    a.post(&path, json!({ "content": "x\0", "enforce_caught_up": true })).await.crashed();
    assert_eq!(a.say(chat, "last").await["seq"], 11);
}

#[tokio::test]
async fn what_looks_like_it_is_stored() {
    let scene = Scene::new().await;
    let path = format!("/api/chats/{}/tasks", scene.chat);
    for text in ["\\u0000", "\\\\u0000", "␀", "\u{1}"] {
        let task = json!({ "subject": text, "description": text, "metadata": { text: [text] } });
        assert_eq!(scene.a.post(&path, task.clone()).await.good()["metadata"], task["metadata"]);
    }
    let escaped = json!({ "subject": "s", "description": "d", "metadata": { "m": "\\\0" } });
    scene.a.post(&path, escaped).await.crashed();
}
