//! `m8tes webhooks …`

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use m8tes_sdk::Secret;
use m8tes_sdk::webhooks::WebhookVerifier;
use serde_json::json;

use crate::args::webhooks::{Verify, Webhooks};
use crate::failure::Failure;
use crate::keys::variable;
use crate::session::Session;

pub(super) async fn run(session: &mut Session<'_>, command: Webhooks) -> Result<(), Failure> {
    match command {
        Webhooks::Verify(command) => verify(session, &command),
    }
}

fn verify(session: &mut Session<'_>, command: &Verify) -> Result<(), Failure> {
    let saved = bytes_of(&command.request)?;
    let (headers, body) = if command.header.is_empty() {
        split(&saved)
            .ok_or_else(|| Failure::failed("no blank line ends the headers; --header gives them beside the body"))?
    } else {
        let headers = command.header.iter().filter_map(|line| header(line.as_bytes()));
        (headers.collect(), saved.as_slice())
    };
    let window = (!command.any_time).then(|| Duration::from_secs(command.tolerance.into()));
    let secret = secret(command)?;
    session.screen.hide(&secret);
    let verifier = WebhookVerifier::new(secret).window(window);
    let event = verifier.verify(headers, body).map_err(|error| Failure::failed(error.to_string()))?;
    let screen = &mut session.screen;
    if screen.is_json() {
        let (kind, run) = (event.event_type(), event.run_id().map(|run| run.get()));
        return screen.json(&json!({"id": event.id, "event": kind, "run_id": run, "body": event.body}));
    }
    screen.note("the signature is right");
    screen.bytes(body)
}

fn secret(command: &Verify) -> Result<Secret, Failure> {
    let Some(file) = &command.secret_file else {
        let known = variable("M8TES_WEBHOOK_SECRET").map(Secret::from);
        return known.ok_or_else(|| {
            Failure::failed("the webhook's secret is wanted: set M8TES_WEBHOOK_SECRET, or --secret-file")
        });
    };
    let text = String::from_utf8(bytes_of(file)?)
        .map_err(|_| Failure::failed(format!("{} holds no secret: it is no text", file.display())))?;
    Ok(Secret::from(text.trim_end_matches(['\r', '\n'])))
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    read.map_err(|error| Failure::io(&format!("{} can't be read", file.display()), &error))?;
    Ok(bytes)
}

type Headers<'b> = Vec<(String, &'b [u8])>;

/// The headers and the body of a request as it came. A first line that is no header is the request's own.
fn split(saved: &[u8]) -> Option<(Headers<'_>, &[u8])> {
    let mut headers = Vec::new();
    let mut rest = saved;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, after) = rest.split_at_checked(end + 1)?;
        rest = after;
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return Some((headers, rest));
        }
        headers.extend(header(line));
    }
}

fn header(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    Some((String::from_utf8_lossy(name).trim().to_owned(), value.get(1..)?.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_request_is_headers_a_blank_line_and_its_body_byte_for_byte() {
        for end in ["\n", "\r\n"] {
            let saved = format!("POST /hook HTTP/1.1{end}Webhook-Id: msg_1{end}X:{end}{end} {{}}\r\n\n");
            let (headers, body) = split(saved.as_bytes()).unwrap();
            assert_eq!(headers, [("Webhook-Id".to_owned(), &b"msg_1"[..]), ("X".to_owned(), b"")]);
            assert_eq!(body, b" {}\r\n\n");
        }
        assert!(split(b"Webhook-Id: msg_1\n{}").is_none());
    }
}
