//! Names for what tests make.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// An id that begins with `name` and that nobody has taken, on a backend that other runs may have used.
pub fn fresh(name: &str) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{name}-{nanos:x}-{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}
