//! A local backend in a process of its own, as its program runs it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mycel_local_backend::LocalBackend;

use super::spent;
use crate::Result;

/// The argument that has the program be a local backend.
pub(crate) const ROLE: &str = "local-backend";

/// A backend that lives as long as this.
pub(super) struct Backend {
    process: Child,
    url: String,
}

impl Backend {
    /// Starts one on a port of its own, in memory or on this file.
    pub(super) fn start(file: Option<&Path>) -> Result<Self> {
        let mut program = Command::new(std::env::current_exe()?);
        let mut process = program.arg(ROLE).args(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut url)?;
        }
        url.truncate(url.trim_end().len());
        Ok(Self { process, url })
    }

    /// Its base URL.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What it has had of the processor.
    pub(super) fn processor_time(&self) -> Option<f64> {
        spent::of_process(self.process.id())
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until whoever started it is gone.
pub(crate) fn serve(arguments: Vec<OsString>) -> Result<()> {
    let mut builder = LocalBackend::builder();
    if let Some(file) = arguments.first() {
        builder = builder.data(file);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let backend = runtime.block_on(builder.start())?;
    println!("{}", backend.url());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
