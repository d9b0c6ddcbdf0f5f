//! A scenario in which our client and an official one take turns.
//!
//! It is played twice on fresh backends. In the second run each client takes the steps that the other took before, and both runs
//! have to come to the same results and the same states.

use serde::Deserialize;
use serde_json::Value;

use crate::{clients::Invocation, problem::Problem, totals::Row};

#[derive(Deserialize)]
pub struct Scenario {
    pub step: Vec<Step>,
}

#[derive(Deserialize)]
pub struct Step {
    pub name: String,
    #[serde(flatten)]
    pub call: Invocation,
    /// The name of its result.
    pub keep: Option<String>,
    /// The status that it has to be refused with.
    pub refused: Option<u16>,
    /// What the run that it is about has to come to.
    pub until: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Player {
    Ours,
    Official,
}

/// What a run has come to, without what is another in each run.
#[derive(Debug, Default)]
pub struct Record {
    /// Of each step: its result.
    pub results: Vec<Value>,
    /// After each step: all that was seen.
    pub states: Vec<Value>,
    /// How many views were compared.
    pub views: usize,
}

impl Scenario {
    /// That of a file.
    pub fn read(name: &str, text: &str) -> Result<Self, Problem> {
        toml::from_str(text).map_err(Problem::because(name))
    }

    /// The steps, with who takes each where they take turns in this order.
    pub fn turns(&self, order: [Player; 2]) -> impl Iterator<Item = (&Step, Player)> {
        self.step.iter().zip(order.into_iter().cycle())
    }

    /// Plays it twice, and compares the runs: `difference` says in what ours and theirs differ.
    pub async fn run(
        &self,
        part: &'static str,
        subject: &str,
        play: impl AsyncFn([Player; 2]) -> Result<Record, Problem>,
        difference: impl Fn(&Value, &Value) -> Option<String>,
    ) -> Result<Vec<Row>, Problem> {
        let first = play([Player::Official, Player::Ours]).await?;
        let second = play([Player::Ours, Player::Official]).await?;
        for (index, step) in self.step.iter().enumerate() {
            // Ours has seen the result of every second step in the first run, and those of the others in the second.
            let (ours, theirs) = match index % 2 {
                1 => (&first.results, &second.results),
                _ => (&second.results, &first.results),
            };
            for (what, ours, theirs) in
                [("the result", ours, theirs), ("the state after it", &first.states, &second.states)]
            {
                let [ours, theirs] = [ours, theirs].map(|seen| seen.get(index).unwrap_or(&Value::Null));
                if let Some(difference) = difference(ours, theirs) {
                    return Err(Problem::new(format!("{}: the runs differ in {what}: {difference}", step.name)));
                }
            }
        }
        Ok(vec![Row {
            part,
            subject: subject.to_owned(),
            counted: format!(
                "{} steps × 2 runs: {} states of {} views, each seen by both",
                self.step.len(),
                first.states.len() + second.states.len(),
                first.views + second.views
            ),
        }])
    }
}
