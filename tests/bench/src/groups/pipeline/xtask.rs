//! The program of the pipeline, as `cargo xtask` runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::workspace::Workspace;
use crate::Result;

/// The built program.
pub(super) struct Xtask {
    program: PathBuf,
}

impl Xtask {
    /// Builds it, in the profile that `cargo xtask` builds it in.
    pub(super) fn build() -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--locked", "--package", "xtask", "--message-format=json"])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err("xtask can't be built".into());
        }
        let told = String::from_utf8(output.stdout)?;
        let mut executables = told.lines().filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            message.get("executable")?.as_str().map(PathBuf::from)
        });
        let program = executables.next_back().ok_or("cargo tells of no program of xtask")?;
        Ok(Self { program })
    }

    /// Where Cargo keeps what it builds.
    pub(super) fn target(&self) -> Result<&Path> {
        Ok(self.program.ancestors().nth(2).ok_or("xtask lies in no target folder")?)
    }

    pub(super) fn import(&self, workspace: &Workspace) -> Result<()> {
        self.run(
            workspace,
            ["import", "mycel", "--from"].map(OsStr::new).into_iter().chain([workspace.export().as_os_str()]),
        )
    }

    pub(super) fn regenerate(&self, workspace: &Workspace) -> Result<()> {
        self.run(workspace, ["regenerate", "mycel"].map(OsStr::new))
    }

    fn run<'a>(&self, workspace: &Workspace, arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
        let output = Command::new(&self.program)
            .arg("--root")
            .arg(workspace.root())
            .args(arguments)
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("xtask refuses: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}
