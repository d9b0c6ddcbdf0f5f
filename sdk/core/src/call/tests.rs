//! What of a call needs no socket: its request, and what is made of an answer.

use super::*;
use crate::testing::{self, URL};
use crate::transport::Transport;

struct Platform;

fn call() -> Call {
    bounded(32 * 1024 * 1024)
}

#[test]
fn what_a_header_carries_is_a_value() {
    for text in ["", "a", "a b, c=\"d\"", "~!@#$%^&*()"] {
        assert_eq!(call().header_value(text, "no").unwrap(), text);
    }
}

#[test]
fn what_a_header_can_not_carry_fails_the_call_by_the_name_of_the_parameter() {
    for text in ["a\r\nX: y", "a\n", "a\0", "a\u{7f}", "ä", "\u{1f600}", " a", "a ", "a\tb"] {
        let call = call();
        let problem = call.header_value(text, "the header X-Trace can't carry that").unwrap_err();
        let outcome: Result<ResponseValue<()>, _> = Err(TransportError::<()>::InvalidRequest(problem.to_owned()));
        let failure = call.finish::<(), Platform, (), ()>(outcome).unwrap_err();
        assert!(
            matches!(failure.cause, Cause::Unsendable("the header X-Trace can't carry that")),
            "{text:?}: {failure:?}"
        );
        assert_eq!(failure.attempts, 0);
    }
}

fn bounded(bound: usize) -> Call {
    Transport::builder().max_response_bytes(bound).build(&URL.parse().unwrap()).unwrap().call(None)
}

/// The answer with this after its status line, and then the end of the connection.
async fn answer(rest: &str) -> Answer {
    testing::answer(format!("HTTP/1.1 200 OK\r\n{rest}").as_bytes()).await.0
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_bound_however_it_comes() {
    let chunked = "transfer-encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n";
    for rest in ["content-length: 10\r\n\r\n0123456789", "connection: close\r\n\r\n0123456789", chunked] {
        for (bound, is_whole) in [(100, true), (11, true), (10, true), (9, false), (5, false), (1, false)] {
            let (mut answer, mut coming) = (answer(rest).await, Coming::default());
            match bounded(bound).read_bounded(&mut answer, &mut coming).await.unwrap() {
                Body::Whole(body) => assert!(is_whole && body == "0123456789", "{bound} {rest}: {body:?}"),
                Body::TooLarge(_) => assert!(!is_whole, "{bound} {rest}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_declared_too_large_is_not_waited_for() {
    for (bound, is_too_large) in [(10, false), (9, true), (1, true)] {
        let (mut answer, mut coming) = (answer("content-length: 10\r\n\r\n").await, Coming::default());
        let read = bounded(bound).read_bounded(&mut answer, &mut coming).await;
        match read {
            Ok(Body::TooLarge(read)) => assert!(is_too_large && read.is_empty()),
            outcome => assert!(!is_too_large && matches!(outcome, Err(Cause::Interrupted(_))), "{bound}"),
        }
    }
}

#[tokio::test]
async fn for_what_is_declared_room_of_1_mib_is_made_before_it_comes() {
    let mut coming = Coming::default();
    let begun = format!("content-length: 20000000\r\n\r\n{}", "x".repeat(40_000));
    let read = call().read_bounded(&mut answer(&begun).await, &mut coming).await;
    assert!(matches!(read, Err(Cause::Interrupted(_))));
    let (length, room) = (coming.body.len(), coming.body.capacity());
    assert!(length == 40_000 && (1_048_576..2_097_152).contains(&room), "{length} in {room}");
}

#[tokio::test]
async fn what_is_larger_than_the_bound_is_kept_in_part_where_that_is_asked_for() {
    let read = || vec![Bytes::from_static(br#"["a","#)];
    let rest = "content-length: 4\r\n\r\n\"b\"]";
    for oversize in [Oversize::FirstRows, Oversize::CutTexts] {
        let kept = bounded(1000).with_oversize(oversize).skim(answer(rest).await, read()).await.unwrap();
        assert_eq!(kept.body(), r#"["a","b"]"#);
    }
    // However much there is of it.
    let much = Bytes::from("x".repeat(1_048_576));
    let read_of_much =
        vec![Bytes::from_static(br#"[""#), much.clone(), much.clone(), much, Bytes::from_static(br#"","#)];
    let kept = bounded(1000).with_oversize(Oversize::CutTexts).skim(answer(rest).await, read_of_much).await.unwrap();
    assert!(kept.body().len() <= 1000 && kept.body().ends_with(br#","b"]"#), "{kept:?}");
    let refused = bounded(1000).skim(answer(rest).await, read()).await;
    assert!(matches!(refused, Err(Cause::TooLarge { bound: 1000 })));
}

#[tokio::test]
async fn of_a_refusal_64_kib_are_kept_however_they_come() {
    for (pieces, expected) in [
        (vec![2, 3], 5),
        (vec![65_536], 65_536),
        (vec![40_000, 30_000], 65_536),
        (vec![40_000, 25_536, 1], 65_536),
        (vec![70_000, 70_000], 65_536),
    ] {
        let chunks = pieces.iter().map(|length| format!("{length:x}\r\n{}\r\n", "x".repeat(*length)));
        let rest = format!("transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", chunks.collect::<String>());
        let mut kept = BytesMut::new();
        keep_start(&mut answer(&rest).await, &mut kept).await;
        assert_eq!(kept.len(), expected, "{pieces:?}");
    }
}

#[tokio::test]
async fn of_where_a_redirect_points_neither_credentials_nor_a_query_are_shown() {
    let length = 500 - URL.len() - "/".len();
    let (longest, too_long) = (format!("/{}", "x".repeat(length)), format!("/{}", "x".repeat(length + 1)));
    for (location, shown) in [
        ("/x?token=1#f", Some("http://127.0.0.1:1/x")),
        ("https://ada:pass@other.example/y?z", Some("https://other.example/y")),
        ("//other.example", Some("http://other.example/")),
        (&longest, Some(&*format!("{URL}{longest}"))),
        (&too_long, None),
        ("http://[", None),
    ] {
        let answer = answer(&format!("content-length: 0\r\nlocation: {location}\r\n\r\n")).await;
        assert_eq!(super::location(&answer).as_deref(), shown, "{location}");
    }
    assert_eq!(super::location(&answer("content-length: 0\r\n\r\n").await), None);
}

#[test]
fn a_page_is_told_by_its_media_type() {
    for (media_type, is_one) in [
        ("text/html", true),
        ("Text/HTML ; charset=utf-8", true),
        ("text/htmlx", false),
        ("application/json", false),
        ("application/json; text/html", false),
    ] {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        assert_eq!(is_page(&headers), is_one, "{media_type}");
    }
    assert!(!is_page(&HeaderMap::new()));
}

#[test]
fn a_page_in_place_of_json_is_told_as_that() {
    for (media_type, said) in [("text/html", "it is a web page (text/html)"), ("application/json", "is not JSON")] {
        let call = call();
        call.record.lock().unwrap().coming.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        let error = serde_json::from_str::<()>("<p>").unwrap_err();
        let outcome = Err(TransportError::<()>::InvalidResponsePayload("<p>".into(), error));
        let failure = call.finish::<(), Platform, (), ()>(outcome).unwrap_err();
        assert!(matches!(&failure.cause, Cause::Malformed { problem, .. } if problem.contains(said)), "{failure:?}");
    }
}

#[test]
fn a_header_is_readable_where_it_is_short_and_visible() {
    let longest = "x".repeat(200);
    for (text, is_readable) in [
        ("req-7", true),
        ("a b", true),
        (&longest, true),
        (&format!("{longest}x"), false),
        ("", false),
        ("a\tb", false),
    ] {
        let value = HeaderValue::from_str(text).unwrap();
        assert_eq!(readable(Some(&value)).as_deref(), is_readable.then_some(text));
    }
    assert_eq!((readable(Some(&HeaderValue::from_bytes(b"\xfc").unwrap())), readable(None)), (None, None));
}

static ACT: Operation = Operation::new("act", "POST", "/act");

/// The headers of a request that has been made ready.
fn headers(call: &Call, method: Method, body: Option<&'static str>) -> Result<HeaderMap, Cause> {
    let mut request = reqwest::Request::new(method, URL.parse().unwrap());
    *request.body_mut() = body.map(Into::into);
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
    call.make_request_ready(&mut request, &ACT)?;
    Ok(request.headers().clone())
}

#[test]
fn every_request_says_what_all_say_unless_it_says_so_itself() {
    let headers = headers(&call(), Method::GET, None).unwrap();
    let agent = concat!("agent-platform-core/", env!("CARGO_PKG_VERSION"));
    assert_eq!(headers[header::USER_AGENT], agent);
    assert_eq!(headers[header::ACCEPT], "text/event-stream");
}

#[test]
fn a_request_that_could_have_a_body_says_that_it_has_none() {
    let length = |method, body| headers(&call(), method, body).unwrap().remove(header::CONTENT_LENGTH);
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        assert_eq!(length(method.clone(), None).unwrap(), "0");
        assert_eq!(length(method, Some("x")), None, "its own length is added as it is sent");
    }
    assert_eq!((length(Method::GET, None), length(Method::DELETE, None)), (None, None));
}

#[test]
fn a_user_is_named_as_it_is_or_not_at_all() {
    let transport = Transport::builder().user_header(HeaderName::from_static("x-user"));
    let transport = transport.build(&URL.parse().unwrap()).unwrap();
    for (user, is_sent) in [("ada", true), ("Ada L\u{f6}", true), ("ada ", false), (" ada", false), ("a\tb", false)] {
        let headers = headers(&transport.call(None).with_user(Some(user.to_owned())), Method::GET, None);
        match headers {
            Ok(headers) => assert!(is_sent && headers["x-user"].as_bytes() == user.as_bytes(), "{user:?}"),
            Err(cause) => assert!(!is_sent && matches!(cause, Cause::Unsendable(_)), "{user:?}: {cause:?}"),
        }
    }
}

#[test]
fn a_url_may_be_as_long_as_one_that_can_be_sent() {
    for (length, is_sent) in [(65_533, true), (65_534, true), (65_535, false), (65_536, false), (100_000, false)] {
        let url = format!("{URL}/?{}", "x".repeat(length - URL.len() - "/?".len()));
        assert_eq!(url.parse::<http::Uri>().is_ok(), is_sent, "{length}");
        let mut request = reqwest::Request::new(Method::GET, url.parse().unwrap());
        match call().make_request_ready(&mut request, &ACT) {
            Ok(()) => assert!(is_sent, "{length}"),
            Err(cause) => assert!(!is_sent && matches!(cause, Cause::Unsendable(_)), "{length}: {cause:?}"),
        }
    }
}

#[test]
fn a_call_that_a_response_refuses_was_attempted_once() {
    let response = http::Response::builder().status(404).header("x-request-id", "req-7");
    let failure = call().refused_by(response.body(br#"{"detail":"x"}"#.to_vec()).unwrap());
    assert_eq!((failure.attempts, failure.request_id.as_deref()), (1, Some("req-7")));
    let Cause::Status(response) = failure.cause else { panic!("{:?}", failure.cause) };
    assert_eq!(response.body.unwrap()["detail"], "x");
}

fn responded(status: StatusCode) -> reqwest::Response {
    stand_in(status).into()
}

#[tokio::test]
async fn a_text_is_taken_from_the_success_that_was_promised_alone() {
    let text = |outcome: Result<ResponseValue<()>, TransportError<()>>, cause: Option<Cause>| {
        let call = call();
        let mut record = call.record.lock().unwrap();
        (record.coming.first, record.cause) = (Bytes::from_static(b"text"), cause);
        drop(record);
        call.finish_text(outcome)
    };
    let promised = || ResponseValue::empty(responded(StatusCode::OK));
    let other = || TransportError::UnexpectedResponse(responded(StatusCode::CREATED));
    assert_eq!(text(Ok(promised()), None).unwrap(), "text");
    let failure = text(Err(other()), None).unwrap_err();
    assert!(matches!(&failure.cause, Cause::Status(response) if response.status == StatusCode::CREATED));
    for outcome in [Ok(promised()), Err(other())] {
        let failure = text(outcome, Some(Cause::TooLarge { bound: 1 })).unwrap_err();
        assert!(matches!(failure.cause, Cause::TooLarge { bound: 1 }), "{failure:?}");
    }
}

#[tokio::test]
async fn a_stream_that_was_not_asked_for_is_told_as_one() {
    let call = call();
    call.record.lock().unwrap().live = Some(Box::new(answer("content-length: 0\r\n\r\n").await));
    let outcome: Result<_, TransportError<()>> = Ok(ResponseValue::empty(responded(StatusCode::OK)));
    let failure = call.finish::<(), Platform, (), ()>(outcome).unwrap_err();
    assert!(matches!(&failure.cause, Cause::Malformed { problem, .. } if problem.contains("it is a stream")));
}

#[tokio::test]
async fn a_success_has_the_status_of_its_answer() {
    assert_eq!(Success::Whole(stand_in(StatusCode::CREATED)).status(), StatusCode::CREATED);
    let (live, _peer) = testing::answer(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(Success::Live(live).status(), StatusCode::ACCEPTED);
}
