//! Imports a backend's OpenAPI schema, generates its transport crate and watches the backend's drift.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use xtask::cli::{self, Cli, Outcome};

fn main() -> ExitCode {
    let Outcome { printed, error, code } = match Cli::try_parse() {
        Ok(cli) => cli.run(),
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(cli::usage_code(&error, std::env::args_os()));
        }
    };
    // Whoever closes standard output early, as `head` does, has seen enough.
    let _ = std::io::stdout().write_all(printed.as_bytes());
    if let Some(error) = error {
        let _ = writeln!(std::io::stderr(), "error: {error}");
    }
    ExitCode::from(code)
}
