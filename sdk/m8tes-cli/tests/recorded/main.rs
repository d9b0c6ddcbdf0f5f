//! What the command sends, prints and exits with, against what the official one does for the same command line.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod stand_in;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};

use serde::Deserialize;
use serde_json::Value;
use test_harness::note;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::stand_in::{Given, StandIn};

/// A further file of commands, in the form of `commands.jsonl` beside this file.
const VARIABLE: &str = "M8TES_CLI_4_49_0";

/// The key that the recorded commands have.
const KEY: &str = "m8_test_key";

/// A command line, and what the official command did.
#[derive(Deserialize)]
struct Recorded {
    argv: Vec<String>,
    stdin: String,
    exit: i32,
    requests: Vec<Value>,
    stdout_json_lines: Option<Vec<Value>>,
    #[serde(default)]
    note: String,
}

/// What is otherwise, and why.
#[derive(Deserialize)]
struct Difference {
    command: String,
    /// The same command line was recorded several times: the one with this exit code.
    official_exit: Option<i32>,
    /// All that we send, in its order.
    sends: Option<Vec<String>>,
    exit: Option<i32>,
    reason: String,
}

#[derive(Deserialize)]
struct Differences {
    difference: Vec<Difference>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_repository_do_what_the_official_command_does() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/commands.jsonl");
    let used = agree(&file, "the repository").await;
    let unneeded = differences().difference.into_iter().enumerate().filter(|(number, _)| !used.contains(number));
    assert_eq!(unneeded.map(|(_, row)| row.command).collect::<Vec<_>>(), [""; 0], "rows that nothing needs");
}

#[tokio::test(flavor = "multi_thread")]
async fn further_commands_do_what_the_official_command_does() {
    match std::env::var_os(VARIABLE) {
        Some(file) => drop(agree(Path::new(&file), "another file").await),
        None => note(&format!(
            "left out, since {VARIABLE} names no file: further_commands_do_what_the_official_command_does"
        )),
    }
}

fn differences() -> Differences {
    toml::from_str(include_str!("differences.toml")).unwrap()
}

/// Gives all commands of a file; returns which known differences there were.
async fn agree(file: &Path, name: &str) -> BTreeSet<usize> {
    let known = differences();
    assert!(known.difference.iter().all(|row| !row.reason.is_empty()));
    let text = std::fs::read_to_string(file).unwrap();
    let recorded: Vec<Recorded> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut used, mut wrong) = (BTreeSet::new(), Vec::new());
    for recorded in &recorded {
        let command = recorded.argv[1..].join(" ");
        let is_it =
            |row: &&Difference| row.command == command && row.official_exit.is_none_or(|exit| exit == recorded.exit);
        let row = known.difference.iter().position(|row| is_it(&row));
        used.extend(row);
        let row = row.map(|row| &known.difference[row]);
        let given = Given::of(&recorded.argv, &recorded.requests, recorded.exit, &recorded.note);
        let server = StandIn::start(given).await;
        let output = give(recorded, &server).await;
        let sent = row.and_then(|row| row.sends.clone());
        let sent = sent.unwrap_or_else(|| recorded.requests.iter().map(stand_in::line_of).collect());
        if server.requests() != sent {
            wrong.push(format!("{command}\n  sent     {:#?}\n  official {sent:#?}", server.requests()));
        }
        let exit = row.and_then(|row| row.exit).unwrap_or(recorded.exit);
        if output.status.code() != Some(exit) {
            wrong.push(format!("{command}\n  exit {:?}, official {exit}\n{}", output.status, said(&output)));
        }
        let lines = || said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
        if let Some(expected) = recorded.stdout_json_lines.as_ref().filter(|expected| **expected != lines()) {
            wrong.push(format!("{command}\n  printed {:#?}\n  official {expected:#?}", lines()));
        }
        if exit == 1 && recorded.stdin.is_empty() && output.stderr.is_empty() {
            wrong.push(format!("{command}\n  fails without a word"));
        }
    }
    note(&format!(
        "gave {} commands of {name}, with {} known differences, each with its reason",
        recorded.len(),
        used.len()
    ));
    assert!(!recorded.is_empty() && wrong.is_empty(), "{}", wrong.join("\n"));
    used
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Gives a command, in a home with nothing in it.
async fn give(recorded: &Recorded, server: &StandIn) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_m8tes"));
    command.args(&recorded.argv[1..]).env_clear().kill_on_drop(true);
    command.env("HOME", home.path()).env("M8TES_CONFIG_DIR", home.path()).env("M8TES_KEYRING", "off");
    command.env("M8TES_BASE_URL", server.url());
    if server.has_key() {
        command.env("M8TES_API_KEY", KEY);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who does not read it, does not need it.
    let _ = child.stdin.take().unwrap().write_all(recorded.stdin.as_bytes()).await;
    child.wait_with_output().await.unwrap()
}
