//! What is taken in of other systems.

use serde_json::{Map, Value};

use super::text_if_any;
use crate::id::IngestionId;

/// Something that another system has told, and how far it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ingested {
    /// The id by which it can be looked up, where it is being taken in.
    pub id: Option<IngestionId>,
    /// How far it is, by MUXI's own name.
    pub status: Option<String>,
    /// Whether it was taken in before.
    pub is_duplicate: bool,
    /// MUXI's id of what has happened.
    pub event_id: Option<String>,
    /// All that MUXI says, by its own names.
    pub fields: Map<String, Value>,
}

impl Ingested {
    pub(crate) fn of(answer: Value) -> Self {
        let Value::Object(fields) = answer else { return Self::of(Value::Object(Map::new())) };
        Self {
            id: text_if_any(&fields, "processing_id").map(IngestionId::from),
            status: text_if_any(&fields, "status"),
            is_duplicate: fields.get("duplicate").and_then(Value::as_bool).unwrap_or_default(),
            event_id: text_if_any(&fields, "event_id"),
            fields,
        }
    }
}
