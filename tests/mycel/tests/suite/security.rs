//! What SECURITY.md promises is held by tests that exist.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The cells of a row of a table in Markdown.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix("| ")?.strip_suffix(" |")?;
    Some(row.split(" | ").collect())
}

/// Whether the source has a test of this name: a function with an attribute of a test right above it, or one that is
/// listed among those that facades run.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
    let begins = |line: &str| {
        let declaration = line.strip_prefix("async ").unwrap_or(line);
        declaration
            .strip_prefix("fn ")
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with(['(', '<']))
    };
    let above = |index: usize| lines[..index].iter().rev().take_while(|line| line.starts_with("#["));
    let is_test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    let listed = source.split("suite! {").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
    let is_listed = listed.split_whitespace().any(|listed| listed == name);
    lines.iter().enumerate().any(|(index, line)| begins(line) && (is_listed || above(index).any(is_test)))
}

#[test]
fn every_test_that_security_md_names_is_there() {
    let page = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let mut promises = 0;
    let mut in_table = false;
    for line in page.lines() {
        let Some(cells) = cells(line) else {
            in_table &= line.starts_with('|');
            continue;
        };
        if cells == ["promise", "test"] {
            in_table = true;
            continue;
        }
        if !in_table {
            continue;
        }
        let [_, tests] = cells[..] else { panic!("not a promise and its tests: {line}") };
        promises += 1;
        for test in tests.split(", ") {
            let test = test.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
            let (file, name) =
                test.and_then(|test| test.split_once(": ")).unwrap_or_else(|| panic!("names no test: {line}"));
            let source = std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(has_test(&source, name), "{file} has no test {name}");
        }
    }
    assert!(promises > 30, "{promises}");
}

#[test]
fn a_function_that_is_no_test_is_not_taken_for_one() {
    let source = "#[test]\nfn good() {}\n\n    #[tokio::test(start_paused = true)]\n    #[should_panic]\n    async fn late() {}\nfn helper() {}\n// fn commented() {}\n";
    assert!(has_test(source, "good") && has_test(source, "late"));
    let suite = "super::suite! { $ retries:\n    good\n    gone\n}\nasync fn good<F: Facade>() {}\nfn helper() {}\n";
    assert!(has_test(suite, "good") && !has_test(suite, "gone") && !has_test(suite, "helper"));
    assert!(!has_test(source, "helper") && !has_test(source, "goo") && !has_test(source, "commented"));
}
