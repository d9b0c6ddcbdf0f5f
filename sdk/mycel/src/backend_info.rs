//! Which backend it is, and what it can do.

use std::collections::BTreeMap;

use agent_platform_core::{Decode, Operation};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::platform::Mycel;

/// Not in the contract: the document that the contract is drawn from.
pub(crate) const BACKEND_INFO: Operation =
    Operation { repeatable: true, ..Operation::new("backend_info", "GET", "/openapi.json") };

/// Which backend it is, and what it can do, as its OpenAPI document says.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The part of an OpenAPI document that is of interest here.
#[derive(Deserialize)]
pub(crate) struct Document {
    openapi: String,
    info: Info,
    paths: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Info {
    title: String,
    version: String,
}

impl Decode<Document, Mycel> for BackendInfo {
    fn decode(document: Document) -> Result<Self, String> {
        let Document { openapi, info: Info { title, version }, paths } = document;
        let has = |path: &str| paths.contains_key(path);
        let capabilities = Capabilities {
            guest_login: has("/api/auth/guest"),
            external_users: has("/api/auth/external-users"),
            messages: has("/api/chats/{chat_id}/messages"),
            inbox: has("/api/runtime/inbox/drain"),
            login: has("/api/auth/login"),
            managed_agents: has("/api/panel/agents") && has("/api/threads"),
        };
        Ok(Self { title, version, openapi_version: openapi, capabilities })
    }
}
