//! The backend, as a process that can be killed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::sleep;

/// The running program, on a file and a port that it keeps.
pub struct Program {
    file: PathBuf,
    url: String,
    child: Child,
    /// Kept, so that the program has somebody to write to.
    _output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts it on a free port.
    pub async fn start(file: &Path) -> Self {
        Self::start_at(file, "127.0.0.1:0").await.expect("the program ends before it listens")
    }

    async fn start_at(file: &Path, address: &str) -> Option<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_load-backend"))
            .args(["--listen", address, "--data"])
            .arg(file)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).await.unwrap();
        let url = line.strip_prefix("listening on ")?.trim_end().to_owned();
        Some(Self { file: file.to_owned(), url, child, _output: output })
    }

    /// Where it listens, and will listen again.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same, without a scheme.
    pub fn address(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// Kills it, as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Starts it again, where it was.
    pub async fn restart(&mut self) {
        let address = self.address().to_string();
        for _ in 0..60 {
            if let Some(program) = Self::start_at(&self.file, &address).await {
                *self = program;
                return;
            }
            // A client that looks for it can, by chance, have got its very port for its own end.
            sleep(Duration::from_millis(500)).await;
        }
        panic!("the program does not start again at {address}");
    }
}
