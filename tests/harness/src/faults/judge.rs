//! What a cell is judged by: the contract, the docs of the SDK, the network, and the backend's database.

use std::time::Duration;

use super::scenarios::{Ending, Scenario};
use super::{Again, Outcome, Subject};
use crate::engine::Rules;
use crate::{AnswerKind, Cut, Door, End, Fault, Seen};

/// How many attempts a call has.
pub(super) const ATTEMPTS: u32 = 3;

/// How a call has to end.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    /// The name of the error's kind, its status, and whether the request may have been sent.
    result: Result<(), (String, Option<u16>, bool)>,
    attempts: usize,
}

impl Ending {
    /// The same of this subject, whose answer may be read in another way than JSON is: all that it may be.
    fn of(self, fault: &Fault, subject: &Subject) -> Vec<Self> {
        let is_foreign = matches!(self, Self::Malformed(_) | Self::Foreign);
        let ending = match (self, subject.operation.answer) {
            // Whether it is one or the other is seen by the media type alone.
            (Self::Status(204), AnswerKind::JsonOrEvents | AnswerKind::Events) => Self::Malformed(204),
            (Self::Status(204), AnswerKind::Bytes) => Self::Success,
            (Self::Status(204), answer) if subject.operation.any_success => match answer {
                AnswerKind::Nothing | AnswerKind::Bytes => Self::Success,
                _ => Self::Malformed(204),
            },
            // A 200 is not what is asked for, whatever its body is.
            _ if is_foreign && !subject.operation.is_200_success => Self::Status(200),
            (Self::TooLarge, AnswerKind::Messages) => Self::Status(200),
            (_, AnswerKind::Messages) if is_foreign => Self::Status(200),
            _ if is_foreign && subject.is_one_text => Self::Malformed(200),
            (_, AnswerKind::Nothing | AnswerKind::Text) if is_foreign => Self::Success,
            // Whatever comes behind the head is left to whoever reads it.
            (Self::TooLarge, AnswerKind::Bytes) => Self::Success,
            (_, AnswerKind::Bytes) if is_foreign => Self::Success,
            (Self::Interrupted | Self::TimedOut, AnswerKind::Bytes) => match fault {
                // What a reset overtakes is lost.
                Fault::CutAnswer(_, End::Reset) if fault.shows_head() => return vec![Self::Success, self],
                _ if fault.shows_head() => Self::Success,
                _ => self,
            },
            // Its body says whether it is the success.
            (Self::Interrupted | Self::TimedOut, _) if fault.shows_head() && subject.succeeds_with.is_some() => {
                subject.succeeds_with.map_or(self, Self::Status)
            }
            (Self::TooLarge, AnswerKind::Events) => Self::Malformed(200),
            (Self::Foreign, _) if subject.is_lenient => Self::Success,
            (Self::Foreign, _) => Self::Malformed(200),
            _ => self,
        };
        vec![ending]
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
    fn is_tried_again(self, subject: &Subject, rules: &Rules) -> bool {
        let may_be_repeated = !subject.is_sent_once && subject.operation.may_be_repeated();
        match self {
            // Who wants a stream of messages goes on asking.
            _ if subject.operation.answer == AnswerKind::Messages => false,
            Self::Connect => true,
            Self::Status(429) if rules.again_after_429 => true,
            Self::Status(status) => {
                let is_final = subject.operation.method == "POST" && rules.final_on_post.contains(&status);
                may_be_repeated && rules.repeated.contains(&status) && !is_final
            }
            Self::Interrupted | Self::TimedOut => may_be_repeated,
            _ => false,
        }
    }

    /// The name of the kind of error that it is, and the status that the error tells.
    fn kind(self) -> (&'static str, Option<u16>) {
        let kind = match self {
            Self::Success | Self::Foreign => unreachable!("it is no error, or another one"),
            Self::Connect => return ("Connect", None),
            Self::Interrupted => return ("Interrupted", None),
            Self::TimedOut => return ("TimedOut", None),
            Self::TooLarge => return ("ResponseTooLarge", None),
            Self::Malformed(status) => return ("MalformedResponse", Some(status)),
            Self::NoHttp => return ("MalformedResponse", None),
            Self::ComeBackLater => return ("TooManyRequests", Some(429)),
            Self::Status(401) => "Unauthorized",
            Self::Status(404) => "NotFound",
            Self::Status(429) => "TooManyRequests",
            Self::Status(300..=399) => "Redirected",
            Self::Status(502..=504) => "Unavailable",
            Self::Status(500..=599) => "BackendFailed",
            Self::Status(_) => "UnexpectedStatus",
        };
        let Self::Status(status) = self else { unreachable!("all others have returned") };
        (kind, Some(status))
    }
}

impl Fault {
    /// Whether the backend gets the whole request.
    fn delivers(&self) -> bool {
        match self {
            Self::OnArrival(_) | Self::Unread(_) | Self::CutRequest(_) | Self::Swallow(_) | Self::Answer(..) => false,
            Self::Pass | Self::CutAnswer(..) | Self::Trickle(_) | Self::Late(_) | Self::Replace(_) | Self::Flow(_) => {
                true
            }
        }
    }

    /// Whether the head of the backend's answer gets through, and not its body.
    fn shows_head(&self) -> bool {
        matches!(self, Self::CutAnswer(Cut::AfterHead | Cut::InBody | Cut::BeforeLastByte, _))
    }
}

/// A call that has come so far.
#[derive(Clone, Copy)]
struct Begun {
    /// The number of the attempt that comes next, from 1.
    attempt: usize,
    /// Whether an attempt before may have been sent.
    was_sent: bool,
    /// Whether the backend has acted on one.
    has_acted: bool,
}

/// All ways in which a call may end.
fn expected(scenario: &Scenario, subject: &Subject, rules: &Rules) -> Vec<Expected> {
    let mut found = Vec::new();
    let mut begun = vec![Begun { attempt: 1, was_sent: false, has_acted: false }];
    let passes = (Fault::Pass, vec![Ending::Success]);
    while let Some(Begun { attempt, was_sent, has_acted }) = begun.pop() {
        let last = scenario.steps.last().filter(|_| scenario.for_good);
        let (fault, endings) = scenario.steps.get(attempt - 1).or(last).unwrap_or(&passes);
        for ending in endings.iter().flat_map(|ending| ending.of(fault, subject)) {
            let ending = match (ending, subject.again) {
                // The head of a refusal is enough.
                (Ending::Interrupted | Ending::TimedOut, Again::Gone(_)) if has_acted && fault.shows_head() => {
                    found.push(Expected { result: Ok(()), attempts: attempt });
                    continue;
                }
                (Ending::Status(status), Again::Gone(gone)) if was_sent && status == gone => {
                    found.push(Expected { result: Ok(()), attempts: attempt });
                    continue;
                }
                (Ending::Success, Again::Followed(requests)) if has_acted => {
                    found.push(Expected { result: Ok(()), attempts: attempt + requests });
                    continue;
                }
                (Ending::Success, _) => {
                    found.push(Expected { result: Ok(()), attempts: attempt });
                    continue;
                }
                (failure, _) => failure,
            };
            let was_sent = was_sent || !ending.is_certain();
            if ending.is_tried_again(subject, rules) && attempt < ATTEMPTS as usize {
                let has_acted = has_acted || fault.delivers();
                begun.push(Begun { attempt: attempt + 1, was_sent, has_acted });
            } else {
                let (kind, status) = ending.kind();
                found.push(Expected { result: Err((kind.to_owned(), status, was_sent)), attempts: attempt });
            }
        }
    }
    found
}

/// The most attempts that a call may come to.
pub(super) fn most_attempts(scenario: &Scenario, subject: &Subject, rules: &Rules) -> usize {
    expected(scenario, &scenario.met_by(subject), rules).iter().map(|expected| expected.attempts).max().unwrap()
}

/// What is known of a cell when all is over.
pub(super) struct Facts {
    pub(super) outcome: Outcome,
    pub(super) seen: Seen,
    /// How often the backend carried the operation out, as its database has it; `None` for what only reads.
    pub(super) effects: Option<i64>,
}

/// What is wrong with a cell.
pub(super) fn faults(scenario: &Scenario, subject: &Subject, rules: &Rules, facts: &Facts) -> Vec<String> {
    let Facts { outcome, seen, effects } = facts;
    let subject = &scenario.met_by(subject);
    let operation = &subject.operation;
    let mut wrong = Vec::new();
    let mut check = |is_right: bool, problem: String| {
        if !is_right {
            wrong.push(problem);
        }
    };

    // The network counts the attempts, unless its door keeps them out.
    let told = outcome.as_ref().err().map(|error| error.attempts as usize);
    let is_seen_whole = scenario.door == Door::Open;
    let attempts = told.filter(|_| !is_seen_whole).unwrap_or(seen.attempts);
    let fits = told.is_none_or(|told| told == attempts && seen.attempts <= told);
    check(fits, format!("it tells of {told:?} attempts, and {} were seen", seen.attempts));
    if let Err(error) = outcome {
        check(error.operation == Some(&operation.name), format!("it names {:?}", error.operation));
    }
    let result = match outcome {
        Ok(()) => Ok(()),
        Err(error) => Err((error.kind.clone(), error.status, error.may_have_been_sent)),
    };
    let actual = Expected { result, attempts };
    let expected = expected(scenario, subject, rules);
    check(expected.contains(&actual), format!("it ends with {actual:?}, and not with one of {expected:?}"));

    if let Err(error) = outcome {
        if error.kind == "TimedOut" {
            let limit = if subject.is_bounded { "the overall limit" } else { "the attempt limit" };
            check(error.line.contains(limit), format!("it names another limit: {}", error.line));
        }
        if scenario.steps.iter().any(|(_, endings)| endings.contains(&Ending::ComeBackLater)) {
            let asked = error.retry_after;
            check(asked == Some(Duration::from_secs(3600)), format!("it tells of a pause of {asked:?}"));
        }
        // These hold whatever is expected of the fault.
        let has_acted = seen.answered > 0 || effects.is_some_and(|effects| effects != 0);
        check(error.may_have_been_sent || !has_acted, "the backend has acted, and it denies that it may".to_owned());
    }
    let is_sent_often = operation.may_be_repeated() && operation.answer != AnswerKind::Messages;
    check(is_sent_often || seen.delivered <= 1, format!("the backend got it {} times", seen.delivered));
    if let Some(effects) = *effects {
        check((0..=1).contains(&effects), format!("it was carried out {effects} times"));
        check(effects == 0 || seen.delivered > 0, "it was carried out, and never delivered".to_owned());
        // Somebody else's answer may be one that this operation takes.
        let is_promised = outcome.is_ok() && seen.answered > 0;
        check(effects != 0 || !is_promised, "it succeeded, and was not carried out".to_owned());
    }
    wrong
}
