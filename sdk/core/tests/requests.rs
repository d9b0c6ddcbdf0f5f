//! What is sent beside the operations of a generated client, and what is made of its answer.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod platform;

use agent_platform_core::{AnswerKind, Operation, RetryPolicy, ScopedRequest, Session, Transport, TransportBuilder};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use platform::{Error, ErrorKind, JSON, Peer, Plain, Test, answer};

static LOOK: Operation = Operation { repeatable: true, ..Operation::new("look", "GET", "/look") };
static ACT: Operation = Operation { answer: AnswerKind::Empty, ..Operation::new("act", "POST", "/act") };

#[tokio::test]
async fn any_success_is_taken_and_one_without_a_body_is_null() {
    let send = async |reply: String| -> Result<Value, Error> {
        let peer = Peer::start([reply]).await;
        let session = peer.plain_session();
        let request = session.request(&LOOK);
        let outcome = request.send(session.transport().request_builder().get(&peer.url)).await;
        request.finish(outcome).map(|Plain(value)| value)
    };
    for status in ["200 OK", "201 Created", "202 Accepted"] {
        assert_eq!(send(answer(status, JSON, r#"{"a":1}"#)).await.unwrap(), json!({"a": 1}), "{status}");
    }
    assert_eq!(send("HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await.unwrap(), Value::Null);
    let error = send(answer("404 Not Found", JSON, "{}")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
}

#[tokio::test]
async fn a_document_is_gotten_from_its_path_where_its_status_is_200() {
    let reply = |status| answer(status, JSON, r#"{"a":1}"#);
    let peer = Peer::start([reply("200 OK"), reply("201 Created"), reply("404 Not Found")]).await;
    let session = peer.plain_session();
    let Plain(value) = session.get_json::<Value, Plain>(&LOOK).await.unwrap();
    assert_eq!(value, json!({"a": 1}));
    for (kind, status) in [(ErrorKind::UnexpectedStatus, 201), (ErrorKind::NotFound, 404)] {
        let error = session.get_json::<Value, Plain>(&LOOK).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
    }
    let lines = peer.requests().into_iter().map(|request| request.lines().next().unwrap_or_default().to_owned());
    assert_eq!(lines.collect::<Vec<_>>(), ["GET /look HTTP/1.1"; 3]);
    assert_eq!(peer.headers("accept"), vec![Some("*/*".to_owned()); 3]);
}

#[tokio::test]
async fn a_request_without_a_body_says_so() {
    let peer = Peer::start([answer("200 OK", JSON, "{}")]).await;
    let session = peer.plain_session();
    let request = session.request(&ACT);
    let outcome = request.send(session.transport().request_builder().post(format!("{}/act", peer.url))).await;
    request.finish(outcome).map(|Plain(_)| ()).unwrap();
    assert_eq!(peer.headers("content-length"), [Some("0".to_owned())]);
}

#[tokio::test]
async fn what_is_gone_was_deleted_where_an_earlier_attempt_may_have_done_it() {
    static DELETE: Operation =
        Operation { answer: AnswerKind::Empty, repeatable: true, ..Operation::new("delete", "DELETE", "/x") };
    let gone = || answer("404 Not Found", JSON, "{}");
    let conflict = answer("409 Conflict", JSON, "{}");
    for (replies, kept) in [
        (vec![answer("200 OK", "", "")], None),
        (vec![gone()], Some(ErrorKind::NotFound)),
        (vec![String::new(), gone()], None),
        (vec![String::new(), conflict], Some(ErrorKind::Conflict)),
    ] {
        let attempts = replies.len();
        let peer = Peer::start(replies).await;
        let session = peer.plain_session();
        let request = session.request(&DELETE);
        let outcome = request.api.send_without_body(&DELETE).await;
        let error = request.finish_deletion(outcome).err();
        assert_eq!((error.map(|error| error.kind()), peer.requests().len()), (kept, attempts));
    }
}

#[tokio::test]
async fn a_text_is_taken_as_it_is() {
    static READ: Operation = Operation { answer: AnswerKind::Text, ..Operation::new("read", "GET", "/read") };
    let read = async |reply: String| {
        let peer = Peer::start([reply]).await;
        let session = peer.plain_session();
        let request = session.request(&READ);
        let outcome = request.api.send_without_body(&READ).await;
        request.finish_text(outcome)
    };
    assert_eq!(read(answer("200 OK", "content-type: text/plain\r\n", "a\n\u{fc}")).await.unwrap(), "a\n\u{fc}");
    let error = read(answer("404 Not Found", JSON, "{}")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_by_where() {
    let large = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-filler: x\r\n".repeat(100_000));
    for (reply, kind, said) in [
        (String::new(), ErrorKind::Interrupted, "broke off before the whole response was there"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_owned(), ErrorKind::Interrupted, "broke off"),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n".to_owned(), ErrorKind::MalformedResponse, "its head is not one of HTTP/1.1;"),
        (
            "HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\n\r\n".to_owned(),
            ErrorKind::MalformedResponse,
            "a line of it is no header, or one that goes on in a further line (obs-fold, which is refused)",
        ),
        (large, ErrorKind::MalformedResponse, "its head is too large, or not one of HTTP/1.1"),
    ] {
        let peer = Peer::start([reply]).await;
        let transport = Transport::builder().retry(RetryPolicy::never());
        let error = peer.session(transport).get_json::<Value, Plain>(&LOOK).await.unwrap_err();
        assert!(error.kind() == kind && error.to_string().contains(said), "{said}: {error} {:?}", error.kind());
        assert_eq!(error.attempts(), 1);
    }
}

#[tokio::test]
async fn a_backend_that_was_not_reached_is_told_by_why() {
    let transport = || Transport::builder().retry(RetryPolicy::never());
    let call = async |transport: TransportBuilder, base_url: &str| {
        let transport = transport.build(&base_url.parse().unwrap()).unwrap();
        let session = Session::<Test>::new(transport, None);
        session.get_json::<Value, Plain>(&LOOK).await.unwrap_err()
    };
    let refusing = transport().connector(async |_, _| Err::<tokio::io::Empty, _>(std::io::Error::other("no way")));
    let error = call(refusing, "http://mycel.example").await;
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::Connect, false));
    assert!(error.to_string().contains("(no way)"), "{error}");

    for (reply, kind) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", ErrorKind::ProxyCredentials),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", ErrorKind::Connect),
    ] {
        let proxy = Peer::start([reply.to_owned()]).await;
        let error = call(transport().proxy(Some(proxy.url.parse().unwrap())), "https://mycel.example").await;
        assert_eq!((error.kind(), error.may_have_been_sent()), (kind, false), "{error}");
        assert!(proxy.requests()[0].starts_with("CONNECT mycel.example:443 HTTP/1.1\r\n"));
    }
}

#[tokio::test]
async fn a_proxy_is_told_the_whole_url_of_what_it_passes_on() {
    let proxy = Peer::start([answer("200 OK", JSON, "{}")]).await;
    let transport = Transport::builder().proxy(Some(proxy.url.parse().unwrap()));
    let session = Session::<Test>::new(transport.build(&"http://mycel.example".parse().unwrap()).unwrap(), None);
    session.get_json::<Value, Plain>(&LOOK).await.unwrap();
    assert!(proxy.requests()[0].starts_with("GET http://mycel.example/look HTTP/1.1\r\n"), "{:?}", proxy.requests());
}

#[test]
fn a_runtime_that_ends_under_a_call_is_told_as_that() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let of_call = runtime();
    let listener = of_call.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let session = Session::<Test>::new(Transport::builder().build(&url.parse().unwrap()).unwrap(), None);
    let mut call = Box::pin(session.get_json::<Value, Plain>(&LOOK));
    let asked = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await.unwrap();
        stream
    };
    let stream = of_call.block_on(async {
        tokio::select! {
            outcome = &mut call => panic!("{:?}", outcome.map_err(|error| error.to_string())),
            stream = asked => stream,
        }
    });
    drop(of_call);
    let error = runtime().block_on(call).unwrap_err();
    drop(stream);
    assert_eq!((error.kind(), error.attempts(), error.may_have_been_sent()), (ErrorKind::Interrupted, 1, true));
    assert!(error.to_string().contains("the tokio runtime that the connection to"), "{error}");
}

#[test]
fn a_runtime_without_io_is_told_as_that() {
    let transport = Transport::builder().build(&"http://127.0.0.1:1".parse().unwrap()).unwrap();
    let session = Session::<Test>::new(transport, None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let error = runtime.block_on(session.get_json::<Value, Plain>(&LOOK)).unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::InvalidInput, false));
    assert!(error.to_string().contains("a call needs IO"), "{error}");
}

#[tokio::test]
async fn a_request_that_can_be_for_a_user_is_for_the_one_that_is_named() {
    let peer = Peer::start([]).await;
    let session = peer.plain_session().for_user("ada");
    let request = || ScopedRequest::new(&session, &LOOK, async |_, user: Option<String>| Ok::<_, Error>(user));
    assert_eq!(request().send().await.unwrap().as_deref(), Some("ada"));
    let named = request().user("bob".to_owned());
    assert_eq!(format!("{named:?}"), r#"Scoped { operation: "look", user: Some("bob"), .. }"#);
    assert_eq!(named.send().await.unwrap().as_deref(), Some("bob"));
    assert_eq!(request().user(" ".to_owned()).send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
}
