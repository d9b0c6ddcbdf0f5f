//! Recordings in a file, one a line.

use std::path::Path;

use serde_json::Value;
use similar::TextDiff;

/// Fails unless the file holds these rows, and shows where it does not; with `UPDATE_RECORDINGS` in the environment it is
/// written anew instead. `update` is the command for that.
pub fn expect_recorded(file: &Path, rows: &[Value], update: &str) {
    let now: String = rows.iter().map(|row| format!("{row}\n")).collect();
    if std::env::var_os("UPDATE_RECORDINGS").is_some() {
        return std::fs::write(file, &now).unwrap();
    }
    let recorded = std::fs::read_to_string(file).unwrap();
    if recorded == now {
        return;
    }
    let recorded: Vec<Value> = recorded.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let legible = |rows: &[Value]| rows.iter().map(|row| format!("{row:#}\n")).collect::<String>();
    let (recorded, now) = (legible(&recorded), legible(rows));
    let diff = TextDiff::from_lines(&recorded, &now);
    panic!(
        "{} is not what the local backend answers; if it is meant, write it anew with\n{update}\n{}",
        file.display(),
        diff.unified_diff().header("recorded", "now")
    );
}
