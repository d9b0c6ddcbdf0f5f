//! Starting and stopping.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use local_backend_kit::{Bound, GRACE, OnStatement, Server, StartError, Store};
use tokio::sync::watch;

use crate::{
    app::{App, Codes},
    inbox::Inbox,
    promised::Promised,
    routes::stream::Timing,
    store::{TABLES, settings},
    token::Key,
};

/// The invite code that registration takes unless [`Builder::invite_code`] says otherwise.
pub const DEFAULT_INVITE_CODE: &str = "LOCAL-INVITE";

/// The one-time code that "arrives by e-mail" unless [`Builder::one_time_code`] says otherwise.
pub const DEFAULT_ONE_TIME_CODE: &str = "000000";

/// Starts a backend in memory, on a free port of 127.0.0.1, with everything that it can serve.
///
/// # Errors
///
/// If no port is free, or the database can't be made.
pub async fn start() -> Result<LocalBackend, StartError> {
    LocalBackend::builder().start().await
}

/// How much of the backend is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Everything.
    #[default]
    Full,
    /// What a command-line deployment mounts: guests, external users, chats, relationships and the inbox. Registration,
    /// login, managed agents and threads are unknown routes to it.
    Communication,
}

/// A running backend. It stops when this is dropped; [`shutdown`](Self::shutdown) also waits until it has.
#[derive(Debug)]
#[must_use = "the backend stops when this is dropped"]
pub struct LocalBackend {
    server: Server,
    pub(crate) app: Arc<App>,
}

impl LocalBackend {
    /// A backend that is yet to start.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens, as a client wants it: `http://127.0.0.1:41234`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Where it listens. The port is the real one, also if a free one was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Stops: no new connections, requests under way are answered, streams are closed, and so is the database. Requests
    /// that are only half sent are given up after its [`grace`](Builder::grace).
    pub async fn shutdown(self) {
        self.server.shutdown(self.app.streams.closed()).await;
        self.app.store.close();
    }
}

/// How a backend is to start.
///
/// Made by [`LocalBackend::builder`]. Without further calls: a free port of 127.0.0.1, a database in memory, everything
/// served.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `start` is called and awaited"]
pub struct Builder {
    listen: SocketAddr,
    data: Option<PathBuf>,
    profile: Profile,
    codes: Codes,
    on_statement: OnStatement,
    grace: Duration,
    pub(crate) timing: Timing,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            profile: Profile::default(),
            codes: Codes { invite: DEFAULT_INVITE_CODE.to_owned(), one_time: DEFAULT_ONE_TIME_CODE.to_owned() },
            on_statement: OnStatement::default(),
            grace: GRACE,
            timing: Timing::default(),
        }
    }
}

impl Builder {
    /// Where to listen. Port 0 asks for a free one.
    ///
    /// Anybody who reaches the address can make users: leave it on the loopback interface.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Keeps everything in this SQLite file, which is made if it doesn't exist: users and their tokens, chats, cursors,
    /// relationships. Without a file all is gone at the end.
    pub fn data(mut self, file: impl AsRef<Path>) -> Self {
        self.data = Some(file.as_ref().to_owned());
        self
    }

    /// How much of the backend is there.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The invite code that registration takes, [`DEFAULT_INVITE_CODE`] by default. It may be used any number of times.
    pub fn invite_code(mut self, code: impl Into<String>) -> Self {
        self.codes.invite = code.into();
        self
    }

    /// The one-time code that registration takes, [`DEFAULT_ONE_TIME_CODE`] by default. No e-mail is sent.
    pub fn one_time_code(mut self, code: impl Into<String>) -> Self {
        self.codes.one_time = code.into();
        self
    }

    /// How long the task of a stream runs on after the stream has ended, as that of the real backend does while it
    /// drains. At its end it takes the user's listener away, whoever that is by then: a stream that was opened in the
    /// meantime stays open, answers pings, and is told nothing. Unless set, a stream's end leaves others alone.
    pub fn stream_linger(mut self, time: Duration) -> Self {
        self.timing.linger = time;
        self
    }

    /// How long [`LocalBackend::shutdown`] waits for what does not end. Two seconds unless set.
    pub fn grace(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }

    /// Tells every SQL statement that is run, from the first: as it is prepared, and with the values in the places of its
    /// parameters. Secrets are among the values.
    pub fn on_statement(mut self, hear: impl Fn(&str, &str) + Send + Sync + 'static) -> Self {
        self.on_statement = OnStatement::new(hear);
        self
    }

    /// Starts it. When this returns, requests are answered.
    ///
    /// # Errors
    ///
    /// If the address can't be listened on, or the file can't be opened or isn't a database of this backend.
    pub async fn start(self) -> Result<LocalBackend, StartError> {
        let promised = Promised::read(self.profile).map_err(StartError::because("the contract can't be read"))?;

        let store = Store::open(self.data.as_deref(), TABLES, &self.on_statement)?;
        let no_secret = "the secret of the tokens can't be had";
        let secret = store.run(|connection| settings::token_secret(connection));
        let secret = secret.map_err(StartError::because(no_secret))?.map_err(StartError::because(no_secret))?;
        let tokens = Key::new(&secret).map_err(StartError::because("the key of the tokens can't be used"))?;

        let bound = Bound::listen(self.listen).await?;
        let app = Arc::new(App {
            promised,
            store,
            inbox: Inbox::default(),
            tokens,
            codes: self.codes,
            timing: self.timing,
            closing: bound.closing(),
            streams: watch::Sender::new(()),
        });
        Ok(LocalBackend { server: bound.serve(&app).grace(self.grace), app })
    }
}

local_backend_kit::starts_as_program!(Builder => LocalBackend);
