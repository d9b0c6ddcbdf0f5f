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
    /// For a case: what it shows.
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
}

/// Fails if a case did; if a method has no good case or no error case, unless it has a pinned defect instead; and if a
/// case is about a method that doesn't exist.
pub fn judge(lines: &[Line]) -> Result<Exercised, Problem> {
    let methods: BTreeSet<&str> = of(lines, Kind::Method).map(|line| line.name.as_str()).collect();
    let mut cases: BTreeMap<&str, BTreeSet<Kind>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in lines.iter().filter(|line| line.kind != Kind::Method) {
        cases.entry(&line.name).or_default().insert(line.kind);
        if let Some(problem) = &line.problem {
            wrong.push(format!("{}, {}: {problem}", line.name, line.case));
        }
    }
    wrong.extend(cases.keys().filter(|name| !methods.contains(*name)).map(|name| format!("{name} doesn't exist")));
    for name in &methods {
        let kinds = cases.get(name);
        for kind in [Kind::Good, Kind::Error] {
            if !kinds.is_some_and(|kinds| kinds.contains(&kind) || kinds.contains(&Kind::Defect)) {
                wrong.push(format!("{name} has no case of kind {kind:?}"));
            }
        }
    }
    if methods.is_empty() {
        wrong.push("no methods were found".to_owned());
    }
    if !wrong.is_empty() {
        return Err(Problem::new(wrong.join("\n")));
    }
    Ok(Exercised {
        methods: methods.len(),
        good: of(lines, Kind::Good).count(),
        error: of(lines, Kind::Error).count(),
        defect: of(lines, Kind::Defect).count(),
    })
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

    #[test]
    fn what_is_covered_is_counted() {
        let lines = [
            line(Kind::Method, "a"),
            line(Kind::Good, "a"),
            line(Kind::Error, "a"),
            line(Kind::Method, "b"),
            line(Kind::Defect, "b"),
        ];
        assert_eq!(judge(&lines).unwrap(), Exercised { methods: 2, good: 1, error: 1, defect: 1 });
    }

    #[test]
    fn a_method_without_cases_is_told() {
        let problem = judge(&[line(Kind::Method, "a"), line(Kind::Good, "a")]).unwrap_err().to_string();
        assert_eq!(problem, "a has no case of kind Error");
    }

    #[test]
    fn a_case_without_a_method_is_told() {
        let lines = [line(Kind::Method, "a"), line(Kind::Defect, "a"), line(Kind::Good, "b")];
        assert_eq!(judge(&lines).unwrap_err().to_string(), "b doesn't exist");
    }

    #[test]
    fn a_case_that_went_wrong_is_told() {
        let failed = Line { problem: Some("403".to_owned()), ..line(Kind::Defect, "a") };
        assert_eq!(judge(&[line(Kind::Method, "a"), failed]).unwrap_err().to_string(), "a, a case: 403");
    }

    #[test]
    fn a_client_without_methods_is_told() {
        assert_eq!(judge(&[]).unwrap_err().to_string(), "no methods were found");
    }
}
