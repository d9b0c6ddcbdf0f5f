//! What clients know of what they did.

use std::collections::BTreeMap;
use std::fmt;

use mycel_sdk::{ChatId, Error, ErrorKind, RelationshipId};
use test_harness::load::{Calls, Fate, count};

/// All that one worker, or all of them, did and saw.
#[derive(Default)]
pub struct Record {
    pub calls: Calls,
    /// Messages by text, which is given once; their numbers, where they were acknowledged.
    pub sends: Vec<(ChatId, String, Fate<u64>)>,
    /// Messages that were seen: chat, number, text.
    pub seen: BTreeMap<(ChatId, u64), String>,
    /// Workflow states, each of which is written once; their versions, where they were acknowledged.
    pub workflows: Vec<(ChatId, String, Fate<u64>)>,
    /// Tasks by subject, which is given once: whether they were made and not deleted.
    pub tasks: Vec<(ChatId, String, Fate<()>)>,
    /// The states that relationships may be in.
    pub relationships: Vec<(RelationshipId, Vec<&'static str>)>,
}

impl Record {
    /// Counts a call. Of its errors only those of the network are expected, and these.
    pub fn note<T>(&mut self, outcome: &Result<T, Error>, expected: impl Fn(ErrorKind) -> bool) {
        let kind = outcome.as_ref().err().map(Error::kind);
        self.calls.note(kind, kind.is_some_and(expected));
    }

    /// Notes messages that were read; what has one number is one message for everybody.
    pub fn see(&mut self, chat: &ChatId, seq: u64, content: &str) {
        let seen = self.seen.entry((chat.clone(), seq)).or_insert_with(|| content.to_owned());
        assert_eq!(seen, content, "two messages have number {seq}");
    }

    pub fn absorb(&mut self, other: Self) {
        let Self { calls, sends, seen, workflows, tasks, relationships } = other;
        self.calls.absorb(calls);
        self.sends.extend(sends);
        for ((chat, seq), content) in seen {
            self.see(&chat, seq, &content);
        }
        self.workflows.extend(workflows);
        self.tasks.extend(tasks);
        self.relationships.extend(relationships);
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, refused, unknown) = count(self.sends.iter().map(|(.., fate)| fate));
        let (written, stale, in_doubt) = count(self.workflows.iter().map(|(.., fate)| fate));
        write!(
            f,
            "sends: {sent} acknowledged, {refused} refused, {unknown} unknown; \
             workflow writes: {written} acknowledged, {stale} refused, {in_doubt} unknown; {} tasks; {}",
            self.tasks.len(),
            self.calls
        )
    }
}
