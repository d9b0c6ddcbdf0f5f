//! What a cell is judged by: the contract, the docs of the SDK, the network, and the backend's database.

use std::time::Duration;

use mycel_sdk::{Error, ErrorKind};
use mycel_tests::{Door, Seen};

use test_harness::PublicOperation;

use crate::matrix::is_handshake;
use crate::scenarios::{Ending, Scenario};

/// How many attempts a call has.
pub const ATTEMPTS: usize = 3;

/// How a call has to end.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    /// The kind of the error, its status, and whether the request may have been sent.
    result: Result<(), (ErrorKind, Option<u16>, bool)>,
    attempts: usize,
}

impl Ending {
    /// The same, of the handshake of a stream: a 200 is not what it asks for, whatever its body is.
    fn of(self, operation: &PublicOperation) -> Self {
        match self {
            Self::Malformed | Self::TooLarge if is_handshake(operation) => Self::Status(200),
            other => other,
        }
    }

    /// Whether it is certain that the backend has not acted.
    fn is_certain(self) -> bool {
        match self {
            Self::Connect | Self::ComeBackLater => true,
            Self::Status(status) => (300..500).contains(&status) && status != 408,
            _ => false,
        }
    }

    /// Whether another attempt follows, if there is one left.
    fn is_tried_again(self, operation: &PublicOperation) -> bool {
        match self {
            _ if is_handshake(operation) => false,
            Self::Connect | Self::Status(429) => true,
            Self::Interrupted | Self::TimedOut | Self::Status(408 | 502..=504) => operation.repeatable,
            _ => false,
        }
    }

    fn kind(self) -> (ErrorKind, Option<u16>) {
        let kind = match self {
            Self::Success => unreachable!("a success is no error"),
            Self::Connect => return (ErrorKind::Connect, None),
            Self::Interrupted => return (ErrorKind::Interrupted, None),
            Self::TimedOut => return (ErrorKind::TimedOut, None),
            Self::TooLarge => return (ErrorKind::ResponseTooLarge, None),
            Self::Malformed => return (ErrorKind::MalformedResponse, Some(200)),
            Self::NoHttp => return (ErrorKind::MalformedResponse, None),
            Self::ComeBackLater => return (ErrorKind::TooManyRequests, Some(429)),
            Self::Status(401) => ErrorKind::Unauthorized,
            Self::Status(404) => ErrorKind::NotFound,
            Self::Status(429) => ErrorKind::TooManyRequests,
            Self::Status(300..=399) => ErrorKind::Redirected,
            Self::Status(502..=504) => ErrorKind::Unavailable,
            Self::Status(500..=599) => ErrorKind::BackendFailed,
            Self::Status(_) => ErrorKind::UnexpectedStatus,
        };
        let Self::Status(status) = self else { unreachable!("all others have returned") };
        (kind, Some(status))
    }
}

/// All ways in which a call may end.
fn expected(scenario: &Scenario, operation: &PublicOperation) -> Vec<Expected> {
    let mut found = Vec::new();
    let mut begun = vec![(1, false)];
    while let Some((attempt, was_sent)) = begun.pop() {
        let last = scenario.steps.last().filter(|_| scenario.for_good);
        let endings = scenario.steps.get(attempt - 1).or(last).map(|(_, endings)| endings.clone());
        for ending in endings.unwrap_or(vec![Ending::Success]) {
            let ending = ending.of(operation);
            if ending == Ending::Success {
                found.push(Expected { result: Ok(()), attempts: attempt });
                continue;
            }
            let was_sent = was_sent || !ending.is_certain();
            if ending.is_tried_again(operation) && attempt < ATTEMPTS {
                begun.push((attempt + 1, was_sent));
            } else {
                let (kind, status) = ending.kind();
                found.push(Expected { result: Err((kind, status, was_sent)), attempts: attempt });
            }
        }
    }
    found
}

/// The most attempts that a call may come to.
pub fn most_attempts(scenario: &Scenario, operation: &PublicOperation) -> usize {
    expected(scenario, operation).iter().map(|expected| expected.attempts).max().unwrap()
}

/// What is known of a cell when all is over.
pub struct Facts {
    pub outcome: Result<(), Error>,
    pub seen: Seen,
    /// How often the backend carried the operation out, as its database has it; `None` for what only reads.
    pub effects: Option<i64>,
}

/// What is wrong with a cell.
pub fn faults(scenario: &Scenario, operation: &PublicOperation, facts: &Facts) -> Vec<String> {
    let Facts { outcome, seen, effects } = facts;
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, problem: String| {
        if !is_right {
            wrong.push(problem);
        }
    };

    // The network counts the attempts, unless they don't reach it: because of its door, or on a busy machine because a
    // short limit ran out first.
    let told = outcome.as_ref().err().map(|error| error.attempts() as usize);
    let is_seen_whole = scenario.door == Door::Open && scenario.limit.is_none();
    let attempts = told.filter(|_| !is_seen_whole).unwrap_or(seen.attempts);
    let fits = told.is_none_or(|told| told == attempts && seen.attempts <= told);
    check(fits, format!("it tells of {told:?} attempts, and {} were seen", seen.attempts));
    if let Err(error) = outcome {
        check(error.operation() == Some(&operation.name), format!("it names {:?}", error.operation()));
    }
    let result = match outcome {
        Ok(()) => Ok(()),
        Err(error) => Err((error.kind(), error.status(), error.may_have_been_sent())),
    };
    let actual = Expected { result, attempts };
    let expected = expected(scenario, operation);
    check(expected.contains(&actual), format!("it ends with {actual:?}, and not with one of {expected:?}"));

    if let Err(error) = outcome {
        if error.kind() == ErrorKind::TimedOut {
            check(error.to_string().contains("the attempt limit"), format!("it names another limit: {error}"));
        }
        if scenario.steps.iter().any(|(_, endings)| endings.contains(&Ending::ComeBackLater)) {
            let asked = error.retry_after();
            check(asked == Some(Duration::from_secs(3600)), format!("it tells of a pause of {asked:?}"));
        }
        // These hold whatever is expected of the fault.
        let has_acted = seen.answered > 0 || effects.is_some_and(|effects| effects != 0);
        check(error.may_have_been_sent() || !has_acted, "the backend has acted, and it denies that it may".to_owned());
    }
    check(
        (operation.repeatable && !is_handshake(operation)) || seen.delivered <= 1,
        format!("the backend got it {} times", seen.delivered),
    );
    if let Some(effects) = *effects {
        check((0..=1).contains(&effects), format!("it was carried out {effects} times"));
        check(effects == 0 || seen.delivered > 0, "it was carried out, and never delivered".to_owned());
        check(effects != 0 || outcome.is_err(), "it succeeded, and was not carried out".to_owned());
    }
    wrong
}
