//! Replying to a run.

use agent_platform_core::send_on_await;
use m8tes_web_backend_client::{operations, types};

use super::and_wait::begin_and_wait;
use super::stream::{Rejoins, RunStream, rejoins};
use super::turn::{Begun, Turn, asked, turn_options, without_stream};
use super::wait::{Waiting, waits};
use crate::error::Error;
use crate::id::RunId;
use crate::model::{PermissionMode, Run};
use crate::platform::Session;

/// What a run is replied to with.
#[derive(Clone, Debug)]
struct Order {
    run: RunId,
    turn: Turn,
    reset_auto_recovery: bool,
}

impl Order {
    fn of(run: RunId, message: String) -> Self {
        Self { run, turn: Turn::of(message), reset_auto_recovery: false }
    }

    /// The body of the request, or what is wrong with it.
    fn body(&self, stream: bool) -> Result<types::RunReply, String> {
        self.turn.check()?;
        Ok(types::RunReply {
            feedback: self.turn.feedback,
            human_in_the_loop: self.turn.human_in_the_loop,
            message: self.turn.message.clone(),
            permission_mode: self.turn.permission_mode.clone().map(asked).transpose()?,
            reset_auto_recovery: self.reset_auto_recovery.then_some(true),
            skill: self.turn.skill.clone(),
            stream,
            task_setup_tools: self.turn.task_setup_tools,
            tools: self.turn.tools.clone(),
        })
    }

    async fn send(self, session: &Session, stream: bool) -> Begun {
        let has_files = !self.turn.files.is_empty();
        let operation = if has_files { &operations::REPLY_TO_RUN_WITH_FILES } else { &operations::REPLY_TO_RUN };
        let request = session.request(operation).with_idempotency_key(self.turn.idempotency_key.clone());
        let body = self.body(stream).map_err(|problem| request.refuse(problem))?;
        let outcome = if has_files {
            let form = self.turn.form(&body).map_err(|problem| request.refuse(problem))?;
            request.api.reply_to_run_with_files(self.run.get(), form).await
        } else {
            request.api.reply_to_run(self.run.get(), &body).await
        };
        request.finish_json_or_events(outcome)
    }

    /// Sends it, and streams nothing.
    async fn start(self, session: &Session) -> Result<Run, Error> {
        without_stream(session, &operations::REPLY_TO_RUN, self.send(session, false).await?)
    }
}

/// What can be said of a reply. The request has the field `order`.
macro_rules! replies {
    ($name:ident) => {
        turn_options!($name);

        impl<'c> $name<'c> {
            /// Whether m8tes counts anew how often it has tried by itself to get the run over a failure. Not unless set.
            pub fn reset_auto_recovery(mut self, reset: bool) -> Self {
                self.order.reset_auto_recovery = reset;
                self
            }
        }
    };
}

/// The request of [`Runs::reply`](super::Runs::reply).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ReplyToRun<'c> {
    session: &'c Session,
    order: Order,
}

replies!(ReplyToRun);

impl<'c> ReplyToRun<'c> {
    pub(super) fn new(session: &'c Session, run: RunId, message: String) -> Self {
        Self { session, order: Order::of(run, message) }
    }

    async fn send(self) -> Result<Run, Error> {
        self.order.start(self.session).await
    }
}

send_on_await!(ReplyToRun, Run);

/// The request of [`Runs::reply_stream`](super::Runs::reply_stream).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct StreamReply<'c> {
    session: &'c Session,
    order: Order,
    rejoins: Rejoins,
}

replies!(StreamReply);
rejoins!(StreamReply);

impl<'c> StreamReply<'c> {
    pub(super) fn new(session: &'c Session, run: RunId, message: String) -> Self {
        Self { session, order: Order::of(run, message), rejoins: Rejoins::default() }
    }

    async fn send(self) -> Result<RunStream, Error> {
        let run = self.order.run;
        let begun = self.order.send(self.session, true).await?;
        RunStream::of_begun(self.session.clone(), Some(run), self.rejoins, begun).await
    }
}

send_on_await!(StreamReply, RunStream);

/// The request of [`Runs::reply_and_wait`](super::Runs::reply_and_wait).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ReplyToRunAndWait<'c> {
    session: &'c Session,
    order: Order,
    waiting: Waiting<'c>,
}

replies!(ReplyToRunAndWait);
waits!(ReplyToRunAndWait);

impl<'c> ReplyToRunAndWait<'c> {
    pub(super) fn new(session: &'c Session, run: RunId, message: String) -> Self {
        Self { session, order: Order::of(run, message), waiting: Waiting::default() }
    }

    async fn send(self) -> Result<Run, Error> {
        let (session, order) = (self.session.clone(), self.order);
        begin_and_wait(self.session, &self.waiting, async move { order.start(&session).await }).await
    }
}

send_on_await!(ReplyToRunAndWait, Run);
