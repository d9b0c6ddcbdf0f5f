//! The formation's buffer: the messages that were said last, of everybody.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use crate::{backend::FORMATION_ID, envelope::now};

/// How many messages it holds.
const CAPACITY: usize = 60;

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) role: String,
    pub(crate) text: String,
    pub(crate) user: String,
    pub(crate) session: String,
    /// Who said it, or was told it; a message that was restored may have none.
    pub(crate) agent: Option<String>,
    /// The turn that it was said in; a message that was restored has none.
    pub(crate) request: Option<String>,
    /// What else is kept with it.
    pub(crate) metadata: Map<String, Value>,
}

#[derive(Debug, Default)]
pub(crate) struct Buffer(Mutex<VecDeque<(Entry, f64)>>);

/// How much there is of messages.
#[derive(Debug)]
pub(crate) struct Usage {
    pub(crate) messages: usize,
    pub(crate) users: usize,
    pub(crate) sessions: usize,
    bytes: usize,
}

impl Usage {
    /// In KiB, of their texts alone.
    pub(crate) fn size_kb(&self) -> f64 {
        (self.bytes as f64 / 10.24).round() / 100.0
    }
}

impl Buffer {
    fn entries(&self) -> MutexGuard<'_, VecDeque<(Entry, f64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a message, in the place of the oldest where it is full.
    pub(crate) fn push(&self, entry: Entry) {
        push(&mut self.entries(), (entry, now()));
    }

    /// Puts these messages in the place of a conversation's, each with its time: the last ones that there is room for, or
    /// where there is no room at all, all of them in the place of others. How many they are.
    pub(crate) fn restore(&self, user: &str, session: &str, mut messages: Vec<(Entry, f64)>) -> usize {
        let mut entries = self.entries();
        entries.retain(|(entry, _)| !entry.is_of(user, session));
        let room = CAPACITY - entries.len();
        if room > 0 {
            messages.drain(..messages.len().saturating_sub(room));
        }
        let count = messages.len();
        messages.into_iter().for_each(|message| push(&mut entries, message));
        count
    }

    /// How much of it is this user's, or everybody's.
    pub(crate) fn usage_of(&self, user: Option<&str>) -> Usage {
        let entries = self.entries();
        let of: Vec<_> =
            entries.iter().map(|(entry, _)| entry).filter(|entry| user.is_none_or(|user| entry.user == user)).collect();
        let users: HashSet<_> = of.iter().map(|entry| &entry.user).collect();
        let sessions: HashSet<_> = of.iter().map(|entry| (&entry.user, &entry.session)).collect();
        let bytes = of.iter().map(|entry| entry.text.len()).sum();
        Usage { messages: of.len(), users: users.len(), sessions: sessions.len(), bytes }
    }

    /// Forgets the messages that this is true of, by their user and conversation; how many they were.
    pub(crate) fn forget(&self, is_meant: impl Fn(&str, &str) -> bool) -> usize {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|(entry, _)| !is_meant(&entry.user, &entry.session));
        before - entries.len()
    }

    /// The conversations of a user, the one with the newest message first.
    pub(crate) fn sessions(&self, user: &str, limit: usize) -> Vec<Value> {
        let mut sessions: Vec<Value> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for (entry, time) in self.entries().iter().rev().filter(|(entry, _)| entry.user == user) {
            if seen.len() < limit && !seen.contains(&entry.session) {
                seen.push(entry.session.clone());
                sessions.push(json!({
                    "session_id": entry.session, "user_id": user, "last_activity": time, "active": true,
                }));
            }
        }
        sessions
    }

    /// A conversation of a user, if it has messages.
    pub(crate) fn session(&self, user: &str, session: &str) -> Option<Value> {
        let entries = self.entries();
        let times: Vec<f64> =
            entries.iter().filter(|(entry, _)| entry.is_of(user, session)).map(|(_, time)| *time).collect();
        let (first, last) = (times.first()?, times.last()?);
        Some(json!({
            "session_id": session, "user_id": user, "message_count": times.len(), "active": true, "created_at": first,
            "last_activity": last,
        }))
    }

    /// The messages of a conversation, oldest first.
    pub(crate) fn messages(&self, user: &str, session: &str) -> Vec<Value> {
        let entries = self.entries();
        entries.iter().filter(|(entry, _)| entry.is_of(user, session)).map(|(entry, time)| entry.shown(*time)).collect()
    }
}

fn push(entries: &mut VecDeque<(Entry, f64)>, message: (Entry, f64)) {
    if entries.len() == CAPACITY {
        entries.pop_front();
    }
    entries.push_back(message);
}

impl Entry {
    fn is_of(&self, user: &str, session: &str) -> bool {
        self.user == user && self.session == session
    }

    fn shown(&self, time: f64) -> Value {
        let mut metadata = json!({
            "role": self.role, "timestamp": time, "user_id": self.user, "session_id": self.session,
            "formation_id": FORMATION_ID,
        });
        if let Some(metadata) = metadata.as_object_mut() {
            let named = [("agent_id", &self.agent), ("request_id", &self.request)];
            metadata.extend(named.iter().filter_map(|(name, id)| Some(((*name).to_owned(), json!(id.as_ref()?)))));
            metadata.extend(self.metadata.clone());
        }
        let embedding = self.request.is_some().then_some([0.0103, 0.3505, -0.2]);
        json!({
            "text": self.text, "timestamp": time, "namespace": "buffer", "embedding": embedding, "metadata": metadata,
        })
    }
}
