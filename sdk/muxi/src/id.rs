//! The ids of a formation.

use agent_platform_core::{ids, ids_in_answers};

use crate::platform::Formation;

ids! {
    Formation, without "`/`";
    /// The id of one of your own users, as you chose it, such as `user_123`. MUXI writes one that is shaped like an e-mail
    /// address in small letters, and tells one beyond ASCII in another way than it was given.
    UserId, "user";
    /// The id of an agent, such as `helper`.
    AgentId, "agent";
    /// The id of a conversation: MUXI's own (`sess_…`), or any text that you choose.
    SessionId, "session";
    /// The id of a turn: MUXI's own (`req_…`), or any text that you choose.
    RequestId, "request";
    /// The id of something that is remembered.
    MemoryId, "memory";
    /// The id of an MCP server, such as `web-search`.
    McpServerId, "MCP server";
    /// The id of a scheduled job (`job_…`).
    JobId, "job";
    /// The name of a trigger, such as `github-issue`: letters, digits, hyphens and underscores.
    TriggerName, "trigger";
    /// The name of a standard operating procedure, such as `onboarding`: letters, digits, hyphens and underscores.
    SopName, "SOP";
    /// The name of a secret. MUXI writes it in capitals, with an underscore for every other character.
    SecretName, "secret";
    /// What names a user, such as an e-mail address.
    Identifier, "identifier";
    /// MUXI's own id of a user: 21 characters.
    MuxiUserId, "MUXI user";
    /// The id of a credential.
    CredentialId, "credential";
    /// The id by which something that is taken in can be looked up.
    IngestionId, "ingestion";
    /// The id of something that a person is shown, and answers.
    WidgetId, "widget";
}

ids_in_answers! {
    Formation;
    UserId: String, AgentId: String, SessionId: String, RequestId: String, MemoryId: String, McpServerId: String, JobId: String, TriggerName: String, SopName: String, Identifier: String, MuxiUserId: String, CredentialId: String,
}
