//! What `tests/fuzz` drives: what is read of streams and of posts to webhooks, with what must hold for any input.
//!
//! The unit tests at the end feed them the seeds, so that neither rots.

use agent_platform_core::webhook::WebhookError;
use agent_platform_core::{EventDecoder, EventTooLarge, ServerEvent, read_json};
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use crate::chat::{Frame, Token};
use crate::feed::separator::Separators;
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

/// What a runtime writes behind an event's data where it means two line feeds.
const WRITTEN: &str = r"\n\n";

/// A stream of events with a runtime's separators. The first byte says in pieces of how many bytes it comes. However it is cut
/// it tells the same events, and nothing is changed but separators; each behind an object in a line of data is one.
pub fn separators(input: &[u8]) {
    let Some((piece, stream)) = input.split_first() else { return };
    let piece = usize::from(*piece) + 1;
    let whole = rewritten(stream);
    assert_eq!(told(stream.chunks(piece)), told([stream]), "in pieces of {piece} bytes");

    // At the end, the beginning of a separator may have been kept back.
    let [written, meant] = [stream, &whole].map(|bytes| String::from_utf8_lossy(bytes).replace(WRITTEN, "\n\n"));
    let kept_back = written.strip_prefix(&meant);
    assert!(kept_back.is_some_and(|rest| WRITTEN.starts_with(rest) && rest != WRITTEN), "{written:?} became {meant:?}");

    for line in stream.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let (expected, rewritten) = (expected(line), rewritten(line));
        assert!(rewritten.starts_with(&expected), "{:?}", String::from_utf8_lossy(&rewritten));
    }
}

fn rewritten(stream: &[u8]) -> Vec<u8> {
    Separators::default().rewrite(stream)
}

/// The events of a stream that comes in these pieces.
fn told<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<Result<ServerEvent, EventTooLarge>> {
    let (mut separators, mut decoder) = (Separators::default(), EventDecoder::new(1_000));
    pieces.into_iter().for_each(|piece| decoder.feed(&separators.rewrite(piece)));
    decoder.finish();
    std::iter::from_fn(|| decoder.next_event()).collect()
}

/// What a line begins with once it is rewritten: as long as JSON objects come in it, each with a separator behind it.
fn expected(line: &[u8]) -> Vec<u8> {
    let (mut expected, mut rest) = (Vec::new(), line);
    while let Some(value) = rest.strip_prefix(b"data:") {
        let value = value.get(blanks(value)..).unwrap_or_default();
        let mut values = Deserializer::from_slice(value).into_iter::<IgnoredAny>();
        let is_object = value.starts_with(b"{") && matches!(values.next(), Some(Ok(_)));
        let behind = value.get(values.byte_offset()..).unwrap_or_default();
        let after = behind.get(blanks(behind)..).and_then(|behind| behind.strip_prefix(WRITTEN.as_bytes()));
        let Some(after) = after.filter(|_| is_object) else { break };
        let event = rest.len() - after.len() - WRITTEN.len();
        expected.extend_from_slice(rest.get(..event).unwrap_or_default());
        expected.extend_from_slice(b"\n\n");
        rest = after;
    }
    expected
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b' ').count()
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
    fn separators_keep_their_promises_for_every_seed() {
        seeds("separators").iter().for_each(|seed| separators(seed));
    }

    #[test]
    fn webhook_keeps_its_promises_for_every_seed() {
        seeds("webhook").iter().for_each(|seed| webhook(seed));
    }
}
