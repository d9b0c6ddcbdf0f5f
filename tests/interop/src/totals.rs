//! What a run has counted, and what the README says it counts.

use std::fmt;

use crate::problem::Problem;

/// The README's text, as it was when this was built.
const README: &str = include_str!("../../README.md");

/// The table in the README that a run is compared with begins with this line.
const TABLE: &str = "| Part | Subject | Counted |";

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The part's name.
    pub part: &'static str,
    /// What was counted.
    pub subject: String,
    /// The numbers, in words.
    pub counted: String,
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "| {} | {} | {} |", self.part, self.subject, self.counted)
    }
}

/// Fails unless `tests/README.md` has each of these rows; and, after a run of all parts, no others.
pub fn compare_with_readme(rows: &[Row], all: bool) -> Result<(), Problem> {
    compare(README, rows, all)
}

fn compare(readme: &str, rows: &[Row], all: bool) -> Result<(), Problem> {
    let stated: Vec<&str> =
        readme.lines().skip_while(|line| *line != TABLE).skip(2).take_while(|line| line.starts_with('|')).collect();
    let counted: Vec<String> = rows.iter().map(Row::to_string).collect();
    let missing = counted.iter().filter(|row| !stated.contains(&row.as_str()));
    let stale = stated.iter().filter(|row| all && !counted.iter().any(|counted| counted == **row));
    let differences: Vec<String> = missing
        .map(|row| format!("  ought to stand there: {row}"))
        .chain(stale.map(|row| format!("  ought not to:         {row}")))
        .collect();
    if differences.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!("tests/README.md doesn't say what was counted\n{}", differences.join("\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str =
        "# Tests\n\n| Part | Subject | Counted |\n|---|---|---|\n| a | b | 1 |\n| c | d | 2 |\n\n| a | b | 3 |\n";

    fn row(part: &'static str, subject: &str, counted: &str) -> Row {
        Row { part, subject: subject.to_owned(), counted: counted.to_owned() }
    }

    #[test]
    fn what_was_counted_stands_there() {
        compare(README, &[row("a", "b", "1"), row("c", "d", "2")], true).unwrap();
        compare(README, &[row("c", "d", "2")], false).unwrap();
    }

    #[test]
    fn another_number_is_told_with_the_row_that_ought_to_stand_there() {
        let problem = compare(README, &[row("a", "b", "3")], false).unwrap_err().to_string();
        assert!(problem.ends_with("  ought to stand there: | a | b | 3 |"), "{problem}");
    }

    #[test]
    fn a_row_that_nothing_counts_is_told_after_a_whole_run() {
        let problem = compare(README, &[row("a", "b", "1")], true).unwrap_err().to_string();
        assert!(problem.ends_with("  ought not to:         | c | d | 2 |"), "{problem}");
    }
}
