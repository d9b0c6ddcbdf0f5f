//! The program itself: exit codes, and one line on standard error.

use std::process::{Command, Output};

use crate::workspace::Workspace;

fn run(workspace: &Workspace, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--root").arg(workspace.root()).args(arguments).output().unwrap()
}

fn import(workspace: &Workspace) -> Output {
    let export = workspace.path("export.json");
    run(workspace, &["import", "library", "--from", export.to_str().unwrap()])
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line of a refusal.
#[track_caller]
fn refusal(output: &Output) -> String {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("error: ") && stderr.ends_with('\n'), "{stderr}");
    stderr
}

#[test]
fn imports_and_regenerates() {
    let workspace = Workspace::new();
    let output = import(&workspace);
    assert!(output.status.success());
    assert_eq!(
        stdout(&output),
        "13 operations in the export: 9 public, 4 private, 0 unclassified\nbackend.json: written\n"
    );
    assert_eq!(stdout(&run(&workspace, &["regenerate"])), "library: 10 files written or removed\n");
    assert_eq!(stdout(&run(&workspace, &["regenerate", "library"])), "library: up to date\n");
    let check = run(&workspace, &["regenerate", "--check"]);
    assert!(check.status.success() && check.stderr.is_empty());
    assert_eq!(stdout(&check), "library: up to date\n");
}

/// Wherever the program was built, and whichever of the checkout's folders it is run in.
#[test]
fn it_works_on_the_checkout_that_it_is_run_in() {
    let (workspace, other) = (Workspace::regenerated(), Workspace::regenerated());
    workspace.write("Cargo.toml", "[workspace]\n");
    let stale = "openapi/library/public.json";
    std::fs::remove_file(workspace.path(stale)).unwrap();
    std::fs::remove_file(other.path(stale)).unwrap();
    let run_in = |folder: &str, arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_xtask");
        Command::new(program).current_dir(workspace.path(folder)).args(arguments).output().unwrap()
    };
    assert_eq!(stdout(&run_in("openapi/library", &["regenerate"])), "library: 1 file written or removed\n");
    assert_eq!(stdout(&run_in(".", &["regenerate", "--check"])), "library: up to date\n");

    // A root that is named wins.
    let root = other.root().to_str().unwrap();
    assert_eq!(stdout(&run_in(".", &["regenerate", "--root", root])), "library: 1 file written or removed\n");
}

#[test]
fn outside_of_a_checkout_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let run_outside = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_xtask")).current_dir(&folder).args(arguments).output().unwrap()
    };
    assert!(refusal(&run_outside(&["regenerate"])).contains("lies in no checkout"));
    assert!(refusal(&run_outside(&["import", "library", "--from", "x"])).contains("--root"));
    // Of `drift`, 1 says that something has changed.
    assert_eq!(run_outside(&["drift", "library", "--against", "x"]).status.code(), Some(3));
}

#[test]
fn a_check_prints_a_diff_and_says_what_to_run() {
    let workspace = Workspace::regenerated();
    workspace.write("generated/library-client/src/extra.rs", "by hand\n");
    let before = workspace.snapshot();
    let output = run(&workspace, &["regenerate", "library", "--check"]);
    assert!(refusal(&output).contains("run cargo xtask regenerate library"));
    assert!(stdout(&output).ends_with("+++ /dev/null\n@@ -1 +0,0 @@\n-by hand\n"));
    assert_eq!(workspace.snapshot(), before);
}

#[test]
fn refusals_are_one_line_and_write_nothing() {
    type Change = fn(&Workspace);
    let changes: &[(&str, Change)] = &[
        ("not JSON", |workspace| workspace.write("export.json", "<html>\n</html>\n")),
        ("127 levels", |workspace| workspace.write("export.json", &"{\"a\":".repeat(1_000_000))),
        ("Swagger", |workspace| workspace.write("export.json", "{\"swagger\": \"2.0\"}")),
        ("can't be read", |workspace| std::fs::remove_file(workspace.path("export.json")).unwrap()),
        ("does not classify", |workspace| {
            workspace.edit("export.json", |export| {
                export["paths"]["/api/new\n"] = serde_json::json!({"get": {"operationId": "new"}});
            });
        }),
        ("image/*", |workspace| {
            workspace.edit("export.json", |export| {
                let content = serde_json::json!({"image/*": {}});
                export["paths"]["/api/books"]["post"]["requestBody"]["content"] = content;
            });
        }),
        ("contract.toml", |workspace| workspace.write("openapi/library/contract.toml", "public = 3")),
    ];
    for (part, change) in changes {
        let workspace = Workspace::new();
        workspace.write("openapi/library/backend.json", "what was imported before\n");
        change(&workspace);
        let before = workspace.snapshot();
        let line = refusal(&import(&workspace));
        assert!(line.contains(part), "{part:?} in {line}");
        assert_eq!(workspace.snapshot(), before);
    }
}

#[test]
fn a_command_line_that_is_none_exits_with_2() {
    let workspace = Workspace::new();
    for arguments in [&["import"][..], &["import", "library"], &["drift-of"], &["--no-such"], &[]] {
        assert_eq!(run(&workspace, arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_help_says_what_is_read_and_written() {
    let workspace = Workspace::new();
    for (arguments, parts) in [
        (&["--help"][..], &["contract.toml", "Exit codes"][..]),
        (&["import", "--help"], &["Reads", "Writes", "Example", "FILE|URL"]),
        (&["regenerate", "--help"], &["Reads", "Writes", "Example", "--check"]),
    ] {
        let help = stdout(&run(&workspace, arguments));
        for part in parts {
            assert!(help.contains(part), "{part:?} in {help}");
        }
    }
}
