//! The formation of a night: its turns answer what is said.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bridge_tests::{answer, note_turn, pieces};
use lexopt::{Error, Parser};
use local_backend_kit::program::{self, Program};
use muxi_local_backend::{Builder, LocalBackend, Reply};
use serde_json::json;

fn main() -> ExitCode {
    let program = Program {
        name: "night-muxi",
        version: env!("CARGO_PKG_VERSION"),
        usage: "Usage: night-muxi --turns FILE [--listen ADDRESS] [--data FILE]\n".to_owned(),
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
    Ok(Some(builder.on_chat(move |turn| {
        let turns = turns.clone();
        async move {
            note_turn(&turns, turn.message());
            turn.token("progress", "Working on it", &json!({ "stage": "init" }));
            for piece in pieces(&answer(turn.message())) {
                turn.pause(Duration::from_millis(15)).await;
                turn.text(&piece);
            }
            Ok(Reply::told())
        }
    })))
}
