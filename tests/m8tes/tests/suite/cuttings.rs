//! Wherever a stream breaks off, and however its history is told again, each text is told once and whole.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use m8tes_sdk::RunEvent;
use m8tes_tests::client;
use m8tes_tests::peers::{done, text};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::{option, prop_oneof};
use serde_json::{Value, json};
use test_harness::{Dice, RawPeer, holds_for_all, soon};

const PAUSE: Duration = Duration::from_millis(1);

/// Something that a run tells.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    /// A text, in pieces of any size.
    Text(String),
    /// Another frame, of which there may be several that are equal.
    Other(u8),
}

/// A connection that breaks off.
#[derive(Clone, Debug)]
struct Broken {
    /// How texts are cut into pieces.
    pieces: u64,
    /// Behind how much of its body it breaks off.
    share: f64,
    /// Whether the body ends as if that were all of it.
    is_clean: bool,
    /// What is written anew before it: at about that share of what was told, this.
    rewritten: Option<(f64, String)>,
    /// Whether it says when what was told before is told again.
    marks_history: bool,
}

fn texts() -> impl Strategy<Value = String> {
    "[abü世👋]{0,6}"
}

fn told() -> impl Strategy<Value = Vec<Told>> {
    vec(prop_oneof![3 => texts().prop_map(Told::Text), 1 => (0..3_u8).prop_map(Told::Other)], 1..10)
}

fn broken(rewrites: bool) -> impl Strategy<Value = Vec<Broken>> {
    let rewritten = if rewrites { option::of((0.0..1.0, texts())).boxed() } else { Just(None).boxed() };
    let one = (any::<u64>(), 0.0..=1.0, any::<bool>(), rewritten, any::<bool>());
    let one = one.prop_map(|(pieces, share, is_clean, rewritten, marks_history)| Broken {
        pieces,
        share,
        is_clean,
        rewritten,
        marks_history,
    });
    vec(one, 0..5)
}

/// The part of a number, which is below 2³².
fn part(share: f64, of: usize) -> usize {
    (share * f64::from(u32::try_from(of).unwrap())) as usize
}

fn frames(told: &[Told], dice: &mut Dice) -> Vec<Value> {
    let mut frames = Vec::new();
    let mut pending = String::new();
    for told in told {
        match told {
            Told::Text(text) => pending.push_str(text),
            Told::Other(number) => {
                frames.extend(pieces(&std::mem::take(&mut pending), dice));
                frames.push(other(*number));
            }
        }
    }
    frames.extend(pieces(&pending, dice));
    frames
}

fn other(number: u8) -> Value {
    json!({"type": "tool-call-start", "toolCallId": number})
}

fn pieces(whole: &str, dice: &mut Dice) -> Vec<Value> {
    let mut pieces = vec![String::new()];
    for character in whole.chars() {
        if dice.below(3) == 0 {
            pieces.push(String::new());
        }
        pieces.last_mut().unwrap().push(character);
    }
    pieces.iter().map(|piece| text(piece)).collect()
}

fn body(frames: &[Value]) -> Vec<u8> {
    frames.iter().flat_map(|frame| format!("data: {frame}\n\n").into_bytes()).collect()
}

/// What each connection answers, and what the run has told in the end.
fn answers(mut told: Vec<Told>, broken: &[Broken]) -> (Vec<Vec<u8>>, Vec<Told>) {
    let mut answers = Vec::new();
    // How much of what is told has been seen, or begun to be.
    let mut seen = 0;
    for (number, broken) in broken.iter().enumerate() {
        let mut dice = Dice::new(broken.pieces);
        if let Some((share, text)) = broken.rewritten.as_ref().filter(|_| seen > 0) {
            let place = part(*share, seen);
            if let Some(Told::Text(old)) = told.get_mut(place) {
                text.clone_into(old);
            }
        }
        let mut all = frames(&told[..seen], &mut dice);
        if number > 0 && broken.marks_history {
            all.push(json!({"type": "replay_complete"}));
        }
        let mut whole = body(&all);
        let mut ends = Vec::new();
        for told in &told[seen..] {
            whole.extend(body(&frames(std::slice::from_ref(told), &mut dice)));
            ends.push(whole.len());
        }
        let passed = part(broken.share, whole.len() + 1);
        seen += ends.iter().filter(|end| **end <= passed).count();
        // One more has begun to be told.
        seen = told.len().min(seen + 1);
        let length = if broken.is_clean { passed } else { whole.len() + 1 };
        answers.push([head(length), whole[..passed].to_vec()].concat());
    }
    let mut all = frames(&told, &mut Dice::new(7));
    all.push(done());
    let whole = body(&all);
    answers.push([head(whole.len()), whole].concat());
    (answers, told)
}

fn head(length: usize) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\nx-run-id: 42\r\n";
    format!("{head}content-length: {length}\r\n\r\n").into_bytes()
}

async fn is_told_once((told, broken): (Vec<Told>, Vec<Broken>)) {
    let is_rewritten = broken.iter().any(|broken| broken.rewritten.is_some());
    let (answers, told) = answers(told, &broken);
    let answers = Arc::new(answers);
    let peer = RawPeer::start(move |mut connection| {
        let answers = Arc::clone(&answers);
        async move {
            connection.request().await.unwrap();
            connection.send(&answers[connection.number]).await;
        }
    })
    .await;
    let client = client(&peer.url());
    let mut stream = client.runs().stream("go").rejoin_pauses(PAUSE, PAUSE).await.unwrap();
    let (mut heard, mut others) = (String::new(), Vec::new());
    while let Some(event) = soon(stream.next()).await {
        let event = event.unwrap();
        match &event.kind {
            RunEvent::TextDelta(piece) => heard.push_str(piece),
            RunEvent::Rewritten(rewritten) => {
                assert!(is_rewritten, "nothing was rewritten");
                heard = heard.chars().take(rewritten.kept).collect();
            }
            RunEvent::ToolCallStart(_) => others.push(Value::Object(event.raw)),
            _ => {}
        }
    }
    let is_text = |told: &Told| if let Told::Text(text) = told { Some(text.clone()) } else { None };
    let is_other = |told: &Told| if let Told::Other(number) = told { Some(other(*number)) } else { None };
    let whole: String = told.iter().filter_map(is_text).collect();
    assert_eq!((heard.as_str(), stream.text()), (whole.as_str(), whole.as_str()));
    let mut missing: Vec<_> = told.iter().filter_map(is_other).collect();
    if is_rewritten {
        // Behind text that is another all is told again: none is lost.
        for other in others {
            missing.iter().position(|one| *one == other).map(|place| missing.remove(place));
        }
        assert_eq!(missing, [Value::Null; 0]);
    } else {
        assert_eq!(others, missing);
    }
}

#[test]
fn whatever_breaks_off_is_told_once() {
    holds_for_all(150, (told(), broken(false)), is_told_once);
}

#[test]
fn what_is_written_anew_is_told_as_it_is_in_the_end() {
    holds_for_all(150, (told(), broken(true)), is_told_once);
}
