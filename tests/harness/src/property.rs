//! Properties of what is asynchronous, and of what takes its test from elsewhere.

use std::hash::{BuildHasher, RandomState};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Checks a property against so many values, or as many as `PROPTEST_CASES` says. The property panics where it
/// does not hold; then the smallest value that it does not hold for is told, and the seed of the values: with that in
/// `PROPTEST_RNG_SEED` a test has the same ones again.
pub fn holds_for_all<S: Strategy>(cases: u32, values: S, property: impl AsyncFn(S::Value)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    holds_for_each(cases, values, |value| runtime.block_on(property(value)));
}

/// The same of what is not asynchronous.
pub fn holds_for_each<S: Strategy>(cases: u32, values: S, property: impl Fn(S::Value)) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(0),
    };
    config.rng_seed = RngSeed::Fixed(seed);
    let outcome = TestRunner::new(config).run(&values, |value| {
        property(value);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}\nthe same values again: PROPTEST_RNG_SEED={seed}"));
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn what_fails_tells_the_smallest_value_and_the_seed() {
        let failed = catch_unwind(AssertUnwindSafe(|| holds_for_each(100, 0..1000_u32, |value| assert!(value < 3))));
        let told = *failed.unwrap_err().downcast::<String>().unwrap();
        assert!(told.contains("minimal failing input: 3") && told.contains("PROPTEST_RNG_SEED="), "{told}");
    }
}
