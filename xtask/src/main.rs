//! Imports a backend's OpenAPI schema and generates its transport crate.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use xtask::cli::Cli;

fn main() -> ExitCode {
    let (printed, done) = Cli::parse().run();
    // Whoever closes standard output early, as `head` does, has seen enough.
    let _ = std::io::stdout().write_all(printed.as_bytes());
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
