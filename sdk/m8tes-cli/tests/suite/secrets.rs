//! Whatever secrets the program is given, and however they come to it: nothing that it lets out shows them, by any command.
//!
//! Two things show what is one, on purpose: `auth login --no-save` and `auth register --no-save` print the key that they get, since
//! they are to print it and not to keep it; and what answers that succeed tell is content, which goes to stdout as it is.
//! `man` says where it has written to.

use std::path::Path;
use std::process::{Command, Stdio};

use m8tes_local_backend::{LocalBackend, RunFailure};
use m8tes_sdk::Client;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use tempfile::TempDir;
use test_harness::echo::{self, AFTER, BEFORE, BODIES, SPELLINGS, expect_hidden};
use test_harness::{Peer, Reply, holds_for_all};

use crate::commands::{Case, all_names, cases};
use crate::common::{PROGRAM, Said, run, run_reading};

const FORMS: [&[&str]; 3] = [&[], &["--output", "json"], &["--output", "compact", "--color", "always"]];

/// How a key comes to the program.
#[derive(Clone, Copy, Debug)]
enum Way {
    Environment,
    Argument,
    Login,
    /// It is no key, but what a proxy is told, and the peer is the proxy.
    Proxy,
}

const WAYS: [Way; 4] = [Way::Environment, Way::Argument, Way::Login, Way::Proxy];

/// A folder with what the commands read, which has the secret wherever that may be.
fn home(secret: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("secret"), secret).unwrap();
    std::fs::write(
        home.path().join("request"),
        format!("Webhook-Id: {secret}\nWebhook-Signature: v1={secret}\n\n{secret}"),
    )
    .unwrap();
    home
}

/// The program, without a key.
fn program(home: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_clear()
        .current_dir(home)
        .env("HOME", home)
        .env("M8TES_CONFIG_DIR", home.join("config"));
    command.env("M8TES_KEYRING", "off").env("M8TES_BASE_URL", url);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The program, to which the secret comes so.
fn given(way: Way, secret: &str, home: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = program(home, url, arguments);
    match way {
        Way::Environment => drop(command.env("M8TES_API_KEY", secret)),
        Way::Argument => drop(command.arg(format!("--api-key={secret}"))),
        Way::Login => {
            let logins = json!({"profiles": {"default": {"api_key": secret, "base_url": url}}});
            std::fs::create_dir_all(home.join("config")).unwrap();
            std::fs::write(home.join("config/logins.json"), logins.to_string()).unwrap();
        }
        Way::Proxy => {
            let credentials = utf8_percent_encode(secret, NON_ALPHANUMERIC);
            command.env("http_proxy", url.replace("http://", &format!("http://ada:{credentials}@")));
            command.env("M8TES_API_KEY", "m8_x").env("M8TES_BASE_URL", "http://backend.invalid");
        }
    }
    command.env("M8TES_WEBHOOK_SECRET", secret);
    command
}

/// Secrets that the environment and the command line have room for.
fn secrets() -> impl Strategy<Value = String> {
    echo::secrets().prop_filter("it ends there", |secret| !secret.contains('\0'))
}

/// Such as keys and passwords are.
fn keys() -> impl Strategy<Value = String> {
    prop_oneof!["[!-,.-~][!-~]{5,39}", "m8_[A-Za-z0-9_-]{16,40}", "whsec_[A-Za-z0-9]{16,40}"]
}

fn printed(said: &Said) -> String {
    format!("{} {}", said.out, said.err)
}

/// Statuses that are the last word, so that nothing waits; and that of success, for bodies that make no sense.
const STATUSES: [&str; 12] = [
    "200 OK",
    "201 Created",
    "307 Temporary Redirect",
    "400 Bad Request",
    "401 Unauthorized",
    "402 Payment Required",
    "403 Forbidden",
    "404 Not Found",
    "409 Conflict",
    "413 Content Too Large",
    "422 Unprocessable Entity",
    "500 Internal Server Error",
];

/// Where the bodies begin that no call takes for its answer.
const NO_ANSWER: usize = 12;

fn reply(status: &str, body: usize, echo: &str, in_headers: bool) -> Reply {
    // What succeeds is content.
    let body = if status.starts_with('2') { NO_ANSWER + body % (BODIES.len() - NO_ANSWER) } else { body };
    let headers = match in_headers && !echo.contains(char::is_control) {
        true => format!("x-request-id: {echo}\r\nlocation: http://{echo}/{echo}\r\nretry-after: {echo}\r\n"),
        false => String::new(),
    };
    Reply::http(status, &format!("content-type: application/json\r\n{headers}"), &BODIES[body](echo))
}

/// What is said by a command whose calls are all answered so.
async fn answered(case: &Case, way: Way, secret: &str, reply: Reply, form: &[&str]) -> String {
    let peer = Peer::start([reply]).await;
    let home = home(secret);
    let words = case.command.split(' ').collect::<Vec<_>>();
    let command = given(way, secret, home.path(), peer.url(), &[&words, case.good, form].concat());
    // Whatever asks for passwords gets this one.
    let stdin = if case.command.starts_with("auth ") { format!("{secret}\n{secret}\n") } else { case.stdin.to_owned() };
    printed(&run_reading(command, &stdin).await)
}

#[test]
fn no_answer_gets_a_secret_into_what_any_command_lets_out() {
    for case in cases() {
        let values = (
            (select(&WAYS[..]), secrets(), select(&FORMS[..])),
            (select(&STATUSES[..]), 0..BODIES.len(), 0..SPELLINGS.len(), any::<bool>()),
        );
        holds_for_all(3, values, async |((way, secret, form), (status, body, spelling, in_headers))| {
            // A password is typed as a line.
            let secret = if case.command.starts_with("auth ") { secret.replace(['\n', '\r'], "_") } else { secret };
            let echo = |secret: &str| format!("{BEFORE}{}{AFTER}", SPELLINGS[spelling](secret));
            let said = answered(&case, way, &secret, reply(status, body, &echo(&secret), in_headers), form).await;
            let control = "zQ7.control.vK3x";
            let harmless = match said.contains(&secret) {
                true => answered(&case, way, control, reply(status, body, &echo(control), in_headers), form).await,
                false => String::new(),
            };
            expect_hidden(&said, &secret, &harmless);
        });
    }
}

/// A word on the command line that is a secret, and is none of the arguments that take one.
#[derive(Clone, Copy, Debug)]
enum Slip {
    InThePlaceOfTheFirst,
    Behind,
    OfNoOption,
    Output,
    Profile,
    SecretFile,
    UrlWithCredentials,
    UrlWithQuery,
}

const SLIPS: [Slip; 8] = [
    Slip::InThePlaceOfTheFirst,
    Slip::Behind,
    Slip::OfNoOption,
    Slip::Output,
    Slip::Profile,
    Slip::SecretFile,
    Slip::UrlWithCredentials,
    Slip::UrlWithQuery,
];

fn with_slip(words: &[&str], arguments: &[&str], slip: Slip, secret: &str) -> Vec<String> {
    let mut all: Vec<String> = words.iter().chain(arguments).map(|word| (*word).to_owned()).collect();
    let url = |url: &str| ["--base-url".to_owned(), url.replace("SECRET", secret)];
    match slip {
        Slip::InThePlaceOfTheFirst => {
            all.truncate(words.len());
            all.push(secret.to_owned());
            all.extend(arguments.iter().skip(1).map(|word| (*word).to_owned()));
        }
        Slip::Behind => all.push(secret.to_owned()),
        Slip::OfNoOption => all.push(format!("--nope={secret}")),
        Slip::Output => all.extend(["--output", secret].map(str::to_owned)),
        Slip::Profile => all.extend(["--profile", secret].map(str::to_owned)),
        Slip::SecretFile => all.extend(["--secret-file", secret].map(str::to_owned)),
        Slip::UrlWithCredentials => all.extend(url("http://ada:SECRET@127.0.0.1:1")),
        Slip::UrlWithQuery => all.extend(url("http://127.0.0.1:1/?key=SECRET")),
    }
    all
}

#[test]
fn no_slip_on_the_command_line_shows_a_secret() {
    let given = cases().into_iter().map(|case| (case.command, case.good, case.stdin));
    let groups = ["", "auth", "mate", "run", "task", "webhooks"].map(|group| (group, &[] as &[&str], ""));
    for (command, good, stdin) in given.chain(groups) {
        let words = command.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>();
        // It would write to the folder of that name, and say so.
        let is_tried = move |slip: &Slip| command != "man" || !matches!(slip, Slip::InThePlaceOfTheFirst);
        let slips = select(&SLIPS[..]).prop_filter("it would be right", is_tried);
        let words = &words;
        holds_for_all(4, (keys(), slips, 0..3_usize), async |(secret, slip, known)| {
            let peer = Peer::start([Reply::json("401 Unauthorized", "{}")]).await;
            let home = tempfile::tempdir().unwrap();
            let mut arguments = with_slip(words, good, slip, &secret);
            let is_known_by_its_form = secret.starts_with("m8_") || secret.starts_with("whsec_");
            match known {
                0 => arguments.extend(["--api-key".to_owned(), secret.clone()]),
                1 if is_known_by_its_form => {}
                _ => {}
            }
            let arguments = arguments.iter().map(String::as_str).collect::<Vec<_>>();
            let mut command = program(home.path(), peer.url(), &arguments);
            if known == 2 || (known == 1 && !is_known_by_its_form) {
                command.env("M8TES_API_KEY", &secret);
            }
            let said = run_reading(command, stdin).await;
            assert!(!printed(&said).contains(&secret), "{arguments:?}: {said:?}");
        });
    }
}

#[tokio::test]
async fn a_secret_is_no_name_of_a_profile() {
    let home = tempfile::tempdir().unwrap();
    let secret = "m8_Lvj-vtOWVTV9Od-__vR";
    for words in
        [&["auth", "status"][..], &["auth", "logout"], &["auth", "login", "--email", "a@b.c"], &["mate", "list"]]
    {
        let words = [words, &["--profile", secret, "--output", "json"]].concat();
        let said = run_reading(program(home.path(), "http://127.0.0.1:1", &words), "password\n").await;
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains("profile") && !printed(&said).contains(secret), "{said:?}");
    }
}

#[tokio::test]
async fn help_is_the_same_whatever_secrets_there_are() {
    let groups = ["", "auth", "mate", "run", "task", "webhooks"].map(|group| (group.to_owned(), vec![]));
    let mut seen = 0;
    for (name, _) in all_names().into_iter().chain(groups) {
        let words = name.split(' ').filter(|word| !word.is_empty()).chain(["--help"]).collect::<Vec<_>>();
        let home = home("m8_key-secret");
        let plain = run(program(home.path(), "http://127.0.0.1:1", &words)).await;
        let words = [&["--api-key", "m8_key-secret"], &words[..]].concat();
        let mut command =
            given(Way::Environment, "m8_key-secret", home.path(), "http://ada:key-secret@127.0.0.1:1", &words);
        command.env("M8TES_PROFILE", "m8_key-secret");
        assert_eq!(run(command).await.good(), plain.good(), "{name}");
        seen += 1;
    }
    assert!(seen > 30);
}

#[test]
fn a_key_that_is_got_is_printed_where_that_is_asked_for_and_nowhere_else() {
    let commands = prop_oneof![
        Just(&["auth", "login", "--email", "a@b.c"][..]),
        Just(&["auth", "register", "--email", "a@b.c", "--first-name", "A"][..]),
    ];
    holds_for_all(12, (commands, keys(), select(&FORMS[..]), 0..3), async |(words, secret, form, what)| {
        let answer = json!({"api_key": secret, "email": "a@b.c", "message": "welcome"}).to_string();
        let peer = Peer::start([Reply::json("200 OK", &answer)]).await;
        let home = tempfile::tempdir().unwrap();
        let more: &[&str] = if what == 1 { &["--no-save"] } else { &[] };
        let mut command = program(home.path(), peer.url(), &[words, more, form].concat());
        if what == 2 {
            // It can't be kept there.
            std::fs::write(home.path().join("file"), "").unwrap();
            command.env("M8TES_CONFIG_DIR", home.path().join("file/config"));
        }
        let said = run_reading(command, "pw-12345678A!\npw-12345678A!\n").await;
        assert_eq!(said.code, Some(i32::from(what == 2)), "{said:?}");
        if what == 1 {
            let expected = if form.contains(&"json") {
                json!({"api_key": secret, "email": "a@b.c"}).to_string()
            } else {
                secret.clone()
            };
            assert_eq!(said.out.trim_end(), expected);
        }
        let shown = if what == 1 { said.err.clone() } else { printed(&said) };
        assert!(!shown.contains(&secret) && !shown.contains("pw-12345678A!"), "{said:?}");
    });
}

#[test]
fn no_run_that_fails_shows_the_key_on_stderr() {
    let keys = "m8_[A-Za-z0-9]{6,20}|[A-Za-z0-9.]{6,20}";
    holds_for_all(
        4,
        (keys, select(&FORMS[..]), select(&[Way::Environment, Way::Argument, Way::Login][..])),
        async |(secret, form, way)| {
            let told = format!("{BEFORE}{secret}{AFTER} is no good");
            let reason = told.clone();
            let script = move |run: m8tes_local_backend::Run| {
                let reason = reason.clone();
                async move {
                    run.text("content");
                    Err(RunFailure::new(reason))
                }
            };
            let backend = LocalBackend::builder().api_key(&secret).on_run(script).start().await.unwrap();
            let client = Client::builder(secret.as_str()).base_url(backend.base_url()).build().unwrap();
            let mate = client.teammates().create().name("n").await.unwrap().id;
            client.tasks().create(mate, "report").await.unwrap();
            for arguments in [
                &["mate", "task", "1", "go"][..],
                &["mate", "chat", "1"],
                &["task", "execute", "1"],
                &["run", "watch", "1"],
            ] {
                let home = tempfile::tempdir().unwrap();
                let command = given(way, &secret, home.path(), backend.url(), &[arguments, form].concat());
                let said = run_reading(command, "go\n").await;
                assert!(said.code == Some(1) && said.err.contains("is no good"), "{arguments:?}: {said:?}");
                expect_hidden(&said.err, &secret, "");
            }
        },
    );
}

#[test]
fn logins_that_can_not_be_read_are_not_shown() {
    for case in cases() {
        holds_for_all(
            1,
            (keys(), select(&["{\"profiles\": SECRET", "SECRET", "{\"profiles\": {\"default\": \"SECRET\"}}"][..])),
            async |(secret, logins)| {
                let home = home(&secret);
                std::fs::create_dir_all(home.path().join("config")).unwrap();
                std::fs::write(home.path().join("config/logins.json"), logins.replace("SECRET", &secret)).unwrap();
                let words = case.command.split(' ').collect::<Vec<_>>();
                let said =
                    run_reading(program(home.path(), "http://127.0.0.1:1", &[&words, case.good].concat()), "").await;
                assert!(!printed(&said).contains(&secret), "{said:?}");
            },
        );
    }
}

#[tokio::test]
async fn a_way_that_leads_nowhere_is_told_without_secrets() {
    const SECRET: &str = "pass/word:\"7\"";
    let nowhere = test_harness::no_server();
    for way in WAYS {
        let home = home(SECRET);
        let said = run(given(way, SECRET, home.path(), &nowhere, &["mate", "list"])).await;
        let told = printed(&said);
        let encoded = utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string();
        assert!(said.code == Some(1) && !told.contains(SECRET) && !told.contains(&encoded), "{way:?}: {said:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_without_a_word_of_secrets() {
    const SECRET: &str = "m8_key-secret";
    for (way, signal) in WAYS.into_iter().zip(["-INT", "-TERM", "-INT", "-TERM"]) {
        let (home, peer) = (home(SECRET), Peer::start([Reply::Silence]).await);
        let command = given(way, SECRET, home.path(), peer.url(), &["mate", "list"]);
        let child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
        while peer.requests().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let id = child.id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let said = Said::of(child.wait_with_output().await.unwrap());
        assert!(said.code == Some(130) && !printed(&said).contains("secret"), "{said:?}");
    }
}
