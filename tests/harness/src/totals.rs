//! What the suites have counted, in one table at the end of a run of all of them.
//!
//! Each suite leaves its figures in a file beside the binaries. `xtask`, whose targets cargo runs last, has a target that
//! includes this file and shows them. Figures are of this run where the same cargo ran the suite that left them.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is counted: of which platform, what, and the target that counts it.
const ROWS: &[(&str, &str, &str)] = &[
    ("Mycel", "faults", "mycel-tests --test faults"),
    ("Mycel", "faults behind heads", "mycel-tests --test faults"),
    ("Mycel", "nights", "mycel-tests --test notifications"),
    ("Mycel", "nights in virtual time", "mycel-tests --test notifications"),
    ("Mycel", "load", "mycel-tests --test load"),
    ("Mycel", "recordings", "mycel-tests --test recordings"),
    ("m8tes", "faults", "m8tes-tests --test faults"),
    ("m8tes", "faults behind heads", "m8tes-tests --test faults"),
    ("m8tes", "nights", "m8tes-tests --test nights"),
    ("m8tes", "load", "m8tes-tests --test load"),
    ("m8tes", "recorded streams", "m8tes-tests --test streams"),
    ("m8tes", "recorded calls", "m8tes-tests --test requests"),
    ("m8tes", "recorded situations", "m8tes-tests --test behaviour"),
    ("MUXI's formation", "faults", "muxi-tests --test faults"),
    ("MUXI's formation", "faults behind heads", "muxi-tests --test faults"),
    ("MUXI's formation", "nights", "muxi-tests --test nights"),
    ("MUXI's formation", "load", "muxi-tests --test load"),
    ("MUXI's formation", "streams", "muxi-tests --test recordings"),
    ("MUXI's formation", "recorded exchanges", "muxi-local-backend --test replay"),
    ("MUXI's server", "faults", "muxi-tests --test faults"),
    ("MUXI's server", "faults behind heads", "muxi-tests --test faults"),
];

/// Longer than any run takes. A process of before may have had the number of this run's.
const LONGEST_RUN: Duration = Duration::from_secs(12 * 60 * 60);

/// Leaves the figures of a suite that held.
pub fn record(platform: &str, what: &str, figures: &str) {
    let is_known = ROWS.iter().any(|row| (row.0, row.1) == (platform, what));
    assert!(is_known, "tests/harness/src/totals.rs has no row for {what} of {platform}");
    fs::create_dir_all(folder()).unwrap();
    let (run, now) = (run().unwrap_or(0), now().as_secs());
    fs::write(file(platform, what), format!("{run} {now}\n{figures}")).unwrap();
}

/// The table, and the rows that have no figures of this run.
pub fn table() -> (String, Vec<String>) {
    let (mut table, mut missing) = (String::new(), Vec::new());
    for (platform, what, target) in ROWS {
        let told = match found(platform, what) {
            Some((true, _, figures)) => figures,
            old => {
                missing.push(format!("{what} of {platform} (cargo test -p {target})"));
                let old = old.map(|(_, age, figures)| format!("; {} ago: {figures}", shown(age)));
                format!("not in this run{}", old.unwrap_or_default())
            }
        };
        writeln!(table, "totals: {platform:<17} {what:<23} {told}").unwrap();
    }
    (table, missing)
}

/// What a suite has left last: whether in this run, how long ago, and the figures.
fn found(platform: &str, what: &str) -> Option<(bool, Duration, String)> {
    read(&fs::read_to_string(file(platform, what)).ok()?, run(), now())
}

fn read(text: &str, run: Option<u32>, now: Duration) -> Option<(bool, Duration, String)> {
    let (head, figures) = text.split_once('\n')?;
    let (by, at) = head.split_once(' ')?;
    let age = now.saturating_sub(Duration::from_secs(at.parse().ok()?));
    let is_of_this_run = run.is_some_and(|run| run.to_string() == by) && age < LONGEST_RUN;
    Some((is_of_this_run, age, figures.to_owned()))
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// The process that runs all targets, one after the other, where that can be known.
fn run() -> Option<u32> {
    #[cfg(unix)]
    return Some(std::os::unix::process::parent_id());
    #[cfg(not(unix))]
    return None;
}

fn shown(age: Duration) -> String {
    match age.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} min"),
        minutes => format!("{} h", minutes / 60),
    }
}

/// `target/debug/totals`, as a rule.
fn folder() -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(2).unwrap().join("totals")
}

fn file(platform: &str, what: &str) -> PathBuf {
    folder().join(format!("{platform} {what}").replace(|character: char| !character.is_ascii_alphanumeric(), "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_another_run_are_not_those_of_this_one() {
        const HOUR: u64 = 60 * 60;
        let left = "7 3600\n200 of runs";
        let is_of_this_run = |run, hours| read(left, run, Duration::from_secs(hours * HOUR)).unwrap().0;
        assert!(is_of_this_run(Some(7), 2));
        assert!(!is_of_this_run(Some(8), 2), "another process");
        assert!(!is_of_this_run(Some(7), 20), "the number of a process of before");
        assert!(!is_of_this_run(None, 2), "nobody knows");
        let (_, age, figures) = read(left, None, Duration::from_secs(4 * HOUR)).unwrap();
        assert_eq!((shown(age).as_str(), figures.as_str()), ("3 h", "200 of runs"));
        assert_eq!(read("spoilt", Some(7), Duration::ZERO), None);
    }
}
