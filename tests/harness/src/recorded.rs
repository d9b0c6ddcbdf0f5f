//! Recordings: a JSON object on each line of a file, or a list of them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::note;
use serde_json::Value;

/// What a file of recordings holds.
pub fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    if text.starts_with('[') {
        return serde_json::from_str(&text).unwrap();
    }
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The file that belongs to a target of a platform's suites, beside its `main.rs`.
pub fn own(platform: &str, target: &str) -> PathBuf {
    suites().join(format!("{platform}/tests/{target}/{target}.jsonl"))
}

/// The folder of all suites.
fn suites() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The further file that a variable names; where it names none, it is told that the test is left out.
pub fn further(variable: &str, test: &str) -> Option<PathBuf> {
    let file = std::env::var_os(variable).map(PathBuf::from);
    if file.is_none() {
        note(&format!("left out, since {variable} names no file: {test}"));
    }
    file
}

/// What a file of recordings is called.
pub fn shown(file: &Path) -> String {
    if file.starts_with(suites()) { "the repository".to_owned() } else { file.display().to_string() }
}

/// Tells of how many of these things the facade did as recorded, and fails unless it did of all.
pub fn tell(what: &str, all: usize, file: &Path, wrong: &[String]) {
    note(&format!("agreed {} of {all} {what} of {}", all.saturating_sub(wrong.len()), shown(file)));
    assert!(all > 0 && wrong.is_empty(), "of {} it is otherwise:\n{}", file.display(), wrong.join("\n"));
}
