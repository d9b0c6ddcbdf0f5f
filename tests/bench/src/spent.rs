//! What a run took, on the clock and of the processor.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::Result;

/// Seconds on the clock, and of the processor where the system tells.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) seconds: f64,
    pub(crate) processor: Option<f64>,
}

/// Why the processor's time may be unknown.
pub(crate) const WHY_UNKNOWN: &str = "this system has no /proc/…/schedstat";

impl Spent {
    /// Takes the time of `work`, and what the one who works has had of the processor meanwhile.
    pub(crate) fn on(processor: impl Fn() -> Option<f64>, work: impl FnOnce() -> Result<()>) -> Result<Self> {
        let before = processor();
        let started = Instant::now();
        work()?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(Self { seconds, processor: processor().zip(before).map(|(after, before)| after - before) })
    }
}

/// What this thread has had of the processor.
pub(crate) fn of_this_thread() -> Option<f64> {
    of_thread(Path::new("/proc/thread-self"))
}

/// What the threads of a process have had, as far as they are still there.
pub(crate) fn of_process(id: u32) -> Option<f64> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).ok()?;
    threads.map(|thread| of_thread(&thread.ok()?.path())).sum()
}

fn of_thread(directory: &Path) -> Option<f64> {
    let told = fs::read_to_string(directory.join("schedstat")).ok()?;
    let nanoseconds: f64 = told.split_ascii_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
