//! The command `m8tes`: hosted AI teammates in the terminal and in scripts.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod failure;
mod hidden;
mod interrupts;
mod keys;
mod output;
mod people;
mod prompts;
mod screen;
mod session;
mod terminal;
mod turn;

use std::process::ExitCode;
use std::time::Duration;

use args::Cli;
use clap::CommandFactory;
use failure::Failure;
use interrupts::Interrupts;
use session::Session;

/// How long a prompt that is given up may take to set the terminal back.
const LAST_MOMENT: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let cli = match args::parse(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(code) => return ExitCode::from(code),
    };
    let Some(command) = cli.command else {
        // Whoever reads it no more has seen enough.
        let _ = Cli::command().print_help();
        return ExitCode::SUCCESS;
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::io("the program can't start", &error);
            screen::Screen::new(cli.global.output, cli.global.color).failure(&failure);
            return failure.exit_code();
        }
    };
    let interrupts = Interrupts::default();
    let mut session = Session::new(&cli.global, &interrupts);
    let result = runtime.block_on(async {
        tokio::select! {
            // Signals are listened for before the command begins: there may be a terminal to give back from then on.
            biased;
            failure = interrupts.end_the_program() => Err(failure),
            result = commands::run(&mut session, command) => result,
        }
    });
    runtime.shutdown_timeout(LAST_MOMENT);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if matches!(failure, Failure::Interrupted) {
                session.screen.give_terminal_back();
            }
            session.screen.failure(&failure);
            failure.exit_code()
        }
    }
}
