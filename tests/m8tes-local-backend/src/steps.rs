//! Runs that do what their message says, line by line.

use std::time::Duration;

use serde_json::{Value, json};

use crate::script::{Question, Run, RunFailure};

/// What a line says.
#[derive(Debug, PartialEq)]
enum Step {
    Say(String),
    Tool { name: String, input: Value, result: Value },
    Ask { name: String, input: Value },
    Question { text: String, options: Vec<String> },
    Plan(String),
    File { name: String, text: String },
    Usage { input: u64, output: u64, cost: String },
    Frame(Value),
    Wait(Duration),
    Cut,
    EndStreams,
    Fail(String),
}

/// The steps of a message, if every line of it is one.
fn steps(message: &str) -> Option<Vec<Step>> {
    let lines = message.lines().filter(|line| !line.trim().is_empty());
    let steps: Option<Vec<_>> = lines.map(step).collect();
    steps.filter(|steps| !steps.is_empty())
}

fn step(line: &str) -> Option<Step> {
    let (word, rest) = line.trim_start().split_once(' ').unwrap_or((line.trim(), ""));
    let named = || {
        let (name, values) = rest.split_once(' ').unwrap_or((rest, ""));
        let values: Option<Vec<Value>> =
            serde_json::Deserializer::from_str(values).into_iter().map(Result::ok).collect();
        (!name.is_empty()).then_some((name.to_owned(), values?.into_iter()))
    };
    Some(match word {
        "say" => Step::Say(rest.to_owned()),
        "tool" => {
            let (name, mut values) = named()?;
            let (input, result) = (values.next().unwrap_or_else(|| json!({})), values.next().unwrap_or_default());
            Step::Tool { name, input, result }
        }
        "ask" => {
            let (name, mut values) = named()?;
            Step::Ask { name, input: values.next().unwrap_or_else(|| json!({})) }
        }
        "question" => {
            let mut parts = rest.split('|').map(|part| part.trim().to_owned());
            Step::Question { text: parts.next().filter(|text| !text.is_empty())?, options: parts.collect() }
        }
        "plan" => Step::Plan(rest.to_owned()),
        "file" => {
            let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
            Step::File { name: name.to_owned(), text: text.to_owned() }
        }
        "usage" => {
            let mut parts = rest.split_whitespace();
            let (input, output) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Step::Usage { input, output, cost: parts.next()?.to_owned() }
        }
        "frame" => Step::Frame(serde_json::from_str(rest).ok()?),
        "wait" => Step::Wait(Duration::from_millis(rest.trim().parse().ok()?)),
        "cut" if rest.is_empty() => Step::Cut,
        "end-streams" if rest.is_empty() => Step::EndStreams,
        "fail" => Step::Fail(rest.to_owned()),
        _ => return None,
    })
}

/// Does what the message of a run says, if each of its lines is a step; whether it did.
pub(crate) async fn play(run: &Run) -> Result<bool, RunFailure> {
    let Some(steps) = steps(run.message()) else { return Ok(false) };
    for step in steps {
        match step {
            Step::Say(text) => run.text(text),
            Step::Tool { name, input, result } => drop(run.tool(&name, &input, &result).await),
            Step::Ask { name, input } => {
                let is_allowed = run.ask_permission(&name, &input).await.is_allowed();
                run.text(if is_allowed { "allowed" } else { "denied" });
            }
            Step::Question { text, options } => {
                let question = options.into_iter().fold(Question::new(text), Question::option);
                run.text(run.question(question).await.unwrap_or_default());
            }
            Step::Plan(plan) => run.text(if run.propose_plan(plan).await { "approved" } else { "rejected" }),
            Step::File { name, text } => run.file(&name, text)?,
            Step::Usage { input, output, cost } => run.usage(input, output, &cost),
            Step::Frame(frame) => run.frame(&frame),
            Step::Wait(pause) => run.pause(pause).await,
            Step::Cut => run.cut(),
            Step::EndStreams => run.end_streams_at_requests(),
            Step::Fail(text) => return Err(RunFailure::new(text)),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_step() {
        let message = "say Hello,  you\n\n  tool gmail {\"q\": \"a b\"} [1, 2]\ntool slack\nquestion Which? | #a | #b\nwait 5\n\
                       cut\nusage 10 5 0.01\nfile a.txt one two";
        let expected = vec![
            Step::Say("Hello,  you".to_owned()),
            Step::Tool { name: "gmail".to_owned(), input: json!({ "q": "a b" }), result: json!([1, 2]) },
            Step::Tool { name: "slack".to_owned(), input: json!({}), result: Value::Null },
            Step::Question { text: "Which?".to_owned(), options: vec!["#a".to_owned(), "#b".to_owned()] },
            Step::Wait(Duration::from_millis(5)),
            Step::Cut,
            Step::Usage { input: 10, output: 5, cost: "0.01".to_owned() },
            Step::File { name: "a.txt".to_owned(), text: "one two".to_owned() },
        ];
        assert_eq!(steps(message), Some(expected));
    }

    #[test]
    fn a_message_with_another_line_is_no_script() {
        for message in [
            "",
            " \n",
            "hello",
            "say a\nhello",
            "tool",
            "tool gmail {",
            "question",
            "question | a",
            "wait",
            "wait soon",
            "cut it",
            "frame x",
            "usage 1 2",
        ] {
            assert_eq!(steps(message), None, "{message:?}");
        }
    }
}
