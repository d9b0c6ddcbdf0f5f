//! What a turn of a run is asked for with: the first, and those that are replies.

use agent_platform_core::{Bytes, JsonOrEvents, Multipart, Operation};
use serde::Serialize;

use super::and_wait::begin_and_wait;
use super::stream::{Rejoins, RunStream};
use super::wait::Waiting;
use super::{Runs, cut_off};
use crate::error::Error;
use crate::id::{RunId, UserId};
use crate::model::{PermissionMode, Run};
use crate::platform::{M8tes, Session, session_for};

/// How many turns of the model a run can be given at the most.
const MOST_TURNS: i64 = 2000;

/// What m8tes answers with where a turn begins.
pub(super) type Begun = Result<JsonOrEvents<Run, M8tes>, Error>;

/// What is sent to begin a turn: a new run, a reply to one, or a run of a task.
pub(super) trait Begins: Sized + Send + 'static {
    /// The operation.
    const OPERATION: &'static Operation;

    /// The user of the account's that it names.
    fn user(&self) -> Option<&UserId> {
        None
    }

    /// The run, where it is known before.
    fn run(&self) -> Option<RunId> {
        None
    }

    /// Sends it.
    fn send(self, session: &Session, stream: bool) -> impl Future<Output = Begun> + Send;
}

/// Sends it. An error names the run, where that is known before, or by what came of the answer.
async fn send(order: impl Begins, session: &Session, stream: bool) -> Begun {
    let run = order.run();
    order.send(session, stream).await.map_err(|error| match run.or_else(|| cut_off::begun(&error)) {
        Some(run) => error.about(run),
        None => error,
    })
}

/// Begins a turn, and streams nothing.
pub(super) async fn begin<B: Begins>(order: B, session: &Session) -> Result<Run, Error> {
    let (scope, is_reply) = (session_for(session, order.user()), order.run().is_some());
    match send(order, session, false).await {
        Ok(JsonOrEvents::Json(run)) => Ok(run),
        Ok(JsonOrEvents::Events(_)) => {
            Err(session.malformed(B::OPERATION, 200, "it is a stream, which was not asked for"))
        }
        // What became of a reply, the run does not say.
        Err(error) => match cut_off::begun(&error).filter(|_| !is_reply) {
            Some(run) => Runs::new(&scope).get(run).await.map_err(|_| error),
            None => Err(error),
        },
    }
}

/// Begins a turn, and streams its work.
pub(super) async fn begin_and_stream(
    order: impl Begins,
    session: &Session,
    rejoins: Rejoins,
) -> Result<RunStream, Error> {
    let scope = session_for(session, order.user());
    let run = order.run();
    match send(order, session, true).await {
        Ok(begun) => RunStream::of_begun(scope, run, rejoins, begun).await,
        Err(error) => match cut_off::begun(&error) {
            Some(run) => RunStream::of_earlier(scope, rejoins, run, None).await,
            None => Err(error),
        },
    }
}

/// Begins a turn, and waits for its end.
pub(super) async fn begin_and_see_through(
    order: impl Begins,
    session: &Session,
    waiting: &Waiting<'_>,
) -> Result<Run, Error> {
    let (scope, session) = (session_for(session, order.user()), session.clone());
    begin_and_wait(&scope, waiting, async move { begin(order, &session).await }).await
}

/// Defines the three requests that begin a turn: one that returns at once, one that streams, and one that waits. Each has
/// the field `order`, which `$options` says what can be said of.
macro_rules! turns {
    (
        $options:ident;
        $(#[$plain_doc:meta])* $plain:ident;
        $(#[$stream_doc:meta])* $stream:ident;
        $(#[$waiting_doc:meta])* $waiting:ident;
    ) => {
        $(#[$plain_doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $plain<'c> {
            session: &'c crate::platform::Session,
            order: Order,
        }

        $options!($plain);

        impl<'c> $plain<'c> {
            pub(crate) fn new(session: &'c crate::platform::Session, order: Order) -> Self {
                Self { session, order }
            }

            async fn send(self) -> Result<crate::model::Run, crate::error::Error> {
                crate::runs::turn::begin(self.order, self.session).await
            }
        }

        ::agent_platform_core::send_on_await!($plain, crate::model::Run);

        $(#[$stream_doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $stream<'c> {
            session: &'c crate::platform::Session,
            order: Order,
            rejoins: crate::runs::stream::Rejoins,
        }

        $options!($stream);
        crate::runs::stream::rejoins!($stream);

        impl<'c> $stream<'c> {
            pub(crate) fn new(session: &'c crate::platform::Session, order: Order) -> Self {
                Self { session, order, rejoins: Default::default() }
            }

            async fn send(self) -> Result<crate::runs::RunStream, crate::error::Error> {
                crate::runs::turn::begin_and_stream(self.order, self.session, self.rejoins).await
            }
        }

        ::agent_platform_core::send_on_await!($stream, crate::runs::RunStream);

        $(#[$waiting_doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $waiting<'c> {
            session: &'c crate::platform::Session,
            order: Order,
            waiting: crate::runs::wait::Waiting<'c>,
        }

        $options!($waiting);
        crate::runs::wait::waits!($waiting);

        impl<'c> $waiting<'c> {
            pub(crate) fn new(session: &'c crate::platform::Session, order: Order) -> Self {
                Self { session, order, waiting: Default::default() }
            }

            async fn send(self) -> Result<crate::model::Run, crate::error::Error> {
                crate::runs::turn::begin_and_see_through(self.order, self.session, &self.waiting).await
            }
        }

        ::agent_platform_core::send_on_await!($waiting, crate::model::Run);
    };
}
pub(super) use turns;

/// What both kinds of turn have.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    pub(super) message: String,
    pub(super) tools: Option<Vec<String>>,
    pub(super) human_in_the_loop: Option<bool>,
    pub(super) permission_mode: Option<PermissionMode>,
    pub(super) task_setup_tools: Option<bool>,
    pub(super) feedback: Option<bool>,
    pub(super) skill: Option<String>,
    pub(super) files: Vec<File>,
    pub(super) idempotency_key: Option<String>,
}

/// A file that goes with a message.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) content: Bytes,
    pub(super) media_type: String,
}

impl Turn {
    pub(super) fn of(message: String) -> Self {
        Self { message, ..Self::default() }
    }

    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.message.trim().is_empty() {
            return Err("the message is empty; say what is to be done".to_owned());
        }
        match self.files.iter().find(|file| file.name.is_empty()) {
            Some(_) => Err("a file has no name".to_owned()),
            None => Ok(()),
        }
    }

    /// The files, beside the body of a request without any.
    pub(super) fn form(&self, body: &impl Serialize) -> Result<Multipart, String> {
        let payload = serde_json::to_string(body).map_err(|error| format!("it can't be written as JSON ({error})"))?;
        self.files.iter().try_fold(Multipart::new().text("payload", payload), |form, file| {
            form.file("files", &file.name, &file.media_type, file.content.clone())
                .map_err(|problem| format!("the content type of {:?}: {problem}", file.name))
        })
    }
}

/// What a permission mode is called where it is asked for.
pub(super) fn asked<T: std::str::FromStr>(mode: PermissionMode) -> Result<T, String> {
    mode.as_str().parse().map_err(|_| format!("{:?} is no permission mode that can be asked for", mode.as_str()))
}

/// What is wrong with so many turns of the model.
pub(super) fn turns_problem(turns: Option<i64>) -> Option<String> {
    let turns = turns.filter(|turns| !(1..=MOST_TURNS).contains(turns))?;
    Some(format!("a run has 1 to {MOST_TURNS} turns of the model, not {turns}"))
}

/// What can be said of any turn. The request has the field `order`, which has a `turn`.
macro_rules! turn_options {
    ($name:ident) => {
        impl<'c> $name<'c> {
            /// The tools that it may use, by name, such as `gmail`.
            pub fn tools(mut self, tools: impl IntoIterator<Item = impl Into<String>>) -> Self {
                self.order.turn.tools = Some(tools.into_iter().map(Into::into).collect());
                self
            }

            /// Whether it may ask people. The permission modes `Approval` and `Plan` need it.
            pub fn human_in_the_loop(mut self, human_in_the_loop: bool) -> Self {
                self.order.turn.human_in_the_loop = Some(human_in_the_loop);
                self
            }

            /// What it may do without asking.
            pub fn permission_mode(mut self, mode: PermissionMode) -> Self {
                self.order.turn.permission_mode = Some(mode);
                self
            }

            /// Whether it may set up tasks of its own. As the teammate is set unless said.
            pub fn task_setup_tools(mut self, task_setup_tools: bool) -> Self {
                self.order.turn.task_setup_tools = Some(task_setup_tools);
                self
            }

            /// Whether it may ask for feedback. As the teammate is set unless said.
            pub fn feedback(mut self, feedback: bool) -> Self {
                self.order.turn.feedback = Some(feedback);
                self
            }

            /// The skill that it begins with, by name.
            pub fn skill(mut self, skill: impl Into<String>) -> Self {
                self.order.turn.skill = Some(skill.into());
                self
            }

            /// Gives it a file: its name, what it holds, and its media type, such as `text/csv` (`application/octet-stream`
            /// where it is not known). It can be called several times. The bytes are kept, so that each attempt sends them.
            pub fn file(
                mut self,
                name: impl Into<String>,
                content: impl Into<Vec<u8>>,
                content_type: impl Into<String>,
            ) -> Self {
                let (name, media_type) = (name.into(), content_type.into());
                let content = content.into().into();
                self.order.turn.files.push(crate::runs::turn::File { name, content, media_type });
                self
            }

            /// By what m8tes knows that it is the same one, however often it is asked for: a key of your own, where the
            /// program may ask again after a restart. A fresh one unless set.
            pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
                self.order.turn.idempotency_key = Some(key.into());
                self
            }
        }
    };
}
pub(super) use turn_options;
