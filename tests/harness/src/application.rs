//! An application outside of the workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// A crate in a folder of its own, which depends on nothing but what it names. So no other crate of the workspace can turn on
/// a feature for it.
pub struct Application {
    dir: PathBuf,
    target: PathBuf,
}

impl Application {
    /// One of this name with this program. A dependency is a line of its manifest; see [`ours`](Self::ours).
    #[must_use]
    pub fn new(name: &str, dependencies: &[String], main: &str) -> Self {
        // The test itself is in target/debug/deps.
        let target = env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
        let dir = target.join("tmp").join(name);
        fs::create_dir_all(dir.join("src")).unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}\n",
            dependencies.join("\n")
        );
        fs::write(dir.join("Cargo.toml"), manifest).unwrap();
        // The versions that the workspace is tested with, which are there without a network.
        fs::copy(workspace().join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        fs::write(dir.join("src/main.rs"), main).unwrap();
        Self { dir, target }
    }

    /// The dependency on a crate of ours, by its folder in the workspace.
    #[must_use]
    pub fn ours(package: &str, folder: &str) -> String {
        format!("{package} = {{ path = {:?} }}", workspace().join(folder))
    }

    /// What the compiler says of it.
    #[must_use]
    pub fn check(&self) -> Output {
        self.cargo(&["check", "--offline", "--message-format", "short"], &[])
    }

    /// What it prints when it runs, with these variables in its environment.
    #[must_use]
    pub fn run(&self, environment: &[(String, String)]) -> String {
        let output = self.cargo(&["run", "--offline", "--quiet"], environment);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What cargo says in its folder.
    #[must_use]
    pub fn cargo(&self, arguments: &[&str], environment: &[(String, String)]) -> Output {
        Command::new(env::var_os("CARGO").unwrap())
            .args(arguments)
            .current_dir(&self.dir)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("CARGO_TARGET_DIR", &self.target)
            .output()
            .unwrap()
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}
