//! Triggers: templates that become turns.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    http::{Method, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Route, Work};
use crate::{
    app::App,
    caller::{self, Key},
    envelope::Answer,
    error::Failure,
    formation::TRIGGERS,
    ids, play,
    script::Asked,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/triggers", Key::Client, Work::Now(list)),
    (Method::GET, "/v1/triggers/{trigger_name}", Key::Client, Work::Now(get)),
    (Method::POST, "/v1/triggers/{trigger_name}", Key::Client, Work::Trigger),
];

#[derive(Deserialize)]
struct Fire {
    data: Map<String, Value>,
    session_id: Option<String>,
    use_async: Option<bool>,
}

fn list(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let names: Vec<_> = TRIGGERS.iter().map(|(name, _)| name).collect();
    let count = names.len();
    let data = json!({ "formation_id": app.formation_id, "triggers": names, "count": count });
    Ok(Answer::new("list", "list.retrieved", data))
}

fn get(_: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let name = call.path("trigger_name")?;
    let no_such = || Failure::internal_not_found("TRIGGER_NOT_FOUND", format!("Trigger '{name}' not found"));
    let template = template(name)?.ok_or_else(no_such)?;
    let mut fields: Vec<_> = template.split("${{").skip(1).filter_map(field).map(|(field, _)| field).collect();
    fields.sort_unstable();
    let fields = Some(fields).filter(|fields| !fields.is_empty());
    let data = json!({ "name": name, "content": template, "data_fields": fields });
    Ok(Answer::new("trigger", "trigger.retrieved", data))
}

/// Fires it: answers when its turn is over, or where it is to go on behind the answer, at once.
pub(crate) async fn fire(app: &Arc<App>, parts: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (name, Fire { data, session_id, use_async }) = (call.path("trigger_name")?, call.body()?);
    let no_such = || Failure::not_found("RESOURCE_NOT_FOUND", format!("Trigger template '{name}' not found"));
    let message = rendered(template(name)?.ok_or_else(no_such)?, &data)?;
    let user = caller::user(&parts.headers).unwrap_or_else(|| "0".to_owned());
    let asked = Asked {
        message,
        user,
        session: session_id.filter(|id| !id.is_empty()).unwrap_or_else(|| ids::fresh("sess_")),
        request: ids::fresh("req_"),
        agent: None,
        ui_response: None,
        webhook_url: None,
    };
    app.once(parts, outcome(Arc::clone(app), asked, use_async)).await
}

async fn outcome(app: Arc<App>, asked: Asked, use_async: Option<bool>) -> Result<Answer, Failure> {
    app.requests.fetch_add(1, Ordering::Relaxed);
    let request = Some(asked.request.clone());
    if use_async == Some(false) {
        let content = play::text(&app, asked).await?;
        let data = json!({ "status": "completed", "content": content });
        return Ok(Answer::new("request", "request.completed", data).request(request));
    }
    play::in_background(&app, asked);
    Ok(Answer::new("request", "request.processing", json!({ "status": "processing" })).request(request))
}

/// The template of that name, if there is one and the name is one at all.
fn template(name: &str) -> Result<Option<&'static str>, Failure> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if !name.chars().all(is_plain) {
        return Err(Failure::bad_request(&format!(
            "Invalid trigger name '{name}': must contain only letters, numbers, hyphens, and underscores"
        )));
    }
    Ok(TRIGGERS.iter().find(|(known, _)| *known == name).map(|(_, template)| *template))
}

/// The template with the data in it.
fn rendered(template: &str, data: &Map<String, Value>) -> Result<String, Failure> {
    if template.starts_with("---") {
        return Err(Failure::bad_request("Template rendering failed: the head is no YAML"));
    }
    let mut pieces = template.split("${{");
    let mut message = pieces.next().unwrap_or_default().to_owned();
    for (path, rest) in pieces.filter_map(field) {
        let (first, more) = path.split_once('.').unwrap_or((path, ""));
        let steps = more.split('.').filter(|step| !step.is_empty());
        let found = data.get(first).and_then(|value| steps.into_iter().try_fold(value, |value, step| value.get(step)));
        match found {
            Some(Value::String(text)) => message.push_str(text),
            Some(value) => message.push_str(&value.to_string()),
            None => {
                let keys: Vec<_> = data.keys().map(|key| format!("'{key}'")).collect();
                return Err(Failure::bad_request(&format!(
                    "Template rendering failed: Data key 'data.{path}' not found. Available keys: [{}]",
                    keys.join(", ")
                )));
            }
        }
        message.push_str(rest);
    }
    Ok(message)
}

/// The field that a piece behind `${{` begins with, and what comes behind it.
fn field(piece: &str) -> Option<(&str, &str)> {
    let (field, rest) = piece.split_once("}}")?;
    Some((field.trim().strip_prefix("data.")?, rest))
}
