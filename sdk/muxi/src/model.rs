//! What calls return.

mod agent;
mod audit;
mod buffer;
mod chat;
mod config;
mod ingestion;
mod job;
mod mcp;
mod memory;
mod request;
mod secret;
mod session;
mod sop;
mod status;
mod summary;
mod trigger;
mod user;
mod widget;

pub use agent::Agent;
pub use audit::AuditEntry;
pub use buffer::{BufferStats, ClearedBuffer, UserBuffer};
pub use chat::{Artifact, BackgroundTurn, ChatAnswer, ChatMessage, ChatReply};
pub use config::{ConfigBlock, SchedulerConfig};
pub use ingestion::Ingested;
pub use job::{JobStatus, ScheduledJob};
pub use mcp::{McpServer, McpTool};
pub use memory::{Memory, MemoryScope};
pub use request::{Cancellation, RequestState, RequestStatus};
pub use secret::ReloadedSecrets;
pub use session::{ConversationSession, PastMessage, RestoredSession, SessionMessage};
pub use sop::Sop;
pub use status::{FormationStatus, Health, HealthStatus};
pub use summary::{ConfigSummary, LoggingDestination, LoggingDestinations, McpSettings};
pub use trigger::{Trigger, TriggerOutcome};
pub use user::{CredentialService, ResolvedUser, StoredCredential, UserIdentifier};
pub use widget::{Widget, WidgetOption};

use agent_platform_core::Decode;
use muxi_formation_client::types;
use serde_json::{Map, Value};

use crate::platform::Formation;

/// An answer that says no more than that it is done.
impl Decode<types::Notice, Formation> for () {
    #[inline]
    fn decode(generated: types::Notice) -> Result<Self, String> {
        let types::Notice { message: _ } = generated;
        Ok(())
    }
}

/// The text in a field of an object; empty where there is none.
pub(crate) fn text(object: &Map<String, Value>, field: &str) -> String {
    object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The text in a field of an object, if there is one.
pub(crate) fn text_if_any(object: &Map<String, Value>, field: &str) -> Option<String> {
    object.get(field).and_then(Value::as_str).map(str::to_owned)
}
