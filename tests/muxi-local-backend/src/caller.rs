//! Who calls: which key, and for which user.

use axum::http::HeaderMap;

use serde_json::Value;

use crate::error::Failure;

/// The keys that are taken.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) admin: String,
    pub(crate) client: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keys")
    }
}

/// Which key an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    None,
    Admin,
    /// The same, for which the client key is told apart from none.
    AdminOnly,
    Client,
    /// Either of them.
    Either,
}

impl Keys {
    /// Those that a bundle declares, and these in the place of what it leaves to its secrets.
    pub(crate) fn or_declared(self, bundle: Option<&Value>) -> Self {
        let declared = |name: &str| {
            let key = bundle?.pointer(&format!("/server/api_keys/{name}"))?.as_str()?;
            Some(key.to_owned()).filter(|key| !key.is_empty() && !key.contains("${{"))
        };
        Self {
            admin: declared("admin_key").unwrap_or(self.admin),
            client: declared("client_key").unwrap_or(self.client),
        }
    }

    /// Refuses who has not the key.
    pub(crate) fn admit(&self, key: Key, headers: &HeaderMap) -> Result<(), Failure> {
        let has_admin = headers.contains_key("X-Muxi-Admin-Key");
        let has_client = headers.contains_key("X-Muxi-Client-Key");
        let (name, header, expected) = match key {
            Key::None => return Ok(()),
            Key::Either if has_admin => return self.admit(Key::Admin, headers),
            Key::Either if has_client => return self.admit(Key::Client, headers),
            Key::Either => {
                let message =
                    "A valid API key is required. Provide either 'X-Muxi-Admin-Key' or 'X-Muxi-Client-Key' header.";
                return Err(Failure::unauthorized(message.to_owned()));
            }
            Key::AdminOnly if has_client && !has_admin => {
                return Err(Failure::unauthorized("Admin API key required for this endpoint".to_owned()));
            }
            Key::Admin | Key::AdminOnly => ("admin", "X-Muxi-Admin-Key", &self.admin),
            Key::Client => ("client", "X-Muxi-Client-Key", &self.client),
        };
        match headers.get(header) {
            None => Err(Failure::unauthorized(format!(
                "A valid {name} API key is required. Please provide the '{header}' header."
            ))),
            Some(given) if given.as_bytes() != expected.as_bytes() => Err(Failure::unauthorized(format!(
                "Invalid {name} API key. Please check your '{header}' header value."
            ))),
            Some(_) => Ok(()),
        }
    }
}

/// The user that the header names, as a formation reads it.
pub(crate) fn user(headers: &HeaderMap) -> Option<String> {
    let given = headers.get("X-Muxi-User-ID")?.as_bytes();
    // Byte by byte: what is not ASCII comes out as something else.
    let user: String = given.iter().map(|byte| char::from(*byte)).collect();
    Some(user).filter(|user| !user.is_empty()).map(normal)
}

/// The same, where who has the client key alone has to name one.
pub(crate) fn user_unless_admin(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let user = user(headers);
    if user.is_none() && !headers.contains_key("X-Muxi-Admin-Key") {
        return Err(Failure::bad_request("X-Muxi-User-ID header is required when using client API key"));
    }
    Ok(user)
}

/// The key that a call is to be done once by, if it has one.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Option<&str> {
    headers.get("X-Muxi-Idempotency-Key")?.to_str().ok().filter(|key| !key.is_empty())
}

/// The user, where one has to be named.
pub(crate) fn required_user(headers: &HeaderMap) -> Result<String, Failure> {
    user(headers).ok_or_else(|| Failure::bad_request("X-Muxi-User-ID header is required"))
}

/// The same for one that a body names.
pub(crate) fn normal(user: String) -> String {
    let is_address = user.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if is_address { user.to_lowercase() } else { user }
}
