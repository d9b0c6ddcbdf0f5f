//! What tests expect of errors.

use mycel_sdk::{Error, ErrorKind};

/// Expects that the backend refused, with this kind, status and detail, and that nothing was done.
#[track_caller]
pub fn expect_refused(error: &Error, kind: ErrorKind, status: u16, detail: &str) {
    assert_eq!((error.kind(), error.status(), error.detail()), (kind, Some(status), Some(detail)), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_sent()), (1, false), "{error}");
}

/// Expects that the message was not sent because its sender is behind. Backends have different words for it.
#[track_caller]
pub fn expect_behind(error: &Error) {
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotCaughtUp, Some(409)), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_sent()), (1, false), "{error}");
}

/// Expects that the facade refused before anything was sent, and that it names the problem.
#[track_caller]
pub fn expect_not_sent(error: &Error, problem: &str) {
    assert_eq!((error.kind(), error.status(), error.detail()), (ErrorKind::InvalidInput, None, None), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_sent()), (0, false), "{error}");
    assert!(error.to_string().contains(problem), "{error}");
}

/// Expects that the backend failed without a word, so that nobody can tell whether it was done.
#[track_caller]
pub fn expect_failed(error: &Error) {
    assert_eq!((error.kind(), error.status(), error.detail()), (ErrorKind::BackendFailed, Some(500), None), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_sent()), (1, true), "{error}");
}
