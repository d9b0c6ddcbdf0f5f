//! What goes wrong gives the right kind, the status where there was one, and a line that says what to do.

use mycel_sdk::{Client, Error, ErrorKind, RetryPolicy};
use mycel_tests::{Connection, Peer, RawPeer, Reply};
use tokio::io::AsyncReadExt;

/// A client of a peer that always replies so, without retries.
async fn client(reply: Reply) -> (Client, Peer) {
    let peer = Peer::start([reply]).await;
    let client = Client::builder(peer.url()).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap();
    (client, peer)
}

/// How a message that is sent to such a peer fails.
async fn sending(reply: Reply) -> Error {
    let (client, _peer) = client(reply).await;
    client.messages().send("c", "hello").await.unwrap_err()
}

/// How a chat that is asked for from such a peer fails.
async fn getting(reply: Reply) -> Error {
    let (client, _peer) = client(reply).await;
    client.chats().get("c").await.unwrap_err()
}

#[tokio::test]
async fn a_response_that_is_not_the_promised_shape() {
    for (body, problem) in [
        ("<html>welcome</html>", "the body is not JSON"),
        ("", "the body ends too early"),
        ("[]", "expected"),
        (r#"{"id": 7}"#, "expected a string"),
        (r#"{"id": "c"}"#, "missing field"),
        (
            r#"{"id":"c","type":"direct","title":null,"status":"active","created_by_user_id":"u","created_at":1e300,"members":[]}"#,
            "created_at is no point in time",
        ),
    ] {
        let error = getting(Reply::json("200 OK", body)).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::MalformedResponse, Some(200)), "{body}");
        let line = error.to_string();
        assert!(line.contains(problem) && line.contains("is http://127.0.0.1"), "{line}");
    }
}

#[tokio::test]
async fn a_success_that_was_not_promised() {
    for status in ["201 Created", "204 No Content", "206 Partial Content"] {
        let error = sending(Reply::json(status, "{}")).await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{error}");
        assert!(error.may_have_been_sent());
    }
}

#[tokio::test]
async fn what_is_too_large_to_be_taken_is_named() {
    for (status, named, advice) in [
        ("413 Content Too Large", "the request's body is larger than", "send less at once"),
        ("414 URI Too Long", "the request's URL is longer than", "use shorter ids"),
        ("431 Request Header Fields Too Large", "the request's headers are larger than", "the auth token"),
    ] {
        let peer = Peer::start([Reply::http(status, "", "<html>no</html>")]).await;
        let client = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
        let error = client.messages().send("c", "hello").await.unwrap_err();
        let number: u16 = status[..3].parse().unwrap();
        assert_eq!((error.kind(), error.status()), (ErrorKind::RequestTooLarge, Some(number)), "{error}");
        assert_eq!((error.attempts(), error.may_have_been_sent()), (1, false), "{error}");
        let line = error.to_string();
        assert!(line.contains(&format!("{named} {} takes ({number})", peer.url())), "{line}");
        assert!(line.contains(advice) && !line.contains("Mycel backend"), "{line}");
    }
    let error = sending(Reply::json("413 Content Too Large", r#"{"detail":"Request body too large"}"#)).await;
    assert_eq!(error.detail(), Some("Request body too large"));
    assert!(error.to_string().contains("takes (413: Request body too large)"), "{error}");
}

#[tokio::test]
async fn what_is_found_too_large_by_its_head_is_named_too() {
    let peer = RawPeer::start(async |mut connection: Connection| {
        // What a body is said to hold is known before it has come.
        let mut head = [0; 16];
        connection.stream.read_exact(&mut head).await.unwrap();
        connection.send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n").await;
        connection.gone().await;
    })
    .await;
    let client = Client::builder(peer.url()).build().unwrap();
    let error = client.messages().send("c", "x".repeat(16 * 1024 * 1024)).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::RequestTooLarge, false), "{error}");
}

#[tokio::test]
async fn what_the_backend_adds_does_no_harm() {
    let body = r#"{"id":"c","type":"quorum","title":"T","status":"frozen","created_by_user_id":"u","created_at":5,
        "members":[{"id":"u","name":"U","type":"robot","avatar_url":null,"mood":"good"}],"new_thing":{"a":[1]}}"#;
    let (client, _peer) = client(Reply::json("200 OK", body)).await;
    let chat = client.chats().get("c").await.unwrap();
    assert_eq!(
        (chat.kind.as_str(), chat.status.as_str(), chat.members[0].kind.as_str()),
        ("quorum", "frozen", "robot")
    );
    assert_eq!(chat.created_at.to_string(), "1970-01-01T00:00:05Z");
}

#[tokio::test]
async fn a_failure_that_tells_what_was_stored() {
    let body =
        r#"{"detail":{"error":"chat_message_delivery_action_failed","message":{"id":"m-1","seq":4},"cause":"bus"}}"#;
    let error = sending(Reply::json("500 Internal Server Error", body)).await;
    assert_eq!((error.kind(), error.detail()), (ErrorKind::BackendFailed, Some("chat_message_delivery_action_failed")));
    assert!(error.may_have_been_sent());
    assert_eq!(error.stored().unwrap()["id"], "m-1");
    assert_eq!(error.detail_object().unwrap()["cause"], "bus");
}

#[tokio::test]
async fn a_field_that_is_wrong() {
    let body = r#"{"detail":[{"type":"missing","loc":["body","content"],"msg":"Field required","input":{"a":"b"}}]}"#;
    let error = sending(Reply::json("422 Unprocessable Entity", body)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(422)));
    assert!(!error.may_have_been_sent());
    let field = &error.field_errors()[0];
    assert_eq!(
        (field.location.as_str(), field.message.as_str(), field.code.as_str()),
        ("body.content", "Field required", "missing")
    );
    assert!(error.to_string().contains("body.content: Field required"), "{error}");
}

#[tokio::test]
async fn a_route_that_the_backend_does_not_have() {
    let error = getting(Reply::json("404 Not Found", r#"{"detail":"Not Found"}"#)).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("does not offer this operation"), "{error}");
}

#[tokio::test]
async fn what_is_on_the_wire_is_what_the_backend_expects() {
    let (client, peer) = client(Reply::json("404 Not Found", "{}")).await;
    client.messages().send("c", "hello").await.unwrap_err();
    let request = peer.requests().remove(0);
    assert!(request.starts_with("POST /api/chats/c/messages HTTP/1.1\r\n"), "{request}");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    for header in ["authorization: bearer tok-123", "content-type: application/json", "accept: application/json"] {
        assert!(head.contains(header), "{head}");
    }
    assert!(head.contains("user-agent: mycel-sdk-rust/"), "{head}");
    assert!(!head.contains("api-version"), "{head}");
    assert_eq!(body, r#"{"content":"hello","enforce_caught_up":true}"#);
}
