//! Where the files of one backend lie.

use std::path::{Path, PathBuf};

/// One backend: what of it is kept by hand, and where the generated parts go.
#[derive(Clone, Debug)]
pub struct Backend {
    /// What the commands call it.
    pub name: String,
    /// What holds `backend.json`, `contract.toml`, `schemas.json` and `public.json`.
    pub dir: PathBuf,
    /// The generated crate. The whole folder belongs to `regenerate`.
    pub crate_dir: PathBuf,
    /// The generated crate's name.
    pub crate_name: String,
}

impl Backend {
    /// The Mycel backend, in the workspace at `root`.
    pub fn mycel(root: &Path) -> Self {
        Self {
            name: "mycel".to_owned(),
            dir: root.join("openapi/mycel"),
            crate_dir: root.join("generated/mycel-web-backend-client"),
            crate_name: "mycel-web-backend-client".to_owned(),
        }
    }

    /// The contract, by hand.
    pub(crate) fn contract(&self) -> PathBuf {
        self.dir.join("contract.toml")
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
