//! The parts of a run.

use crate::{environment::Environments, methods, problem::Problem, totals::Row};

/// A part, which can also be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every method of the Python clients.
    Methods,
}

impl Part {
    /// All of them, in the order of a whole run.
    pub const ALL: [Self; 1] = [Self::Methods];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Methods => "methods",
        }
    }

    /// What the help says of it.
    pub fn about(self) -> &'static str {
        match self {
            Self::Methods => "every public method of the Python clients 0.1.45 and 0.1.83",
        }
    }

    /// The part with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Runs it, and counts what it has seen to be right.
    pub async fn run(self, environments: &Environments) -> Result<Vec<Row>, Problem> {
        match self {
            Self::Methods => methods::run(environments).await,
        }
    }
}
