//! A role of this program that serves, in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::Result;

/// A process that serves as long as this lives.
pub(crate) struct Served {
    process: Child,
    url: String,
}

impl Served {
    /// Starts this program in a role that prints its URL when it serves.
    pub(crate) fn start(role: &str, arguments: &[&OsStr]) -> Result<Self> {
        let mut program = Command::new(std::env::current_exe()?);
        let mut process = program.arg(role).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut url)?;
        }
        url.truncate(url.trim_end().len());
        Ok(Self { process, url })
    }

    /// What it printed: its base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns when whoever started this process is gone.
pub(crate) fn until_alone() -> Result<()> {
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
