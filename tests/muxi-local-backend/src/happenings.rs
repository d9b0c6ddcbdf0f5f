//! What happens in the formation, as whoever listens is told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::{Stream, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::{envelope::now, script::Asked};

/// How grave it is that something happens, from the least on.
const LEVELS: &[&str] = &["debug", "info", "warning", "error", "critical"];

/// Who listens.
#[derive(Debug, Default)]
pub(crate) struct Happenings(Mutex<Vec<UnboundedSender<Value>>>);

/// What of it is told; what is not named is all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// A field, and what has to be in it.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// The least level.
    pub(crate) level: Option<String>,
    /// The type, in which `*` stands for anything.
    pub(crate) event_type: Option<String>,
}

impl Happenings {
    fn listeners(&self) -> MutexGuard<'_, Vec<UnboundedSender<Value>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that happens from now on and passes the filter.
    pub(crate) fn listen(&self, filter: Filter) -> impl Stream<Item = Value> + Send + use<> {
        let (sender, happenings) = mpsc::unbounded_channel();
        self.listeners().push(sender);
        stream::unfold((happenings, filter), |(mut happenings, filter)| async move {
            loop {
                let happening = happenings.recv().await?;
                if filter.passes(&happening) {
                    return Some((happening, (happenings, filter)));
                }
            }
        })
    }

    /// Tells that something happens to a turn.
    pub(crate) fn tell(&self, level: &str, event_type: &str, message: &str, of: &Asked, data: Value) {
        let agent = data.get("agent_id").cloned().unwrap_or_default();
        let happening = json!({
            "timestamp": now(), "level": level, "event_type": event_type, "user_id": of.user,
            "session_id": of.session, "request_id": of.request, "agent_id": agent, "message": message, "data": data,
        });
        // Who has gone away is forgotten.
        self.listeners().retain(|listener| listener.send(happening.clone()).is_ok());
    }
}

impl Filter {
    fn passes(&self, happening: &Value) -> bool {
        let text = |field: &str| happening.get(field).and_then(Value::as_str);
        let rank = |level: &str| LEVELS.iter().position(|known| level.eq_ignore_ascii_case(known));
        let is_of_level = self.level.as_deref().is_none_or(|least| {
            // A level that is none is no happening's.
            rank(least).is_some_and(|least| text("level").and_then(rank).is_some_and(|level| level >= least))
        });
        is_of_level
            && self.fields.iter().all(|(field, value)| text(field) == Some(value.as_str()))
            && self.event_type.as_deref().is_none_or(|pattern| matches(pattern, text("event_type").unwrap_or_default()))
    }
}

/// Whether a text is of this pattern.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.into_iter().any(|at| rest.get(at..).is_some_and(|rest| matches(after, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, is_of_it) in [
            ("chat.*", "chat.request.received", true),
            ("*.completed", "chat.response.completed", true),
            ("chat.*.completed", "chat.response.completed", true),
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("chat", "chat.x", false),
            ("chat.*", "agent.x", false),
            ("a*b*c", "acb", false),
        ] {
            assert_eq!(matches(pattern, text), is_of_it, "{pattern} {text}");
        }
    }

    #[test]
    fn a_level_is_that_or_a_graver() {
        let passes = |least: &str, level: &str| {
            let filter = Filter { level: Some(least.to_owned()), ..Filter::default() };
            filter.passes(&json!({ "level": level }))
        };
        assert!(passes("WARNING", "warning") && passes("info", "error") && !passes("error", "info"));
        assert!(!passes("loud", "critical") && !passes("debug", "loud"));
    }
}
