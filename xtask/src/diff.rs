//! What `--check` prints.

use std::path::Path;

use similar::TextDiff;

use crate::files::Change;

/// The change as a unified diff that `git apply` and `patch` take, with the path relative to `root`.
pub(crate) fn unified(change: &Change, root: &Path) -> String {
    let path = change.path.strip_prefix(root).unwrap_or(&change.path).display();
    let current = change.current.as_deref().map(String::from_utf8_lossy);
    let old = current.as_ref().map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    let new = change.wanted.as_ref().map_or("/dev/null".to_owned(), |_| format!("b/{path}"));
    let current = current.unwrap_or_default();
    let wanted = change.wanted.as_deref().unwrap_or_default();
    if current == wanted {
        // An empty file that is missing or left over, or one that differs only in what is not text.
        return format!("--- {old}\n+++ {new}\n");
    }
    TextDiff::from_lines(current.as_ref(), wanted).unified_diff().header(&old, &new).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(current: Option<&str>, wanted: Option<&str>) -> String {
        let change = Change {
            path: "/workspace/dir/file".into(),
            current: current.map(|text| text.as_bytes().to_owned()),
            wanted: wanted.map(str::to_owned),
        };
        unified(&change, Path::new("/workspace"))
    }

    #[test]
    fn shows_what_is_changed_missing_and_left_over() {
        assert_eq!(
            change(Some("a\nb\n"), Some("a\nc\n")),
            "--- a/dir/file\n+++ b/dir/file\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        );
        assert_eq!(change(None, Some("a\n")), "--- /dev/null\n+++ b/dir/file\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(change(Some("a\n"), None), "--- a/dir/file\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
        assert_eq!(change(Some(""), None), "--- a/dir/file\n+++ /dev/null\n");
    }
}
