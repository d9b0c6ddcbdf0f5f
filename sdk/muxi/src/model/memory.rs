//! Memories.

use agent_platform_core::answered::{FromAnswer, Rest, put};
use agent_platform_core::{Decode, Malformed, Timestamp, enums_in_answers, model, open_enum};
use muxi_formation_client::types;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::text;
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

enums_in_answers!(Formation; MemoryScope);

model! {
    Formation;
    /// Something that is remembered.
    #[derive(PartialEq)]
    Memory from Told {
        /// Its id; `0` where nothing was kept.
        id: MemoryId,
        /// What is remembered.
        content: String,
        /// What kind of thing it is, where MUXI says so.
        kind: Option<String>,
        /// Since when it is remembered.
        created_at: Option<Timestamp>,
        /// What is kept with it.
        metadata: Map<String, Value>,
        /// Of whom it is remembered.
        scope: Option<MemoryScope>,
        /// Of which of them, by MUXI's own number.
        scope_id: Option<String>,
    } rest {}, read only
}

/// What is told of a memory, with the kind of its content beside it.
#[derive(Deserialize)]
#[serde(from = "types::Memory")]
struct Told {
    id: String,
    content: Content,
    kind: Option<String>,
    created_at: Option<String>,
    metadata: Option<Map<String, Value>>,
    scope: Option<String>,
    scope_id: Option<String>,
    extra: Map<String, Value>,
}

/// In a list it is a text, and where it was just made, an object.
struct Content(Option<Value>);

impl From<types::Memory> for Told {
    fn from(generated: types::Memory) -> Self {
        let types::Memory { id, content, created_at, metadata, scope, scope_id, extra } = generated;
        let kind = content.as_ref().and_then(|content| content.get("type")?.as_str());
        let kind = kind.or_else(|| metadata.as_ref()?.get("type")?.as_str()).map(str::to_owned);
        Self { id, content: Content(content), kind, created_at, metadata, scope, scope_id, extra }
    }
}

impl FromAnswer<Content, Formation> for String {
    #[inline]
    fn take(Content(content): Content, field: &str, rest: &mut Rest) -> Self {
        match content {
            None => Self::new(),
            Some(Value::String(content)) => content,
            Some(Value::Object(content)) => text(&content, "detail"),
            other => {
                rest.malformed.add(field, "is no text");
                rest.put(field, other);
                Self::new()
            }
        }
    }
}

impl Decode<types::Memory, Formation> for Memory {
    #[inline]
    fn decode(generated: types::Memory) -> Result<Self, String> {
        Self::decode(Told::from(generated))
    }

    #[inline]
    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// As it is told: what it is made of says its kind, unless what is kept with it does.
impl Serialize for Memory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = self.kind.as_ref().filter(|kind| self.metadata.get("type") != Some(&Value::from(kind.as_str())));
        let content = match kind {
            Some(kind) => json!({ "type": kind, "detail": self.content }),
            None => Value::from(self.content.as_str()),
        };
        let mut object = self.extra.clone();
        put(&mut object, "id", Some(&self.id));
        if !object.contains_key("content") {
            put(&mut object, "content", Some(content));
        }
        put(&mut object, "created_at", self.created_at);
        put(&mut object, "metadata", Some(&self.metadata));
        put(&mut object, "scope", self.scope.as_ref());
        put(&mut object, "scope_id", self.scope_id.as_ref());
        object.serialize(serializer)
    }
}

impl Decode<types::MemoryList, Formation> for Vec<Memory> {
    #[inline]
    fn decode(generated: types::MemoryList) -> Result<Self, String> {
        let types::MemoryList { memories, count: _ } = generated;
        Decode::<Vec<types::Memory>, Formation>::decode(memories)
    }

    agent_platform_core::rows_in!("memories" of types::Memory, Formation);
}

impl Decode<types::DeletedMemory, Formation> for () {
    #[inline]
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
        let read = |memory: Value| {
            let memory: Memory = serde_json::from_value(memory).unwrap();
            assert_eq!(serde_json::from_value::<Memory>(serde_json::to_value(&memory).unwrap()).unwrap(), memory);
            memory
        };
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
        assert_eq!((&odd.extra["content"], &odd.extra["created_at"]), (&json!(7), &json!("yesterday")));
    }
}
