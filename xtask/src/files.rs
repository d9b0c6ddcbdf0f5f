//! Reading, comparing and writing files.
//!
//! A command first computes all that it would write; then it compares; and only then it writes what
//! differs, each file atomically.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::error::{Error, Kind, Result};

/// A file as it should be.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) path: PathBuf,
    pub(crate) contents: String,
}

/// A file that is not as it should be.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) path: PathBuf,
    /// What it holds; `None` if it is missing.
    pub(crate) current: Option<Vec<u8>>,
    /// What it should hold; `None` if it should not be there.
    pub(crate) wanted: Option<String>,
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// Reads a file of text.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// What differs between the outputs and the disk, in the order of the paths. In the folder `owned`,
/// every file that is no output is left over, except in Cargo's `target`.
pub(crate) fn compare(outputs: Vec<Output>, owned: Option<&Path>) -> Result<Vec<Change>> {
    let mut left_over = match owned {
        Some(folder) => files_in(folder)?,
        None => BTreeSet::new(),
    };
    let mut changes = Vec::new();
    for Output { path, contents } in outputs {
        left_over.remove(&path);
        let current = match fs::read(&path) {
            Ok(current) => Some(current),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(&path, &error)),
        };
        if current.as_deref() != Some(contents.as_bytes()) {
            changes.push(Change { path, current, wanted: Some(contents) });
        }
    }
    for path in left_over {
        // A symbolic link may lead nowhere; what matters is that it is there.
        let current = fs::read(&path).unwrap_or_default();
        changes.push(Change { path, current: Some(current), wanted: None });
    }
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(changes)
}

/// Makes the disk as it should be. All new contents are on the disk, in temporary files beside their
/// targets, before the first target is replaced.
pub(crate) fn apply(changes: &[Change]) -> Result<()> {
    let mut staged = Vec::new();
    for change in changes {
        if let Some(wanted) = &change.wanted {
            let file = stage(&change.path, wanted).map_err(|error| unwritable(&change.path, &error))?;
            staged.push((file, &change.path));
        }
    }
    for (file, path) in staged {
        file.persist(path).map_err(|error| unwritable(path, &error.error))?;
    }
    for change in changes.iter().filter(|change| change.wanted.is_none()) {
        fs::remove_file(&change.path).map_err(|error| unwritable(&change.path, &error))?;
        remove_empty_parents(&change.path);
    }
    Ok(())
}

fn stage(path: &Path, contents: &str) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = Builder::new();
    // Temporary files are made for their owner alone; these become files like any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".xtask-").tempfile_in(folder)?;
    file.write_all(contents.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A folder that a left-over file leaves empty goes too; one that is not empty can't be removed.
fn remove_empty_parents(path: &Path) {
    let mut folder = path.parent();
    while let Some(empty) = folder.filter(|folder| fs::remove_dir(folder).is_ok()) {
        folder = empty.parent();
    }
}

/// Every file below the folder, except in its `target`.
fn files_in(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let entries = match fs::read_dir(&current) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(&current, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&current, &error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            if !kind.is_dir() {
                files.insert(entry.path());
            } else if current != folder || entry.file_name() != "target" {
                folders.push(entry.path());
            }
        }
    }
    Ok(files)
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Kind::Unreadable,
        path.display(),
        format!("can't be read ({error})"),
        "check the path and its permissions",
    )
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Kind::Unwritable,
        path.display(),
        format!("can't be written ({error})"),
        "check the path and its permissions, then run the command again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(path: &Path, contents: &str) -> Output {
        Output { path: path.to_owned(), contents: contents.to_owned() }
    }

    #[test]
    fn an_equal_file_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "same").unwrap();
        assert!(compare(vec![output(&path, "same")], None).unwrap().is_empty());
    }

    #[test]
    fn finds_and_mends_what_is_missing_changed_and_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let owned = folder.path().join("owned");
        fs::create_dir_all(owned.join("src/old")).unwrap();
        fs::create_dir_all(owned.join("target")).unwrap();
        fs::create_dir_all(owned.join("src/target")).unwrap();
        fs::write(owned.join("src/changed"), "by hand").unwrap();
        fs::write(owned.join("src/old/left_over"), "x").unwrap();
        fs::write(owned.join("src/target/left_over"), "x").unwrap();
        fs::write(owned.join("target/artifact"), "x").unwrap();

        let wanted = || vec![output(&owned.join("src/changed"), "new"), output(&owned.join("src/missing"), "new")];
        let changes = compare(wanted(), Some(&owned)).unwrap();
        let paths: Vec<_> =
            changes.iter().map(|change| change.path.strip_prefix(&owned).unwrap().to_str().unwrap()).collect();
        assert_eq!(paths, ["src/changed", "src/missing", "src/old/left_over", "src/target/left_over"]);

        apply(&changes).unwrap();
        assert!(compare(wanted(), Some(&owned)).unwrap().is_empty());
        assert!(!owned.join("src/old").exists());
        assert!(owned.join("target/artifact").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_written_file_has_a_new_files_usual_permissions() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let usual = folder.path().join("usual");
        fs::write(&usual, "").unwrap();
        let path = folder.path().join("written");
        apply(&compare(vec![output(&path, "x")], None).unwrap()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&usual));
    }

    #[test]
    fn names_the_file_that_cannot_be_read_or_written() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        assert_eq!(read(&missing).unwrap_err().kind(), Kind::Unreadable);
        assert_eq!(read(folder.path()).unwrap_err().kind(), Kind::Unreadable);

        fs::write(folder.path().join("file"), "").unwrap();
        // Only what is not there is as if it were empty.
        let file = folder.path().join("file");
        assert_eq!(compare(vec![output(folder.path(), "")], None).err().unwrap().kind(), Kind::Unreadable);
        assert_eq!(compare(Vec::new(), Some(&file)).err().unwrap().kind(), Kind::Unreadable);
        assert!(compare(Vec::new(), Some(&missing)).unwrap().is_empty());

        let below_a_file = folder.path().join("file/below");
        let change = Change { path: below_a_file, current: None, wanted: Some(String::new()) };
        assert_eq!(apply(&[change]).unwrap_err().kind(), Kind::Unwritable);
    }
}
