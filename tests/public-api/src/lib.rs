//! Which facades there are, and where the list of each one's public API is.

use std::fs;
use std::path::{Path, PathBuf};

/// The packages of the facades: those in `sdk` whose name ends with `-sdk`.
///
/// # Panics
///
/// Where the folder can't be read.
#[must_use]
#[expect(clippy::unwrap_used, reason = "test code: what it can't do ends the test")]
pub fn facades() -> Vec<String> {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk");
    let manifests = fs::read_dir(sdk).unwrap().map(|entry| entry.unwrap().path().join("Cargo.toml"));
    let packages = manifests.filter(|manifest| manifest.exists()).map(|manifest| {
        let text = fs::read_to_string(manifest).unwrap();
        text.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().trim_matches('"').to_owned()
    });
    let mut facades: Vec<_> = packages.filter(|package| package.ends_with("-sdk")).collect();
    facades.sort();
    assert!(!facades.is_empty(), "no facade is found in the folder sdk");
    facades
}

/// The file that lists the public API of this facade.
#[must_use]
pub fn snapshot_of(facade: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{facade}.txt"))
}
