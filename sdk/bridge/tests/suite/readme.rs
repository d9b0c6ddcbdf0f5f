//! What the README promises.

const README: &str = include_str!("../../README.md");

const SUITES: [&str; 7] = [
    include_str!("m8tes.rs"),
    include_str!("muxi.rs"),
    include_str!("restarts.rs"),
    include_str!("readme.rs"),
    include_str!("../../src/config.rs"),
    include_str!("../../src/store.rs"),
    include_str!("../../../../tests/bridge/tests/nights/main.rs"),
];

/// Each promise is a line of the list below this heading, and ends with the names of the tests that hold it.
#[test]
fn each_promise_names_a_test_that_there_is() {
    let promises = README.split("\n## What it promises\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let promises: Vec<_> = promises.split("\n- ").skip(1).collect();
    assert!(promises.len() > 8, "{promises:?}");
    for promise in promises {
        let names = promise.rsplit_once('(').unwrap_or_else(|| panic!("{promise} names no test")).1;
        for name in names.split('`').skip(1).step_by(2) {
            let is_there = SUITES.iter().any(|suite| suite.contains(&format!("fn {name}(")));
            assert!(is_there, "there is no test {name}, which holds: {promise}");
        }
        assert!(names.contains('`'), "{promise} names no test");
    }
}
