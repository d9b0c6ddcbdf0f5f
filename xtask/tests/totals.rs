//! The totals of the suites that ran before, where all tests are run: of all targets that have some, cargo runs this one last.
//!
//! `TOTALS=required` fails where one of them is missing.

#![allow(clippy::unwrap_used, reason = "it is test code: what it can't do ends it")]

use std::env;
use std::process::ExitCode;

#[allow(unused, reason = "it is the suites that record, and it has units of its own")]
#[path = "../../tests/harness/src/totals.rs"]
mod totals;

fn main() -> ExitCode {
    // Who asks for tests by name, or for their names, asks for no totals.
    if env::args().skip(1).any(|argument| argument == "--list" || !argument.starts_with('-')) {
        return ExitCode::SUCCESS;
    }
    let (table, missing) = totals::table();
    eprint!("{table}");
    if !missing.is_empty() && env::var_os("TOTALS").is_some_and(|value| value == "required") {
        eprintln!("these totals are missing, since their tests failed or did not run:\n{}", missing.join("\n"));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
