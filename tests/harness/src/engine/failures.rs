//! What goes wrong gives the right kind, the status where there was one, and a line that says what to do.

use std::time::Duration;

use super::{Facade, Retry, Settings, Told};
use crate::{Peer, Reply, no_server};

super::suite! { $ failures:
    no_backend_there
    a_gateway_that_answers_in_html
    a_response_that_is_cut_off
    a_response_that_is_not_json
    a_failure_in_plain_text
    too_many_requests
    the_request_id_is_told
    what_is_too_large_to_be_taken_is_named
}

fn client<F: Facade>(url: &str) -> F::Client {
    F::client(url, Settings { retry: Retry::Never, ..Settings::default() }).unwrap()
}

/// How the call that must not happen twice fails at a peer that always replies so.
async fn writing<F: Facade>(reply: Reply) -> Box<Told> {
    let peer = Peer::start([reply]).await;
    F::write(&client::<F>(peer.url())).await.unwrap_err()
}

/// How the call that may be repeated fails at a peer that always replies so.
async fn reading<F: Facade>(reply: Reply) -> Box<Told> {
    let peer = Peer::start([reply]).await;
    F::read(&client::<F>(peer.url())).await.unwrap_err()
}

async fn no_backend_there<F: Facade>() {
    let url = no_server();
    let told = F::write(&client::<F>(&url)).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.status, told.attempts), ("Connect", None, 1), "{told:?}");
    assert_eq!((told.operation, told.may_have_been_sent), (Some(F::WRITE.operation), false));
    let line = told.line;
    assert!(line.contains(&url) && line.contains("refused") && line.contains("is the backend running"), "{line}");
}

async fn a_gateway_that_answers_in_html<F: Facade>() {
    let html = Reply::http("502 Bad Gateway", "content-type: text/html\r\n", "<html>secret page</html>");
    let told = writing::<F>(html).await;
    assert_eq!((told.kind.as_str(), told.status, &told.detail), ("Unavailable", Some(502), &None), "{told:?}");
    assert!(told.may_have_been_sent);
    let line = &told.line;
    assert!(line.contains("try again later") && line.contains("may have carried it out"), "{line}");
    assert!(!told.printed.contains("secret page"), "{told:?}");
}

async fn a_response_that_is_cut_off<F: Facade>() {
    let told = writing::<F>(Reply::cut_off(r#"{"id": "m", "chat_id""#)).await;
    assert_eq!((told.kind.as_str(), told.status), ("Interrupted", None), "{told:?}");
    assert!(told.may_have_been_sent && told.line.contains("broke off"), "{told:?}");
    let told = writing::<F>(Reply::Nothing).await;
    assert_eq!((told.kind.as_str(), told.may_have_been_sent), ("Interrupted", true), "{told:?}");
}

async fn a_response_that_is_not_json<F: Facade>() {
    for (body, problem) in [
        ("<html>welcome</html>", "the body is not JSON"),
        ("", "the body ends too early"),
        ("\"", "the body ends too early"),
        ("3", "expected"),
    ] {
        let told = reading::<F>(Reply::json("200 OK", body)).await;
        assert_eq!((told.kind.as_str(), told.status), ("MalformedResponse", Some(200)), "{body}: {told:?}");
        assert!(told.line.contains(problem) && told.line.contains("is http://127.0.0.1"), "{told:?}");
        assert!(!told.printed.contains("welcome"), "{told:?}");
    }
}

async fn a_failure_in_plain_text<F: Facade>() {
    let plain = Reply::http("500 Internal Server Error", "content-type: text/plain\r\n", "Internal Server Error");
    let told = writing::<F>(plain).await;
    assert_eq!((told.kind.as_str(), told.status, &told.detail), ("BackendFailed", Some(500), &None), "{told:?}");
    assert!(told.may_have_been_sent && told.line.contains("its log says why"), "{told:?}");
}

async fn too_many_requests<F: Facade>() {
    let told = writing::<F>(Reply::http("429 Too Many Requests", "retry-after: 17\r\n", "")).await;
    assert_eq!((told.kind.as_str(), told.retry_after), ("TooManyRequests", Some(Duration::from_secs(17))), "{told:?}");
    assert!(!told.may_have_been_sent && told.line.contains("wait 17 s"), "{told:?}");
}

async fn the_request_id_is_told<F: Facade>() {
    for (headers, id) in [
        ("x-request-id: req-77\r\n", Some("req-77")),
        ("", None),
        ("x-request-id: of tok-123\r\n", Some("of [redacted]")),
    ] {
        let told = reading::<F>(Reply::http("500 Internal Server Error", headers, "")).await;
        assert_eq!(told.request_id.as_deref(), id);
    }
}

async fn what_is_too_large_to_be_taken_is_named<F: Facade>() {
    for (status, number, named, advice) in [
        ("413 Content Too Large", 413, "the request's body is larger than", "send less at once"),
        ("414 URI Too Long", 414, "the request's URL is longer than", "use shorter ids"),
        ("431 Request Header Fields Too Large", 431, "the request's headers are larger than", ""),
    ] {
        let told = writing::<F>(Reply::http(status, "", "<html>no</html>")).await;
        assert_eq!((told.kind.as_str(), told.status), ("RequestTooLarge", Some(number)), "{told:?}");
        assert_eq!((told.attempts, told.may_have_been_sent), (1, false), "{told:?}");
        assert!(told.line.contains(named) && told.line.contains(advice), "{told:?}");
    }
}
