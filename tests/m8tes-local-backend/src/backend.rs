//! Starting and stopping.

use std::{
    collections::BTreeSet,
    future::ready,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use local_backend_kit::{
    Bound, Document, GRACE, OnStatement, Server, StartError, Store,
    document::{Absent, Unknown},
};
use rusqlite::Connection;
use tokio::sync::Notify;

use crate::{
    app::{App, ByMessage, Insides},
    deliver::deliver,
    fire::{Clock, fire, fire_due},
    live::Runs,
    play::take_up,
    routes,
    script::{Refused, Run, RunFailure, Script},
    store::{Db, TABLES, accounts, runs, settings},
};

/// What m8tes promises.
pub(crate) const DOCUMENT: &str = include_str!("../../../openapi/m8tes/backend.json");

/// Where the API begins on its host.
pub const BASE_PATH: &str = "/api/v2";

/// The API key that is taken unless [`Builder::api_key`] says otherwise.
pub const DEFAULT_API_KEY: &str = "m8_local";

/// Starts a backend in memory, on a free port of 127.0.0.1, whose runs echo what they are asked.
///
/// # Errors
///
/// If no port is free, or the database can't be made.
pub async fn start() -> Result<LocalBackend, StartError> {
    LocalBackend::builder().start().await
}

/// A running backend. It stops when this is dropped; [`shutdown`](Self::shutdown) also waits until it has.
#[derive(Debug)]
#[must_use = "the backend stops when this is dropped"]
pub struct LocalBackend {
    server: Server,
    insides: Arc<Insides>,
}

impl LocalBackend {
    /// A backend that is yet to start.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens: `http://127.0.0.1:41234`, without a slash at the end. The API is below [`BASE_PATH`].
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// The URL of the API: `http://127.0.0.1:41234/api/v2`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}{BASE_PATH}", self.url())
    }

    /// Where it listens. The port is the real one, also if a free one was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Puts the clock forward that schedules go by, by whole seconds, and starts the tasks that are due by then: each schedule
    /// once, however often it would have in between. It goes back when the backend stops.
    pub fn advance(&self, by: Duration) {
        self.insides.clock.put_forward(by);
        // A database that is closed has no schedules any more.
        let _ = fire_due(&self.insides);
        self.insides.scheduled.notify_one();
    }

    /// Stops: no new connections, requests under way are answered, streams are cut off, runs that go on are left where
    /// they are, and the database is closed. What takes longer than its [`grace`](Builder::grace) is given up.
    pub async fn shutdown(self) {
        self.server.shutdown(ready(())).await;
        self.insides.store.close();
    }
}

/// How a backend is to start.
///
/// Made by [`LocalBackend::builder`]. Without further calls: a free port of 127.0.0.1, a database in memory, runs that
/// echo.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `start` is called and awaited"]
pub struct Builder {
    listen: SocketAddr,
    data: Option<PathBuf>,
    api_key: String,
    is_strict: bool,
    with_loopback: bool,
    script: Option<Script>,
    is_scripted: bool,
    tools: BTreeSet<String>,
    pace: Duration,
    before_queued: Duration,
    grace: Duration,
    refusing: ByMessage<Option<Refused>>,
    losing: ByMessage<bool>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            api_key: DEFAULT_API_KEY.to_owned(),
            is_strict: false,
            with_loopback: false,
            script: None,
            is_scripted: false,
            tools: routes::apps().map(str::to_owned).collect(),
            pace: Duration::ZERO,
            before_queued: Duration::ZERO,
            grace: GRACE,
            refusing: ByMessage::new(|_| None),
            losing: ByMessage::new(|_| false),
        }
    }
}

impl Builder {
    /// Where to listen. Port 0 asks for a free one.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Keeps everything in this SQLite file, which is made if it doesn't exist. Without a file all is gone at the end. A
    /// run that goes on when the backend stops has failed when it starts again, and then takes up the replies that have
    /// waited for it.
    pub fn data(mut self, file: impl AsRef<Path>) -> Self {
        self.data = Some(file.as_ref().to_owned());
        self
    }

    /// The API key of the account that is there from the start, [`DEFAULT_API_KEY`] by default. Others are made by signing
    /// up, each with its own.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = key.into();
        self
    }

    /// Has everything that is in a scope be asked of that account for a named end user only, as with accounts that are made
    /// through the API. It is the setting `require_end_user_id`, which a request can change again.
    pub fn require_user_id(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Takes webhooks whose URLs are on this machine (`http://127.0.0.1:…`), which the platform refuses. Theirs are the
    /// deliveries that are really sent: nothing goes to other machines.
    pub fn loopback_webhooks(mut self) -> Self {
        self.with_loopback = true;
        self
    }

    /// Has another tool that teammates, tasks and runs may be given, beside the apps of the catalogue. What there is not is
    /// refused, as on the platform. A script may call any.
    pub fn tool(mut self, name: impl Into<String>) -> Self {
        self.tools.insert(name.into());
        self
    }

    /// What a run does: it says text, calls tools, waits, and at its end has succeeded or failed. Without this it echoes
    /// what it was asked, with a call of a tool in between.
    ///
    /// ```
    /// use m8tes_local_backend::{LocalBackend, Run, RunFailure};
    /// use serde_json::json;
    ///
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let backend = LocalBackend::builder()
    ///     .on_run(|run: Run| async move {
    ///         run.text("Looking into it. ");
    ///         run.tool("gmail_search", &json!({ "q": run.message() }), &json!({ "found": 3 })).await;
    ///         run.text("Three of them are open.");
    ///         if run.message() == "fail" { Err(RunFailure::new("it was asked to")) } else { Ok(()) }
    ///     })
    ///     .start()
    ///     .await?;
    /// backend.shutdown().await;
    /// # Ok::<(), m8tes_local_backend::StartError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_run<F, P>(mut self, script: F) -> Self
    where
        F: Fn(Run) -> P + Send + Sync + 'static,
        P: Future<Output = Result<(), RunFailure>> + Send + 'static,
    {
        self.script = Some(Script::new(script));
        self
    }

    /// Has runs do what their message says, where each line of it is a step: `say TEXT`, `tool NAME INPUT RESULT`,
    /// `ask TOOL INPUT`, `question TEXT | OPTION | …`, `plan TEXT`, `file NAME TEXT`, `usage IN OUT DOLLARS`, `frame JSON`,
    /// `wait MILLISECONDS`, `cut`, `end-streams` and `fail TEXT`. Inputs and results are JSON, and may be left out. What people
    /// answer is said. Runs with any other message do what they do without this.
    pub fn scripted(mut self) -> Self {
        self.is_scripted = true;
        self
    }

    /// How long an echo waits before each piece, so that a person can watch it: not at all by default.
    pub fn pace(mut self, pause: Duration) -> Self {
        self.pace = pause;
        self
    }

    /// How long a run that is at its end waits before it takes up a reply that was queued: not at all by default. Who looks
    /// in between finds the end of the turn before, and the reply still pending.
    pub fn pause_before_queued(mut self, pause: Duration) -> Self {
        self.before_queued = pause;
        self
    }

    /// How long [`LocalBackend::shutdown`] waits for what does not end. Two seconds unless set.
    pub fn grace(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }

    /// Refuses runs: who starts a run, or replies to one, with a message that this has something to say to is told that. It
    /// is asked before anything is stored.
    pub fn refuse_runs(mut self, refused: impl Fn(&str) -> Option<Refused> + Send + Sync + 'static) -> Self {
        self.refusing = ByMessage::new(refused);
        self
    }

    /// Loses answers: who starts a run, or replies to one, with a message that this says yes to finds the connection broken
    /// before the head of an answer. The run goes on.
    pub fn lose_answers(mut self, is_lost: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.losing = ByMessage::new(is_lost);
        self
    }

    /// Starts it. When this returns, requests are answered.
    ///
    /// # Errors
    ///
    /// If the address can't be listened on, or the file can't be opened or isn't a database of this backend.
    pub async fn start(self) -> Result<LocalBackend, StartError> {
        let unreadable = StartError::because("the document can't be read");
        let mut document = Document::read(DOCUMENT, routes::handler).map_err(unreadable)?;
        document.alias("/agents", "/teammates");
        let mut document = document.under(BASE_PATH);
        (document.unknown_parameters, document.absent) = (Unknown::Refused, Absent::Left);

        let store = Store::open(self.data.as_deref(), TABLES, &OnStatement::default())?;
        let unknown = "what was left behind can't be taken up";
        let begun = store.run(|connection| self.begin(connection)).map_err(StartError::because(unknown))?;
        let waiting = begun.map_err(StartError::because(unknown))?;

        let bound = Bound::listen(self.listen).await?;
        let script = self.script.unwrap_or_else(|| Script::echo(self.pace));
        let script = if self.is_scripted { script.or_as_the_message_says() } else { script };
        let insides = Arc::new(Insides {
            document,
            store,
            runs: Runs::default(),
            script,
            tools: self.tools,
            before_queued: self.before_queued,
            refusing: self.refusing,
            losing: self.losing,
            with_loopback: self.with_loopback,
            told: Notify::new(),
            scheduled: Notify::new(),
            clock: Clock::default(),
            url: bound.url(),
            closing: bound.closing(),
        });
        for (account, run_id) in waiting {
            take_up(&App::of(&insides, account), run_id);
        }
        tokio::spawn(deliver(Arc::clone(&insides)));
        tokio::spawn(fire(Arc::clone(&insides)));
        Ok(LocalBackend { server: bound.serve(&insides).grace(self.grace), insides })
    }

    /// Makes the first account as it is wanted, and ends what a process left behind that is no more; the runs that have
    /// replies waiting, by their accounts.
    fn begin(&self, connection: &mut Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
        let db = connection.transaction()?;
        accounts::begin(&db, &self.api_key)?;
        if self.is_strict {
            settings::update(&Db::of(&db, accounts::FIRST), settings::strict(true))?;
        }
        let waiting = runs::end_orphans(&db)?;
        db.commit()?;
        Ok(waiting)
    }
}

local_backend_kit::starts_as_program!(Builder => LocalBackend);
