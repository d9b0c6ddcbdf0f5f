//! The command line: help, completions and man pages come from these definitions.

pub(crate) mod auth;
pub(crate) mod mate;
pub(crate) mod run;
pub(crate) mod task;
pub(crate) mod webhooks;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use m8tes_sdk::Secret;

use crate::failure::Failure;

/// Hosted AI teammates in the terminal and in scripts.
#[derive(Debug, Parser)]
#[command(name = "m8tes", version, about, propagate_version = true, max_term_width = 100)]
#[command(after_help = "The API key is that of --api-key, else of M8TES_API_KEY, else of the stored login.\n\
    Exit codes: 0 done, 1 failed, 2 arguments not understood, 130 interrupted.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What goes with every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The API key (m8_…). Others on this machine can see it; M8TES_API_KEY and `auth login` hide it.
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) api_key: Option<Secret>,
    /// Where m8tes is [default: M8TES_BASE_URL, else that of the login, else api.m8tes.ai]
    #[arg(long, global = true, value_name = "URL", conflicts_with = "dev")]
    pub(crate) base_url: Option<String>,
    /// Use 127.0.0.1, at the port in M8TES_PORT, else 8000.
    #[arg(long, global = true)]
    pub(crate) dev: bool,
    /// The user of yours that it is for.
    #[arg(long, global = true, value_name = "USER")]
    pub(crate) user_id: Option<String>,
    /// Which of the stored logins is used [default: M8TES_PROFILE, else default]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// How results are shown.
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) output: Output,
    /// When colours are used; never where NO_COLOR is set, unless always.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Color,
}

/// How results are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people: tables, and all that a teammate does
    #[default]
    Verbose,
    /// Less: one line for each thing, and of a teammate's work the text and the names of its tools
    Compact,
    /// For programs: one JSON object on each line, errors on stderr too
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// At a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The account: log in and out, usage
    #[command(subcommand, arg_required_else_help = false)]
    Auth(auth::Auth),
    /// Teammates: who does the work
    #[command(subcommand, arg_required_else_help = false, visible_aliases = ["agent", "teammate", "m", "agents"])]
    Mate(mate::Mate),
    /// Runs: the work
    #[command(subcommand, arg_required_else_help = false)]
    Run(run::Run),
    /// Tasks: work that is told once, and done each time that it is started
    #[command(subcommand, arg_required_else_help = false)]
    Task(task::Task),
    /// Webhooks: where m8tes tells what happens
    #[command(subcommand, arg_required_else_help = false)]
    Webhooks(webhooks::Webhooks),
    /// Print what a shell completes commands by, such as with: source <(m8tes completions bash)
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Write the man pages, one for each command
    Man {
        /// The folder that they are written to, such as ~/.local/share/man/man1
        folder: PathBuf,
    },
}

/// Reads the command line. What is not understood, or asked for help, is said, and ends the program with this code.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Cli, u8> {
    let wants_json = wants_json(&arguments);
    let error = match Cli::try_parse_from(arguments) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    if !error.use_stderr() {
        // Whoever reads it no more has seen enough.
        let _ = error.print();
        return Err(0);
    }
    let line = one_line(&error);
    let failure = Failure::usage(line);
    let output = if wants_json { Output::Json } else { Output::Verbose };
    crate::screen::Screen::new(output, Color::Auto).failure(&failure);
    Err(match error.kind() {
        // A group without a command, or a value that says nothing: the command is known, and it fails.
        ErrorKind::MissingSubcommand | ErrorKind::ValueValidation => 1,
        _ => 2,
    })
}

/// What is wrong with the command line, without how it should be.
fn one_line(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::MissingSubcommand {
        return "a command is missing; see --help".to_owned();
    }
    let text = error.render().to_string();
    let said = text.split("\n\nUsage:").next().unwrap_or_default();
    let said = said.split("\n\nFor more information").next().unwrap_or_default();
    let said = said.trim().trim_start_matches("error:").trim();
    format!("{said}; see --help")
}

/// Whether JSON is asked for, as far as that can be seen of arguments that are not understood.
fn wants_json(arguments: &[OsString]) -> bool {
    let pairs = arguments.iter().zip(arguments.iter().skip(1));
    arguments.iter().any(|argument| argument == "--output=json")
        || pairs.into_iter().any(|(name, value)| name == "--output" && value == "json")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_was_given_can_be_shown_without_the_key() {
        let cli = Cli::try_parse_from(["m8tes", "auth", "status", "--api-key", "m8_secret"]).unwrap();
        assert!(!format!("{cli:?} {cli:#?}").contains("m8_secret"));
        assert_eq!(cli.global.api_key.unwrap().expose_secret(), "m8_secret");
    }
}
