//! The program.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

use m8tes_local_backend::BASE_PATH;
use reqwest::StatusCode;

use crate::client::Api;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_m8tes-local-backend"));
    command.args(arguments);
    command
}

fn output(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// The running program; it is killed when this is dropped.
struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(&["--listen", "127.0.0.1:0"]).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.strip_prefix("listening on ").and_then(|url| url.strip_suffix('\n'));
        let url = url.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, url }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn it_says_where_it_listens_and_answers_there() {
    let running = Running::start(&["--api-key", "m8_other", "--require-user-id", "--pace=0"]);
    let api = Api::at(&format!("{}{BASE_PATH}", running.url), Some("m8_other"));
    api.get("/agents/?user_id=cust_1").await.good(StatusCode::OK);
    assert_eq!(api.get("/agents/").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn help_and_version_are_printed() {
    let help = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for option in ["--listen", "--data", "--api-key", "--require-user-id", "--pace", "Bearer m8_local"] {
        assert!(help.contains(option), "{help}");
    }
    assert!(String::from_utf8(output(&["-V"]).stdout).unwrap().starts_with("m8tes-local-backend "));
}

#[test]
fn what_it_does_not_know_is_refused_by_name() {
    for (arguments, problem) in [
        (&["--port", "1"][..], "--port"),
        (&["--pace", "slow"], "slow"),
        (&["--listen"], "--listen"),
        (&["more"], "more"),
    ] {
        let output = output(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(problem) && said.ends_with("Try --help.\n"), "{said}");
    }
}
