//! Properties of what is asynchronous.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};

/// Checks a property against so many values, or as many as `PROPTEST_CASES` says. The property panics where it
/// does not hold; then the smallest value that it does not hold for is told. Each test may be repeated with the
/// same values by the seed in `PROPTEST_RNG_SEED`.
pub fn holds_for_all<S: Strategy>(cases: u32, values: S, property: impl AsyncFn(S::Value)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    let outcome = TestRunner::new(config).run(&values, |value| {
        runtime.block_on(property(value));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
