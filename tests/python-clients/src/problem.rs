//! Why a run fails.

use std::fmt::Display;

/// A text for whoever started the run: what failed, and with which words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Problem(String);

impl Problem {
    /// A problem in these words.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Puts what was being done before an error's own words.
    pub fn because<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}
