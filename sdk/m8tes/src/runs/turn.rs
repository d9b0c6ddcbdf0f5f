//! What a turn of a run is asked for with: the first, and those that are replies.

use agent_platform_core::{Bytes, JsonOrEvents, Multipart, Operation};
use serde::Serialize;

use crate::error::Error;
use crate::model::{PermissionMode, Run};
use crate::platform::{M8tes, Session};

/// What m8tes answers with where a turn begins.
pub(super) type Begun = Result<JsonOrEvents<Run, M8tes>, Error>;

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

/// The run that has begun, where no stream was asked for.
pub(crate) fn without_stream(
    session: &Session,
    operation: &'static Operation,
    begun: JsonOrEvents<Run, M8tes>,
) -> Result<Run, Error> {
    match begun {
        JsonOrEvents::Json(run) => Ok(run),
        JsonOrEvents::Events(_) => Err(session.malformed(operation, 200, "it is a stream, which was not asked for")),
    }
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
