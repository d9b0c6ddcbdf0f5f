//! Lists of runs.

use m8tes_web_backend_client::operations;

use crate::error::Error;
use crate::id::{TeammateId, UserId};
use crate::model::{Page, Run, RunStatus};
use crate::pages::{Limit, list_request};
use crate::platform::Session;

/// The request of [`Runs::list`](super::Runs::list).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListRuns<'c> {
    session: &'c Session,
    teammate: Option<TeammateId>,
    user: Option<UserId>,
    status: Option<RunStatus>,
    limit: Limit,
    starting_after: Option<String>,
}

impl<'c> ListRuns<'c> {
    pub(super) fn new(session: &'c Session) -> Self {
        Self { session, teammate: None, user: None, status: None, limit: Limit::default(), starting_after: None }
    }

    /// Those of this teammate alone.
    pub fn teammate(mut self, teammate: impl Into<TeammateId>) -> Self {
        self.teammate = Some(teammate.into());
        self
    }

    /// Those of this user of yours alone.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Those with this status alone.
    pub fn status(mut self, status: RunStatus) -> Self {
        self.status = Some(status);
        self
    }

    async fn send(self) -> Result<Page<Run>, Error> {
        let request = self.session.request(&operations::LIST_RUNS);
        let limit = self.limit.get().map_err(|problem| request.refuse(problem))?;
        let status = self.status.as_ref().map(RunStatus::as_str);
        let teammate = self.teammate.map(TeammateId::get);
        let user = request.user(self.user.as_ref().map(UserId::as_str))?;
        let user = user.as_deref();
        let cursor = self.starting_after.as_deref();
        let outcome =
            request.api.list_runs(None, None, None, None, limit, None, cursor, status, None, teammate, user).await;
        request.finish(outcome)
    }
}

list_request!(ListRuns of Run, LIST_RUNS);
