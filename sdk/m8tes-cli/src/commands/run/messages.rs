//! What a run has said, and which tools it has used.

use m8tes_sdk::{Client, RunId, RunMessage};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::output::Table;
use crate::output::work::short;
use crate::screen::BOLD;
use crate::session::Session;

/// How many messages come at once.
const PAGE: u32 = 500;

/// All messages of a run.
async fn all(client: &Client, run: RunId) -> Result<Vec<RunMessage>, Failure> {
    let mut messages = client.runs().messages(run).limit(PAGE).await?;
    let mut came = messages.len();
    while let Some(last) = messages.last().map(|message| message.sequence).filter(|_| came >= PAGE as usize) {
        let more = client.runs().messages(run).limit(PAGE).after(last).await?;
        came = more.len();
        messages.extend(more);
    }
    Ok(messages)
}

pub(super) async fn conversation(session: &mut Session<'_>, run: RunId) -> Result<(), Failure> {
    let messages = all(&session.client()?, run).await?;
    let screen = &mut session.screen;
    if screen.is_json() {
        return messages.iter().try_for_each(|message| screen.json(message));
    }
    for message in &messages {
        screen.styled_line(&format!("{}:", message.role), BOLD)?;
        screen.line(&message.content)?;
        for tool in message.tool_calls() {
            screen.line(&format!("→ {}", name_of(tool)))?;
        }
        screen.line("")?;
    }
    Ok(())
}

pub(super) async fn tools(session: &mut Session<'_>, run: RunId, is_verbose: bool) -> Result<(), Failure> {
    let messages = all(&session.client()?, run).await?;
    let calls = messages.iter().flat_map(|message| message.tool_calls().map(move |tool| (message.sequence, tool)));
    let calls: Vec<Value> = calls.map(|(message, tool)| json!({"message": message, "tool": tool})).collect();
    let headers: &[&str] = if is_verbose { &["message", "tool", "input"] } else { &["message", "tool"] };
    Table::new(headers).show(&mut session.screen, &calls, "no tools", |call| {
        let tool = call.get("tool").and_then(Value::as_object);
        let name = tool.map(|tool| name_of(tool).to_owned()).unwrap_or_default();
        let input = tool.and_then(|tool| tool.get("input")).map(ToString::to_string).unwrap_or_default();
        let message = call.get("message").map(ToString::to_string).unwrap_or_default();
        let row = vec![message, name];
        if is_verbose { [row, vec![short(&input)]].concat() } else { row }
    })
}

fn name_of(tool: &Map<String, Value>) -> &str {
    tool.get("name").and_then(Value::as_str).unwrap_or("a tool")
}
