//! A pseudo-terminal, with what is on its screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use test_harness::PATIENCE;

use crate::common::{PROGRAM, World};

/// The program at a terminal. It is killed with the test that has started it.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
    reader: Option<JoinHandle<()>>,
    #[cfg(unix)]
    attributes: String,
}

struct Seen {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

fn size(columns: u16) -> PtySize {
    PtySize { rows: 50, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn some(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

impl World {
    /// The program at a terminal of so many columns.
    pub fn at_a_terminal(&self, columns: u16, arguments: &[&str]) -> Terminal {
        self.at_a_terminal_with(columns, arguments, &[])
    }

    /// The same, with more in its environment.
    pub fn at_a_terminal_with(&self, columns: u16, arguments: &[&str], more: &[(&str, &str)]) -> Terminal {
        let pair = native_pty_system().openpty(size(columns)).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        self.environment().into_iter().for_each(|(name, value)| command.env(name, value));
        more.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(self.home());
        #[cfg(unix)]
        let attributes = attributes(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen =
            Arc::new(Mutex::new(Seen { screen: vt100::Parser::new(some(50), some(columns), 0), bytes: Vec::new() }));
        let (mut reader, shared) = (pair.master.try_clone_reader().unwrap(), seen.clone());
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // A terminal whose program has ended can't be read, which is its end.
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                let mut seen = shared.lock().unwrap();
                seen.screen.process(&bytes[..read]);
                seen.bytes.extend_from_slice(&bytes[..read]);
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Terminal {
            keyboard,
            master: pair.master,
            child,
            seen,
            reader: Some(reader),
            #[cfg(unix)]
            attributes,
        }
    }
}

/// Whether lines are edited and shown, and all else that a program can make otherwise.
#[cfg(unix)]
fn attributes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

impl Terminal {
    /// What is on the screen, without blanks at the ends of lines.
    pub fn screen(&self) -> String {
        let contents = self.seen.lock().unwrap().screen.screen().contents();
        contents.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// All that came, with what a terminal takes for commands.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.lock().unwrap().bytes.clone()
    }

    /// Waits until the screen is like that.
    #[track_caller]
    pub fn waits(&self, what: &str, is_there: impl Fn(&str) -> bool) {
        let began = std::time::Instant::now();
        while !is_there(&self.screen()) {
            assert!(began.elapsed() < PATIENCE, "{what:?} is not on the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until this is on the screen.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.waits(text, |screen| screen.contains(text));
    }

    /// Waits until this is on the screen, and then until keys are read: the question is there a moment before.
    #[track_caller]
    pub fn asks(&self, question: &str) {
        self.shows(question);
        #[cfg(unix)]
        self.waits("a terminal that reads keys", |_| !self.is_as_it_was());
    }

    /// Presses these keys.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Makes the window so many columns wide.
    pub fn resize(&self, columns: u16) {
        self.master.resize(size(columns)).unwrap();
        self.seen.lock().unwrap().screen.screen_mut().set_size(some(50), some(columns));
    }

    /// Whether lines are edited and shown as before the program.
    #[cfg(unix)]
    pub fn is_as_it_was(&self) -> bool {
        attributes(&*self.master) == self.attributes && !self.seen.lock().unwrap().screen.screen().bracketed_paste()
    }

    /// Sends this signal, such as `-TERM`.
    #[cfg(unix)]
    pub fn signal(&self, signal: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end of the program, and of all that it has said: its exit code.
    #[track_caller]
    pub fn ends(&mut self) -> u32 {
        let began = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.reader.take().into_iter().for_each(|reader| reader.join().unwrap());
                return status.exit_code();
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
