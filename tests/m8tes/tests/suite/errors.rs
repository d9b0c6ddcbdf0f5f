//! What a refusal is told as, whatever form it comes in.

use std::time::Duration;

use m8tes_sdk::{Client, Error, ErrorKind, codes};
use serde_json::{Value, json};
use test_harness::{Peer, Reply};

/// What becomes of these answers to a call that is not repeated.
async fn refused(status: &str, headers: &str, body: &str) -> Error {
    let peer = Peer::start([Reply::http(status, headers, body)]).await;
    let client = Client::builder("m8_key").base_url(peer.url()).build().unwrap();
    let error = client.webhooks().create("https://example.com/hook").await.unwrap_err();
    assert_eq!((error.operation(), error.attempts()), (Some("create_webhook"), 1));
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains("m8_key") && !printed.contains("<p>") && !error.to_string().contains('\n'), "{printed}");
    error
}

async fn refused_with(status: &str, body: &Value) -> Error {
    refused(status, "content-type: application/json\r\n", &body.to_string()).await
}

#[tokio::test]
async fn each_status_is_of_a_kind_whatever_the_body_is() {
    let bodies = [
        json!({"error": {"type": "t", "message": "so it is", "code": 400}}).to_string(),
        json!({"error": "so it is"}).to_string(),
        json!({"detail": "so it is"}).to_string(),
        json!({"detail": [{"loc": ["body", "url"], "msg": "so it is", "type": "missing"}]}).to_string(),
        json!({"error": null}).to_string(),
        "[1]".to_owned(),
        "5".to_owned(),
        "<html><p>so it is</html>".to_owned(),
        "so it is".to_owned(),
        String::new(),
    ];
    for (status, kind) in [
        ("400 Bad Request", ErrorKind::Rejected),
        ("422 Unprocessable Content", ErrorKind::Rejected),
        ("401 Unauthorized", ErrorKind::Unauthorized),
        ("402 Payment Required", ErrorKind::PaymentRequired),
        ("403 Forbidden", ErrorKind::Forbidden),
        ("404 Not Found", ErrorKind::NotFound),
        ("409 Conflict", ErrorKind::Conflict),
        ("429 Too Many Requests", ErrorKind::TooManyRequests),
        ("304 Not Modified", ErrorKind::Redirected),
        ("405 Method Not Allowed", ErrorKind::UnexpectedStatus),
        ("418 I'm a teapot", ErrorKind::UnexpectedStatus),
        ("500 Internal Server Error", ErrorKind::BackendFailed),
        ("501 Not Implemented", ErrorKind::BackendFailed),
        ("503 Service Unavailable", ErrorKind::Unavailable),
    ] {
        for (number, body) in bodies.iter().enumerate() {
            let body = if status.starts_with("304") { "" } else { body };
            let error = refused(status, "", body).await;
            let code: u16 = status[..3].parse().unwrap();
            assert_eq!((error.kind(), error.status()), (kind, Some(code)), "{status} {body}");
            let says_why = number < 4 && !body.is_empty();
            assert_eq!(error.to_string().contains("so it is"), says_why, "{error}");
        }
    }
}

#[tokio::test]
async fn the_code_is_that_of_the_outermost_place_that_has_one() {
    for (body, code) in [
        (json!({"error_code": "A", "details": {"error_code": "B"}, "code": "C"}), Some("A")),
        (json!({"details": {"error_code": "B"}, "code": "C"}), Some("B")),
        (json!({"details": null, "code": "C"}), Some("C")),
        (json!({"details": {}, "code": 409}), None),
        (json!({"error_code": 5, "details": []}), None),
    ] {
        let error = refused_with("409 Conflict", &json!({"error": body})).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, code), "{body}");
    }
}

#[tokio::test]
async fn what_else_is_said_is_kept() {
    let details = json!({"runs_used": 5, "runs_limit": 5, "period_end": "2026-12-01", "topup_url": "https://pay"});
    let body = json!({"error": {"type": "billing", "message": "no more runs", "code": 402, "request_id": "req_1",
        "error_code": "RUN_LIMIT_REACHED", "doc_url": "https://docs", "details": details}});
    let error = refused_with("402 Payment Required", &body).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::PaymentRequired, Some(codes::RUN_LIMIT_REACHED)));
    assert_eq!((error.detail(), error.request_id()), (Some("no more runs"), Some("req_1")));
    let kept = error.detail_object().unwrap();
    assert_eq!(
        (&kept["runs_used"], &kept["topup_url"], &kept["doc_url"]),
        (&json!(5), &json!("https://pay"), &json!("https://docs"))
    );
    assert!(error.to_string().contains("paid for"), "{error}");
    assert!(!error.is_retryable() && !error.may_have_been_sent());
}

#[tokio::test]
async fn what_to_do_is_said_where_it_is_known() {
    let coded = |code: &str| json!({"error": {"message": "m", "error_code": code}});
    let strict = json!({"error": {"message": "user_id is required; or set require_end_user_id=False", "code": 422}});
    for (status, body, kind, advice) in [
        ("403 Forbidden", coded(codes::TRIAL_EXPIRED), ErrorKind::Forbidden, "plan and balance"),
        ("402 Payment Required", coded("NEW"), ErrorKind::PaymentRequired, "plan and balance"),
        ("403 Forbidden", coded(codes::EMAIL_VERIFICATION_REQUIRED), ErrorKind::Forbidden, "resend_verification"),
        (
            "402 Payment Required",
            coded(codes::EMAIL_VERIFICATION_REQUIRED),
            ErrorKind::PaymentRequired,
            "resend_verification",
        ),
        ("422 Unprocessable Content", strict, ErrorKind::Rejected, "Client::for_user or .user("),
        ("404 Not Found", json!({"detail": "Not Found"}), ErrorKind::NotFound, "does it lack /api/v2?"),
        // m8tes itself says so.
        ("404 Not Found", json!({"error": {"message": "Not Found", "code": 404}}), ErrorKind::NotFound, "check the id"),
        ("404 Not Found", json!({"detail": "Not Found", "error": null, "x": 1}), ErrorKind::NotFound, "check the id"),
        ("401 Unauthorized", coded("x"), ErrorKind::Unauthorized, "does not accept the API key"),
    ] {
        let error = refused_with(status, &body).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(advice), "{error}");
    }
}

#[tokio::test]
async fn how_long_to_wait_is_told_whatever_the_status() {
    for status in ["429 Too Many Requests", "503 Service Unavailable", "409 Conflict"] {
        let error = refused(status, "retry-after: 12\r\n", "").await;
        assert_eq!(error.retry_after(), Some(Duration::from_secs(12)), "{error}");
    }
    assert_eq!(refused("429 Too Many Requests", "", "").await.retry_after(), None);
}

#[tokio::test]
async fn a_web_page_is_told_as_one_and_not_shown() {
    let page = |status| refused(status, "content-type: text/html; charset=utf-8\r\n", "<!doctype html><p>welcome</p>");
    for status in ["404 Not Found", "405 Method Not Allowed", "410 Gone"] {
        let line = page(status).await.to_string();
        assert!(
            line.contains("with a web page (text/html)") && line.ends_with("the base URL is probably wrong"),
            "{line}"
        );
    }
    // A gateway may say this in front of m8tes.
    for status in ["502 Bad Gateway", "401 Unauthorized", "429 Too Many Requests"] {
        let line = page(status).await.to_string();
        assert!(line.contains("with a web page (text/html)") && !line.contains("probably wrong"), "{line}");
    }
    for status in ["200 OK", "201 Created"] {
        let error = page(status).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::MalformedResponse, Some(status[..3].parse().unwrap())));
        assert!(error.to_string().contains("it is a web page (text/html); the base URL is probably wrong"), "{error}");
    }
    // What is said beside that is JSON, whatever it is called.
    let named =
        refused("404 Not Found", "content-type: text/html\r\n", r#"{"error": {"message": "no webhook"}}"#).await;
    assert!(named.to_string().contains("404: no webhook"), "{named}");
}

#[tokio::test]
async fn a_stream_and_a_run_say_so_too() {
    let page = || Reply::http("200 OK", "content-type: text/html\r\n", "<html>");
    let peer = Peer::start([page()]).await;
    let client = Client::builder("m8_key").base_url(peer.url()).build().unwrap();
    for error in [
        client.runs().create("go").await.unwrap_err(),
        client.runs().stream("go").await.map(drop).unwrap_err(),
        client.runs().join(42).await.map(drop).unwrap_err(),
        client.runs().get(42).await.unwrap_err(),
        client.runs().list().await.map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::MalformedResponse, "{error}");
        assert!(error.to_string().contains("text/html"), "{error}");
    }
}

#[tokio::test]
async fn a_success_that_is_none_says_what_it_lacks_and_shows_nothing() {
    for (body, lacks) in [
        ("", "the body ends too early"),
        ("m8_secret", "the body is not JSON"),
        (r#"{"id": "m8_secret"}"#, "expected i64 (line 1 column"),
        (r#"{"url": "https://x"}"#, "missing field `id`"),
        ("[]", "expected"),
    ] {
        let error = refused("200 OK", "content-type: application/json\r\n", body).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::MalformedResponse, Some(200)), "{error}");
        assert!(error.to_string().contains(lacks) && !error.to_string().contains("m8_secret"), "{error}");
        assert!(error.may_have_been_sent());
    }
}
