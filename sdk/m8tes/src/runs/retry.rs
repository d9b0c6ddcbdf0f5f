//! Trying a run again.

use agent_platform_core::send_on_await;
use m8tes_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::RunId;
use crate::model::Run;
use crate::platform::Session;

/// The request of [`Runs::retry`](super::Runs::retry).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct RetryRun<'c> {
    session: &'c Session,
    run: RunId,
    confirm: bool,
    use_credits: bool,
}

impl<'c> RetryRun<'c> {
    pub(super) fn new(session: &'c Session, run: RunId) -> Self {
        Self { session, run, confirm: false, use_credits: false }
    }

    /// Also where that may do once more what the run has done already, such as send a mail.
    pub fn confirm(mut self) -> Self {
        self.confirm = true;
        self
    }

    /// Pays for it with credits.
    pub fn use_credits(mut self) -> Self {
        self.use_credits = true;
        self
    }

    async fn send(self) -> Result<Run, Error> {
        let request = self.session.request(&operations::RETRY_RUN);
        let confirm = self.confirm.then_some(types::RetryRunConfirm::True);
        let credits = self.use_credits.then_some(types::RetryRunUseCredits::True);
        let outcome = request.api.retry_run(self.run.get(), confirm, credits).await;
        request.finish(outcome)
    }
}

send_on_await!(RetryRun, Run);
