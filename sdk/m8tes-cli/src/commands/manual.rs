//! Completions and man pages, from the definitions of the command line.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::args::Cli;
use crate::failure::Failure;
use crate::screen::Screen;

/// Prints what a shell completes commands by.
pub(super) fn completions(screen: &mut Screen, shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "m8tes", &mut script);
    screen.bytes(&script)
}

/// Writes the man pages to this folder.
pub(super) fn pages(screen: &mut Screen, folder: &Path) -> Result<(), Failure> {
    let unwritten = |error| Failure::io(&format!("{} can't be written to", folder.display()), &error);
    fs::create_dir_all(folder).map_err(unwritten)?;
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), folder).map_err(unwritten)?;
    if screen.is_json() {
        return screen.json(&json!({"folder": folder}));
    }
    screen.line(&format!("the pages are in {}", folder.display()))
}
