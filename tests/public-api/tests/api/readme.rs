//! The table of Python's names and ours in m8tes-sdk's README names each call that there is, and none that there is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use public_api_tests::snapshot_of;

/// The resources: what the table calls them, and their types.
const RESOURCES: [(&str, &str); 12] = [
    ("account()", "account::Account"),
    ("apps()", "apps::Apps"),
    ("auth()", "auth::Auth"),
    ("memories()", "memories::Memories"),
    ("permissions()", "permissions::Permissions"),
    ("runs()", "runs::Runs"),
    ("settings()", "settings::AccountSetup"),
    ("tasks()", "tasks::Tasks"),
    ("teammates()", "teammates::Teammates"),
    ("triggers", "tasks::triggers::Triggers"),
    ("users()", "users::Users"),
    ("webhooks()", "webhooks::Webhooks"),
];

/// What of them is no call, or not called on them.
const NO_CALLS: [&str; 3] = ["clone", "fmt", "verify"];

/// The calls that there are, as the table would have them: `runs().create`.
fn calls() -> BTreeSet<String> {
    let snapshot = fs::read_to_string(snapshot_of("m8tes-sdk")).unwrap();
    let methods = snapshot.lines().filter_map(|line| {
        let path = line.split_once("fn m8tes_sdk::")?.1.split_once('(')?.0;
        let (of, method) = path.rsplit_once("::")?;
        let of = of.split('<').next()?;
        let (resource, _) = RESOURCES.iter().find(|(_, name)| *name == of)?;
        (!NO_CALLS.contains(&method)).then(|| format!("{resource}.{method}"))
    });
    methods.collect()
}

/// Those that the table names, in the column on the right.
fn named() -> BTreeSet<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/m8tes/README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let table = readme.split("\n## ").find(|section| section.starts_with("Python names")).unwrap();
    let ours = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1));
    let codes = ours.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let calls = codes.filter_map(|code| {
        let (resource, rest) = RESOURCES
            .iter()
            .find_map(|(resource, _)| Some((resource, code.strip_prefix(resource)?.strip_prefix('.')?)))?;
        Some(format!("{resource}.{}", rest.split('(').next()?))
    });
    calls.collect()
}

#[test]
fn the_table_of_names_has_each_call() {
    let (calls, named) = (calls(), named());
    assert!(calls.len() > 60, "{calls:?}");
    let missing: Vec<_> = calls.difference(&named).collect();
    let made_up: Vec<_> = named.difference(&calls).collect();
    assert!(missing.is_empty() && made_up.is_empty(), "not named: {missing:?}; named and not there: {made_up:?}");
}
