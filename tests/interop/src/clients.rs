//! The official client and ours behind one face: the same calls, by the names and arguments of the official one.

mod arguments;
mod official;
mod ours;
mod shown;
mod template;

use mycel_sdk::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use official::{MYCEL_CALLS, Official};
pub use ours::Ours;
pub use template::fill_all;

/// A call as data.
#[derive(Clone, Debug, Deserialize)]
pub struct Invocation {
    /// Who calls; nobody needs no token.
    #[serde(rename = "as")]
    pub actor: Option<String>,
    /// Such as `messages.send`: a method of the official client, or `generated.…` for what only its lower layer can do.
    pub call: String,
    /// By the names that the official client has for them.
    #[serde(default)]
    pub arguments: Map<String, Value>,
}

/// What became of a call.
#[derive(Debug)]
pub struct Answer {
    /// What the caller saw.
    pub outcome: Outcome,
    /// What was taken out of it, since it must not be printed.
    pub token: Option<Secret>,
}

/// What a caller sees.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The result, in the backend's form.
    Done(Value),
    /// The backend refused.
    Refused {
        /// With this status.
        status: u16,
        /// In these words.
        detail: Value,
    },
    /// The client failed by itself.
    Failed(String),
}

impl Answer {
    fn new(mut outcome: Outcome) -> Self {
        let token = match &mut outcome {
            Outcome::Done(Value::Object(result)) => result.remove("token"),
            _ => None,
        };
        Self { outcome, token: token.as_ref().and_then(Value::as_str).map(Secret::from) }
    }
}
