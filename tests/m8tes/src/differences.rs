//! What the facade does otherwise than the official client, and why: a table, each row of which is needed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// What stands for something that isn't there.
pub const ABSENT: &str = "absent";

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it is, such as `header content-type`.
    pub what: String,
    /// What ours does.
    pub ours: String,
    /// What the official client does.
    pub theirs: String,
}

impl Difference {
    /// One, unless both do the same.
    pub fn between(what: impl Into<String>, ours: impl ToString, theirs: impl ToString) -> Option<Self> {
        let (ours, theirs) = (ours.to_string(), theirs.to_string());
        (ours != theirs).then(|| Self { what: what.into(), ours, theirs })
    }
}

#[derive(Deserialize)]
struct Row {
    /// The versions of the client.
    clients: Vec<String>,
    /// The calls or situations; `*` is all of them.
    of: Vec<String>,
    what: String,
    ours: String,
    theirs: String,
    reason: String,
}

/// The known differences.
pub struct Known {
    rows: Vec<Row>,
    needed: BTreeSet<(usize, String, String)>,
}

impl Known {
    /// Those of a target.
    pub fn read(target: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/{target}/differences.toml"));
        Self::of(&fs::read_to_string(file).unwrap())
    }

    fn of(table: &str) -> Self {
        #[derive(Deserialize)]
        struct Table {
            difference: Vec<Row>,
        }
        let Table { difference: rows } = toml::from_str(table).unwrap();
        assert!(rows.iter().all(|row| !row.reason.is_empty()), "each difference has a reason");
        Self { rows, needed: BTreeSet::new() }
    }

    /// Those differences of a call of this client that are not known.
    pub fn unknown(&mut self, client: &str, of: &str, found: Vec<Difference>) -> Vec<Difference> {
        let mut unknown = Vec::new();
        for difference in found {
            let place = self.rows.iter().position(|row| {
                let is_of = row.of.iter().any(|name| name == "*" || name == of);
                let is_so = row.what == difference.what && row.theirs == difference.theirs;
                row.clients.iter().any(|name| name == client) && is_of && is_so && row.ours == difference.ours
            });
            match place {
                Some(place) => {
                    self.needed.insert((place, client.to_owned(), of.to_owned()));
                }
                None => unknown.push(difference),
            }
        }
        unknown
    }

    /// What of the rows was not needed, each client and each call of them.
    pub fn unneeded(&self) -> Vec<String> {
        let mut unneeded = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let needed = |is_it: &dyn Fn(&str, &str) -> bool| {
                self.needed.iter().any(|(needed, client, of)| *needed == place && is_it(client, of))
            };
            let clients = row.clients.iter().filter(|client| !needed(&|needed, _| needed == client.as_str()));
            let ofs = row.of.iter().filter(|of| !needed(&|_, needed| *of == "*" || needed == of.as_str()));
            for name in clients.chain(ofs) {
                unneeded.push(format!("{} for {name}: ours {}, theirs {}", row.what, row.ours, row.theirs));
            }
        }
        unneeded
    }

    /// How many differences there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"
        [[difference]]
        clients = ["1", "2"]
        of = ["a", "b"]
        what = "query limit"
        ours = "20"
        theirs = "absent"
        reason = "so"
    "#;

    fn limit(ours: &str) -> Vec<Difference> {
        Difference::between("query limit", ours, ABSENT).into_iter().collect()
    }

    #[test]
    fn what_no_row_is_of_is_unknown() {
        let mut known = Known::of(TABLE);
        assert_eq!(known.unknown("1", "a", limit("20")), []);
        for (client, of, ours) in [("3", "a", "20"), ("1", "c", "20"), ("1", "a", "21")] {
            assert_eq!(known.unknown(client, of, limit(ours)), limit(ours), "{client} {of} {ours}");
        }
        assert_eq!(limit(ABSENT), [], "both do the same");
    }

    #[test]
    fn a_row_is_needed_for_each_of_its_clients_and_calls() {
        let mut known = Known::of(TABLE);
        assert_eq!(known.unneeded().len(), 4);
        known.unknown("1", "a", limit("20"));
        let rest = ["2", "b"].map(|name| format!("query limit for {name}: ours 20, theirs absent"));
        assert_eq!(known.unneeded(), rest);
        known.unknown("2", "b", limit("20"));
        assert_eq!(known.unneeded(), [""; 0]);
    }

    #[test]
    #[should_panic(expected = "each difference has a reason")]
    fn a_row_without_a_reason_is_no_row() {
        Known::of(&TABLE.replace("\"so\"", "\"\""));
    }
}
