//! Memories.

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum};
use muxi_formation_client::types;
use serde_json::{Map, Value};

use super::{text, text_if_any, written_time};
use crate::id::MemoryId;
use crate::platform::Formation;

open_enum! {
    /// Of whom something is remembered.
    MemoryScope {
        /// Of one user.
        User = "user",
        /// Of a group of users.
        Group = "group",
        /// Of all.
        Formation = "formation",
    }
}

/// Something that is remembered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Memory {
    /// Its id; `0` where nothing was kept.
    pub id: MemoryId,
    /// What is remembered.
    pub content: String,
    /// What kind of thing it is, where MUXI says so.
    pub kind: Option<String>,
    /// Since when it is remembered.
    pub created_at: Option<Timestamp>,
    /// What is kept with it.
    pub metadata: Map<String, Value>,
    /// Of whom it is remembered.
    pub scope: Option<MemoryScope>,
    /// Of which of them, by MUXI's own number.
    pub scope_id: Option<String>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::Memory, Formation> for Memory {
    fn decode(generated: types::Memory) -> Result<Self, String> {
        let types::Memory { id, content, created_at, metadata, scope, scope_id } = generated;
        let metadata = metadata.unwrap_or_default();
        let mut malformed = Malformed::default();
        // In a list it is a text, and where it was just made, an object.
        let (content, kind) = match content {
            Some(Value::Object(content)) => (text(&content, "detail"), text_if_any(&content, "type")),
            Some(Value::String(content)) => (content, None),
            None => (String::new(), None),
            Some(_) => {
                malformed.add("content", "is no text");
                (String::new(), None)
            }
        };
        Ok(Self {
            id: id.into(),
            content,
            kind: kind.or_else(|| text_if_any(&metadata, "type")),
            created_at: written_time(created_at, "created_at", &mut malformed),
            metadata,
            scope: scope.map(MemoryScope::from),
            scope_id,
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::MemoryList, Formation> for Vec<Memory> {
    fn decode(generated: types::MemoryList) -> Result<Self, String> {
        let types::MemoryList { memories, count: _ } = generated;
        Decode::<Vec<types::Memory>, Formation>::decode(memories)
    }

    agent_platform_core::rows_in!("memories" of types::Memory, Formation);
}

impl Decode<types::DeletedMemory, Formation> for () {
    fn decode(generated: types::DeletedMemory) -> Result<Self, String> {
        let types::DeletedMemory { deleted: _, user_id: _ } = generated;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_content_is_a_text_or_an_object_and_a_time_may_lack_its_zone() {
        let read = |memory: Value| Memory::decode(serde_json::from_value(memory).unwrap()).unwrap();
        let listed = read(json!({
            "id": "a", "content": "Likes Rust", "created_at": "2026-11-28T22:30:11.094609", "metadata": {"type": "preference"},
        }));
        let made = read(json!({
            "id": "a", "content": {"type": "preference", "detail": "Likes Rust"},
            "created_at": "2026-11-28T22:30:11.094609Z",
        }));
        for memory in [&listed, &made] {
            assert_eq!((memory.content.as_str(), memory.kind.as_deref()), ("Likes Rust", Some("preference")));
            assert_eq!(memory.created_at.unwrap().to_string(), "2026-11-28T22:30:11.094609Z");
        }
        let odd = read(json!({"id": "a", "content": 7, "created_at": "yesterday"}));
        assert!(odd.malformed.contains("content") && odd.malformed.contains("created_at"));
    }
}
