//! How long this thread has worked, which is no matter of what else the machine is busy with.

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The time that this thread has had on a processor; where the system does not tell, the time that has passed.
pub fn cpu_time() -> Duration {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| STARTED.elapsed(), Duration::from_nanos)
}
