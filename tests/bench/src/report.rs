//! Measures what is asked for, prints the table, and records it.

use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::document;
use crate::figure::HEAD;
use crate::groups::Group;

/// What is to be measured.
pub(crate) struct Settings {
    pub(crate) groups: Vec<&'static Group>,
    /// How often each figure is measured.
    pub(crate) runs: usize,
    /// Whether `BENCH.md` is to hold what came out.
    pub(crate) record: bool,
}

/// Measures, prints and records. Tells whether all targets are met.
pub(crate) fn measure(settings: &Settings) -> Result<bool> {
    let conditions = conditions()?;
    println!("{conditions}\n");
    println!("{}", table_head());
    let mut all_met = true;
    for group in &settings.groups {
        eprintln!("measuring: {}", group.title);
        let rows = (group.measure)(settings.runs).map_err(|problem| format!("{}: {problem}", group.name))?;
        for row in &rows {
            println!("{row}");
        }
        all_met &= rows.iter().all(|row| row.is_met() != Some(false));
        if settings.record {
            let lines = rows.iter().map(|row| format!("{row}\n")).collect::<String>();
            document::record(group.name, &format!("{conditions}\n\n{}\n{lines}", table_head()))?;
        }
    }
    Ok(all_met)
}

fn table_head() -> String {
    format!("| {} |\n|{}|", HEAD.join(" | "), "---|".repeat(HEAD.len()).trim_end_matches('|'))
}

/// When, on what, and of which commit.
fn conditions() -> Result<String> {
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d");
    let cores = std::thread::available_parallelism()?;
    let told = std::fs::read_to_string(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, name)| name.trim());
    let commit = output(Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=12"]))?;
    let rustc = output(Command::new("rustc").arg("--version"))?;
    Ok(format!("{date}, {cores} cores ({model}), {}, {rustc}, commit {commit}.", std::env::consts::OS))
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
