//! What is taken in of other systems.

use agent_platform_core::{ids_in_answers, placed_model};
use serde_json::{Map, Value};

use crate::id::IngestionId;
use crate::platform::Formation;

ids_in_answers!(Formation; IngestionId: String);

placed_model! {
    Formation;
    /// Something that another system has told, and how far it is.
    Ingested from Map<String, Value> {
        /// The id by which it can be looked up, where it is being taken in.
        id at "processing_id": Option<IngestionId>,
        /// How far it is, by MUXI's own name.
        status at "status": Option<String>,
        /// Whether it was taken in before.
        is_duplicate at "duplicate": bool,
        /// MUXI's id of what has happened.
        event_id at "event_id": Option<String>,
    }
}
