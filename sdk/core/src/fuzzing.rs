//! What `tests/fuzz` drives: the decoders of this crate, each with what must hold for any input.
//!
//! The unit tests at the end feed them the seeds, so that neither rots.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures::Stream as _;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::base_url::BaseUrl;
use crate::call::readable;
use crate::json::{self, Oversize, Progress, Skim, read_json};
use crate::redact::Redactor;
use crate::retry::retry_after;
use crate::secret::Secret;
use crate::sse::EventDecoder;
use crate::sse::reference::reference;
use crate::timestamp::{Timestamp, time_from_epoch_seconds};
use crate::websocket::{WebSocket, WebSocketEnd, WebSocketLimits};

/// A base URL, as text. Whatever is taken has one form, and its host can't be changed by the path behind it.
pub fn base_url(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let url = match text.parse::<BaseUrl>() {
        Ok(url) => url,
        Err(error) => {
            let line = error.to_string();
            assert!(line.len() < 200 && !line.contains(char::is_control), "{line:?}");
            return;
        }
    };
    let one_form = url.as_str();
    assert!(one_form.starts_with("http://") || one_form.starts_with("https://"), "{one_form:?}");
    assert!(!one_form.ends_with('/') && !one_form.contains(['?', '#', '\\', ' ']), "{one_form:?}");
    assert!(!one_form.contains(char::is_control), "{one_form:?}");
    assert_eq!(one_form.parse::<BaseUrl>().as_ref(), Ok(&url), "{one_form:?} is not its own one form");

    let at = |address: &str| {
        let url = reqwest::Url::parse(address);
        url.map(|url| (url.host().map(|host| host.to_owned()), url.port_or_known_default(), url.path().to_owned()))
    };
    let (bare, called) = (at(one_form), at(&format!("{one_form}/api/chats")));
    match (bare, called) {
        (Ok((host, port, path)), Ok((same_host, same_port, longer_path))) => {
            assert!(host.is_some() && host == same_host && port == same_port, "{one_form:?}");
            assert_eq!(longer_path, format!("{}/api/chats", path.trim_end_matches('/')), "{one_form:?}");
        }
        unusable => assert!(unusable.0.is_ok() && unusable.1.is_ok(), "{one_form:?} makes no URL"),
    }
}

/// The value of a header of a response: one that may be shown, or a pause that is asked for.
pub fn headers(input: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(input) else { return };
    if let Some(shown) = readable(Some(&value)) {
        assert!(shown.len() <= 200 && !shown.contains(char::is_control), "{shown:?}");
    }
    let digits = input.trim_ascii();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let mut headers = HeaderMap::new();
    headers.insert(header::RETRY_AFTER, value);
    // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let asked = retry_after(&headers, now);
    assert!(!is_number || asked.is_some_and(|pause| pause.subsec_nanos() == 0), "{headers:?}");
    // Year 9999 is the last that a date can tell.
    assert!(is_number || asked.is_none_or(|pause| pause < Duration::from_secs(8_100 * 366 * 86_400)), "{asked:?}");
    // A later moment never has longer to wait.
    let later = retry_after(&headers, now + Duration::from_secs(1));
    assert_eq!(asked.is_some(), later.is_some());
    assert!(later <= asked, "{asked:?} and then {later:?}");
}

/// A point in time: as text, and, of the first eight bytes, as a float.
pub fn timestamp(input: &[u8]) {
    let from_text = std::str::from_utf8(input).ok().and_then(|text| text.parse::<Timestamp>().ok());
    let from_seconds = input.first_chunk().map(|bytes| f64::from_le_bytes(*bytes)).and_then(|seconds| {
        let timestamp = time_from_epoch_seconds(seconds)?;
        let off = timestamp.as_nanosecond() as f64 / 1e9 - seconds;
        assert!(off.abs() <= 1e-9 + seconds.abs() * f64::EPSILON, "{seconds} became {timestamp}");
        Some(timestamp)
    });
    for timestamp in from_text.into_iter().chain(from_seconds) {
        let text = timestamp.to_string();
        assert!(text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with('Z'), "{text} is not RFC 3339");
        assert_eq!(text.parse(), Ok(timestamp));
        assert_eq!(serde_json::from_value::<Timestamp>(Value::String(text)).ok(), Some(timestamp));
        let nanos = timestamp.as_nanosecond();
        assert_eq!(nanos / 1_000_000, i128::from(timestamp.as_millisecond()));
        assert_eq!(nanos / 1_000_000_000, i128::from(timestamp.as_second()));
        let is_past = SystemTime::from(timestamp) < SystemTime::UNIX_EPOCH;
        assert_eq!(is_past, nanos < 0);
    }
}

/// A body that is said to be JSON; the first byte is a bound on it. What is no odder than others is read as it is, whatever
/// it is is kept within the bound, and of a list that is kept in part every row is whole.
pub fn json(input: &[u8]) {
    let Some((bound, text)) = input.split_first() else { return };
    let mended = json::mended(text);
    let read = serde_json::from_slice::<Value>(&mended.text).ok();
    if let Ok(plain) = serde_json::from_slice::<Value>(text) {
        assert!(mended.lost.is_empty(), "something is lost: {:?}", mended.lost);
        assert_eq!(read.as_ref(), Some(&plain), "it is read as something else");
    }
    for keeps in [Oversize::FirstRows, Oversize::CutTexts] {
        let bound = usize::from(*bound) * 2;
        let mut skim = Skim::new(keeps, bound);
        let progress = text.chunks(7).map(|piece| skim.take(piece)).find(|progress| *progress != Progress::Wanted);
        let (kept, cut) = skim.finish();
        assert!(kept.len() <= bound + 1, "{} bytes within {bound}", kept.len());
        let (None | Some(Progress::Full), Some(read), []) = (progress, &read, &*cut) else { continue };
        let kept: Value = read_json(&kept).unwrap_or_default();
        match (progress, kept.as_array().zip(read.as_array())) {
            (None, _) => assert_eq!(kept, *read, "it is not all there"),
            (_, Some((kept, rows))) => assert_eq!(Some(&**kept), rows.get(..kept.len()), "a row is not whole"),
            (_, None) => unreachable!("what is no list is kept in part"),
        }
    }
}

/// A stream of server-sent events. The first byte is a bound on one, and the second says in pieces of how many bytes it
/// comes. However it is cut it tells the same, by the rules, and nothing that is larger than the bound.
pub fn events(input: &[u8]) {
    let Some(([bound, piece], stream)) = input.split_first_chunk() else { return };
    let (bound, piece) = (2 * usize::from(*bound), usize::from(*piece) + 1);
    let whole = reference(bound, stream);
    for pieces in [stream.chunks(piece), stream.chunks(stream.len().max(1))] {
        let mut decoder = EventDecoder::new(bound);
        let mut told = Vec::with_capacity(whole.len());
        for piece in pieces {
            decoder.feed(piece);
            told.extend(std::iter::from_fn(|| decoder.next_event()));
        }
        decoder.finish();
        told.extend(std::iter::from_fn(|| decoder.next_event()));
        assert_eq!(told, whole, "in pieces of {piece} bytes, each event of {bound} at most");
        let is_within = |length: usize| length <= 3 * (bound + 7);
        for event in told.iter().flatten() {
            assert!(event.data.len() <= bound && is_within(event.event.len()), "{event:?}");
            assert!(event.id.as_ref().is_none_or(|id| is_within(id.len()) && !id.contains('\0')), "{event:?}");
        }
    }
}

/// What a backend sends after the handshake of a WebSocket. The first byte says in pieces of how many bytes it
/// comes, and the second how it ends: closed, broken, or silent.
///
/// It needs a tokio runtime with a paused clock.
pub async fn websocket(input: &[u8]) {
    let Some(([piece, ending], bytes)) = input.split_first_chunk() else { return };
    let ending = ending % 3;
    let written = Rc::default();
    let peer = Peer {
        pieces: bytes.chunks(usize::from(*piece) + 1).map(<[u8]>::to_vec).collect(),
        ending,
        is_ready: false,
        written: Rc::clone(&written),
    };
    let limits = WebSocketLimits { max_message_bytes: 256, ..WebSocketLimits::default() };
    let redactor = Redactor::from_iter([&Secret::from(TOKEN)]);
    let mut socket = WebSocket::over(peer, limits, redactor).await;

    let (mut texts, mut taken) = (0, 0);
    let end = loop {
        match poll_fn(|context| Pin::new(&mut socket).poll_next(context)).await {
            Some(Ok(text)) => {
                assert!(text.len() <= limits.max_message_bytes, "a message of {} bytes", text.len());
                (texts, taken) = (texts + 1, taken + text.len());
            }
            Some(Err(end)) => break Some(end),
            None => break None,
        }
    };
    // Each message has a head of two bytes at the least.
    assert!(2 * texts + taken <= bytes.len(), "{texts} messages of {taken} bytes out of {}", bytes.len());
    let Some(end) = end else { unreachable!("a stream that ended without saying how") };
    match end {
        WebSocketEnd::Closed { code: None, reason } => assert!(reason.is_empty(), "a reason without a code"),
        // What a control frame can hold, where each of its letters is a secret.
        WebSocketEnd::Closed { reason, .. } => {
            assert!(reason.len() <= 123 * "[redacted]".len() && !reason.contains(TOKEN), "{reason:?}");
        }
        WebSocketEnd::Broken(_) => assert_ne!(ending, SILENT, "nothing broke"),
        WebSocketEnd::Silent(limit) => assert_eq!((ending, limit), (SILENT, limits.silence)),
        WebSocketEnd::TooLarge(bound) => assert_eq!(bound, limits.max_message_bytes),
        WebSocketEnd::Violated(problem) => {
            assert!(problem.len() <= 200 && !problem.contains(char::is_control), "{problem:?}");
        }
    }
    assert!(poll_fn(|context| Pin::new(&mut socket).poll_next(context)).await.is_none(), "it goes on after its end");
    // Nothing is sent but pongs and a close, which are as long as what they answer plus a mask, and one ping.
    assert!(written.get() <= 3 * bytes.len() + 16, "{} bytes answered to {}", written.get(), bytes.len());
}

/// The token of the handshake. The reason of a close may repeat it, and must not show it.
const TOKEN: &str = "ZyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";

/// The ending of a peer that sends nothing more, and stays.
const SILENT: u8 = 2;

/// The other side of a connection. Between any two pieces it has nothing to read.
struct Peer {
    pieces: VecDeque<Vec<u8>>,
    ending: u8,
    is_ready: bool,
    /// How many bytes came from this side.
    written: Rc<Cell<usize>>,
}

impl AsyncRead for Peer {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let peer = self.get_mut();
        peer.is_ready = !peer.is_ready;
        if peer.is_ready {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        match (peer.pieces.pop_front(), peer.ending) {
            (Some(mut piece), _) => {
                let rest = piece.split_off(piece.len().min(into.remaining()));
                into.put_slice(&piece);
                if !rest.is_empty() {
                    peer.pieces.push_front(rest);
                }
                Poll::Ready(Ok(()))
            }
            (None, 0) => Poll::Ready(Ok(())),
            (None, SILENT) => Poll::Pending,
            (None, _) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }
}

impl AsyncWrite for Peer {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.written.set(self.written.get() + bytes.len());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the seeds of a target hold; there is at least one.
    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = format!("{}/../../tests/fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let seeds: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        assert!(!seeds.is_empty(), "{folder} is empty");
        seeds
    }

    #[test]
    fn base_url_keeps_its_promises_for_every_seed() {
        seeds("base_url").iter().for_each(|seed| base_url(seed));
    }

    #[test]
    fn events_keeps_its_promises_for_every_seed() {
        seeds("events").iter().for_each(|seed| events(seed));
    }

    #[test]
    fn headers_keeps_its_promises_for_every_seed() {
        seeds("headers").iter().for_each(|seed| headers(seed));
    }

    #[test]
    fn json_keeps_its_promises_for_every_seed() {
        seeds("json").iter().for_each(|seed| json(seed));
    }

    #[test]
    fn timestamp_keeps_its_promises_for_every_seed() {
        seeds("timestamp").iter().for_each(|seed| timestamp(seed));
    }

    #[tokio::test(start_paused = true)]
    async fn websocket_keeps_its_promises_for_every_seed() {
        for seed in seeds("websocket") {
            websocket(&seed).await;
        }
    }
}
