//! The examples run to their end, with nothing set up, and fail where they can't.

use std::process::{Command, Output};

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend, Profile};
use mycel_sdk::Client;
use mycel_tests::no_server;

const QUICKSTART: &str = env!("CARGO_BIN_EXE_example-quickstart");
const RELATIONSHIPS_AND_GROUPS: &str = env!("CARGO_BIN_EXE_example-relationships-and-groups");
const MANAGED_AGENTS: &str = env!("CARGO_BIN_EXE_example-managed-agents");
const SPANS: &str = env!("CARGO_BIN_EXE_example-spans");

/// Runs a program with only these of the variables that it reads, off the threads of the test.
async fn run(program: &'static str, variables: &[(&'static str, String)]) -> Output {
    let mut command = Command::new(program);
    for name in ["MYCEL_BASE_URL", "MYCEL_AUTH_TOKEN", "MYCEL_LOGIN", "MYCEL_PASSWORD"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().cloned());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// What a program that succeeds prints.
async fn printed(program: &'static str, variables: &[(&'static str, String)]) -> String {
    let output = run(program, variables).await;
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaints.is_empty(), "{program}: {complaints}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn quickstart() {
    let text = printed(QUICKSTART, &[]).await;
    assert!(text.contains("a local backend, in this process") && text.ends_with("Merged.\n"), "{text}");
    assert!(text.contains("send_message: the message was not sent"), "{text}");
}

/// Debian's slim images have none, for one.
#[tokio::test]
async fn certificates_are_loaded_where_they_are_needed() {
    let nowhere = "/no/certificates/here".to_owned();
    let mut without = vec![("SSL_CERT_FILE", nowhere.clone()), ("SSL_CERT_DIR", nowhere)];
    assert!(printed(QUICKSTART, &without).await.ends_with("Merged.\n"));
    without.push(("MYCEL_BASE_URL", "https://localhost:1".to_owned()));
    let output = run(QUICKSTART, &without).await;
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && complaints.contains("TLS could not be set up"), "{complaints}");
}

#[tokio::test]
async fn relationships_and_groups() {
    let text = printed(RELATIONSHIPS_AND_GROUPS, &[]).await;
    for line in ["pending", "visit", "hire", "Release 1.0", "approved", "is muted", "requested to join this chat"] {
        assert!(text.contains(line), "{line:?} is not in: {text}");
    }
}

#[tokio::test]
async fn managed_agents() {
    let text = printed(MANAGED_AGENTS, &[]).await;
    for line in ["Toad", "Morel", "Chanterelle", "draft", "the main one", "@Chanterelle"] {
        assert!(text.contains(line), "{line:?} is not in: {text}");
    }
}

#[tokio::test]
async fn spans() {
    let text = printed(SPANS, &[]).await;
    let lines = text.lines().filter(|line| line.contains(":attempt{"));
    let told: Vec<&str> = lines.filter_map(|line| line.split_once("url.template=")).map(|(_, told)| told).collect();
    let expected = [
        ("/api/auth/guest", "http.response.status_code=200"),
        ("/api/chats/{chat_id}", "error.type=404"),
        ("/api/chats", "error.type=Connect"),
        ("/api/chats", "error.type=Connect"),
        ("/api/chats", "error.type=Connect"),
    ];
    assert_eq!(told.len(), expected.len(), "{text}");
    for (line, (template, outcome)) in told.iter().zip(expected) {
        assert!(line.contains(template) && line.contains(outcome) && line.contains("time.busy"), "{line}");
    }
    assert!(text.contains("http.request.resend_count=2") && !text.contains("no-such-chat\""), "{text}");
}

#[tokio::test]
async fn each_runs_against_a_backend_that_is_there() {
    let backend = LocalBackend::builder().profile(Profile::Communication).start().await.unwrap();
    let there = ("MYCEL_BASE_URL", backend.url().to_owned());
    for program in [QUICKSTART, RELATIONSHIPS_AND_GROUPS] {
        let text = printed(program, std::slice::from_ref(&there)).await;
        assert!(text.contains(backend.url()), "{text}");
    }
    let text = printed(SPANS, std::slice::from_ref(&there)).await;
    assert!(text.contains(&format!("server.port={}", backend.url().rsplit(':').next().unwrap())), "{text}");
    let text = printed(MANAGED_AGENTS, &[there]).await;
    assert!(text.contains("has no managed agents"), "{text}");
}

#[tokio::test]
async fn managed_agents_logs_in_where_it_is_told_how() {
    let backend = mycel_local_backend::start().await.unwrap();
    let there = ("MYCEL_BASE_URL", backend.url().to_owned());
    let output = run(MANAGED_AGENTS, std::slice::from_ref(&there)).await;
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && complaints.contains("MYCEL_LOGIN"), "{complaints}");

    let client = Client::builder(backend.url()).build().unwrap();
    let auth = client.auth();
    auth.send_otp("ada@example.com", "correct horse", DEFAULT_INVITE_CODE).await.unwrap();
    let temp_token = auth.verify_otp("ada@example.com", DEFAULT_ONE_TIME_CODE).await.unwrap();
    auth.complete_register(temp_token, DEFAULT_INVITE_CODE).await.unwrap();
    let login = [there, ("MYCEL_LOGIN", "ada@example.com".to_owned()), ("MYCEL_PASSWORD", "correct horse".to_owned())];
    let text = printed(MANAGED_AGENTS, &login).await;
    assert!(text.contains("Chanterelle") && !text.contains("correct horse"), "{text}");
}

#[tokio::test]
async fn without_a_backend_they_fail_and_say_so() {
    let url = no_server();
    for program in [QUICKSTART, RELATIONSHIPS_AND_GROUPS, MANAGED_AGENTS, SPANS] {
        let output = run(program, &[("MYCEL_BASE_URL", url.clone())]).await;
        let complaints = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{program}");
        assert!(complaints.contains(&url), "{complaints}");
    }
}
