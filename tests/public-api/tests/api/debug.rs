//! Every public type of a facade can be shown.

use std::collections::BTreeSet;
use std::fs;

use public_api_tests::{facades, snapshot_of};

/// The last names of paths, without their parameters.
fn names<'l>(paths: impl Iterator<Item = &'l str>) -> BTreeSet<&'l str> {
    paths.filter_map(|path| path.split(['<', ' ', '(']).next()?.rsplit("::").next()).collect()
}

#[test]
fn every_public_type_has_a_debug_form() {
    for facade in facades() {
        let snapshot = fs::read_to_string(snapshot_of(&facade)).unwrap();
        let declared = snapshot.lines().map(|line| line.trim_start_matches("#[non_exhaustive] "));
        let types = names(declared.filter_map(|line| {
            ["pub struct ", "pub enum "].iter().find_map(|declaration| line.strip_prefix(declaration))
        }));
        let shown = names(snapshot.lines().filter_map(|line| Some(line.split_once("core::fmt::Debug for ")?.1)));
        assert!(types.len() > 20, "{facade}: {types:?}");
        let missing: Vec<_> = types.difference(&shown).collect();
        assert!(missing.is_empty(), "{facade}: these have no Debug form: {missing:?}");
    }
}
