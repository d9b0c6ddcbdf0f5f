//! The command `m8tes`: how long it takes to start, and how large it is, beside the official one.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use python_clients::{Environment, Installer, Package};
use tokio::runtime::Runtime;

use crate::Result;
use crate::applications::{release_build, stripped_size};
use crate::figure::{Pairs, Row, Samples, Target, Unit};
use crate::measure::{alone, in_turns, seconds};

/// Starts of ours in a run.
const STARTS: u32 = 50;

/// Starts of the official one in a run.
const STARTS_OF_OFFICIAL: u32 = 3;

const OFFICIAL: &str = "m8tes 4.49.0 (Python)";

/// What is printed, and the most seconds that it may take.
const PRINTED: [(&str, f64); 2] = [("--version", 0.005), ("--help", 0.005)];

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let program = release_build(&["-p", "m8tes-cli", "--bin", "m8tes"])?.join("m8tes");
    let size = stripped_size(&program)? as f64;
    let stripped = program.with_extension("stripped");
    let home = tempfile::tempdir()?;
    let ours = |argument| seconds_of_start(&stripped, argument, home.path(), STARTS);

    let installed = Runtime::new()?.block_on(async {
        let installer = Installer::find().await?;
        installer.install(Package::M8tes449).await.map(|environment| (installer, environment))
    });
    let mut rows = Vec::new();
    let (_installer, environment) = match installed {
        Ok(installed) => installed,
        Err(problem) => {
            for (argument, most) in PRINTED {
                let samples = alone(runs, || ours(argument))?;
                rows.push(Row::alone(what(argument), Unit::Seconds, samples, Target::Below(most)));
            }
            rows.push(Row::alone("the program, stripped", Unit::Bytes, Samples::new([size]), Target::Stated));
            let why = problem.to_string().lines().next().unwrap_or_default().to_owned();
            rows.push(Row::left_out(OFFICIAL, why));
            return Ok(rows);
        }
    };
    let official = environment.program("m8tes");
    for (argument, most) in PRINTED {
        let of_official = || seconds_of_start(&official, argument, home.path(), STARTS_OF_OFFICIAL);
        let pairs = in_turns(runs, || ours(argument), of_official)?;
        rows.push(Row::compared(what(argument), Unit::Seconds, &pairs, OFFICIAL, Target::Below(most)));
    }
    let pairs = Pairs::new(vec![(size, size_of_packages(&environment)? as f64)]);
    let baseline = format!("{OFFICIAL}, its packages without Python");
    rows.push(Row::compared("the program, stripped", Unit::Bytes, &pairs, baseline, Target::Stated));
    Ok(rows)
}

fn what(argument: &str) -> String {
    format!("`m8tes {argument}`, from its start to its end")
}

/// Seconds from the start of a program to its end, where it is started so often, one time after another. Nothing of this
/// process's own environment reaches it but the path for programs.
fn seconds_of_start(program: &Path, argument: &str, home: &Path, times: u32) -> Result<f64> {
    let all = seconds(|| {
        for _ in 0..times {
            let mut command = Command::new(program);
            command.arg(argument).env_clear().env("HOME", home);
            command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
            let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
            if !status.success() {
                return Err(format!("{} {argument} failed, {status}", program.display()).into());
            }
        }
        Ok(())
    })?;
    Ok(all / f64::from(times))
}

/// The bytes of the packages that were installed for the official command, without those that install.
fn size_of_packages(environment: &Environment) -> Result<u64> {
    let python = environment.program("python");
    let folder = python.ancestors().nth(2).ok_or("python lies in no environment")?;
    let mut size = 0;
    for version in fs::read_dir(folder.join("lib"))? {
        for package in fs::read_dir(version?.path().join("site-packages"))? {
            let package = package?;
            if !installs(&package.file_name()) {
                size += size_of(&package.path())?;
            }
        }
    }
    Ok(size)
}

/// Whether a package is there in each environment, to install others.
fn installs(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils"].iter().any(|known| name.starts_with(known))
}

fn size_of(path: &Path) -> Result<u64> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    fs::read_dir(path)?.map(|entry| size_of(&entry?.path())).sum()
}
