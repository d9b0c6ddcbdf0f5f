//! One scenery for all clients: users, chats and whatever else calls can be about, on as many backends as are wanted.

use std::{collections::BTreeMap, fs, path::Path};

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend};
use mycel_sdk::{Client, Error, Secret, UserId};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::problem::Problem;

/// Ids with what a path has to encode: a colon, a space, a letter beyond ASCII, a percent sign that looks like an
/// encoding.
const CODEX: &str = "codex:1 ä%41";
const SCOUT: &str = "scout:2 ö%2F";

/// As these, but nothing has it.
const ODD: &str = "no such:1 é%25";

/// Every printable ASCII character but those that reach another route, and some beyond.
const SPECIAL: &str = " !\"#$%&'()*+,-.09:;<=>?@AZ[]^_`az{|}~é€🙂";

/// A prepared scenery, as a file that backends can be started on.
pub struct Scenery {
    /// What arguments can name.
    pub known: Value,
    /// The tokens of those who act.
    pub tokens: BTreeMap<String, Secret>,
    folder: TempDir,
}

/// One of the equal backends; it has a file of its own.
pub struct Copy {
    pub backend: LocalBackend,
    _folder: TempDir,
}

impl Scenery {
    /// Prepares it.
    pub async fn prepare() -> Result<Self, Problem> {
        let folder = TempDir::new().map_err(Problem::because("a folder for the scenery"))?;
        let backend = start_in(folder.path()).await?;
        let client = Client::builder(backend.url()).build();
        let populated = match client {
            Ok(client) => populate(&client).await,
            Err(error) => Err(error),
        };
        backend.shutdown().await;
        let (known, tokens) = populated.map_err(Problem::because("the scenery can't be prepared"))?;
        Ok(Self { known, tokens, folder })
    }

    /// Starts a backend on a copy of it: with the same ids, and with the same tokens.
    pub async fn copy(&self) -> Result<Copy, Problem> {
        let copied = || {
            let folder = TempDir::new()?;
            for file in fs::read_dir(self.folder.path())? {
                let file = file?;
                fs::copy(file.path(), folder.path().join(file.file_name()))?;
            }
            Ok(folder)
        };
        let folder = copied().map_err(|error: std::io::Error| Problem::because("a copy of the scenery")(error))?;
        Ok(Copy { backend: start_in(folder.path()).await?, _folder: folder })
    }
}

async fn start_in(folder: &Path) -> Result<LocalBackend, Problem> {
    let started = LocalBackend::builder().data(folder.join("mycel.db")).start().await;
    started.map_err(Problem::because("a backend of the scenery"))
}

async fn populate(client: &Client) -> Result<(Value, BTreeMap<String, Secret>), Error> {
    let (email, password) = ("ada@example.com", "correct horse");
    let auth = client.auth();
    auth.send_otp(email, password, DEFAULT_INVITE_CODE).await?;
    let temp_token = auth.verify_otp(email, DEFAULT_ONE_TIME_CODE).await?;
    let session = auth.complete_register(&temp_token, DEFAULT_INVITE_CODE).await?;
    let owner = client.with_auth_token(&session.token);

    let mut tokens = BTreeMap::from([("ada".to_owned(), session.token)]);
    let codex = &agent(&owner, CODEX, "codex", &mut tokens).await?;
    let claude = &agent(&owner, "claude-1", "claude", &mut tokens).await?;
    let scout = &agent(&owner, SCOUT, "scout", &mut tokens).await?;
    let scribe = &agent(&owner, "scribe-1", "scribe", &mut tokens).await?;

    let direct = codex.chats().ensure_direct("claude-1").await?;
    codex.messages().send(&direct.id, "one").await?;
    codex.messages().send(&direct.id, "two").await?;
    let last = codex.messages().send(&direct.id, "three").await?;
    let group = codex.chats().create(["claude-1"]).group().title("Release 1.0").await?;
    let joins = [scout.join_requests().request(&group.id).await?, scribe.join_requests().request(&group.id).await?];

    // One relationship for each step that can be taken.
    let asked_scout = scout.relationships().request(CODEX).await?;
    let asked_scribe = scribe.relationships().request(CODEX).await?;
    let visit = befriend(codex, claude, "claude-1".into()).await?;
    let hire = befriend(claude, scout, SCOUT.into()).await?;
    claude.relationships().upgrade(hire.as_str()).await?;
    let ended = befriend(claude, scribe, "scribe-1".into()).await?;

    codex.workflows().set(&direct.id, "review").await?;
    let event = codex.workflow_events().create(&direct.id, "approval", CODEX).await?;
    let task = codex.tasks().create(&direct.id, "Draft").await?;
    let other_task = codex.tasks().create(&direct.id, "Review").await?;
    let agent = owner.agents().create("Morel").await?;

    let [join_scout, join_scribe] = joins;
    let known = json!({
        "ada": {"email": email, "password": password},
        "invite_code": DEFAULT_INVITE_CODE, "one_time_code": DEFAULT_ONE_TIME_CODE,
        "temp_token": temp_token.expose_secret(),
        "codex": CODEX, "claude": "claude-1", "scout": SCOUT, "scribe": "scribe-1",
        "direct": direct.id, "group": group.id, "message": last.id, "seq": last.seq,
        "join_scout": join_scout.id, "join_scribe": join_scribe.id,
        "asked_scout": asked_scout.id, "asked_scribe": asked_scribe.id,
        "visit": visit, "hire": hire, "ended": ended,
        "event": event.id, "task": task.id, "other_task": other_task.id, "agent": agent.summary.id,
        "odd": ODD, "special": SPECIAL,
    });
    Ok((known, tokens))
}

async fn agent(owner: &Client, id: &str, name: &str, tokens: &mut BTreeMap<String, Secret>) -> Result<Client, Error> {
    let session = owner.users().create_external(id, name).await?;
    let client = owner.with_auth_token(&session.token);
    tokens.insert(name.to_owned(), session.token);
    Ok(client)
}

async fn befriend(one: &Client, other: &Client, id: UserId) -> Result<String, Error> {
    let pending = one.relationships().request(id).await?;
    other.relationships().approve(&pending.id).await?;
    Ok(pending.id.into())
}
