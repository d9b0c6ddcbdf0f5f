//! The rules once more, on all bytes at once: what the decoder is held against.

use std::time::Duration;

use super::{EventTooLarge, ServerEvent};

/// The events of a stream. `limit` bounds one event, as the decoder's does.
pub(crate) fn reference(limit: usize, stream: &[u8]) -> Vec<Result<ServerEvent, EventTooLarge>> {
    let mut events = Vec::new();
    let (mut kind, mut data, mut id, mut retry, mut is_too_large) = (String::new(), None, None, None, false);
    // The end of the stream is the end of an event.
    for line in lines(stream).into_iter().chain([&b""[..]]) {
        if line.is_empty() {
            let (kind, data) = (std::mem::take(&mut kind), data.take());
            let event = if kind.is_empty() { "message".into() } else { kind.into() };
            let retry = retry.take();
            match data {
                _ if std::mem::take(&mut is_too_large) => events.push(Err(EventTooLarge { limit })),
                Some(data) => events.push(Ok(ServerEvent { event, data, id: id.clone(), retry })),
                None => {}
            }
            continue;
        }
        if line.starts_with(b":") {
            continue;
        }
        is_too_large |= line.len() > limit.saturating_add("event: ".len());
        if is_too_large {
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let text = String::from_utf8_lossy(value);
        match name {
            b"data" => {
                let longer = data.map_or_else(|| text.to_string(), |before| format!("{before}\n{text}"));
                is_too_large = longer.len() > limit;
                data = Some(longer);
            }
            b"event" => kind = text.to_string(),
            b"id" if !text.contains('\0') => id = Some(text.into()),
            b"retry" if !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit()) => {
                retry = Some(Duration::from_millis(text.parse().unwrap_or(u64::MAX)));
            }
            _ => {}
        }
    }
    events
}

/// The lines of a stream, without their ends and the byte order mark.
fn lines(stream: &[u8]) -> Vec<&[u8]> {
    let mut rest = stream.strip_prefix("\u{feff}".as_bytes()).unwrap_or(stream);
    let mut lines = Vec::new();
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        let (line, ending) = rest.split_at(end);
        lines.push(line);
        rest = [&b"\r\n"[..], b"\r", b"\n"].iter().find_map(|end| ending.strip_prefix(*end)).unwrap_or_default();
    }
    // What has not ended counts where there is any of it.
    lines.extend((!rest.is_empty()).then_some(rest));
    lines
}
