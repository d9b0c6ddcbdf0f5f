//! The rules of the standard one by one, and for any bytes in any pieces.

use proptest::prelude::*;

use super::reference::reference;
use super::*;

pub(super) const LIMIT: usize = 1024;

pub(super) fn event(event: &str, data: &str) -> ServerEvent {
    ServerEvent { event: event.to_owned().into(), data: data.to_owned(), id: None, retry: None }
}

pub(super) fn decode<'a>(
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Result<ServerEvent, EventTooLarge>> {
    let mut decoder = EventDecoder::new(limit);
    pieces.into_iter().for_each(|piece| decoder.feed(piece));
    decoder.finish();
    std::iter::from_fn(|| decoder.next_event()).collect()
}

/// Decodes in one piece, and byte by byte.
#[track_caller]
fn decodes(bytes: &[u8], expected: &[ServerEvent]) {
    let expected: Vec<_> = expected.iter().cloned().map(Ok).collect();
    assert_eq!(decode(LIMIT, [bytes]), expected);
    assert_eq!(decode(LIMIT, bytes.chunks(1)), expected);
}

#[test]
fn a_line_ends_with_lf_cr_or_crlf_and_nowhere_else() {
    let two = [event("message", "a\nb"), event("message", "c")];
    for end in ["\n", "\r", "\r\n"] {
        decodes(["data: a", "data: b", "", "data: c", "", ""].join(end).as_bytes(), &two);
    }
    decodes(b"data: a\r\ndata: b\n\rdata: c\r\n\r", &two);
    for other in ["\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{c}", "\0"] {
        let data = format!("a{other}data: b");
        decodes(format!("data: {data}\n\n").as_bytes(), &[event("message", &data)]);
    }
}

#[test]
fn cr_and_lf_in_two_pieces_are_one_end() {
    let pieces: [&[u8]; 4] = [b"data: a\r", b"\ndata: b\r\n\r", b"", b"\ndata: c\n\n"];
    assert_eq!(decode(LIMIT, pieces), [Ok(event("message", "a\nb")), Ok(event("message", "c"))]);
    // The event is told with CR already, before it is known what follows.
    let mut decoder = EventDecoder::new(LIMIT);
    decoder.feed(b"data: a\r\r");
    assert_eq!(decoder.next_event(), Some(Ok(event("message", "a"))));
}

#[test]
fn one_byte_order_mark_may_come_first() {
    decodes("\u{feff}data: a\n\n".as_bytes(), &[event("message", "a")]);
    decodes("\u{feff}\n\u{feff}data: a\n\ndata: b\n\n".as_bytes(), &[event("message", "b")]);
    decodes("\u{feff}\u{feff}data: a\n\n".as_bytes(), &[]);
    decodes("\u{feff}: comment\ndata: a\n\n".as_bytes(), &[event("message", "a")]);
    // What only begins like one is a line.
    decodes(b"\xef\xbbdata: a\n\n\xef\xbb\xbfdata: b\n\n", &[]);
    decodes(b"\xef\ndata: a\n\n", &[event("message", "a")]);
}

#[test]
fn fields_are_known_by_their_names_alone() {
    decodes(b"data:a\ndata: b\ndata:  c\ndata\ndata:\n\n", &[event("message", "a\nb\n c\n\n")]);
    decodes(b" data: a\nDATA: b\ndata : c\nother: d\nother\n\n", &[]);
    decodes(b"event: add\ndata: a: b\n\nevent:\ndata: c\n\n", &[event("add", "a: b"), event("message", "c")]);
    // Without data there is no event, and its type is nobody's.
    decodes(b"event: add\n\ndata: a\n\n", &[event("message", "a")]);
    decodes(b"data\n\n", &[event("message", "")]);
}

#[test]
fn comments_are_passed_over_however_long() {
    let long = format!(": {}\ndata: a\n: in between\ndata: b\n\n:\n\n", "x".repeat(100 * LIMIT));
    decodes(long.as_bytes(), &[event("message", "a\nb")]);
    decodes(format!("\u{feff}{long}").as_bytes(), &[event("message", "a\nb")]);
}

#[test]
fn the_last_event_needs_no_blank_line() {
    for end in ["", "\n", "\r", "\r\n", "\n\n"] {
        decodes(format!("data: a\n\ndata: b{end}").as_bytes(), &[event("message", "a"), event("message", "b")]);
    }
    decodes(b"data: a\n\nevent: x", &[event("message", "a")]);
    decodes(b"data: a\n\n: comm", &[event("message", "a")]);
    decodes(b"", &[]);
}

#[test]
fn what_is_no_utf_8_is_replaced() {
    decodes(b"data: a\xff\xe2\x82\ndata: \xf0\x9f\x98\x80\n\n", &[event("message", "a\u{fffd}\u{fffd}\n\u{1f600}")]);
}

#[test]
fn ids_stay_and_retries_are_of_their_event() {
    let mut decoder = EventDecoder::new(LIMIT);
    decoder.feed(
        b"id: 1\nretry: 1500\ndata: a\n\ndata: b\n\nid: 2\n\nid: 3\0\nretry: 1s\nretry:\ndata: c\n\nid\ndata: d\n\n",
    );
    let told: Vec<_> = std::iter::from_fn(|| decoder.next_event())
        .map(|event| event.map(|event| (event.data, event.id, event.retry.map(|retry| retry.as_millis()))))
        .collect();
    let told: Vec<_> = told.iter().map(|event| event.as_ref().unwrap()).collect();
    let of = |data: &str, id: &str, retry| (data.to_owned(), Some(id.into()), retry);
    assert_eq!(told, [&of("a", "1", Some(1500)), &of("b", "1", None), &of("c", "2", None), &of("d", "", None)]);
}

#[test]
fn an_event_that_is_too_large_is_told_and_the_next_one_comes() {
    let line = |size: usize| format!("data: {}\n", "x".repeat(size));
    let fits = line(LIMIT) + "\n";
    assert_eq!(decode(LIMIT, [fits.as_bytes()]), [Ok(event("message", &"x".repeat(LIMIT)))]);
    for large in [
        line(LIMIT + 1),
        line(100 * LIMIT),
        line(LIMIT / 2) + &line(LIMIT / 2),
        "data\n".repeat(LIMIT + 2),
        format!("data: {}\n", "\u{1}".repeat(LIMIT + 1)),
        format!("{}\ndata: a\n", "unknown".repeat(LIMIT)),
        format!("event: {}\n", "x".repeat(2 * LIMIT)),
    ] {
        let stream = format!("data: a\n\n{large}data: more\r\n\r\ndata: b\n\n{large}");
        let too_large = Err(EventTooLarge { limit: LIMIT });
        let expected = [Ok(event("message", "a")), too_large.clone(), Ok(event("message", "b")), too_large];
        assert_eq!(decode(LIMIT, [stream.as_bytes()]), expected);
        assert_eq!(decode(LIMIT, stream.as_bytes().chunks(7)), expected);
    }
    assert_eq!(EventTooLarge { limit: 3 }.to_string(), "an event of more than 3 bytes");
}

/// Megabytes in one line, as results of tools have them, are looked at once, in whatever pieces they come.
#[test]
fn the_work_is_in_proportion_to_the_bytes() {
    let size = 4 * 1024 * 1024;
    let stream = format!("data: {}\n\n", "x".repeat(size));
    for piece in [1, 1_000, stream.len()] {
        let mut decoder = EventDecoder::new(size);
        stream.as_bytes().chunks(piece).for_each(|piece| decoder.feed(piece));
        assert_eq!(decoder.looked_at, stream.len());
        assert_eq!(decoder.next_event().unwrap().unwrap().data.len(), size);
        assert!(decoder.line.capacity() <= KEPT, "{}", decoder.line.capacity());
    }
}

#[test]
fn nothing_is_kept_of_what_is_too_large() {
    let mut decoder = EventDecoder::new(LIMIT);
    for _ in 0..1_000 {
        decoder.feed(&[b'x'; 4096]);
        decoder.feed(b"\ndata: ");
        assert!(decoder.line.capacity() + decoder.event.data.capacity() <= 16 * LIMIT);
    }
}

/// The same where each event is given back as soon as it came.
fn decode_giving_back<'a>(
    limit: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Result<ServerEvent, EventTooLarge>> {
    let mut decoder = EventDecoder::new(limit);
    let mut told = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        while let Some(event) = decoder.next_event() {
            told.push(event.clone());
            event.into_iter().for_each(|event| decoder.give_back(event));
        }
    }
    decoder.finish();
    told.extend(std::iter::from_fn(|| decoder.next_event()));
    told
}

#[test]
fn an_event_that_is_given_back_lends_its_room() {
    let mut decoder = EventDecoder::new(LIMIT);
    decoder.feed(format!("data: {}\n\n", "a".repeat(100)).as_bytes());
    let first = decoder.next_event().unwrap().unwrap();
    decoder.give_back(first);
    decoder.feed(b"data: x\n\ndata: y\n\n");
    let second = decoder.next_event().unwrap().unwrap();
    // Not by its place: room that was freed may be had again, too.
    assert!(second.data == "x" && second.data.capacity() >= 100);
    // What is coming stays as it is.
    decoder.feed(b"data: z\n");
    decoder.give_back(second);
    decoder.feed(b"\n");
    let rest: Vec<_> = std::iter::from_fn(|| decoder.next_event()).collect();
    assert_eq!(rest, [Ok(event("message", "y")), Ok(event("message", "z"))]);
}

#[test]
fn an_event_that_is_given_back_lends_room_of_64_kib_at_most() {
    for (room, is_lent) in [(1, true), (65_536, true), (65_537, false)] {
        let mut decoder = EventDecoder::new(LIMIT);
        decoder.give_back(ServerEvent { data: String::with_capacity(room), ..event("message", "") });
        assert_eq!(decoder.event.data.capacity(), if is_lent { room } else { 0 });
    }
}

/// Bytes of which streams are made, and others.
pub(super) fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        &b"data"[..],
        b":",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"event",
        b"id",
        b"retry",
        b"7",
        b"data: x\n\n",
        b"\xef\xbb\xbf",
        b"\xef",
        b"\xbb",
        b"\xf0\x9f\x98\x80",
        b"\xff",
        b"\0",
        b"xxxxxxxxxxxxxxxxxxxxxxxx",
    ]);
    let part = prop_oneof![8 => word.prop_map(<[u8]>::to_vec), 1 => prop::collection::vec(any::<u8>(), 0..8)];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_of_any_bytes_gives_the_same_events(
        stream in any_stream(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        limit in prop::sample::select(vec![0, 1, 5, 24, LIMIT]),
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts {
            pieces.push(&stream[from..cut]);
            from = cut;
        }
        pieces.push(&stream[from..]);
        let whole = decode(limit, [stream.as_slice()]);
        prop_assert_eq!(&decode(limit, pieces), &whole);
        prop_assert_eq!(&decode(limit, stream.chunks(1)), &whole);
        for piece in [1, 7, 64] {
            prop_assert_eq!(&decode_giving_back(limit, stream.chunks(piece)), &whole);
        }
    }

    #[test]
    fn any_bytes_are_decoded_by_the_rules(
        stream in any_stream(),
        limit in prop::sample::select(vec![0, 1, 5, 24, LIMIT, usize::MAX]),
    ) {
        prop_assert_eq!(decode(limit, [stream.as_slice()]), reference(limit, &stream));
    }
}
