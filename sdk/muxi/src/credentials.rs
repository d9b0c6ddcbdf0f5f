//! Which of the two keys a call carries.

use std::env::consts;

use agent_platform_core::{Authorize, Operation, Secret, can_be_a_credential};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The header that says for which user a call is made.
pub(crate) const USER: HeaderName = HeaderName::from_static("x-muxi-user-id");

/// The headers that say which SDK calls, and on what.
const SDK: HeaderName = HeaderName::from_static("x-muxi-sdk");
const SYSTEM: HeaderName = HeaderName::from_static("x-muxi-client");

/// What calls: this SDK, on some system.
pub(crate) struct Caller {
    system: HeaderValue,
}

impl Caller {
    /// # Errors
    ///
    /// If the system has a name that no header can carry.
    pub(crate) fn new() -> Result<Self, String> {
        let system = format!("{}-{}/rust", consts::OS, consts::ARCH);
        let unsendable = |_| "the system has a name that no header can carry".to_owned();
        Ok(Self { system: HeaderValue::try_from(system).map_err(unsendable)? })
    }

    /// Says so.
    pub(crate) fn name(&self, headers: &mut HeaderMap) {
        let sdk = HeaderValue::from_static(concat!("rust/", env!("CARGO_PKG_VERSION")));
        headers.insert(SDK, sdk);
        headers.insert(SYSTEM, self.system.clone());
    }
}

const ADMIN: &str = "AdminKey";
const CLIENT: &str = "ClientKey";

/// What is refused without a user, whichever key it carries; or does nothing then, as clearing a buffer.
const OF_A_USER: &[&str] = &[
    "clear_buffer",
    "clear_session_buffer",
    "create_credential",
    "create_memory",
    "delete_credential",
    "delete_memory",
    "get_buffer",
    "get_credential",
    "get_session",
    "list_credentials",
    "list_memories",
    "list_session_messages",
    "list_sessions",
    "restore_session",
];

/// The keys of a formation.
pub(crate) struct Keys {
    admin: Option<HeaderValue>,
    client: Option<HeaderValue>,
    caller: Caller,
    secrets: Vec<Secret>,
}

impl Keys {
    /// # Errors
    ///
    /// If a key is one that no header can carry.
    pub(crate) fn new(admin: Option<Secret>, client: Option<Secret>) -> Result<Self, String> {
        Ok(Self {
            caller: Caller::new()?,
            admin: header("admin", admin.as_ref())?,
            client: header("client", client.as_ref())?,
            secrets: [admin, client].into_iter().flatten().collect(),
        })
    }
}

fn header(which: &str, key: Option<&Secret>) -> Result<Option<HeaderValue>, String> {
    let Some(key) = key else { return Ok(None) };
    let unsendable = || format!("the {which} key is empty or holds a character that no header can carry");
    if !can_be_a_credential(key.expose_secret()) {
        return Err(unsendable());
    }
    let mut header = HeaderValue::from_str(key.expose_secret()).map_err(|_| unsendable())?;
    header.set_sensitive(true);
    Ok(Some(header))
}

impl Authorize for Keys {
    fn authorize(&self, request: &mut reqwest::Request, operation: &'static Operation) -> Result<(), &'static str> {
        self.caller.name(request.headers_mut());
        let has_user = request.headers().contains_key(USER);
        if !has_user && OF_A_USER.contains(&operation.id) {
            return Err("it is of one user, and none was named; use for_user or .user(…)");
        }
        let takes = |scheme| operation.credentials.contains(&scheme);
        let admin = self.admin.as_ref().map(|key| ("x-muxi-admin-key", key));
        let client = self.client.as_ref().map(|key| ("x-muxi-client-key", key));
        let key = match (takes(ADMIN), takes(CLIENT)) {
            (false, false) => return Ok(()),
            (true, false) => admin.ok_or("it takes the admin key, which was not set; use admin_key")?,
            (false, true) => client.ok_or("it takes the client key, which was not set; use client_key")?,
            (true, true) => match (client, admin) {
                (Some(client), _) if has_user => client,
                (_, Some(admin)) => admin,
                (Some(_), None) => {
                    return Err("with the client key it is of one user, and none was named; use for_user or .user(…)");
                }
                (None, None) => {
                    return Err("it takes one of the two keys, and none was set; use client_key or admin_key");
                }
            },
        };
        let (name, key) = key;
        request.headers_mut().insert(name, key.clone());
        Ok(())
    }

    fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

#[cfg(test)]
mod tests {
    use muxi_formation_client::operations;

    use super::*;

    /// The header that a call carries with these keys.
    fn sent(keys: (&str, &str), user: bool, operation: &'static Operation) -> Result<String, &'static str> {
        let secret = |key: &str| (!key.is_empty()).then(|| Secret::from(key));
        let keys = Keys::new(secret(keys.0), secret(keys.1)).unwrap();
        let mut request = reqwest::Request::new(http::Method::GET, reqwest::Url::parse("http://127.0.0.1:1/").unwrap());
        if user {
            request.headers_mut().insert(USER, HeaderValue::from_static("ada"));
        }
        keys.authorize(&mut request, operation)?;
        let mut carried = request.headers().iter().filter(|(name, _)| name.as_str().ends_with("-key"));
        let carried = carried.next().map(|(name, key)| (name.as_str(), key.to_str().unwrap(), key.is_sensitive()));
        Ok(carried.map(|(name, key, is_sensitive)| format!("{name}: {key} {is_sensitive}")).unwrap_or_default())
    }

    #[test]
    fn a_call_carries_the_key_that_its_operation_takes() {
        let (admin, client) = ("x-muxi-admin-key: ak true", "x-muxi-client-key: ck true");
        for (keys, user, operation, expected) in [
            (("ak", "ck"), false, &operations::GET_HEALTH, Ok("")),
            (("", ""), false, &operations::GET_HEALTH, Ok("")),
            (("ak", "ck"), false, &operations::LIST_AGENTS, Ok(admin)),
            (("", "ck"), false, &operations::LIST_AGENTS, Err("admin_key")),
            (("ak", "ck"), false, &operations::CHAT, Ok(client)),
            (("ak", ""), true, &operations::CHAT, Err("client_key")),
            (("ak", "ck"), true, &operations::LIST_SESSIONS, Ok(client)),
            (("ak", "ck"), false, &operations::LIST_SESSIONS, Err("for_user")),
            // Of one user with the client's key, of all with the admin's.
            (("ak", "ck"), true, &operations::LIST_REQUESTS, Ok(client)),
            (("ak", "ck"), false, &operations::LIST_REQUESTS, Ok(admin)),
            (("ak", ""), true, &operations::LIST_REQUESTS, Ok(admin)),
            (("", "ck"), false, &operations::LIST_REQUESTS, Err("for_user")),
            (("", ""), true, &operations::LIST_REQUESTS, Err("none was set")),
        ] {
            match (sent(keys, user, operation), expected) {
                (Ok(sent), Ok(expected)) => assert_eq!(sent, expected, "{keys:?} {}", operation.id),
                (Err(problem), Err(expected)) => assert!(problem.contains(expected), "{problem}"),
                (sent, _) => panic!("{keys:?} {}: {sent:?}", operation.id),
            }
        }
    }

    #[test]
    fn what_is_said_to_be_of_a_user_is_an_operation() {
        for id in OF_A_USER {
            assert!(operations::find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_by_its_name() {
        for key in ["", "a b", "ä", "a\n"] {
            let problem = Keys::new(None, Some(Secret::from(key))).err().unwrap();
            assert!(problem.starts_with("the client key"), "{problem}");
            assert!(Keys::new(Some(Secret::from(key)), None).is_err());
        }
    }
}
