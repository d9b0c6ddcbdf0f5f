//! The virtual environments with the Python clients.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use tokio::process::Command;

use crate::problem::Problem;

/// Prints the interpreter's version in two ways: for a comparison, and for whoever reads.
const VERSION: &str = "import sys; print(int(sys.version_info >= (3, 11)), sys.base_prefix, sys.version)";

/// A Python of its own, with exactly the packages that one file in `requirements` pins.
#[derive(Debug)]
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The path of a program in it, such as `python`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// A command that runs a script in it. Nothing of this process's own environment reaches it but the path for
    /// programs.
    pub fn command(&self, script: &Path) -> Command {
        let mut command = Command::new(self.program("python"));
        command
            .arg(script)
            .env_clear()
            .envs(env::var_os("PATH").map(|path| ("PATH", path)))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUTF8", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

/// What can be installed.
#[derive(Clone, Copy, Debug)]
pub enum Package {
    /// `mycel-sdk` 0.1.45.
    Sdk045,
    /// `mycel-sdk` 0.1.83.
    Sdk083,
    /// `mycel-cli` 0.1.83, whose program is `cel`.
    Cli083,
    /// `m8tes` 1.1.0.
    M8tes110,
    /// `m8tes` 4.49.0.
    M8tes449,
    /// `muxi` 1.20260713.0.
    Muxi,
}

impl Package {
    /// Its name with the version, and what it takes, pinned with hashes.
    fn pins(self) -> (&'static str, &'static str) {
        match self {
            Self::Sdk045 => ("mycel-sdk-0.1.45", include_str!("../requirements/mycel-sdk-0.1.45.txt")),
            Self::Sdk083 => ("mycel-sdk-0.1.83", include_str!("../requirements/mycel-sdk-0.1.83.txt")),
            Self::M8tes110 => ("m8tes-1.1.0", include_str!("../requirements/m8tes-1.1.0.txt")),
            Self::M8tes449 => ("m8tes-4.49.0", include_str!("../requirements/m8tes-4.49.0.txt")),
            Self::Muxi => ("muxi-1.20260713.0", include_str!("../requirements/muxi-1.20260713.0.txt")),
            Self::Cli083 => ("mycel-cli-0.1.83", include_str!("../requirements/mycel-cli-0.1.83.txt")),
        }
    }
}

/// Makes the environments. They are in use as long as it lives: no other program replaces them until then.
#[derive(Debug)]
pub struct Installer {
    parent: PathBuf,
    python: Interpreter,
    _lock: File,
}

impl Installer {
    /// Finds the Python to make them with: `PYTHON`, or else `python3`. Waits for a program that uses them.
    ///
    /// # Errors
    ///
    /// If there is no Python, or one that is too old, or no folder for them.
    pub async fn find() -> Result<Self, Problem> {
        let python = Interpreter::find().await?;
        let parent = folder()?;
        let lock = lock(&parent)?;
        Ok(Self { parent, python, _lock: lock })
    }

    /// An environment with the package. It is made unless it is there, of the same pins and by the same Python.
    ///
    /// # Errors
    ///
    /// If Python can't make environments, or the package can't be had.
    pub async fn install(&self, package: Package) -> Result<Environment, Problem> {
        let (name, requirements) = package.pins();
        self.python.environment(&self.parent, name, requirements).await
    }
}

/// `python-clients` in cargo's target folder: this program runs from a profile's folder there, or from `deps` in one,
/// wherever that folder is.
fn folder() -> Result<PathBuf, Problem> {
    let program = env::current_exe().map_err(Problem::because("this program can't tell where it is"))?;
    let own = program.parent();
    let profile = if own.is_some_and(|own| own.ends_with("deps")) { own.and_then(Path::parent) } else { own };
    profile
        .and_then(Path::parent)
        .map(|target| target.join("python-clients"))
        .ok_or_else(|| Problem::new("this program isn't in cargo's target folder"))
}

fn lock(parent: &Path) -> Result<File, Problem> {
    let locked = || -> io::Result<File> {
        fs::create_dir_all(parent)?;
        let lock = File::create(parent.join("lock"))?;
        lock.lock()?;
        Ok(lock)
    };
    locked().map_err(Problem::because(format_args!("{} can't be locked", parent.display())))
}

/// The Python that makes the environments.
#[derive(Debug)]
struct Interpreter {
    program: OsString,
    /// Which one it is: an environment that another one made is of no use.
    version: String,
}

impl Interpreter {
    async fn find() -> Result<Self, Problem> {
        let program = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let shown = format!("`{}` (PYTHON, or python3)", program.to_string_lossy());
        let mut command = Command::new(&program);
        let output = succeed(command.args(["-c", VERSION]), &shown).await?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !version.starts_with('1') {
            return Err(Problem::new(format!("{shown} is older than Python 3.11: {version}")));
        }
        Ok(Self { program, version })
    }

    async fn environment(&self, parent: &Path, name: &str, requirements: &str) -> Result<Environment, Problem> {
        let environment = Environment { folder: parent.join(name) };
        // Written last: what is half made has none.
        let stamp = environment.folder.join("made-from.txt");
        let made_from = format!("{}\n{requirements}", self.version);
        if fs::read_to_string(&stamp).is_ok_and(|found| found == made_from) && environment.program("python").exists() {
            return Ok(environment);
        }
        eprintln!("installing {name}");
        let failed = format!("{} can't be made", environment.folder.display());
        match fs::remove_dir_all(&environment.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Problem::because(failed)(error)),
            _ => {}
        }
        let mut command = Command::new(&self.program);
        command.args(["-m", "venv"]).arg(&environment.folder);
        succeed(&mut command, "python -m venv (on Debian: the package python3-venv)").await?;
        let pins = environment.folder.join("requirements.txt");
        fs::write(&pins, requirements).map_err(Problem::because(&failed))?;
        let mut command = Command::new(environment.program("python"));
        command
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
            // m8tes asks for Python 3.11.9, and does with any 3.11.
            .args(["--require-hashes", "--only-binary=:all:", "--ignore-requires-python", "--requirement"])
            .arg(&pins);
        succeed(&mut command, &format!("pip install of {name}")).await?;
        fs::write(&stamp, made_from).map_err(Problem::because(&failed))?;
        Ok(environment)
    }
}

/// Runs a command that has to end well; otherwise the problem has what it wrote.
async fn succeed(command: &mut Command, what: &str) -> Result<Output, Problem> {
    let output =
        command.stdin(Stdio::null()).output().await.map_err(Problem::because(format_args!("{what} doesn't start")))?;
    if output.status.success() {
        return Ok(output);
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Problem::new(format!("{what} failed, {}\n{}{}", output.status, out.trim_end(), err.trim_end())))
}
