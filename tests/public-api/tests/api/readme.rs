//! The table of Python's names and ours in a facade's README names each call that there is, and none that there is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use public_api_tests::snapshot_of;

/// A facade whose README has such a table.
struct Facade {
    folder: &'static str,
    /// The resources: what the table calls them, and their types.
    resources: &'static [(&'static str, &'static str)],
}

const M8TES: Facade = Facade { folder: "m8tes", resources: M8TES_RESOURCES };
const MUXI: Facade = Facade { folder: "muxi", resources: MUXI_RESOURCES };

const MUXI_RESOURCES: &[(&str, &str)] = &[
    ("agents()", "Agents"),
    ("audit()", "Audit"),
    ("buffers()", "Buffers"),
    ("configuration()", "Configuration"),
    ("credentials()", "UserCredentials"),
    ("jobs()", "Jobs"),
    ("mcp()", "Mcp"),
    ("memories()", "Memories"),
    ("requests()", "Requests"),
    ("secrets()", "Secrets"),
    ("sessions()", "Sessions"),
    ("sops()", "Sops"),
    ("triggers()", "Triggers"),
    ("users()", "Users"),
];

const M8TES_RESOURCES: &[(&str, &str)] = &[
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

impl Facade {
    /// The calls that there are, as the table would have them: `runs().create`.
    fn calls(&self) -> BTreeSet<String> {
        let snapshot = fs::read_to_string(snapshot_of(&format!("{}-sdk", self.folder))).unwrap();
        let within = format!("fn {}_sdk::", self.folder);
        let methods = snapshot.lines().filter_map(|line| {
            let path = line.split_once(&within)?.1.split_once('(')?.0;
            let (of, method) = path.rsplit_once("::")?;
            let of = of.split('<').next()?;
            let (resource, _) = self.resources.iter().find(|(_, name)| *name == of)?;
            (!NO_CALLS.contains(&method)).then(|| format!("{resource}.{method}"))
        });
        methods.collect()
    }

    /// Those that the table names, in the column on the right.
    fn named(&self) -> BTreeSet<String> {
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../sdk/{}/README.md", self.folder));
        let readme = fs::read_to_string(readme).unwrap();
        let table = readme.split("\n## ").find(|section| section.starts_with("Python names")).unwrap();
        let ours = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1));
        let codes = ours.flat_map(|cell| cell.split('`').skip(1).step_by(2));
        let calls = codes.filter_map(|code| {
            let (resource, rest) = self
                .resources
                .iter()
                .find_map(|(resource, _)| Some((resource, code.strip_prefix(resource)?.strip_prefix('.')?)))?;
            Some(format!("{resource}.{}", rest.split('(').next()?))
        });
        calls.collect()
    }
}

#[test]
fn the_table_of_names_has_each_call() {
    for (facade, least) in [(M8TES, 60), (MUXI, 50)] {
        let (calls, named) = (facade.calls(), facade.named());
        assert!(calls.len() >= least, "{}: {calls:?}", calls.len());
        let missing: Vec<_> = calls.difference(&named).collect();
        let made_up: Vec<_> = named.difference(&calls).collect();
        assert!(missing.is_empty() && made_up.is_empty(), "not named: {missing:?}; named and not there: {made_up:?}");
    }
}
