//! Where all output goes through: what is asked for to stdout, all else to stderr.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstyle::Style;
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use m8tes_sdk::Secret;
use serde::Serialize;
use serde_json::json;

use crate::args::{Color, Output};
use crate::failure::Failure;
use crate::hidden::Hidden;
use crate::terminal::Terminal;

/// How often the spinner turns.
const TURN: Duration = Duration::from_millis(100);

/// What is not so important.
pub(crate) const DIM: Style = Style::new().dimmed();
/// What is a name or a title.
pub(crate) const BOLD: Style = Style::new().bold();
/// What went wrong.
const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(anstyle::AnsiColor::Red))).bold();
/// What a person is asked.
pub(crate) const YELLOW: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(anstyle::AnsiColor::Yellow))).bold();

/// The terminal, or what stands in its place.
pub(crate) struct Screen {
    output: Output,
    has_terminal: Terminals,
    out_colors: bool,
    err_colors: bool,
    /// Where a line was begun and not ended.
    open_line: Option<Side>,
    spinner: Option<ProgressBar>,
    terminal: Terminal,
    hidden: Hidden,
}

/// What is written to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Out,
    Err,
}

/// Which of the three are terminals.
#[derive(Clone, Copy)]
struct Terminals {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

impl Screen {
    pub(crate) fn new(output: Output, color: Color) -> Self {
        let has_terminal = Terminals {
            stdin: io::stdin().is_terminal(),
            stdout: io::stdout().is_terminal(),
            stderr: io::stderr().is_terminal(),
        };
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_plain = is_set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colors = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !is_plain,
        };
        Self {
            output,
            has_terminal,
            out_colors: colors(has_terminal.stdout),
            err_colors: colors(has_terminal.stderr),
            open_line: None,
            spinner: None,
            terminal: Terminal::default(),
            hidden: Hidden::given(),
        }
    }

    /// No line on stderr is to have this in it.
    pub(crate) fn hide(&self, secret: &Secret) {
        self.hidden.add(secret);
    }

    /// Whether the text has a secret in it.
    pub(crate) fn is_secret(&self, text: &str) -> bool {
        self.hidden.taken_out(text) != text
    }

    pub(crate) fn output(&self) -> Output {
        self.output
    }

    pub(crate) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Whether a person is there to be asked.
    pub(crate) fn has_person(&self) -> bool {
        self.has_terminal.stdin && self.has_terminal.stderr && !self.is_json()
    }

    pub(crate) fn has_stdin_terminal(&self) -> bool {
        self.has_terminal.stdin
    }

    /// Whether a person is there who writes and reads in the same window.
    pub(crate) fn has_dialog(&self) -> bool {
        self.has_person() && self.has_terminal.stdout
    }

    /// How wide the window of stdout is now, in columns; `None` where it is none.
    pub(crate) fn width(&self) -> Option<u16> {
        self.has_terminal.stdout.then(|| Term::stdout().size().1)
    }

    /// A piece of an answer: byte for byte, or without what a terminal would take for a command.
    pub(crate) fn text(&mut self, piece: &str) -> Result<(), Failure> {
        self.stop_spinning();
        if piece.is_empty() {
            return Ok(());
        }
        self.end_aside();
        self.open_line = (!piece.ends_with('\n')).then_some(Side::Out);
        if self.has_terminal.stdout { write(shown(piece).as_bytes()) } else { write(piece.as_bytes()) }
    }

    /// Bytes, as they are; to a terminal as text.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stop_spinning();
        if self.has_terminal.stdout {
            return self.text(&String::from_utf8_lossy(bytes));
        }
        write(bytes)
    }

    /// A line on stdout.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.text(&format!("{line}\n"))
    }

    /// A line on stdout, in this style.
    pub(crate) fn styled_line(&mut self, line: &str, style: Style) -> Result<(), Failure> {
        self.stop_spinning();
        let line = if self.has_terminal.stdout { shown(line) } else { line.to_owned() };
        write(format!("{}\n", styled(&line, style, self.out_colors)).as_bytes())
    }

    /// A value on stdout: one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        self.stop_spinning();
        let mut line = serde_json::to_string(value)
            .map_err(|error| Failure::failed(format!("the output can't be written as JSON: {error}")))?;
        line.push('\n');
        write(line.as_bytes())
    }

    /// Ends the line where it is left open, so that what follows begins one. On stdout only at a terminal: elsewhere text is
    /// byte for byte what it was.
    pub(crate) fn end_line(&mut self) -> Result<(), Failure> {
        self.end_aside();
        if self.open_line != Some(Side::Out) || !self.has_terminal.stdout {
            return Ok(());
        }
        self.open_line = None;
        write(b"\n")
    }

    fn end_aside(&mut self) {
        if self.open_line == Some(Side::Err) {
            self.open_line = None;
            write_note("\n");
        }
    }

    /// A piece of text on stderr, in this style.
    pub(crate) fn aside(&mut self, piece: &str, style: Style) {
        self.stop_spinning();
        if piece.is_empty() || self.is_json() {
            return;
        }
        if self.open_line == Some(Side::Out) {
            // Whoever reads stdout no more is met there again.
            let _ = self.end_line();
        }
        self.open_line = (!piece.ends_with('\n')).then_some(Side::Err);
        let piece = if self.has_terminal.stderr { shown(piece) } else { piece.to_owned() };
        write_note(&styled(&piece, style, self.err_colors));
    }

    /// A line on stderr.
    pub(crate) fn note(&mut self, line: &str) {
        self.styled_note(line, Style::new());
    }

    /// A line on stderr, in this style.
    pub(crate) fn styled_note(&mut self, line: &str, style: Style) {
        self.stop_spinning();
        let line = self.hidden.taken_out(line);
        if self.is_json() {
            return write_note(&format!("{}\n", json!({"note": line})));
        }
        let _ = self.end_line();
        let line = if self.has_terminal.stderr { shown(&line) } else { line };
        write_note(&format!("{}\n", styled(&line, style, self.err_colors)));
    }

    /// A question on stderr, to which the answer is on the same line.
    pub(crate) fn ask(&mut self, question: &str) {
        self.stop_spinning();
        let _ = self.end_line();
        write_note(&styled(&shown(question), YELLOW, self.err_colors));
    }

    /// Keys are read next, by who makes the terminal otherwise for that; `undo` takes back what it writes to do so.
    pub(crate) fn keep_terminal(&mut self, undo: &'static str) {
        self.terminal.keep(undo);
    }

    /// The program ends, maybe while keys are read: the terminal is to be as it was.
    pub(crate) fn give_terminal_back(&mut self) {
        self.stop_spinning();
        if let Some(undo) = self.terminal.give_back() {
            write_note(&format!("{undo}\n"));
        }
    }

    /// Shows that it is waited for this, until anything else is shown.
    pub(crate) fn spin(&mut self, what: &str) {
        if !self.has_terminal.stderr || !self.err_colors || self.is_json() {
            return;
        }
        let _ = self.end_line();
        let what = shown(what).replace('\n', " ");
        if let Some(spinner) = &self.spinner {
            spinner.set_message(what);
            return;
        }
        let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            spinner.set_style(style);
        }
        spinner.set_message(what);
        spinner.enable_steady_tick(TURN);
        self.spinner = Some(spinner);
    }

    /// Takes the spinner away.
    pub(crate) fn stop_spinning(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }

    /// The last line: why it failed.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.stop_spinning();
        let _ = self.end_line();
        if self.is_json() {
            if let Some(json) = failure.json(|line| self.hidden.taken_out(&line)) {
                write_note(&format!("{json}\n"));
            }
        } else if let Some(line) = failure.line() {
            let line = self.hidden.taken_out(&line);
            let line = if self.has_terminal.stderr { shown(&line) } else { line };
            write_note(&format!("{} {line}\n", styled("error:", RED, self.err_colors)));
        }
    }
}

/// The whole to stdout at once, so that it is there when this returns.
fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::NobodyReads),
        Err(error) => Err(Failure::failed(format!("the output can't be written: {error}"))),
    }
}

/// To stderr. Where that can't be written to there is nowhere to say so.
fn write_note(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

fn styled(text: &str, style: Style, colors: bool) -> String {
    if !colors || style == Style::new() {
        return text.to_owned();
    }
    format!("{style}{text}{style:#}")
}

/// Text without what a terminal takes for commands: of control characters, tabs and ends of lines alone are left, and none
/// that changes the direction of what follows.
pub(crate) fn shown(text: &str) -> String {
    let turns = |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_command = |letter: char| (letter.is_control() && !matches!(letter, '\n' | '\t')) || turns(letter);
    if !text.chars().any(is_command) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            letter if is_command(letter) => {
                let _ = write!(shown, "{}", letter.escape_unicode());
            }
            letter => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_takes_for_commands_is_spelled_out() {
        assert_eq!(shown("a\tb\nGrüße 🙂"), "a\tb\nGrüße 🙂");
        assert_eq!(shown("a\r\nb\rc"), "a\nb\\u{d}c");
        assert_eq!(shown("\u{1b}[2Jx\u{9b}1m\u{7}"), "\\u{1b}[2Jx\\u{9b}1m\\u{7}");
        assert_eq!(shown("a\u{202e}b"), "a\\u{202e}b");
    }
}
