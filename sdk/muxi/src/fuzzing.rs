//! What `tests/fuzz` drives: what is read of a chat's stream and of posts to webhooks, with what must hold for any input.
//!
//! The unit tests at the end feed them the seeds, so that neither rots.

use agent_platform_core::read_json;
use agent_platform_core::webhook::WebhookError;
use serde_json::Value;

use crate::chat::{Frame, Token};
use crate::webhooks::WebhookVerifier;
use crate::webhooks::canonical::canonical;

/// An event of a chat's stream: its name, and behind a line feed its data. One of a known name is told, whatever it holds; a
/// piece of text is all there, and what is not known is told as it came.
pub fn chat_frame(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (name, data) = text.split_once('\n').unwrap_or((&text, ""));
    let frame = Frame::read(name, data);
    let json = serde_json::from_str::<Value>(data).ok();
    match name {
        "done" => assert_eq!(frame, Frame::Done),
        "error" => assert!(matches!(frame, Frame::Raised { .. }), "{frame:?}"),
        "ui" => match frame {
            Frame::Ui(_) => assert!(json.is_none_or(|json| json.get("ui").is_some_and(Value::is_array))),
            Frame::Unknown(told) => assert!(json.is_none_or(|json| json == told)),
            other => unreachable!("{other:?}"),
        },
        "message" => {
            let token = json.as_ref().and_then(|json| json.get("token"));
            let field = |name: &str| token.and_then(|token| token.get(name)).and_then(Value::as_str);
            match frame {
                Frame::Token { kind: Token::Delta(delta), .. } => {
                    let told = token.map(|token| token.as_str().or(field("content")).unwrap_or_default());
                    assert!(told.is_none_or(|told| told == delta), "{delta:?} of {data}");
                }
                Frame::Token { kind: Token::Completed { completed, .. }, .. } => {
                    assert!(token.is_none_or(|token| token.as_object() == Some(&completed.raw)));
                }
                Frame::Token { kind: Token::Event(_), .. } => {
                    assert!(token.is_none_or(Value::is_object) && field("type") != Some("content"), "{data}");
                }
                Frame::Unknown(told) => assert!(json.as_ref().is_none_or(|json| *json == told)),
                other => unreachable!("{other:?}"),
            }
        }
        _ => assert_eq!(frame, Frame::Ignored),
    }
}

/// A post to a webhook: its signature, and behind a line feed its body. Nobody has signed it, so it is not taken; and where
/// its body can be written as MUXI signs it, that is the same value, and has that form already.
pub fn webhook(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (signature, body) = input.split_at_checked(end).unwrap_or((input, &[]));
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let judged = WebhookVerifier::new("9d5ed678fe57bcca").verify([("X-Muxi-Signature", signature)], body);
    assert!(matches!(judged, Err(WebhookError::WrongSignature | WebhookError::HeaderMissing(_))), "{judged:?}");

    match canonical(body) {
        Some(written) => {
            // As posts are read: a number that no float can hold has gone where another member of its name follows.
            let read = |json: &[u8]| read_json::<Value>(json).ok();
            assert_eq!(read(written.as_bytes()), read(body), "{written}");
            assert_eq!(canonical(written.as_bytes()).as_ref(), Some(&written));
        }
        None => assert!(serde_json::from_slice::<Value>(body).is_err()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = format!("{}/../../tests/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).unwrap();
        let seeds: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        assert!(seeds.len() > 10);
        seeds
    }

    #[test]
    fn chat_frame_keeps_its_promises_for_every_seed() {
        seeds("chat_frame").iter().for_each(|seed| chat_frame(seed));
    }

    #[test]
    fn webhook_keeps_its_promises_for_every_seed() {
        seeds("webhook").iter().for_each(|seed| webhook(seed));
    }
}
