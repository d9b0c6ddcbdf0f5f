//! `BENCH.md`, where the last table of each group stands between two marks.

use std::path::Path;

use crate::Result;

/// Replaces what stands for a group.
pub(crate) fn record(group: &str, table: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../BENCH.md");
    let text = std::fs::read_to_string(&path)?;
    let replaced = replaced(&text, group, table).ok_or_else(|| format!("BENCH.md has no place for {group}"))?;
    Ok(std::fs::write(path, replaced)?)
}

fn replaced(text: &str, group: &str, table: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {group} -->\n"), format!("<!-- end of {group} -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::GROUPS;

    #[test]
    fn a_table_replaces_the_one_of_its_group() {
        let text = "# B\n<!-- a -->\nold\n<!-- end of a -->\nsaid\n<!-- b -->\n<!-- end of b -->\n";
        let expected = "# B\n<!-- a -->\nnew\n<!-- end of a -->\nsaid\n<!-- b -->\n<!-- end of b -->\n";
        assert_eq!(replaced(text, "a", "new\n").as_deref(), Some(expected));
        assert_eq!(replaced(text, "c", "new\n"), None);
    }

    #[test]
    fn every_group_has_its_place() {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../BENCH.md")).unwrap();
        for group in GROUPS {
            assert!(replaced(&text, group.name, "").is_some(), "{}", group.name);
        }
    }
}
