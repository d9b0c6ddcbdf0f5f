//! A token is in no Debug output, no error and no trace.

use facade_tests::{Peer, Reply, Trace, World};
use mycel_sdk::{Client, RetryPolicy};

#[tokio::test]
async fn a_token_is_printed_by_nothing() {
    let trace = Trace::record();
    let world = World::start().await;
    let owner = world.owner().await;
    let guest = world.client.auth().create_guest_owner().await.unwrap();
    let session = owner.client.users().create_external(facade_tests::fresh("codex"), "Codex").await.unwrap();
    let agent = owner.client.with_auth_token(&session.token);
    let chat = agent.chats().ensure_direct(&owner.id).await.unwrap();
    agent.messages().send(&chat.id, "a private word").await.unwrap();
    let missing = agent.chats().get("nope").await.unwrap_err();
    let stranger = world.client.with_auth_token("tok-123").me().whoami().await.unwrap_err();

    let printed = format!(
        "{guest:?} {session:?} {agent:?} {:?} {:?} {missing:?} {missing} {stranger:?} {stranger} {}",
        agent.messages().send(&chat.id, "x"),
        Client::builder("http://127.0.0.1:1").auth_token("tok-123"),
        trace.text(),
    );
    assert!(printed.contains("operation=\"send_message\""), "the trace was recorded: {printed}");
    for secret in [guest.token.expose_secret(), session.token.expose_secret(), "tok-123", "a private word"] {
        assert!(!printed.contains(secret), "{secret} is in: {printed}");
    }
}

#[tokio::test]
async fn a_backend_that_repeats_the_token_does_not_get_it_into_an_error() {
    for reply in [
        Reply::json("400 Bad Request", r#"{"detail":"bad token tok-123"}"#),
        Reply::json("400 Bad Request", r#"{"detail":{"error":"tok-123","header":"Bearer tok-123"}}"#),
        Reply::json("422 Unprocessable Entity", r#"{"detail":[{"loc":["tok-123"],"msg":"tok-123","type":"tok-123"}]}"#),
        Reply::json("200 OK", r#"{"id":"tok-123","type":{"tok-123":"tok-123"}}"#),
        Reply::json("200 OK", r#""tok-123, expected tok-123""#),
        Reply::http("502 Bad Gateway", "", "Authorization: Bearer tok-123"),
    ] {
        let trace = Trace::record();
        let peer = Peer::start([reply]).await;
        let client = Client::builder(peer.url()).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap();
        let error = client.chats().get("c").await.unwrap_err();
        let printed = format!(
            "{error} {error:?} {:?} {:?} {:?} {:?} {}",
            error.detail(),
            error.detail_object(),
            error.field_errors(),
            std::error::Error::source(&error),
            trace.text(),
        );
        assert!(!printed.contains("tok-123"), "{printed}");
    }
}

#[tokio::test]
async fn a_call_is_a_span_that_tells_how_it_went() {
    let trace = Trace::record();
    let peer = Peer::start([Reply::http("503 Service Unavailable", "", ""), Reply::json("200 OK", "[]")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    client.chats().list().await.unwrap();
    let text = trace.text();
    let closed = text.lines().find(|line| line.contains("close") && line.contains("list_chats")).unwrap();
    for field in ["call{operation=\"list_chats\"", "status=200", "attempts=2", "duration_ms="] {
        assert!(closed.contains(field), "{closed}");
    }
    assert!(text.contains("trying again after a failed attempt"), "{text}");
}
