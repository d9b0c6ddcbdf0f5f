//! Importing from a running backend.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use xtask::{Error, Imported, Kind, Source};

use crate::workspace::{EXPORT, Workspace};

/// Imports from a server that gives one answer to one request, from its address with something put before or behind it.
/// Tells the request's head as well.
fn import_as(before: &str, behind: &str, answer: String) -> (Result<Imported, Error>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{before}{}/openapi.json{behind}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = BufReader::new(stream.try_clone().unwrap());
        let head: Vec<_> = request.lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        stream.write_all(answer.as_bytes()).unwrap();
        head.join("\n")
    });
    let workspace = Workspace::new();
    let before = workspace.snapshot();
    let result = xtask::import(&workspace.backend, &url.parse().unwrap());
    let head = server.join().unwrap();
    if result.is_err() {
        assert_eq!(workspace.snapshot(), before);
    }
    (result, head)
}

fn import_from(answer: String) -> Result<Imported, Error> {
    import_as("http://", "", answer).0
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

#[track_caller]
fn refused(result: Result<Imported, Error>, kind: Kind, part: &str) {
    let error = result.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("http://127.0.0.1:") && text.contains(part), "{text}");
}

#[test]
fn takes_what_the_backend_serves() {
    assert_eq!(import_from(answer("200 OK", EXPORT)).unwrap().public, 9);
}

#[test]
fn refuses_an_error_status() {
    refused(import_from(answer("503 Service Unavailable", EXPORT)), Kind::Unreadable, "status 503");
}

#[test]
fn refuses_what_is_not_json() {
    refused(import_from(answer("200 OK", "<html></html>")), Kind::NotJson, "not JSON");
}

#[test]
fn refuses_an_answer_that_breaks_off() {
    let short = answer("200 OK", EXPORT).replace("content-length: ", "content-length: 9");
    refused(import_from(short), Kind::Unreadable, "breaks off");
}

#[test]
fn refuses_an_address_where_nobody_listens() {
    // Bound and dropped again: the port is free.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let workspace = Workspace::new();
    let source = Source::Url(format!("http://{address}/openapi.json"));
    refused(xtask::import(&workspace.backend, &source), Kind::Unreadable, "can't be fetched");
}

#[test]
fn the_scheme_may_be_in_letters_of_any_case() {
    assert_eq!(import_as("HTTP://", "", answer("200 OK", EXPORT)).0.unwrap().public, 9);
}

#[test]
fn a_user_and_a_password_are_sent() {
    let (imported, head) = import_as("http://ada:open%20sesame@", "?key=hidden", answer("200 OK", EXPORT));
    assert_eq!(imported.unwrap().public, 9);
    assert!(head.starts_with("GET /openapi.json?key=hidden HTTP/1.1"), "{head}");
    assert!(head.to_ascii_lowercase().contains("\nauthorization: basic "), "{head}");
}

/// Whatever goes wrong: no password, and no query, which may hold a key.
#[test]
fn no_error_shows_what_is_secret_in_the_address() {
    let refusals = [
        import_as("http://ada:sesame@", "?key=sesame", answer("503 Service Unavailable", EXPORT)).0,
        import_as("http://sesame@", "#sesame", answer("200 OK", "<html></html>")).0,
        import_as("http://ada:sesame@", "?key=sesame", answer("200 OK", "{}")).0,
    ];
    let mut told: Vec<String> = refusals.into_iter().map(|result| result.unwrap_err().to_string()).collect();
    let workspace = Workspace::new();
    workspace.import().unwrap();
    for address in [
        "http://ada:sesame@127.0.0.1:1/x",
        "HTTPS://ada:sesame@127.0.0.1:1/x?sesame",
        "http://ada:sesame@",
        "http://ada:ses/sesame@127.0.0.1:1/",
        "http://ada:ses?sesame@127.0.0.1:1/",
        "http://ada:sesame@127.0.0.1:port/",
        "http://ada:sesame@[::1/",
        "http://ada:sesame@a b/",
        "http://ada:sesame @127.0.0.1:1/",
        "http:///?sesame",
        "ftp://ada:sesame@127.0.0.1/x",
    ] {
        let source: Source = address.parse().unwrap();
        assert!(!format!("{source} {source:?}").contains("sesame"), "{source:?}");
        let against = xtask::drift(&workspace.backend, &source).unwrap_err().to_string();
        let from = xtask::import(&workspace.backend, &source).unwrap_err();
        assert_eq!(from.kind(), Kind::Unreadable, "{from}");
        told.extend([from.to_string(), against]);
    }
    for line in told {
        assert!(!line.contains("sesame"), "{line}");
    }
}

#[test]
fn refuses_an_address_of_another_scheme() {
    let workspace = Workspace::new();
    for address in ["ftp://a.example/openapi.json", "file:///openapi.json", "ws://a.example/"] {
        let error = xtask::import(&workspace.backend, &address.parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("neither a file nor an http(s) address"), "{error}");
    }
}
