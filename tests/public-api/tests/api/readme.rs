//! The tables of Python's names and ours in a facade's README name each call that there is, and none that there is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use public_api_tests::snapshot_of;

/// A facade whose README has such a table.
struct Facade {
    folder: &'static str,
    /// The section that the table is in.
    section: &'static str,
    /// The resources: what the table calls them, and their types.
    resources: &'static [(&'static str, &'static str)],
}

const M8TES: Facade = Facade { folder: "m8tes", section: "Python names", resources: M8TES_RESOURCES };
const MUXI: Facade = Facade { folder: "muxi", section: "Python names", resources: MUXI_RESOURCES };
/// Of Mycel's, the table tells only what differs.
const MYCEL: Facade = Facade { folder: "mycel", section: "For those who know", resources: MYCEL_RESOURCES };

const MYCEL_RESOURCES: &[(&str, &str)] = &[
    ("agents()", "Agents"),
    ("auth()", "Auth"),
    ("chats()", "Chats"),
    ("join_requests()", "JoinRequests"),
    ("me()", "Me"),
    ("messages()", "Messages"),
    ("notifications()", "Notifications"),
    ("relationships()", "Relationships"),
    ("tasks()", "Tasks"),
    ("threads()", "Threads"),
    ("users()", "Users"),
    ("workflow_events()", "WorkflowEvents"),
    ("workflows()", "Workflows"),
];

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

    fn readme(&self) -> String {
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../sdk/{}/README.md", self.folder));
        fs::read_to_string(readme).unwrap()
    }

    /// Those that the table names, in the column on the right. A code that begins with a dot goes on with the resource of the
    /// one before.
    fn named(&self) -> BTreeSet<String> {
        let readme = self.readme();
        let mut named = BTreeSet::new();
        for cell in our_column(&readme, self.section) {
            let mut before = None;
            for code in cell.split('`').skip(1).step_by(2) {
                let of =
                    self.resources.iter().find_map(|(resource, _)| Some((*resource, code.strip_prefix(resource)?)));
                let (resource, rest) = match (of, before) {
                    (Some(found), _) => found,
                    (None, Some(resource)) if code.starts_with('.') && !code.contains('(') => (resource, code),
                    _ => continue,
                };
                if let Some(call) = rest.strip_prefix('.').and_then(|rest| rest.split('(').next()) {
                    named.insert(format!("{resource}.{call}"));
                    before = Some(resource);
                }
            }
        }
        named
    }
}

/// The second cells of the rows of the table in a section.
fn our_column<'r>(readme: &'r str, section: &'r str) -> impl Iterator<Item = &'r str> {
    let table = readme.split("\n## ").find(|part| part.starts_with(section)).unwrap();
    table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1))
}

#[test]
fn the_table_of_names_has_each_call() {
    for (facade, least) in [(M8TES, 60), (MUXI, 50)] {
        let (calls, named) = (facade.calls(), facade.named());
        assert!(calls.len() >= least, "{}: {calls:?}", calls.len());
        let missing: Vec<_> = calls.difference(&named).collect();
        let made_up: Vec<_> = named.difference(&calls).collect();
        assert!(
            missing.is_empty() && made_up.is_empty(),
            "sdk/{}/README.md, the table of names: not named: {missing:?}; named and not there: {made_up:?}",
            facade.folder
        );
    }
}

#[test]
fn the_table_of_mycels_names_has_no_call_that_is_not_there() {
    let (calls, named) = (MYCEL.calls(), MYCEL.named());
    assert!(calls.len() >= 50 && named.len() >= 15, "{calls:?}, {named:?}");
    let made_up: Vec<_> = named.difference(&calls).collect();
    assert!(made_up.is_empty(), "sdk/mycel/README.md, the table of names: named and not there: {made_up:?}");
}

/// What of them is no call of the server's.
const NOT_OF_THE_SERVER: [&str; 6] =
    ["base_url", "with_attempt_timeout", "with_overall_timeout", "with_retry", "fmt", "clone"];

#[test]
fn the_table_of_the_servers_names_has_each_call() {
    let snapshot = fs::read_to_string(snapshot_of("muxi-sdk")).unwrap();
    let of = |name: &str| -> BTreeSet<String> {
        let within = format!("fn muxi_sdk::{name}::");
        let methods = snapshot.lines().filter_map(|line| line.split_once(&within)?.1.split(['(', '<']).next());
        methods.filter(|method| !NOT_OF_THE_SERVER.contains(method)).map(str::to_owned).collect()
    };
    let (server, draft) = (of("ServerClient"), of("server::Draft<'c>"));
    assert!(server.len() >= 20 && draft.len() >= 10, "{server:?}, {draft:?}");
    let readme = MUXI.readme();
    let mut named = (BTreeSet::new(), BTreeSet::new());
    for cell in our_column(&readme, "The management server") {
        let mut of_draft = false;
        for code in cell.split('`').skip(1).step_by(2) {
            let code = code.strip_prefix("ServerClient::").unwrap_or(code);
            let Some((call, _)) = code.split_once('(').filter(|_| !code.starts_with('.')) else { continue };
            if of_draft {
                named.1.insert(call.to_owned())
            } else {
                named.0.insert(call.to_owned())
            };
            of_draft |= call == "draft";
        }
    }
    assert_eq!(named, (server, draft), "sdk/muxi/README.md, the tables of the server's names: named, and there");
}
