//! Where the lines of a chat come from: an editor at the terminal, else stdin.

use std::path::PathBuf;

use rustyline::error::ReadlineError;
use rustyline::{Cmd, Config, DefaultEditor, EventHandler, KeyCode, KeyEvent, Modifiers};

use crate::failure::Failure;
use crate::keys;
use crate::prompts;
use crate::screen::Screen;

/// How many messages the history has.
const REMEMBERED: usize = 1000;

/// Has the terminal no longer mark what is pasted, as the editor asks it to.
const MARK_NO_PASTE: &str = "\u{1b}[?2004l";

/// Where the lines of a chat come from.
pub(super) enum Input {
    Editor(Box<Editor>),
    Stdin,
}

/// An editor, with its history in a file.
pub(super) struct Editor {
    /// Away while a line is read.
    editor: Option<DefaultEditor>,
    history: PathBuf,
}

impl Input {
    pub(super) fn open(screen: &Screen) -> Result<Self, Failure> {
        if !screen.has_dialog() {
            return Ok(Self::Stdin);
        }
        let folder = keys::folder()?;
        let mut editor = editor().map_err(failure)?;
        let history = folder.join("history");
        // There is none at first, and one that can't be read is missed by nobody but the arrow keys.
        let _ = editor.load_history(&history);
        Ok(Self::Editor(Box::new(Editor { editor: Some(editor), history })))
    }

    /// The next line, without its end; `None` where there is none.
    pub(super) async fn next(&mut self, screen: &mut Screen) -> Result<Option<String>, Failure> {
        screen.stop_spinning();
        match self {
            Self::Stdin => prompts::read_line().await,
            Self::Editor(editor) => editor.next(screen).await,
        }
    }
}

impl Editor {
    async fn next(&mut self, screen: &mut Screen) -> Result<Option<String>, Failure> {
        let mut message = String::new();
        let mut prompt = "> ";
        loop {
            screen.keep_terminal(MARK_NO_PASTE);
            let line = match self.read(prompt).await? {
                Ok(line) => line,
                Err(ReadlineError::Eof) => return Ok(None),
                // It takes back what was written; where nothing was, it is told how to leave.
                Err(ReadlineError::Interrupted) => {
                    screen.note("Ctrl-D leaves");
                    (message, prompt) = (String::new(), "> ");
                    continue;
                }
                Err(error) => return Err(failure(error)),
            };
            message.push_str(&line);
            let Some(begun) = message.strip_suffix('\\') else { break };
            message = format!("{begun}\n");
            prompt = ". ";
        }
        self.remember(&message);
        Ok(Some(message))
    }

    /// Reads outside of the runtime's thread, so that signals are heard meanwhile.
    async fn read(&mut self, prompt: &'static str) -> Result<Result<String, ReadlineError>, Failure> {
        let mut editor = match self.editor.take() {
            Some(editor) => editor,
            None => editor().map_err(failure)?,
        };
        let read = tokio::task::spawn_blocking(move || {
            let line = editor.readline(prompt);
            (editor, line)
        });
        let (editor, line) =
            read.await.map_err(|error| Failure::failed(format!("the terminal can't be read: {error}")))?;
        self.editor = Some(editor);
        Ok(line)
    }

    /// A history that can't be written is no reason to end a chat.
    fn remember(&mut self, message: &str) {
        let Some(editor) = &mut self.editor else { return };
        if message.trim().is_empty() || !editor.add_history_entry(message).unwrap_or_default() {
            return;
        }
        if let Some(folder) = self.history.parent() {
            let _ = keys::make_folder(folder);
        }
        let _ = editor.append_history(&self.history);
    }
}

fn editor() -> rustyline::Result<DefaultEditor> {
    let config = Config::builder().max_history_size(REMEMBERED)?.history_ignore_space(true).build();
    let mut editor = DefaultEditor::with_config(config)?;
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), EventHandler::Simple(Cmd::Newline));
    Ok(editor)
}

fn failure(error: ReadlineError) -> Failure {
    Failure::failed(format!("the terminal can't be read: {error}"))
}
