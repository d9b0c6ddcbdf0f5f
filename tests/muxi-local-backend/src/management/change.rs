//! Starting, stopping, restarting, rolling back and deleting.

use std::sync::{Arc, PoisonError};

use axum::{
    Json,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Management,
    bundle::Unpacked,
    deploy::{check_health, resolve},
    error::Refused,
    progress::{Done, Failed, Reporter, answer},
    registry::Row,
    success,
};

/// Starts, restarts or rolls back. That there is no such formation is told as all else that goes wrong is.
pub(super) async fn with_progress(server: &Arc<Management>, id: &str, verb: &str, parts: &Parts) -> Response {
    let (own, formation, verb) = (Arc::clone(server), id.to_owned(), verb.to_owned());
    let work = |reporter: Reporter| async move {
        let row = own.registry.get(&formation)?;
        let row = row.ok_or_else(|| Failed::new(404, "validating", "NotFound", "Formation not found"))?;
        match verb.as_str() {
            "start" => start(&own, &row, &reporter).await,
            "restart" => restart(&own, &row, &reporter).await,
            _ => roll_back(&own, &row, &reporter).await,
        }
    };
    answer(server, id, &parts.headers, work).await
}

async fn start(server: &Management, row: &Row, reporter: &Reporter) -> Result<Done, Failed> {
    if matches!(row.status.as_str(), "running" | "starting") {
        return Err(Failed::new(409, "validating", "AlreadyRunning", "Formation is already running"));
    }
    reporter.stage("validating", "Loading formation configuration...").await?;
    let port = spawn(server, row, reporter, "spawning").await?;
    server.registry.change(&row.id, |row| (row.status, row.port) = ("running".to_owned(), port))?;
    let data = json!({ "id": row.id, "status": "running", "message": "Formation started", "port": port });
    let complete = json!({ "formation_id": row.id, "port": port, "status": "running" });
    Ok(Done { status: StatusCode::OK, data, complete })
}

async fn restart(server: &Management, row: &Row, reporter: &Reporter) -> Result<Done, Failed> {
    reporter.stage("stopping", "Stopping formation...").await?;
    server.hosting.stop(&row.id).await;
    let port = spawn(server, row, reporter, "spawning").await?;
    let changed = server.registry.change(&row.id, |row| {
        (row.status, row.port) = ("running".to_owned(), port);
        row.restart_count += 1;
    })?;
    let count = changed.map_or(0, |row| row.restart_count);
    let data = json!({
        "id": row.id, "status": "running", "message": "Formation restarted", "restart_count": count, "port": port,
    });
    let complete = json!({ "formation_id": row.id, "port": port, "status": "running", "restart_count": count });
    Ok(Done { status: StatusCode::OK, data, complete })
}

async fn roll_back(server: &Management, row: &Row, reporter: &Reporter) -> Result<Done, Failed> {
    let (Some(hash), Some(bundle)) = (row.previous_hash.clone(), row.previous_bundle.clone()) else {
        let message = "No previous version available for rollback";
        return Err(Failed::new(400, "validating", "NoPreviousVersion", message));
    };
    reporter.stage("spawning_previous", "Starting the previous version...").await?;
    let before = Row { hash, bundle, ..row.clone() };
    let declared = declared(&before)?;
    let spawned = server.hosting.spawn(&row.id, &declared).await;
    let running = spawned.map_err(|problem| Failed::internal("spawning_previous", problem))?;
    if let Err(failed) = check_health(reporter).await {
        running.stop().await;
        return Err(failed);
    }
    let port = running.port();
    reporter.stage("swapping", "Switching to the previous version...").await?;
    let current = server.hosting.swap(&row.id, running);
    server.registry.change(&row.id, |row| {
        (row.previous_hash, row.previous_bundle) = (Some(row.hash.clone()), Some(std::mem::take(&mut row.bundle)));
        (row.hash, row.bundle) = (before.hash, before.bundle);
        row.count += 1;
        (row.is_own, row.status, row.port) = (false, "running".to_owned(), port);
        row.name = declared.name;
    })?;
    reporter.stage("stopping_current", "Stopping the current version...").await?;
    if let Some(current) = current {
        current.stop().await;
    }
    server.logs.server("Formation rolled back", &row.id);
    let data = json!({
        "id": row.id, "status": "running", "version": row.count + 1, "previous_version": row.count,
        "pid": std::process::id(), "message": "Formation rolled back successfully",
    });
    let complete = json!({
        "formation_id": row.id, "port": port, "status": "running", "pid": std::process::id(),
        "previous_version": row.hash, "new_version": row.previous_hash,
    });
    Ok(Done { status: StatusCode::OK, data, complete })
}

/// Starts a formation that does not run, from the bundle that it was deployed from. Returns the port that it listens on.
async fn spawn(server: &Management, row: &Row, reporter: &Reporter, stage: &'static str) -> Result<u16, Failed> {
    let declared = declared(row)?;
    resolve(&declared, reporter).await?;
    reporter.stage(stage, "Starting formation...").await?;
    if row.is_own {
        check_health(reporter).await?;
        return Ok(row.port);
    }
    let spawned = server.hosting.spawn(&row.id, &declared).await;
    let running = spawned.map_err(|problem| Failed::internal(stage, problem))?;
    if let Err(failed) = check_health(reporter).await {
        running.stop().await;
        server.registry.change(&row.id, |row| row.status = "crashed".to_owned())?;
        return Err(failed);
    }
    let port = running.port();
    if let Some(other) = server.hosting.swap(&row.id, running) {
        other.stop().await;
    }
    server.logs.formation(&row.id, &format!("Formation {} listens on port {port}", row.id));
    Ok(port)
}

fn declared(row: &Row) -> Result<super::bundle::Declared, Failed> {
    let declared = Unpacked::read(&row.bundle).and_then(|unpacked| unpacked.declared());
    declared.map_err(|problem| Failed::internal("validating", problem))
}

pub(super) async fn stop(server: &Management, id: &str) -> Result<Response, Refused> {
    if server.row(id)?.status == "stopped" {
        return Err(Refused::conflict("Formation is already stopped"));
    }
    server.hosting.stop(id).await;
    server.registry.change(id, |row| row.status = "stopped".to_owned())?;
    server.logs.formation(id, &format!("Formation {id} was stopped"));
    server.logs.server("Formation stopped", id);
    Ok(success(json!({ "id": id, "status": "stopped", "message": "Formation stopped successfully" })))
}

pub(super) async fn delete(server: &Management, id: &str) -> Result<Response, Refused> {
    server.row(id)?;
    server.registry.delete(id)?;
    server.hosting.delete(id).await;
    server.logs.forget(id);
    server.logs.server("Formation deleted", id);
    Ok(success(json!({ "id": id, "message": "Formation deleted successfully" })))
}

/// Breaks off an update that has a formation beside the present one.
pub(super) fn cancel_update(server: &Management, id: &str) -> Result<Response, Refused> {
    let row = server.row(id)?;
    let updating = server.updating.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
    let staged = updating.and_then(|updating| Some((updating.staging_port?, updating.cancel)));
    let (port, cancel) = staged.ok_or_else(|| Refused::bad_request("No update in progress for this formation"))?;
    cancel.notify_one();
    server.logs.server("Update cancelled", id);
    let body = json!({
        "message": "Update cancelled successfully", "formation_id": id, "staging_port": port, "status": row.status,
        "current_port": row.port,
    });
    Ok(Json(body).into_response())
}
