//! A README: its blocks of code, its tables, its codes.

use std::fs;
use std::path::Path;

/// A document of the repository.
pub struct Readme {
    pub path: String,
    pub text: String,
}

/// A block of code: what it says it is written in, and its lines.
#[derive(Debug)]
pub struct Block<'t> {
    pub language: &'t str,
    pub code: &'t str,
}

impl Readme {
    /// The document at this path below the root of the repository.
    pub fn of(path: &str) -> Self {
        let file = root().join(path);
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self { path: path.to_owned(), text }
    }

    pub fn blocks(&self) -> Vec<Block<'_>> {
        // The text before the first fence, then by turns a block and what is between two.
        let parts = self.text.split("\n```").skip(1).step_by(2);
        parts.map(|part| part.split_once('\n').unwrap()).map(|(language, code)| Block { language, code }).collect()
    }

    /// The blocks in one language.
    pub fn blocks_in(&self, language: &str) -> Vec<&str> {
        self.blocks().into_iter().filter(|block| block.language == language).map(|block| block.code).collect()
    }

    /// The part below a heading.
    pub fn section(&self, heading: &str) -> &str {
        let mut sections = self.text.split("\n## ");
        sections
            .find_map(|section| section.strip_prefix(heading)?.strip_prefix('\n'))
            .unwrap_or_else(|| panic!("{} has no section called {heading}", self.path))
    }
}

/// The cells of the rows of a part's table, without its head.
pub fn rows(part: &str) -> Vec<Vec<&str>> {
    let rows = part.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    rows.skip(1).map(|row| row.split(" | ").map(str::trim).collect()).collect()
}

/// What is written as code in a text.
pub fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}
