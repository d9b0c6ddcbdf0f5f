//! Which backend it is, and what it can do.

use std::collections::BTreeMap;

use agent_platform_core::{Decode, Operation, read_as_answers};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::platform::Mycel;

/// Not in the contract: the document that the contract is drawn from.
pub(crate) const BACKEND_INFO: Operation =
    Operation { repeatable: true, ..Operation::new("backend_info", "GET", "/openapi.json") };

/// Which backend it is, and what it can do, as its OpenAPI document says. Its JSON is as much of that document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct BackendInfo {
    /// The backend's name for itself, such as `Mycel Web Backend`.
    pub title: String,
    /// The version of its API.
    pub version: String,
    /// The version of OpenAPI that its document is written in.
    pub openapi_version: String,
    /// What it offers.
    pub capabilities: Capabilities,
}

/// What a backend offers. A backend that offers something may still forbid it to a user.
///
/// Its JSON is the `paths` of the OpenAPI document that tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Capabilities {
    /// Guest owners ([`Auth::create_guest_owner`](crate::Auth::create_guest_owner)).
    pub guest_login: bool,
    /// External agents ([`Users::create_external`](crate::Users::create_external)).
    pub external_users: bool,
    /// Messages in chats ([`Messages`](crate::Messages)).
    pub messages: bool,
    /// The runtime inbox ([`Notifications`](crate::Notifications)).
    pub inbox: bool,
    /// Registration and login ([`Auth::login`](crate::Auth::login)). The communication profile has none.
    pub login: bool,
    /// Managed agents and their threads ([`Agents`](crate::Agents), [`Threads`](crate::Threads)). The
    /// communication profile has none.
    pub managed_agents: bool,
}

/// A capability, and the paths that a backend has which offers it.
type Told = (fn(&mut Capabilities) -> &mut bool, &'static [&'static str]);

const TOLD: [Told; 6] = [
    (|capabilities| &mut capabilities.guest_login, &["/api/auth/guest"]),
    (|capabilities| &mut capabilities.external_users, &["/api/auth/external-users"]),
    (|capabilities| &mut capabilities.messages, &["/api/chats/{chat_id}/messages"]),
    (|capabilities| &mut capabilities.inbox, &["/api/runtime/inbox/drain"]),
    (|capabilities| &mut capabilities.login, &["/api/auth/login"]),
    (|capabilities| &mut capabilities.managed_agents, &["/api/panel/agents", "/api/threads"]),
];

impl<'de> Deserialize<'de> for Capabilities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let has = BTreeMap::<String, IgnoredAny>::deserialize(deserializer)?;
        let mut capabilities = Self {
            guest_login: false,
            external_users: false,
            messages: false,
            inbox: false,
            login: false,
            managed_agents: false,
        };
        for (capability, paths) in TOLD {
            *capability(&mut capabilities) = paths.iter().all(|path| has.contains_key(*path));
        }
        Ok(capabilities)
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut capabilities = *self;
        let offered = TOLD.into_iter().filter(|(capability, _)| *capability(&mut capabilities));
        serializer.collect_map(offered.flat_map(|(_, paths)| paths).map(|path| (path, Map::<String, Value>::new())))
    }
}

/// The part of an OpenAPI document that is of interest here.
#[derive(Deserialize, Serialize)]
pub(crate) struct Document {
    openapi: String,
    info: Info,
    paths: Capabilities,
}

#[derive(Deserialize, Serialize)]
struct Info {
    title: String,
    version: String,
}

impl Decode<Document, Mycel> for BackendInfo {
    fn decode(document: Document) -> Result<Self, String> {
        let Document { openapi, info: Info { title, version }, paths } = document;
        Ok(Self { title, version, openapi_version: openapi, capabilities: paths })
    }
}

read_as_answers! { Mycel; BackendInfo: Document, }

impl Serialize for BackendInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { title, version, openapi_version, capabilities } = self.clone();
        Document { openapi: openapi_version, info: Info { title, version }, paths: capabilities }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn its_json_is_as_much_of_the_document() {
        let document = json!({
            "openapi": "3.1.0",
            "info": {"title": "Mycel Web Backend", "version": "0.1.0", "summary": "x"},
            "paths": {"/api/auth/guest": {"post": {}}, "/api/panel/agents": {}, "/api/threads": {}, "/api/other": {}},
        });
        let info: BackendInfo = serde_json::from_value(document).unwrap();
        let Capabilities { guest_login, external_users, messages, inbox, login, managed_agents } = info.capabilities;
        assert_eq!((guest_login, managed_agents), (true, true));
        assert_eq!((external_users, messages, inbox, login), (false, false, false, false));
        let written = json!({
            "openapi": "3.1.0",
            "info": {"title": "Mycel Web Backend", "version": "0.1.0"},
            "paths": {"/api/auth/guest": {}, "/api/panel/agents": {}, "/api/threads": {}},
        });
        assert_eq!(serde_json::to_value(&info).unwrap(), written);
        assert_eq!(serde_json::from_value::<BackendInfo>(written).unwrap(), info);
    }
}
