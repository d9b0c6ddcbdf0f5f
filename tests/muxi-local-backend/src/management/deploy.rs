//! Deploying and updating.

use std::sync::{Arc, PoisonError};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};
use serde_json::json;

use super::{
    Management, Updating,
    bundle::{Declared, Unpacked},
    error::Refused,
    progress::{Done, Failed, Reporter, answer},
    registry::Row,
    whole,
};

/// What may be said of a bundle's type.
const MEDIA_TYPES: [&str; 3] = ["application/gzip", "application/x-gzip", "application/octet-stream"];

/// Deploys a formation that there is not.
pub(super) async fn deploy(server: &Arc<Management>, parts: Parts, body: Body) -> Result<Response, Refused> {
    check_media_type(&parts.headers)?;
    let id = text(&parts.headers, "X-Formation-ID").ok_or_else(|| {
        Refused::bad_request("Missing X-Formation-ID header. Provide the formation ID for early conflict detection.")
    })?;
    check_id(&id)?;
    if server.registry.get(&id)?.is_some() {
        return Err(Refused::conflict(format!("Formation '{id}' already exists. Use PUT to update.")));
    }
    let version = version(&parts.headers);
    let bundle = whole(body).await?;
    let (server, formation) = (Arc::clone(server), id.clone());
    let work = {
        let server = Arc::clone(&server);
        |reporter| async move { deployed(&server, &id, &version, bundle, &reporter).await }
    };
    Ok(answer(&server, &formation, &parts.headers, work).await)
}

pub(super) async fn deployed(
    server: &Management,
    id: &str,
    version: &str,
    bundle: Bytes,
    reporter: &Reporter,
) -> Result<Done, Failed> {
    let (unpacked, declared) = unpack(id, version, &bundle, reporter).await?;
    resolve(&declared, reporter).await?;
    reporter.stage("spawning", "Starting formation...").await?;
    let spawned = server.hosting.spawn(id, &declared).await;
    let running = spawned.map_err(|problem| Failed::internal("spawning", problem))?;
    if let Err(failed) = check_health(reporter).await {
        running.stop().await;
        server.hosting.delete(id).await;
        return Err(failed);
    }
    let port = running.port();
    if server.registry.get(id)?.is_some() {
        running.stop().await;
        let message = format!("Formation '{id}' already exists. Use PUT to update.");
        return Err(Failed::new(409, "validating", "FormationExists", message));
    }
    server.registry.put(&Row::new(id, declared.name, port, unpacked.hash, bundle.into()))?;
    server.hosting.swap(id, running);
    server.logs.formation(id, &format!("Formation {id} listens on port {port}"));
    server.logs.server("Formation deployed", id);
    let url = format!("http://127.0.0.1:{port}");
    let data = json!({
        "formation_id": id, "port": port, "status": "running", "url": url, "health_url": format!("{url}/v1/health"),
        "pid": std::process::id(),
    });
    Ok(Done { status: StatusCode::CREATED, complete: data.clone(), data })
}

/// Puts a bundle in the place of that which a formation was deployed from.
pub(super) async fn update(server: &Arc<Management>, id: &str, parts: Parts, body: Body) -> Result<Response, Refused> {
    check_media_type(&parts.headers)?;
    server.row(id)?;
    let under_way = begin(server, id).ok_or_else(|| Refused::conflict("Formation is already being updated"))?;
    let version = version(&parts.headers);
    let bundle = whole(body).await?;
    let (id, formation) = (id.to_owned(), id.to_owned());
    let work = {
        let server = Arc::clone(server);
        |reporter| async move {
            let cancel = Arc::clone(&under_way.updating.cancel);
            let outcome = tokio::select! {
                outcome = updated(&server, &id, &version, bundle, &reporter) => outcome,
                () = cancel.notified() => {
                    Err(Failed::new(409, "spawning_staging", "UpdateCancelled", "The update was cancelled"))
                }
            };
            drop(under_way);
            outcome
        }
    };
    Ok(answer(server, &formation, &parts.headers, work).await)
}

pub(super) async fn updated(
    server: &Management,
    id: &str,
    version: &str,
    bundle: Bytes,
    reporter: &Reporter,
) -> Result<Done, Failed> {
    let (unpacked, declared) = unpack(id, version, &bundle, reporter).await?;
    let row = server.row(id)?;
    if row.hash == unpacked.hash {
        let message = "Source is identical to current version - nothing to update";
        return Err(Failed::new(409, "validating", "NoChange", message));
    }
    resolve(&declared, reporter).await?;
    let spawned = server.hosting.spawn(id, &declared).await;
    let running = spawned.map_err(|problem| Failed::internal("spawning_staging", problem))?;
    let port = running.port();
    if let Some(updating) = server.updating.lock().unwrap_or_else(PoisonError::into_inner).get_mut(id) {
        updating.staging_port = Some(port);
    }
    let more = json!({ "staging_port": port });
    reporter.stage_with("spawning_staging", "Starting the new version...", more).await?;
    check_health(reporter).await?;
    reporter.stage("swapping", "Switching to the new version...").await?;
    let old = server.hosting.swap(id, running);
    let row = server.registry.change(id, |row| {
        row.previous_hash = Some(std::mem::replace(&mut row.hash, unpacked.hash));
        row.previous_bundle = Some(std::mem::replace(&mut row.bundle, bundle.into()));
        row.count += 1;
        row.name = declared.name;
        (row.is_own, row.port, row.status) = (false, port, "running".to_owned());
    })?;
    let row = row.ok_or_else(|| Failed::new(404, "swapping", "NotFound", "Formation not found"))?;
    reporter.stage("stopping_old", "Stopping the old version...").await?;
    if let Some(old) = old {
        old.stop().await;
    }
    server.logs.formation(id, &format!("Formation {id} was updated, and listens on port {port}"));
    server.logs.server("Formation updated", id);
    let data = json!({
        "id": id, "status": "running", "version": row.count, "previous_version": row.count - 1, "port": port,
        "pid": std::process::id(), "message": "Formation updated successfully", "deployment_type": "blue-green",
    });
    let complete = json!({
        "formation_id": id, "port": port, "status": "running", "pid": std::process::id(),
        "previous_version": row.previous_hash, "new_version": row.hash,
    });
    Ok(Done { status: StatusCode::OK, data, complete })
}

/// An update that is under way until this is dropped.
struct UnderWay {
    server: Arc<Management>,
    id: String,
    updating: Updating,
}

/// Begins an update, unless one is under way.
fn begin(server: &Arc<Management>, id: &str) -> Option<UnderWay> {
    let updating = Updating::default();
    let mut all = server.updating.lock().unwrap_or_else(PoisonError::into_inner);
    if all.contains_key(id) {
        return None;
    }
    all.insert(id.to_owned(), updating.clone());
    Some(UnderWay { server: Arc::clone(server), id: id.to_owned(), updating })
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.server.updating.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Unpacks a bundle, and looks at what it declares.
async fn unpack(id: &str, version: &str, bundle: &[u8], reporter: &Reporter) -> Result<(Unpacked, Declared), Failed> {
    reporter.stage("extracting", "Extracting bundle...").await?;
    let unpacked = Unpacked::read(bundle).map_err(|problem| {
        Failed::new(400, "extracting", "ExtractError", format!("Failed to extract bundle: {problem}"))
    })?;
    reporter.stage("validating", "Validating formation.afs...").await?;
    let invalid = |error, message| Failed::new(400, "validating", error, message);
    let declared = unpacked
        .declared()
        .map_err(|problem| invalid("ParseError", format!("Failed to parse formation config: {problem}")))?;
    if declared.id != id {
        let message = format!("Formation ID mismatch: header says '{id}' but bundle contains '{}'", declared.id);
        return Err(invalid("IDMismatch", message));
    }
    if declared.version != version {
        let message =
            format!("Formation version mismatch: header says '{version}' but bundle contains '{}'", declared.version);
        return Err(invalid("VersionMismatch", message));
    }
    Ok((unpacked, declared))
}

/// Works out the runtime, where one is declared.
pub(super) async fn resolve(declared: &Declared, reporter: &Reporter) -> Result<(), Failed> {
    let Some(runtime) = ["muxi_runtime", "runtime"].into_iter().find_map(|field| declared.whole.get(field)?.as_str())
    else {
        return Ok(());
    };
    let more = json!({ "version": runtime });
    reporter.stage_with("resolving_runtime", &format!("Resolved runtime version: {runtime}"), more).await?;
    reporter.stage("downloading_sif", "Using cached runtime image").await
}

/// Asks whether the new formation is well.
pub(super) async fn check_health(reporter: &Reporter) -> Result<(), Failed> {
    let more = json!({ "attempt": 1, "max_attempts": 30 });
    reporter.stage_with("health_check", "Health check attempt 1/30...", more).await
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Refused> {
    let media_type = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if MEDIA_TYPES.iter().any(|known| media_type.contains(known)) {
        return Ok(());
    }
    let message = "Invalid Content-Type. Expected application/gzip with a formation bundle (tar.gz)";
    Err(Refused::bad_request(message))
}

pub(super) fn check_id(id: &str) -> Result<(), Refused> {
    const TAKEN: &[&str] = &["health", "ping", "rpc", "server", "admin", "metrics", "api"];
    let is_plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_id = is_plain && (3..=50).contains(&id.len()) && !id.starts_with('-') && !id.ends_with('-');
    if is_id && !TAKEN.contains(&id) {
        return Ok(());
    }
    Err(Refused::bad_request(format!("Invalid X-Formation-ID: '{id}' is no formation ID")))
}

fn version(headers: &HeaderMap) -> String {
    text(headers, "X-Formation-Version").unwrap_or_else(|| "1.0.0".to_owned())
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty()).map(str::to_owned)
}
