//! The messages of a run.

use agent_platform_core::send_on_await;
use m8tes_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::RunId;
use crate::model::RunMessage;
use crate::platform::Session;

/// The request of [`Runs::messages`](super::Runs::messages).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct RunMessages<'c> {
    session: &'c Session,
    run: RunId,
    after: Option<i64>,
    before: Option<i64>,
    is_tail: bool,
    limit: Option<u32>,
    has_trace: bool,
}

impl<'c> RunMessages<'c> {
    pub(super) fn new(session: &'c Session, run: RunId) -> Self {
        Self { session, run, after: None, before: None, is_tail: false, limit: None, has_trace: false }
    }

    /// Those behind this [`sequence`](RunMessage::sequence).
    pub fn after(mut self, sequence: i64) -> Self {
        self.after = Some(sequence);
        self
    }

    /// Those before this [`sequence`](RunMessage::sequence), the last of them.
    pub fn before(mut self, sequence: i64) -> Self {
        self.before = Some(sequence);
        self
    }

    /// The last ones.
    pub fn tail(mut self) -> Self {
        self.is_tail = true;
        self
    }

    /// How many at the most. 500 unless set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// With what the teammate did in between, too.
    pub fn include_trace(mut self) -> Self {
        self.has_trace = true;
        self
    }

    async fn send(self) -> Result<Vec<RunMessage>, Error> {
        let request = self.session.request(&operations::LIST_RUN_MESSAGES);
        if [self.after.is_some(), self.before.is_some(), self.is_tail].into_iter().filter(|is_set| *is_set).count() > 1
        {
            return Err(request.refuse("after, before and tail exclude each other; use one of them"));
        }
        let trace = self.has_trace.then_some(types::ListRunMessagesIncludeTrace::True);
        let tail = self.is_tail.then_some(types::ListRunMessagesTail::True);
        let limit = self.limit.map(i64::from);
        let outcome = request.api.list_run_messages(self.run.get(), self.after, self.before, trace, limit, tail).await;
        request.finish(outcome)
    }
}

send_on_await!(RunMessages, Vec<RunMessage>);
