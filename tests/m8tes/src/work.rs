//! Runs that do what their messages tell them to, so that it is known beforehand what they say.

use std::time::Duration;

use m8tes_local_backend::{Question, Run, RunFailure};
use serde_json::json;
use test_harness::work::pieces;

/// How long a run waits before each piece of its text.
const PACE: Duration = Duration::from_millis(1);

/// What is answered to each question.
pub const ANSWER: &str = "Main";

test_harness::work! {
    /// What a run is told to do. It is written as the run's message: `a7 text gate question`.
    Work {
        /// Says something, in pieces.
        Text = "text",
        /// Calls a tool.
        Tool = "tool",
        /// Asks whether it may call a tool.
        Gate = "gate",
        /// Asks a question.
        Question = "question",
        /// Makes a file.
        File = "file",
        /// Has streams end, from now on, while people are asked.
        Ends = "ends",
    }
}

impl Work {
    /// All that it says, where people allow it everything, answer [`ANSWER`], and gave it these files.
    pub fn text(&self, files: &[(&str, &str)]) -> String {
        let given = files.iter().map(|(name, content)| given(name, content.len()));
        let said = self.steps.iter().enumerate().map(|(number, step)| match step {
            Step::Text => self.words(number),
            Step::Gate => ALLOWED.to_owned(),
            Step::Question => answered(ANSWER),
            Step::Tool | Step::File | Step::Ends => String::new(),
        });
        given.chain(said).collect()
    }

    /// How often it asks people.
    pub fn asks(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Gate | Step::Question)).count()
    }

    /// The name of the file that it makes, and what is in it.
    pub fn file(&self) -> Option<(String, String)> {
        self.steps.contains(&Step::File).then(|| (format!("{}.csv", self.name), format!("a,b\n{},ü\n", self.name)))
    }
}

const ALLOWED: &str = "It was allowed. ";

fn given(name: &str, length: usize) -> String {
    format!("Given {name} of {length} bytes. ")
}

fn answered(answer: &str) -> String {
    format!("The answer is {answer}. ")
}

/// Does what the message of a run tells it to.
///
/// # Errors
///
/// If the message says something else, or if it is not allowed what it asks for.
pub async fn play(run: Run) -> Result<(), RunFailure> {
    let work: Work = run.message().parse().map_err(RunFailure::new)?;
    for file in run.attachments() {
        run.text(given(&file.name, file.bytes.len()));
    }
    for (number, step) in work.steps.iter().enumerate() {
        match step {
            Step::Text => {
                for piece in pieces(&work.words(number)) {
                    run.pause(PACE).await;
                    run.text(piece);
                }
            }
            Step::Tool => drop(run.tool("crm_search", &json!({"q": work.name}), &json!({"found": ["ü", 3]})).await),
            Step::Gate if run.ask_permission("gmail_send", &json!({"to": work.name})).await.is_allowed() => {
                run.text(ALLOWED);
            }
            Step::Gate => return Err(RunFailure::new("it was denied")),
            Step::Question => {
                let answer = run.question(Question::new("Which branch?").option(ANSWER).option("Other")).await;
                run.text(answered(&answer.unwrap_or_default()));
            }
            Step::File => {
                if let Some((name, content)) = work.file() {
                    run.file(&name, content)?;
                }
            }
            Step::Ends => run.end_streams_at_requests(),
        }
    }
    Ok(())
}
