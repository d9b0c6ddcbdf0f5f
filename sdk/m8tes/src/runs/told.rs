//! What a stream has told, so that a stream that is joined again tells nothing twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::event::{Rewritten, RunEvent, RunStreamEvent};

/// What was told. m8tes tells the whole history again where a stream is joined again; of that:
///
/// - Text is passed over as long as it is, character by character, what was told, however it is cut into pieces. Where it
///   is not, that is told, and how much of it holds.
/// - Any other frame is passed over as often as an equal one was told.
/// - The history is over with `replay_complete`, or with the first text beyond what was told. From there on all is told.
#[derive(Debug, Default)]
pub(super) struct Told {
    text: String,
    /// How often each frame was told, by its hash.
    frames: HashMap<u64, u32>,
    history: Option<History>,
}

/// How far the history that is told again has got.
#[derive(Debug)]
struct History {
    /// How many bytes of the text have come again.
    text: usize,
    /// How often each frame has yet to come again.
    frames: HashMap<u64, u32>,
}

impl Told {
    /// All text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The stream was joined again: the history comes.
    pub(super) fn begin_again(&mut self) {
        self.history = Some(History { text: 0, frames: self.frames.clone() });
    }

    /// Leaves of an event what is new. How much of the text holds, where that is not all of it, which is to be told before the
    /// event; and whether that is to be told.
    pub(super) fn take(&mut self, event: &mut RunStreamEvent) -> (Option<Rewritten>, bool) {
        match &mut event.kind {
            RunEvent::TextDelta(delta) => self.take_text(&mut delta.text),
            RunEvent::ReplayComplete => {
                self.history.iter_mut().for_each(|history| history.frames.clear());
                (None, true)
            }
            RunEvent::Done(_) | RunEvent::Cancelled => (self.cut_short(), self.take_frame(event)),
            _ => (None, self.take_frame(event)),
        }
    }

    /// What the output of a run that is over has beyond the text that was told, where it begins with that.
    pub(super) fn take_output(&mut self, output: &str) -> Option<String> {
        let rest = output.strip_prefix(self.text.as_str()).filter(|rest| !rest.is_empty())?;
        self.text.push_str(rest);
        Some(rest.to_owned())
    }

    /// Leaves of a piece of text what is new. Whether it says otherwise than what was told, and whether it is to be told.
    fn take_text(&mut self, piece: &mut String) -> (Option<Rewritten>, bool) {
        let Some(history) = &mut self.history else {
            self.text.push_str(piece);
            return (None, true);
        };
        let known = self.text.get(history.text..).unwrap_or_default();
        let equal = known.chars().zip(piece.chars()).take_while(|(known, came)| known == came);
        let equal: usize = equal.map(|(_, came)| came.len_utf8()).sum();
        history.text += equal;
        piece.drain(..equal);
        if piece.is_empty() {
            return (None, false);
        }
        let rewritten = self.cut_short();
        self.history = None;
        self.text.push_str(piece);
        (rewritten, true)
    }

    /// Forgets the text that has not come again, which is told.
    pub(super) fn cut_short(&mut self) -> Option<Rewritten> {
        let history = self.history.as_ref().filter(|history| history.text < self.text.len())?;
        self.text.truncate(history.text);
        Some(Rewritten { kept: self.text.chars().count() })
    }

    /// Whether a frame is new.
    fn take_frame(&mut self, event: &RunStreamEvent) -> bool {
        let mut hasher = DefaultHasher::new();
        event.raw.hash(&mut hasher);
        let hash = hasher.finish();
        let awaited =
            self.history.as_mut().and_then(|history| history.frames.get_mut(&hash)).filter(|times| **times > 0);
        if let Some(times) = awaited {
            *times -= 1;
            return false;
        }
        *self.frames.entry(hash).or_default() += 1;
        true
    }
}

/// What is told of events, in order.
#[cfg(any(fuzzing, test))]
pub(super) fn told_of(told: &mut Told, events: impl IntoIterator<Item = RunStreamEvent>) -> Vec<RunStreamEvent> {
    let mut all = Vec::new();
    for mut event in events {
        let (rewritten, is_told) = told.take(&mut event);
        all.extend(rewritten.map(RunStreamEvent::rewritten));
        all.extend(is_told.then_some(event));
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn text(piece: &str) -> Value {
        json!({"type": "text-delta", "delta": piece})
    }

    fn tool(id: &str) -> Value {
        json!({"type": "tool-call-start", "toolCallId": id})
    }

    /// What is told of these frames: pieces of text as they are, a rewriting by what is kept, others by their names.
    fn tell(told: &mut Told, frames: &[Value]) -> Vec<String> {
        let events = frames.iter().map(|frame| RunStreamEvent::read(&frame.to_string()).unwrap());
        let events = told_of(told, events);
        let name = |event: RunStreamEvent| match event.kind {
            RunEvent::TextDelta(delta) => delta.text,
            RunEvent::Rewritten(rewritten) => format!("keep {}", rewritten.kept),
            _ => event.raw_type().to_owned(),
        };
        events.into_iter().map(name).collect()
    }

    fn again(first: &[Value], second: &[Value]) -> (Vec<String>, String) {
        let mut told = Told::default();
        tell(&mut told, first);
        told.begin_again();
        let events = tell(&mut told, second);
        (events, told.text().to_owned())
    }

    #[test]
    fn text_is_told_once_however_it_is_cut() {
        let first = [text("Grüße, "), text("Welt")];
        for (second, expected) in [
            (vec![text("Grüße, Welt")], vec![]),
            (vec![text("Gr"), text("üße, Welt und"), text(" mehr")], vec![" und", " mehr"]),
            (vec![text("Grüße, Welt"), text("!"), text("Grüße")], vec!["!", "Grüße"]),
            (vec![text(""), text("Grüße, Wel"), text("t")], vec![]),
        ] {
            let (events, whole) = again(&first, &second);
            assert_eq!(events, expected, "{second:?}");
            assert_eq!(whole, format!("Grüße, Welt{}", expected.concat()), "{second:?}");
        }
    }

    #[test]
    fn text_that_is_not_equal_is_told_and_how_much_of_it_holds() {
        let (events, whole) = again(&[text("aé"), text("bc")], &[text("aéx"), text("y")]);
        assert_eq!((events, whole.as_str()), (vec!["keep 2".to_owned(), "x".to_owned(), "y".to_owned()], "aéxy"));
        let (events, whole) = again(&[text("abc")], &[text("ab"), json!({"type": "done"})]);
        assert_eq!((events, whole.as_str()), (vec!["keep 2".to_owned(), "done".to_owned()], "ab"));
    }

    #[test]
    fn other_frames_are_told_as_often_as_they_are_new() {
        let first = [tool("a"), text("x"), tool("b")];
        let (events, _) = again(&first, &[tool("a"), text("x"), tool("b"), tool("b"), tool("c"), text("y"), tool("a")]);
        assert_eq!(events, ["tool-call-start", "tool-call-start", "y", "tool-call-start"]);
        let complete = json!({"type": "replay_complete"});
        let (events, _) = again(&first, &[text("x"), complete, tool("a")]);
        assert_eq!(events, ["replay_complete", "tool-call-start"]);
    }

    #[test]
    fn a_history_that_breaks_off_begins_again() {
        let mut told = Told::default();
        tell(&mut told, &[text("ab"), tool("a")]);
        told.begin_again();
        assert_eq!(tell(&mut told, &[text("a")]), [""; 0]);
        told.begin_again();
        assert_eq!(tell(&mut told, &[text("ab"), tool("a"), text("c")]), ["c"]);
        assert_eq!(told.text(), "abc");
    }

    #[test]
    fn an_output_has_what_was_not_told_where_it_begins_with_what_was() {
        let mut told = Told::default();
        tell(&mut told, &[text("ab")]);
        assert_eq!(told.take_output("xab"), None);
        assert_eq!(told.take_output("abc").as_deref(), Some("c"));
        assert_eq!((told.take_output("abc"), told.text()), (None, "abc"));
    }
}
