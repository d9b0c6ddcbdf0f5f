//! The differences that are known, with their reasons.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde::Deserialize;

use super::comparison::Difference;
use crate::problem::Problem;

const TABLE: &str = include_str!("../../wire-differences.toml");

/// An operation that stands for several of them.
const SEVERAL: &str = "*";

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Between our client and the official one.
    #[serde(rename = "difference")]
    pub differences: Vec<Row>,
    /// Between the official client's release before the last and its last.
    #[serde(rename = "change")]
    pub changes: Vec<Row>,
    /// The operations that the official client does not have yet.
    #[serde(rename = "ours-alone", default)]
    pub ours_alone: Vec<OursAlone>,
}

/// An operation that our client alone has, which there is nothing to compare with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OursAlone {
    /// The operation.
    pub operation: String,
    /// Since when the backend has it, say.
    pub reason: String,
}

/// A known difference.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    operation: String,
    what: String,
    #[serde(alias = "ours", alias = "older")]
    first: String,
    #[serde(alias = "theirs", alias = "newer")]
    second: String,
    reason: String,
}

/// What was found: each difference, and the operations that it was seen in.
#[derive(Debug, Default)]
pub struct Found(BTreeMap<Difference, BTreeSet<String>>);

impl Table {
    /// Reads it.
    pub fn read() -> Result<Self, Problem> {
        toml::from_str(TABLE).map_err(Problem::because("wire-differences.toml"))
    }
}

impl Found {
    /// Notes a difference.
    pub fn note(&mut self, operation: &str, difference: Difference) {
        self.0.entry(difference).or_default().insert(operation.to_owned());
    }

    /// Fails if there is a difference without a row, a row without a difference, or a row without a reason. A row for
    /// several operations has to be true of at least two.
    pub fn hold_against(mut self, rows: &[Row]) -> Result<(), Problem> {
        let mut problems = String::new();
        for row in rows {
            let difference = Difference::new(&row.what, &row.first, &row.second);
            let operations = self.0.get_mut(&difference);
            let occurs = operations.is_some_and(|operations| match row.operation.as_str() {
                SEVERAL => {
                    let several = operations.len() > 1;
                    operations.clear();
                    several
                }
                operation => operations.remove(operation),
            });
            if !occurs {
                let _ = writeln!(
                    problems,
                    "no longer so: {}, {} ({:?} {:?})",
                    row.operation, row.what, row.first, row.second
                );
            }
            if row.reason.trim().is_empty() {
                let _ = writeln!(problems, "without a reason: {}, {}", row.operation, row.what);
            }
        }
        for (difference, operations) in self.0 {
            for operation in operations {
                let Difference { what, first, second } = &difference;
                let _ = writeln!(problems, "not in the table: {operation}, {what} ({first:?} {second:?})");
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Problem::new(problems.trim_end())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(operation: &str, what: &str) -> Row {
        let text = |text: &str| text.to_owned();
        Row {
            operation: text(operation),
            what: text(what),
            first: text("a"),
            second: text("b"),
            reason: text("so it is"),
        }
    }

    fn found(seen: &[(&str, &str)]) -> Found {
        let mut found = Found::default();
        for (operation, what) in seen {
            found.note(operation, Difference::new(*what, "a", "b"));
        }
        found
    }

    #[test]
    fn what_is_in_the_table_is_known() {
        let seen = [("login", "x"), ("whoami", "y"), ("list_chats", "y")];
        found(&seen).hold_against(&[row("login", "x"), row("*", "y")]).unwrap();
    }

    #[test]
    fn what_is_not_in_the_table_fails() {
        let problem = found(&[("login", "x"), ("whoami", "x")]).hold_against(&[row("login", "x")]).unwrap_err();
        assert_eq!(problem.to_string(), "not in the table: whoami, x (\"a\" \"b\")");
    }

    #[test]
    fn a_row_that_is_no_longer_so_fails() {
        for row in [row("login", "x"), row("whoami", "y"), row("*", "y")] {
            let problem = found(&[("whoami", "x"), ("login", "y")]).hold_against(&[row]).unwrap_err().to_string();
            assert!(problem.starts_with("no longer so"), "{problem}");
        }
    }

    #[test]
    fn a_row_without_a_reason_fails() {
        let silent = Row { reason: " ".to_owned(), ..row("login", "x") };
        assert!(found(&[("login", "x")]).hold_against(&[silent]).is_err());
    }
}
