//! The bot that answers unless a test says what answers. What it does is in the first word that it is told; anything else it
//! echoes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    ids,
    script::{Outcome, Reply, Turn, TurnFailure},
};

pub(crate) async fn play(turn: Turn) -> Outcome {
    let message = turn.message().to_owned();
    let (word, rest) = message.split_once(char::is_whitespace).unwrap_or((&message, ""));
    // What fails before its turn begins.
    match word {
        "boom" => return Err(TurnFailure::raised("RuntimeError", "kaput\nsecond line")),
        "forbidden" => return Err(TurnFailure::raised("RbacRejectedError", "no group")),
        "strings" if turn.is_streamed() => {
            ["plain ", "string ", "tokens"].iter().for_each(|piece| turn.bare_text(piece));
            return Ok(Reply::done());
        }
        _ => {}
    }
    turn.token("progress", "Working on it", &json!({ "stage": "init", "skip_rephrase": true }));
    Ok(match word {
        "tools" => tools(&turn),
        "nodelta" => Reply::text("The whole answer at once."),
        "discontinuity" => {
            ["Wrong ", "beginning", "Right answer."].iter().for_each(|piece| turn.text(piece));
            Reply::instead("Right answer.")
        }
        "ui" => {
            turn.text("Please choose.");
            widgets(rest).into_iter().for_each(|widget| turn.widget(widget));
            Reply::told()
        }
        "clarify" => {
            turn.widget(options("Which repository do you mean?", &[("a/b", "a/b"), ("c/d", "c/d")]));
            turn.metadata("clarification", json!(true));
            Reply::text("Which repository do you mean?")
                .status("awaiting_clarification")
                .with("clarification", json!(true))
        }
        "artifact" => {
            let more = json!({
                "stage": "artifact_generating", "tool_name": "generate_file", "filename": "note.txt",
                "agent_name": "helper", "skip_rephrase": true,
            });
            turn.token("progress", "Writing note.txt", &more);
            turn.artifact(json!({
                "type": "text", "format": "txt", "filename": "note.txt", "preview": null, "content": "hello\n",
                "data_url": null,
                "metadata": {
                    "size_bytes": 6, "created_at": "2026-01-02T03:04:05Z", "lines": 1, "characters": 6,
                    "language": null, "pages": null, "width": null, "height": null,
                },
            }));
            Reply::text("Here is the file.")
        }
        "unicode" => {
            let pieces =
                ["Grüße ", "\u{2028}line separator\u{2029}", " 日本 ", "🦀", "\r\nnew\nlines\t", "\"quoted\" \\ "];
            pieces.iter().for_each(|piece| turn.text(piece));
            Reply::told()
        }
        "long" => {
            let count = rest.trim().parse().unwrap_or(10_usize);
            (0..count).for_each(|number| turn.text(&format!("word{number} ")));
            Reply::told()
        }
        "slow" => {
            let seconds = rest.trim().parse().unwrap_or(1.0_f64);
            turn.pause(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
            echo(&turn)
        }
        "error" => {
            turn.token("error", "kaput", &json!({ "stage": "agent_error" }));
            Reply::text("That went wrong: kaput").status("error")
        }
        "failed" => {
            turn.text("Half an ans");
            Reply::failed("The agent gave up").with("error_reason", json!("max_iterations"))
        }
        "cancelled" => {
            turn.text("Half an ans");
            Reply::cancelled("Request cancelled")
        }
        "midboom" => return Err(TurnFailure::raised("ValueError", "broke in the middle")),
        "async" => {
            if turn.webhook_url().is_some() {
                turn.complete(&format!("Echo: {rest}"));
            }
            Reply::background()
        }
        "hold" => {
            turn.cancelled().await;
            Reply::cancelled("Request cancelled")
        }
        "escalated" => {
            turn.metadata("escalated", json!(true));
            Reply::text("A person will answer.").status("escalated").with("escalated", json!(true))
        }
        _ => echo(&turn),
    })
}

/// In pieces that are cut after each run of spaces.
fn echo(turn: &Turn) -> Reply {
    let whole = format!("Echo: {}", turn.message());
    let mut piece = String::new();
    let mut letters = whole.chars().peekable();
    while let Some(letter) = letters.next() {
        piece.push(letter);
        if letter == ' ' && letters.peek().is_some_and(|next| *next != ' ') {
            turn.text(&std::mem::take(&mut piece));
        }
    }
    if !piece.is_empty() {
        turn.text(&piece);
    }
    Reply::told()
}

fn tools(turn: &Turn) -> Reply {
    for (kind, text, more) in [
        (
            "planning",
            "Thinking about a plan",
            json!({
                "stage": "agent_planning", "agent_name": "Helper", "agent_id": "helper", "has_tools": true,
                "tool_count": 2,
            }),
        ),
        (
            "progress",
            "Calling web_search",
            json!({
                "stage": "tool_started", "tool_name": "web_search", "server_id": "web-search", "agent_name": "helper",
                "skip_rephrase": true,
            }),
        ),
        (
            "thinking",
            "The first tool gave nothing, trying the second",
            json!({ "stage": "tool_retry", "failed_tools": ["web_search"], "skip_rephrase": true }),
        ),
        (
            "tool_call",
            "Calling read_file",
            json!({
                "stage": "tool_call", "tool_name": "read_file", "server_id": "files",
                "parameters": { "path": "/data/a.txt" },
            }),
        ),
        ("replanning", "A second plan is ready", json!({ "stage": "replan_ready", "attempt": 1 })),
        ("finalizing", "Writing the answer", json!({ "stage": "response_content" })),
    ] {
        turn.token(kind, text, &more);
    }
    turn.metadata("tools_used", json!(["web_search", "read_file"]));
    ["I used ", "two ", "tools."].iter().for_each(|piece| turn.text(piece));
    Reply::told()
}

fn widgets(which: &str) -> Vec<Value> {
    if which.trim() == "resource" {
        return vec![json!({
            "type": "mcp_resource", "id": ids::fresh("ui_"), "resource": "ui://search/results", "data": "<b>results</b>",
            "server": "web-search", "tool": "web_search", "mime_type": "text/html",
        })];
    }
    vec![
        options("Which region?", &[("eu", "Europe"), ("us", "us")]),
        json!({
            "type": "action_link", "id": ids::fresh("ui_"), "label": "Open the portal",
            "url": "https://portal.example.com/connect", "hint": "Opens in a new tab",
        }),
    ]
}

fn options(prompt: &str, options: &[(&str, &str)]) -> Value {
    let options: Vec<_> = options.iter().map(|(value, label)| json!({ "value": value, "label": label })).collect();
    json!({ "type": "options", "id": ids::fresh("ui_"), "prompt": prompt, "options": options, "multi": false })
}
