//! The m8tes of a night: its runs answer what is said, and ask for permission where that asks them to.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bridge_tests::{ASK, answer, note_turn, pieces};
use lexopt::{Error, Parser};
use local_backend_kit::program::{self, Program};
use m8tes_local_backend::{Builder, LocalBackend, Run, RunFailure};
use serde_json::json;

fn main() -> ExitCode {
    let program = Program {
        name: "night-m8tes",
        version: env!("CARGO_PKG_VERSION"),
        usage: "Usage: night-m8tes --turns FILE [--listen ADDRESS] [--data FILE]\n".to_owned(),
        option,
        greeting: |_| String::new(),
    };
    program::run(&program, LocalBackend::builder())
}

fn option(builder: Builder, name: &str, parser: &mut Parser) -> Result<Option<Builder>, Error> {
    if name != "turns" {
        return Ok(None);
    }
    let turns = PathBuf::from(parser.value()?);
    Ok(Some(builder.on_run(move |run: Run| {
        let turns = turns.clone();
        async move {
            note_turn(&turns, run.message());
            let (word, about) = run.message().split_once(' ').unwrap_or((run.message(), ""));
            if word == ASK && !run.ask_permission("gmail_send", &json!({ "about": about })).await.is_allowed() {
                return Err(RunFailure::new("it may not"));
            }
            for piece in pieces(&answer(run.message())) {
                run.pause(Duration::from_millis(15)).await;
                run.text(piece);
            }
            Ok(())
        }
    })))
}
