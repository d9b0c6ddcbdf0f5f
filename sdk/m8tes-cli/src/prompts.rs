//! What a person is asked on stderr and answers on stdin, with a line or with a key.

use std::io::{self, BufRead};

use console::{Key, Term};
use m8tes_sdk::Secret;

use crate::failure::Failure;
use crate::screen::Screen;

/// Reads outside of the runtime's thread, so that signals are heard meanwhile.
async fn blocking<T: Send + 'static>(
    what: &'static str,
    read: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(|error| Failure::io(what, &error)),
        Err(error) => Err(Failure::failed(format!("{what}: {error}"))),
    }
}

/// A line of stdin without its end; `None` where there is none.
pub(crate) async fn read_line() -> Result<Option<String>, Failure> {
    blocking("stdin can't be read", || {
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.strip_suffix('\n').unwrap_or(&line);
        Ok(Some(line.strip_suffix('\r').unwrap_or(line).to_owned()))
    })
    .await
}

/// All of stdin, byte for byte.
pub(crate) async fn read_all() -> Result<String, Failure> {
    blocking("stdin can't be read", || io::read_to_string(io::stdin().lock())).await
}

/// Asks for a line.
pub(crate) async fn line(screen: &mut Screen, question: &str) -> Result<String, Failure> {
    screen.ask(&format!("{question}: "));
    let answer = read_line().await?;
    if !screen.has_stdin_terminal() {
        // Nobody has ended the line there.
        screen.note("");
    }
    answer.ok_or_else(|| Failure::failed(format!("{question}: stdin has ended without an answer")))
}

/// Asks for a line that may be empty, in which case this is it.
pub(crate) async fn line_or(screen: &mut Screen, question: &str, default: &str) -> Result<String, Failure> {
    let question = if default.is_empty() { question.to_owned() } else { format!("{question} [{default}]") };
    let answer = line(screen, &question).await?;
    Ok(if answer.trim().is_empty() { default.to_owned() } else { answer })
}

/// Asks for what nobody is to see.
pub(crate) async fn secret(screen: &mut Screen, question: &str) -> Result<Secret, Failure> {
    let answer = if screen.has_stdin_terminal() {
        screen.keep_terminal("");
        screen.ask(&format!("{question}: "));
        blocking("the password can't be read", rpassword::read_password).await?
    } else {
        line(screen, question).await?
    };
    let answer = Secret::from(answer);
    screen.hide(&answer);
    Ok(answer)
}

/// Asks a question that is answered with yes or no; no unless said.
pub(crate) async fn confirm(screen: &mut Screen, question: &str) -> Result<bool, Failure> {
    let answer = line(screen, &format!("{question} [y/N]")).await?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pressed {
    /// One of the keys that were asked for.
    Key(char),
    /// Ctrl-C, or the end of input.
    CtrlC,
}

/// Asks for one of these keys.
pub(crate) async fn key(screen: &mut Screen, question: &str, keys: &'static str) -> Result<Pressed, Failure> {
    screen.keep_terminal("");
    screen.ask(&format!("{question} "));
    let pressed = blocking("the keyboard can't be read", move || {
        let terminal = Term::stderr();
        loop {
            match terminal.read_key_raw() {
                Ok(Key::CtrlC | Key::Char('\u{3}' | '\u{4}')) => return Ok(Pressed::CtrlC),
                Ok(Key::Char(letter)) => {
                    let letter = letter.to_ascii_lowercase();
                    if keys.contains(letter) {
                        return Ok(Pressed::Key(letter));
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Pressed::CtrlC),
                Err(error) => return Err(error),
            }
        }
    })
    .await?;
    match pressed {
        Pressed::Key(key) => screen.note(&key.to_string()),
        Pressed::CtrlC => screen.note("^C"),
    }
    Ok(pressed)
}
