//! The one error of this crate: a place, what is wrong there, and what to do about it.

/// What kind of thing was refused, for callers that tell refusals apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A file could not be read, or a URL did not answer with a document.
    Unreadable,
    /// A file could not be written.
    Unwritable,
    /// The input is not JSON (or nested too deeply to be read as such).
    NotJson,
    /// The input is JSON but no OpenAPI document, or a malformed one.
    NotOpenApi,
    /// The document is of a version other than OpenAPI 3.1.
    Version,
    /// `contract.toml` is malformed or contradicts itself.
    Contract,
    /// `contract.toml` names an operation that the backend does not have.
    MissingOperation,
    /// The backend has operations that `contract.toml` does not classify.
    Unclassified,
    /// A `$ref` points to nothing.
    DanglingReference,
    /// `schemas.json` and the answers that `contract.toml` names do not fit together.
    Answers,
    /// A construct that has no counterpart in OpenAPI 3.0.3, or none that the generator can take.
    Unlowerable,
    /// Two documents whose comparison would take more than a number of steps in proportion to their size.
    Incomparable,
    /// The generator did not take the lowered document, or made unusable code of it.
    Generator,
    /// Generated files are not what `regenerate` would write.
    Stale,
}

/// A refusal. Its `Display` is one line: the place, what is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}; {remedy}")]
pub struct Error {
    kind: Kind,
    place: String,
    problem: String,
    remedy: String,
}

/// A result whose error is a refusal.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes a refusal. Control characters in its parts are escaped, so that it stays one line whatever
    /// the input held.
    pub fn new(kind: Kind, place: impl ToString, problem: impl ToString, remedy: impl ToString) -> Self {
        Self {
            kind,
            place: one_line(&place.to_string()),
            problem: one_line(&problem.to_string()),
            remedy: one_line(&remedy.to_string()),
        }
    }

    /// Refuses what the generator did not take, or what its code lacks since something in the document was not lowered.
    pub(crate) fn not_lowered(problem: impl ToString) -> Self {
        Self::of_generator(problem, "lowering")
    }

    /// Refuses the generator's code where it has another shape than what is done with it expects.
    pub(crate) fn not_generated(problem: impl ToString) -> Self {
        Self::of_generator(problem, "generation")
    }

    fn of_generator(problem: impl ToString, to_extend: &str) -> Self {
        let remedy = format!("make the operation private in contract.toml or extend the {to_extend}");
        Self::new(Kind::Generator, "public.json", problem, remedy)
    }

    /// What is wrong.
    pub(crate) fn problem(&self) -> &str {
        &self.problem
    }

    /// The same error, of a component that something led to.
    pub(crate) fn reached_from(self, user: &str) -> Self {
        Self { place: format!("{} (reached from {})", self.place, one_line(user)), ..self }
    }

    /// What kind of thing was refused.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// Escapes control characters and bounds the length: some messages quote input of any size.
pub(crate) fn one_line(text: &str) -> String {
    const LIMIT: usize = 200_000;
    let mut line = String::with_capacity(text.len().min(LIMIT));
    for character in text.chars() {
        if line.len() >= LIMIT {
            line.push('…');
            break;
        }
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_on_one_line_whatever_the_input_held() {
        let error = Error::new(Kind::NotJson, "a\nb", "c\r\nd\u{1b}[0m", "e");
        assert_eq!(error.to_string(), "a\\nb: c\\r\\nd\\u{1b}[0m; e".to_owned());
    }

    #[test]
    fn bounds_the_length_of_quoted_input() {
        let error = Error::new(Kind::NotJson, "x", "y".repeat(1_000_000), "z");
        assert!(error.to_string().len() < 210_000);
    }
}
