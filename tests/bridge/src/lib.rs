//! What is said in the nights of the bridge, and what a turn does for it.

// It is test code: what it can't do ends the test.
#![allow(clippy::unwrap_used)]

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// What people say who allow something.
pub const YES: &str = "yes";

/// What asks for permission begins with this word; the other is what it is about.
pub const ASK: &str = "ask";

/// What is answered.
pub fn answer(message: &str) -> String {
    format!("You said “{message}”.")
}

/// Notes that a turn with this message was begun: a line of the file.
pub fn note_turn(turns: &Path, message: &str) {
    // Appended in one piece, so that what is killed in the middle of it leaves it whole or not at all.
    let line = format!("{message}\n");
    OpenOptions::new().create(true).append(true).open(turns).unwrap().write_all(line.as_bytes()).unwrap();
}

/// The pieces that an answer is told in.
pub fn pieces(answer: &str) -> Vec<String> {
    answer.split_inclusive(' ').map(str::to_owned).collect()
}
