//! What the SDK costs, against what its users would have without it.
//!
//! `cargo bench -p bench` measures all groups and prints a table; see `BENCH.md`. The program is also what it
//! starts beside itself: the peer that answers from memory, and the probes that are counted from outside.

mod applications;
mod arguments;
mod bare;
mod bare_events;
mod counted;
mod document;
mod figure;
mod groups;
mod measure;
mod peer;
mod raw_stream;
mod report;
mod served;
mod spent;

use std::process::ExitCode;

use arguments::Arguments;

/// What can go wrong while measuring. There is nothing to be done about it but to tell.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Runs the program: measures what the arguments name, or plays the role that they name.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = Arguments::read().and_then(|arguments| match arguments {
        Arguments::Help(text) => {
            println!("{text}");
            Ok(true)
        }
        Arguments::Measure(settings) => report::measure(&settings),
        Arguments::Role(role, arguments) => role(arguments).map(|()| true),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}
