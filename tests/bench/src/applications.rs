//! Applications outside of the workspace, each in a folder of its own, as their users' are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;

/// An application that depends on one library, and on what it takes to use that.
pub(crate) struct Application {
    pub(crate) name: &'static str,
    /// The lines of `[dependencies]`.
    dependencies: &'static str,
    main: &'static str,
}

/// Ours.
pub(crate) static OURS: Application = Application {
    name: "mycel-sdk",
    dependencies: "mycel-sdk = { path = \"../../tree/sdk/mycel\" }\n\
                   tokio = { version = \"1.54.1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
    main: include_str!("../applications/mycel-sdk.rs"),
};

/// Those of the other platforms, alone and all together, and how much more than ours of Mycel they may take.
pub(crate) static SDKS: &[(Application, f64)] = &[
    (
        Application {
            name: "m8tes-sdk",
            dependencies: "m8tes-sdk = { path = \"../../tree/sdk/m8tes\" }\n\
                           tokio = { version = \"1.54.1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
            main: include_str!("../applications/m8tes-sdk.rs"),
        },
        1.05,
    ),
    (
        Application {
            name: "muxi-sdk",
            dependencies: "muxi-sdk = { path = \"../../tree/sdk/muxi\" }\n\
                           tokio = { version = \"1.54.1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
            main: include_str!("../applications/muxi-sdk.rs"),
        },
        1.05,
    ),
    (
        Application {
            name: "all three SDKs",
            dependencies: "m8tes-sdk = { path = \"../../tree/sdk/m8tes\" }\n\
                           muxi-sdk = { path = \"../../tree/sdk/muxi\" }\n\
                           mycel-sdk = { path = \"../../tree/sdk/mycel\" }\n\
                           tokio = { version = \"1.54.1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
            main: include_str!("../applications/all-sdks.rs"),
        },
        1.3,
    ),
];

/// What there would be without it, with TLS and JSON and nothing else.
pub(crate) static BARE: Application = Application {
    name: "reqwest",
    dependencies: "reqwest = { version = \"0.13.5\", default-features = false, features = [\"json\", \"rustls\"] }\n\
                   serde_json = \"1.0.154\"\n\
                   tokio = { version = \"1.54.1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
    main: include_str!("../applications/reqwest.rs"),
};

/// Other clients of other services, with the features that they have unless told otherwise.
pub(crate) static OTHERS: &[Application] = &[
    Application {
        name: "octocrab 0.54.9",
        dependencies: "octocrab = \"=0.54.9\"\n",
        main: "use octocrab as _;\nfn main() {}\n",
    },
    Application {
        name: "async-openai 0.43.0",
        // Without one of its kinds of calls it has none.
        dependencies: "async-openai = { version = \"=0.43.0\", features = [\"chat-completion\"] }\n",
        main: "use async_openai as _;\nfn main() {}\n",
    },
    Application {
        name: "muxi-rust 1.20260713.0",
        dependencies: "muxi-rust = \"=1.20260713.0\"\n",
        main: "use muxi_rust as _;\nfn main() {}\n",
    },
    Application { name: "svix 2.9.1", dependencies: "svix = \"=2.9.1\"\n", main: "use svix as _;\nfn main() {}\n" },
];

/// How an application is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

/// An application that is ready to be built: its sources are there, and those of all that it depends on.
pub(crate) struct Ready {
    pub(crate) name: &'static str,
    folder: PathBuf,
}

impl Application {
    /// Writes its sources, and fetches those of what it depends on.
    pub(crate) fn prepare(&self) -> Result<Ready> {
        let folder = bench_folder().join("applications").join(self.name.replace(' ', "-"));
        fs::create_dir_all(folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"application\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n[workspace]\n",
            self.dependencies
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/main.rs"), self.main)?;
        // Ours and the bare one are to have the same versions of what both depend on.
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let ready = Ready { name: self.name, folder };
        succeed(ready.cargo().arg("fetch"))?;
        Ok(ready)
    }
}

impl Ready {
    /// Builds it, without asking any registry.
    pub(crate) fn build(&self, profile: Profile) -> Result<()> {
        let mut cargo = self.cargo();
        cargo.args(["build", "--offline"]);
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        succeed(&mut cargo)
    }

    /// Forgets all that was built.
    pub(crate) fn clean(&self) -> Result<()> {
        let built = self.folder.join("target");
        if built.exists() { Ok(fs::remove_dir_all(built)?) } else { Ok(()) }
    }

    /// How many crates it is built from, without itself.
    pub(crate) fn crates(&self) -> Result<usize> {
        let tree = ["tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe", "--format", "{p}"];
        let output = self.cargo().args(tree).output()?;
        let text = String::from_utf8(output.stdout)?;
        let crates: BTreeSet<&str> =
            text.lines().filter_map(|line| line.get(..line.find(" (").unwrap_or(line.len()))).collect();
        Ok(crates.len().saturating_sub(1))
    }

    /// The size of its program, in bytes, without symbols.
    pub(crate) fn stripped_size(&self) -> Result<u64> {
        stripped_size(&self.folder.join("target/release/application"))
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What cargo tells the programs that it runs is not for this cargo.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_") && name != "CARGO_HOME") {
                cargo.env_remove(name);
            }
        }
        cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", self.folder.join("target"));
        cargo
    }
}

/// Builds something of the workspace for release, and returns the folder that such things lie in.
pub(crate) fn release_build(what: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let target = workspace().join("target");
    let build = ["build", "--release", "--locked", "--target-dir"];
    succeed(cargo.current_dir(workspace()).args(build).arg(&target).args(what))?;
    Ok(target.join("release"))
}

/// The size of a program, in bytes, without symbols.
pub(crate) fn stripped_size(program: &Path) -> Result<u64> {
    let stripped = program.with_extension("stripped");
    succeed(Command::new("strip").arg("-o").arg(&stripped).arg(program))?;
    Ok(fs::metadata(stripped)?.len())
}

/// A copy of what the workspace holds, so that a change made for a measurement is made to the copy.
pub(crate) struct Tree(PathBuf);

impl Tree {
    pub(crate) fn copy() -> Result<Self> {
        let tree = bench_folder().join("tree");
        if tree.exists() {
            fs::remove_dir_all(&tree)?;
        }
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(workspace()).output()?;
        for file in String::from_utf8(listed.stdout)?.split_terminator('\0') {
            let copied = tree.join(file);
            fs::create_dir_all(copied.parent().unwrap_or(&tree))?;
            fs::copy(workspace().join(file), copied)?;
        }
        Ok(Self(tree))
    }

    /// A file of it.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}

/// The workspace's own folder.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where all this is done.
fn bench_folder() -> PathBuf {
    workspace().join("target/bench")
}

/// Runs a command that has to succeed; what it says is told only where it does not.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into())
}
