//! What the backend promises: the public part of the real one's export, as far as a profile mounts it.

use axum::http::Method;
use local_backend_kit::Document;
use serde_json::Value;

use crate::{
    Profile,
    routes::{self, Handler},
};

/// The public part of the real backend's export, and the names of what was left out of it.
const EXPORT: &str = include_str!("../../../openapi/mycel/backend.json");

/// What a real backend of profile `communication` mounts; everything else is unknown to it.
const COMMUNICATION: [&str; 10] = [
    OWN,
    "/api/auth/guest",
    "/api/auth/me",
    "/api/auth/external-users",
    "/api/chats",
    "/api/relationships",
    "/api/conversations",
    "/api/runtime/inbox",
    "/api/contacts",
    "/api/users",
];

/// The document's own route, which an export doesn't list.
const OWN: &str = "/openapi.json";

/// The operations of one profile.
#[derive(Debug)]
pub(crate) struct Promised {
    pub(crate) document: Document<Handler>,
    /// What `GET /openapi.json` answers.
    pub(crate) shown: String,
}

impl Promised {
    /// Reads the embedded document, as far as `profile` mounts it.
    ///
    /// # Errors
    ///
    /// If the document is not what the kit understands: a defect of the build, which the tests find.
    pub(crate) fn read(profile: Profile) -> Result<Self, serde_json::Error> {
        let mut document = Document::read(EXPORT, routes::handler)?;
        if let Some(handler) = routes::handler(&Method::GET, OWN) {
            document.add(Method::GET, OWN, handler);
        }
        document.routes.retain(|route| mounts(profile, &route.template));
        Ok(Self { document, shown: shown(profile)? })
    }
}

fn mounts(profile: Profile, path: &str) -> bool {
    match profile {
        Profile::Full => true,
        Profile::Communication => COMMUNICATION
            .iter()
            .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))),
    }
}

/// The document to show: all of it, or what the profile mounts.
fn shown(profile: Profile) -> Result<String, serde_json::Error> {
    if profile == Profile::Full {
        return Ok(EXPORT.to_owned());
    }
    let mut export: Value = serde_json::from_str(EXPORT)?;
    if let Some(paths) = export.get_mut("paths").and_then(Value::as_object_mut) {
        paths.retain(|path, _| mounts(profile, path));
    }
    if let Some(left_out) = export.get_mut("x-left-out").and_then(Value::as_array_mut) {
        left_out.retain(|each| each.get("path").and_then(Value::as_str).is_some_and(|path| mounts(profile, path)));
    }
    serde_json::to_string(&export)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A keyword that the kit lacks would go unchecked in requests.
    #[test]
    fn all_that_the_document_says_of_requests_is_understood() {
        assert_eq!(local_backend_kit::document::not_understood(EXPORT).unwrap(), [""; 0]);
    }

    #[test]
    fn the_communication_profile_leaves_out_registration_panel_and_threads() {
        let promised = Promised::read(Profile::Communication).unwrap();
        let templates: Vec<_> = promised.document.routes.iter().map(|route| route.template.as_str()).collect();
        assert!(templates.contains(&"/api/chats/{chat_id}/messages"));
        assert!(templates.contains(&"/api/auth/guest"));
        assert!(templates.contains(&"/api/users/chat-candidates"));
        assert!(!templates.iter().any(|path| path.starts_with("/api/panel") || path.starts_with("/api/threads")));
        assert!(!templates.contains(&"/api/auth/login"));
        assert!(!promised.shown.contains("/api/auth/send-otp"));
    }
}
