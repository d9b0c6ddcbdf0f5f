//! What cargo knows of the workspace.

use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::readme::root;

/// A crate of the workspace.
pub struct Package(Value);

impl Package {
    /// All of them.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Package>> = LazyLock::new(|| {
            let output = Command::new(env!("CARGO"))
                .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
                .current_dir(root())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
            metadata["packages"].as_array().unwrap().iter().cloned().map(Package).collect()
        });
        &ALL
    }

    pub fn named(name: &str) -> &'static Self {
        Self::all().iter().find(|package| package.name() == name).unwrap_or_else(|| panic!("there is no crate {name}"))
    }

    pub fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }

    pub fn is_published(&self) -> bool {
        self.0["publish"].is_null()
    }

    pub fn rust_version(&self) -> &str {
        self.0["rust_version"].as_str().unwrap()
    }

    /// Its features, without what is on by default.
    pub fn features(&self) -> Vec<&str> {
        self.0["features"].as_object().unwrap().keys().map(String::as_str).filter(|name| *name != "default").collect()
    }

    /// Its folder, below the root of the repository.
    pub fn folder(&self) -> String {
        let manifest = self.0["manifest_path"].as_str().unwrap();
        let folder = manifest.strip_prefix(root().to_str().unwrap()).unwrap().trim_start_matches('/');
        folder.strip_suffix("/Cargo.toml").unwrap().to_owned()
    }

    /// The files that its targets begin with.
    pub fn roots(&self) -> Vec<&str> {
        let targets = self.0["targets"].as_array().unwrap().iter();
        targets.map(|target| target["src_path"].as_str().unwrap()).collect()
    }

    /// Its targets of a kind: `test`, `example`, `bin`, `lib`.
    pub fn targets(&self, kind: &str) -> Vec<&str> {
        let targets = self.0["targets"].as_array().unwrap().iter();
        let of_kind = targets.filter(|target| target["kind"].as_array().unwrap().iter().any(|of| of == kind));
        of_kind.map(|target| target["name"].as_str().unwrap()).collect()
    }
}
