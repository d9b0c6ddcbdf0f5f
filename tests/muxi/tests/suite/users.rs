//! Users and their identifiers: all by the client key, and as the wire has them.

use muxi_sdk::{ErrorKind, FormationClient};
use serde_json::{Value, json};
use test_harness::{Peer, Reply};

pub(crate) fn enveloped(status: &str, data: &Value) -> Reply {
    let request = json!({"id": "req_1", "idempotency_key": null});
    let envelope =
        json!({"success": true, "error": null, "timestamp": 1_795_905_006_405_i64, "request": request, "data": data});
    Reply::json(status, &envelope.to_string())
}

pub(crate) fn refused(status: &str, code: &str) -> Reply {
    let error = json!({"code": code, "message": "no", "data": null});
    Reply::json(status, &json!({"success": false, "error": error, "data": {}}).to_string())
}

/// A client with both keys of what is behind this peer.
pub(crate) fn client(peer: &Peer) -> FormationClient {
    FormationClient::direct(peer.url()).client_key("ck").admin_key("ak").build().unwrap()
}

/// Whether a request is this one, and carries this key and body.
pub(crate) fn is(request: &str, line: &str, key: &str, body: Option<&Value>) {
    assert!(request.starts_with(&format!("{line} HTTP/1.1\r\n")), "{line}: {request}");
    let (head, sent) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert!(head.contains(&format!("\r\nx-muxi-{key}-key: ")) && head.matches("-key: ").count() == 1, "{head}");
    match body {
        Some(body) => assert_eq!(&serde_json::from_str::<Value>(sent).unwrap(), body),
        None => assert_eq!(sent, ""),
    }
}

#[tokio::test]
async fn identifiers_are_resolved_listed_linked_and_removed() {
    let id = "V1StGXR8_Z5jdHi6B-myT";
    let ada = json!({"identifier": "ada@example.com", "muxi_user_id": id, "internal_user_id": 7});
    let listed = json!({"muxi_user_id": id, "internal_user_id": 7, "count": 1, "identifiers": [
        {"identifier": "ada@example.com", "type": "email", "created_at": "2026-11-28T22:30:11.094609"},
    ]});
    let linked = json!({"muxi_user_id": id, "count": 2, "identifiers": [{"identifier": "U1", "type": null}, {"identifier": "a b", "type": "chat"}]});
    let peer = Peer::start([
        enveloped("200 OK", &ada),
        enveloped("200 OK", &ada),
        enveloped("200 OK", &listed),
        enveloped("200 OK", &linked),
        enveloped("200 OK", &json!({"message": "removed", "muxi_user_id": id})),
        refused("404 Not Found", "NOT_FOUND"),
    ])
    .await;
    let users = client(&peer);
    let users = users.users();
    let resolved = users.resolve("ada@example.com").kind("email").await.unwrap();
    assert_eq!((resolved.id.as_str(), resolved.internal_id), (id, Some(7)));
    assert_eq!(users.get("ada@example.com").await.unwrap(), resolved);
    let identifiers = users.identifiers(&resolved.id).await.unwrap();
    assert_eq!((identifiers[0].kind.as_deref(), identifiers.len()), (Some("email"), 1));
    assert_eq!(identifiers[0].created_at.unwrap().to_string(), "2026-11-28T22:30:11.094609Z");
    let linked = users.link(&resolved.id, ["U1".into(), muxi_sdk::NewIdentifier::from(("a b", "chat"))]).await.unwrap();
    assert_eq!((linked[1].identifier.as_str(), linked[1].kind.as_deref()), ("a b", Some("chat")));
    users.remove("a b").await.unwrap();
    let error = users.get("nobody").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NOT_FOUND")));

    let resolve = json!({"identifier": "ada@example.com", "identifier_type": "email"});
    let link = json!({"muxi_user_id": id, "identifiers": ["U1", {"identifier": "a b", "type": "chat"}]});
    let expected = [
        ("POST /v1/users/resolve".to_owned(), Some(&resolve)),
        ("GET /v1/users/ada%40example.com".to_owned(), None),
        (format!("GET /v1/users/identifiers/{id}"), None),
        ("POST /v1/users/identifiers".to_owned(), Some(&link)),
        ("DELETE /v1/users/identifiers/a%20b".to_owned(), None),
        ("GET /v1/users/nobody".to_owned(), None),
    ];
    let requests = peer.requests();
    assert_eq!(requests.len(), expected.len());
    for (request, (line, body)) in requests.iter().zip(expected) {
        is(request, &line, "client", body);
    }
}

#[tokio::test]
async fn what_names_nobody_or_another_route_is_refused_before_anything_is_sent() {
    let peer = Peer::start([]).await;
    let formation = client(&peer);
    let admin = FormationClient::direct(peer.url()).admin_key("ak").build().unwrap();
    for error in [
        formation.users().resolve(" ").await.unwrap_err(),
        formation.users().get("a/b").await.unwrap_err(),
        formation.users().get("..").await.unwrap_err(),
        formation.users().identifiers("").await.unwrap_err(),
        formation.users().remove(".").await.unwrap_err(),
        admin.users().resolve("ada").await.unwrap_err(),
        admin.users().identifiers("x").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn a_user_that_a_header_would_change_is_refused() {
    let peer = Peer::start([]).await;
    let formation = client(&peer);
    for user in ["a\tb", "a\u{7f}", "a\u{85}b", " ada", "ada ", "a\nb"] {
        let error = formation.sessions().list().user(user).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{user:?}");
    }
    assert!(peer.requests().is_empty());
}
