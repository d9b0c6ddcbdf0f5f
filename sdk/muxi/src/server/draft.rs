//! Drafts: files of a formation that are edited on the server, and run beside the formation as it is deployed.

use std::path::Path;
use std::time::Duration;

use agent_platform_core::{
    AnswerKind, Decode, JsonOrEvents, Operation, Oversize, encode_path, placed_model, send_on_await,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::deploy::{SILENCE, progress};
use super::deployed::Deployed;
use super::id::FormationId;
use super::platform::{Server, Session};
use super::progress::ProgressStream;
use crate::error::Error;
use crate::model::text;

const HMAC: &[&str] = &["hmac"];

/// Reading files of a draft.
static READ: Operation = Operation {
    repeatable: true,
    credentials: HMAC,
    ..Operation::new("read_draft", "POST", "/rpc/formations/{formation_id}/draft/files")
};

/// Changing them.
static EDIT: Operation = Operation {
    credentials: HMAC,
    ..Operation::new("edit_draft", "POST", "/rpc/formations/{formation_id}/draft/files")
};

static DEPLOY: Operation = Operation {
    credentials: HMAC,
    answer: AnswerKind::JsonOrEvents,
    ..Operation::new("deploy_draft", "POST", "/rpc/formations/{formation_id}/draft/files")
};

static RUN: Operation = Operation { credentials: HMAC, ..Operation::new("run_draft", "POST", "/rpc/dev/run") };
static STOP: Operation = Operation { credentials: HMAC, ..Operation::new("stop_draft", "POST", "/rpc/dev/stop") };

/// The draft of a formation, from [`ServerClient::draft`](crate::ServerClient::draft): files that are edited on the server.
///
/// What is known of it is known less well than all else of the server.
///
/// ```no_run
/// # async fn example(server: muxi_sdk::ServerClient) -> Result<(), muxi_sdk::Error> {
/// let draft = server.draft("my-bot");
/// draft.clone_deployed().await?;
/// draft.write("sops/onboarding.md", "1. Greet the customer\n").await?;
/// draft.run().await?; // FormationClient::builder(…).formation("my-bot").draft() reaches it
/// draft.stop().await?;
/// draft.deploy().await?;
/// # Ok(())
/// # }
/// ```
///
/// All calls fail with [`NotFound`](crate::ErrorKind::NotFound) where there is no draft, with the code `DraftNotFound`. Paths are
/// those in the formation's folder; one that leads out of it is [`Rejected`](crate::ErrorKind::Rejected).
#[derive(Clone, Debug)]
pub struct Draft<'c> {
    session: &'c Session,
    formation: FormationId,
}

/// A file or a folder of a draft. In JSON it has these names, which are not all the server's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DraftEntry {
    /// Its name in its folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// How large it is, in bytes; `None` where the server does not say.
    pub size: Option<u64>,
}

placed_model! {
    Server;
    /// A formation that runs for its development, below `/draft/{id}`.
    #[derive(Eq)]
    RunningDraft from Running {
        /// The formation.
        formation_id at "formation_id": FormationId,
        /// The port of its own that it listens on.
        port at "port": Option<i64>,
    }
}

/// What is told of it, which has to say which formation it is.
#[derive(Serialize, Deserialize)]
struct Running {
    formation_id: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl<'c> Draft<'c> {
    pub(super) fn new(session: &'c Session, formation: FormationId) -> Self {
        Self { session, formation }
    }

    /// Makes a draft with nothing but a file that declares the formation.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if there is a draft already.
    pub async fn create(&self) -> Result<(), Error> {
        self.ask(&EDIT, json!({ "action": "init", "mode": "new" })).await.map(drop)
    }

    /// Makes a draft of the formation's files as they are deployed.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if there is a draft already, [`NotFound`](crate::ErrorKind::NotFound) if the
    /// formation is not deployed (`LiveNotFound`).
    pub async fn clone_deployed(&self) -> Result<(), Error> {
        self.ask(&EDIT, json!({ "action": "init", "mode": "clone" })).await.map(drop)
    }

    /// What is in a folder; in the formation's own where it is empty.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such folder.
    pub async fn list(&self, folder: &str) -> Result<Vec<DraftEntry>, Error> {
        let data = self.ask(&READ, json!({ "action": "list", "path": folder })).await?;
        // There is none in an empty folder.
        let entries = data.get("entries").and_then(Value::as_array).into_iter().flatten();
        Ok(entries.filter_map(Value::as_object).map(DraftEntry::of).collect())
    }

    /// What is in a file.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such file.
    pub async fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        let data = self.ask(&READ, json!({ "action": "read", "path": path, "encoding": "base64" })).await?;
        let content = STANDARD.decode(text(&data, "content"));
        content.map_err(|_| self.session.malformed(&READ, 200, "the file's content is not Base64"))
    }

    /// Writes a file, and the folders that it is in.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the path leads out of the formation's folder.
    pub async fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Result<(), Error> {
        let content = STANDARD.encode(content);
        let body = json!({ "action": "write", "path": path, "content": content, "encoding": "base64" });
        self.ask(&EDIT, body).await.map(drop)
    }

    /// Deletes a file, or a folder with all that is in it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none such.
    pub async fn delete(&self, path: &str) -> Result<(), Error> {
        self.ask(&EDIT, json!({ "action": "delete", "path": path })).await.map(drop)
    }

    /// Deletes the draft. The formation stays as it is deployed.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no draft.
    pub async fn discard(&self) -> Result<(), Error> {
        self.ask(&EDIT, json!({ "action": "discard" })).await.map(drop)
    }

    /// Deploys the draft in the place of the formation as it is. Awaited, it is done once that runs;
    /// [`stream`](DeployDraft::stream) tells the progress as it comes.
    pub fn deploy(&self) -> DeployDraft<'c> {
        DeployDraft { draft: self.clone(), silence: SILENCE }
    }

    /// Starts the draft beside the formation as it is deployed.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if it runs already, [`NotFound`](crate::ErrorKind::NotFound) if there is no draft.
    pub async fn run(&self) -> Result<RunningDraft, Error> {
        run(self.session, json!({ "formation_id": self.formation })).await
    }

    /// Stops the draft, or the folder that runs in its place. Its files stay.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if it does not run.
    pub async fn stop(&self) -> Result<(), Error> {
        ask(self.session, &STOP, STOP.path, SILENCE, json!({ "formation_id": self.formation })).await.map(drop)
    }

    fn path(&self, operation: &'static Operation) -> Result<String, Error> {
        let request = self.session.request(operation);
        Ok(format!("/rpc/formations/{}/draft/files", encode_path(request.segment(&self.formation)?)))
    }

    async fn ask(&self, operation: &'static Operation, body: Value) -> Result<Map<String, Value>, Error> {
        let path = self.path(operation)?;
        let mut answer = ask(self.session, operation, &path, Duration::ZERO, body).await?;
        match answer.remove("data") {
            Some(Value::Object(data)) => Ok(data),
            _ => Ok(Map::new()),
        }
    }
}

impl DraftEntry {
    fn of(entry: &Map<String, Value>) -> Self {
        let name = text(entry, "name");
        let is_folder = text(entry, "type") == "dir";
        Self { name: name.trim_end_matches('/').to_owned(), is_folder, size: entry.get("size").and_then(Value::as_u64) }
    }
}

/// Runs a formation from a folder of the server's own machine.
pub(super) async fn run_folder(session: &Session, folder: &Path) -> Result<RunningDraft, Error> {
    let refuse = |problem: &str| session.request(&RUN).refuse(problem);
    if !folder.is_absolute() {
        return Err(refuse("the folder has to be named from the root on, since it is one of the server's machine"));
    }
    let folder = folder.to_str().ok_or_else(|| refuse("the folder's name is not UTF-8"))?;
    run(session, json!({ "path": folder })).await
}

async fn run(session: &Session, body: Value) -> Result<RunningDraft, Error> {
    let answer = ask(session, &RUN, RUN.path, SILENCE, body).await?;
    serde_json::from_value(answer.into()).map_err(|_| session.malformed(&RUN, 200, "`formation_id` is missing"))
}

/// Makes a call that may take so much longer, and is answered by an object.
async fn ask(
    session: &Session,
    operation: &'static Operation,
    path: &str,
    wait: Duration,
    body: Value,
) -> Result<Map<String, Value>, Error> {
    let request = session.request_lasting(operation, wait, Oversize::Refuse);
    let built = session.transport().request_builder().post(format!("{}{path}", session.base_url())).json(&body);
    let outcome = request.send(built).await;
    request.finish::<Value, Map<String, Value>, _>(outcome)
}

impl Decode<Value, Server> for Map<String, Value> {
    #[inline]
    fn decode(generated: Value) -> Result<Self, String> {
        match generated {
            Value::Object(object) => Ok(object),
            _ => Err("it is no object".to_owned()),
        }
    }
}

/// The plain answer to a draft that is deployed: what is in its data, or around it.
impl Decode<Value, Server> for Deployed {
    #[inline]
    fn decode(generated: Value) -> Result<Self, String> {
        let mut object = Map::decode(generated)?;
        match object.remove("data") {
            Some(Value::Object(data)) => Self::of(data),
            _ => Self::of(object),
        }
    }
}

/// The request of [`Draft::deploy`].
///
/// Awaited, it fails with [`NotFound`](crate::ErrorKind::NotFound) if there is no draft, with
/// [`Rejected`](crate::ErrorKind::Rejected) if the server finds something wrong with it, and with
/// [`BackendFailed`](crate::ErrorKind::BackendFailed) if the formation does not come up.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct DeployDraft<'c> {
    draft: Draft<'c>,
    silence: Duration,
}

impl DeployDraft<'_> {
    /// How long the server may say nothing: before its answer begins, and between two events. 10 minutes unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = limit;
        self
    }

    /// Begins, and tells the progress as it comes.
    ///
    /// # Errors
    ///
    /// What kept it from beginning.
    pub async fn stream(self) -> Result<ProgressStream, Error> {
        let Self { draft: Draft { session, .. }, silence } = &self;
        let request = session.request_lasting(&DEPLOY, *silence, Oversize::Refuse);
        let url = format!("{}{}", session.base_url(), self.draft.path(&DEPLOY)?);
        let built = session.transport().request_builder().post(url).json(&json!({ "action": "deploy" }));
        let outcome = request.send(built.header(http::header::ACCEPT, "text/event-stream, application/json")).await;
        let begun: JsonOrEvents<Deployed, Server> = request.finish_json_or_events(outcome)?;
        Ok(progress(session, &DEPLOY, *silence, begun))
    }

    async fn send(self) -> Result<Deployed, Error> {
        self.stream().await?.finish().await
    }
}

send_on_await!(DeployDraft, Deployed);
