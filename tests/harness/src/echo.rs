//! Peers that repeat the secrets that they were sent, and the search for them in what a program could print; and which
//! secrets those are.

use std::collections::BTreeSet;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::{Peer, Reply, Trace, holds_for_all};

/// What a backend puts around what it repeats, so that it is found again.
pub const BEFORE: &str = "<<";

/// See [`BEFORE`].
pub const AFTER: &str = ">>";

/// What is left of it between the two.
const MARKED: &str = "<<[redacted]>>";

/// Sends a secret by each of these carriers, which the facade takes one by, to peers that repeat it in every way. Expects that
/// nothing that the outcome shows tells it, and that what else a peer says is shown: `outcome` makes the call that carries a
/// secret so, and is what a program could print of what comes of it.
pub fn no_answer_tells_a_secret(
    cases: u32,
    carriers: &'static [&'static str],
    outcome: impl AsyncFn(&str, &str, &str) -> String,
) {
    let values =
        (select(carriers), secrets(), 0..SPELLINGS.len(), 0..BODIES.len(), select(&STATUSES[..]), any::<bool>());
    holds_for_all(1, Just(()), async |()| {
        for carrier in carriers {
            let mut shown = String::new();
            for body in BODIES {
                let reply_with = |echo: &str| reply("400 Bad Request", body, echo, false);
                shown +=
                    &expect_untold("k-7f3a9c", 0, reply_with, async |secret, url| outcome(carrier, secret, url).await)
                        .await;
            }
            assert!(shown.contains(MARKED), "nothing that a peer says is shown, of what carries a secret by {carrier}");
        }
    });
    holds_for_all(cases, values, async |(carrier, secret, spelling, body, status, in_headers)| {
        let reply_with = |echo: &str| reply(status, BODIES[body], echo, in_headers);
        expect_untold(&secret, spelling, reply_with, async |secret, url| outcome(carrier, secret, url).await).await;
    });
}

/// The name of a stream, and its text with what a peer repeats in it.
pub type NamedStream = (&'static str, fn(&str) -> String);

/// Shows who calls by a secret to peers that open a stream and repeat it there, in each of these ways of a facade's to end a
/// stream with an error. Expects that nothing that the outcome shows tells it: `outcome` reads the stream of this name to its
/// end, and is what a program could print of the error, which has what else the peer said.
pub fn no_stream_tells_a_secret(
    cases: u32,
    streams: &'static [NamedStream],
    outcome: impl AsyncFn(&str, &str, &str) -> String,
) {
    let values = (select(streams), "[!-;=?-~]{1,40}", 0..SPELLINGS.len());
    holds_for_all(cases, values, async |((name, body), secret, spelling)| {
        let reply_with = |echo: &str| Reply::http("200 OK", "content-type: text/event-stream\r\n", &body(echo));
        let call = async |secret: &str, url: &str| outcome(name, secret, url).await;
        let harmless = expect_untold(&secret, spelling, reply_with, call).await;
        assert!(harmless.contains(MARKED), "it is no error about that: {harmless}");
    });
}

/// Expects that nothing that a call shows, or that is traced of it, tells the secret that it carries to a peer that answers so
/// with what it repeats. Then the call is made with another secret in its place: what is shown of that one is returned.
async fn expect_untold(
    secret: &str,
    spelling: usize,
    reply: impl Fn(&str) -> Reply,
    call: impl AsyncFn(&str, &str) -> String,
) -> String {
    let trace = Trace::record();
    let control = "zQ7.control.vK3x";
    let replies = [secret, control].map(|secret| reply(&format!("{BEFORE}{}{AFTER}", SPELLINGS[spelling](secret))));
    let peer = Peer::start(replies).await;
    let printed = call(secret, peer.url()).await;
    let traced = trace.text();
    let harmless = call(control, peer.url()).await;
    let harmless = format!("{harmless} {}", &trace.text()[traced.len()..]);
    expect_hidden(&printed, secret, &harmless);
    expect_hidden(&traced, secret, &harmless);
    harmless
}

/// Fails unless these are all arguments of a facade's crate that are secrets, as `method(argument)`. `list` is what
/// applications can name of the crate.
pub fn expect_all_carriers(list: &str, crate_name: &str, carriers: &[&str]) {
    let (argument, variant) = (format!("Into<{crate_name}::Secret>"), format!("({crate_name}::Secret)"));
    let mut taken: Vec<&str> = Vec::new();
    // What has two paths is in the list twice.
    for line in list.lines().collect::<BTreeSet<_>>() {
        let Some((path, arguments)) = line.split_once('(') else { continue };
        let name = path.rsplit("::").next().unwrap();
        let count = match path.contains(" fn ") {
            // As often as it takes a secret.
            true => arguments.matches(&argument).count(),
            false => usize::from(path.starts_with("pub ") && line.ends_with(&variant)),
        };
        taken.extend(std::iter::repeat_n(name, count));
    }
    let mut tried: Vec<_> = carriers.iter().map(|carrier| carrier.split('(').next().unwrap()).collect();
    taken.sort_unstable();
    tried.sort_unstable();
    assert_eq!(taken, tried);
}

/// Fails where the sources of a facade take a secret out of its wrapping, other than in these files and so often: it
/// reaches a request only through its call, which then knows it.
pub fn expect_exposed_only_in(crate_folder: &str, exceptions: &[(&str, usize)]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(crate_folder).join("src");
    let (mut directories, mut exposed, mut files) = (vec![root.clone()], Vec::new(), 0);
    while let Some(directory) = directories.pop() {
        for entry in directory.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            files += 1;
            let source = std::fs::read_to_string(&path).unwrap();
            // Without its tests and comments.
            let lines = source.lines().take_while(|line| *line != "#[cfg(test)]");
            let code = lines.filter(|line| !line.trim_start().starts_with("//"));
            let count = code.filter(|line| line.contains("expose_secret()")).count();
            if count > 0 {
                exposed.push((path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), count));
            }
        }
    }
    assert!(files > 20);
    exposed.sort_unstable();
    let exceptions: Vec<_> = exceptions.iter().map(|(file, count)| ((*file).to_owned(), *count)).collect();
    assert_eq!(exposed, exceptions);
}

/// How a backend spells what it repeats.
pub const SPELLINGS: [fn(&str) -> String; 7] = [
    str::to_owned,
    |secret| inside(json!(secret).to_string(), 1),
    |secret| secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
    |secret| inside(json!(json!(secret).to_string()).to_string(), 3),
    |secret| utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
    |secret| utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string().replace("%20", "+").to_lowercase_escapes(),
    |secret| secret.chars().take(secret.chars().count().saturating_sub(1).max(8)).collect(),
];

/// The text without so many bytes at both ends, which are quotes.
fn inside(text: String, quotes: usize) -> String {
    text[quotes..text.len() - quotes].to_owned()
}

trait LowercaseEscapes {
    fn to_lowercase_escapes(self) -> String;
}

impl LowercaseEscapes for String {
    /// `%2f` in place of `%2F`.
    fn to_lowercase_escapes(self) -> String {
        let mut parts = self.split('%');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |all, part| all + "%" + &part[..2].to_ascii_lowercase() + &part[2..])
    }
}

/// What a backend says that repeats what it was sent.
pub const BODIES: [fn(&str) -> String; 16] = [
    |echo| json!({ "detail": format!("bad {echo} given") }).to_string(),
    |echo| json!({ "detail": { "error": echo, echo: 1, "deep": [{ "given": [echo, 3] }] } }).to_string(),
    |echo| json!({ "error": echo, "resource": echo, echo: null }).to_string(),
    |echo| {
        json!({ "detail": [{ "type": echo, "loc": ["body", echo, 3], "msg": echo, "input": echo, "ctx": { echo: echo } }] }).to_string()
    },
    |echo| {
        json!({ "detail": { "error": "undelivered", "message": { "id": "m", "content": echo }, "row": { "x": echo } } })
            .to_string()
    },
    |echo| {
        json!({ "detail": { "expected_state_version": 3, "actual_state_version": echo, "error": echo } }).to_string()
    },
    |echo| {
        json!({ "token": echo, "temp_token": echo, "ok": true, "user": { "id": "u", "name": "U" }, "agent": null })
            .to_string()
    },
    |echo| json!({ "token": { echo: echo }, "temp_token": [echo], "ok": echo, "id": 3 }).to_string(),
    |echo| {
        json!({ "id": "c", "type": { echo: echo }, "created_at": echo, "token": 3, "temp_token": { echo: 3 } })
            .to_string()
    },
    |echo| {
        json!({ "error": { "type": echo, "message": echo, "code": echo, "error_code": echo, "request_id": echo,
            "doc_url": echo, "details": { "given": echo, echo: [echo] } } })
        .to_string()
    },
    |echo| json!({ "success": false, "error": { "code": echo, "message": echo, "data": { echo: echo } } }).to_string(),
    |echo| json!(format!("{echo}, expected {echo} at line {echo}")).to_string(),
    |echo| json!({ "detail": echo }).to_string().chars().rev().skip(3).collect::<Vec<_>>().into_iter().rev().collect(),
    |echo| format!("{echo}, expected {echo}"),
    |echo| format!("<html><body>{echo}</body></html>"),
    |echo| format!("{{\"detail\": \"{echo}\", \"detail\": \"{echo}\"}}"),
];

const STATUSES: [&str; 24] = [
    "200 OK",
    "200 OK",
    "201 Created",
    "204 No Content",
    "301 Moved Permanently",
    "307 Temporary Redirect",
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "407 Proxy Authentication Required",
    "408 Request Timeout",
    "409 Conflict",
    "413 Content Too Large",
    "418 I'm a teapot",
    "422 Unprocessable Entity",
    "422 Unprocessable Entity",
    "429 Too Many Requests",
    "500 Internal Server Error",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "504 Gateway Timeout",
    "599 x",
    "999 x",
];

fn reply(status: &str, body: fn(&str) -> String, echo: &str, in_headers: bool) -> Reply {
    let fits_a_header = in_headers && !echo.contains(char::is_control);
    let headers = if fits_a_header {
        format!("x-request-id: {echo}\r\nlocation: http://{echo}/{echo}\r\nretry-after: {echo}\r\nserver: {echo}\r\n")
    } else {
        String::new()
    };
    let reason = if fits_a_header { echo } else { "" };
    Reply::http(&format!("{status} {reason}"), &headers, &body(echo))
}

/// Secrets of every shape, also such that look like words, like JSON, or like their own surroundings.
pub fn secrets() -> impl Strategy<Value = String> {
    const AWKWARD: &[&str] = &[
        "a",
        "\"",
        "\\",
        "%",
        "+",
        " ",
        "/",
        "ok",
        "12",
        "\\u",
        "%41",
        "null",
        "true",
        "token",
        "bad",
        "given",
        "error",
        "detail",
        "[redacted]",
        "redacted",
        "password",
        "Secret",
        "body",
        "{\"detail\":\"",
        "\\u0041\\u0042",
        "%41%42",
        ", expected ",
        " at line 1",
        "123456",
        "3.14159",
        "-1e100",
        "aaaaaaaaaaaaaaaaaaaab",
        "\u{0}",
        "\n",
        "a\nb\tc\u{7f}",
        "\u{202e}txt.exe",
        "👩‍👩‍👧",
        "\u{10ffff}\u{fdd0}",
        "ſecret",
        "e\u{301}e\u{301}",
        "\u{2028}\u{2029}",
        "\\\\\\\\",
        "\\\"\\\"",
    ];
    prop_oneof![
        3 => "[!-~]{1,40}",
        2 => "[A-Za-z0-9_-]{10,30}\\.[A-Za-z0-9_-]{10,40}\\.[A-Za-z0-9_-]{10,30}",
        1 => "[0-9]{6,12}",
        3 => any::<String>().prop_filter("there is nothing to hide", |secret| !secret.is_empty()),
        2 => "[\"\\\\%+/ aä]{1,12}",
        3 => select(AWKWARD).prop_map(str::to_owned),
    ]
    .prop_filter("it looks like what is put around it", |secret| !secret.contains(['<', '>']))
}

/// Expects that of all that a peer repeated nothing is left but the mark, and that the secret is nowhere else.
#[track_caller]
pub fn expect_hidden(printed: &str, secret: &str, harmless: &str) {
    // Debug of text that holds quotes and controls spells them anew; and so may the peer have spelled them.
    for (place, _) in printed.match_indices(BEFORE) {
        let rest = &printed[place + BEFORE.len()..];
        let is_marked = rest.starts_with(&format!("[redacted]{AFTER}"));
        assert!(is_marked, "{secret:?} is told by: {printed}");
    }
    let is_telling = secret.chars().count() >= 6 && !harmless.contains(secret);
    assert!(!(is_telling && printed.contains(secret)), "{secret:?} is in: {printed}");
}
