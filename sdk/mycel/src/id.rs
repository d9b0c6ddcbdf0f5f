//! The ids of Mycel.

use agent_platform_core::ids;

use crate::platform::Mycel;

ids! {
    Mycel, without "`/` or `\\`";
    /// The id of a user: a person, an external agent or a managed agent.
    UserId, "user";
    /// The id of a chat, a UUID.
    ChatId, "chat";
    /// The id of a message, a UUID.
    MessageId, "message";
    /// The id of a request to join a group, `chat_join:<chat>:<requester>`.
    JoinRequestId, "join request";
    /// The id of a relationship, `hire_visit:<user>:<user>`.
    RelationshipId, "relationship";
    /// The id of a managed agent's thread, `<agent>-<n>`.
    ThreadId, "thread";
    /// The id of an event in a chat's workflow, a number in digits.
    WorkflowEventId, "workflow event";
    /// The id of a task in a chat, a number in digits.
    TaskId, "task";
}

impl TaskId {
    /// What a list is sorted by: the backend sorts the numbers as text, 1, 10, 2. Ids that are none go last.
    pub(crate) fn number(&self) -> u64 {
        number(&self.0)
    }
}

impl WorkflowEventId {
    /// What a list is sorted by, as for [`TaskId::number`].
    pub(crate) fn number(&self) -> u64 {
        number(&self.0)
    }
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use agent_platform_core::path_problem;

    use super::*;

    #[test]
    fn what_would_reach_another_route_is_named() {
        let path_problem = path_problem::<Mycel>;
        for id in ["", ".", "..", "a/b", "/", "a\\b", "../x"] {
            assert!(path_problem(id).is_some(), "{id:?}");
        }
        assert_eq!(path_problem("/").unwrap(), r"holds a `/` or `\`");
        assert!(path_problem(&"x".repeat(8 * 1024 + 1)).is_some() && path_problem(&"x".repeat(8 * 1024)).is_none());
        for id in ["a", "...", "a.b", "%2e", "%2F", "a:b", "a b", "ä", "?", "#", "hire_visit:a:b"] {
            assert!(path_problem(id).is_none(), "{id:?}");
        }
    }

    #[test]
    fn an_id_is_its_text_in_json_too() {
        let id = UserId::from("codex-1");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"codex-1\"");
        assert_eq!(serde_json::from_str::<UserId>("\"codex-1\"").unwrap(), id);
        assert_eq!(id, "codex-1");
        assert_eq!("codex-1".parse(), Ok(id.clone()));
        assert_eq!(format!("{id} {id:?} {id:<8}|"), "codex-1 \"codex-1\" codex-1 |");
    }
}
