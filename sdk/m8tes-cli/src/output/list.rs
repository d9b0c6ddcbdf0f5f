//! Lists and single things: tables that fit the window, and lines.

use comfy_table::{ContentArrangement, Table as Drawn};
use serde::Serialize;

use crate::args::Output;
use crate::failure::Failure;
use crate::screen::{BOLD, Screen, shown};

/// What is between two columns of a table.
const GAP: u16 = 2;

/// A list of things.
pub(crate) struct Table {
    headers: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headers: &'static [&'static str]) -> Self {
        Self { headers, rows: Vec::new() }
    }

    /// Shows the things: as JSON one on each line, as they are; compactly as lines with tabs; else as a table, or by this
    /// where there is none.
    pub(crate) fn show<T: Serialize>(
        mut self,
        screen: &mut Screen,
        things: &[T],
        nothing: &str,
        row: impl Fn(&T) -> Vec<String>,
    ) -> Result<(), Failure> {
        match screen.output() {
            Output::Json => things.iter().try_for_each(|thing| screen.json(thing)),
            Output::Compact => things.iter().try_for_each(|thing| screen.line(&in_one_line(&row(thing)))),
            Output::Verbose if things.is_empty() => {
                screen.note(nothing);
                Ok(())
            }
            Output::Verbose => {
                self.rows = things.iter().map(row).collect();
                self.draw(screen)
            }
        }
    }

    fn draw(self, screen: &mut Screen) -> Result<(), Failure> {
        let width = screen.width();
        let drawn = drawn(Some(self.headers), &self.rows, width);
        let mut lines = drawn.lines();
        if let Some(header) = lines.next() {
            screen.styled_line(header.trim_end(), BOLD)?;
        }
        lines.try_for_each(|line| screen.line(line.trim_end()))
    }
}

/// A thing with its fields.
#[derive(Default)]
pub(crate) struct Fields(Vec<Vec<String>>);

impl Fields {
    /// Adds a field that the thing has.
    pub(crate) fn add(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push(vec![name.to_owned(), value.to_string()]);
        self
    }

    /// Adds a field where the thing has it.
    pub(crate) fn add_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value.map(|value| value.to_string()).filter(|value| !value.is_empty()) {
            Some(value) => self.add(name, value),
            None => self,
        }
    }

    /// Shows the thing: as JSON as it is; compactly as lines `name<tab>value`; else as two columns.
    pub(crate) fn show(self, screen: &mut Screen, thing: &impl Serialize) -> Result<(), Failure> {
        match screen.output() {
            Output::Json => screen.json(thing),
            Output::Compact => self.0.iter().try_for_each(|field| screen.line(&in_one_line(field))),
            Output::Verbose => {
                let drawn = drawn(None, &self.0, screen.width());
                drawn.lines().try_for_each(|line| screen.line(line.trim_end()))
            }
        }
    }
}

/// The cells in one line, with tabs between them and none in them.
fn in_one_line(cells: &[String]) -> String {
    let cells = cells.iter().map(|cell| cell.replace(['\t', '\n', '\r'], " "));
    cells.collect::<Vec<_>>().join("\t")
}

/// A table without lines; at this width at the most, where there is a window.
fn drawn(headers: Option<&[&str]>, rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Drawn::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    if let Some(headers) = headers {
        table.set_header(headers.iter().map(|header| header.to_uppercase()));
    }
    table.add_rows(rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect::<Vec<_>>()));
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_the_window() {
        let rows =
            vec![vec!["1".to_owned(), "a rather long name of a teammate, which wraps".to_owned(), "on".to_owned()]];
        for width in [20, 40, 80] {
            let table = drawn(Some(&["id", "name", "status"]), &rows, Some(width));
            assert!(
                table.lines().all(|line| line.trim_end().chars().count() <= usize::from(width)),
                "{width}:\n{table}"
            );
        }
        let whole = drawn(Some(&["id", "name", "status"]), &rows, None);
        assert_eq!(whole.lines().count(), 2, "{whole}");
    }

    #[test]
    fn a_line_has_a_tab_between_cells_alone() {
        assert_eq!(in_one_line(&["a\tb".to_owned(), "c\nd".to_owned()]), "a b\tc d");
    }
}
