//! What a platform sets of its HTTP: idempotency keys, retries, redirects, envelopes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod platform;

use std::collections::BTreeSet;

use agent_platform_core::{
    Authorize, Credentials, Operation, RetryPolicy, RetryRules, Secret, Session, TimeLimits, Transport,
    success_data_error,
};
use serde_json::{Value, json};

use platform::{Error, ErrorKind, JSON, Peer, Plain, Test, answer};

static LOOK: Operation = Operation { repeatable: true, ..Operation::new("look", "GET", "/look") };
static ENVELOPED: Operation = Operation { enveloped: true, ..Operation::new("look", "GET", "/look") };
static ACT: Operation = Operation::new("act", "POST", "/act");
static RUN: Operation = Operation { idempotency_key: true, ..Operation::new("run", "POST", "/runs") };

async fn call(session: &Session<Test>, operation: &'static Operation, key: Option<&str>) -> Result<Value, Error> {
    let request = session.request(operation).with_idempotency_key(key.map(str::to_owned));
    let outcome = request.api.send::<Value>(operation).await;
    request.finish(outcome).map(|Plain(value)| value)
}

fn ok() -> String {
    answer("200 OK", JSON, "{}")
}

#[tokio::test]
async fn all_attempts_of_a_call_carry_one_key() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".to_owned();
    let unavailable = answer("503 Service Unavailable", JSON, "{}");
    let peer = Peer::start([broken.clone(), unavailable, ok(), ok(), ok(), ok()]).await;
    let session = peer.plain_session();
    call(&session, &RUN, None).await.unwrap();
    call(&session, &RUN, None).await.unwrap();
    call(&session, &RUN, Some("mine-1")).await.unwrap();
    call(&session, &ACT, Some("ignored")).await.unwrap();

    let keys = peer.headers("Idempotency-Key");
    let fresh = keys[0].clone().unwrap();
    assert_eq!(keys[..3], [Some(fresh.clone()), Some(fresh.clone()), Some(fresh.clone())]);
    assert_eq!(fresh.parse::<uuid::Uuid>().unwrap().get_version_num(), 4);
    assert_eq!(keys[3..].iter().flatten().collect::<BTreeSet<_>>().len(), 2, "{keys:?}");
    assert_eq!((keys[4].as_deref(), keys[5].as_deref()), (Some("mine-1"), None));

    // Without a key it is not known whether it was done.
    let peer = Peer::start([broken]).await;
    let error = call(&peer.plain_session(), &ACT, None).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1));
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_refused() {
    let peer = Peer::start([]).await;
    for unsendable in ["a\r\nx-forged: 1", "a\tb", "a\u{85}b", " a", "a ", " "] {
        let error = call(&peer.plain_session(), &RUN, Some(unsendable)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{unsendable:?}");
        assert!(error.to_string().contains("idempotency key"), "{error}");
    }
}

#[tokio::test]
async fn an_empty_key_is_none() {
    let peer = Peer::start([ok()]).await;
    call(&peer.plain_session(), &RUN, Some("")).await.unwrap();
    assert!(peer.headers("Idempotency-Key")[0].as_ref().unwrap().parse::<uuid::Uuid>().is_ok());
}

#[tokio::test]
async fn the_header_of_the_key_is_the_platforms() {
    let peer = Peer::start([ok()]).await;
    let name = http::HeaderName::from_static("x-muxi-idempotency-key");
    call(&peer.session(Transport::builder().idempotency_header(name)), &RUN, Some("k")).await.unwrap();
    assert_eq!(peer.headers("X-Muxi-Idempotency-Key"), [Some("k".to_owned())]);
    assert_eq!(peer.headers("Idempotency-Key"), [None]);
}

#[tokio::test]
async fn the_header_of_the_user_is_the_platforms() {
    let peer = Peer::start([ok(), ok(), ok()]).await;
    let session = peer.session(Transport::builder().user_header(http::HeaderName::from_static("x-muxi-user-id")));
    let call = async |session: &Session<Test>, named| {
        let request = session.request(&ACT).for_user(named)?;
        let outcome = request.api.send::<Value>(&ACT).await;
        request.finish(outcome).map(|Plain(value)| value)
    };
    call(&session, None).await.unwrap();
    call(&session.for_user("ada"), None).await.unwrap();
    call(&session.for_user("ada"), Some("bob@example.com")).await.unwrap();
    let users = peer.headers("X-Muxi-User-ID");
    assert_eq!(users, [None, Some("ada".to_owned()), Some("bob@example.com".to_owned())]);
    for unsendable in ["a\nb", "a\tb", "ada ", "", " "] {
        let error = call(&session, Some(unsendable)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
        assert!(error.to_string().contains("user id"), "{error}");
    }
}

#[tokio::test]
async fn what_is_attempted_again_is_the_platforms_to_say() {
    let strict = RetryRules { statuses: &[429, 500], refusals: &[], is_final: |_, _| false };
    for (operation, status, usual, strictly) in [
        (&LOOK, "429 Too Many Requests", 2, 2),
        (&ACT, "429 Too Many Requests", 2, 1),
        (&RUN, "429 Too Many Requests", 2, 2),
        (&LOOK, "500 Internal Server Error", 1, 2),
        (&RUN, "500 Internal Server Error", 1, 2),
        (&ACT, "500 Internal Server Error", 1, 1),
        (&LOOK, "503 Service Unavailable", 2, 1),
    ] {
        for (transport, attempts) in
            [(Transport::builder(), usual), (Transport::builder().retry_rules(strict), strictly)]
        {
            let peer = Peer::start([answer(status, JSON, "{}"), ok()]).await;
            let outcome = call(&peer.session(transport), operation, None).await;
            assert_eq!(
                (peer.requests().len(), outcome.is_ok()),
                (attempts, attempts == 2),
                "{} {status}",
                operation.id
            );
        }
    }
}

#[tokio::test]
async fn a_platform_may_take_a_response_for_the_last_word_by_its_operation_and_its_body() {
    let rules = RetryRules {
        statuses: &[500],
        refusals: &[429],
        is_final: |operation, response| {
            operation.method == "POST" || response.body.as_ref().is_some_and(|body| body["is"] == "done")
        },
    };
    for (operation, status, body, attempts) in [
        (&LOOK, "500 Internal Server Error", "{}", 2),
        (&LOOK, "500 Internal Server Error", r#"{"is":"done"}"#, 1),
        (&RUN, "500 Internal Server Error", "{}", 1),
        (&ACT, "429 Too Many Requests", "{}", 1),
        (&LOOK, "429 Too Many Requests", "{}", 2),
    ] {
        let peer = Peer::start([answer(status, JSON, body), ok()]).await;
        let outcome = call(&peer.session(Transport::builder().retry_rules(rules)), operation, None).await;
        assert_eq!((peer.requests().len(), outcome.is_ok()), (attempts, attempts == 2), "{} {status}", operation.id);
    }
}

/// Signs what is sent, by its path and how often it has signed.
struct Signed(std::sync::atomic::AtomicU32, [Secret; 1]);

impl Authorize for Signed {
    fn authorize(&self, request: &mut reqwest::Request, _: &'static Operation) -> Result<(), &'static str> {
        let time = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let signature = format!("{} {} {time}", request.method(), request.url().path());
        request.headers_mut().insert("x-signature", signature.try_into().unwrap());
        Ok(())
    }

    fn secrets(&self) -> &[Secret] {
        &self.1
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_method_and_body_where_the_platform_wants_it() {
    let to = |location: &str| answer("307 Temporary Redirect", &format!("location: {location}\r\n"), "");
    let peer = Peer::start([to("/act/?a=1"), to("x"), ok(), to("/act/")]).await;
    let transport = Transport::builder().follow_redirects().build(&peer.url.parse().unwrap()).unwrap();
    let signed = Credentials::new(Signed(Default::default(), [Secret::from("key-secret")]));
    let session = Session::<Test>::new(transport, Some(signed));
    assert_eq!(call(&session, &ACT, None).await.unwrap(), json!({}));
    let requests = peer.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
    assert_eq!(lines, ["POST /act HTTP/1.1", "POST /act/?a=1 HTTP/1.1", "POST /act/x HTTP/1.1"]);
    assert!(requests.iter().all(|request| request.ends_with(r#"{"a":1}"#)));
    let signatures: Vec<_> = peer.headers("x-signature").into_iter().flatten().collect();
    assert_eq!(signatures, ["POST /act 0", "POST /act/ 1", "POST /act/x 2"], "each is signed for where it goes");

    // Where the platform does not want it, it is refused.
    let error = call(&peer.plain_session(), &ACT, None).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.may_have_been_sent()), (ErrorKind::Redirected, 1, false));
}

#[tokio::test]
async fn no_redirect_leads_to_another_origin_or_in_circles() {
    let elsewhere = Peer::start([ok()]).await;
    let credentials = elsewhere.url.replace("http://", "http://ada:pass@");
    for location in [&elsewhere.url, "https://127.0.0.1/", "//other.example/", &credentials, "http://[", ""] {
        for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
            let header = if location.is_empty() { String::new() } else { format!("location: {location}\r\n") };
            let peer = Peer::start([answer(status, &header, "")]).await;
            let error = call(&peer.session(Transport::builder().follow_redirects()), &ACT, None).await.unwrap_err();
            assert_eq!((error.kind(), peer.requests().len()), (ErrorKind::Redirected, 1), "{location}");
        }
    }
    assert!(elsewhere.requests().is_empty());

    // These would lose the body.
    for status in ["301 Moved Permanently", "302 Found", "303 See Other"] {
        let peer = Peer::start([answer(status, "location: /act/\r\n", "")]).await;
        let error = call(&peer.session(Transport::builder().follow_redirects()), &ACT, None).await.unwrap_err();
        assert_eq!((error.kind(), peer.requests().len()), (ErrorKind::Redirected, 1), "{status}");
    }

    let circle = (0..10).map(|_| answer("308 Permanent Redirect", "location: /act\r\n", ""));
    let peer = Peer::start(circle).await;
    let error = call(&peer.session(Transport::builder().follow_redirects()), &ACT, None).await.unwrap_err();
    assert_eq!((error.kind(), peer.requests().len()), (ErrorKind::Redirected, 6));
}

#[tokio::test]
async fn an_envelope_is_opened_and_tells_of_failures_under_any_status() {
    let enveloped = r#"{"success":true,"data":{"id":7},"error":null}"#;
    let failed = r#"{"success":false,"data":null,"error":"NOT_NOW","detail":{"error":"NOT_NOW","id":"req-1"}}"#;
    let peer = Peer::start([answer("200 OK", JSON, enveloped), answer("200 OK", JSON, failed)]).await;
    let session = peer.session(Transport::builder().envelope(success_data_error));
    assert_eq!(call(&session, &ENVELOPED, None).await.unwrap(), json!({"id": 7}));
    let error = call(&session, &ENVELOPED, None).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::Rejected, Some(200), Some("NOT_NOW")));
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn an_object_in_no_envelope_is_malformed_unless_one_is_taken() {
    let bare = || answer("200 OK", JSON, r#"{"hello":"world"}"#);
    let peer = Peer::start([bare(), bare()]).await;
    let session = peer.session(Transport::builder().envelope(success_data_error));
    let error = call(&session, &ENVELOPED, None).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::MalformedResponse, Some(200), 1));
    assert!(error.to_string().contains("it is in no envelope"), "{error}");
    let request = session.request(&ENVELOPED).or_bare();
    let outcome = request.api.send::<Value>(&ENVELOPED).await;
    assert_eq!(request.finish(outcome).map(|Plain(value)| value).unwrap(), json!({"hello": "world"}));
}

#[tokio::test]
async fn an_operation_that_answers_in_no_envelope_is_read_as_it_comes() {
    // It looks like one, and is none.
    let bare = r#"{"success":false,"data":{"id":7},"error":"no disk"}"#;
    let peer = Peer::start([answer("200 OK", JSON, bare)]).await;
    let session = peer.session(Transport::builder().envelope(success_data_error));
    let told = call(&session, &LOOK, None).await.unwrap();
    assert_eq!(told, json!({"success": false, "data": {"id": 7}, "error": "no disk"}));
}

#[tokio::test]
async fn what_came_of_an_answer_that_is_no_whole_one_is_kept() {
    let cut = |body: &str| format!("HTTP/1.1 200 OK\r\nx-run-id: 42\r\ncontent-length: 5000\r\n\r\n{body}");
    let ended = |body: &str| answer("200 OK", "x-run-id: 42\r\n", body);
    let refused = || answer("404 Not Found", JSON, "{}");
    let long = "é".repeat(2000);
    for (replies, expected) in [
        (vec![cut("")], Some((Some("42"), ""))),
        (vec![cut(r#"{"id": 42,"#)], Some((Some("42"), r#"{"id": 42,"#))),
        (vec![cut(&long)], Some((Some("42"), &long[..1024]))),
        // Not JSON, although it came to its end.
        (vec![ended(r#"{"id": 42,"#)], Some((Some("42"), r#"{"id": 42,"#))),
        // Of an attempt before the last one.
        (vec![cut("a"), cut("b"), refused()], Some((Some("42"), "b"))),
        (vec![refused()], None),
        (vec!["HTTP/1.1 200 OK\r\nx-run-id: 42\r\n".to_owned(); 3], None),
    ] {
        let count = replies.len();
        let peer = Peer::start(replies).await;
        let session = peer.session(Transport::builder().retry(attempts(count)));
        let error = call(&session, &RUN, None).await.unwrap_err();
        assert_eq!(error.partial("X-Run-Id"), expected, "{error}");
    }
}

#[tokio::test]
async fn what_came_of_an_answer_that_stalls_is_kept() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stalled = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = "HTTP/1.1 200 OK\r\nx-run-id: 42\r\ncontent-length: 5000\r\n\r\n{";
        tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    };
    let mut limits = TimeLimits::default();
    limits.attempt = std::time::Duration::from_secs(1);
    let transport = Transport::builder().limits(limits).retry(attempts(1)).build(&url.parse().unwrap()).unwrap();
    let session = Session::new(transport, None);
    tokio::select! {
        () = stalled => {}
        outcome = call(&session, &RUN, None) => {
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.partial("x-run-id")), (ErrorKind::TimedOut, Some((Some("42"), "{"))));
        }
    }
}

#[tokio::test]
async fn nothing_that_is_kept_of_an_answer_holds_a_secret() {
    let head = "HTTP/1.1 200 OK\r\nx-echo: key-secret\r\nx-run-id: 42\r\ncontent-length: 5000\r\n\r\n";
    let peer = Peer::start([format!("{head}the key key-secret is")]).await;
    let transport = Transport::builder().retry(attempts(1)).build(&peer.url.parse().unwrap()).unwrap();
    let session = Session::new(transport, Some(Credentials::bearer(Secret::from("key-secret"))));
    let error = call(&session, &RUN, None).await.unwrap_err();
    assert_eq!(error.partial("x-echo"), Some((None, "the key [redacted] is")));
    assert_eq!(error.partial("x-run-id"), Some((Some("42"), "the key [redacted] is")));
    assert!(!format!("{error} {error:?}").contains("the key"), "{error:?}");
}

#[test]
fn what_a_platform_tells_itself_has_none_of_the_sessions_secrets() {
    let transport = Transport::builder().build(&"http://127.0.0.1:1".parse().unwrap()).unwrap();
    let session = Session::<Test>::new(transport, Some(Credentials::bearer(Secret::from("key-secret"))));
    assert_eq!(session.without_secrets("the key key-secret is".to_owned()), "the key [redacted] is");
    let told = json!({"key-secret": ["is key-secret", 7]});
    assert_eq!(session.json_without_secrets(told), json!({"[redacted]": ["is [redacted]", 7]}));
}

fn attempts(count: usize) -> RetryPolicy {
    RetryPolicy::default().max_attempts(u32::try_from(count).unwrap()).base_delay(std::time::Duration::ZERO)
}
