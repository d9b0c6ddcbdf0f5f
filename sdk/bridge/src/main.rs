//! The command `agent-bridge`: lends a m8tes teammate or a MUXI formation to Mycel chats.

mod demo;

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use agent_bridge::Config;

const HELP: &str = "\
Lends a m8tes teammate or a MUXI formation to Mycel chats.

Usage: agent-bridge [--config FILE]
       agent-bridge demo

  --config FILE  settings, in TOML; what the environment sets counts more
  demo           shows it, against local backends
  --help         this text
";

enum Wanted {
    Help,
    Demo,
    Bridge(Option<PathBuf>),
}

fn wanted() -> Result<Wanted, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut parser, mut wanted) = (lexopt::Parser::from_env(), Wanted::Bridge(None));
    while let Some(argument) = parser.next()? {
        wanted = match argument {
            Long("help") | Short('h') => return Ok(Wanted::Help),
            Long("config") => Wanted::Bridge(Some(parser.value()?.into())),
            Value(command) if command == "demo" => Wanted::Demo,
            other => return Err(other.unexpected()),
        };
    }
    Ok(wanted)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let file = match wanted()? {
        Wanted::Help => {
            print!("{HELP}");
            return Ok(());
        }
        Wanted::Demo => return demo::run().await,
        Wanted::Bridge(file) => file,
    };
    let config = file.as_deref().map(Config::from_file).transpose()?.unwrap_or_default();
    let bridge = config.with_variables(|name| env::var(name).ok())?.bridge()?;
    tokio::select! {
        outcome = bridge.run() => Ok(outcome?),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agent-bridge: {error}");
            ExitCode::FAILURE
        }
    }
}
