//! The table of suites has each of them, and `cargo quick` runs those that it calls quick: what is in neither fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::readme::{Readme, codes, root, rows};
use crate::workspace::Package;

/// No more than this many seconds, by the table, for `cargo quick`.
const QUICK: u32 = 50;

/// A row of the table: a target.
struct Row {
    is_quick: bool,
    /// The crates that have such a target, and how long each takes.
    seconds: BTreeMap<String, u32>,
}

/// The rows, by the targets' names; and how long the units take, by their crates.
fn table(readme: &Readme) -> (BTreeMap<&str, Row>, u32) {
    let mut units = 0;
    let mut table = BTreeMap::new();
    for row in rows(readme.section("How long they take")) {
        let [target, quick, told] = row[..] else { panic!("{row:?}") };
        assert!(["no", "yes"].contains(&quick), "{row:?}");
        let told = told.split(", ").map(|told| told.rsplit_once(' ').unwrap_or_else(|| panic!("{row:?}")));
        let told = told.map(|(of, seconds)| (of.trim_matches('`').to_owned(), seconds.parse::<u32>().unwrap()));
        let seconds: BTreeMap<_, _> = told.collect();
        if target.starts_with("units") {
            units = seconds.values().sum();
        } else {
            let row = Row { is_quick: quick == "yes", seconds };
            assert!(table.insert(target.trim_matches('`'), row).is_none(), "{target} is there twice");
        }
    }
    (table, units)
}

/// The targets that there are, each with the crates that have it.
fn targets() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut targets = BTreeMap::<_, BTreeSet<_>>::new();
    for package in Package::all() {
        for target in package.targets("test") {
            targets.entry(target).or_default().insert(package.name().to_owned());
        }
    }
    targets
}

#[test]
fn each_suite_is_in_the_table() {
    let readme = Readme::of("tests/README.md");
    let (table, _) = table(&readme);
    let told: BTreeMap<_, BTreeSet<_>> =
        table.iter().map(|(target, row)| (*target, row.seconds.keys().cloned().collect())).collect();
    let targets = targets();
    for (target, packages) in &targets {
        assert_eq!(
            told.get(target),
            Some(packages),
            "tests/README.md, \"How long they take\": the row of `{target}` has to name these crates, and how long each takes"
        );
    }
    for target in told.keys() {
        assert!(targets.contains_key(target), "tests/README.md, \"How long they take\": there is no `{target}`");
    }
}

#[test]
fn what_is_quick_is_run_by_the_alias_and_is_quick() {
    let readme = Readme::of("tests/README.md");
    let (table, units) = table(&readme);
    let config = fs::read_to_string(root().join(".cargo/config.toml")).unwrap();
    let (_, alias) = config.split_once("\nquick = [").expect("the alias is there");
    let (alias, _) = alias.split_once(']').unwrap();
    let words: Vec<_> = alias.split('"').skip(1).step_by(2).collect();
    let run: BTreeSet<_> = words.windows(2).filter(|words| words[0] == "--test").map(|words| words[1]).collect();
    let quick: BTreeSet<_> = table.iter().filter(|(_, row)| row.is_quick).map(|(target, _)| *target).collect();
    assert_eq!(run, quick, "`quick` in .cargo/config.toml runs the suites that tests/README.md calls quick");

    let seconds = table.values().filter(|row| row.is_quick).flat_map(|row| row.seconds.values()).sum::<u32>() + units;
    assert!(seconds <= QUICK, "{seconds} s for what is called quick");
}

#[test]
fn each_folder_of_tests_is_in_the_first_table() {
    let readme = Readme::of("tests/README.md");
    let (part, _) = readme.text.split_once("\n## ").unwrap();
    let told: BTreeSet<_> =
        rows(part).into_iter().flat_map(|row| codes(row[0]).map(str::to_owned).collect::<Vec<_>>()).collect();
    for package in Package::all() {
        if let Some(folder) = package.folder().strip_prefix("tests/") {
            let is_told = told.iter().any(|told| told.starts_with(&format!("{folder}/")));
            assert!(is_told, "tests/README.md does not say what {folder} shows");
        }
    }
}
