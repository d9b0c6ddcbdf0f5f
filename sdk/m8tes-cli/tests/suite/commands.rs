//! Every command by each of its names: where it goes well, in text and in JSON, and its likeliest error. Which commands and
//! names there are is what the program's own help says.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend, Run, RunFailure};
use m8tes_sdk::{Client, RunStatus};
use serde_json::{Value, json};

use crate::common::{PROGRAM, Said, World, json_lines, run_reading};

const PASSWORD: &str = "pw-12345678A!";

/// A command that is given in a world where there are teammate 1, which is disabled, and 2; task 1; and the runs 1, which is
/// completed, 2, which has failed, and 3, which asks something.
pub struct Case {
    /// The group and the command.
    pub command: &'static str,
    /// What follows the command where it goes well.
    pub good: &'static [&'static str],
    pub stdin: &'static str,
    /// Is in the text on stdout then.
    says: &'static str,
    /// What the last line of JSON on stdout has: this field, with this value. None for what prints no JSON.
    json: Option<(&'static str, Value)>,
    /// What follows the command where it goes wrong, and the exit code.
    bad: (&'static [&'static str], i32),
    /// Is in the error.
    complains: &'static str,
}

fn case(
    command: &'static str,
    good: &'static [&'static str],
    says: &'static str,
    field: &'static str,
    value: Value,
) -> Case {
    Case { command, good, stdin: "", says, json: Some((field, value)), bad: (&["999"], 1), complains: "not found" }
}

impl Case {
    fn reading(self, stdin: &'static str) -> Self {
        Self { stdin, ..self }
    }

    fn refused(self, arguments: &'static [&'static str], code: i32, complains: &'static str) -> Self {
        Self { bad: (arguments, code), complains, ..self }
    }

    fn without_json(self) -> Self {
        Self { json: None, ..self }
    }
}

const WRONG_KEY: &[&str] = &["--api-key", "m8_wrong"];
const NOBODY: &str = "m8tes auth login";

#[rustfmt::skip]
pub fn cases() -> Vec<Case> {
    vec![
        case("auth register", &["--email", "new@example.com", "--first-name", "Ada"], "Logged in as new@example.com", "email", json!("new@example.com"))
            .reading("pw-12345678A!\npw-12345678A!\n")
            .refused(&["--email", "known@example.com", "--first-name", "Ada"], 1, "known already"),
        case("auth login", &["--email", "known@example.com"], "Logged in as known@example.com", "email", json!("known@example.com"))
            .reading("pw-12345678A!\n")
            .refused(&["--email", "nobody@example.com"], 1, "nvalid"),
        case("auth status", &[], "M8TES_API_KEY", "is_verified", json!(true)).refused(WRONG_KEY, 1, NOBODY),
        case("auth usage", &[], "runs", "runs_used", json!(3)).refused(WRONG_KEY, 1, NOBODY),
        case("auth resend-verify", &[], "erif", "message", Value::Null).refused(WRONG_KEY, 1, NOBODY),
        case("auth logout", &[], "No login is stored", "was_stored", json!(false)).refused(&["--profile", "../x"], 2, "a profile is named"),

        case("mate create", &["--non-interactive", "--name", "n"], "n", "name", json!("n")).refused(&["--non-interactive", "--name", "n", "--nope"], 2, "--nope"),
        case("mate list", &[], "second", "name", json!("second")).refused(WRONG_KEY, 1, NOBODY),
        case("mate get", &["2"], "second", "name", json!("second")),
        case("mate update", &["2", "--non-interactive", "--name", "n"], "n", "name", json!("n")).refused(&["999", "--non-interactive", "--name", "n"], 1, "not found"),
        case("mate enable", &["1"], "first (teammate 1) is enabled", "status", json!("enabled")),
        case("mate disable", &["2", "--force"], "second (teammate 2) is disabled", "status", json!("disabled")),
        case("mate archive", &["2", "--force"], "second (teammate 2) is archived", "status", json!("archived")),
        case("mate task", &["2", "go"], "done", "type", json!("done")).refused(&["999", "go"], 1, "not found"),
        case("mate chat", &["2"], "done", "type", json!("done")).reading("go\n"),

        case("run get", &["1"], "completed", "run", Value::Null),
        case("run list", &["--limit", "3"], "completed", "id", json!(1)).refused(&["--limit", "0"], 1, "0 is not in"),
        case("run list-mate", &["2"], "completed", "id", json!(1)).refused(&["x"], 1, "invalid value"),
        case("run conversation", &["1"], "done", "role", json!("assistant")),
        case("run usage", &["1"], "$0.5", "cost_usd", json!("0.5")),
        case("run tools", &["1"], "gmail_search", "tool", Value::Null),
        case("run watch", &["1"], "done", "type", json!("text-delta")),
        case("run cancel", &["3"], "run 3 is cancelled", "status", json!("cancelled")),
        case("run approve", &["3", "--allow"], "is decided", "run_id", json!(3)).refused(&["1", "--allow"], 1, "asks nothing"),
        case("run files", &["1"], "report.csv", "name", json!("report.csv")),
        case("run download", &["1", "report.csv"], "report.csv (4 bytes)", "bytes", json!(4)).refused(&["1", "none.csv"], 1, "not found"),
        case("run retry", &["2", "--confirm"], "tries it again", "retry_of_run_id", json!(2)).refused(&["1"], 1, "can't be retried"),
        case("run set-permission-mode", &["3", "plan"], "run 3 is plan now", "permission_mode", json!("plan")).refused(&["3", "x"], 2, "possible values"),

        case("task create", &["--non-interactive", "--mate-id", "2", "--instructions", "sweep"], "sweep", "instructions", json!("sweep"))
            .refused(&["--non-interactive", "--mate-id", "2"], 2, "--instructions"),
        case("task list", &[], "report", "instructions", json!("report")).refused(WRONG_KEY, 1, NOBODY),
        case("task get", &["1"], "report", "instructions", json!("report")),
        case("task execute", &["1"], "done", "type", json!("done")),
        case("task update", &["1", "--name", "n"], "n", "name", json!("n")).refused(&["1"], 1, "nothing is to be changed"),
        case("task enable", &["1"], "task 1 is enabled", "status", json!("enabled")),
        case("task disable", &["1"], "task 1 is disabled", "status", json!("disabled")),
        case("task archive", &["1"], "task 1 is archived", "status", json!("archived")),
        case("task triggers", &["1"], "0 9 * * *", "cron", json!("0 9 * * *")),

        case("webhooks verify", &["request", "--any-time", "--secret-file", "secret"], "run.completed", "event", json!("run.completed"))
            .refused(&["request", "--secret-file", "secret"], 1, "too old"),
        case("completions", &["bash"], "set-permission-mode", "", Value::Null).without_json().refused(&["x"], 2, "possible values"),
        case("man", &["pages"], "pages", "folder", json!("pages")).refused(&["secret"], 1, "can't be written to"),
    ]
}

/// The commands of a group, each with its aliases, as its help tells them.
fn told(group: &[&str]) -> Vec<(String, Vec<String>)> {
    let output = Command::new(PROGRAM).args(group).arg("-h").env_clear().stdin(Stdio::null()).output().unwrap();
    let help = Said::of(output);
    let (_, rest) = help.good().split_once("Commands:\n").unwrap();
    let mut commands: Vec<String> = Vec::new();
    for line in rest.lines().take_while(|line| !line.is_empty()) {
        match line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) {
            Some(line) => commands.push(line.to_owned()),
            None => commands.last_mut().unwrap().push_str(line),
        }
    }
    let named = commands.iter().map(|line| {
        let aliases = line.split_once("[alias").map_or("", |(_, aliases)| aliases);
        let words = aliases.trim_start_matches("es").trim_matches([':', ' ', ']']).split(',').map(str::trim);
        let aliases = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        (line.split_whitespace().next().unwrap().to_owned(), aliases)
    });
    named.filter(|(name, _)| name != "help").collect()
}

/// Each command by its first name, with all the ways to name it.
pub fn all_names() -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for (group, aliases) in told(&[]) {
        if matches!(group.as_str(), "completions" | "man") {
            all.push((group, vec![]));
            continue;
        }
        for (number, (name, others)) in told(&[&group]).into_iter().enumerate() {
            let mut names = others.iter().map(|other| format!("{group} {other}")).collect::<Vec<_>>();
            // The other names of the group are its own affair: one of its commands is enough.
            if number == 0 {
                names.extend(aliases.iter().map(|alias| format!("{alias} {name}")));
            }
            all.push((format!("{group} {name}"), names));
        }
    }
    all
}

async fn world() -> World {
    let script = |run: Run| async move {
        if run.message() == "ask" {
            run.ask_permission("gmail_send", &json!({"to": "a"})).await;
            return Ok(());
        }
        run.tool("gmail_search", &json!({"q": "x"}), &json!({"found": 3})).await;
        run.text("done");
        run.usage(10, 5, "0.5");
        run.file("report.csv", "a,b\n")?;
        if run.message() == "fail" { Err(RunFailure::new("boom")) } else { Ok(()) }
    };
    let world = World::of(LocalBackend::builder().on_run(script)).await;
    let client = Client::builder(DEFAULT_API_KEY).base_url(world.backend.base_url()).build().unwrap();
    let first = client.teammates().create().name("first").await.unwrap();
    client.teammates().disable(first.id).await.unwrap();
    let mate = client.teammates().create().name("second").await.unwrap().id;
    client.tasks().create(mate, "report").schedule("0 9 * * *").await.unwrap();
    for message in ["go", "fail"] {
        client.runs().create_and_wait(message).teammate(mate).interval(Duration::from_millis(5)).await.unwrap();
    }
    let asking = client.runs().create("ask").teammate(mate).human_in_the_loop(true).await.unwrap().id;
    while client.runs().get(asking).await.unwrap().status != RunStatus::AwaitingApproval {
        tokio::task::yield_now().await;
    }
    Client::builder_without_key()
        .base_url(world.backend.base_url())
        .build()
        .unwrap()
        .auth()
        .sign_up("known@example.com", "Ada")
        .password(PASSWORD)
        .await
        .unwrap();

    let signature = "v1=b70279b624690a8169f069e5943e580b510e8ca616c0ce5fad0246fbc90322b6";
    let headers = format!("Webhook-Id: msg_abc\r\nWebhook-Timestamp: 1700000000\r\nWebhook-Signature: {signature}");
    let request = format!("{headers}\r\n\r\n{}", r#"{"event":"run.completed","run_id":42}"#);
    std::fs::write(world.home().join("request"), request).unwrap();
    std::fs::write(world.home().join("secret"), "whsec_test_secret_123").unwrap();
    world
}

impl Case {
    async fn given(&self, world: &World, name: &str, arguments: &[&str], form: &[&str]) -> Said {
        let words = name.split(' ').collect::<Vec<_>>();
        run_reading(world.command(&[&words, arguments, form].concat()), self.stdin).await
    }

    /// Gives the command by this name.
    async fn holds(&self, name: &str) {
        let (text, other) = (world().await, world().await);
        let said = self.given(&text, name, self.good, &[]).await;
        assert!(said.good().contains(self.says), "{name}: {said:?}");
        let said = self.given(&other, name, self.good, &["--output", "json"]).await;
        if let Some((field, value)) = &self.json {
            let lines = said.good_json();
            let found = lines.last().and_then(|line| line.get(field));
            assert!(found.is_some_and(|found| value.is_null() || found == value), "{name}: {said:?}");
        }

        let (arguments, code) = self.bad;
        // What a person is asked comes before the error.
        let said = self.given(&other, name, arguments, &[]).await;
        let last = said.err.lines().last().unwrap_or_default();
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{name}: {said:?}");
        assert!(last.contains("error: ") && last.contains(self.complains), "{name}: {said:?}");
        let said = self.given(&other, name, arguments, &["--output", "json"]).await;
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{name}: {said:?}");
        let last = said.err.lines().last().map(|line| &line[line.find('{').unwrap_or_default()..]);
        let error = &json_lines(&format!("{}\n", last.unwrap_or_default()))[0]["error"];
        assert!(error["message"].as_str().unwrap().contains(self.complains), "{name}: {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_by_each_of_its_names_what_it_says() {
    let (cases, names) = (cases(), all_names());
    let known = names.iter().map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>();
    let with_case = cases.iter().map(|case| case.command).collect::<BTreeSet<_>>();
    assert_eq!(with_case, known, "the commands that have a case, and those that there are");
    assert!(names.iter().map(|(_, others)| others.len()).sum::<usize>() > 20, "{names:?}");
    let given = cases.into_iter().map(|case| {
        let (name, others) = names.iter().find(|(name, _)| name == case.command).unwrap();
        let names = std::iter::once(name).chain(others).cloned().collect::<Vec<_>>();
        tokio::spawn(async move {
            for name in names {
                case.holds(&name).await;
            }
        })
    });
    for given in given.collect::<Vec<_>>() {
        given.await.unwrap();
    }
}

#[test]
fn the_readme_tells_every_name() {
    let readme = include_str!("../../README.md");
    let told = readme.split('`').skip(1).step_by(2).flat_map(str::split_whitespace).collect::<BTreeSet<_>>();
    let names = all_names().into_iter().flat_map(|(name, others)| std::iter::once(name).chain(others));
    let missing = names.filter(|name| name.split(' ').any(|word| !told.contains(word)));
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
}
