//! The handshake that opens a WebSocket connection: RFC 6455, section 4.1.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// A client's side of a handshake. It offers no extension and no subprotocol.
pub(super) struct Handshake {
    key: String,
}

impl Handshake {
    pub(super) fn new() -> Self {
        Self { key: generate_key() }
    }

    /// What is sent.
    pub(super) fn request(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.extend(HeaderValue::from_str(&self.key).map(|key| (header::SEC_WEBSOCKET_KEY, key)));
        headers
    }

    /// Says for which of the reasons that the RFC gives an answer with status 101 opens no connection.
    pub(super) fn problem(&self, answer: &HeaderMap) -> Option<&'static str> {
        let says = |name: HeaderName, is_right: &dyn Fn(&[u8]) -> bool| {
            answer.contains_key(&name) && answer.get_all(name).iter().all(|value| is_right(value.as_bytes()))
        };
        let proof = derive_accept_key(self.key.as_bytes());
        match () {
            () if !says(header::UPGRADE, &|value| value.eq_ignore_ascii_case(b"websocket")) => {
                Some("its head does not say `Upgrade: websocket`")
            }
            () if !elements(answer, header::CONNECTION).any(|token| token.eq_ignore_ascii_case(b"upgrade")) => {
                Some("its head does not say `Connection: Upgrade`")
            }
            () if !says(header::SEC_WEBSOCKET_ACCEPT, &|value| value == proof.as_bytes()) => {
                Some("it lacks the proof that the request was read (`Sec-WebSocket-Accept`)")
            }
            () if elements(answer, header::SEC_WEBSOCKET_EXTENSIONS).next().is_some() => {
                Some("it uses an extension of WebSocket that was not offered")
            }
            () if elements(answer, header::SEC_WEBSOCKET_PROTOCOL).next().is_some() => {
                Some("it speaks a subprotocol of WebSocket that was not offered")
            }
            () => None,
        }
    }
}

/// The elements of a header that is a list (RFC 9110, section 5.6.1), of which some may be empty and don't count.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(name).into_iter().map(HeaderValue::as_bytes);
    let elements = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    elements.filter(|element| !element.is_empty())
}
