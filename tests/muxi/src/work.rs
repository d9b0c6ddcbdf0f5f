//! Turns that do what their messages tell them to, so that it is known beforehand what they say.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use muxi_local_backend::{Reply, Turn, TurnFailure};
use serde_json::json;

/// How long a turn waits before each piece of its text.
const PACE: Duration = Duration::from_millis(1);

/// What a turn is told to do. It is written as the chat's message: `a7 text widget again`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// What it is called. No other turn has that name.
    pub name: String,
    /// What it does, one after the other.
    pub steps: Vec<Step>,
}

/// Something that a turn does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Says something, in pieces.
    Text,
    /// Tells what goes on.
    Progress,
    /// Shows a person something.
    Widget,
    /// Says at its end all of it again, in other words.
    Again,
    /// Fails, in an orderly way.
    Fails,
    /// Is broken off.
    Raises,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Text, Self::Progress, Self::Widget, Self::Again, Self::Fails, Self::Raises];

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Progress => "progress",
            Self::Widget => "widget",
            Self::Again => "again",
            Self::Fails => "fails",
            Self::Raises => "raises",
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

/// What is raised where a turn is broken off.
pub const RAISED: &str = "RuntimeError";

impl Work {
    /// Whether it does this.
    pub fn does(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }

    /// All that it says before its end.
    pub fn told(&self) -> String {
        let texts = self.steps.iter().enumerate().filter(|(_, step)| **step == Step::Text);
        texts.map(|(number, _)| self.words(number)).collect()
    }

    /// What it has said when it is over.
    pub fn answer(&self) -> String {
        if self.does(Step::Again) { format!("In other words: {}", self.name) } else { self.told() }
    }

    /// How many things it shows a person.
    pub fn widgets(&self) -> usize {
        self.steps.iter().filter(|step| **step == Step::Widget).count()
    }

    fn words(&self, number: usize) -> String {
        format!("[{}.{number}] Grüße an die Welt 世界 👋 “wie geht’s?”\n", self.name)
    }
}

/// Does what the message of a turn tells it to. That it was begun is written into this file, a line for each turn.
///
/// # Errors
///
/// If it is told so, or if the message says something else.
pub async fn play(turn: Turn, begun: &Path) -> Result<Reply, TurnFailure> {
    // Appended in one piece, so that what is killed in the middle of it leaves it whole or not at all.
    let line = format!("{}\n", turn.message());
    OpenOptions::new().create(true).append(true).open(begun).unwrap().write_all(line.as_bytes()).unwrap();
    let work: Work = turn.message().parse().map_err(|odd: String| TurnFailure::raised("ValueError", odd))?;
    for (number, step) in work.steps.iter().enumerate() {
        match step {
            Step::Text => say(&turn, &work.words(number)).await,
            Step::Progress => turn.token("progress", "Working on it", &json!({ "stage": "init" })),
            Step::Widget => {
                turn.widget(json!({ "type": "action_link", "id": format!("ui_{number}"), "label": "Go on" }))
            }
            Step::Again => {}
            Step::Fails => return Ok(Reply::failed("It went wrong")),
            Step::Raises => return Err(TurnFailure::raised(RAISED, "it was told to")),
        }
    }
    Ok(if work.does(Step::Again) { Reply::instead(work.answer()) } else { Reply::told() })
}

/// Says it in pieces of one to seven characters.
async fn say(turn: &Turn, text: &str) {
    let mut piece = String::new();
    let mut left = 1;
    for (number, character) in text.chars().enumerate() {
        piece.push(character);
        left -= 1;
        if left == 0 {
            turn.pause(PACE).await;
            turn.text(&std::mem::take(&mut piece));
            left = 1 + number % 7;
        }
    }
    turn.text(&piece);
}
