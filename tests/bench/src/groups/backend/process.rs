//! A local backend in a process of its own, as its program runs it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use mycel_local_backend::LocalBackend;

use crate::Result;
use crate::served::{Served, until_alone};
use crate::spent;

/// The argument that has the program be a local backend.
pub(crate) const ROLE: &str = "local-backend";

/// A backend that lives as long as this.
pub(super) struct Backend(Served);

impl Backend {
    /// Starts one on a port of its own, in memory or on this file.
    pub(super) fn start(file: Option<&Path>) -> Result<Self> {
        let arguments: Vec<&OsStr> = file.map(Path::as_os_str).into_iter().collect();
        Served::start(ROLE, &arguments).map(Self)
    }

    /// Its base URL.
    pub(super) fn url(&self) -> &str {
        self.0.url()
    }

    /// What it has had of the processor.
    pub(super) fn processor_time(&self) -> Option<f64> {
        spent::of_process(self.0.id())
    }
}

/// Serves, in one thread as the program does, until whoever started it is gone.
pub(crate) fn serve(arguments: Vec<OsString>) -> Result<()> {
    let mut builder = LocalBackend::builder();
    if let Some(file) = arguments.first() {
        builder = builder.data(file);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let backend = builder.start().await?;
        println!("{}", backend.url());
        tokio::task::spawn_blocking(until_alone).await?
    })
}
