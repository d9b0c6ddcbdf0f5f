//! Waiting for the end of a run.

use std::time::Duration;

use agent_platform_core::send_on_await;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Runs;
use crate::error::{Error, ErrorKind};
use crate::id::RunId;
use crate::model::{Run, RunStatus};
use crate::platform::Session;

/// How long the look at the deadline may take.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// The request of [`Runs::wait`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct WaitForRun<'c> {
    session: &'c Session,
    run: RunId,
    interval: Duration,
    timeout: Duration,
}

impl<'c> WaitForRun<'c> {
    pub(super) fn new(session: &'c Session, run: RunId) -> Self {
        Self { session, run, interval: Duration::from_secs(2), timeout: Duration::from_secs(300) }
    }

    /// How long it waits between two looks. Two seconds unless set.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long it waits in all. 300 seconds unless set. When they are over it looks once more, for 5 seconds at the most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What the backend fails with in between is waited out; that it refuses is not.
    async fn send(self) -> Result<Run, Error> {
        let begun = Instant::now();
        let deadline = begun.checked_add(self.timeout);
        let mut last: Option<Run> = None;
        loop {
            let now = Instant::now();
            let is_last = deadline.is_some_and(|deadline| now >= deadline);
            let until = if is_last { now.checked_add(LAST_LOOK) } else { deadline };
            let look = Runs::new(self.session).get(self.run);
            let looked = match until {
                Some(until) => timeout_at(until, look).await.ok(),
                None => Some(look.await),
            };
            match looked {
                Some(Ok(run)) if run.status.is_terminal() => return Ok(run),
                Some(Ok(run)) => last = Some(run),
                Some(Err(error)) if !is_passing(&error) => return Err(error),
                Some(Err(_)) | None => {}
            }
            if is_last {
                return Err(self.timed_out(last));
            }
            let next = Instant::now().checked_add(self.interval);
            match [next, deadline].into_iter().flatten().min() {
                Some(next) => sleep_until(next).await,
                None => std::future::pending().await,
            }
        }
    }

    fn timed_out(&self, last: Option<Run>) -> Error {
        let state = match &last {
            Some(run) if run.status == RunStatus::AwaitingApproval => {
                "it waits for a person to approve or to answer".to_owned()
            }
            Some(run) => format!("it is {}", run.status),
            None => "nothing was heard of it".to_owned(),
        };
        Error::without_call(
            ErrorKind::TimedOut,
            format!("run {} was not over within {:?}: {state}; it goes on", self.run, self.timeout),
        )
    }
}

/// Whether a later look may go better.
fn is_passing(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Connect
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::Unavailable
            | ErrorKind::BackendFailed
    )
}

send_on_await!(WaitForRun, Run);
