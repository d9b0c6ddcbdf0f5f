//! Which checkout a command works on: the one that it is run in, wherever the program was built.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// The checkout around a folder: the nearest folder from there upwards that holds `openapi` beside a `Cargo.toml`.
///
/// # Errors
///
/// Refuses a folder that lies in no checkout.
pub(crate) fn around(folder: &Path) -> Result<PathBuf> {
    let is_checkout = |folder: &&Path| folder.join("openapi").is_dir() && folder.join("Cargo.toml").is_file();
    folder.ancestors().find(is_checkout).map(Path::to_owned).ok_or_else(|| {
        Error::new(
            Kind::Unreadable,
            folder.display(),
            "lies in no checkout: neither it nor a folder around it holds openapi and a Cargo.toml",
            "run the command in a checkout, or name one with --root",
        )
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_folder_with_both_is_the_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let outer = folder.path();
        // A crate outside of the workspace has a Cargo.toml of its own, as tests/fuzz has.
        let inner = outer.join("tests/fuzz");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("Cargo.toml"), "").unwrap();
        assert_eq!(around(&inner).unwrap_err().kind(), Kind::Unreadable);

        fs::create_dir(outer.join("openapi")).unwrap();
        fs::write(outer.join("Cargo.toml"), "").unwrap();
        assert_eq!(around(&inner).unwrap(), outer);
        assert_eq!(around(outer).unwrap(), outer);

        fs::create_dir(inner.join("openapi")).unwrap();
        assert_eq!(around(&inner).unwrap(), inner);
    }
}
