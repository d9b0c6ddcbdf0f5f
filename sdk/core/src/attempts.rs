//! The attempts of one call: how often, when, and within which limits. What an attempt is made of is no
//! business of this module, so that its rules can be tested without a network and in no time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::TryFutureExt;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::failure::{Cause, Failure, Limit, PartialAnswer};
use crate::json::Lost;
use crate::limits::{FAR_AWAY, TimeLimits};
use crate::operation::Operation;
use crate::retry::{RetryBudget, RetryPolicy, RetryRules};

/// How much is kept of the body of a response that was no whole one.
const KEPT_OF_PARTIAL: usize = 1024;

/// What is attempted.
pub(crate) trait Attempt {
    /// What is sent.
    type Request: Send;
    /// What a success brings.
    type Response: Send;

    /// A copy that can be sent later; `None` where it can be sent once only.
    fn copy(request: &Self::Request) -> Option<Self::Request>;

    /// Makes it ready to be sent, before each attempt. Where that fails, there is none.
    fn make_ready(&self, request: &mut Self::Request, operation: &'static Operation) -> Result<(), Cause>;

    /// Makes one attempt. It has to keep to its deadline by itself, since some of what came by then may be of
    /// use.
    fn attempt(
        &self,
        request: Self::Request,
        operation: &'static Operation,
        deadline: Deadline,
        record: &mut Record,
    ) -> impl Future<Output = Result<Self::Response, Cause>> + Send;
}

/// What the attempts of a call are bound by.
pub(crate) struct Attempts<'s> {
    pub(crate) operation: &'static Operation,
    /// Whether it may be sent again when it is unknown whether the backend has acted.
    pub(crate) may_be_repeated: bool,
    pub(crate) limits: TimeLimits,
    pub(crate) retry: &'s RetryPolicy,
    pub(crate) rules: &'s RetryRules,
    pub(crate) budget: &'s RetryBudget,
}

/// How a call went.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) attempts: u32,
    pub(crate) may_have_acted: bool,
    /// Of the last attempt, as far as a response came.
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
    pub(crate) cause: Option<Cause>,
    /// A success whose body is still to come. On the heap, so that a call without one has no room in it for this.
    pub(crate) live: Option<Box<Answer>>,
    /// Whether the response should be in an envelope, and is in none.
    pub(crate) is_bare: bool,
    /// What was left out of the response, since there was no room for it.
    pub(crate) lost: Vec<Lost>,
    /// Of the last response that promised success, whichever attempt it came to.
    pub(crate) coming: Coming,
}

/// A response that comes, as far as it has.
#[derive(Default)]
pub(crate) struct Coming {
    pub(crate) headers: HeaderMap,
    /// All of its body while that is in one piece.
    pub(crate) first: Bytes,
    /// All of its body once it is in several.
    pub(crate) body: BytesMut,
}

impl Coming {
    fn into_partial(self) -> Option<Box<PartialAnswer>> {
        let body: &[u8] = if self.body.is_empty() { &self.first } else { &self.body };
        let start = body.get(..KEPT_OF_PARTIAL).unwrap_or(body);
        if self.headers.is_empty() && start.is_empty() {
            return None;
        }
        let start = String::from_utf8_lossy(start).into_owned();
        Some(Box::new(PartialAnswer { headers: self.headers, start }))
    }
}

impl Record {
    /// Keeps what an attempt failed for. Of what could not be sent it was none.
    pub(crate) fn note(&mut self, cause: &Cause) {
        self.may_have_acted |= cause.may_have_acted();
        if matches!(cause, Cause::Unsendable(_)) {
            self.attempts -= 1;
        }
    }

    pub(crate) fn into_failure(self, cause: Cause) -> Failure {
        Failure {
            may_have_acted: self.may_have_acted || cause.may_have_acted(),
            attempts: self.attempts,
            request_id: self.request_id,
            // A failure in its envelope is a whole answer.
            partial: if matches!(cause, Cause::Failed(_)) { None } else { self.coming.into_partial() },
            cause,
        }
    }
}

/// When an attempt has to be over, and by which limit.
#[derive(Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    limit: Limit,
    after: Duration,
}

impl Deadline {
    /// That of an attempt that begins now and is not bound by anything else.
    pub(crate) fn of_attempt(limits: &TimeLimits) -> Self {
        Self { at: from_now(limits.attempt), limit: Limit::Attempt, after: limits.attempt }
    }

    /// That of an attempt that begins now, in a call that has to be over then.
    fn within(limits: &TimeLimits, overall: Instant) -> Self {
        let of_attempt = Self::of_attempt(limits);
        if overall < of_attempt.at {
            Self { at: overall, limit: Limit::Overall, after: limits.overall }
        } else {
            of_attempt
        }
    }

    /// Does what has to be done by then.
    pub(crate) fn bound<T>(self, work: impl Future<Output = T>) -> impl Future<Output = Result<T, Cause>> {
        // An `async fn` would hold the work twice: as it was given, and in the timeout.
        tokio::time::timeout_at(self.at, work)
            .map_err(move |_| Cause::TimedOut { limit: self.limit, after: self.after })
    }
}

fn from_now(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + FAR_AWAY)
}

impl Attempts<'_> {
    /// Attempts it until it succeeds, or until another attempt is not allowed, of no use, or too late.
    pub(crate) async fn run<A: Attempt>(
        &self,
        what: &A,
        mut request: A::Request,
        record: &mut Record,
    ) -> Result<A::Response, Cause> {
        let overall = from_now(self.limits.overall);
        let mut pauses = self.retry.pauses();
        what.make_ready(&mut request, self.operation)?;
        self.budget.deposit();
        loop {
            let spare = A::copy(&request);
            record.attempts += 1;
            record.status = None;
            record.request_id = None;
            let cause =
                match what.attempt(request, self.operation, Deadline::within(&self.limits, overall), record).await {
                    Ok(response) => return Ok(response),
                    Err(cause) => cause,
                };
            record.note(&cause);
            let again = self.rules.allow_another_attempt(self.operation, &cause, self.may_be_repeated);
            let Some(spare) = spare.filter(|_| again) else { return Err(cause) };
            let Some(pause) = pauses.next().map(|pause| pause.max(asked_pause(&cause))) else {
                return Err(cause);
            };
            let in_time = Instant::now().checked_add(pause).is_some_and(|next| next < overall);
            if !in_time || !self.budget.withdraw() {
                return Err(cause);
            }
            tracing::warn!(
                attempt = record.attempts,
                pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                cause = cause.short_name(),
                "trying again after a failed attempt",
            );
            tokio::time::sleep(pause).await;
            request = spare;
            what.make_ready(&mut request, self.operation)?;
        }
    }
}

fn asked_pause(cause: &Cause) -> Duration {
    match cause {
        Cause::Status(response) => response.retry_after.unwrap_or_default(),
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests;
