//! A backend, a home, and the program in it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use m8tes_local_backend::{Builder, DEFAULT_API_KEY, LocalBackend};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_m8tes");

/// A backend, and a home for the program with nothing in it.
pub struct World {
    pub backend: LocalBackend,
    home: TempDir,
}

/// What a program has said, and its exit code.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl World {
    /// With runs that echo.
    pub async fn new() -> Self {
        Self::of(LocalBackend::builder()).await
    }

    pub async fn of(builder: Builder) -> Self {
        Self { backend: builder.start().await.unwrap(), home: tempfile::tempdir().unwrap() }
    }

    /// The folder of the program's own files.
    pub fn config(&self) -> PathBuf {
        self.home.path().join("config")
    }

    /// Where the program runs.
    pub fn home(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    /// What the program finds in its environment, and nothing else.
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        [
            ("HOME", text(self.home())),
            ("M8TES_CONFIG_DIR", text(self.config())),
            ("M8TES_KEYRING", "off".to_owned()),
            ("M8TES_API_KEY", DEFAULT_API_KEY.to_owned()),
            ("M8TES_BASE_URL", self.backend.url().to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// The program, with pipes.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_clear().envs(self.environment()).current_dir(self.home());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub async fn m8tes(&self, arguments: &[&str]) -> Said {
        run(self.command(arguments)).await
    }

    /// The same, with this on stdin.
    pub async fn m8tes_reading(&self, stdin: &str, arguments: &[&str]) -> Said {
        run_reading(self.command(arguments), stdin).await
    }
}

/// Runs a command to its end. It is killed with the test that has started it.
pub async fn run(command: Command) -> Said {
    Said::of(tokio::process::Command::from(command).kill_on_drop(true).output().await.unwrap())
}

pub async fn run_reading(mut command: Command, stdin: &str) -> Said {
    command.stdin(Stdio::piped());
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
    // Who does not read it, does not need it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes()).await;
    Said::of(child.wait_with_output().await.unwrap())
}

impl Said {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What it has said on stdout, where it went well.
    #[track_caller]
    pub fn good(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.out
    }

    /// The lines of JSON on stdout, where it went well.
    #[track_caller]
    pub fn good_json(&self) -> Vec<Value> {
        json_lines(self.good())
    }

    /// The one line on stderr, where it failed with this code and said nothing else.
    #[track_caller]
    pub fn failed(&self, code: i32) -> &str {
        assert_eq!((self.code, self.out.as_str()), (Some(code), ""), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        self.err.trim_end()
    }
}

#[track_caller]
pub fn json_lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}
