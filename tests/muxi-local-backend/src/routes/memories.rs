//! What is remembered of users.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Route, Work, users::UNKNOWN};
use crate::{
    app::App,
    caller::{self, Key},
    envelope::{Answer, now, written_now},
    error::Failure,
    ids,
    things::MEMORIES,
    users,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/memories", Key::Either, Work::Now(list)),
    (Method::POST, "/v1/memories", Key::Either, Work::Now(create)),
    (Method::DELETE, "/v1/memories/{memory_id}", Key::Either, Work::Now(delete)),
];

/// The users of whom nothing is kept.
const NOBODY: [&str; 3] = ["0", "anonymous", "default"];

/// Of whom something can be remembered.
const SCOPES: [&str; 3] = ["user", "group", "formation"];

fn list(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Page {
        limit: usize,
        offset: usize,
        scopes: Option<String>,
    }

    let (user, Page { limit, offset, scopes }) = (caller::required_user(&parts.headers)?, call.query()?);
    let scopes: Vec<_> = scopes.iter().flat_map(|scopes| scopes.split(',')).map(str::trim).collect();
    let unknown: Vec<_> =
        scopes.iter().filter(|scope| !SCOPES.contains(scope)).map(|scope| format!("'{scope}'")).collect();
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        let message = format!("Invalid scopes [{unknown}]; expected a subset of ['user', 'group', 'formation']");
        return Err(Failure::unprocessable("INVALID_PARAMS", message));
    }
    let is_wanted = scopes.is_empty() || scopes.contains(&"user");
    let kept = if is_wanted { MEMORIES.list(&app.store, Some(&user))? } else { Vec::new() };
    let page: Vec<_> = kept.into_iter().skip(offset).take(limit).collect();
    let count = page.len();
    Ok(Answer::new("memory_list", "memory.list", json!({ "memories": page, "count": count })))
}

fn create(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Create {
        content: Option<Value>,
        detail: Option<String>,
        #[serde(rename = "type")]
        kind: Option<String>,
        metadata: Option<Map<String, Value>>,
        scope: Option<String>,
        scope_id: Option<String>,
        source: Option<String>,
    }

    let user = caller::required_user(&parts.headers)?;
    let Create { content, detail, kind, metadata, scope, scope_id, source } = call.body()?;
    if source.is_some() {
        return Err(Failure::no_such_method("The local backend does not serve the ingestion of other sources"));
    }
    let content = match content.filter(|content| !content.is_null()).or(detail.map(Value::from)) {
        Some(Value::String(content)) => content,
        Some(_) => {
            let message = "Structured 'content' requires the ingestion contract; include 'source' to route through POST \
                           /v1/memories ingestion";
            return Err(Failure::unprocessable("INVALID_PARAMS", message));
        }
        None => return Err(Failure::unprocessable("INVALID_PARAMS", "Either 'content' or 'detail' must be provided")),
    };
    match scope.as_deref() {
        None | Some("user") => {}
        Some("group") if scope_id.is_none() => {
            let message = "scope_id (the group id) is required when scope is 'group'";
            return Err(Failure::unprocessable("INVALID_PARAMS", message));
        }
        Some(scope) if SCOPES.contains(&scope) => {
            return Err(Failure::forbidden_to("Insufficient permissions to write to this memory scope"));
        }
        Some(scope) => return Err(Failure::unprocessable("INVALID_PARAMS", format!("Invalid scope '{scope}'"))),
    }
    let mut metadata = metadata.unwrap_or_default();
    // Metadata that was given is shown with what is added to it.
    let shows_all = !metadata.is_empty();
    let written = written_now();
    let kind = kind.or_else(|| metadata.get("type").and_then(Value::as_str).map(str::to_owned));
    if let Some(kind) = &kind {
        metadata.entry("type").or_insert_with(|| json!(kind));
    }
    let is_kept = !NOBODY.contains(&user.as_str());
    let id = if is_kept { ids::fresh("") } else { "0".to_owned() };
    let mut shown = metadata.clone();
    if is_kept {
        let of = users::resolve(&app.store, &user, UNKNOWN, &written)?;
        metadata.insert("external_user_id".to_owned(), json!(user));
        metadata.insert("timestamp".to_owned(), json!(now()));
        let kept = json!({
            // Without its zone, which is UTC.
            "id": id, "content": content, "created_at": written.trim_end_matches('Z'), "metadata": metadata,
            "scope": "user", "scope_id": of.number.to_string(),
        });
        MEMORIES.insert(&app.store, &id, &user, &kept)?;
        if shows_all {
            shown = metadata;
        }
    }
    let made = json!({
        "id": id, "content": { "type": kind.as_deref().unwrap_or("general"), "detail": content },
        "created_at": written, "metadata": shown, "scope": "user", "scope_id": null,
    });
    Ok(Answer::new("memory", "memory.created", made))
}

/// Whosever it is.
fn delete(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, id) = (caller::required_user(&parts.headers)?, call.path("memory_id")?);
    if !MEMORIES.delete(&app.store, id)? {
        return Err(Failure::internal_not_found("NOT_FOUND", format!("Memory {id} not found")));
    }
    Ok(Answer::new("memory", "memory.deleted", json!({ "deleted": id, "user_id": user })))
}
