//! What is traced of a call: a span for it, and within that one for each attempt, by OpenTelemetry's names.

use std::collections::BTreeMap;
use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use super::{Facade, Retry, SampleCall, Settings, Told};
use crate::{EndedSpan, Peer, Reply, Trace, no_server};

super::suite! { $ traces:
    each_attempt_is_a_span_in_that_of_its_call
    a_failed_attempt_says_of_which_kind_it_is
    what_stands_in_a_path_is_no_part_of_a_span
    an_address_is_told_without_what_is_around_it_in_a_url
    what_is_never_sent_is_no_attempt
    a_call_that_nobody_waits_for_leaves_no_span_open
}

fn client<F: Facade>(url: &str) -> F::Client {
    F::client(url, Settings { retry: Retry::Never, max_response_bytes: Some(4096), ..Settings::default() }).unwrap()
}

/// What an attempt of the call is told as, beside these fields.
fn attempt(call: SampleCall, url: &str, more: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    let (host, port) = url.trim_start_matches("http://").rsplit_once(':').unwrap();
    let name = format!("{} {}", call.method, call.template);
    let common = [
        ("otel.name", &*name),
        ("otel.kind", "client"),
        ("http.request.method", call.method),
        ("server.address", host),
        ("server.port", port),
        ("url.template", call.template),
    ];
    common.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned())).collect()
}

async fn each_attempt_is_a_span_in_that_of_its_call<F: Facade>() {
    let down = Reply::http("503 Service Unavailable", "", "");
    let peer = Peer::start([down, Reply::Nothing, Reply::json("200 OK", F::READ.answer)]).await;
    let trace = Trace::record();
    F::read(&F::client(peer.url(), Settings::default()).unwrap()).await.unwrap();

    let attempts = trace.ended("attempt");
    let fields: Vec<_> = attempts.iter().map(|span| &span.fields).collect();
    let expected = [
        &[("http.response.status_code", "503"), ("error.type", "503"), ("otel.status_code", "ERROR")][..],
        &[("http.request.resend_count", "1"), ("error.type", "Interrupted"), ("otel.status_code", "ERROR")],
        &[("http.request.resend_count", "2"), ("http.response.status_code", "200")],
    ];
    assert_eq!(fields, expected.map(|more| attempt(F::READ, peer.url(), more)).iter().collect::<Vec<_>>());
    assert!(attempts.iter().all(|span| span.parent == Some("call")), "{attempts:?}");

    let [EndedSpan { fields, .. }] = &trace.ended("call")[..] else { panic!("{:?}", trace.ended("call")) };
    let expected =
        [("operation", F::READ.operation), ("otel.name", F::READ.operation), ("status", "200"), ("attempts", "3")];
    for (name, value) in expected {
        assert_eq!(fields.get(name).map(String::as_str), Some(value), "{fields:?}");
    }
    assert!(fields.contains_key("duration_ms") && !fields.contains_key("error.type"), "{fields:?}");
}

async fn a_failed_attempt_says_of_which_kind_it_is<F: Facade>() {
    let large = Reply::json("200 OK", &" ".repeat(5000));
    let compressed = Reply::http("200 OK", "content-encoding: br\r\n", "x");
    for (reply, kind, status) in [
        (Reply::json("404 Not Found", r#"{"detail":"no"}"#), "404", Some("404")),
        (Reply::http("302 Found", "location: /elsewhere\r\n", ""), "302", Some("302")),
        (Reply::http("500 Internal Server Error", "", ""), "500", Some("500")),
        (Reply::Nothing, "Interrupted", None),
        (Reply::cut_off("["), "Interrupted", Some("200")),
        (large, "ResponseTooLarge", Some("200")),
        (compressed, "MalformedResponse", Some("200")),
    ] {
        let trace = Trace::record();
        let peer = Peer::start([reply.clone()]).await;
        F::write(&client::<F>(peer.url())).await.unwrap_err();
        expect_failure::<F>(&trace, peer.url(), kind, status);
    }
    let trace = Trace::record();
    let url = no_server();
    F::write(&client::<F>(&url)).await.unwrap_err();
    expect_failure::<F>(&trace, &url, "Connect", None);

    let trace = Trace::record();
    let peer = Peer::start([Reply::Silence]).await;
    let attempt_timeout = Some(Duration::from_millis(50));
    let settings = Settings { attempt_timeout, retry: Retry::Never, ..Settings::default() };
    F::write(&F::client(peer.url(), settings).unwrap()).await.unwrap_err();
    expect_failure::<F>(&trace, peer.url(), "TimedOut", None);
}

/// Expects that the call that must not happen twice was attempted once, and failed so.
fn expect_failure<F: Facade>(trace: &Trace, url: &str, kind: &str, status: Option<&str>) {
    let mut more = vec![("error.type", kind), ("otel.status_code", "ERROR")];
    more.extend(status.map(|status| ("http.response.status_code", status)));
    let attempts = trace.ended("attempt");
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    assert_eq!(attempts[0].fields, attempt(F::WRITE, url, &more));
    let call = &trace.ended("call")[0].fields;
    assert_eq!((&*call["error.type"], &*call["otel.status_code"]), (kind, "ERROR"));
}

async fn what_stands_in_a_path_is_no_part_of_a_span<F: Facade>() {
    let paths = [F::READ, F::WRITE].map(|call| (call.path, call.path.ends_with(call.template)));
    assert!(paths.iter().any(|(_, is_template)| !is_template), "one of them holds an id: {paths:?}");
    let peer = Peer::start([Reply::http("404 Not Found", "", "")]).await;
    let trace = Trace::record();
    let client = client::<F>(&format!("{}/private", peer.url()));
    F::read(&client).await.unwrap_err();
    F::write(&client).await.unwrap_err();
    let text = trace.text();
    assert_eq!(trace.ended("attempt").len(), 2, "{text}");
    for (path, is_template) in paths {
        assert!(is_template || !text.contains(path), "{text}");
    }
    assert!(!text.contains("private"), "{text}");
}

async fn an_address_is_told_without_what_is_around_it_in_a_url<F: Facade>() {
    for (url, address, port) in [
        ("http://[::1]:1", "::1", "1"),
        ("http://127.0.0.1:1", "127.0.0.1", "1"),
        ("https://no-such-host.invalid", "no-such-host.invalid", "443"),
    ] {
        let trace = Trace::record();
        // However long it takes to find out that there is no such host.
        let attempt_timeout = Some(Duration::from_millis(100));
        let settings = Settings { attempt_timeout, retry: Retry::Never, ..Settings::default() };
        F::read(&F::client(url, settings).unwrap()).await.unwrap_err();
        let fields = &trace.ended("attempt")[0].fields;
        assert_eq!((&*fields["server.address"], &*fields["server.port"]), (address, port));
    }
}

async fn what_is_never_sent_is_no_attempt<F: Facade>() {
    let trace = Trace::record();
    let client =
        F::client("http://127.0.0.1:1", Settings { secret: Some("tok 123 \u{e4}".to_owned()), ..Settings::default() });
    let refused: Box<Told> = match client {
        Ok(client) => F::read(&client).await.unwrap_err(),
        Err(told) => told,
    };
    assert!(refused.is_refused(), "{refused:?}");
    assert!(trace.ended("attempt").is_empty());
}

async fn a_call_that_nobody_waits_for_leaves_no_span_open<F: Facade>() {
    let peer = Peer::start([Reply::Silence]).await;
    let trace = Trace::record();
    let client = client::<F>(peer.url());
    {
        let mut call = pin!(F::read(&client));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(trace.ended("attempt").is_empty(), "it is under way");
    }
    assert_eq!(trace.ended("attempt")[0].fields, attempt(F::READ, peer.url(), &[]));
    assert_eq!(trace.ended("call").len(), 1);
}
