//! A backend as a process that can be killed.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::sleep;

/// A backend's running program. It is killed when this is dropped.
pub struct Program {
    path: String,
    arguments: Vec<OsString>,
    url: String,
    child: Child,
    /// Kept, so that the program has somebody to write to.
    _output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts this program with these arguments, on a free port, and waits until it listens.
    pub async fn start(path: &str, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self::start_at("127.0.0.1:0", path.to_owned(), arguments).await.expect("the program ends before it listens")
    }

    async fn start_at(address: &str, path: String, arguments: Vec<OsString>) -> Option<Self> {
        let mut child = Command::new(&path)
            .args(["--listen", address])
            .args(&arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).await.unwrap();
        let url = line.strip_prefix("listening on ")?.trim_end().to_owned();
        Some(Self { path, arguments, url, child, _output: output })
    }

    /// Where it listens.
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
            if let Some(program) = Self::start_at(&address, self.path.clone(), self.arguments.clone()).await {
                *self = program;
                return;
            }
            // A client that looks for it can, by chance, have got its very port for its own end.
            sleep(Duration::from_millis(500)).await;
        }
        panic!("the program does not start again at {address}");
    }

    /// Starts it again, wherever a port is free.
    pub async fn restart_elsewhere(&mut self) {
        *self = Self::start(&self.path, self.arguments.clone()).await;
    }
}
