//! Users, and what they are known by.

use axum::http::{Method, request::Parts};
use local_backend_kit::{CheckedRequest, Refusal};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Route, Work};
use crate::{
    app::App,
    caller::{self, Key},
    envelope::{Answer, written_now},
    error::Failure,
    users::{self, User},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, RESOLVE, Key::Client, Work::Unchecked(resolve)),
    (Method::GET, "/v1/users/{identifier}", Key::Client, Work::Now(look_up)),
    (Method::GET, "/v1/users/identifiers/{user_id}", Key::Client, Work::Now(list)),
    (Method::POST, "/v1/users/identifiers", Key::Client, Work::Now(link)),
    (Method::DELETE, "/v1/users/identifiers/{identifier}", Key::Client, Work::Now(unlink)),
];

/// The route whose body the document does not have.
pub(crate) const RESOLVE: &str = "/v1/users/resolve";

/// What an identifier is where nobody says.
pub(crate) const UNKNOWN: &str = "unknown";

/// Makes a user of who is none, whatever the request says of that.
fn resolve(app: &App, _: &Parts, call: Result<&CheckedRequest, Refusal>) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Resolve {
        identifier: String,
        identifier_type: Option<String>,
    }

    let unreadable = |what: &dyn ToString| Failure::bad_request(&what.to_string());
    let body = call.and_then(CheckedRequest::body).map_err(|_| unreadable(&"the body is no JSON"))?;
    let body = match body {
        Value::Null => json!({}),
        // It is read whatever it says that it is.
        Value::String(text) => serde_json::from_str(&text).map_err(|error| unreadable(&error))?,
        body => body,
    };
    let Resolve { identifier, identifier_type } = Resolve::deserialize(body).map_err(|error| unreadable(&error))?;
    if identifier.is_empty() {
        return Err(unreadable(&"identifier must be a non-empty string"));
    }
    let kind = identifier_type.as_deref().unwrap_or(UNKNOWN);
    let user = users::resolve(&app.store, &caller::normal(identifier.clone()), kind, &written_now())?;
    Ok(resolved(&identifier, &user))
}

fn look_up(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let identifier = caller::normal(call.path("identifier")?.to_owned());
    let user = users::known(&app.store, &identifier)?;
    let no_such = || not_found(format!("Identifier not found: '{identifier}'"));
    Ok(resolved(&identifier, &user.ok_or_else(no_such)?))
}

fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let id = call.path("user_id")?;
    let (user, identifiers) = users::identifiers(&app.store, id)?.ok_or_else(|| no_such_user(id))?;
    let count = identifiers.len();
    let data = json!({
        "muxi_user_id": user.id, "internal_user_id": user.number, "identifiers": identifiers, "count": count,
    });
    Ok(Answer::new("user_identifier_list", "user.identifiers.list", data))
}

fn link(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Link {
        muxi_user_id: Option<String>,
        identifiers: Vec<Value>,
    }

    let Link { muxi_user_id, identifiers } = call.body()?;
    let Some(id) = muxi_user_id.filter(|id| !id.is_empty()) else {
        let why = "IntegrityError('NOT NULL constraint failed: users.formation_id')";
        return Err(Failure::internal(format!("Failed to associate identifiers: {why}")));
    };
    // What is no identifier is passed over.
    let identifiers: Vec<_> = identifiers.iter().filter_map(read).collect();
    let user = users::associate(&app.store, &id, &identifiers, &written_now())?.ok_or_else(|| no_such_user(&id))?;
    let shown: Vec<_> =
        identifiers.iter().map(|(identifier, kind)| json!({ "identifier": identifier, "type": kind })).collect();
    let data = json!({ "muxi_user_id": user.id, "identifiers": shown, "count": shown.len() });
    Ok(Answer::new("user_identifier_list", "user.identifiers.associated", data))
}

/// An identifier in one of its forms: a text, a pair with its kind, or an object of both.
fn read(given: &Value) -> Option<(String, String)> {
    let (identifier, kind) = match given {
        Value::Array(pair) => (pair.first()?, Some(pair.get(1)?)),
        Value::Object(_) => (given.get("identifier")?, given.get("type")),
        other => (other, None),
    };
    let identifier = identifier.as_str().filter(|text| !text.is_empty())?;
    let kind = kind.and_then(Value::as_str).unwrap_or(UNKNOWN);
    Some((caller::normal(identifier.to_owned()), kind.to_owned()))
}

fn unlink(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let identifier = caller::normal(call.path("identifier")?.to_owned());
    let user = users::unlink(&app.store, &identifier)?;
    let user = user.ok_or_else(|| not_found(format!("Identifier '{identifier}' not found")))?;
    let message = format!("Identifier '{identifier}' removed successfully");
    let data = json!({ "message": message, "muxi_user_id": user.id });
    Ok(Answer::new("message", "user.identifier.deleted", data))
}

fn resolved(identifier: &str, user: &User) -> Answer {
    let data = json!({ "identifier": identifier, "muxi_user_id": user.id, "internal_user_id": user.number });
    Answer::new("user", "user.resolved", data)
}

fn no_such_user(id: &str) -> Failure {
    not_found(format!("User not found: '{id}'"))
}

fn not_found(message: String) -> Failure {
    Failure::not_found("RESOURCE_NOT_FOUND", message)
}
