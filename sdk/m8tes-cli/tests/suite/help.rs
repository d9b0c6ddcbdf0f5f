//! The command line itself.

use std::process::{Command, Stdio};

use crate::common::{PROGRAM, Said};

fn m8tes(arguments: &[&str]) -> Said {
    let mut command = Command::new(PROGRAM);
    Said::of(command.args(arguments).env_clear().stdin(Stdio::null()).output().unwrap())
}

#[test]
fn without_a_command_it_helps() {
    let said = m8tes(&[]);
    assert!(said.good().contains("Usage: m8tes"), "{said:?}");
    assert_eq!(said.out, m8tes(&["-h"]).out);
    assert_eq!(m8tes(&["--version"]).good(), concat!("m8tes ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn what_is_not_understood_is_one_line_and_code_2() {
    for arguments in
        [&["nope"][..], &["mate", "nope"], &["mate", "list", "--nope"], &["mate", "get"], &["--output", "x"]]
    {
        let said = m8tes(arguments);
        assert!(said.failed(2).starts_with("error: "), "{said:?}");
    }
    let said = m8tes(&["mate", "list", "--nope", "--output", "json"]);
    let error: serde_json::Value = serde_json::from_str(said.failed(2)).unwrap();
    assert_eq!(error["error"]["kind"], "usage");
}

#[test]
fn a_group_without_a_command_and_an_id_that_is_none_fail() {
    let said = m8tes(&["mate"]);
    assert!(said.failed(1) == "error: a command is missing; see --help", "{said:?}");
    let said = m8tes(&["mate", "get", "x"]);
    assert!(said.failed(1).contains("invalid value 'x'"), "{said:?}");
}

#[test]
fn completions_and_man_pages_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = m8tes(&["completions", shell]);
        assert!(said.good().contains("set-permission-mode"), "{shell}");
    }
    assert!(m8tes(&["completions", "x"]).failed(2).contains("bash"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("man1");
    m8tes(&["man", path.to_str().unwrap()]).good();
    let page = std::fs::read_to_string(path.join("m8tes-mate-task.1")).unwrap();
    assert!(page.contains("permission\\-mode"), "{page}");
    for page in ["m8tes.1", "m8tes-run-approve.1", "m8tes-webhooks-verify.1", "m8tes-task-triggers.1"] {
        assert!(path.join(page).exists(), "{page}");
    }
}

#[test]
fn a_reader_of_completions_or_of_help_that_goes_away_is_no_matter() {
    for arguments in
        [&["completions", "bash"][..], &["completions", "zsh"], &["--help"], &["mate", "task", "--help"], &[]]
    {
        let mut command = Command::new(PROGRAM);
        // Nobody reads from the beginning on.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = command.args(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let said = Said::of(child.wait_with_output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
