//! The examples run to their end, with nothing set up, and fail where they can't. Those of m8tes' own documents all have a
//! twin among them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use test_harness::no_server;

const QUICKSTART: &str = env!("CARGO_BIN_EXE_example-m8tes-quickstart");
const RUNS: &str = env!("CARGO_BIN_EXE_example-m8tes-runs");
const PEOPLE_IN_THE_LOOP: &str = env!("CARGO_BIN_EXE_example-m8tes-people-in-the-loop");
const TASKS: &str = env!("CARGO_BIN_EXE_example-m8tes-tasks");
const USERS_OF_YOURS: &str = env!("CARGO_BIN_EXE_example-m8tes-users-of-yours");
const WEBHOOKS: &str = env!("CARGO_BIN_EXE_example-m8tes-webhooks");
const ACCOUNT: &str = env!("CARGO_BIN_EXE_example-m8tes-account");

/// Runs a program with only these of the variables that it reads, off the threads of the test.
async fn run(program: &'static str, variables: &[(&'static str, String)]) -> Output {
    let mut command = Command::new(program);
    for name in ["M8TES_API_KEY", "M8TES_BASE_URL"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().cloned());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// What a program that succeeds prints has all of this in it.
async fn prints(program: &'static str, expected: &[&str]) {
    let output = run(program, &[]).await;
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaints.is_empty(), "{program}: {complaints}");
    let text = String::from_utf8(output.stdout).unwrap();
    for line in expected {
        assert!(text.contains(line), "{line:?} is not in: {text}");
    }
}

#[tokio::test]
async fn quickstart() {
    prints(QUICKSTART, &["support bot (teammate 1) at http://127.0.0.1:", "→ echo", "run 2: completed"]).await;
}

#[tokio::test]
async fn runs() {
    let expected = [
        r#""type":"text-delta""#,
        "it said: Let me see.\n\nYou said: close resolved tickets\n",
        "the triage said: Let me see.\n\nYou said: process all unread",
        "  stripe\n  > {",
        "  done: end_turn\n",
        "You said: generate quarterly report\n",
        "the whole text: Let me see.\n\nYou said: summarize inbox\n",
        "the reply: Let me see.\n\nYou said: also archive them\n",
    ];
    prints(RUNS, &expected).await;
}

#[tokio::test]
async fn people_in_the_loop() {
    let expected = [
        "Which channel? #general\n",
        "may slack_post be used? yes\n",
        "The report is in #general.\n",
        "It is not sent.\n",
        "report.csv: 22 bytes\n",
        "EMEA,5\n",
    ];
    prints(PEOPLE_IN_THE_LOOP, &expected).await;
}

#[tokio::test]
async fn tasks() {
    let expected = [
        "schedule at 0 9 * * 1\n",
        "webhook: post to http://127.0.0.1:",
        "email: write to task-1@",
        "schedule_2 (schedule)\n",
        r#""type":"text-delta""#,
        "it said: Let me see.\n\nYou said: generate weekly report\n",
    ];
    prints(TASKS, &expected).await;
}

#[tokio::test]
async fn users_of_yours() {
    let expected = [
        "for cust_123: Let me see.",
        "remembered: prefers email over Slack\n",
        "allowed: gmail\n",
        "seen by another: false\n",
    ];
    prints(USERS_OF_YOURS, &expected).await;
}

#[tokio::test]
async fn webhooks() {
    let expected = [
        r#"gets ["run.completed"]"#,
        "run.completed of run Some(RunId(1))\n",
        "with that secret: true\n",
        "with that secret: false\n",
        "without a signature: false\n",
        "run.completed: delivered\n",
    ];
    prints(WEBHOOKS, &expected).await;
}

#[tokio::test]
async fn account() {
    let expected = [
        "teammates: 0\n",
        "Gmail (email), connected: false\n",
        "run 1\n",
        "teammate not found\n",
        "https://api.m8tes.ai/api/v2\n",
    ];
    prints(ACCOUNT, &expected).await;
}

#[tokio::test]
async fn without_a_backend_they_fail_and_say_so() {
    let url = no_server();
    let there = [("M8TES_API_KEY", "m8_key".to_owned()), ("M8TES_BASE_URL", url.clone())];
    let programs = [QUICKSTART, RUNS, PEOPLE_IN_THE_LOOP, TASKS, USERS_OF_YOURS, WEBHOOKS, ACCOUNT];
    let outputs = futures::future::join_all(programs.map(|program| run(program, &there))).await;
    for (program, output) in programs.iter().zip(outputs) {
        let complaints = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{program}");
        assert!(complaints.contains("no connection") && complaints.contains(&url[7..]), "{complaints}");
        assert!(!complaints.contains("m8_key"), "{complaints}");
    }
}

/// The blocks of the documents of m8tes 0.2.0 and 1.1.0.
const BLOCKS: [(&str, usize); 2] = [("0.2.0", 13), ("1.1.0", 14)];

#[test]
fn each_block_of_the_documents_has_a_twin_that_is_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/m8tes");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut seen = BTreeSet::new();
    for row in readme.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [document, block, twins, ..] = cells[..] else { continue };
        if !BLOCKS.iter().any(|(known, _)| *known == document) {
            continue;
        }
        assert!(seen.insert((document.to_owned(), block.to_owned())), "{block} of {document} is there twice");
        for twin in twins.split(", ") {
            let (file, function) = twin.trim_matches('`').split_once("::").expect(twin);
            let source = std::fs::read_to_string(folder.join(format!("examples/{file}.rs"))).expect(file);
            assert!(source.contains(&format!("fn {function}(")), "{twin}");
        }
    }
    for (document, blocks) in BLOCKS {
        assert_eq!(seen.iter().filter(|(of, _)| of == document).count(), blocks, "{document}");
    }
}
