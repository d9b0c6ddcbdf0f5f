//! Each failure, and what it is told as.

use http::StatusCode;
use serde_json::{Value, json};

use super::*;
use crate::proxy::ProxyUrl;
use crate::testing::Smallest;

static LOOK: Operation = Operation { repeatable: true, ..Operation::new("look", "GET", "/look") };
static ACT: Operation = Operation::new("act", "POST", "/act");

const CONTEXT: Context<'_> = Context { operation: &LOOK, base_url: "http://b", has_credentials: true, proxy: None };

fn refused(status: u16, body: Option<Value>) -> ErrorResponse {
    let status = StatusCode::from_u16(status).unwrap();
    ErrorResponse { status, retry_after: None, location: None, is_page: false, body }
}

fn said(status: u16) -> ErrorResponse {
    refused(status, Some(json!({"detail": "no"})))
}

fn failure(cause: Cause) -> Failure {
    Failure { cause, attempts: 1, may_have_acted: false, request_id: None, partial: None }
}

fn report(cause: Cause, context: &Context<'_>) -> Report<CommonKind> {
    Report::of_failure::<Smallest>(failure(cause), context)
}

fn line(cause: Cause) -> String {
    report(cause, &CONTEXT).line
}

#[test]
fn each_status_is_a_kind_and_told_in_a_line() {
    use CommonKind::*;
    let redirected = "http://b points to elsewhere (307: no), which is not followed; \
                      set the base URL that the backend answers at without a redirect";
    let headers = "the request's headers are larger than http://b takes (431: no); \
                   of them the key may be long, so get a shorter one, or raise the limit there";
    for (status, kind, line) in [
        (307, Redirected, redirected),
        (400, Rejected, "the backend found the request wrong (400: no)"),
        (401, Unauthorized, "the backend does not accept the key (401: no); get a new one"),
        (403, Forbidden, "the key's user may not do this (403: no)"),
        (404, NotFound, "not found (404: no); check the id"),
        (407, ProxyCredentials, "a proxy before http://b wants credentials (407); set it with ClientBuilder::proxy"),
        (409, Conflict, "the present state does not allow it (409: no); look at it again"),
        (
            413,
            RequestTooLarge,
            "the request's body is larger than http://b takes (413: no); send less at once, or raise the limit there",
        ),
        (
            414,
            RequestTooLarge,
            "the request's URL is longer than http://b takes (414: no); use shorter ids, or raise the limit there",
        ),
        (418, UnexpectedStatus, "unexpected status (418: no); is http://b a Smallest backend?"),
        (422, Rejected, "the backend found the request wrong (422: no)"),
        (429, TooManyRequests, "too many requests (429: no); send fewer"),
        (431, RequestTooLarge, headers),
        (500, BackendFailed, "the backend failed (500: no); its log says why"),
        (502, Unavailable, "the backend behind http://b is not available (502: no); try again later"),
        (503, Unavailable, "the backend behind http://b is not available (503: no); try again later"),
        (504, Unavailable, "the backend behind http://b is not available (504: no); try again later"),
        (599, BackendFailed, "the backend failed (599: no); its log says why"),
        (600, UnexpectedStatus, "unexpected status (600: no); is http://b a Smallest backend?"),
    ] {
        let report = report(Cause::Status(said(status)), &CONTEXT);
        assert_eq!((report.kind, report.status, &*report.line), (kind, Some(status), line));
        assert_eq!(report.is_gone, status == 404);
    }
}

#[test]
fn what_the_response_says_beside_its_status_is_told() {
    let nobody = Context { has_credentials: false, ..CONTEXT };
    assert_eq!(report(Cause::Status(said(401)), &nobody).line, "no key was set (401: no); set one");
    let pause = Some(Duration::from_millis(7900));
    let limited = report(Cause::Status(ErrorResponse { retry_after: pause, ..said(429) }), &CONTEXT);
    assert_eq!((limited.retry_after, &*limited.line), (pause, "too many requests (429: no); wait 7 s"));
    let moved = ErrorResponse { location: Some("http://b/x".into()), ..said(307) };
    assert!(line(Cause::Status(moved)).starts_with("http://b points to http://b/x (307: no), which is not followed"));
    // A failure in an envelope, whatever its status.
    let failed = report(Cause::Failed(said(200)), &CONTEXT);
    assert_eq!((failed.kind, &*failed.line), (CommonKind::Rejected, "the backend found the request wrong (200: no)"));
}

#[test]
fn a_page_says_that_the_base_url_is_wrong_where_nothing_else_does() {
    let page = |status| ErrorResponse { is_page: true, ..refused(status, None) };
    for (status, told) in [
        (404, "not found (404, with a web page (text/html)); check the id; the base URL is probably wrong"),
        (
            418,
            "unexpected status (418, with a web page (text/html)); is http://b a Smallest backend?; \
             the base URL is probably wrong",
        ),
        (500, "the backend failed (500, with a web page (text/html)); its log says why"),
    ] {
        let report = report(Cause::Status(page(status)), &CONTEXT);
        assert_eq!((&*report.line, report.is_gone), (told, false));
    }
    assert_eq!(line(Cause::Status(refused(404, None))), "not found (404); check the id");
}

#[test]
fn what_a_proxy_may_have_said_is_told_as_that() {
    let proxy: ProxyUrl = "http://proxy.example:3128".parse().unwrap();
    let known: ProxyUrl = "http://ada:hunter2@proxy.example:3128".parse().unwrap();
    let line =
        |cause, proxy, is_handed_over| report(cause, &Context { proxy: Some((proxy, is_handed_over)), ..CONTEXT }).line;
    let perhaps = "; perhaps it is the proxy http://proxy.example:3128 that says so";
    for (response, is_handed_over, is_perhaps) in [
        (refused(500, None), true, true),
        (refused(500, None), false, false),
        (said(500), true, false),
        (refused(407, None), true, false),
    ] {
        let status = response.status;
        let told = line(Cause::Status(response), &proxy, is_handed_over);
        assert_eq!(told.ends_with(perhaps), is_perhaps, "{status}: {told}");
    }
    let wanted = "the proxy http://proxy.example:3128 wants a user name and a password (407); write them into its URL";
    let refusing = "the proxy http://proxy.example:3128 does not accept its user name and password (407); check them";
    for cause in [|| Cause::ProxyCredentials, || Cause::Status(refused(407, None))] {
        assert_eq!((line(cause(), &proxy, true), line(cause(), &known, true)), (wanted.into(), refusing.into()));
    }
    assert_eq!(report(Cause::ProxyCredentials, &CONTEXT).status, Some(407));
    for (is_handed_over, wish) in [(true, "let this through"), (false, "make a tunnel (CONNECT) to it")] {
        assert_eq!(
            line(Cause::Connect("no".into()), &proxy, is_handed_over),
            format!(
                "no connection to http://b through the proxy http://proxy.example:3128 (no); \
                 are both running there, and does the proxy {wish}?"
            )
        );
    }
}

/// An error that has another behind it.
#[derive(Debug, thiserror::Error)]
#[error("outer")]
struct Outer(#[source] std::io::Error);

#[test]
fn each_failure_without_a_status_is_told_in_a_line() {
    use CommonKind::*;
    let broken = || Box::new(Outer(std::io::Error::other("the inner")));
    let timed_out = |limit| Cause::TimedOut { limit, after: Duration::from_secs(15) };
    for (cause, kind, line) in [
        (Cause::Connect(broken()), Connect, "no connection to http://b (the inner); is the backend running there?"),
        (
            Cause::Interrupted(broken()),
            Interrupted,
            "the connection to http://b broke off before the whole response was there (the inner)",
        ),
        (
            Cause::RuntimeEnded,
            Interrupted,
            "the tokio runtime that the connection to http://b was made in ended before the whole response was there",
        ),
        (
            timed_out(Limit::Attempt),
            TimedOut,
            "no whole response within 15s (the attempt limit); raise the limit, or see why http://b is slow",
        ),
        (
            timed_out(Limit::Overall),
            TimedOut,
            "no whole response within 15s (the overall limit); raise the limit, or see why http://b is slow",
        ),
        (timed_out(Limit::Silence), TimedOut, "nothing came on the stream from http://b for 15s, so it is dead"),
        (
            Cause::TooLarge { bound: 7 },
            ResponseTooLarge,
            "the response is larger than 7 bytes; ask for less, or raise max_response_bytes",
        ),
        (
            Cause::Malformed { status: Some(StatusCode::OK), problem: "x".to_owned() },
            MalformedResponse,
            "the response is not what the contract promises: x; \
             is http://b a Smallest backend of a version that this SDK knows?",
        ),
        (Cause::Unsendable("x"), InvalidInput, "x"),
        (
            Cause::HoldsNul { argument: "name".to_owned() },
            InvalidInput,
            "`name` holds U+0000, which the backend can't store; leave it out",
        ),
    ] {
        let has_source = matches!(cause, Cause::Connect(_) | Cause::Interrupted(_));
        let report = report(cause, &CONTEXT);
        assert_eq!((report.kind, &*report.line, report.source.is_some()), (kind, line, has_source));
    }
}

#[test]
fn what_may_have_been_done_is_looked_for_before_it_is_done_again() {
    let advice = "; the backend may have carried it out, so look before you repeat it";
    for (operation, may_have_acted, is_advised) in
        [(&LOOK, false, false), (&LOOK, true, false), (&ACT, false, false), (&ACT, true, true)]
    {
        let failure = Failure { may_have_acted, ..failure(Cause::RuntimeEnded) };
        let report = Report::of_failure::<Smallest>(failure, &Context { operation, ..CONTEXT });
        assert_eq!(report.line.ends_with(advice), is_advised, "{} {may_have_acted}", operation.id);
        assert_eq!((report.may_have_been_sent, report.may_be_repeated()), (may_have_acted, !is_advised));
    }
    let mut of_none = Report::new(CommonKind::Interrupted, None, "x");
    assert!(of_none.may_be_repeated());
    of_none.may_have_been_sent = true;
    assert!(!of_none.may_be_repeated());
}

#[test]
fn a_request_is_called_what_its_headers_call_it_or_else_its_body() {
    for (header, body, told) in [
        (Some("h-1"), json!({"id": "b-1"}), Some("h-1")),
        (None, json!({"id": "b-1"}), Some("b-1")),
        (None, json!({"id": "b\n1"}), Some("b 1")),
        (None, json!({"id": ""}), None),
        (None, json!({}), None),
    ] {
        let cause = Cause::Status(refused(404, Some(body)));
        let failure = Failure { request_id: header.map(str::to_owned), ..failure(cause) };
        let report = Report::of_failure::<Smallest>(failure, &CONTEXT);
        assert_eq!(report.request_id.as_deref(), told);
    }
}

#[test]
fn an_error_is_shown_in_one_line_with_its_attempts_where_there_were_several() {
    let mut report = Report::new(CommonKind::Connect, Some(&LOOK), "no");
    for (attempts, shown) in
        [(0, "look: no"), (1, "look: no"), (2, "look: no [after 2 attempts]"), (3, "look: no [after 3 attempts]")]
    {
        report.attempts = attempts;
        assert_eq!(report.to_string(), shown);
    }
    report.body = ErrorBody::of_text("what the backend says");
    assert_eq!(
        format!("{report:?}"),
        "Error { kind: Connect, operation: Some(\"look\"), status: None, attempts: 3, may_have_been_sent: false, \
         request_id: None, line: \"no\", .. }"
    );
    assert_eq!(Report::new(CommonKind::Connect, None, "no").to_string(), "no");
}
