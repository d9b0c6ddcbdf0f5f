//! What `tests/fuzz` drives: the pipeline in memory, with what must hold for any document.
//!
//! The unit test at the end feeds it the seeds, so that neither rots.

use crate::rehearse::rehearse;

/// The longest line of a refusal, in characters.
const LONGEST_LINE: usize = 1_000;

/// A backend's export: imported, lowered, and compared with what was imported of it.
pub fn schema(input: &[u8]) {
    let rehearsal = match rehearse(input, None) {
        Ok(rehearsal) => rehearsal,
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains(char::is_control), "not one line: {line:?}");
            assert!(line.chars().count() <= LONGEST_LINE + input.len(), "{} characters", line.chars().count());
            return;
        }
    };
    assert!(rehearsal.drift.changes.is_empty(), "it drifts from itself: {:?}", rehearsal.drift);
    let document = serde_json::from_str::<openapiv3::OpenAPI>(&rehearsal.public);
    assert!(document.is_ok(), "what the generator is to read is no OpenAPI 3.0: {document:?}");

    let again = rehearse(input, None).map(|again| (again.imported, again.public));
    let first = (rehearsal.imported, rehearsal.public);
    assert_eq!(again.ok().as_ref(), Some(&first), "the same document gives other bytes");
    let imported_again = rehearse(first.0.as_bytes(), None).map(|again| (again.imported, again.public));
    assert_eq!(imported_again.ok(), Some(first), "what was imported is imported as something else");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_keeps_its_promises_for_every_seed() {
        // Of the checkout that the test is run in, not of the one that it was built in.
        let folder = format!("{}/../tests/fuzz/seeds/schema", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let seeds: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        assert!(!seeds.is_empty(), "{folder} is empty");
        seeds.iter().for_each(|seed| schema(seed));
    }
}
