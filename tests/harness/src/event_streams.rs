//! Streams of events that no well-behaved backend sends, read by a facade: what is odd in one place spoils no other, what says
//! nothing is passed over, and one event is as large as the bound allows.
//!
//! A platform's suite implements [`EventStreams`] for each of its streams and says
//! `test_harness::event_stream_tests!(ItsStream);`.

use crate::cuttings::{Cutting, RecordedBody};
use crate::raw_peer::RawPeer;

/// An adapter: a stream of a facade.
pub trait EventStreams {
    /// Further headers of the answer, each with its line break.
    const HEADERS: &str = "";

    /// What ends the stream well.
    const END: &str;

    /// Whether the events behind one that is too large come all the same.
    const GETS_PAST_TOO_LARGE: bool;

    /// How large the largest event is that is tried, in MiB. It takes seconds where it is 100.
    const LARGEST: usize;

    /// An event that tells this text, with the blank line behind it.
    fn event(text: &str) -> String;

    /// Reads a stream to its end, by a client that takes so many bytes at once, or as many as it does unless told: all text
    /// that is told, and the kind of the error that ends it.
    fn read(url: &str, largest: Option<usize>) -> impl Future<Output = (String, Option<String>)> + Send;
}

const MIB: usize = 1024 * 1024;

/// Lists the tests, so that platforms run them. A function that is left out is dead code, which is denied.
macro_rules! suite {
    ($d:tt $($test:ident)*) => {
        #[doc(hidden)]
        pub mod run {
            $(pub async fn $test<S: super::EventStreams>() {
                super::$test::<S>().await;
            })*
        }

        /// The tests of hostile streams of events, as tests of this stream of a facade.
        #[macro_export]
        macro_rules! event_stream_tests {
            ($d stream:ty) => {
                $(#[tokio::test]
                async fn $test() {
                    $crate::event_streams::run::$test::<$d stream>().await;
                })*
            };
        }
    };
}

suite! { $
    a_stream_is_the_same_in_every_cutting_of_its_bytes
    a_charset_that_lies_changes_nothing
    what_is_no_utf_8_and_nul_spoil_no_event_but_their_own_wherever_they_are
    lines_that_say_nothing_are_passed_over_however_many_they_are
    a_large_event_is_told_where_the_bound_allows_and_refused_where_not
}

/// The answer with this body, in pieces of the transport that are cut so.
fn answer<S: EventStreams>(media_type: &str, body: &[u8], cut: Cutting) -> Vec<u8> {
    let own = S::HEADERS.lines().filter_map(|line| line.split_once(": "));
    let headers = [("connection", "close"), ("content-type", media_type)].into_iter().chain(own);
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    RecordedBody { headers, bytes: body.to_vec(), lengths: Vec::new(), ends: true }.response(cut)
}

/// What is read of an answer of these pieces, of which each is sent so often.
async fn read<S: EventStreams>(pieces: Vec<(Vec<u8>, usize)>, largest: Option<usize>) -> (String, Option<String>) {
    let pieces = std::sync::Arc::new(pieces);
    let peer = RawPeer::start(move |mut connection| {
        let pieces = pieces.clone();
        async move {
            connection.request().await.unwrap();
            for (piece, times) in pieces.iter() {
                for _ in 0..*times {
                    connection.send(piece).await;
                }
            }
        }
    })
    .await;
    S::read(&peer.url(), largest).await
}

/// The head of an answer that ends with its connection.
fn head<S: EventStreams>() -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n";
    format!("{head}{}\r\n", S::HEADERS).into_bytes()
}

async fn a_stream_is_the_same_in_every_cutting_of_its_bytes<S: EventStreams>() {
    let lines = format!(": a comment\r\n\r\n{}{}{}", S::event("a\r\n\u{2028}"), S::event("ü 🦀"), S::END);
    for body in [lines.replace('\n', "\r\n").replace("\r\r", "\r"), lines] {
        for cut in Cutting::all(body.len()) {
            let whole = answer::<S>("text/event-stream", body.as_bytes(), cut);
            let told = read::<S>(vec![(whole, 1)], None).await;
            assert_eq!(told, ("a\r\n\u{2028}ü 🦀".to_owned(), None), "{cut}");
        }
    }
}

/// Events are UTF-8, whatever the head says of them.
async fn a_charset_that_lies_changes_nothing<S: EventStreams>() {
    let body = format!("\u{feff}{}{}", S::event("Grüße 🦀"), S::END);
    for media_type in [
        "text/event-stream; charset=iso-8859-1",
        "text/event-stream; charset=latin-1",
        "text/event-stream;charset=utf-16le",
        "TEXT/EVENT-STREAM ; Charset=\"windows-1252\"; x=y",
        "text/event-stream; charset=",
    ] {
        let whole = answer::<S>(media_type, body.as_bytes(), Cutting::AsRecorded);
        let told = read::<S>(vec![(whole, 1)], None).await;
        assert_eq!(told, ("Grüße 🦀".to_owned(), None), "{media_type}");
    }
}

async fn what_is_no_utf_8_and_nul_spoil_no_event_but_their_own_wherever_they_are<S: EventStreams>() {
    let odd = S::event("odd");
    let (before, after) = (S::event("before"), S::event("after 🦀") + S::END);
    for at in 0..=odd.len() {
        for bad in [&b"\xff"[..], b"\xf0\x9f\xa6", b"\xed\xa0\x80", b"\0"] {
            // It comes in between, or in the place of what is there.
            for rest in [&odd.as_bytes()[at..], odd.as_bytes().get(at + 1..).unwrap_or_default()] {
                let body = [before.as_bytes(), &odd.as_bytes()[..at], bad, rest, b"\n\n", after.as_bytes()].concat();
                let whole = answer::<S>("text/event-stream", &body, Cutting::AsRecorded);
                let (told, error) = read::<S>(vec![(whole, 1)], None).await;
                let is_told = told.starts_with("before") && told.ends_with("after 🦀");
                assert!(is_told && error.is_none(), "{at} {bad:?}: {told:?} {error:?}");
            }
        }
    }
}

async fn lines_that_say_nothing_are_passed_over_however_many_they_are<S: EventStreams>() {
    for line in ["\n", "\r\n", ": keep-alive\n\n", "::::", "\0\n", "retry: 9\n"] {
        let piece = line.repeat(64 * 1024 / line.len()).into_bytes();
        // Millions of them where that is to be tried.
        let times = S::LARGEST * 20_000 * line.len().min(2) / piece.len() + 1;
        let pieces = vec![
            (head::<S>(), 1),
            (S::event("a").into_bytes(), 1),
            (piece, times),
            (format!("\n\n{}{}", S::event("b"), S::END).into_bytes(), 1),
        ];
        assert_eq!(read::<S>(pieces, None).await, ("ab".to_owned(), None), "{line:?}");
    }
}

async fn a_large_event_is_told_where_the_bound_allows_and_refused_where_not<S: EventStreams>() {
    let event = S::event("@");
    let (before, after) = event.split_once('@').unwrap();
    let a = S::event("a");
    let line = |times: usize| {
        let pieces = [(format!("{a}{before}"), 1), ("x".repeat(MIB), times), (after.to_owned(), 1)];
        (pieces.to_vec(), "x".repeat(times * MIB))
    };
    // Blanks before the JSON mean nothing to it.
    let lines = |times: usize| {
        let pieces = [(a.clone(), 1), (format!("data:{}\n", " ".repeat(MIB - 6)), times), (S::event("many"), 1)];
        (pieces.to_vec(), "many".to_owned())
    };
    for (pieces, text) in [line(S::LARGEST), lines(S::LARGEST)] {
        let pieces: Vec<_> = [(String::from_utf8(head::<S>()).unwrap(), 1)]
            .into_iter()
            .chain(pieces)
            .chain([(S::event("b") + S::END, 1)])
            .map(|(piece, times)| (piece.into_bytes(), times))
            .collect();
        let (told, error) = read::<S>(pieces.clone(), Some((S::LARGEST + 1) * MIB)).await;
        assert!(told == format!("a{text}b") && error.is_none(), "{} bytes, {error:?}", told.len());
        let told = read::<S>(pieces, Some((S::LARGEST - 1) * MIB)).await;
        match S::GETS_PAST_TOO_LARGE {
            true => assert_eq!(told, ("ab".to_owned(), None)),
            false => assert_eq!(told, ("a".to_owned(), Some("ResponseTooLarge".to_owned()))),
        }
    }
}
