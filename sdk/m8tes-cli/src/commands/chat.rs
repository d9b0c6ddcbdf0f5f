//! `m8tes mate chat`

mod input;

use m8tes_sdk::{Client, RunId, TeammateId};

use super::mate::{newest, with_turn};
use crate::args::mate::Chat;
use crate::failure::Failure;
use crate::output::work::Work;
use crate::session::Session;
use crate::turn::{self, Ended, Reply};
use input::Input;

/// What can be said beside messages.
const HELP: &str = "\
/clear       begin a new run with the next message
/resume RUN  go on with a run of this teammate
/exit        leave; so do /quit and Ctrl-D
A line that ends with a backslash goes on in the next one; so does Alt-Enter.";

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
enum Said<'l> {
    Message(&'l str),
    Clear,
    Resume(&'l str),
    Exit,
    Help,
    /// Nothing, or what looks like one of these and is none: this is said about it.
    Nothing(Option<String>),
}

/// The run that goes on with the next message.
#[derive(Clone, Copy)]
struct Resumed {
    id: RunId,
    /// A message waits behind the turn under way then.
    is_at_work: bool,
}

/// Reads a line. At the terminal a word with a slash that is none of these is a slip; elsewhere all else is a message.
fn read(line: &str, has_dialog: bool) -> Said<'_> {
    let (word, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let is_command = |word: &str| word.strip_prefix('/').is_some_and(|name| name.chars().all(char::is_alphabetic));
    match (word, rest.trim()) {
        ("/exit" | "/quit", "") => Said::Exit,
        ("/clear", "") => Said::Clear,
        ("/resume", run) => Said::Resume(run),
        ("/help", "") if has_dialog => Said::Help,
        ("", _) => Said::Nothing(None),
        (word, "") if has_dialog && is_command(word) => {
            Said::Nothing(Some(format!("there is no {word}; /help tells what there is")))
        }
        _ => Said::Message(line),
    }
}

pub(super) async fn run(session: &mut Session<'_>, command: Chat) -> Result<(), Failure> {
    let client = session.client()?;
    let id = match command.id {
        Some(id) => id,
        None => newest(session, &client).await?,
    };
    let mate = client.teammates().get(id).await?;
    let mut run = None;
    if let Some(resumed) = command.resume {
        run = Some(resume(&client, id, resumed).await?);
    }
    let has_dialog = session.screen.has_dialog();
    if has_dialog {
        session
            .screen
            .note(&format!("{} (teammate {id}) is here. /help tells what can be said beside messages.", mate.name));
    }
    let mut input = Input::open(&session.screen)?;
    let mut result = Ok(());
    while let Some(line) = input.next(&mut session.screen).await? {
        let message = match read(&line, has_dialog) {
            Said::Exit => break,
            Said::Clear => {
                run = None;
                session.screen.note("a new run begins with the next message");
                continue;
            }
            Said::Resume(number) => {
                match resume_named(&client, id, number).await {
                    Ok(resumed) => {
                        run = Some(resumed);
                        session.screen.note(&format!("run {} goes on with the next message", resumed.id));
                    }
                    Err(failure) => result = told(session, &failure),
                }
                continue;
            }
            Said::Help => {
                session.screen.note(HELP);
                continue;
            }
            // Nothing more is to come.
            Said::Nothing(None) if session.screen.is_json() => break,
            Said::Nothing(about) => {
                about.iter().for_each(|about| session.screen.note(about));
                continue;
            }
            Said::Message(message) => message,
        };
        let ended = match say(session, &client, id, run, message, &command).await {
            Ok(ended) => ended,
            Err(failure @ (Failure::NobodyReads | Failure::Interrupted)) => return Err(failure),
            Err(failure) => {
                result = told(session, &failure);
                continue;
            }
        };
        run = ended.run.or(run.map(|run| run.id)).map(|id| Resumed { id, is_at_work: false });
        match ended.result {
            Ok(()) => {}
            Err(Failure::Interrupted) if ended.was_cancelled && has_dialog => {}
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(failure) => result = told(session, &failure),
        }
    }
    if !has_dialog {
        return result;
    }
    if let Some(run) = run {
        turn::summarize(&mut session.screen, &client, run.id, None).await;
    }
    Ok(())
}

/// One message, and what comes of it.
async fn say(
    session: &mut Session<'_>,
    client: &Client,
    id: TeammateId,
    run: Option<Resumed>,
    message: &str,
    command: &Chat,
) -> Result<Ended, Failure> {
    let is_at_work = run.is_some_and(|run| run.is_at_work);
    let run = run.map(|run| run.id);
    session.screen.spin("…");
    let stream = match run {
        Some(run) => client.runs().reply_stream(run, message).await,
        None => with_turn(client.runs().stream(message), &command.turn).teammate(id).await,
    };
    let stream = stream?;
    let reply = match run {
        // The reply is sent: that this can't be told is no reason to show nothing of it.
        Some(run) if is_at_work => {
            let now = client.runs().get(run).await.ok();
            Some(Reply { queued: now.and_then(|now| now.pending_queued_message_ids.last().copied()) })
        }
        _ => None,
    };
    turn::follow(session, client, stream, &mut Work::new(command.turn.debug), reply).await
}

/// Says what went wrong, which ends no chat.
fn told(session: &mut Session<'_>, failure: &Failure) -> Result<(), Failure> {
    session.screen.failure(failure);
    Err(Failure::Told)
}

async fn resume_named(client: &Client, mate: TeammateId, number: &str) -> Result<Resumed, Failure> {
    match number.parse() {
        Ok(run) => resume(client, mate, run).await,
        Err(_) => Err(Failure::failed(format!("/resume takes the id of a run, not {number:?}"))),
    }
}

/// A run that is to go on, where it is this teammate's.
async fn resume(client: &Client, mate: TeammateId, run: RunId) -> Result<Resumed, Failure> {
    let now = client.runs().get(run).await?;
    match now.teammate_id {
        Some(whose) if whose == mate => Ok(Resumed { id: run, is_at_work: !now.status.is_terminal() }),
        Some(whose) => Err(Failure::failed(format!("run {run} is teammate {whose}'s"))),
        None => Err(Failure::failed(format!("run {run} is no teammate's"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_message_byte_for_byte_unless_it_is_a_command() {
        for (line, said) in [
            ("/exit", Said::Exit),
            (" /quit ", Said::Exit),
            ("/clear", Said::Clear),
            ("/resume 42", Said::Resume("42")),
            ("/resume", Said::Resume("")),
            ("/exit now", Said::Message("/exit now")),
            ("  a  b ", Said::Message("  a  b ")),
            ("/etc/passwd", Said::Message("/etc/passwd")),
            (" ", Said::Nothing(None)),
        ] {
            assert_eq!(read(line, true), said, "{line:?}");
        }
        assert!(matches!(read("/exti", true), Said::Nothing(Some(_))));
        assert_eq!((read("/exti", false), read("/help", true)), (Said::Message("/exti"), Said::Help));
    }
}
