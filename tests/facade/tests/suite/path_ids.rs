//! Ids that would reach another route than their own are refused before anything is sent.

use facade_tests::{Peer, Reply};
use mycel_sdk::{Client, Error, ErrorKind};

#[tokio::test]
async fn an_id_that_would_reach_another_route_is_not_sent() {
    let peer = Peer::start([Reply::json("200 OK", "[]")]).await;
    let client = Client::builder(peer.url()).auth_token("t").build().unwrap();
    for id in ["..", "", ".", "a/b", "a\\b", "../../etc", "/"] {
        let errors: Vec<Error> = vec![
            client.chats().get(id).await.unwrap_err(),
            client.messages().send(id, "hello").await.unwrap_err(),
            client.messages().list(id).await.unwrap_err(),
            client.messages().unread(id).await.unwrap_err(),
            client.messages().read(id).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}: {error}");
            assert_eq!((error.attempts(), error.status()), (0, None));
            assert!(!error.may_have_been_sent());
            assert!(error.to_string().contains("the chat id"), "{error}");
        }
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn any_other_id_reaches_its_own_route() {
    let peer = Peer::start([Reply::json("404 Not Found", r#"{"detail":"Chat not found"}"#)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let ids = ["a b", "ä", "%2e%2e", "%2F", "a?b=c", "a#b", "a:b", "...", "a;b", "\u{0}", "a\nb", "👋", "[x]", "a|b^c"];
    for id in ids {
        let error = client.chats().get(id).await.unwrap_err();
        assert_eq!(error.detail(), Some("Chat not found"), "{id:?}");
    }
    let requests = peer.requests();
    assert_eq!(requests.len(), ids.len());
    for (request, id) in requests.iter().zip(ids) {
        let target = request.split(' ').nth(1).unwrap();
        let segment = target.strip_prefix("/api/chats/").unwrap();
        assert!(!segment.contains(['/', '?', '#', ' ']), "{id:?} became {target}");
        assert_eq!(percent_decoded(segment), id, "{target}");
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
