//! A test fails where its backend answers with something that the schema does not promise.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mycel_tests::{Peer, Reply, StreamPeer, World, raw_request, soon};
use serde_json::json;

/// What this test would have failed with, had it ended here.
fn failure(world: World) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(world))).err()?;
    Some(*panic.downcast::<String>().unwrap())
}

/// What a test fails with after one answer.
async fn failure_after(method: &str, path: &str, reply: Reply) -> Option<String> {
    let peer = Peer::start([reply]).await;
    let world = World::at(peer.url()).await;
    raw_request(world.client.base_url(), method, path, "hunter2", "{}").await;
    failure(world)
}

#[tokio::test]
async fn what_is_promised_fits() {
    let me = r#"{"id":"u","name":"U","type":"human","email":null,"mycel_id":7}"#;
    let open = r#"{"chat_id":"c","kind":"k","state":"s","config":{"any":[1]},"created_at":1.5,"state_version":0}"#;
    let notification = json!({"seq": 1, "event_type": "moon.rose", "notification_type": "moon", "phase": "full"});
    let inbox = json!({"count": 1, "notifications": [notification]}).to_string();
    let invalid = r#"{"detail":[{"type":"missing","loc":["body",0],"msg":"m","input":{"password":"x"}}]}"#;
    for (call, status, body) in [
        ("GET /api/auth/me", "200 OK", me),
        ("GET /api/chats/c/workflow", "200 OK", open),
        ("POST /api/runtime/inbox/wait?timeout_seconds=1", "200 OK", &inbox),
        ("GET /api/chats/a%2Fb", "404 Not Found", r#"{"detail":"Chat not found"}"#),
        ("PUT /api/chats/c/workflow", "409 Conflict", r#"{"detail":{"error":"stale","actual_state_version":null}}"#),
        ("POST /api/threads", "400 Bad Request", r#"{"error":"sandbox_provider_unavailable","provider":"x"}"#),
        ("POST /api/chats/c/read", "422 Unprocessable Entity", invalid),
        ("POST /api/chats/c/messages", "500 Internal Server Error", r#"{"detail":{"error":"e","message":{}}}"#),
    ] {
        let (method, path) = call.split_once(' ').unwrap();
        assert_eq!(failure_after(method, path, Reply::json(status, body)).await, None, "{call}");
    }
    let crash = Reply::http("500 Internal Server Error", "content-type: text/plain\r\n", "Internal Server Error");
    assert_eq!(failure_after("GET", "/api/chats", crash).await, None);
}

#[tokio::test]
async fn what_is_not_promised_fails_the_test_and_is_named() {
    let stale = r#"{"detail":"stale","actual_state_version":1}"#;
    let chat = r#"{"id":"c","type":"group","status":"active","created_by_user_id":"u","created_at":1.5,"members":
        [{"id":"u","name":"U","type":"human"},{"id":"hunter2","name":7,"type":"human"}]}"#;
    let notification = json!({"seq": 1, "event_type": "chat.message", "notification_type": "chat", "chat_id": 5});
    let inbox = json!({"count": 1, "notifications": [notification]}).to_string();
    for (call, status, body, expected) in [
        (
            "GET /api/auth/me",
            "200 OK",
            r#"{"id":"u","type":"human"}"#,
            "whoami, status 200: the whole: missing properties 'name'",
        ),
        ("GET /api/chats/c", "200 OK", chat, "get_chat, status 200: /members/1/name: want string, but got number"),
        (
            "POST /api/auth/guest",
            "200 OK",
            r#"{"token":["hunter2"],"user":{"id":"u","name":"U","type":"human"}}"#,
            "create_guest_owner, status 200: /token: want string, but got array",
        ),
        (
            "GET /api/auth/me",
            "200 OK",
            r#"{"id":"u","name":"U","type":"human","shoe_size":42}"#,
            "whoami, status 200: the whole: additionalProperties 'shoe_size' not allowed",
        ),
        (
            "GET /api/auth/me",
            "200 OK",
            r#"{"id":"u","name":"U","type":"human","email":7}"#,
            "/email: want string, but got number",
        ),
        (
            "POST /api/chats/c/read",
            "201 Created",
            r#"{"status":"ok"}"#,
            "mark_messages_read, status 201: expected status 200, or an error",
        ),
        ("GET /api/chats", "307 Temporary Redirect", "", "list_chats, status 307: expected status 200, or an error"),
        ("GET /api/moon", "200 OK", "{}", "GET /api/moon, status 200: no such operation in public.json"),
        (
            "PATCH /api/chats",
            "405 Method Not Allowed",
            r#"{"detail":"Method Not Allowed"}"#,
            "PATCH /api/chats, status 405: no such operation",
        ),
        ("GET /api/chats", "200 OK", "hunter2", "list_chats, status 200: expected JSON"),
        ("GET /api/chats", "404 Not Found", "[]", "list_chats, status 404: the whole: want object, but got array"),
        ("GET /api/chats", "404 Not Found", r#"{"message":"hunter2"}"#, "the whole: missing properties 'detail'"),
        ("PUT /api/chats/c/workflow", "409 Conflict", stale, "additionalProperties 'actual_state_version' not allowed"),
        (
            "POST /api/chats/c/read",
            "422 Unprocessable Entity",
            r#"{"detail":"up_to_seq"}"#,
            "mark_messages_read, status 422: /detail: want array, but got string",
        ),
        (
            "POST /api/chats/c/read",
            "422 Unprocessable Entity",
            r#"{"detail":[{"type":"missing","loc":[null],"msg":"m"}]}"#,
            "/detail/0/loc/0: want integer or string, but got null",
        ),
        (
            "POST /api/chats",
            "500 Internal Server Error",
            r#"{"detail":["hunter2"]}"#,
            "/detail/0: want object, but got string",
        ),
        (
            "POST /api/runtime/inbox/drain",
            "200 OK",
            &inbox,
            "drain_inbox, status 200: /notifications/0/chat_id: want string, but got number",
        ),
    ] {
        let (method, path) = call.split_once(' ').unwrap();
        let told = failure_after(method, path, Reply::json(status, body)).await.expect(call);
        assert!(told.contains(expected) && !told.contains("hunter2"), "{call}: {told}");
    }
    let page = Reply::http("200 OK", "content-type: text/html\r\n", "[]");
    let told = failure_after("GET", "/api/chats", page).await.unwrap();
    assert!(told.ends_with("list_chats, status 200: expected content-type application/json"), "{told}");
}

#[tokio::test]
async fn a_frame_that_is_not_promised_fails_the_test_too() {
    let good = json!({"type": "notify", "seq": 1, "fingerprint": "0a".repeat(32), "ts": 1.5,
        "metadata": {"event_type": "moon.rose", "notification_type": "moon"}});
    let with = |name: &str, value: serde_json::Value| {
        let mut frame = good.clone();
        frame[name] = value;
        frame
    };
    let unread = json!({"event_type": "chat.message", "notification_type": "chat", "chat_id": "c", "sender_name": "U",
        "unread_count": "hunter2"});
    for (frame, expected) in [
        (good.clone(), None),
        (json!({"type": "replay_overflow", "since_seq": 0, "oldest_seq": 45}), None),
        (with("ts", json!("hunter2")), Some("a frame of the stream: /ts: want number, but got string")),
        (with("shoe_size", json!(42)), Some("additionalProperties 'shoe_size' not allowed")),
        (with("fingerprint", json!("hunter2")), Some("/fingerprint: does not fit")),
        (with("metadata", unread), Some("/metadata/unread_count: want integer, but got string")),
        (json!({"type": "notify", "seq": 1}), Some("missing properties 'fingerprint', 'ts', 'metadata'")),
        (json!({"type": "keepalive"}), Some("/type: does not fit")),
    ] {
        let text = frame.to_string();
        let peer = StreamPeer::start(move |handshake| {
            let text = text.clone();
            async move {
                let mut socket = handshake.accept().await;
                socket.text(&text).await;
                socket.close(None, "").await;
                socket.gone().await;
            }
        });
        let peer = peer.await;
        let world = World::at(peer.url()).await;
        let client = world.client.with_auth_token("t");
        let mut stream = client.notifications().stream().await.unwrap();
        while soon(stream.next()).await.is_some() {}
        match (failure(world), expected) {
            (None, None) => {}
            (Some(told), Some(expected)) => {
                assert!(told.contains(expected) && !told.contains("hunter2"), "{frame}: {told}");
            }
            (told, _) => panic!("{frame}: {told:?}"),
        }
    }
}

#[tokio::test]
async fn a_test_that_fails_already_fails_with_its_own_words() {
    let peer = Peer::start([Reply::json("200 OK", "[]")]).await;
    let world = World::at(peer.url()).await;
    raw_request(world.client.base_url(), "GET", "/api/auth/me", "t", "").await;
    let panic = catch_unwind(AssertUnwindSafe(move || {
        let _world = world;
        panic!("its own words");
    }));
    assert_eq!(*panic.unwrap_err().downcast::<&str>().unwrap(), "its own words");
}

#[tokio::test]
async fn a_backend_below_a_path_is_checked_like_any_other() {
    let peer = Peer::start([Reply::json("200 OK", "[7]")]).await;
    let world = World::at(&format!("{}/gateway/", peer.url())).await;
    world.client.chats().list().await.unwrap_err();
    assert!(peer.requests()[0].starts_with("GET /gateway/api/chats "), "{:?}", peer.requests());
    assert!(failure(world).unwrap().contains("list_chats, status 200: /0: want object, but got number"));
}

#[tokio::test]
async fn what_was_checked_is_told_once() {
    let world = World::start().await;
    world.owner().await.client.chats().list().await.unwrap();
    assert_eq!(world.check().into_iter().collect::<Vec<_>>(), ["create_guest_owner", "list_chats"]);
    assert!(world.check().is_empty());
}
