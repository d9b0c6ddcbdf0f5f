//! What suites tell besides their outcome.

use std::io::Write as _;

/// Tells those who run the tests something, whether the test fails or not.
#[expect(clippy::explicit_write, reason = "the test harness swallows what eprintln! writes")]
pub fn note(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap();
}
