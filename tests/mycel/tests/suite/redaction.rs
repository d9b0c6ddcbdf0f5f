//! Tokens, passwords and codes are in no Debug output, no error and no trace.

use mycel_local_backend::LocalBackend;
use mycel_sdk::{Client, Error, RetryPolicy};
use mycel_tests::{Peer, Reply, Trace, World, fresh};

#[tokio::test]
async fn a_token_is_printed_by_nothing() {
    let trace = Trace::record();
    let world = World::start().await;
    let owner = world.owner().await;
    let guest = world.client.auth().create_guest_owner().await.unwrap();
    let session = owner.client.users().create_external(mycel_tests::fresh("codex"), "Codex").await.unwrap();
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
async fn a_call_is_a_span_that_tells_how_it_went() {
    let trace = Trace::record();
    let peer = Peer::start([Reply::http("503 Service Unavailable", "", ""), Reply::json("200 OK", "[]")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    client.chats().list().await.unwrap();
    let text = trace.text();
    let closed = text.lines().rfind(|line| line.contains("close") && line.contains("list_chats")).unwrap();
    for field in ["call{operation=\"list_chats\"", "status=200", "attempts=2", "duration_ms="] {
        assert!(closed.contains(field), "{closed}");
    }
    assert!(text.contains("trying again after a failed attempt"), "{text}");
}

/// All that a program could print of an error.
fn printed(error: &Error) -> String {
    format!(
        "{error} {error:?} {error:#?} {:?} {:?} {:?} {:?} {:?}",
        error.detail(),
        error.detail_object(),
        error.field_errors(),
        error.stored(),
        std::error::Error::source(error),
    )
}

#[tokio::test]
async fn what_an_account_is_opened_with_is_printed_by_nothing() {
    let test = "what_an_account_is_opened_with_is_printed_by_nothing";
    let Some(_) = World::start_local(test).await else { return };
    let trace = Trace::record();
    let backend = LocalBackend::builder().invite_code("invite-secret").one_time_code("otp-secret").start().await;
    let world = World::local(backend.unwrap()).await;
    let auth = world.client.auth();
    let email = format!("{}@example.com", fresh("ada"));
    auth.send_otp(&email, "pass-secret", "invite-secret").await.unwrap();
    let wrong_code = auth.verify_otp(&email, "wrong-secret").await.unwrap_err();
    let temp_token = auth.verify_otp(&email, "otp-secret").await.unwrap();
    let no_session = auth.complete_register("temp-secret", "invite-secret").await.unwrap_err();
    let registered = auth.complete_register(&temp_token, "invite-secret").await.unwrap();
    let logged_in = auth.login(&email, "pass-secret").await.unwrap();
    let wrong_password = auth.login(&email, "guess-secret").await.unwrap_err();
    let taken = auth.send_otp(&email, "pass-secret", "invite-secret").await.unwrap_err();

    let mut printed: String = [wrong_code, no_session, wrong_password, taken].iter().map(printed).collect();
    printed += &format!("{temp_token:?} {registered:?} {registered:#?} {logged_in:?} {}", trace.text());
    assert!(printed.contains("operation=\"complete_register\""), "the trace was recorded: {printed}");
    for secret in [temp_token.expose_secret(), logged_in.token.expose_secret(), "-secret"] {
        assert!(!printed.contains(secret), "{secret} is in: {printed}");
    }
}

#[tokio::test]
async fn a_validator_that_repeats_what_it_was_sent_does_not_get_it_into_an_error() {
    let body = r#"{"detail":[
        {"type":"string_type","loc":["body","password"],"msg":"Input should be a valid string","input":"pass-secret"},
        {"type":"extra_forbidden","loc":["body","more"],"msg":"Extra inputs are not permitted",
         "input":{"email":"ada@example.com","password":"pass-secret","token":"otp-secret","temp_token":"temp-secret",
                  "invite_code":"invite-secret"},"ctx":{"given":"pass-secret"}}]}"#;
    let trace = Trace::record();
    let peer = Peer::start([Reply::json("422 Unprocessable Entity", body)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let auth = client.auth();
    let errors = [
        auth.send_otp("ada@example.com", "pass-secret", "invite-secret").await.unwrap_err(),
        auth.verify_otp("ada@example.com", "otp-secret").await.unwrap_err(),
        auth.complete_register("temp-secret", "invite-secret").await.unwrap_err(),
        auth.login("ada@example.com", "pass-secret").await.unwrap_err(),
    ];
    let bodies = peer.bodies().concat();
    for secret in ["pass-secret", "otp-secret", "temp-secret", "invite-secret"] {
        assert!(bodies.contains(secret), "{secret} was sent: {bodies}");
    }
    for error in &errors {
        assert_eq!(error.field_errors().len(), 2);
        assert!(error.to_string().contains("body.password: Input should be a valid string"), "{error}");
        let printed = printed(error);
        assert!(!printed.contains("-secret"), "{printed}");
    }
    assert!(!trace.text().contains("-secret"), "{}", trace.text());
}

#[tokio::test]
async fn an_answer_that_can_not_be_read_does_not_get_its_token_into_an_error() {
    for body in [
        r#"{"token":"token-secret","user":{"id":7}}"#,
        r#"{"token":{"token-secret":"token-secret"}}"#,
        r#""token-secret""#,
        r#"{"temp_token":["token-secret"]}"#,
        "token-secret",
    ] {
        let trace = Trace::record();
        let peer = Peer::start([Reply::json("200 OK", body)]).await;
        let client = Client::builder(peer.url()).retry(RetryPolicy::never()).build().unwrap();
        let errors = [
            client.auth().create_guest_owner().await.unwrap_err(),
            client.auth().login("ada@example.com", "pass-secret").await.unwrap_err(),
            client.auth().verify_otp("ada@example.com", "otp-secret").await.unwrap_err(),
            client.users().create_external("codex", "Codex").await.unwrap_err(),
        ];
        for error in &errors {
            assert!(!printed(error).contains("-secret"), "{}", printed(error));
        }
        assert!(!trace.text().contains("-secret"), "{}", trace.text());
    }
}
