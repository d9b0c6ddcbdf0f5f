//! Turns that do what their messages tell them to, so that it is known beforehand what they say.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use muxi_local_backend::{Reply, Turn, TurnFailure};
use serde_json::json;
use test_harness::work::pieces;

/// How long a turn waits before each piece of its text.
const PACE: Duration = Duration::from_millis(1);

test_harness::work! {
    /// What a turn is told to do. It is written as the chat's message: `a7 text widget again`.
    Work {
        /// Says something, in pieces.
        Text = "text",
        /// Tells what goes on.
        Progress = "progress",
        /// Shows a person something.
        Widget = "widget",
        /// Says at its end all of it again, in other words.
        Again = "again",
        /// Fails, in an orderly way.
        Fails = "fails",
        /// Is broken off.
        Raises = "raises",
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
            Step::Text => {
                for piece in pieces(&work.words(number)) {
                    turn.pause(PACE).await;
                    turn.text(&piece);
                }
            }
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
