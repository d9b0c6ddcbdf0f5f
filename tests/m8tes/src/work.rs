//! Runs that do what their messages tell them to, so that it is known beforehand what they say.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use m8tes_local_backend::{Question, Run, RunFailure};
use serde_json::json;

/// How long a run waits before each piece of its text.
const PACE: Duration = Duration::from_millis(1);

/// What is answered to each question.
pub const ANSWER: &str = "Main";

/// What a run is told to do. It is written as the run's message: `a7 text gate question`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What it is called. No other run has that name.
    pub name: String,
    /// What it does, one after the other.
    pub steps: Vec<Step>,
}

/// Something that a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Says something, in pieces.
    Text,
    /// Calls a tool.
    Tool,
    /// Asks whether it may call a tool.
    Gate,
    /// Asks a question.
    Question,
    /// Makes a file.
    File,
    /// Has streams end, from now on, while people are asked.
    Ends,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Text, Self::Tool, Self::Gate, Self::Question, Self::File, Self::Ends];

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Tool => "tool",
            Self::Gate => "gate",
            Self::Question => "question",
            Self::File => "file",
            Self::Ends => "ends",
        }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.steps.iter().try_for_each(|step| write!(f, " {}", step.name()))
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(message: &str) -> Result<Self, String> {
        let mut words = message.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let step = |word| Step::ALL.into_iter().find(|step| step.name() == word).ok_or_else(|| format!("{word}?"));
        Ok(Self { name, steps: words.map(step).collect::<Result<_, _>>()? })
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

    fn words(&self, number: usize) -> String {
        format!("[{}.{number}] Grüße an die Welt 世界 👋 “wie geht’s?”\n", self.name)
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
            Step::Text => say(&run, &work.words(number)).await,
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

/// Says it in pieces of one to seven characters.
async fn say(run: &Run, text: &str) {
    let mut piece = String::new();
    let mut left = 1;
    for (number, character) in text.chars().enumerate() {
        piece.push(character);
        left -= 1;
        if left == 0 {
            run.pause(PACE).await;
            run.text(std::mem::take(&mut piece));
            left = 1 + number % 7;
        }
    }
    run.text(piece);
}
