//! The program.

use std::process::{Command, Output};

use local_backend_kit::Process;
use serde_json::json;

use crate::client::User;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mycel-local-backend");

fn output(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

fn started(arguments: &[&str]) -> Process {
    Process::start(PROGRAM, arguments).unwrap()
}

#[tokio::test]
async fn it_says_where_it_listens_and_answers_there() {
    let running = started(&["--profile", "communication"]);
    let nobody = User::nobody(running.url());
    nobody.guest("Owner").await;
    nobody.post("/api/auth/login", json!({})).await.refused(404, "Not Found");
}

#[tokio::test]
async fn it_takes_the_codes_of_registration() {
    let running = started(&["--invite-code", "INVITE-1", "--one-time-code=123456"]);
    let nobody = User::nobody(running.url());
    let body = json!({ "email": "ada@example.org", "password": "secret", "invite_code": "INVITE-1" });
    nobody.post("/api/auth/send-otp", body).await.good();
    nobody.post("/api/auth/verify-otp", json!({ "email": "ada@example.org", "token": "123456" })).await.good();
}

#[tokio::test]
async fn being_killed_loses_nothing_that_was_answered() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let file = file.to_str().unwrap();
    let running = started(&["--data", file]);
    let owner = User::nobody(running.url()).guest("Owner").await;
    let agent = owner.external("a").await;
    let chat = owner.direct(&agent).await;
    for number in 1..=20 {
        owner.say(&chat, &number.to_string()).await;
    }
    drop(running);
    let running = started(&["--data", file]);
    assert_eq!(agent.at(running.url()).unread(&chat).await, (1..=20).collect::<Vec<_>>());
}

#[cfg(unix)]
#[tokio::test]
async fn signals_end_it_in_good_order() {
    for signal in ["-TERM", "-INT"] {
        let mut running = started(&[]);
        User::nobody(running.url()).guest("Owner").await;
        let id = running.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(running.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for option in ["--help", "-h"] {
        let help = output(&[option]);
        let text = String::from_utf8(help.stdout).unwrap();
        assert_eq!(help.status.code(), Some(0));
        for word in [
            "--listen",
            "--data",
            "--profile",
            "--invite-code",
            "--one-time-code",
            "--stream-linger",
            "LOCAL-INVITE",
            "curl",
        ] {
            assert!(text.contains(word), "{word} in {text}");
        }
    }
    let version = output(&["--version"]);
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("mycel-local-backend {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_bad_command_line_ends_with_2_and_a_line_that_helps() {
    for (arguments, reason) in [
        (&["--nonsense"][..], "invalid option '--nonsense'"),
        (&["nonsense"], "unexpected argument \"nonsense\""),
        (&["--listen"], "missing argument for option '--listen'"),
        (&["--listen", "nowhere"], "cannot parse argument \"nowhere\": invalid socket address syntax"),
        (&["--stream-linger", "1.5"], "cannot parse argument \"1.5\": invalid digit found in string"),
        (&["--profile", "half"], "cannot parse argument \"half\": it is neither full nor communication"),
    ] {
        let refused = output(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8(refused.stderr).unwrap(), format!("error: {reason}\nTry --help.\n"));
        assert!(refused.stdout.is_empty());
    }
}

#[tokio::test]
async fn it_takes_a_time_for_streams_to_linger() {
    let running = started(&["--stream-linger", "300"]);
    User::nobody(running.url()).guest("Owner").await;
}

#[test]
fn what_can_not_start_ends_with_1() {
    let refused = output(&["--listen", "127.0.0.1:0", "--data", "/nowhere/at/all.db"]);
    assert_eq!(refused.status.code(), Some(1));
    let reason = String::from_utf8(refused.stderr).unwrap();
    assert!(reason.starts_with("error: /nowhere/at/all.db can't be opened as a database: "), "{reason}");
}
