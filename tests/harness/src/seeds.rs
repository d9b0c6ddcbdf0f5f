//! Which of many seeded rounds are to be made.

use std::env;
use std::ops::Range;

/// The seeds of so many rounds: from `NIGHT_FIRST` on, or 0; or as many as `NIGHT_ROUNDS` says; or that of `NIGHT_SEED` alone.
pub fn seeds(rounds: u64) -> Range<u64> {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    match number("NIGHT_SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let first = number("NIGHT_FIRST").unwrap_or(0);
            first..first + number("NIGHT_ROUNDS").unwrap_or(rounds)
        }
    }
}
