//! Importing from a running backend.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use xtask::{Error, Imported, Kind, Source};

use crate::workspace::{EXPORT, Workspace};

/// Imports from a server that gives one answer to one request.
fn import_from(answer: String) -> Result<Imported, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/openapi.json", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = BufReader::new(stream.try_clone().unwrap());
        assert!(request.lines().map_while(Result::ok).any(|line| line.is_empty()));
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let workspace = Workspace::new();
    let before = workspace.snapshot();
    let result = xtask::import(&workspace.backend, &url.parse().unwrap());
    server.join().unwrap();
    if result.is_err() {
        assert_eq!(workspace.snapshot(), before);
    }
    result
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
