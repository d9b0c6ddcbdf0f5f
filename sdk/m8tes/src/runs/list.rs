//! Lists of runs.

use agent_platform_core::for_user;
use m8tes_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::{TaskId, TeammateId, UserId};
use crate::model::{Page, Run, RunStatus};
use crate::pages::{Limit, list_request};
use crate::platform::Session;

/// In which order runs are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunOrder {
    /// The newest first.
    Created,
    /// Those first that need somebody.
    Priority,
}

/// What of the archived runs is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchivedRuns {
    /// None of them.
    Exclude,
    /// Nothing else.
    Only,
    /// All of them, among the others.
    Include,
}

/// The request of [`Runs::list`](super::Runs::list).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListRuns<'c> {
    session: &'c Session,
    teammate: Option<TeammateId>,
    user: Option<UserId>,
    status: Option<RunStatus>,
    task: Option<TaskId>,
    order: Option<types::ListRunsSort>,
    archived: Option<types::ListRunsArchived>,
    without_platform_runs: Option<types::ListRunsExcludePlatformRuns>,
    with_end_user_runs: Option<types::ListRunsIncludeEndUserRuns>,
    fields: Option<types::ListRunsFields>,
    limit: Limit,
    starting_after: Option<String>,
}

impl<'c> ListRuns<'c> {
    pub(super) fn new(session: &'c Session) -> Self {
        Self {
            session,
            teammate: None,
            user: None,
            status: None,
            task: None,
            order: None,
            archived: None,
            without_platform_runs: None,
            with_end_user_runs: None,
            fields: None,
            limit: Limit::default(),
            starting_after: None,
        }
    }

    /// Those of this teammate alone.
    pub fn teammate(mut self, teammate: impl Into<TeammateId>) -> Self {
        self.teammate = Some(teammate.into());
        self
    }

    /// Those with this status alone.
    pub fn status(mut self, status: RunStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Those of this task alone.
    pub fn task(mut self, task: impl Into<TaskId>) -> Self {
        self.task = Some(task.into());
        self
    }

    /// In which order they come. The newest first unless set.
    pub fn order(mut self, order: RunOrder) -> Self {
        self.order = Some(match order {
            RunOrder::Created => types::ListRunsSort::Created,
            RunOrder::Priority => types::ListRunsSort::Priority,
        });
        self
    }

    /// What of those that are archived. None of them unless set.
    pub fn archived(mut self, archived: ArchivedRuns) -> Self {
        self.archived = Some(match archived {
            ArchivedRuns::Exclude => types::ListRunsArchived::Exclude,
            ArchivedRuns::Only => types::ListRunsArchived::Only,
            ArchivedRuns::Include => types::ListRunsArchived::Include,
        });
        self
    }

    /// Whether those are left out that were started on m8tes' own site. They are not unless set.
    pub fn exclude_platform_runs(mut self, exclude: impl Into<bool>) -> Self {
        self.without_platform_runs = exclude.into().then_some(types::ListRunsExcludePlatformRuns::True);
        self
    }

    /// Whether those of users of yours are listed, too. They are not unless set.
    pub fn include_end_user_runs(mut self, include: impl Into<bool>) -> Self {
        self.with_end_user_runs = include.into().then_some(types::ListRunsIncludeEndUserRuns::True);
        self
    }

    /// Whether no more is told of each than a list of them shows. All of it unless set.
    pub fn summary(mut self, summary: impl Into<bool>) -> Self {
        self.fields = summary.into().then_some(types::ListRunsFields::Summary);
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
        let outcome = request
            .api
            .list_runs(
                self.archived,
                self.without_platform_runs,
                self.fields,
                self.with_end_user_runs,
                limit,
                self.order,
                cursor,
                status,
                self.task.map(TaskId::get),
                teammate,
                user,
            )
            .await;
        request.finish(outcome)
    }
}

list_request!(ListRuns of Run, LIST_RUNS);
for_user!(ListRuns);
