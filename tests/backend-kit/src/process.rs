//! A backend's program while it runs, for tests of it.

use std::{
    io::{self, BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
};

/// The running program. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    url: String,
}

impl Process {
    /// Starts this program with these arguments, on a free port, and waits until it listens.
    ///
    /// # Errors
    ///
    /// If it can't be started, or says something else first.
    pub fn start(program: &str, arguments: &[&str]) -> io::Result<Self> {
        let mut command = Command::new(program);
        let child = command.args(["--listen", "127.0.0.1:0"]).args(arguments).stdout(Stdio::piped()).spawn()?;
        let mut process = Self { child, url: String::new() };
        let mut line = String::new();
        if let Some(said) = process.child.stdout.as_mut() {
            BufReader::new(said).read_line(&mut line)?;
        }
        let url = line.strip_prefix("listening on ").and_then(|url| url.strip_suffix('\n'));
        process.url = url.ok_or_else(|| io::Error::other(format!("it says {line:?}")))?.to_owned();
        Ok(process)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// If that can't be waited for.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn a_failure_is_told_at_its_end() {
        // Tests are a program that takes no such option.
        let mut program = Command::new(env::current_exe().unwrap());
        let child = program.arg("--no-such-option").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut process = Process { child, url: String::new() };
        assert!(!process.wait().unwrap().success());
    }
}
