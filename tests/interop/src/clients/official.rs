//! The official client: one Python process that calls as it is told.

use std::{process::Stdio, time::Duration};

use mycel_sdk::Secret;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

use super::{Answer, Invocation, Outcome};
use crate::{environment::Environment, problem::Problem, python};

/// A call that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// The script for the calls of `mycel-sdk`; its argument is the URL of the backend.
pub const MYCEL_CALLS: &str = "calls.py";

/// The process, which ends when this is dropped.
pub struct Official {
    script: &'static str,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    done: Value,
    refused: Option<u16>,
    #[serde(default)]
    detail: Value,
    failed: Option<String>,
}

impl Official {
    /// Starts it: this script, with these arguments.
    pub fn start(environment: &Environment, script: &'static str, arguments: &[&str]) -> Result<Self, Problem> {
        let mut command = python::command(environment, script);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(Problem::because(script))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(Problem::new(format!("{script} has no standard streams")));
        };
        Ok(Self { script, stdin, lines: BufReader::new(stdout).lines(), _child: child })
    }

    /// Makes an actor known.
    pub async fn add(&mut self, actor: &str, token: &Secret) -> Result<(), Problem> {
        self.ask(&json!({"actor": actor, "token": token.expose_secret()})).await.map(drop)
    }

    /// The methods of the client's resources.
    pub async fn methods(&mut self) -> Result<Vec<String>, Problem> {
        let line = self.ask(&json!({})).await?;
        serde_json::from_value(line.done).map_err(Problem::because(self.script))
    }

    /// Calls.
    pub async fn call(&mut self, call: &Invocation) -> Result<Answer, Problem> {
        let question = json!({"actor": call.actor, "call": call.call, "arguments": call.arguments});
        let line = self.ask(&question).await?;
        Ok(Answer::new(match line {
            Line { failed: Some(error), .. } => Outcome::Failed(error),
            Line { refused: Some(status), detail, .. } => Outcome::Refused { status, detail },
            Line { done, .. } => Outcome::Done(done),
        }))
    }

    /// What goes to and fro may hold tokens: no error quotes it.
    async fn ask(&mut self, question: &Value) -> Result<Line, Problem> {
        let script = self.script;
        let asked = async {
            self.stdin.write_all(format!("{question}\n").as_bytes()).await?;
            self.lines.next_line().await
        };
        let line = timeout(PATIENCE, asked).await.map_err(Problem::because(self.script))?;
        let line = line.map_err(Problem::because(self.script))?;
        let line = line.ok_or_else(|| Problem::new(format!("{script} ended; it tells why on standard error")))?;
        serde_json::from_str(&line).map_err(|_| Problem::new(format!("{script} printed something that is no answer")))
    }
}
