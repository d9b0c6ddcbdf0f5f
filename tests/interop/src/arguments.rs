//! The command line.

use std::fmt::Write as _;

use lexopt::{Arg, Parser, ValueExt};

use crate::part::Part;

const USAGE: &str = "\
Runs the platforms' official Python clients against the local backends.

Usage: cargo run -p interop -- [PART]...

Parts (all of them, if none is named):
";

const MORE: &str = "
Options:
  -h, --help  Print this

The Python clients are installed from PyPI, with pinned hashes, into virtual environments under
cargo's target folder. PYTHON names the interpreter for them [default: python3]; it has to be
3.11 or newer, with venv. What can't be installed, done or found right ends the run with status 1.
";

/// What the command line asks for.
#[derive(Debug)]
pub enum Request {
    /// A run of these parts.
    Run(Vec<Part>),
    /// A text.
    Print(String),
}

/// Reads the command line.
pub fn read() -> Result<Request, lexopt::Error> {
    request(Parser::from_env())
}

fn request(mut parser: Parser) -> Result<Request, lexopt::Error> {
    let mut parts = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Request::Print(usage())),
            Arg::Value(name) => {
                let part = name.parse_with(|name| Part::named(name).ok_or("there is no such part"))?;
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Request::Run(if parts.is_empty() { Part::ALL.to_vec() } else { parts }))
}

fn usage() -> String {
    let mut text = USAGE.to_owned();
    for part in Part::ALL {
        let _ = writeln!(text, "  {:<13} {}", part.name(), part.about());
    }
    text + MORE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_name_all_parts_run() {
        let parsed = request(Parser::from_args([""; 0])).unwrap();
        assert!(matches!(parsed, Request::Run(parts) if parts == Part::ALL));
    }

    #[test]
    fn a_part_that_is_named_twice_runs_once() {
        let parsed = request(Parser::from_args(["methods", "methods"])).unwrap();
        assert!(matches!(parsed, Request::Run(parts) if parts == [Part::Methods]));
    }

    #[test]
    fn an_unknown_part_is_refused() {
        let error = request(Parser::from_args(["method"])).unwrap_err();
        assert!(error.to_string().contains("there is no such part"), "{error}");
    }
}
