//! What a comparison says, to people and to programs.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use super::change::{Change, Reached, Severity};
use crate::error::one_line;

/// What a comparison found: all changes, what breaks the client first, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Drift {
    /// The changes.
    pub changes: Vec<Change>,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The backend is as it was.
    Unchanged,
    /// What has changed does not break the client.
    Harmless,
    /// Something breaks the client.
    Breaking,
}

/// The report as JSON. Fields may be added to it; those that are there stay.
#[derive(Serialize)]
struct Report<'a> {
    backend: &'a str,
    against: &'a str,
    verdict: Verdict,
    breaking: usize,
    harmless: usize,
    changes: &'a [Change],
}

impl Drift {
    pub(super) fn new(mut changes: Vec<Change>) -> Self {
        changes.sort_by(|one, other| {
            let key = |change: &Change| (change.severity, change.operations.first().cloned());
            key(one).cmp(&key(other)).then_with(|| (&one.place, &one.what).cmp(&(&other.place, &other.what)))
        });
        Self { changes }
    }

    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        match self.changes.iter().map(|change| change.severity).min() {
            None => Verdict::Unchanged,
            Some(Severity::Harmless) => Verdict::Harmless,
            Some(Severity::Breaking) => Verdict::Breaking,
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.changes.iter().filter(|change| change.severity == severity).count()
    }

    /// The report for programs.
    pub fn json(&self, backend: &str, against: &str) -> String {
        let report = Report {
            backend,
            against,
            verdict: self.verdict(),
            breaking: self.count(Severity::Breaking),
            harmless: self.count(Severity::Harmless),
            changes: &self.changes,
        };
        // Strings, numbers and JSON values can always be written.
        serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
    }

    /// The report for people.
    pub fn text(&self, backend: &str, against: &str) -> String {
        let mut text = one_line(&format!("{backend} against {against}: "));
        match self.verdict() {
            Verdict::Unchanged => text.push_str("nothing has changed"),
            Verdict::Harmless | Verdict::Breaking => {
                let (breaking, harmless) = (self.count(Severity::Breaking), self.count(Severity::Harmless));
                // Writing into a String can't fail.
                let _ = write!(
                    text,
                    "{} the client, {harmless} harmless",
                    plural(breaking, "change breaks", "changes break")
                );
            }
        }
        text.push('\n');
        for change in &self.changes {
            write_change(change, &mut text);
        }
        text
    }
}

fn write_change(change: &Change, text: &mut String) {
    let Change { severity, what, operations, place, was, is, meaning } = change;
    let severity = match severity {
        Severity::Breaking => "BREAKING",
        Severity::Harmless => "harmless",
    };
    let difference = match (was, is) {
        (Value::Null, is) => format!("new: {}", shown(is)),
        (was, Value::Null) => format!("gone: {}", shown(was)),
        (was, is) => format!("{} -> {}", shown(was), shown(is)),
    };
    let _ = writeln!(text, "\n{severity} {}", one_line(&format!("{place}: {what}: {difference}")));
    let _ = writeln!(text, "  {meaning}");
    for Reached { path, method, name } in operations {
        let call = match name {
            Some(name) => format!("{name} ({method} {path})"),
            // What has no name is its own place.
            None => continue,
        };
        let _ = writeln!(text, "  reaches {}", one_line(&call));
    }
}

/// A value as JSON; a text as it is. What is too long for a line is cut off.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 160;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn plural(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
