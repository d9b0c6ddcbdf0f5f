//! What users have given for other services. The values are not kept: nothing here would use them.

use axum::http::{Method, request::Parts};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Route, Work, users::UNKNOWN};
use crate::{
    app::App,
    caller::{self, Key},
    envelope::{Answer, written_now},
    error::Failure,
    formation, ids,
    things::CREDENTIALS,
    users,
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/v1/credentials/services", Key::Either, Work::Now(services)),
    (Method::GET, "/v1/credentials", Key::Either, Work::Now(list)),
    (Method::POST, "/v1/credentials", Key::Either, Work::Now(create)),
    (Method::GET, "/v1/credentials/{credential_id}", Key::Either, Work::Now(get)),
    (Method::DELETE, "/v1/credentials/{credential_id}", Key::Either, Work::Now(delete)),
];

fn services(_: &App, _: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let services: Vec<_> = formation::CREDENTIAL_SERVICES
        .iter()
        .map(|(server, service)| {
            let description = "MCP server requiring user authentication";
            json!({ "service": service, "server_id": server, "description": description })
        })
        .collect();
    let data = json!({ "services": services, "count": services.len() });
    Ok(Answer::new("credential_list", "credentials.listed", data))
}

/// By service, in the order in which these came.
fn list(app: &App, parts: &Parts, _: &CheckedRequest) -> Result<Answer, Failure> {
    let user = caller::required_user(&parts.headers)?;
    let mut credentials = CREDENTIALS.list(&app.store, Some(&user))?;
    credentials.reverse();
    let mut services: Vec<Value> = Vec::new();
    for service in credentials.iter().filter_map(|credential| credential.get("service")) {
        if !services.contains(service) {
            services.push(service.clone());
        }
    }
    credentials
        .sort_by_key(|credential| services.iter().position(|service| Some(service) == credential.get("service")));
    let data = json!({ "credentials": credentials, "count": credentials.len() });
    Ok(Answer::new("credential_list", "credentials.listed", data))
}

fn create(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Create {
        service: String,
        name: Option<String>,
        credential: Map<String, Value>,
    }

    let (user, Create { service, name, credential }) = (caller::required_user(&parts.headers)?, call.body()?);
    let service = service.to_lowercase();
    if service.contains(' ') {
        return Err(Failure::bad_value("Service name cannot contain spaces".to_owned()));
    }
    let (id, written) = (ids::fresh(""), written_now());
    let name = name.unwrap_or_else(|| service.clone());
    // Without its zone, which is UTC. What is shown later is of an encrypted text.
    let time = written.trim_end_matches('Z');
    let kept = json!({
        "credential_id": id, "service": service, "name": name, "created_at": time, "updated_at": time,
        "credential_preview": format!("gAAAAAB*****{}", ids::fresh("").get(..3).unwrap_or_default()),
    });
    CREDENTIALS.insert(&app.store, &id, &user, &kept)?;
    users::resolve(&app.store, &user, UNKNOWN, &written)?;
    let name = if name.is_empty() { &service } else { &name };
    let data = json!({
        "credential_id": id, "service": service, "name": name, "credential_preview": preview(&credential),
        "created_at": written,
    });
    Ok(Answer::new("credential", "credentials.created", data).created())
}

/// The two ends of the first value that has more than these.
fn preview(credential: &Map<String, Value>) -> String {
    const LONGEST_HIDDEN: usize = 14;
    let texts = credential.values().filter_map(Value::as_str).map(|text| text.chars().collect::<Vec<_>>());
    let long = texts.into_iter().find(|letters| letters.len() > LONGEST_HIDDEN);
    let Some(letters) = long else { return "***redacted***".to_owned() };
    let part = |range: std::ops::Range<usize>| letters.get(range).unwrap_or_default().iter().collect::<String>();
    format!("{}*****{}", part(0..7), part(letters.len() - 3..letters.len()))
}

fn get(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (_, credential) = found(app, parts, call)?;
    Ok(Answer::new("credential", "credentials.retrieved", credential))
}

/// The runtime forgets by service, and fails where that has two of them.
fn delete(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (user, credential) = found(app, parts, call)?;
    let of_service = |other: &&Value| other.get("service") == credential.get("service");
    if CREDENTIALS.list(&app.store, Some(&user))?.iter().filter(of_service).count() > 1 {
        let why = "Multiple rows were found when one or none was required";
        return Err(Failure::internal(format!("Failed to delete credential: {why}")));
    }
    let id = call.path("credential_id")?;
    if !CREDENTIALS.delete(&app.store, id)? {
        return Err(no_such(id));
    }
    Ok(Answer::new("credential", "credentials.deleted", json!({ "credential_id": id, "deleted": true })))
}

/// The user, and the user's own credential of that id.
fn found(app: &App, parts: &Parts, call: &CheckedRequest) -> Result<(String, Value), Failure> {
    let (user, id) = (caller::required_user(&parts.headers)?, call.path("credential_id")?);
    let own = CREDENTIALS.list(&app.store, Some(&user))?;
    let found = own.into_iter().find(|credential| credential.get("credential_id").is_some_and(|known| known == id));
    Ok((user, found.ok_or_else(|| no_such(id))?))
}

fn no_such(id: &str) -> Failure {
    Failure::not_found("RESOURCE_NOT_FOUND", format!("Credential not found: {id}"))
}
