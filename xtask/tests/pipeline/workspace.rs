//! A workspace of its own for each test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use xtask::{Backend, Error, Imported, Source};

pub const EXPORT: &str = include_str!("fixture/export.json");
pub const CONTRACT: &str = include_str!("fixture/contract.toml");
pub const SCHEMAS: &str = include_str!("fixture/schemas.json");

/// The fixture in a temporary folder. The export lies outside of what the commands may write.
pub struct Workspace {
    folder: TempDir,
    pub backend: Backend,
}

impl Workspace {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, contents: &str| fs::write(folder.path().join(path), contents).unwrap();
        fs::create_dir_all(folder.path().join("openapi/library")).unwrap();
        write("openapi/library/contract.toml", CONTRACT);
        write("openapi/library/schemas.json", SCHEMAS);
        write("export.json", EXPORT);
        let backend = Backend::find(folder.path(), "library").unwrap();
        Self { folder, backend }
    }

    /// A workspace in which everything is imported and generated.
    pub fn regenerated() -> Self {
        let workspace = Self::new();
        workspace.import().unwrap();
        xtask::regenerate(&workspace.backend).unwrap();
        workspace
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub fn read_json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    pub fn write(&self, path: &str, contents: &str) {
        fs::write(self.path(path), contents).unwrap();
    }

    /// Changes a file of JSON.
    pub fn edit(&self, path: &str, edit: impl FnOnce(&mut Value)) {
        let mut value = self.read_json(path);
        edit(&mut value);
        self.write(path, &value.to_string());
    }

    /// Replaces a text that must be there.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, &text.replace(from, to));
    }

    pub fn import(&self) -> Result<Imported, Error> {
        xtask::import(&self.backend, &Source::File(self.path("export.json")))
    }

    /// Has the compiler check what was generated, with the dependencies of the workspace that is tested.
    pub fn check(&self) -> Output {
        // Of the checkout that the test is run in, not of the one that it was built in.
        let crate_dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
        let tested = Path::new(&crate_dir).parent().unwrap();
        let mut manifest: toml::Table = fs::read_to_string(tested.join("Cargo.toml")).unwrap().parse().unwrap();
        let mut of_workspace = manifest.remove("workspace").unwrap();
        for (_, dependency) in of_workspace["dependencies"].as_table_mut().unwrap() {
            if let Some(path) = dependency.get_mut("path") {
                *path = tested.join(path.as_str().unwrap()).to_str().unwrap().into();
            }
        }
        let parts = ["package", "dependencies"].map(|key| (key.to_owned(), of_workspace[key].clone()));
        let mut workspace = toml::Table::from_iter(parts);
        workspace.insert("members".to_owned(), vec!["generated/*"].into());
        workspace.insert("resolver".to_owned(), "3".into());
        let manifest = toml::Table::from_iter([("workspace".to_owned(), workspace.into())]);
        self.write("Cargo.toml", &manifest.to_string());
        // The versions that the workspace is tested with, which are there without a network.
        fs::copy(tested.join("Cargo.lock"), self.path("Cargo.lock")).unwrap();
        Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet", "--message-format", "short"])
            .current_dir(self.root())
            // What is built once serves the next time.
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
            .output()
            .unwrap()
    }

    /// Every file with its contents.
    pub fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let contents = fs::read(&path).unwrap();
                    files.insert(path, contents);
                }
            }
        }
        files
    }
}
