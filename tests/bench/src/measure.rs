//! Taking both sides' figures in turns.

use std::time::Instant;

use crate::Result;
use crate::figure::{Pairs, Samples};

/// Measures both in turns, each of them first every other time, after one run of each that does not count.
pub(crate) fn in_turns(
    runs: usize,
    mut ours: impl FnMut() -> Result<f64>,
    mut baseline: impl FnMut() -> Result<f64>,
) -> Result<Pairs> {
    ours()?;
    baseline()?;
    let mut measured = Vec::with_capacity(runs);
    for run in 0..runs {
        if run.is_multiple_of(2) {
            let of_ours = ours()?;
            measured.push((of_ours, baseline()?));
        } else {
            let of_baseline = baseline()?;
            measured.push((ours()?, of_baseline));
        }
    }
    Ok(Pairs::new(measured))
}

/// Measures what has no baseline, after one run that does not count.
pub(crate) fn alone(runs: usize, mut ours: impl FnMut() -> Result<f64>) -> Result<Samples> {
    ours()?;
    Ok(Samples::new((0..runs).map(|_| ours()).collect::<Result<Vec<f64>>>()?))
}

/// How many seconds it takes.
pub(crate) fn seconds<T>(work: impl FnOnce() -> Result<T>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64())
}

/// The most memory that this process has had, in bytes, where that is told.
pub(crate) fn most_resident() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = told.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))?;
    Some(kibibytes.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn the_two_take_turns_at_being_first() {
        let order = RefCell::new(String::new());
        let side = |name: char| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                Ok(1.0)
            }
        };
        in_turns(3, side('o'), side('b')).unwrap();
        assert_eq!(*order.borrow(), "obobboob");
    }
}
