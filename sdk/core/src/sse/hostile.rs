//! Streams that no well-behaved backend sends: each is decoded by the rules, in bounded memory.

use allocation_counter::measure;

use super::reference::reference;
use super::tests::{LIMIT, any_stream, decode, event};
use super::*;
use proptest::prelude::*;

const MIB: usize = 1024 * 1024;

/// What a stream brings in one piece at most here.
const PIECE: usize = 64 * 1024;

/// What a decoder may hold at once that was fed no piece larger than this: a line with the room it grows into and grew out of
/// and the event's data likewise, which may be read as three times as many bytes where it is no UTF-8; the events of a
/// piece, of which the shortest has 6 bytes; and what goes with it.
fn most_memory(limit: usize, piece: usize) -> usize {
    16 * (limit + 8) + 80 * piece + 4096
}

/// Feeds a decoder, takes each event as soon as it is there, and tells how many there were and how many were too large. It
/// panics where more memory is held at any time than may be.
#[track_caller]
fn feed<'p>(limit: usize, pieces: impl IntoIterator<Item = &'p [u8]>) -> (usize, usize) {
    let (mut good, mut too_large, mut largest) = (0, 0, 0);
    let memory = measure(|| {
        let mut decoder = EventDecoder::new(limit);
        let mut drain = |decoder: &mut EventDecoder| {
            while let Some(event) = decoder.next_event() {
                match event {
                    Ok(_) => good += 1,
                    Err(_) => too_large += 1,
                }
            }
        };
        for piece in pieces {
            largest = largest.max(piece.len());
            decoder.feed(piece);
            drain(&mut decoder);
        }
        decoder.finish();
        drain(&mut decoder);
    });
    let (held, most) = (memory.bytes_max as usize, most_memory(limit, largest));
    assert!(held <= most, "{held} bytes, where {most} are enough");
    (good, too_large)
}

/// A text over and over, in pieces, until there were so many bytes of it.
fn repeated(text: &[u8], bytes: usize) -> (Vec<u8>, usize) {
    let piece = text.repeat(PIECE / text.len());
    let times = bytes / piece.len();
    (piece, times)
}

#[test]
fn a_line_of_100_mb_is_taken_where_the_bound_allows_and_refused_where_not() {
    let (piece, times) = repeated(b"x", 100 * MIB);
    let stream = || {
        let line = std::iter::repeat_n(piece.as_slice(), times);
        [&b"data: before\n\ndata:"[..]].into_iter().chain(line).chain([&b"\n\ndata: after\n\n"[..]])
    };
    assert_eq!(feed(100 * MIB, stream()), (3, 0));
    for limit in [MIB, 100 * MIB - 1] {
        assert_eq!(feed(limit, stream()), (2, 1));
    }
}

#[test]
fn an_event_of_100_mb_is_taken_where_the_bound_allows_and_refused_where_not() {
    for (line, size) in [(format!("data: {}\n", "x".repeat(PIECE - 7)), 100 * MIB), ("data:x\n".to_owned(), 4 * MIB)] {
        let (piece, times) = repeated(line.as_bytes(), size);
        let stream = || std::iter::repeat_n(piece.as_slice(), times).chain([&b"\ndata: after\n\n"[..]]);
        assert_eq!(feed(size, stream()), (2, 0));
        assert_eq!(feed(MIB / 2, stream()), (1, 1));
    }
}

#[test]
fn millions_of_empty_lines_are_no_events() {
    for end in ["\n", "\r", "\r\n"] {
        let (piece, times) = repeated(end.as_bytes(), 2 * MIB * end.len());
        let stream = std::iter::repeat_n(piece.as_slice(), times).chain([&b"data: after\n\n"[..]]);
        assert_eq!(feed(LIMIT, stream), (1, 0));
    }
}

#[test]
fn comments_without_end_are_passed_over() {
    for comment in [&b":"[..], b"::::", b":\n", b": keep-alive\n\n", b":\0\xff\r"] {
        let (piece, times) = repeated(comment, 4 * MIB);
        let stream = std::iter::repeat_n(piece.as_slice(), times).chain([&b"\ndata: after\n\n"[..]]);
        assert_eq!(feed(LIMIT, stream), (1, 0), "{comment:?}");
    }
}

#[test]
fn other_lines_without_end_leave_nothing_behind() {
    for line in ["event: x\n", "id: x\n", "retry: 99999999999999999999999\n", "\0\n", "other: x\n", "data\n\n"] {
        let (piece, times) = repeated(line.as_bytes(), MIB);
        let (good, too_large) = feed(LIMIT, std::iter::repeat_n(piece.as_slice(), times));
        let events = if line.starts_with("data") { times * piece.len() / line.len() } else { 0 };
        assert_eq!((good, too_large), (events, 0), "{line:?}");
    }
}

/// An id is told with every event behind it, of which a piece may hold thousands.
#[test]
fn a_large_id_is_there_once_however_many_events_have_it() {
    let id = format!("id: {}\n\n", "x".repeat(MIB));
    let events = b"data\n\n".repeat(PIECE / 6);
    let pieces = [id.as_bytes(), &events, &events];
    assert_eq!(feed(MIB + 8, pieces), (2 * (PIECE / 6), 0));
    let mut decoder = EventDecoder::new(MIB + 8);
    pieces.iter().for_each(|piece| decoder.feed(piece));
    let ids: Vec<_> = std::iter::from_fn(|| decoder.next_event()).map(|event| event.unwrap().id.unwrap()).collect();
    assert!(ids.iter().all(|id| id.len() == MIB && Arc::ptr_eq(id, &ids[0])));
}

#[test]
fn nul_is_a_character_like_any_other_but_in_an_id() {
    for (stream, expected) in [
        ("data: a\0b\n\n", vec![event("message", "a\0b")]),
        ("event: \0\ndata: \0\n\n", vec![event("\0", "\0")]),
        ("\0data: a\n\ndata\0: b\n\n", vec![]),
        ("id: \0\ndata: a\n\n", vec![event("message", "a")]),
        ("retry: 1\0\ndata: a\n\n", vec![event("message", "a")]),
        ("\0\n\0\ndata: a\n\n\0", vec![event("message", "a")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(Ok).collect();
        assert_eq!(decode(LIMIT, [stream.as_bytes()]), expected, "{stream:?}");
        assert_eq!(decode(LIMIT, stream.as_bytes().chunks(1)), expected, "{stream:?}");
    }
}

/// What is no UTF-8: bytes that never are any, characters that are cut, overlong forms, and halves of surrogate pairs.
const NO_UTF_8: [&[u8]; 8] = [
    b"\xff",
    b"\x80",
    b"\xc0\x80",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xed\xa0\x80",
    b"\xf5\x80\x80\x80",
    b"\xe0\x80\xaf",
];

#[test]
fn what_is_no_utf_8_spoils_no_event_but_its_own_wherever_it_is() {
    let (before, after) = (&b"id: 1\ndata: before\n\n"[..], &b"data: after \xf0\x9f\x98\x80\n\n"[..]);
    let odd = "event: \u{fc}\r\nretry: 5\rdata: \u{20ac} {\"a\":\"\u{1f600}\"}\n: comment\ndata\n\n".as_bytes();
    for at in 0..=odd.len() {
        for bad in NO_UTF_8 {
            // It comes in between, or in the place of what is there.
            for rest in [&odd[at..], odd.get(at + bad.len()..).unwrap_or_default()] {
                let stream = [before, &odd[..at], bad, rest, b"\n\n", after].concat();
                let events = decode(LIMIT, [stream.as_slice()]);
                assert_eq!(events, reference(LIMIT, &stream), "{at} {bad:?}");
                assert_eq!(events, decode(LIMIT, stream.chunks(1)), "{at} {bad:?}");
                let data = |event: &Result<ServerEvent, EventTooLarge>| event.as_ref().unwrap().data.clone();
                assert_eq!(data(events.first().unwrap()), "before");
                assert_eq!(data(events.last().unwrap()), "after \u{1f600}");
                assert!(events.len() <= 4);
            }
        }
    }
}

/// Each stream of up to so many of these, cut in each way.
#[test]
fn every_short_stream_is_the_same_in_every_cutting() {
    const WORDS: [&[u8]; 6] = [b"\r", b"\n", b"data:x", b":", b"\xef\xbb\xbf", b"id"];
    const MOST: u32 = 5;
    for words in 0..=MOST {
        for number in 0..WORDS.len().pow(words) {
            let parts: Vec<_> = (0..words).map(|place| WORDS[number / WORDS.len().pow(place) % WORDS.len()]).collect();
            let stream = parts.concat();
            let expected = reference(LIMIT, &stream);
            for cuts in 0..1_u32 << words.saturating_sub(1) {
                let mut pieces = vec![Vec::new()];
                for (place, part) in parts.iter().enumerate() {
                    if place > 0 && cuts >> (place - 1) & 1 == 1 {
                        pieces.push(Vec::new());
                    }
                    pieces.last_mut().unwrap().extend_from_slice(part);
                }
                assert_eq!(decode(LIMIT, pieces.iter().map(Vec::as_slice)), expected, "{stream:?} {cuts:b}");
            }
            assert_eq!(decode(LIMIT, stream.chunks(1)), expected, "{stream:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_stream_takes_more_memory_than_its_bound_and_its_pieces(
        parts in prop::collection::vec((any_stream(), 1..200_usize), 0..6),
        piece in prop::sample::select(vec![1, 7, 512, 4096]),
        limit in prop::sample::select(vec![0, 1, 24, LIMIT, 64 * LIMIT]),
    ) {
        let stream: Vec<u8> = parts.iter().flat_map(|(part, times)| part.repeat(*times)).collect();
        feed(limit, stream.chunks(piece));
    }

    #[test]
    fn each_byte_of_any_stream_is_looked_at_once(
        stream in any_stream(),
        piece in prop::sample::select(vec![1, 2, 7, 4096]),
        limit in prop::sample::select(vec![0, 24, LIMIT]),
    ) {
        let mut decoder = EventDecoder::new(limit);
        stream.chunks(piece).for_each(|piece| decoder.feed(piece));
        prop_assert!(decoder.looked_at <= stream.len());
    }
}
