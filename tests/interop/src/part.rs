//! The parts of a run.

use crate::{
    cel, conversation, environment::Environments, m8tes, methods, muxi, muxi_wire, problem::Problem, totals::Row,
    turns, wire,
};

/// A part, which can also be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every method of the Python clients.
    Methods,
    /// The life of a user through `cel`.
    Cel,
    /// What the clients send.
    Wire,
    /// The clients in one conversation.
    Conversation,
    /// Every method of m8tes' Python clients.
    M8tes,
    /// m8tes' clients in one scenario.
    Turns,
    /// Every method of MUXI's Python client.
    Muxi,
    /// What MUXI's clients send.
    MuxiWire,
}

impl Part {
    /// All of them, in the order of a whole run.
    pub const ALL: [Self; 8] = [
        Self::Methods,
        Self::Cel,
        Self::Wire,
        Self::Conversation,
        Self::M8tes,
        Self::Turns,
        Self::Muxi,
        Self::MuxiWire,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Methods => "methods",
            Self::Cel => "cel",
            Self::Wire => "wire",
            Self::Conversation => "conversation",
            Self::M8tes => m8tes::PART,
            Self::Turns => turns::PART,
            Self::Muxi => muxi::PART,
            Self::MuxiWire => muxi_wire::PART,
        }
    }

    /// What the help says of it.
    pub fn about(self) -> &'static str {
        match self {
            Self::Methods => "every public method of the Python clients 0.1.45 and 0.1.83",
            Self::Cel => "the life of a user through the command line `cel` 0.1.83",
            Self::Wire => "what the Rust SDK and the Python clients send for the same calls",
            Self::Conversation => "the Rust SDK and mycel-sdk 0.1.83 taking turns in one scenario",
            Self::M8tes => "what the documents of m8tes show, by its Python clients 1.1.0 and 4.49.0",
            Self::Turns => "m8tes' Rust SDK and m8tes 4.49.0 taking turns in one scenario",
            Self::Muxi => "every method of MUXI's Python client 1.20260713.0",
            Self::MuxiWire => "what MUXI's Rust SDK and its Python client send for the same calls",
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
            Self::Cel => cel::run(environments).await,
            Self::Wire => wire::run(environments).await,
            Self::Conversation => conversation::run(environments).await,
            Self::M8tes => m8tes::run(environments).await,
            Self::Turns => turns::run(environments).await,
            Self::Muxi => muxi::run(environments).await,
            Self::MuxiWire => muxi_wire::run(environments).await,
        }
    }
}
