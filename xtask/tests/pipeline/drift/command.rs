//! The command: its reports and its exit codes.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::workspace::Workspace;

fn run(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--root").arg(root).args(arguments).output().unwrap()
}

/// Compares the fixture with its export, as edited.
fn drift(edit: impl FnOnce(&mut Value), more: &[&str]) -> (Option<i32>, String, String) {
    let workspace = Workspace::new();
    workspace.import().unwrap();
    workspace.edit("export.json", edit);
    let before = workspace.snapshot();
    let export = workspace.path("export.json");
    let arguments = [&["drift", "library", "--against", export.to_str().unwrap()], more].concat();
    let output = run(workspace.root(), &arguments);
    assert_eq!(workspace.snapshot(), before, "drift writes nothing");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn narrow(export: &mut Value) {
    export["paths"]["/api/books"]["post"]["operationId"] = json!("another");
    export["components"]["schemas"]["CreateBookBody"]["properties"]["title"]["maxLength"] = json!(3);
}

#[test]
fn says_that_nothing_has_changed() {
    let (code, out, err) = drift(|_| {}, &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.ends_with("export.json: nothing has changed\n") && out.starts_with("library against "), "{out}");
}

#[test]
fn says_what_is_harmless() {
    let (code, out, err) = drift(|export| export["info"]["version"] = json!("9\n"), &[]);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(out.contains("0 changes break the client, 1 harmless\n"), "{out}");
    assert!(out.contains("\nharmless info/version: version: 0.4.0 -> 9\\n\n  "), "{out}");
}

#[test]
fn says_what_breaks_the_client_first() {
    let (code, out, err) = drift(narrow, &[]);
    assert_eq!((code, err.as_str()), (Some(2), ""));
    assert!(out.contains("1 change breaks the client, 1 harmless\n"), "{out}");
    let breaking = "\nBREAKING components/schemas/CreateBookBody/properties/title: maxLength: 200 -> 3\n  \
                    the backend may refuse what the client sends\n  reaches create_book (POST /api/books)\n";
    let at = out.find(breaking).unwrap_or_else(|| panic!("{out}"));
    assert!(at < out.find("\nharmless ").unwrap());
}

#[test]
fn says_it_to_programs() {
    let (code, out, _) = drift(narrow, &["--json"]);
    assert_eq!(code, Some(2));
    let mut report: Value = serde_json::from_str(&out).unwrap();
    assert!(report["against"].as_str().unwrap().ends_with("export.json"));
    report["against"].take();
    let operations = json!([{"path": "/api/books", "method": "POST", "name": "create_book"}]);
    assert_eq!(
        report,
        json!({
            "backend": "library",
            "against": null,
            "verdict": "breaking",
            "breaking": 1,
            "harmless": 1,
            "changes": [
                {
                    "severity": "breaking",
                    "what": "maxLength",
                    "operations": operations,
                    "place": "components/schemas/CreateBookBody/properties/title",
                    "was": 200,
                    "is": 3,
                    "meaning": "the backend may refuse what the client sends",
                },
                {
                    "severity": "harmless",
                    "what": "operationId",
                    "operations": operations,
                    "place": "POST /api/books",
                    "was": "create_book_api_books_post",
                    "is": "another",
                    "meaning": "nothing is sent under that name",
                },
            ],
        })
    );
}

#[test]
fn what_cannot_be_compared_is_told_from_what_breaks_the_client() {
    let workspace = Workspace::regenerated();
    workspace.write("not.json", "<html>");
    workspace.write("other.json", "{}");
    let file = |name: &str| workspace.path(name).to_str().unwrap().to_owned();
    for against in [file("none.json"), file("not.json"), file("other.json"), "http://127.0.0.1:1/x".to_owned()] {
        let output = run(workspace.root(), &["drift", "library", "--against", &against]);
        assert_eq!(output.status.code(), Some(3), "{against}");
        assert!(output.stdout.is_empty());
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(line.starts_with("error: ") && line.lines().count() == 1, "{line}");
    }
    workspace.write("openapi/library/contract.toml", "public = 3");
    let output = run(workspace.root(), &["drift", "library", "--against", &file("export.json")]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_command_line_that_is_none_is_told_from_what_breaks_the_client() {
    let workspace = Workspace::new();
    for arguments in [
        &["drift"][..],
        &["drift", "library"],
        &["drift", "other", "--against", "x"],
        &["drift", "library", "--against", "x", "--no-such"],
        &["--no-such", "drift", "library"],
    ] {
        let output = run(workspace.root(), arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
    assert_eq!(run(workspace.root(), &["import", "drift"]).status.code(), Some(2));
    let help = run(workspace.root(), &["drift", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    let help = String::from_utf8(help.stdout).unwrap();
    for part in ["Exit codes: 0", "2 something breaks the client", "3 there is", "--json", "verdict", "FILE|URL"] {
        assert!(help.contains(part), "{part:?} in {help}");
    }
}
