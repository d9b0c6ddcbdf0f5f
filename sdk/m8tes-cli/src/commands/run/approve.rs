//! Deciding what a run asks.

use std::collections::HashSet;

use m8tes_sdk::runs::{Answers, Ask, Decision, QuestionRequest, Resolution};
use m8tes_sdk::{Client, PermissionRequest, RunId};
use serde_json::json;

use crate::args::run::Approve;
use crate::failure::Failure;
use crate::people::{self, Asked};
use crate::session::Session;

pub(super) async fn run(session: &mut Session<'_>, command: Approve) -> Result<(), Failure> {
    let client = session.client()?;
    let is_decided = command.allow || command.deny || !command.answer.is_empty();
    if !is_decided && session.screen.has_person() {
        return ask(session, &client, command.id).await;
    }
    let waiting = client.runs().permissions(command.id).await?.into_iter().filter(PermissionRequest::is_pending);
    let waiting = waiting.filter(|request| command.request.as_ref().is_none_or(|id| *id == request.request_id));
    let waiting = waiting.collect::<Vec<_>>();
    let request = match waiting.as_slice() {
        [] => return Err(Failure::failed(format!("run {} asks nothing of that kind now", command.id))),
        [request] => request,
        several => {
            let named = several.iter().map(|request| format!("{} ({})", request.request_id, people::in_short(request)));
            let named = named.collect::<Vec<_>>().join(", ");
            return Err(Failure::failed(format!(
                "run {} asks several things; say which with --request: {named}",
                command.id
            )));
        }
    };
    if !is_decided {
        let what = people::in_short(request);
        return Err(Failure::failed(format!(
            "run {} asks: {what} Decide it with --allow, --deny or --answer",
            command.id
        )));
    }
    let resolution = resolution(request, &command)?;
    client.runs().resolve(command.id, resolution).await?;
    if session.screen.is_json() {
        return session.screen.json(&json!({"run_id": command.id.get(), "request_id": request.request_id}));
    }
    session.screen.line(&format!("run {}: {} is decided", command.id, request.request_id))
}

/// Asks the person at the terminal.
async fn ask(session: &mut Session<'_>, client: &Client, run: RunId) -> Result<(), Failure> {
    let screen = &mut session.screen;
    let mut asked = HashSet::new();
    if people::decide(screen, client, run, None, &mut asked).await? == Asked::CtrlC {
        return Err(Failure::Interrupted);
    }
    match asked.len() {
        0 => Err(Failure::failed(format!("run {run} asks nothing now"))),
        _ => screen.line(&format!("run {run} goes on; m8tes run watch {run} shows it")),
    }
}

/// What the options say, for what is asked.
fn resolution(request: &PermissionRequest, command: &Approve) -> Result<Resolution, Failure> {
    match request.ask() {
        Ask::Tool(tool) if command.answer.is_empty() => {
            let decision = if command.allow { tool.allow() } else { tool.deny() };
            Ok(with_options(decision, command).into())
        }
        Ask::Plan(plan) if command.answer.is_empty() => Ok(match (command.allow, &command.reason) {
            (true, _) => plan.approve(),
            (false, reason) => plan.revise(reason.as_deref().unwrap_or("Reject")),
        }
        .into()),
        Ask::Plan(plan) => Ok(plan.revise(command.answer.join("\n")).into()),
        Ask::Question(question) => answers(&question, &command.answer).map(Resolution::from),
        _ => Err(Failure::failed(format!("{} is decided with --allow or --deny", request.title()))),
    }
}

fn with_options(decision: Decision, command: &Approve) -> Decision {
    let decision = decision.remember(command.remember);
    match &command.reason {
        Some(reason) => decision.reason(reason),
        None => decision,
    }
}

fn answers(request: &QuestionRequest, said: &[String]) -> Result<Answers, Failure> {
    let questions = request.questions();
    let ([first, rest @ ..], true) = (said, questions.len() == said.len()) else {
        return Err(Failure::failed(format!(
            "it asks {} questions ({}); give --answer once for each",
            questions.len(),
            people::in_short(request)
        )));
    };
    let pairs = questions.iter().skip(1).zip(rest);
    Ok(pairs.fold(request.answer(first), |answers, (question, label)| answers.and(people::key_of(question), label)))
}
