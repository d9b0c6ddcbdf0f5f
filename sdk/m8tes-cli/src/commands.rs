//! What each command does.

mod auth;
mod chat;
mod manual;
mod mate;
mod message;
mod run;
mod task;
mod webhooks;

use crate::args::Command;
use crate::failure::Failure;
use crate::session::Session;

/// Does what was asked for.
pub(crate) async fn run(session: &mut Session<'_>, command: Command) -> Result<(), Failure> {
    match command {
        Command::Auth(command) => auth::run(session, command).await,
        Command::Mate(command) => mate::run(session, command).await,
        Command::Run(command) => run::run(session, command).await,
        Command::Task(command) => task::run(session, command).await,
        Command::Webhooks(command) => webhooks::run(session, command).await,
        Command::Completions { shell } => manual::completions(&mut session.screen, shell),
        Command::Man { folder } => manual::pages(&mut session.screen, &folder),
    }
}
