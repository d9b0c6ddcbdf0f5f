//! Lists of runs.

use agent_platform_core::send_on_await;
use futures::stream::BoxStream;
use m8tes_web_backend_client::operations;

use crate::error::Error;
use crate::id::{TeammateId, UserId};
use crate::model::{Page, Run, RunStatus};
use crate::pages::{Limit, all};
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

    /// How many there are on a page: 1 to 100, 20 unless set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Limit::of(limit);
        self
    }

    /// Begins behind this one: the [`next_starting_after`](Page::next_starting_after) of the page before.
    pub fn starting_after(mut self, cursor: impl Into<String>) -> Self {
        self.starting_after = Some(cursor.into());
        self
    }

    /// All of them, one by one. A page is asked for when the one before is used up.
    ///
    /// ```no_run
    /// use futures::TryStreamExt;
    ///
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let mut runs = client.runs().list().limit(100).into_stream();
    /// while let Some(run) = runs.try_next().await? {
    ///     println!("{} {}", run.id, run.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An error ends it, such as [`MalformedResponse`](crate::ErrorKind::MalformedResponse) where m8tes names a page as the
    /// next one that it has named before.
    pub fn into_stream(self) -> BoxStream<'c, Result<Run, Error>> {
        let Self { session, starting_after: ref first, .. } = self;
        let first = first.clone();
        let fetch = move |cursor| Self { starting_after: cursor, ..self.clone() }.send();
        all(session, &operations::LIST_RUNS, first, fetch)
    }

    async fn send(self) -> Result<Page<Run>, Error> {
        let request = self.session.request(&operations::LIST_RUNS);
        let limit = self.limit.get().map_err(|problem| request.refuse(problem))?;
        let status = self.status.as_ref().map(RunStatus::as_str);
        let teammate = self.teammate.map(TeammateId::get);
        let user = self.user.as_ref().map(UserId::as_str);
        let cursor = self.starting_after.as_deref();
        let outcome =
            request.api.list_runs(None, None, None, None, limit, None, cursor, status, None, teammate, user).await;
        request.finish(outcome)
    }
}

send_on_await!(ListRuns, Page<Run>);
