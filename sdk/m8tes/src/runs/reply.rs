//! Replying to a run.

use agent_platform_core::Operation;
use m8tes_web_backend_client::{operations, types};

use super::turn::{Begins, Begun, Turn, asked, turn_options, turns};
use crate::id::{RunId, UserId};
use crate::model::PermissionMode;
use crate::platform::Session;

/// What a run is replied to with.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    run: RunId,
    /// Whose run it is: a reply does not say so, but what is asked of the run after it does.
    user: Option<UserId>,
    turn: Turn,
    reset_auto_recovery: bool,
}

impl Order {
    pub(crate) fn of(run: RunId, message: String) -> Self {
        Self { run, user: None, turn: Turn::of(message), reset_auto_recovery: false }
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
}

impl Begins for Order {
    const OPERATION: &'static Operation = &operations::REPLY_TO_RUN;

    fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    fn run(&self) -> Option<RunId> {
        Some(self.run)
    }

    async fn send(self, session: &Session, stream: bool) -> Begun {
        let has_files = !self.turn.files.is_empty();
        let operation = if has_files { &operations::REPLY_TO_RUN_WITH_FILES } else { Self::OPERATION };
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

turns! {
    replies;
    /// The request of [`Runs::reply`](super::Runs::reply).
    ReplyToRun;
    /// The request of [`Runs::reply_stream`](super::Runs::reply_stream).
    StreamReply;
    /// The request of [`Runs::reply_and_wait`](super::Runs::reply_and_wait).
    ReplyToRunAndWait;
}

/// Lets a reply say whose run it is, where the run is looked at after it.
macro_rules! replies_of_user {
    ($($name:ident),*) => {$(
        impl $name<'_> {
            /// The user of yours whose run it is, instead of the [client's](crate::Client::for_user): for what is asked of
            /// the run after the reply.
            pub fn user(mut self, user: impl Into<UserId>) -> Self {
                self.order.user = Some(user.into());
                self
            }
        }
    )*};
}

replies_of_user!(StreamReply, ReplyToRunAndWait);
