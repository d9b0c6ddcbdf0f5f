//! Starting and stopping.

use std::{
    collections::HashMap,
    future::ready,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use local_backend_kit::{Bound, OnStatement, Server, StartError, Store};
use serde_json::Value;

use crate::{
    app::App,
    bot,
    caller::Keys,
    fault::{Fault, Faults},
    happenings::Happenings,
    management::{DeployStep, KeyPair, Making, Management, OnStage, Setup},
    routes,
    script::{Reply, Script, Turn, TurnFailure},
    secrets,
    variant::Variant,
    webhooks::Webhooks,
};

/// What a formation promises.
pub(crate) const DOCUMENT: &str = include_str!("../../../openapi/muxi-formation/backend.json");

/// The admin key that is taken unless [`Builder::admin_key`] says otherwise.
pub const ADMIN_KEY: &str = "ak";

/// The client key that is taken unless [`Builder::client_key`] says otherwise.
pub const CLIENT_KEY: &str = "ck";

/// The id of the key pair that the management server takes unless [`Builder::key_id`] says otherwise.
pub const KEY_ID: &str = "MUXI_0123456789abcdef";

/// The secret of that key pair, unless [`Builder::secret_key`] says otherwise.
pub const SECRET_KEY: &str = "sk_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The formation's id.
pub const FORMATION_ID: &str = "echo-bot";

/// Starts a formation in memory, on a free port of 127.0.0.1, that echoes what it is told.
///
/// # Errors
///
/// If no port is free, or the database can't be made.
pub async fn start() -> Result<LocalBackend, StartError> {
    LocalBackend::builder().start().await
}

/// A running formation. It stops when this is dropped; [`shutdown`](Self::shutdown) also waits until it has.
#[derive(Debug)]
#[must_use = "the backend stops when this is dropped"]
pub struct LocalBackend {
    server: Server,
    app: Arc<App>,
}

impl LocalBackend {
    /// A formation that is yet to start.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens: `http://127.0.0.1:41234`, without a slash at the end. The management server is there, the formation
    /// below `/v1`, and behind the server's proxy below `/api/echo-bot/v1` and `/draft/echo-bot/v1`.
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Where it listens. The port is the real one, also if a free one was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Stops: no new connections, requests under way are answered, streams are cut off, and the database is closed. What
    /// takes longer than two seconds is given up.
    pub async fn shutdown(self) {
        self.server.shutdown(ready(())).await;
        if let Some(management) = &self.app.management {
            management.shutdown().await;
        }
        self.app.store.close();
    }

    /// Has the next request to the formation that is served without a bundle go wrong, once for each call of this.
    pub fn fail_next(&self, fault: Fault) {
        self.app.faults.push(fault);
    }

    /// Has a formation that was deployed end, as one that crashes does: the server takes it for one that runs, and gets no
    /// answer from it. One that is served without a bundle goes on.
    pub async fn crash(&self, formation: &str) {
        if let Some(management) = &self.app.management {
            management.crash(formation).await;
        }
    }
}

/// What stands behind each event that `GET /v1/events` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separators {
    /// The four characters `\\n\\n`, as the real runtime writes them.
    #[default]
    Literal,
    /// Two line feeds, as the standard has it.
    LineFeeds,
}

/// How a formation is to start.
///
/// Made by [`LocalBackend::builder`]. Without further calls: a free port of 127.0.0.1, all in memory, a bot that echoes.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `start` is called and awaited"]
pub struct Builder {
    listen: SocketAddr,
    data: Option<PathBuf>,
    keys: Keys,
    variant: Variant,
    key_pair: KeyPair,
    on_stage: OnStage,
    script: Script,
    separators: Separators,
    webhook_pause: Duration,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            keys: Keys { admin: ADMIN_KEY.to_owned(), client: CLIENT_KEY.to_owned() },
            variant: Variant::default(),
            key_pair: KeyPair { id: KEY_ID.to_owned(), secret: SECRET_KEY.to_owned() },
            on_stage: OnStage::default(),
            script: Script::new(bot::play),
            separators: Separators::default(),
            webhook_pause: Duration::from_secs(1),
        }
    }
}

impl Builder {
    /// Where to listen. Port 0 asks for a free one.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Keeps secrets, memories, jobs, users and credentials in this SQLite file, which is made if it doesn't exist. Without a file they are gone at the end.
    /// The messages of conversations are in memory, as the real runtime's buffer is.
    pub fn data(mut self, file: impl AsRef<Path>) -> Self {
        self.data = Some(file.as_ref().to_owned());
        self
    }

    /// The admin key that is taken, [`ADMIN_KEY`] by default. Any other is refused.
    pub fn admin_key(mut self, key: impl Into<String>) -> Self {
        self.keys.admin = key.into();
        self
    }

    /// The client key that is taken, [`CLIENT_KEY`] by default. Any other is refused.
    pub fn client_key(mut self, key: impl Into<String>) -> Self {
        self.keys.client = key.into();
        self
    }

    /// How the formation is set up: with all there is unless this is called.
    pub fn variant(mut self, variant: Variant) -> Self {
        self.variant = variant;
        self
    }

    /// The id of the key pair that the management server takes, [`KEY_ID`] by default. Any other is refused.
    pub fn key_id(mut self, id: impl Into<String>) -> Self {
        self.key_pair.id = id.into();
        self
    }

    /// The secret of that key pair, [`SECRET_KEY`] by default.
    pub fn secret_key(mut self, secret: impl Into<String>) -> Self {
        self.key_pair.secret = secret.into();
        self
    }

    /// Is asked at each stage of what deploys, updates, starts, restarts or rolls back. It may wait, and then that goes on no
    /// earlier; or say that the stage fails, and why. Without it, all goes well at once.
    pub fn on_stage<F, P>(mut self, ask: F) -> Self
    where
        F: Fn(DeployStep) -> P + Send + Sync + 'static,
        P: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.on_stage = OnStage::new(ask);
        self
    }

    /// What a turn does: it tells text and what goes on, shows widgets, makes artifacts, and ends in a reply or breaks off.
    /// Without this it echoes what it was told, but for some words that its README has.
    ///
    /// ```
    /// use muxi_local_backend::{LocalBackend, Reply, Turn, TurnFailure};
    /// use serde_json::json;
    ///
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let backend = LocalBackend::builder()
    ///     .on_chat(|turn: Turn| async move {
    ///         if turn.message() == "fail" {
    ///             return Err(TurnFailure::raised("RuntimeError", "it was asked to"));
    ///         }
    ///         turn.token("thinking", "Looking into it", &json!({ "agent_name": "helper" }));
    ///         turn.text("Three of them ");
    ///         turn.text("are open.");
    ///         Ok(Reply::told())
    ///     })
    ///     .start()
    ///     .await?;
    /// backend.shutdown().await;
    /// # Ok::<(), muxi_local_backend::StartError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_chat<F, P>(mut self, script: F) -> Self
    where
        F: Fn(Turn) -> P + Send + Sync + 'static,
        P: Future<Output = Result<Reply, TurnFailure>> + Send + 'static,
    {
        self.script = Script::new(script);
        self
    }

    /// How long it pauses after a post to a webhook that was not taken, before it tries again: 1 s as in the real one, unless
    /// set. Then it is twice as long, and after four attempts it gives up.
    pub fn webhook_pause(mut self, pause: Duration) -> Self {
        self.webhook_pause = pause;
        self
    }

    /// How events are set apart: as the real runtime does it, unless this says otherwise.
    pub fn separators(mut self, separators: Separators) -> Self {
        self.separators = separators;
        self
    }

    /// Starts it. When this returns, requests are answered.
    ///
    /// # Errors
    ///
    /// If the address can't be listened on, or the file can't be opened or isn't a database of this backend.
    pub async fn start(self) -> Result<LocalBackend, StartError> {
        let Self { listen, data, keys, variant, key_pair, on_stage, script, separators, webhook_pause } = self;
        let store = Arc::new(open_store(data.as_deref())?);
        let bound = Bound::listen(listen).await?;
        let parts = Parts { keys, variant, script, separators, webhook_pause };
        let deployed = Parts { variant: Variant::default(), ..parts.clone() };
        let make = move |address, id, store, bundle| -> BoxFuture<'static, _> {
            let parts = deployed.clone();
            Box::pin(async move {
                let bound = Bound::listen(address).await?;
                let app = parts.app(&bound, id, store, Some(bundle), None)?;
                Ok((bound.serve(&app), app))
            })
        };
        let setup = Setup {
            keys: key_pair,
            on_stage,
            data,
            making: Making { open: open_store, make: Arc::new(make) },
            own_port: bound.address().port(),
            closing: bound.closing(),
        };
        let management = Arc::new(Management::open(setup).await?);
        let app = parts.app(&bound, FORMATION_ID.to_owned(), store, None, Some(management))?;
        Ok(LocalBackend { server: bound.serve(&app), app })
    }
}

/// What all formations of a backend have.
#[derive(Clone)]
struct Parts {
    keys: Keys,
    variant: Variant,
    script: Script,
    separators: Separators,
    webhook_pause: Duration,
}

impl Parts {
    /// A formation on a store, as its bundle declares it if it has one.
    fn app(
        self,
        bound: &Bound,
        id: String,
        store: Arc<Store>,
        bundle: Option<Value>,
        management: Option<Arc<Management>>,
    ) -> Result<Arc<App>, StartError> {
        let unreadable = StartError::because("the document can't be read");
        let webhooks = Arc::new(Webhooks {
            formation_id: id.clone(),
            admin_key: self.keys.admin.clone(),
            client_key: self.keys.client.clone(),
            pause: self.webhook_pause,
            closing: bound.closing(),
        });
        Ok(Arc::new(App {
            document: routes::document(self.variant).map_err(unreadable)?,
            store,
            buffer: Arc::default(),
            script: self.script,
            keys: self.keys.or_declared(bundle.as_ref()),
            variant: self.variant,
            formation_id: id,
            bundle,
            management,
            started: Instant::now(),
            requests: AtomicU64::new(0),
            turns: Arc::default(),
            happenings: Happenings::default(),
            webhooks,
            separators: self.separators,
            audit: Mutex::default(),
            kept: Mutex::new(HashMap::new()),
            faults: Faults::default(),
            closing: bound.closing(),
        }))
    }
}

/// What a formation keeps, in a file or in memory.
fn open_store(file: Option<&Path>) -> Result<Store, StartError> {
    let store = Store::open(file, secrets::TABLES, &OnStatement::default())?;
    let undeclared = "the secrets can't be declared";
    let declared = store.run(|connection| secrets::declare(connection)).map_err(StartError::because(undeclared))?;
    declared.map_err(StartError::because(undeclared))?;
    Ok(store)
}

local_backend_kit::starts_as_program!(Builder => LocalBackend);
