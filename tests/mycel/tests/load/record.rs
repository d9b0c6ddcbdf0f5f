//! What clients know of what they did.

use std::collections::BTreeMap;
use std::fmt;

use mycel_sdk::{ChatId, Error, ErrorKind, RelationshipId};

/// What a client knows of something that must not happen twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<T> {
    /// It was acknowledged.
    Done(T),
    /// It surely did not happen.
    Refused,
    /// It happened once, or not at all.
    Unknown,
}

impl<T> Fate<T> {
    pub fn of(outcome: Result<T, &Error>) -> Self {
        match outcome {
            Ok(value) => Self::Done(value),
            Err(error) if error.may_have_been_sent() => Self::Unknown,
            Err(_) => Self::Refused,
        }
    }
}

/// All that one worker, or all of them, did and saw.
#[derive(Default)]
pub struct Record {
    pub calls: usize,
    pub errors: BTreeMap<String, usize>,
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
        self.calls += 1;
        if let Err(error) = outcome {
            let kind = error.kind();
            let is_of_network = matches!(kind, ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::TimedOut);
            assert!(is_of_network || expected(kind), "{error:?}");
            let name = format!("{kind:?}");
            let name = name.split([' ', '(']).next().unwrap();
            *self.errors.entry(name.to_owned()).or_default() += 1;
        }
    }

    /// Notes messages that were read; what has one number is one message for everybody.
    pub fn see(&mut self, chat: &ChatId, seq: u64, content: &str) {
        let seen = self.seen.entry((chat.clone(), seq)).or_insert_with(|| content.to_owned());
        assert_eq!(seen, content, "two messages have number {seq}");
    }

    pub fn absorb(&mut self, other: Self) {
        let Self { calls, errors, sends, seen, workflows, tasks, relationships } = other;
        self.calls += calls;
        for (kind, count) in errors {
            *self.errors.entry(kind).or_default() += count;
        }
        self.sends.extend(sends);
        for ((chat, seq), content) in seen {
            self.see(&chat, seq, &content);
        }
        self.workflows.extend(workflows);
        self.tasks.extend(tasks);
        self.relationships.extend(relationships);
    }
}

/// How many were acknowledged, refused and unknown.
pub fn count<'f, T: 'f>(fates: impl Iterator<Item = &'f Fate<T>>) -> (usize, usize, usize) {
    fates.fold((0, 0, 0), |(done, refused, unknown), fate| match fate {
        Fate::Done(_) => (done + 1, refused, unknown),
        Fate::Refused => (done, refused + 1, unknown),
        Fate::Unknown => (done, refused, unknown + 1),
    })
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, refused, unknown) = count(self.sends.iter().map(|(.., fate)| fate));
        let (written, stale, in_doubt) = count(self.workflows.iter().map(|(.., fate)| fate));
        write!(
            f,
            "{} calls; sends: {sent} acknowledged, {refused} refused, {unknown} unknown; \
             workflow writes: {written} acknowledged, {stale} refused, {in_doubt} unknown; {} tasks; errors: {:?}",
            self.calls,
            self.tasks.len(),
            self.errors
        )
    }
}
