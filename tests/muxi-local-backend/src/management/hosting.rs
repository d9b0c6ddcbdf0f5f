//! The formations that run here.

use std::{
    collections::HashMap,
    fmt,
    future::ready,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use futures::future::BoxFuture;
use local_backend_kit::{Server, StartError, Store};
use serde_json::Value;

use super::{
    Management,
    bundle::{self, Declared, Unpacked},
    error::Refused,
    registry::Row,
};
use crate::{FORMATION_ID, app::App};

/// A formation that was started: what it answers with, and what it listens with.
pub(crate) type Made = Result<(Server, Arc<App>), StartError>;

/// Starts a formation at an address, with an id, on a store, as it is declared.
type Make = dyn Fn(SocketAddr, String, Arc<Store>, Value) -> BoxFuture<'static, Made> + Send + Sync;

/// How formations are made that are deployed.
#[derive(Clone)]
pub(crate) struct Making {
    pub(crate) open: fn(Option<&std::path::Path>) -> Result<Store, StartError>,
    pub(crate) make: Arc<Make>,
}

impl fmt::Debug for Making {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Making")
    }
}

/// What is kept of a formation while it is deployed.
#[derive(Debug)]
struct Hosted {
    store: Arc<Store>,
    running: Option<Running>,
}

/// A formation that runs.
#[derive(Debug)]
pub(super) struct Running {
    server: Server,
    app: Arc<App>,
    since: Instant,
}

impl Running {
    pub(super) fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// Ends it. What it keeps, it keeps.
    pub(super) async fn stop(self) {
        self.server.shutdown(ready(())).await;
    }
}

/// The formations that run here.
#[derive(Debug)]
pub(super) struct Hosting {
    making: Making,
    /// The folder of their files.
    folder: Option<PathBuf>,
    hosted: Mutex<HashMap<String, Hosted>>,
}

impl Hosting {
    pub(super) fn new(making: Making, folder: Option<PathBuf>) -> Self {
        Self { making, folder, hosted: Mutex::default() }
    }

    fn hosted(&self) -> MutexGuard<'_, HashMap<String, Hosted>> {
        self.hosted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a formation beside that which may run under this key: its id, or that of a draft. Nobody is sent to it yet.
    pub(super) async fn spawn(&self, key: &str, declared: &Declared) -> Result<Running, String> {
        let told = |error: StartError| error.to_string();
        let store = self.store(key).map_err(told)?;
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let made = (self.making.make)(anywhere, declared.id.clone(), store, declared.whole.clone()).await;
        let (server, app) = made.map_err(told)?;
        Ok(Running { server, app, since: Instant::now() })
    }

    /// What a formation keeps: its own, from when it is deployed until it is deleted.
    fn store(&self, id: &str) -> Result<Arc<Store>, StartError> {
        let mut hosted = self.hosted();
        if let Some(known) = hosted.get(id) {
            return Ok(Arc::clone(&known.store));
        }
        let file = self.folder.as_ref().map(|folder| folder.join(id));
        if let Some(folder) = &self.folder {
            std::fs::create_dir_all(folder)
                .map_err(StartError::because("the folder of the formations can't be made"))?;
        }
        let store = Arc::new((self.making.open)(file.as_deref())?);
        hosted.insert(id.to_owned(), Hosted { store: Arc::clone(&store), running: None });
        Ok(store)
    }

    /// Sends everybody to this one from now on. Returns the one that they were sent to before.
    pub(super) fn swap(&self, id: &str, running: Running) -> Option<Running> {
        self.hosted().get_mut(id)?.running.replace(running)
    }

    /// What answers for a formation, if it runs.
    pub(super) fn app(&self, id: &str) -> Option<Arc<App>> {
        Some(Arc::clone(&self.hosted().get(id)?.running.as_ref()?.app))
    }

    pub(super) fn running_since(&self, id: &str) -> Option<Instant> {
        Some(self.hosted().get(id)?.running.as_ref()?.since)
    }

    /// Ends a formation, if it runs.
    pub(super) async fn stop(&self, id: &str) {
        let running = self.hosted().get_mut(id).and_then(|hosted| hosted.running.take());
        if let Some(running) = running {
            running.stop().await;
        }
    }

    /// Ends a formation, and forgets what it keeps.
    pub(super) async fn delete(&self, id: &str) {
        self.stop(id).await;
        let Some(hosted) = self.hosted().remove(id) else { return };
        hosted.store.close();
        if let Some(folder) = &self.folder {
            for end in ["", "-wal", "-shm"] {
                // One that is not there is deleted.
                let _ = std::fs::remove_file(folder.join(format!("{id}{end}")));
            }
        }
    }

    /// Ends all of them.
    pub(super) async fn close(&self) {
        let all: Vec<Hosted> = self.hosted().drain().map(|(_, hosted)| hosted).collect();
        for hosted in all {
            if let Some(running) = hosted.running {
                running.stop().await;
            }
            hosted.store.close();
        }
    }
}

impl Management {
    /// Starts what ran when it ended. The first time, that is the formation that is served without a bundle alone.
    pub(super) async fn resume(&self, own_port: u16) -> Result<(), std::io::Error> {
        let failed = |refused: Refused| std::io::Error::other(refused.message);
        if self.registry.begins().map_err(failed)? {
            let declaration = format!(
                "schema: 1.0.0\nid: {FORMATION_ID}\nname: Echo Bot\nversion: 2.3.4\ndescription: A formation with no model behind it\n"
            );
            let packed = bundle::pack(FORMATION_ID, [("formation.afs", declaration.as_bytes())])?;
            let hash = Unpacked::read(&packed).map_err(std::io::Error::other)?.hash;
            let row = Row::new(FORMATION_ID, Some("Echo Bot".to_owned()), own_port, hash, packed);
            self.registry.put(&Row { is_own: true, ..row }).map_err(failed)?;
        }
        for row in self.registry.list().map_err(failed)? {
            let port = if row.is_own {
                own_port
            } else if row.status == "running" {
                let declared = Unpacked::read(&row.bundle).and_then(|unpacked| unpacked.declared());
                let declared = declared.map_err(std::io::Error::other)?;
                let running = self.hosting.spawn(&row.id, &declared).await.map_err(std::io::Error::other)?;
                let port = running.port();
                self.hosting.swap(&row.id, running);
                port
            } else {
                row.port
            };
            self.registry.change(&row.id, |row| row.port = port).map_err(failed)?;
        }
        Ok(())
    }
}
