//! What a script of cases prints, and what is made of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::problem::Problem;

/// One line of a script of cases.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    /// What the line tells.
    pub kind: Kind,
    /// The method or command that it is about.
    pub name: String,
    /// For a case: what it shows. For what is left out: why.
    #[serde(default)]
    pub case: String,
    /// For a case: what was wrong, if anything was.
    #[serde(default)]
    pub problem: Option<String>,
}

/// What a line tells.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The client has this method: found by looking at what is installed.
    Method,
    /// A case in which it does what it is for.
    Good,
    /// A case in which it fails as it has to.
    Error,
    /// A case that pins what is broken in the client.
    Defect,
    /// There is no case for this method, for the reason in `case`.
    #[serde(rename = "left_out")]
    LeftOut,
}

/// What was exercised, once everything was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exercised {
    /// How many methods there are.
    pub methods: usize,
    /// How many cases of each kind there are.
    pub good: usize,
    /// Errors as they have to be.
    pub error: usize,
    /// Pinned defects.
    pub defect: usize,
    /// How many methods are left out.
    pub left_out: usize,
}

/// Fails if a case did; if a method lacks a case of one of the kinds in `required`, unless it has a pinned defect instead or
/// is left out with a reason; and if a line is about a method that doesn't exist.
pub fn judge(lines: &[Line], required: &[Kind]) -> Result<Exercised, Problem> {
    // What follows from a case that went wrong is not worth telling beside it.
    none_of(lines.iter().filter_map(|line| Some(format!("{}, {}: {}", line.name, line.case, line.problem.as_ref()?))))?;
    let methods: BTreeSet<&str> = of(lines, Kind::Method).map(|line| line.name.as_str()).collect();
    let mut cases: BTreeMap<&str, BTreeSet<Kind>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.kind != Kind::Method) {
        cases.entry(&line.name).or_default().insert(line.kind);
    }
    let none = BTreeSet::new();
    let lacking = methods.iter().flat_map(|name| {
        let kinds = cases.get(name).unwrap_or(&none);
        let excused = kinds.contains(&Kind::Defect) || kinds.contains(&Kind::LeftOut);
        let lacking = required.iter().filter(move |kind| !excused && !kinds.contains(kind));
        lacking.map(move |kind| format!("{name} has no case of kind {kind:?}"))
    });
    let unknown = cases.keys().filter(|name| !methods.contains(*name)).map(|name| format!("{name} doesn't exist"));
    let contradictory = cases.iter().filter(|(_, kinds)| kinds.contains(&Kind::LeftOut) && kinds.len() > 1);
    let contradictory = contradictory.map(|(name, _)| format!("{name} is left out, and has cases"));
    let nothing = methods.is_empty().then(|| "no methods were found".to_owned());
    none_of(lacking.chain(unknown).chain(contradictory).chain(nothing))?;
    Ok(Exercised {
        methods: methods.len(),
        good: of(lines, Kind::Good).count(),
        error: of(lines, Kind::Error).count(),
        defect: of(lines, Kind::Defect).count(),
        left_out: of(lines, Kind::LeftOut).count(),
    })
}

/// Fails if anything is wrong.
fn none_of(wrong: impl Iterator<Item = String>) -> Result<(), Problem> {
    let wrong: Vec<_> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::new(wrong.join("\n"))) }
}

fn of(lines: &[Line], kind: Kind) -> impl Iterator<Item = &Line> {
    lines.iter().filter(move |line| line.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: Kind, name: &str) -> Line {
        Line { kind, name: name.to_owned(), case: "a case".to_owned(), problem: None }
    }

    const BOTH: &[Kind] = &[Kind::Good, Kind::Error];

    fn problem(lines: &[Line]) -> String {
        judge(lines, BOTH).unwrap_err().to_string()
    }

    #[test]
    fn what_is_covered_is_counted() {
        let lines = [
            line(Kind::Method, "a"),
            line(Kind::Good, "a"),
            line(Kind::Error, "a"),
            line(Kind::Method, "b"),
            line(Kind::Defect, "b"),
            line(Kind::Method, "c"),
            line(Kind::LeftOut, "c"),
        ];
        let exercised = Exercised { methods: 3, good: 1, error: 1, defect: 1, left_out: 1 };
        assert_eq!(judge(&lines, BOTH).unwrap(), exercised);
    }

    #[test]
    fn a_method_without_cases_is_told() {
        let lines = [line(Kind::Method, "a"), line(Kind::Good, "a")];
        assert_eq!(problem(&lines), "a has no case of kind Error");
        assert_eq!(judge(&lines, &[Kind::Good]).unwrap().methods, 1);
    }

    #[test]
    fn a_case_without_a_method_is_told() {
        let lines = [line(Kind::Method, "a"), line(Kind::Defect, "a"), line(Kind::Good, "b")];
        assert_eq!(problem(&lines), "b doesn't exist");
    }

    #[test]
    fn a_reason_to_leave_out_what_has_cases_is_told() {
        let lines = [line(Kind::Method, "a"), line(Kind::LeftOut, "a"), line(Kind::Good, "a")];
        assert_eq!(problem(&lines), "a is left out, and has cases");
    }

    #[test]
    fn a_case_that_went_wrong_is_told_alone() {
        let failed = Line { problem: Some("403".to_owned()), ..line(Kind::Defect, "a") };
        assert_eq!(problem(&[line(Kind::Method, "b"), failed]), "a, a case: 403");
    }

    #[test]
    fn a_client_without_methods_is_told() {
        assert_eq!(problem(&[]), "no methods were found");
    }
}
