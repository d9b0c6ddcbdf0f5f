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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_for_websocket_in_its_version_with_a_key() {
        let handshake = Handshake::new();
        let sent = handshake.request();
        assert_eq!(
            (&sent["connection"], &sent["upgrade"]),
            (&HeaderValue::from_static("Upgrade"), &HeaderValue::from_static("websocket"))
        );
        assert_eq!(
            (sent["sec-websocket-version"].as_bytes(), sent["sec-websocket-key"].as_bytes()),
            (&b"13"[..], handshake.key.as_bytes())
        );
        assert_eq!((sent.len(), handshake.key.len()), (4, 24));
        assert_ne!(Handshake::new().key, handshake.key);
    }

    #[test]
    fn an_answer_opens_a_connection_where_it_says_all_that_it_has_to_say_and_no_more() {
        // The key of RFC 6455, section 1.3, and the proof for it.
        let handshake = Handshake { key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned() };
        let proof = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let whole = [("upgrade", "WebSocket"), ("connection", "keep-alive, upgrade"), ("sec-websocket-accept", proof)];
        let problem = |headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            let mut answer = HeaderMap::new();
            headers.for_each(|(name, value): (HeaderName, HeaderValue)| {
                answer.append(name, value);
            });
            handshake.problem(&answer).map(|problem| problem.rsplit('(').next().unwrap_or_default().to_owned())
        };
        assert_eq!(problem(&whole), None);
        // What is empty in a list does not count.
        let empty = [("sec-websocket-extensions", " , "), ("sec-websocket-protocol", "")];
        assert_eq!(problem(&[&whole[..], &empty].concat()), None);
        let (upgrade, connection) =
            ("its head does not say `Upgrade: websocket`", "its head does not say `Connection: Upgrade`");
        let accept = "`Sec-WebSocket-Accept`)";
        for (missing, said) in [(0, upgrade), (1, connection), (2, accept)] {
            let mut headers = whole.to_vec();
            headers.remove(missing);
            assert_eq!(problem(&headers).as_deref(), Some(said));
        }
        for (header, value, said) in
            [(0, "h2c", upgrade), (1, "keep-alive, upgraded", connection), (2, "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept)]
        {
            let mut headers = whole.to_vec();
            headers[header].1 = value;
            assert_eq!(problem(&headers).as_deref(), Some(said), "{value}");
        }
        for (further, said) in [
            (("upgrade", "h2c"), upgrade),
            (("sec-websocket-accept", "other"), accept),
            (
                ("sec-websocket-extensions", "permessage-deflate"),
                "it uses an extension of WebSocket that was not offered",
            ),
            (("sec-websocket-protocol", "chat"), "it speaks a subprotocol of WebSocket that was not offered"),
        ] {
            assert_eq!(problem(&[&whole[..], &[further]].concat()).as_deref(), Some(said));
        }
    }
}
