//! The management server: it deploys formations, starts and stops them, and stands before them as a proxy.

mod auth;
mod bundle;
mod change;
mod deploy;
mod download;
mod draft;
mod error;
mod hosting;
mod logs;
mod progress;
mod proxy;
mod registry;
mod yaml;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;
use local_backend_kit::{Closing, StartError, decoded_path};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::app::App;
pub(crate) use auth::KeyPair;
use error::Refused;
use hosting::Hosting;
pub(crate) use hosting::Making;
use logs::Logs;
pub use progress::DeployStep;
pub(crate) use progress::OnStage;
use registry::{Registry, Row};

/// The version that it says it has.
const VERSION: &str = "1.20260713.0";

/// The largest bundle that is taken.
const LARGEST_BUNDLE: usize = 256 * 1024 * 1024;

/// How many ports there are said to be for formations.
const PORTS: usize = 1000;

/// The server's insides.
#[derive(Debug)]
pub(crate) struct Management {
    keys: KeyPair,
    registry: Registry,
    hosting: Hosting,
    logs: Logs,
    on_stage: OnStage,
    /// What is being updated, by what it is broken off with.
    updating: Mutex<HashMap<String, Updating>>,
    started: Instant,
    closing: Closing,
}

/// An update that is under way.
#[derive(Clone, Debug, Default)]
struct Updating {
    /// The port of the new formation, once it has one.
    staging_port: Option<u16>,
    cancel: Arc<Notify>,
}

/// What a server is made of.
pub(crate) struct Setup {
    pub(crate) keys: KeyPair,
    pub(crate) on_stage: OnStage,
    pub(crate) data: Option<PathBuf>,
    pub(crate) making: Making,
    pub(crate) own_port: u16,
    pub(crate) closing: Closing,
}

impl Management {
    /// Opens what was deployed before, and starts what ran.
    ///
    /// # Errors
    ///
    /// If its file can't be opened or isn't one of this backend's.
    pub(crate) async fn open(setup: Setup) -> Result<Self, StartError> {
        let Setup { keys, on_stage, data, making, own_port, closing } = setup;
        let beside = |end: &str| {
            data.as_ref().map(|file| {
                let mut name = file.as_os_str().to_owned();
                name.push(end);
                PathBuf::from(name)
            })
        };
        let registry = Registry::open(beside("-server").as_deref())?;
        let hosting = Hosting::new(making, beside("-formations"));
        let management = Self {
            keys,
            registry,
            hosting,
            logs: Logs::default(),
            on_stage,
            updating: Mutex::default(),
            started: Instant::now(),
            closing,
        };
        let failed = StartError::because("what was deployed before can't be started");
        management.resume(own_port).await.map_err(failed)?;
        Ok(management)
    }

    /// Answers what is the server's, and gives the rest back.
    pub(crate) fn answer(
        self: &Arc<Self>,
        own: &Arc<App>,
        request: Request,
    ) -> BoxFuture<'static, Result<Response, Request>> {
        let (server, own) = (Arc::clone(self), Arc::clone(own));
        Box::pin(async move {
            let path = decoded_path(request.uri());
            let mut segments: Vec<&str> = path.split('/').skip(1).collect();
            match *segments.as_slice() {
                ["ping"] if request.method() == Method::GET => Ok("pong".into_response()),
                ["health"] if request.method() == Method::GET => {
                    Ok(Json(json!({ "success": true, "status": "ok", "version": VERSION })).into_response())
                }
                ["rpc", ..] => {
                    if let Err(refused) = server.keys.admit(request.method(), &path, request.headers()) {
                        return Ok(refused.into_response());
                    }
                    segments.remove(0);
                    let (parts, body) = request.into_parts();
                    Ok(server.rpc(&segments, parts, body).await.unwrap_or_else(Refused::into_response))
                }
                ["api", id, ..] => Ok(proxy::live(&server, &own, id, request).await),
                ["draft", id, ..] => Ok(proxy::draft(&server, &own, id, request).await),
                _ => Err(request),
            }
        })
    }

    async fn rpc(self: &Arc<Self>, path: &[&str], parts: Parts, body: Body) -> Result<Response, Refused> {
        match (parts.method.as_str(), path) {
            ("GET", ["server", "status"]) => self.status().await,
            ("GET", ["server", "logs"]) => Ok(logs::server(self, &parts)),
            ("GET", ["formations"]) => self.list().await,
            ("POST", ["formations"]) => deploy::deploy(self, parts, body).await,
            ("GET", ["formations", id]) => self.get(id).await,
            ("PUT", ["formations", id]) => deploy::update(self, id, parts, body).await,
            ("DELETE", ["formations", id]) => change::delete(self, id).await,
            ("GET", ["formations", id, "logs"]) => logs::of_formation(self, id, &parts),
            ("GET", ["formations", id, "download"]) => download::download(&self.row(id)?),
            ("POST", ["formations", id, "draft", "files"]) => draft::edit(self, id, &parts, body).await,
            ("POST", ["dev", "run"]) => draft::run(self, body).await,
            ("POST", ["dev", "stop"]) => draft::stop(self, body).await,
            ("POST", ["formations", id, "stop"]) => change::stop(self, id).await,
            ("POST", ["formations", id, "cancel-update"]) => change::cancel_update(self, id),
            ("POST", ["formations", id, verb @ ("start" | "restart" | "rollback")]) => {
                Ok(change::with_progress(self, id, verb, &parts).await)
            }
            _ => Ok((StatusCode::NOT_FOUND, "404 page not found\n").into_response()),
        }
    }

    async fn status(&self) -> Result<Response, Refused> {
        let rows = self.registry.list()?;
        let count = |status: &str| rows.iter().filter(|row| row.status == status).count();
        Ok(success(json!({
            "server": { "id": "srv_local", "version": VERSION, "uptime": self.started.elapsed().as_secs() },
            "formations": {
                "total": rows.len(), "running": count("running"), "stopped": count("stopped"), "crashed": count("crashed"),
            },
            "port_pool": { "total": PORTS, "available": PORTS.saturating_sub(rows.len()), "allocated": rows.len() },
            "runtime": { "goroutines": 12, "go_version": "go1.23" },
        })))
    }

    async fn list(&self) -> Result<Response, Refused> {
        let rows: Vec<Value> = self.registry.list()?.iter().map(|row| self.shown(row)).collect();
        let total = rows.len();
        Ok(success(json!({ "formations": rows, "total": total })))
    }

    async fn get(&self, id: &str) -> Result<Response, Refused> {
        let row = self.row(id)?;
        let mut shown = self.shown(&row);
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("created_at".to_owned(), json!(row.created_at));
            shown.insert("deployed_at".to_owned(), json!(row.deployed_at));
            shown.insert("updated_at".to_owned(), json!(row.updated_at));
            if row.status == "running" {
                shown.insert("last_health_check".to_owned(), json!(row.updated_at));
            }
        }
        Ok(success(shown))
    }

    /// A formation, as lists show it.
    fn shown(&self, row: &Row) -> Value {
        let is_running = row.status == "running";
        let since = if row.is_own { Some(self.started) } else { self.hosting.running_since(&row.id) };
        let uptime = since.filter(|_| is_running).map_or(0, |since| since.elapsed().as_secs());
        let mut version = json!({ "current": row.hash });
        if let (Some(version), Some(previous)) = (version.as_object_mut(), &row.previous_hash) {
            version.insert("previous".to_owned(), json!(previous));
        }
        json!({
            "id": row.id, "name": row.name, "port": row.port, "status": row.status,
            "pid": if is_running { std::process::id() } else { 0 }, "uptime": uptime,
            "restart_count": row.restart_count, "healthy": is_running.then_some(true), "version": version,
        })
    }

    fn row(&self, id: &str) -> Result<Row, Refused> {
        self.registry.get(id)?.ok_or_else(|| Refused::not_found("Formation not found"))
    }

    /// Has a formation end as one that crashes does: it is not there, and nobody has stopped it.
    pub(crate) async fn crash(&self, id: &str) {
        self.hosting.stop(id).await;
    }

    /// Ends all that it runs.
    pub(crate) async fn shutdown(&self) {
        self.hosting.close().await;
        self.registry.close();
    }
}

/// An answer that went well.
fn success(data: Value) -> Response {
    Json(json!({ "success": true, "data": data })).into_response()
}

/// A body, up to the size of the largest bundle.
async fn whole(body: Body) -> Result<Bytes, Refused> {
    let too_large = |_| Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large");
    to_bytes(body, LARGEST_BUNDLE).await.map_err(too_large)
}
