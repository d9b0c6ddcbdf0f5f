//! Server-sent events, as the [HTML standard](https://html.spec.whatwg.org/multipage/server-sent-events.html) has them.
//!
//! Written here since no parser that was tried keeps all that [`EventDecoder`] promises: sse-stream 0.3, sseer 0.3 and
//! eventsource-stream 0.2 drop a last event without its blank line, and make an error of what is no UTF-8.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerEvent {
    /// Its type: `message` unless the stream says otherwise.
    pub event: Cow<'static, str>,
    /// Its data: the values of its `data` lines, with a line feed between each two.
    pub data: String,
    /// The id that the stream named last, in this event or before; `None` if it has named none. Events that have the same
    /// share it: an id as large as an event may be is not there once for each of them.
    pub id: Option<Arc<str>>,
    /// How long to wait before connecting again, if this event says so.
    pub retry: Option<Duration>,
}

/// An event was larger than the bound. The events after it are decoded all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of more than {limit} bytes")]
pub struct EventTooLarge {
    /// The bound, in bytes.
    pub limit: usize,
}

/// Makes events of the bytes of a stream, however these are cut.
///
/// The bytes are UTF-8 whatever the answer's header says; what is not is read as U+FFFD. One byte order mark may come
/// first. A line ends with LF, CR or CRLF, and nowhere else. Comments (lines that begin with a colon) are passed over:
/// that bytes came at all is a sign of life, which is for the reader of the stream to see. Unlike the standard's, the
/// last event counts without the blank line behind it too, since a body that ends well can end there.
///
/// Each byte is looked at once. Of an event that is larger than the bound, nothing is kept.
///
/// ```
/// use agent_platform_core::EventDecoder;
///
/// let mut decoder = EventDecoder::new(1024 * 1024);
/// decoder.feed(b": hello\n\ndata: 1\ndata: 2\r");
/// decoder.feed(b"\n\nevent: done\ndata");
/// decoder.finish();
/// let first = decoder.next_event().unwrap().unwrap();
/// assert_eq!((&*first.event, &*first.data), ("message", "1\n2"));
/// assert_eq!(decoder.next_event().unwrap().unwrap().event, "done");
/// assert!(decoder.next_event().is_none());
/// ```
#[derive(Debug)]
pub struct EventDecoder {
    limit: usize,
    line: Vec<u8>,
    /// Whether the line is one that says nothing: a comment, or of an event that is too large.
    skips_line: bool,
    /// Whether the last line ended with CR: LF would belong to it.
    after_cr: bool,
    /// How much of the byte order mark that may come first is yet to come; nothing as soon as that is decided.
    mark_to_come: u8,
    event: Pending,
    last_id: Option<Arc<str>>,
    decoded: VecDeque<Result<ServerEvent, EventTooLarge>>,
    #[cfg(test)]
    looked_at: usize,
}

/// The event whose lines are coming.
#[derive(Debug, Default)]
struct Pending {
    event: String,
    data: String,
    has_data: bool,
    retry: Option<Duration>,
    too_large: bool,
}

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Larger buffers than this are not kept for the next event.
const KEPT: usize = 64 * 1024;

impl EventDecoder {
    /// A decoder at the start of a stream. `limit` bounds one event, in bytes: its data, its type, and each of its lines.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            skips_line: false,
            after_cr: false,
            mark_to_come: 3,
            event: Pending::default(),
            last_id: None,
            decoded: VecDeque::new(),
            #[cfg(test)]
            looked_at: 0,
        }
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = self.without_mark(bytes);
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            #[cfg(test)]
            let () = self.looked_at += end + 1;
            let (part, ending) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            // A line that came in one piece is read where it is.
            if self.line.is_empty() && !self.skips_line && !part.is_empty() && self.fits(part) {
                self.field(part);
            } else {
                self.extend_line(part);
                self.end_line();
            }
            rest = match ending {
                [b'\r', b'\n', after @ ..] => after,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [_, after @ ..] => after,
                [] => &[],
            };
        }
        #[cfg(test)]
        let () = self.looked_at += rest.len();
        self.extend_line(rest);
    }

    /// Takes the end of the stream: what has come of the last line and the last event counts.
    pub fn finish(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.skips_line = false;
        self.end_event();
    }

    /// The next event of what was fed, or that one was too large; `None` until more is fed.
    pub fn next_event(&mut self) -> Option<Result<ServerEvent, EventTooLarge>> {
        self.decoded.pop_front()
    }

    /// Takes back an event that is not needed any more, so that the one that is coming has its room.
    pub(crate) fn give_back(&mut self, event: ServerEvent) {
        let mut data = event.data;
        if self.event.data.capacity() == 0 && data.capacity() <= KEPT {
            data.clear();
            self.event.data = data;
        }
    }

    /// What is left of a piece without what it has of the byte order mark.
    fn without_mark<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let mut rest = bytes;
        while let (1.., [byte, after @ ..]) = (self.mark_to_come, rest) {
            let (come, awaited) = BYTE_ORDER_MARK.split_at(BYTE_ORDER_MARK.len() - usize::from(self.mark_to_come));
            if awaited.first() != Some(byte) {
                // It is none, and what was taken for its beginning is that of a line.
                self.mark_to_come = 0;
                self.extend_line(come);
                break;
            }
            self.mark_to_come -= 1;
            rest = after;
        }
        rest
    }

    fn extend_line(&mut self, part: &[u8]) {
        if self.skips_line || part.is_empty() {
            return;
        }
        if self.line.is_empty() && part.starts_with(b":") {
            self.skips_line = true;
            return;
        }
        if !self.fits(part) {
            self.event.too_large = true;
            self.event.data = String::new();
            self.skips_line = true;
            self.line = Vec::new();
            return;
        }
        self.line.extend_from_slice(part);
    }

    /// Whether the line may go on with this part. A value can't be longer than its line, apart from the field's name.
    fn fits(&self, part: &[u8]) -> bool {
        const LONGEST_NAME: usize = "event: ".len();
        !self.event.too_large && self.line.len() + part.len() <= self.limit.saturating_add(LONGEST_NAME)
    }

    fn end_line(&mut self) {
        let mut line = mem::take(&mut self.line);
        let skipped = mem::take(&mut self.skips_line);
        if !skipped {
            match &*line {
                [] => self.end_event(),
                text => self.field(text),
            }
        }
        if line.capacity() <= KEPT {
            line.clear();
            self.line = line;
        }
    }

    fn field(&mut self, line: &[u8]) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().unwrap_or_default();
        let value = parts.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                // Nearly all is UTF-8, which is seen faster than it is mended.
                let value = std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed);
                let size = self.event.data.len() + usize::from(self.event.has_data) + value.len();
                if size > self.limit {
                    self.event.too_large = true;
                    self.event.data = String::new();
                    return;
                }
                if self.event.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(&value);
                self.event.has_data = true;
            }
            b"event" => self.event.event = String::from_utf8_lossy(value).into_owned(),
            b"id" if !value.contains(&0) => self.last_id = Some(String::from_utf8_lossy(value).into()),
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                // More milliseconds than can be counted are as many as can be.
                let milliseconds = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
                self.event.retry = Some(Duration::from_millis(milliseconds.unwrap_or(u64::MAX)));
            }
            _ => {}
        }
    }

    fn end_event(&mut self) {
        let Pending { event, data, has_data, retry, too_large } = mem::take(&mut self.event);
        if too_large {
            self.decoded.push_back(Err(EventTooLarge { limit: self.limit }));
        } else if has_data {
            let event = if event.is_empty() { Cow::Borrowed("message") } else { Cow::Owned(event) };
            self.decoded.push_back(Ok(ServerEvent { event, data, id: self.last_id.clone(), retry }));
        }
    }
}

#[cfg(test)]
mod hostile;
#[cfg(any(fuzzing, test))]
pub(crate) mod reference;
#[cfg(test)]
mod tests;
