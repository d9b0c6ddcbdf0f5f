//! Waiting for the end of a run.

use std::time::Duration;

use agent_platform_core::send_on_await;
use tokio::time::{Instant, sleep, timeout_at};

use super::Runs;
use crate::error::{Error, ErrorKind};
use crate::id::RunId;
use crate::model::{Run, RunStatus};
use crate::platform::Session;

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

    /// How long it waits in all. 300 seconds unless set.
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
            let look = Runs::new(self.session).get(self.run);
            let looked = match deadline {
                Some(deadline) => timeout_at(deadline, look).await.ok(),
                None => Some(look.await),
            };
            match looked {
                Some(Ok(run)) if run.status.is_terminal() => return Ok(run),
                Some(Ok(run)) => last = Some(run),
                Some(Err(error)) if !is_passing(&error) => return Err(error),
                Some(Err(_)) | None => {}
            }
            let is_late = deadline.is_some_and(|deadline| Instant::now() + self.interval >= deadline);
            if is_late {
                return Err(self.timed_out(last));
            }
            sleep(self.interval).await;
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
