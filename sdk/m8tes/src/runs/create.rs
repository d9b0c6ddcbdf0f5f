//! Starting a run.

use agent_platform_core::{JsonObject, JsonOrEvents, json_object, send_on_await};
use m8tes_web_backend_client::{operations, types};
use serde::Serialize;

use super::stream::RunStream;
use crate::error::Error;
use crate::id::{TeammateId, UserId};
use crate::model::{PermissionMode, Run};
use crate::platform::Session;

/// What a run is started with.
#[derive(Clone, Debug)]
struct Order {
    message: String,
    teammate: Option<TeammateId>,
    tools: Option<Vec<String>>,
    name: Option<String>,
    instructions: Option<String>,
    user: Option<UserId>,
    metadata: Option<JsonObject>,
    memory: Option<bool>,
    history: Option<bool>,
    human_in_the_loop: Option<bool>,
    permission_mode: Option<PermissionMode>,
    idempotency_key: Option<String>,
}

impl Order {
    fn of(message: String) -> Self {
        Self {
            message,
            teammate: None,
            tools: None,
            name: None,
            instructions: None,
            user: None,
            metadata: None,
            memory: None,
            history: None,
            human_in_the_loop: None,
            permission_mode: None,
            idempotency_key: None,
        }
    }

    /// The body of the request, or what is wrong with it.
    fn body(self, stream: bool) -> Result<types::RunCreate, String> {
        if self.message.trim().is_empty() {
            return Err("the message is empty; say what is to be done".to_owned());
        }
        let permission_mode = self.permission_mode.map(|mode| match mode {
            PermissionMode::Autonomous => Ok(types::RunCreatePermissionMode::Autonomous),
            PermissionMode::Approval => Ok(types::RunCreatePermissionMode::Approval),
            PermissionMode::Plan => Ok(types::RunCreatePermissionMode::Plan),
            PermissionMode::Other(mode) => Err(format!("{mode:?} is no permission mode that can be asked for")),
        });
        let metadata = self.metadata.transpose().map_err(|problem| format!("the metadata {problem}"))?;
        Ok(types::RunCreate {
            effort: None,
            email_inbox: None,
            email_notifications: None,
            feedback: None,
            history: self.history,
            human_in_the_loop: self.human_in_the_loop,
            instructions: self.instructions,
            max_turns: None,
            memory: self.memory,
            message: self.message,
            metadata,
            model: None,
            name: self.name,
            output_schema: None,
            permission_mode: permission_mode.transpose()?,
            skill: None,
            stream,
            task_setup_tools: None,
            teammate_id: self.teammate.map(TeammateId::get),
            tools: self.tools,
            user_id: self.user.map(String::from),
        })
    }
}

/// Defines a request that starts a run, with what can be said of it.
macro_rules! starts_a_run {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $name<'c> {
            session: &'c Session,
            order: Order,
        }

        impl<'c> $name<'c> {
            pub(super) fn new(session: &'c Session, message: String) -> Self {
                Self { session, order: Order::of(message) }
            }

            /// Who does it. Unless said, m8tes picks a teammate, or makes one of the name, instructions and tools.
            pub fn teammate(mut self, teammate: impl Into<TeammateId>) -> Self {
                self.order.teammate = Some(teammate.into());
                self
            }

            /// The tools that it may use, by name, such as `gmail`.
            pub fn tools(mut self, tools: impl IntoIterator<Item = impl Into<String>>) -> Self {
                self.order.tools = Some(tools.into_iter().map(Into::into).collect());
                self
            }

            /// The name of the teammate that is made for it.
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.order.name = Some(name.into());
                self
            }

            /// What the teammate that is made for it is told to do.
            pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
                self.order.instructions = Some(instructions.into());
                self
            }

            /// The user of yours that it is for: with that user's memory, permissions and history.
            pub fn user(mut self, user: impl Into<UserId>) -> Self {
                self.order.user = Some(user.into());
                self
            }

            /// What you keep with it: anything that serializes to a JSON object.
            pub fn metadata(mut self, metadata: impl Serialize) -> Self {
                self.order.metadata = Some(json_object(metadata));
                self
            }

            /// Whether it knows what the teammate remembers. As the teammate is set unless said.
            pub fn memory(mut self, memory: bool) -> Self {
                self.order.memory = Some(memory);
                self
            }

            /// Whether it knows the runs before it. As the teammate is set unless said.
            pub fn history(mut self, history: bool) -> Self {
                self.order.history = Some(history);
                self
            }

            /// Whether it may ask people. The permission modes `Approval` and `Plan` need it.
            pub fn human_in_the_loop(mut self, human_in_the_loop: bool) -> Self {
                self.order.human_in_the_loop = Some(human_in_the_loop);
                self
            }

            /// What it may do without asking.
            pub fn permission_mode(mut self, mode: PermissionMode) -> Self {
                self.order.permission_mode = Some(mode);
                self
            }

            /// By what m8tes knows that it is the same run, however often it is asked for: a key of your own, where the
            /// program may ask again after a restart. A fresh one unless set.
            pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
                self.order.idempotency_key = Some(key.into());
                self
            }
        }
    };
}

starts_a_run! {
    /// The request of [`Runs::create`](super::Runs::create).
    CreateRun
}

impl CreateRun<'_> {
    async fn send(mut self) -> Result<Run, Error> {
        let key = self.order.idempotency_key.take();
        let request = self.session.request(&operations::CREATE_RUN).with_idempotency_key(key);
        self.order.user = request.user(self.order.user.as_ref().map(UserId::as_str))?.map(UserId::from);
        let body = self.order.body(false).map_err(|problem| request.refuse(problem))?;
        let outcome = request.api.create_run(&body).await;
        match request.finish_json_or_events(outcome)? {
            JsonOrEvents::Json(run) => Ok(run),
            JsonOrEvents::Events(_) => {
                Err(self.session.malformed(&operations::CREATE_RUN, 200, "it is a stream, which was not asked for"))
            }
        }
    }
}

send_on_await!(CreateRun, Run);

starts_a_run! {
    /// The request of [`Runs::stream`](super::Runs::stream).
    StreamRun
}

impl StreamRun<'_> {
    async fn send(mut self) -> Result<RunStream, Error> {
        let key = self.order.idempotency_key.take();
        let request = self.session.request(&operations::CREATE_RUN).with_idempotency_key(key);
        self.order.user = request.user(self.order.user.as_ref().map(UserId::as_str))?.map(UserId::from);
        let body = self.order.body(true).map_err(|problem| request.refuse(problem))?;
        let outcome = request.api.create_run(&body).await;
        let started: JsonOrEvents<Run, _> = request.finish_json_or_events(outcome)?;
        match started {
            JsonOrEvents::Events(events) => Ok(RunStream::new(events)),
            // A replay: the run is under way already, or over.
            JsonOrEvents::Json(run) => {
                let request = self.session.request(&operations::STREAM_RUN);
                let outcome = request.api.stream_run(run.id.get()).await;
                Ok(RunStream::joined(run.id, request.finish_events(outcome)?))
            }
        }
    }
}

send_on_await!(StreamRun, RunStream);
