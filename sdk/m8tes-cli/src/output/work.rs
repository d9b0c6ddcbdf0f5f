//! A teammate's work, as it is done.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anstyle::Style;
use m8tes_sdk::{RunEvent, RunStreamEvent};
use serde_json::{Map, Value};

use super::json;
use crate::args::Output;
use crate::failure::Failure;
use crate::screen::{DIM, Screen};

/// How much of what a tool is given, and of what it answers, is shown.
const LONGEST: usize = 300;

/// Shows a teammate's work: its text on stdout, all else on stderr.
pub(crate) struct Work {
    tools: HashMap<String, Tool>,
    used: usize,
    began: Instant,
    shows_frames: bool,
}

/// A tool that is used.
struct Tool {
    name: String,
    input: String,
    began: Instant,
    is_shown: bool,
}

impl Work {
    /// `shows_frames`: each frame as it came, and why a stream was cut.
    pub(crate) fn new(shows_frames: bool) -> Self {
        Self { tools: HashMap::new(), used: 0, began: Instant::now(), shows_frames }
    }

    /// How many tools have answered.
    pub(crate) fn tools_used(&self) -> usize {
        self.used
    }

    /// How long it has been.
    pub(crate) fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// A piece of text that no event brought.
    pub(crate) fn rest(&mut self, screen: &mut Screen, piece: &str) -> Result<(), Failure> {
        if screen.is_json() { screen.json(&json::text(piece)) } else { screen.text(piece) }
    }

    /// Of the text that was shown, no more than these characters hold.
    pub(crate) fn rewritten(&mut self, screen: &mut Screen, kept: usize) -> Result<(), Failure> {
        if screen.is_json() {
            return screen.json(&json::rewritten(kept));
        }
        screen.note(&format!("of the text so far, only the first {kept} characters hold; it goes on from there:"));
        Ok(())
    }

    pub(crate) fn show(&mut self, screen: &mut Screen, event: &RunStreamEvent) -> Result<(), Failure> {
        if self.shows_frames && !event.raw.is_empty() {
            screen.note(&Value::Object(event.raw.clone()).to_string());
        }
        self.tell_connection(screen, &event.kind);
        match screen.output() {
            Output::Json => json::event(screen, event),
            Output::Compact => self.tell(screen, &event.kind, false),
            Output::Verbose => self.tell(screen, &event.kind, true),
        }
    }

    /// That a stream was cut is told whatever is asked for.
    fn tell_connection(&mut self, screen: &mut Screen, event: &RunEvent) {
        match event {
            RunEvent::Rejoining(rejoining) => {
                screen.styled_note("the stream was cut; joining it again", DIM);
                if self.shows_frames {
                    screen.styled_note(&rejoining.reason, DIM);
                }
                screen.spin("joining the run again");
            }
            RunEvent::Rejoined => screen.styled_note("joined again", DIM),
            _ => {}
        }
    }

    fn tell(&mut self, screen: &mut Screen, event: &RunEvent, is_verbose: bool) -> Result<(), Failure> {
        match event {
            RunEvent::TextDelta(delta) => return screen.text(&delta.text),
            RunEvent::Rewritten(rewritten) => return self.rewritten(screen, rewritten.kept),
            RunEvent::SandboxConnecting(_) => screen.spin("making a sandbox"),
            RunEvent::SandboxConnected(sandbox) => {
                screen.stop_spinning();
                if let Some(ms) = sandbox.duration_ms.filter(|_| is_verbose) {
                    screen.styled_note(
                        &format!("sandbox made in {}", duration(Duration::from_secs_f64(ms.max(0.0) / 1000.0))),
                        DIM,
                    );
                }
            }
            RunEvent::ThinkingDelta(delta) | RunEvent::ReasoningDelta(delta) if is_verbose => {
                screen.aside(&delta.text, DIM);
            }
            RunEvent::PlanDelta(delta) if is_verbose => screen.aside(&delta.text, Style::new()),
            RunEvent::TodoUpdate(list) if is_verbose => {
                list.todos.iter().for_each(|todo| screen.styled_note(&todo_line(todo), DIM));
            }
            RunEvent::ToolCallStart(call) => {
                let name = call.tool_name.clone().unwrap_or_else(|| "a tool".to_owned());
                screen.spin(&name);
                let tool = Tool { name, input: String::new(), began: Instant::now(), is_shown: false };
                self.tools.insert(key(call.tool_call_id.as_ref()), tool);
            }
            RunEvent::ToolCallDelta(piece) => {
                if let Some(tool) = self.tools.get_mut(&key(piece.tool_call_id.as_ref())) {
                    tool.input.push_str(&piece.delta);
                }
            }
            RunEvent::ToolCallEnd(call) => {
                if let Some(tool) = self.tools.get_mut(&key(call.tool_call_id.as_ref())) {
                    tool.began = Instant::now();
                    tool.begin(screen, is_verbose);
                }
            }
            RunEvent::ToolResultEnd(result) => {
                self.used += 1;
                if let Some(mut tool) = self.tools.remove(&key(result.tool_call_id.as_ref())) {
                    if !tool.is_shown {
                        tool.begin(screen, is_verbose);
                    }
                    tool.end(screen, is_verbose, &result.text());
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Tool {
    fn begin(&mut self, screen: &mut Screen, is_verbose: bool) {
        self.is_shown = true;
        if is_verbose {
            let input = short(&self.input);
            screen.styled_note(format!("→ {} {input}", self.name).trim_end(), DIM);
        }
        screen.spin(&self.name);
    }

    fn end(&self, screen: &mut Screen, is_verbose: bool, result: &str) {
        let took = duration(self.began.elapsed());
        let result = if is_verbose { short(result) } else { String::new() };
        let said = if result.is_empty() { String::new() } else { format!(": {result}") };
        screen.styled_note(&format!("✓ {} ({took}){said}", self.name), DIM);
    }
}

fn key(id: Option<&String>) -> String {
    id.cloned().unwrap_or_default()
}

fn todo_line(todo: &Map<String, Value>) -> String {
    let text = |name: &str| todo.get(name).and_then(Value::as_str);
    let what = ["content", "text", "title"].iter().find_map(|name| text(name)).unwrap_or_default();
    let mark = match text("status") {
        Some("completed") => "x",
        Some("in_progress") => "~",
        _ => " ",
    };
    format!("[{mark}] {what}")
}

/// The beginning of it, in one line.
pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// A time as people say it: `340 ms`, `12.3 s`, `4 min 5 s`.
pub(crate) fn duration(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_say_them() {
        for (ms, said) in [(0, "0 ms"), (999, "999 ms"), (12_345, "12.3 s"), (59_999, "60.0 s"), (245_000, "4 min 5 s")]
        {
            assert_eq!(duration(Duration::from_millis(ms)), said);
        }
    }

    #[test]
    fn what_is_long_is_cut_at_a_letter() {
        assert_eq!(short(" a\n b "), "a b");
        let long = "ä".repeat(LONGEST + 1);
        assert_eq!(short(&long), format!("{}…", "ä".repeat(LONGEST)));
    }
}
