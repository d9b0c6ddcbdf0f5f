//! Where the files of one backend lie.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::contract::Contract;
use crate::error::{Error, Kind, Result};
use crate::files;

/// One backend: what of it is kept by hand, and where the generated parts go.
#[derive(Clone, Debug)]
pub struct Backend {
    /// What the commands call it: the name of its folder in `openapi`.
    pub name: String,
    /// What holds `backend.json`, `contract.toml`, `schemas.json` and `public.json`.
    pub dir: PathBuf,
    /// The generated crate. The whole folder belongs to `regenerate`.
    pub crate_dir: PathBuf,
    /// The generated crate's name.
    pub crate_name: String,
}

impl Backend {
    /// The backend of that name in the checkout at `root`. It is registered nowhere but in its folder.
    ///
    /// # Errors
    ///
    /// Refuses a name that no folder with a contract has, and a contract that is none.
    pub fn find(root: &Path, name: &str) -> Result<Self> {
        let folder = root.join(OPENAPI);
        let dir = folder.join(name);
        if !is_plain(name) || !dir.join(CONTRACT).is_file() {
            let names = names(&folder)?;
            return Err(Error::new(
                Kind::Unreadable,
                folder.display(),
                format!("has no folder {name:?} with a contract.toml"),
                format!("name one of those that have one ({})", names.join(", ")),
            ));
        }
        let contract = Contract::read(&dir.join(CONTRACT))?;
        let crate_name = contract.crate_name.unwrap_or_else(|| format!("{name}-web-backend-client"));
        let crate_dir = root.join(GENERATED).join(&crate_name);
        Ok(Self { name: name.to_owned(), dir, crate_dir, crate_name })
    }

    /// All backends of the checkout at `root`, by name.
    ///
    /// # Errors
    ///
    /// Refuses a folder that can't be read, a contract that is none, and two that name one crate.
    pub fn all(root: &Path) -> Result<Vec<Self>> {
        let mut backends: Vec<Self> = Vec::new();
        for name in names(&root.join(OPENAPI))? {
            let backend = Self::find(root, &name)?;
            if let Some(other) = backends.iter().find(|other| other.crate_name == backend.crate_name) {
                return Err(Error::new(
                    Kind::Contract,
                    backend.contract().display(),
                    format!("names the crate of {}: {}", other.name, backend.crate_name),
                    "give each contract a crate of its own",
                ));
            }
            backends.push(backend);
        }
        Ok(backends)
    }

    /// The contract, by hand.
    pub(crate) fn contract(&self) -> PathBuf {
        self.dir.join(CONTRACT)
    }

    /// The shapes of the answers, by hand.
    pub(crate) fn schemas(&self) -> PathBuf {
        self.dir.join("schemas.json")
    }

    /// What `import` writes.
    pub(crate) fn imported(&self) -> PathBuf {
        self.dir.join("backend.json")
    }

    /// The lowered document that `regenerate` writes.
    pub(crate) fn public(&self) -> PathBuf {
        self.dir.join("public.json")
    }
}

const OPENAPI: &str = "openapi";
const CONTRACT: &str = "contract.toml";
const GENERATED: &str = "generated";

/// Refuses a folder of `generated` that no backend has.
///
/// # Errors
///
/// Names the folder.
pub fn check_no_left_over_crate(root: &Path, backends: &[Backend]) -> Result<()> {
    let is_left_over = |folder: &&PathBuf| !backends.iter().any(|backend| backend.crate_dir == **folder);
    match folders(&root.join(GENERATED))?.iter().find(is_left_over) {
        None => Ok(()),
        Some(folder) => {
            let problem = "is the crate of no contract";
            Err(Error::new(
                Kind::Stale,
                folder.display(),
                problem,
                "remove it, or name it in the contract that it is of",
            ))
        }
    }
}

/// The names of the folders that hold a contract.
fn names(folder: &Path) -> Result<Vec<String>> {
    let with_contract = folders(folder)?.into_iter().filter(|folder| folder.join(CONTRACT).is_file());
    let name = |folder: PathBuf| match folder.file_name().and_then(|name| name.to_str()) {
        Some(name) if is_plain(name) => Ok(name.to_owned()),
        _ => Err(Error::new(
            Kind::Contract,
            folder.display(),
            "has a name that is not of small letters, digits and hyphens",
            "rename the folder",
        )),
    };
    with_contract.map(name).collect()
}

/// The folders in a folder, by name; none if it is not there.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(files::unreadable(folder, &error)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| files::unreadable(folder, &error))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Whether it is a name for a folder and for a crate.
pub(crate) fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
}
