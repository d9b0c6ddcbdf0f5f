//! How a command ends that did not do what it was asked to, and the exit codes.

use std::io;
use std::process::ExitCode;

use m8tes_sdk::{Error, ErrorKind, RunId};
use serde_json::{Value, json};

/// Something was asked for that did not happen.
const FAILED: u8 = 1;

/// The arguments are not understood.
const USAGE: u8 = 2;

/// Ctrl-C, or a signal to end: 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It did not work, for this reason.
    Failed(String),
    /// m8tes, or the way to it, did not let it happen.
    Refused(Box<Error>),
    /// The arguments don't go together.
    Usage(String),
    /// It did not work, and that was said already.
    Told,
    /// Nobody reads the output any more: no reason to say anything.
    NobodyReads,
    /// Ctrl-C, or a signal to end.
    Interrupted,
}

impl Failure {
    pub(crate) fn failed(line: impl Into<String>) -> Self {
        Self::Failed(line.into())
    }

    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self::Usage(line.into())
    }

    /// What could not be done with a file, a prompt or a terminal.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::Interrupted => Self::Interrupted,
            _ => Self::Failed(format!("{what}: {error}")),
        }
    }

    /// What the program exits with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed(_) | Self::Refused(_) | Self::Told => ExitCode::from(FAILED),
            Self::Usage(_) => ExitCode::from(USAGE),
            Self::NobodyReads => ExitCode::SUCCESS,
            Self::Interrupted => ExitCode::from(INTERRUPTED),
        }
    }

    /// One line for a person; none where there is nothing to say.
    pub(crate) fn line(&self) -> Option<String> {
        let line = match self {
            Self::Failed(line) | Self::Usage(line) => line.clone(),
            Self::Refused(error) => line_of(error),
            Self::Told | Self::NobodyReads | Self::Interrupted => return None,
        };
        Some(line.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The same for a program: an object with what is known of it, and with what `said` makes of the line.
    pub(crate) fn json(&self, said: impl FnOnce(String) -> String) -> Option<Value> {
        let message = said(self.line()?);
        let Self::Refused(error) = self else {
            let kind = if matches!(self, Self::Usage(_)) { "usage" } else { "failed" };
            return Some(json!({"error": {"kind": kind, "message": message}}));
        };
        Some(json!({"error": {
            "kind": kind_of(error.kind()),
            "message": message,
            "status": error.status(),
            "code": error.code(),
            "request_id": error.request_id(),
            "run_id": error.run_id().map(RunId::get),
            "retry_after": error.retry_after().map(|pause| pause.as_secs()),
        }}))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// What the SDK says, with what to do about it here.
fn line_of(error: &Error) -> String {
    let run = || error.run_id().map(|run| run.to_string()).unwrap_or_else(|| "ID".to_owned());
    match error.kind() {
        ErrorKind::NeedsPerson => {
            let asked = error.permission_request().map(|request| format!(" ({})", request.title()));
            let run = run();
            format!(
                "run {run} waits for a person{}; decide it with: m8tes run approve {run}",
                asked.unwrap_or_default()
            )
        }
        _ if error.is_auth() && error.status() == Some(401) => {
            format!("{error}; log in with: m8tes auth login")
        }
        _ => {
            let line = error.to_string();
            // It is said to whom calls the SDK.
            match line.split_once("; use Client::for_user") {
                Some((said, _)) => format!("{said}; use --user-id"),
                None => line,
            }
        }
    }
}

/// A kind's name, as it is in the names of the SDK, in small letters.
fn kind_of(kind: ErrorKind) -> String {
    let mut name = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_whatever_it_says() {
        let failure = Failure::failed("a\nb  c\r\n");
        assert_eq!(failure.line().as_deref(), Some("a b c"));
        assert_eq!(failure.json(|line| line).unwrap(), json!({"error": {"kind": "failed", "message": "a b c"}}));
        assert_eq!(Failure::usage("u").json(|line| line).unwrap()["error"]["kind"], "usage");
        assert!(Failure::NobodyReads.line().is_none() && Failure::Interrupted.json(|line| line).is_none());
    }

    #[test]
    fn a_kind_is_named_as_in_the_sdk() {
        assert_eq!(kind_of(ErrorKind::PaymentRequired), "payment_required");
    }
}
