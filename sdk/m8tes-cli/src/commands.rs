//! What each command does.

mod auth;
mod mate;
mod message;
mod run;

use crate::args::Command;
use crate::failure::Failure;
use crate::session::Session;

/// Does what was asked for.
pub(crate) async fn run(session: &mut Session<'_>, command: Command) -> Result<(), Failure> {
    match command {
        Command::Auth(command) => auth::run(session, command).await,
        Command::Mate(command) => mate::run(session, command).await,
        Command::Run(command) => run::run(session, command).await,
    }
}
