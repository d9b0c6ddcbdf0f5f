//! What a run asks people, asked at the terminal.

use std::collections::HashSet;

use m8tes_sdk::runs::{Answers, Ask, PlanRequest, Question, QuestionRequest, Resolution, ToolRequest};
use m8tes_sdk::{Client, Error, PermissionRequest, RunId};
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::prompts::{self, Pressed};
use crate::screen::{BOLD, Screen};

/// Refusals of a decision that came too late to matter.
const TOO_LATE: [&str; 3] = ["gate_cancelled", "run_not_active", "auto_continued"];

/// How many options can be chosen with one key.
const KEYS: &str = "123456789";

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All that waited is decided.
    Decided,
    /// Ctrl-C instead of an answer.
    CtrlC,
}

/// Asks the person at the terminal all that a run waits for and was not asked yet, and sends what they say.
pub(crate) async fn decide(
    screen: &mut Screen,
    client: &Client,
    run: RunId,
    told: Option<&PermissionRequest>,
    asked: &mut HashSet<String>,
) -> Result<Asked, Failure> {
    let listed = client.runs().permissions(run).await?;
    let is_listed = |id: &str| listed.iter().any(|request| request.request_id == id);
    // The list may lag behind the stream.
    let ahead = told.filter(|request| !request.request_id.is_empty() && !is_listed(&request.request_id));
    for request in listed.iter().filter(|request| request.is_pending()).chain(ahead) {
        if asked.contains(&request.request_id) {
            continue;
        }
        let Some(resolution) = ask(screen, request).await? else { return Ok(Asked::CtrlC) };
        asked.insert(request.request_id.clone());
        send(screen, client, run, resolution).await?;
    }
    Ok(Asked::Decided)
}

/// Sends a decision. One that came too late is told, and the run goes on.
async fn send(screen: &mut Screen, client: &Client, run: RunId, resolution: Resolution) -> Result<(), Failure> {
    let Err(error) = client.runs().resolve(run, resolution).await else { return Ok(()) };
    let line = match error.code() {
        _ if is_too_late(&error) => format!("that came too late: {error}"),
        Some("gate_resolved_otherwise") => {
            format!("somebody else has decided otherwise, so yours was not taken: {error}")
        }
        _ => return Err(Failure::from(error)),
    };
    screen.note(&line);
    Ok(())
}

/// Asks one thing; `None` for Ctrl-C.
async fn ask(screen: &mut Screen, request: &PermissionRequest) -> Result<Option<Resolution>, Failure> {
    match request.ask() {
        Ask::Tool(tool) => ask_tool(screen, &tool).await,
        Ask::Question(question) => Ok(ask_questions(screen, &question).await?.map(Resolution::from)),
        Ask::Plan(plan) => Ok(ask_plan(screen, &plan).await?.map(Resolution::from)),
        _ => Err(Failure::failed("the run asks what this version does not know; answer it on m8tes' own pages")),
    }
}

async fn ask_tool(screen: &mut Screen, tool: &ToolRequest) -> Result<Option<Resolution>, Failure> {
    screen.styled_note(&format!("The teammate wants to use {}:", tool.title()), BOLD);
    input_lines(&tool.tool_input).iter().for_each(|line| screen.note(line));
    let decision = match prompts::key(screen, "Allow it? (y)es, (a)lways, (n)o", "yan").await? {
        Pressed::CtrlC => return Ok(None),
        Pressed::Key('y') => tool.allow(),
        Pressed::Key('a') => tool.allow().remember(true),
        Pressed::Key(_) => {
            let reason = prompts::line_or(screen, "Why not (may be left empty)", "").await?;
            if reason.is_empty() { tool.deny() } else { tool.deny().reason(reason) }
        }
    };
    Ok(Some(decision.into()))
}

async fn ask_plan(screen: &mut Screen, plan: &PlanRequest) -> Result<Option<Answers>, Failure> {
    screen.styled_note("The teammate's plan:", BOLD);
    screen.note(plan.plan());
    match prompts::key(screen, "Go on like that? (y)es, (n)o", "yn").await? {
        Pressed::CtrlC => Ok(None),
        Pressed::Key('y') => Ok(Some(plan.approve())),
        Pressed::Key(_) => {
            let instead = prompts::line_or(screen, "What instead", "Reject").await?;
            Ok(Some(plan.revise(instead)))
        }
    }
}

async fn ask_questions(screen: &mut Screen, request: &QuestionRequest) -> Result<Option<Answers>, Failure> {
    let mut answers: Option<Answers> = None;
    for question in request.questions() {
        let Some(label) = ask_question(screen, question).await? else { return Ok(None) };
        answers = Some(match answers {
            None => request.answer(label),
            Some(answers) => answers.and(key_of(question), label),
        });
    }
    answers.map(Some).ok_or_else(|| Failure::failed("the run asks a question that has no text"))
}

/// What an answer is told by.
pub(crate) fn key_of(question: &Question) -> &str {
    if question.question.is_empty() { question.header.as_deref().unwrap_or_default() } else { &question.question }
}

async fn ask_question(screen: &mut Screen, question: &Question) -> Result<Option<String>, Failure> {
    screen.styled_note(&format!("The teammate asks: {}", key_of(question)), BOLD);
    for (number, option) in (1..).zip(&question.options) {
        let description = option.description.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        screen.note(&format!("  {number} {}{description}", option.label));
    }
    let labels = || question.options.iter().map(|option| option.label.as_str());
    if question.options.is_empty() {
        return prompts::line(screen, "Answer").await.map(Some);
    }
    if question.multi_select || question.options.len() > KEYS.len() {
        let said = prompts::line(screen, "Answer (numbers with commas, or your own words)").await?;
        return Ok(Some(labels_of(&said, &labels().collect::<Vec<_>>())));
    }
    loop {
        match prompts::key(screen, "Answer (its number, or o for your own words)", "123456789o").await? {
            Pressed::CtrlC => return Ok(None),
            Pressed::Key('o') => return prompts::line(screen, "Answer").await.map(Some),
            Pressed::Key(key) => {
                let number = key.to_digit(10).and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
                if let Some(label) = number.checked_sub(1).and_then(|index| labels().nth(index)) {
                    return Ok(Some(label.to_owned()));
                }
            }
        }
    }
}

/// The labels of these numbers, with commas between them; or what was said, where it is not numbers of options alone.
fn labels_of(said: &str, labels: &[&str]) -> String {
    let chosen = said.split(',').map(|number| {
        let index = number.trim().parse::<usize>().ok()?.checked_sub(1)?;
        labels.get(index).copied()
    });
    chosen.collect::<Option<Vec<_>>>().map_or_else(|| said.to_owned(), |chosen| chosen.join(", "))
}

/// What a tool is given, line by line.
pub(crate) fn input_lines(input: &Map<String, Value>) -> Vec<String> {
    let line = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("  {name}: {}", text.replace('\n', "\n    ")),
        value => format!("  {name}: {value}"),
    };
    input.iter().map(line).collect()
}

/// What the stream has told of a request, where the list of them has it not yet.
pub(crate) fn of_gate(gate: &m8tes_sdk::runs::Gate) -> Option<PermissionRequest> {
    serde_json::from_value(serde_json::json!({
        "request_id": gate.request_id.as_deref().filter(|id| !id.is_empty())?,
        "tool_name": gate.tool_name,
        "tool_input": gate.tool_input,
        "tool_use_id": gate.tool_use_id,
        "status": "pending",
        "created_at": null,
    }))
    .ok()
}

/// In a line: what a request asks.
pub(crate) fn in_short(request: &PermissionRequest) -> String {
    match request.ask() {
        Ask::Tool(tool) => format!("may {} be used?", tool.title()),
        Ask::Plan(_) => "is its plan right?".to_owned(),
        Ask::Question(question) => {
            let texts = question.questions().iter().map(key_of).collect::<Vec<_>>();
            texts.join(" ")
        }
        _ => request.title().to_owned(),
    }
}

/// Whether a refusal means that there is nothing to decide any more.
fn is_too_late(error: &Error) -> bool {
    error.code().is_some_and(|code| TOO_LATE.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_options_and_all_else_is_words() {
        let labels = ["Main", "Dev"];
        for (said, expected) in [("2", "Dev"), ("2, 1", "Dev, Main"), ("3", "3"), ("both", "both"), ("0", "0")] {
            assert_eq!(labels_of(said, &labels), expected);
        }
    }
}
