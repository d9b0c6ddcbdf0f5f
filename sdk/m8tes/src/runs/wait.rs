//! Waiting for the end of a run, with people in the loop.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use agent_platform_core::{BoxFuture, send_on_await};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Runs;
use super::ask::{Answers, Ask, Decision, QuestionRequest, Resolution, ToolRequest};
use crate::codes;
use crate::error::{Error, ErrorKind};
use crate::id::{RunId, UserId};
use crate::model::{PermissionRequest, Run, RunStatus};
use crate::platform::{Session, session_for};

/// How long the look at the deadline may take.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// The codes of a decision that came too late to matter.
const TOO_LATE: [&str; 2] = [codes::GATE_CANCELLED, codes::RUN_NOT_ACTIVE];

/// Who decides a request: `None` leaves it to others.
type Handler<'c, R, A> = Arc<dyn Fn(R) -> BoxFuture<'c, Option<A>> + Send + Sync + 'c>;

/// How it is waited.
#[derive(Clone)]
pub(crate) struct Waiting<'c> {
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    /// Whether requests are looked at.
    pub(crate) decides: bool,
    pub(crate) on_approval: Option<Handler<'c, ToolRequest, Decision>>,
    pub(crate) on_question: Option<Handler<'c, QuestionRequest, Answers>>,
}

/// What became of a request.
enum Decided {
    /// It is decided, or left to others.
    Over,
    /// The decision may not have come through.
    Unsent(Resolution),
}

impl Default for Waiting<'_> {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            timeout: Duration::from_secs(300),
            decides: true,
            on_approval: None,
            on_question: None,
        }
    }
}

impl Waiting<'_> {
    /// Waits until the run is over, and where a reply was queued, until that has had its turn. What the backend fails with
    /// in between is waited out; that it refuses is not.
    pub(crate) async fn until_over(&self, session: &Session, id: RunId, queued: Option<i64>) -> Result<Run, Error> {
        let deadline = Instant::now().checked_add(self.timeout);
        let mut last: Option<Run> = None;
        let mut decided = HashMap::new();
        loop {
            let now = Instant::now();
            let is_last = deadline.is_some_and(|deadline| now >= deadline);
            let until = if is_last { now.checked_add(LAST_LOOK) } else { deadline };
            let look = async {
                let run = Runs::new(session).get(id).await?;
                if !is_last && self.decides && run.status == RunStatus::AwaitingApproval {
                    self.decide(session, &run, &mut decided).await.map_err(|error| error.with_run(run.clone()))?;
                }
                Ok(run)
            };
            let looked = match until {
                Some(until) => timeout_at(until, look).await.ok(),
                None => Some(look.await),
            };
            match looked {
                Some(Ok(run)) if was_taken_back(&run, queued) => return Err(taken_back(run)),
                Some(Ok(run)) if run.status.is_terminal() && !is_of_turn_before(&run, queued) => return Ok(run),
                Some(Ok(run)) => last = Some(run),
                Some(Err(error)) if !is_passing(&error) => return Err(error.about(id)),
                Some(Err(_)) | None => {}
            }
            if is_last {
                return Err(self.timed_out(id, last));
            }
            let next = Instant::now().checked_add(self.interval);
            match [next, deadline].into_iter().flatten().min() {
                Some(next) => sleep_until(next).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Has what waits decided, each request once.
    async fn decide(&self, session: &Session, run: &Run, decided: &mut HashMap<String, Decided>) -> Result<(), Error> {
        let runs = Runs::new(session);
        for request in runs.permissions(run.id).await?.iter().filter(|request| request.is_pending()) {
            let resolution = match decided.get(&request.request_id) {
                Some(Decided::Over) => None,
                Some(Decided::Unsent(resolution)) => Some(resolution.clone()),
                None => self.ask(run.id, request).await?,
            };
            // Before it is sent: it is not asked again, whatever comes of it.
            let Some(resolution) = resolution else {
                decided.insert(request.request_id.clone(), Decided::Over);
                continue;
            };
            let earlier = decided.insert(request.request_id.clone(), Decided::Unsent(resolution.clone()));
            match runs.resolve(run.id, resolution).await {
                Ok(()) => {}
                Err(error) if error.code().is_some_and(|code| TOO_LATE.contains(&code)) => {}
                // Where it has come through after all, the request is not pending any more.
                Err(error) if is_passing(&error) || says_nothing(&error) => continue,
                // It came through before, and the backend has lagged behind.
                Err(error) if earlier.is_some() && is_answered(&error) => {}
                Err(error) => return Err(error.with_request(run.id, request.clone())),
            }
            decided.insert(request.request_id.clone(), Decided::Over);
        }
        Ok(())
    }

    async fn ask(&self, run: RunId, request: &PermissionRequest) -> Result<Option<Resolution>, Error> {
        let question = match request.ask() {
            Ask::Tool(tool) => {
                let Some(handler) = &self.on_approval else { return Err(needs_person(run, request)) };
                return Ok(handler(tool).await.map(Resolution::from));
            }
            Ask::Question(question) => question,
            Ask::Plan(plan) => QuestionRequest::clone(&plan),
        };
        let Some(handler) = &self.on_question else { return Err(needs_person(run, request)) };
        Ok(handler(question).await.map(Resolution::from))
    }

    fn timed_out(&self, id: RunId, last: Option<Run>) -> Error {
        let state = match &last {
            Some(run) if run.status == RunStatus::AwaitingApproval => {
                "it waits for a person to approve or to answer".to_owned()
            }
            Some(run) => format!("it is {}", run.status),
            None => "nothing was heard of it".to_owned(),
        };
        let line = format!("run {id} was not over within {:?}: {state}", self.timeout);
        let error = Error::without_call(ErrorKind::TimedOut, line).about(id);
        match last {
            Some(run) => error.with_run(run),
            None => error,
        }
    }
}

/// The error of a run that waits for a person, where nobody is there.
pub(super) fn needs_person(id: RunId, request: &PermissionRequest) -> Error {
    let (asks, what_to_do) = match request.ask() {
        Ask::Tool(_) => (format!("whether {} may be used", request.title()), "set on_approval"),
        Ask::Question(_) => ("a question".to_owned(), "set on_question"),
        Ask::Plan(_) => ("whether its plan is right".to_owned(), "set on_question"),
    };
    let line = format!(
        "run {id} asks {asks} (request {}), and nobody is there to decide; {what_to_do} where it is waited for, or decide it \
         with runs().resolve",
        request.request_id
    );
    Error::without_call(ErrorKind::NeedsPerson, line).with_request(id, request.clone())
}

/// Whether a reply was taken out of the queue.
fn was_taken_back(run: &Run, queued: Option<i64>) -> bool {
    queued.is_some_and(|queued| run.cancelled_queued_message_ids.contains(&queued))
}

fn taken_back(run: Run) -> Error {
    let line = format!("the reply to run {} was taken out of its queue, so there is no turn of it", run.id);
    Error::with_code(ErrorKind::Conflict, codes::QUEUED_MESSAGE_CANCELLED, line).with_run(run)
}

/// Whether what a run tells is of the turn before the reply that was queued.
pub(super) fn is_of_turn_before(run: &Run, queued: Option<i64>) -> bool {
    queued.is_some_and(|queued| {
        let is_named = run.delivery.as_deref() == Some("queued") && run.queued_message_id == Some(queued);
        is_named || run.pending_queued_message_ids.contains(&queued)
    })
}

/// Whether a question is answered already, and not by m8tes itself.
fn is_answered(error: &Error) -> bool {
    error.kind() == ErrorKind::Conflict && error.code() != Some(codes::AUTO_CONTINUED)
}

/// Whether it is a refusal of which no more than the head came.
fn says_nothing(error: &Error) -> bool {
    let is_refused = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Conflict);
    is_refused && error.code().is_none() && error.detail().is_none()
}

/// Whether a later look may go better.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Connect
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted
            | ErrorKind::Unavailable
            | ErrorKind::BackendFailed
    )
}

impl fmt::Debug for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("interval", &self.interval)
            .field("timeout", &self.timeout)
            .field("has_on_approval", &self.on_approval.is_some())
            .field("has_on_question", &self.on_question.is_some())
            .finish_non_exhaustive()
    }
}

/// What can be said of how a run is waited for. The request has the field `waiting`.
macro_rules! waits {
    ($name:ident) => {
        impl<'c> $name<'c> {
            /// How long it waits between two looks. Two seconds unless set.
            pub fn interval(mut self, interval: std::time::Duration) -> Self {
                self.waiting.interval = interval;
                self
            }

            /// How long it waits in all, people included. 300 seconds unless set. When they are over it looks once more, for
            /// 5 seconds at the most.
            pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
                self.waiting.timeout = timeout;
                self
            }

            /// Who decides whether a tool may be used: `async |tool| tool.allow()`. Each request is handed over once; `None`
            /// leaves it to others.
            pub fn on_approval<A: Into<Option<crate::runs::Decision>>, F: Future<Output = A> + Send + 'c>(
                mut self,
                handler: impl Fn(crate::runs::ToolRequest) -> F + Send + Sync + 'c,
            ) -> Self {
                self.waiting.on_approval = Some(crate::runs::wait::handler(handler));
                self
            }

            /// Who answers questions, and looks at plans, which are questions too: `async |question|
            /// question.answer("Main")`. Each request is handed over once; `None` leaves it to others.
            pub fn on_question<A: Into<Option<crate::runs::Answers>>, F: Future<Output = A> + Send + 'c>(
                mut self,
                handler: impl Fn(crate::runs::QuestionRequest) -> F + Send + Sync + 'c,
            ) -> Self {
                self.waiting.on_question = Some(crate::runs::wait::handler(handler));
                self
            }
        }
    };
}
pub(crate) use waits;

/// A handler as it is kept.
pub(crate) fn handler<'c, R, A, I: Into<Option<A>>, F: Future<Output = I> + Send + 'c>(
    handler: impl Fn(R) -> F + Send + Sync + 'c,
) -> Handler<'c, R, A> {
    Arc::new(move |request| {
        let decided = handler(request);
        Box::pin(async move { decided.await.into() })
    })
}

/// The request of [`Runs::wait`] and [`Runs::poll`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct WaitForRun<'c> {
    session: &'c Session,
    run: RunId,
    user: Option<UserId>,
    queued: Option<i64>,
    waiting: Waiting<'c>,
}

waits!(WaitForRun);

impl<'c> WaitForRun<'c> {
    pub(super) fn new(session: &'c Session, run: RunId, decides: bool) -> Self {
        Self { session, run, user: None, queued: None, waiting: Waiting { decides, ..Waiting::default() } }
    }

    /// The user of yours whose run it is, instead of the [client's](crate::Client::for_user).
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Waits for the turn of this reply, which was queued behind another: the
    /// [`queued_message_id`](crate::Run::queued_message_id) of the answer to it.
    pub fn queued_message(mut self, id: i64) -> Self {
        self.queued = Some(id);
        self
    }

    async fn send(self) -> Result<Run, Error> {
        let session = session_for(self.session, self.user.as_ref());
        self.waiting.until_over(&session, self.run, self.queued).await
    }
}

send_on_await!(WaitForRun, Run);
