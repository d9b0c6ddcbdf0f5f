//! What is said on one connection: which response belongs to which request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};

use super::frames::Frames;
use super::messages::{Expected, Messages, Part};
use super::{Exchange, Record};

/// Requests on their way up and responses on their way down.
pub(super) struct Conversation {
    authority: String,
    requests: Messages,
    responses: Messages,
    /// The requests that have no whole response yet, the oldest first.
    open: VecDeque<Open>,
    frames: Frames,
    record: Arc<Mutex<Record>>,
}

#[derive(Default)]
struct Open {
    request: Head,
    request_body: BytesMut,
    response: Head,
    response_body: BytesMut,
}

#[derive(Default)]
struct Head {
    /// The method of a request, the status of a response.
    first: String,
    /// Of a request.
    target: String,
    headers: Vec<(String, String)>,
}

impl Conversation {
    pub(super) fn new(authority: String, record: Arc<Mutex<Record>>) -> Self {
        let (requests, responses) = (Messages::new(), Messages::new());
        Self { authority, requests, responses, open: VecDeque::new(), frames: Frames::default(), record }
    }

    /// Takes in what the client sent, and returns what is to be sent on. Nothing is the end.
    pub(super) fn request(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.requests.push(bytes);
        let mut passed = Vec::with_capacity(bytes.len() + 32);
        while let Some(piece) = self.requests.next() {
            match piece.part {
                Part::Head => {
                    let request = Head::of_request(&piece.raw);
                    self.requests.expect(
                        request.as_ref().map_or(Expected::Tunnel, |head| head.length().unwrap_or(Expected::Length(0))),
                    );
                    self.open.extend(request.map(|request| Open { request, ..Open::default() }));
                    passed.extend(with_host(&piece.raw, &self.authority));
                    continue;
                }
                Part::Body(body) => {
                    // Where the answer came before the end of the request, nobody waits for the rest.
                    if let Some(open) = self.open.back_mut() {
                        open.request_body.extend_from_slice(&body);
                    }
                }
                Part::Framing | Part::End | Part::Tunnel => {}
            }
            passed.extend_from_slice(&piece.raw);
        }
        if bytes.is_empty() {
            passed.extend_from_slice(&self.requests.rest());
        }
        passed
    }

    /// Takes in what the backend sent, and returns what is to be sent on. Nothing is the end.
    pub(super) fn response(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.responses.push(bytes);
        while let Some(piece) = self.responses.next() {
            match piece.part {
                Part::Head => self.response_head(&piece.raw),
                Part::Body(body) => {
                    if let Some(open) = self.open.front_mut() {
                        open.response_body.extend_from_slice(&body);
                    }
                }
                Part::End => self.complete(),
                Part::Tunnel => self.record.lock().unwrap().frames.extend(self.frames.push(&piece.raw)),
                Part::Framing => {}
            }
        }
        if bytes.is_empty() && self.responses.expected() == Expected::UntilClose {
            self.complete();
        }
        bytes.to_vec()
    }

    fn response_head(&mut self, raw: &Bytes) {
        let (Some(response), Some(open)) = (Head::of_response(raw), self.open.front_mut()) else {
            return self.responses.expect(Expected::Tunnel);
        };
        match (response.first.as_str(), open.request.first.as_str()) {
            ("101", _) => {
                self.requests.expect(Expected::Tunnel);
                self.responses.expect(Expected::Tunnel);
                open.response = response;
                return self.complete();
            }
            (status, _) if status.starts_with('1') => return,
            ("204" | "304", _) | (_, "HEAD") => self.responses.expect(Expected::Length(0)),
            _ => self.responses.expect(response.length().unwrap_or(Expected::UntilClose)),
        }
        open.response = response;
    }

    fn complete(&mut self) {
        let Some(open) = self.open.pop_front() else { return };
        let (path, query) = match open.request.target.split_once('?') {
            Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
            None => (open.request.target, None),
        };
        self.record.lock().unwrap().exchanges.push(Exchange {
            method: open.request.first,
            path,
            query,
            request_headers: open.request.headers,
            request_body: open.request_body.freeze(),
            status: open.response.first.parse().unwrap_or(0),
            response_headers: open.response.headers,
            response_body: open.response_body.freeze(),
        });
    }
}

impl Head {
    /// `None` if it is no request.
    fn of_request(raw: &[u8]) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut request = httparse::Request::new(&mut headers);
        request.parse(raw).ok()?.is_complete().then_some(())?;
        let (first, target) = (request.method?.to_owned(), request.path?.to_owned());
        Some(Self { first, target, headers: owned(request.headers) })
    }

    /// `None` if it is no response.
    fn of_response(raw: &[u8]) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut response = httparse::Response::new(&mut headers);
        response.parse(raw).ok()?.is_complete().then_some(())?;
        Some(Self { first: response.code?.to_string(), target: String::new(), headers: owned(response.headers) })
    }

    /// How the body is framed, where the head says so.
    fn length(&self) -> Option<Expected> {
        let value =
            |name: &str| self.headers.iter().find(|header| header.0.eq_ignore_ascii_case(name)).map(|header| &header.1);
        if value("transfer-encoding").is_some_and(|codings| codings.to_ascii_lowercase().ends_with("chunked")) {
            return Some(Expected::ChunkSize);
        }
        value("content-length")?.parse().ok().map(Expected::Length)
    }
}

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    headers.iter().map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned())).collect()
}

/// The head of a request for another authority.
fn with_host(raw: &[u8], authority: &str) -> Vec<u8> {
    let is_host = |line: &[u8]| line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"host:"));
    let lines = raw.split_inclusive(|byte| *byte == b'\n');
    lines
        .flat_map(|line| if is_host(line) { format!("host: {authority}\r\n").into_bytes() } else { line.to_vec() })
        .collect()
}
