//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, Kind, Result, one_line};
use crate::{
    Backend, Imported, Source, Verdict, check_no_left_over_crate, checkout, drift, import, regenerate, stale,
    stale_error,
};

/// Keeps the generated transport crates in step with what their backends promise.
///
/// A backend's files lie in openapi/BACKEND, and it is registered nowhere but there: contract.toml and
/// schemas.json are written by hand, backend.json by `import`, public.json and the crate in generated/ that
/// the contract names by `regenerate`. When the backend changes: import its new export, classify in
/// contract.toml what the import names, regenerate, and follow the compile errors.
///
/// Exit codes: 0 done; 1 refused or stale, with one line on standard error that says where, what and
/// what to do; 2 a command line that is none. Those of `drift` are its own: see its help.
// The lines of the help are broken by hand; with other crates of the workspace clap breaks them, too.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", term_width = 0)]
pub struct Cli {
    /// The checkout to work on; default: the one around the current directory.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take the public part of a backend's OpenAPI export into the repository.
    ///
    /// Reads the export, contract.toml and schemas.json. Writes openapi/BACKEND/backend.json: the
    /// operations that contract.toml makes public and the schemas that they reach, as exported but
    /// without prose, and the names of the rest. Refuses an export with an operation that contract.toml
    /// does not classify, and whatever `regenerate` would refuse; nothing is written then.
    ///
    /// Prints a note for each place where the client has less than the export: what can't be typed in Rust is free
    /// JSON there, and what can't be sent and need not be is left out.
    #[command(after_help = "Example: cargo xtask import chat --from http://127.0.0.1:8042/openapi.json")]
    Import {
        /// The backend that the export is of: its folder's name in openapi/.
        backend: String,
        /// An OpenAPI 3.1 document in JSON, or the http(s) address of one.
        #[arg(long, value_name = "FILE|URL")]
        from: Source,
    },

    /// Write public.json and the generated crate anew. Needs no network.
    ///
    /// Reads openapi/BACKEND/{backend.json,contract.toml,schemas.json}. Writes
    /// openapi/BACKEND/public.json, which is OpenAPI 3.0.3, and the crate's whole folder in generated/:
    /// what does not belong there is removed. Two runs write the same bytes.
    #[command(after_help = "Example: cargo xtask regenerate --check")]
    Regenerate {
        /// The backend's folder in openapi/; default: every backend.
        backend: Option<String>,
        /// Write nothing; print a diff of what is stale, and exit with 1 if anything is.
        #[arg(long)]
        check: bool,
    },

    /// Compare a live backend with what its client was generated from.
    ///
    /// Reads openapi/BACKEND/{backend.json,contract.toml,schemas.json} and the live export. Writes nothing
    /// but a report on standard output: each change once, whether it breaks the client, what it was and is,
    /// what that means for the client, and the operations that it reaches. What is sent and what is read
    /// count in opposite ways: a type that a value gains is harmless in a request and breaks the reading of an
    /// answer. The client reads answers that the document types beyond what it says: a value that an enum gains,
    /// and null for what may be left out, are harmless there. Where it reads a shape of schemas.json, they are not. Prose, titles, tags and extensions (x-) do not count.
    ///
    /// With --json the report is an object of these fields: backend; against; verdict ("unchanged",
    /// "harmless" or "breaking"); breaking and harmless, the numbers of changes; and changes, a list of
    /// objects of severity ("breaking" or "harmless"), what (the keyword or part), operations (a list of
    /// path, method and name, null if not public), place, was and is (any JSON, null if absent), meaning.
    ///
    /// Exit codes: 0 nothing has changed; 1 harmless changes alone; 2 something breaks the client; 3 there is
    /// no comparison: a command line that is none, or a document that can't be read or is none.
    #[command(after_help = "Example: cargo xtask drift chat --against http://127.0.0.1:8042/openapi.json")]
    Drift {
        /// The backend that the client is of: its folder's name in openapi/.
        backend: String,
        /// The live export: an OpenAPI 3.1 document in JSON, or the http(s) address of one.
        #[arg(long, value_name = "FILE|URL")]
        against: Source,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The command whose exit codes are its own.
const DRIFT: &str = "drift";

/// The exit code of a comparison that could not be made.
const NO_COMPARISON: u8 = 3;

/// What a command came to.
#[derive(Debug)]
pub struct Outcome {
    /// What goes to standard output.
    pub printed: String,
    /// Why it was refused.
    pub error: Option<Error>,
    /// The exit code.
    pub code: u8,
}

/// The exit code of a command line that is none, or that asks for help: of `drift`, 2 says already that
/// something breaks the client.
pub fn usage_code(error: &clap::Error, arguments: impl Iterator<Item = OsString>) -> u8 {
    let usual = u8::try_from(error.exit_code()).unwrap_or(2);
    let arguments: Vec<_> = arguments.collect();
    let command = Cli::command().ignore_errors(true).try_get_matches_from(&arguments);
    let is_drift = match command.as_ref().ok().and_then(|matches| matches.subcommand_name()) {
        Some(name) => name == DRIFT,
        // What precedes the command may keep it from being found.
        None => arguments.iter().any(|argument| argument == DRIFT),
    };
    if usual != 0 && is_drift { NO_COMPARISON } else { usual }
}

impl Cli {
    /// Does what the command line asks for.
    pub fn run(self) -> Outcome {
        let root = match self.root.map_or_else(checkout_here, Ok) {
            Ok(root) => root,
            Err(error) => {
                let code = if matches!(self.command, Command::Drift { .. }) { NO_COMPARISON } else { 1 };
                return Outcome { printed: String::new(), error: Some(error), code };
            }
        };
        match self.command {
            Command::Import { backend, from } => match Backend::find(&root, &backend).and_then(|it| import(&it, &from))
            {
                Ok(imported) => done(summary(&imported), Ok(())),
                Err(error) => done(String::new(), Err(error)),
            },
            Command::Drift { backend, against, json } => drift_of(Backend::find(&root, &backend), &against, json),
            Command::Regenerate { backend, check } => {
                let mut printed = String::new();
                let result = regenerate_some(&root, backend.as_deref(), check, &mut printed);
                done(printed, result)
            }
        }
    }
}

/// Regenerates one backend or all, or says what is stale about it.
fn regenerate_some(root: &Path, name: Option<&str>, check: bool, printed: &mut String) -> Result<()> {
    let backends = match name {
        Some(name) => vec![Backend::find(root, name)?],
        None => Backend::all(root)?,
    };
    for backend in &backends {
        if check {
            check_one(backend, root, printed)?;
        } else {
            regenerate_one(backend, printed)?;
        }
    }
    if name.is_none() { check_no_left_over_crate(root, &backends) } else { Ok(()) }
}

fn done(printed: String, result: Result<()>) -> Outcome {
    let code = u8::from(result.is_err());
    Outcome { printed, error: result.err(), code }
}

fn drift_of(backend: Result<Backend>, against: &Source, json: bool) -> Outcome {
    match backend.and_then(|backend| drift(&backend, against).map(|drift| (backend, drift))) {
        Ok((backend, drift)) => {
            let against = against.to_string();
            let printed = if json { drift.json(&backend.name, &against) } else { drift.text(&backend.name, &against) };
            let code = match drift.verdict() {
                Verdict::Unchanged => 0,
                Verdict::Harmless => 1,
                Verdict::Breaking => 2,
            };
            Outcome { printed, error: None, code }
        }
        Err(error) => Outcome { printed: String::new(), error: Some(error), code: NO_COMPARISON },
    }
}

fn regenerate_one(backend: &Backend, printed: &mut String) -> Result<()> {
    let files = match regenerate(backend)? {
        0 => "up to date".to_owned(),
        1 => "1 file written or removed".to_owned(),
        count => format!("{count} files written or removed"),
    };
    printed.push_str(&format!("{}: {files}\n", backend.name));
    Ok(())
}

fn check_one(backend: &Backend, root: &Path, printed: &mut String) -> Result<()> {
    let diff = stale(backend, root)?;
    if !diff.is_empty() {
        printed.push_str(&diff);
        return Err(stale_error(backend));
    }
    printed.push_str(&format!("{}: up to date\n", backend.name));
    Ok(())
}

fn summary(imported: &Imported) -> String {
    let Imported { operations, public, written, notes } = imported;
    let private = operations - public;
    let file = if *written { "written" } else { "up to date" };
    let mut text = format!(
        "{operations} operations in the export: {public} public, {private} private, 0 unclassified\n\
         backend.json: {file}\n"
    );
    for note in notes {
        text.push_str(&format!("note: {}\n", one_line(note)));
    }
    text
}

/// The checkout around the current directory.
fn checkout_here() -> Result<PathBuf> {
    let here = std::env::current_dir().map_err(|error| {
        let problem = format!("is not at hand ({error})");
        Error::new(Kind::Unreadable, "the current directory", problem, "run the command elsewhere, or give --root")
    })?;
    checkout::around(&here)
}
