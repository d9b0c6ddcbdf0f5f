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

/// Says of a request what was given; of each thing by the method of that name.
macro_rules! say {
    ($request:expr; $($given:ident),+) => {{
        let mut request = $request;
        $(if let Some($given) = $given {
            request = request.$given($given);
        })+
        request
    }};
}
use say;

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
