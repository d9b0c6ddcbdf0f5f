//! The program of the local formation, whose turns do what their messages tell them to: see [`muxi_tests::work`].

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::{Error, Parser};
use local_backend_kit::program::{self, Program};
use muxi_local_backend::{Builder, LocalBackend};
use muxi_tests::work;

fn main() -> ExitCode {
    let program = Program {
        name: "told-formation",
        version: env!("CARGO_PKG_VERSION"),
        usage: "Usage: told-formation --turns FILE [--listen ADDRESS] [--data FILE]\n\n\
                Each turn that begins is a line of the file --turns.\n"
            .to_owned(),
        option,
        greeting: |_| "Its turns do what they are told to.\n".to_owned(),
    };
    program::run(&program, LocalBackend::builder())
}

fn option(builder: Builder, name: &str, parser: &mut Parser) -> Result<Option<Builder>, Error> {
    if name != "turns" {
        return Ok(None);
    }
    let begun = PathBuf::from(parser.value()?);
    Ok(Some(builder.on_chat(move |turn| {
        let begun = begun.clone();
        async move { work::play(turn, &begun).await }
    })))
}
