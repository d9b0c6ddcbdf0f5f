//! Starting a run.

use agent_platform_core::{JsonObject, Operation, json_object};
use m8tes_web_backend_client::{operations, types};
use serde::Serialize;

use super::turn::{Begins, Begun, Turn, asked, turn_options, turns, turns_problem};
use crate::id::{TeammateId, UserId};
use crate::model::PermissionMode;
use crate::platform::Session;

/// What a run is started with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    turn: Turn,
    teammate: Option<TeammateId>,
    name: Option<String>,
    instructions: Option<String>,
    user: Option<UserId>,
    metadata: Option<JsonObject>,
    memory: Option<bool>,
    history: Option<bool>,
    model: Option<String>,
    effort: Option<String>,
    email_inbox: bool,
    email_notifications: bool,
    output_schema: Option<JsonObject>,
    max_turns: Option<u32>,
}

impl Order {
    pub(crate) fn of(message: String) -> Self {
        Self { turn: Turn::of(message), ..Self::default() }
    }

    /// The body of the request, or what is wrong with it.
    fn body(&self, user_id: Option<String>, stream: bool) -> Result<types::RunCreate, String> {
        self.turn.check()?;
        let max_turns = self.max_turns.map(i64::from);
        if let Some(problem) = turns_problem(max_turns) {
            return Err(problem);
        }
        let object = |what: &str, object: &Option<JsonObject>| {
            object.clone().transpose().map_err(|problem| format!("the {what} {problem}"))
        };
        Ok(types::RunCreate {
            effort: self.effort.clone(),
            email_inbox: self.email_inbox.then_some(true),
            email_notifications: self.email_notifications.then_some(true),
            feedback: self.turn.feedback,
            history: self.history,
            human_in_the_loop: self.turn.human_in_the_loop,
            instructions: self.instructions.clone(),
            max_turns,
            memory: self.memory,
            message: self.turn.message.clone(),
            metadata: object("metadata", &self.metadata)?,
            model: self.model.clone(),
            name: self.name.clone(),
            output_schema: object("output schema", &self.output_schema)?,
            permission_mode: self.turn.permission_mode.clone().map(asked).transpose()?,
            skill: self.turn.skill.clone(),
            stream,
            task_setup_tools: self.turn.task_setup_tools,
            teammate_id: self.teammate.map(TeammateId::get),
            tools: self.turn.tools.clone(),
            user_id,
        })
    }
}

impl Begins for Order {
    const OPERATION: &'static Operation = &operations::CREATE_RUN;

    fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    async fn send(self, session: &Session, stream: bool) -> Begun {
        let has_files = !self.turn.files.is_empty();
        let operation = if has_files { &operations::CREATE_RUN_WITH_FILES } else { Self::OPERATION };
        let request = session.request(operation).with_idempotency_key(self.turn.idempotency_key.clone());
        let user = request.user(self.user.as_ref().map(UserId::as_str))?;
        let body = self.body(user, stream).map_err(|problem| request.refuse(problem))?;
        let outcome = if has_files {
            let form = self.turn.form(&body).map_err(|problem| request.refuse(problem))?;
            request.api.create_run_with_files(form).await
        } else {
            request.api.create_run(&body).await
        };
        request.finish_json_or_events(outcome)
    }
}

/// What can be said of a run that is to be started. The request has the field `order`.
macro_rules! starts_a_run {
    ($name:ident) => {
        turn_options!($name);

        impl<'c> $name<'c> {
            /// Who does it. Unless said, m8tes picks a teammate, or makes one of the name, instructions and tools.
            pub fn teammate(mut self, teammate: impl Into<TeammateId>) -> Self {
                self.order.teammate = Some(teammate.into());
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

            /// The model that does it, by m8tes' name. As the teammate is set unless said.
            pub fn model(mut self, model: impl Into<String>) -> Self {
                self.order.model = Some(model.into());
                self
            }

            /// How hard the model thinks, such as `high`. As the teammate is set unless said.
            pub fn effort(mut self, effort: impl Into<String>) -> Self {
                self.order.effort = Some(effort.into());
                self
            }

            /// Whether the teammate that is made for it has an e-mail inbox. Not unless set.
            pub fn email_inbox(mut self, email_inbox: bool) -> Self {
                self.order.email_inbox = email_inbox;
                self
            }

            /// Whether m8tes tells of its end by e-mail. Not unless set.
            pub fn email_notifications(mut self, email_notifications: bool) -> Self {
                self.order.email_notifications = email_notifications;
                self
            }

            /// The JSON schema of what it is to bring, as anything that serializes to a JSON object. The result is among
            /// the run's `extra` as `output_data`, and in [`RunOutcome::output_data`](crate::RunOutcome::output_data).
            pub fn output_schema(mut self, schema: impl Serialize) -> Self {
                self.order.output_schema = Some(json_object(schema));
                self
            }

            /// How many turns the model may have: 1 to 2000.
            pub fn max_turns(mut self, turns: u32) -> Self {
                self.order.max_turns = Some(turns);
                self
            }
        }
    };
}

turns! {
    starts_a_run;
    /// The request of [`Runs::create`](super::Runs::create).
    CreateRun;
    /// The request of [`Runs::stream`](super::Runs::stream).
    StreamRun;
    /// The request of [`Runs::create_and_wait`](super::Runs::create_and_wait).
    CreateRunAndWait;
}
