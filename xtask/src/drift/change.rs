//! What a comparison found.

use serde::Serialize;
use serde_json::Value;

/// Whether a change breaks the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something that the client does fails or means something else now.
    Breaking,
    /// The client works as before.
    Harmless,
}

/// One difference between the live backend and what its client was generated from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Whether it breaks the client.
    pub severity: Severity,
    /// What has changed: a keyword of OpenAPI or JSON Schema (`maxLength`, `enum`), or the kind of part that
    /// came, went or moved (`operation`, `parameter`, `property`, `member`, …).
    pub what: String,
    /// The operations that it reaches, in the order of their paths.
    pub operations: Vec<Reached>,
    /// Where it stands in the document that the client was generated from; or, of what is new, in the
    /// live one.
    pub place: String,
    /// What it was; null if there was nothing.
    pub was: Value,
    /// What it is; null if there is nothing any more.
    pub is: Value,
    /// What it means for the client, in one line.
    pub meaning: String,
}

/// An operation that a change reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Reached {
    /// Its path.
    pub path: String,
    /// Its method, in capital letters.
    pub method: String,
    /// What the contract calls it; null if it is not public.
    pub name: Option<String>,
}

/// A change, before it is known which operations it reaches.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) severity: Severity,
    pub(super) what: String,
    pub(super) place: String,
    pub(super) was: Value,
    pub(super) is: Value,
    pub(super) meaning: &'static str,
}

impl Found {
    pub(super) fn reaching(self, operations: Vec<Reached>) -> Change {
        let Self { severity, what, place, was, is, meaning } = self;
        Change { severity, what, operations, place, was, is, meaning: meaning.to_owned() }
    }
}
