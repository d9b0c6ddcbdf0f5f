//! Drafts: files that are edited here, and run beside what is deployed.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use axum::{
    Json,
    body::Body,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Management,
    bundle::{self, Unpacked},
    deploy::{check_id, deployed, updated},
    error::Refused,
    progress::{Failed, Reporter, answer},
    registry::Draft,
    whole,
};
use crate::envelope::written_now;

/// What is asked for.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    action: String,
    mode: String,
    path: String,
    content: String,
    encoding: String,
}

/// What is refused: status, name, message.
struct Wrong(StatusCode, &'static str, String);

impl Wrong {
    fn new(status: u16, name: &'static str, message: impl Into<String>) -> Self {
        Self(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), name, message.into())
    }
}

impl From<Refused> for Wrong {
    fn from(refused: Refused) -> Self {
        Self(refused.status, "InternalError", refused.message)
    }
}

/// By what a draft is known where formations run.
fn key(id: &str) -> String {
    // No formation's id has a point in it.
    format!("{id}.draft")
}

/// Edits a draft, or deploys it.
pub(super) async fn edit(server: &Arc<Management>, id: &str, parts: &Parts, body: Body) -> Result<Response, Refused> {
    let body = whole(body).await?;
    let asked: Asked = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(_) => {
            return Ok(refusal(server, id, Wrong::new(400, "InvalidJSON", "Invalid JSON request body")));
        }
    };
    if check_id(id).is_err() {
        return Ok(refusal(server, id, Wrong::new(400, "InvalidFormationID", "It is no formation ID")));
    }
    if asked.action == "deploy" {
        return Ok(match found(server, id) {
            Ok(draft) => deploy(server, id, parts, draft).await,
            Err(wrong) => refusal(server, id, wrong),
        });
    }
    Ok(match done(server, id, &asked) {
        Ok(data) => {
            let mut body = states(server, id);
            if let Some(body) = body.as_object_mut() {
                body.insert("success".to_owned(), json!(true));
                body.insert("data".to_owned(), data);
            }
            Json(body).into_response()
        }
        Err(wrong) => refusal(server, id, wrong),
    })
}

fn refusal(server: &Management, id: &str, Wrong(status, name, message): Wrong) -> Response {
    let mut body = states(server, id);
    if let Some(body) = body.as_object_mut() {
        body.insert("success".to_owned(), json!(false));
        body.insert("error".to_owned(), json!(name));
        body.insert("message".to_owned(), json!(message));
    }
    (status, Json(body)).into_response()
}

/// What there is of the draft and of the formation.
fn states(server: &Management, id: &str) -> Value {
    let draft = match server.registry.draft(id) {
        Ok(Some(draft)) => {
            json!({ "exists": true, "base_version": draft.base_version, "created_at": draft.created_at })
        }
        _ => json!({ "exists": false }),
    };
    let live = match server.registry.get(id) {
        Ok(Some(row)) => json!({ "version": row.hash, "status": row.status }),
        _ => json!({}),
    };
    json!({ "draft": draft, "live": live })
}

fn found(server: &Management, id: &str) -> Result<Draft, Wrong> {
    let draft = server.registry.draft(id)?;
    draft.ok_or_else(|| {
        Wrong::new(404, "DraftNotFound", "No draft exists for this formation. Use 'init' to create one.")
    })
}

fn done(server: &Management, id: &str, asked: &Asked) -> Result<Value, Wrong> {
    if asked.action == "init" {
        return init(server, id, &asked.mode);
    }
    let mut draft = found(server, id)?;
    if asked.action == "discard" {
        server.registry.discard(id)?;
        return Ok(json!({ "action": "discard" }));
    }
    let path = clean(&asked.path)?;
    let missing = || Wrong::new(404, "FileNotFound", format!("File not found: {path}"));
    let named = || {
        Some(&path).filter(|path| !path.is_empty()).ok_or_else(|| Wrong::new(400, "InvalidPath", "Path is required"))
    };
    let mut files = Unpacked::read(&draft.bundle).map_err(|problem| Wrong::new(500, "ReadError", problem))?.files;
    match asked.action.as_str() {
        "list" => {
            let entries = entries(&files, &path);
            if entries.is_empty() && !path.is_empty() {
                return Err(missing());
            }
            Ok(json!({ "path": if path.is_empty() { "." } else { &path }, "entries": entries }))
        }
        "read" => {
            let content = files.get(named()?).ok_or_else(missing)?;
            let (content, encoding) = match asked.encoding.as_str() {
                "base64" => (STANDARD.encode(content), "base64"),
                _ => (String::from_utf8_lossy(content).into_owned(), "utf-8"),
            };
            Ok(json!({ "path": path, "content": content, "encoding": encoding }))
        }
        "write" => {
            let content = match asked.encoding.as_str() {
                "base64" => STANDARD
                    .decode(&asked.content)
                    .map_err(|_| Wrong::new(400, "DecodeError", "Invalid base64 content"))?,
                _ => asked.content.clone().into_bytes(),
            };
            let size = content.len();
            files.insert(named()?.clone(), content);
            draft.bundle = packed(id, &files)?;
            server.registry.put_draft(&draft)?;
            Ok(json!({ "path": path, "size": size, "written": true }))
        }
        "delete" => {
            let (named, below) = (named()?, format!("{path}/"));
            let before = files.len();
            files.retain(|name, _| name != named && !name.starts_with(&below));
            if files.len() == before {
                return Err(missing());
            }
            draft.bundle = packed(id, &files)?;
            server.registry.put_draft(&draft)?;
            Ok(json!({ "path": path, "deleted": true }))
        }
        other => Err(Wrong::new(400, "InvalidAction", format!("Unknown action: {other}"))),
    }
}

fn init(server: &Management, id: &str, mode: &str) -> Result<Value, Wrong> {
    if server.registry.draft(id)?.is_some() {
        return Err(Wrong::new(409, "DraftAlreadyExists", "A draft already exists for this formation."));
    }
    let (bundle, base_version) = match mode {
        "new" => {
            let declaration = format!("id: {id}\nversion: 1.0.0\nname: {id}\n");
            (packed(id, &BTreeMap::from([("formation.afs".to_owned(), declaration.into_bytes())]))?, None)
        }
        "clone" => {
            let row = server.registry.get(id)?;
            let row = row.ok_or_else(|| Wrong::new(404, "LiveNotFound", "No live version exists to clone."))?;
            (row.bundle, Some(row.hash))
        }
        _ => return Err(Wrong::new(400, "InvalidMode", "Invalid mode. Use 'new' or 'clone'.")),
    };
    server.registry.put_draft(&Draft { id: id.to_owned(), bundle, base_version, created_at: written_now() })?;
    Ok(json!({ "action": "init", "mode": mode }))
}

/// A path in the draft, without what says nothing; empty for the draft itself.
fn clean(path: &str) -> Result<String, Wrong> {
    let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    if steps.contains(&"..") {
        return Err(Wrong::new(400, "InvalidPath", "Path traversal not allowed"));
    }
    Ok(steps.join("/"))
}

fn packed(id: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, Wrong> {
    let files = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    bundle::pack(id, files).map_err(|error| Wrong::new(500, "WriteError", error.to_string()))
}

/// What is in a folder, the folders with a slash at their ends.
fn entries(files: &BTreeMap<String, Vec<u8>>, folder: &str) -> Vec<Value> {
    let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut entries = BTreeMap::new();
    for (name, bytes) in files {
        let Some(rest) = name.strip_prefix(&below) else { continue };
        let entry = match rest.split_once('/') {
            Some((inner, _)) => (inner, json!({ "name": format!("{inner}/"), "type": "dir" })),
            None => (rest, json!({ "name": rest, "type": "file", "size": bytes.len() })),
        };
        entries.insert(entry.0, entry.1);
    }
    entries.into_values().collect()
}

async fn deploy(server: &Arc<Management>, id: &str, parts: &Parts, draft: Draft) -> Response {
    let (own, formation) = (Arc::clone(server), id.to_owned());
    let work = |reporter: Reporter| async move {
        let declared = Unpacked::read(&draft.bundle).and_then(|unpacked| unpacked.declared());
        let declared = declared.map_err(|problem| Failed::new(400, "validating", "ParseError", problem))?;
        let bundle = draft.bundle.into();
        let done = match own.registry.get(&formation)? {
            Some(_) => updated(&own, &formation, &declared.version, bundle, &reporter).await?,
            None => deployed(&own, &formation, &declared.version, bundle, &reporter).await?,
        };
        own.registry.discard(&formation)?;
        Ok(done)
    };
    answer(server, id, &parts.headers, work).await
}

/// What runs as a draft, or stops.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Dev {
    path: String,
    formation_id: String,
}

/// What is refused: status and message.
type DevWrong = (u16, String);

/// Runs a draft, or a folder of this machine.
pub(super) async fn run(server: &Management, body: Body) -> Result<Response, Refused> {
    let asked: Dev = serde_json::from_slice(&whole(body).await?).unwrap_or_default();
    Ok(match run_asked(server, &asked).await {
        Ok((id, port)) => {
            Json(json!({ "success": true, "formation_id": id, "port": port, "status": "running" })).into_response()
        }
        Err(wrong) => dev_refusal(&asked.formation_id, wrong),
    })
}

async fn run_asked(server: &Management, asked: &Dev) -> Result<(String, u16), DevWrong> {
    let wrong = |problem: String| (400, problem);
    let unpacked = if !asked.path.is_empty() {
        let folder = Path::new(&asked.path);
        if !folder.is_absolute() {
            return Err((400, "Path must be absolute".to_owned()));
        }
        let declaration = ["formation.afs", "formation.yaml", "formation.yml"].into_iter();
        let found = declaration.filter_map(|name| Some((name.to_owned(), std::fs::read(folder.join(name)).ok()?)));
        let files: BTreeMap<_, _> = found.collect();
        if files.is_empty() {
            return Err((400, format!("formation.afs not found in {}", asked.path)));
        }
        Unpacked { files, hash: String::new() }
    } else if !asked.formation_id.is_empty() {
        let draft = server.registry.draft(&asked.formation_id).map_err(|refused| (500, refused.message))?;
        let missing = || (404, format!("Draft directory not found for formation {}", asked.formation_id));
        Unpacked::read(&draft.ok_or_else(missing)?.bundle).map_err(wrong)?
    } else {
        return Err((400, "Must provide either 'path' or 'formation_id'".to_owned()));
    };
    let declared =
        unpacked.declared().map_err(|problem| (400, format!("Failed to parse formation config: {problem}")))?;
    let (id, key) = (declared.id.clone(), key(&declared.id));
    if server.hosting.app(&key).is_some() {
        return Err((409, format!("Draft formation {id} is already running. Run 'muxi down' first.")));
    }
    let running = server.hosting.spawn(&key, &declared).await.map_err(|problem| (500, problem))?;
    let port = running.port();
    server.hosting.swap(&key, running);
    Ok((id, port))
}

/// Stops what runs as a draft.
pub(super) async fn stop(server: &Management, body: Body) -> Result<Response, Refused> {
    let asked: Dev = serde_json::from_slice(&whole(body).await?).unwrap_or_default();
    let id = asked.formation_id;
    let key = key(&id);
    if server.hosting.app(&key).is_none() {
        return Ok(dev_refusal(&id, (404, format!("Draft formation {id} not found"))));
    }
    server.hosting.stop(&key).await;
    Ok(Json(json!({ "success": true, "formation_id": id, "status": "stopped" })).into_response())
}

fn dev_refusal(id: &str, (status, problem): DevWrong) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "success": false, "formation_id": id, "port": 0, "status": "", "error": problem });
    (status, Json(body)).into_response()
}

impl Management {
    /// What runs as a draft of a formation.
    pub(super) fn draft_app(&self, id: &str) -> Option<Arc<crate::app::App>> {
        self.hosting.app(&key(id))
    }
}
