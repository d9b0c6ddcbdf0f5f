//! The command `agent-bridge`: lends a m8tes teammate or a MUXI formation to Mycel chats.

mod demo;

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use agent_bridge::{BridgeError, Config, ConfigError};

const HELP: &str = "\
Lends a m8tes teammate or a MUXI formation to Mycel chats.

Usage: agent-bridge [--config FILE]
       agent-bridge demo

  --config FILE  settings, in TOML; what the environment sets counts more
  demo           shows it, against local backends
  --help         this text
  --version      the version

It answers until it is told to stop (SIGTERM, SIGINT): then it finishes what it is sending. What it does is told on standard error.
It ends with 0 when it was told to, with 2 where it is not set up as it has to be, and else with 1.

Settings:
";

/// With what the program ends where it is not set up as it has to be.
const NOT_SET_UP: u8 = 2;

enum Wanted {
    Help,
    Version,
    Demo,
    Bridge(Option<PathBuf>),
}

fn wanted() -> Result<Wanted, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut parser, mut wanted) = (lexopt::Parser::from_env(), Wanted::Bridge(None));
    while let Some(argument) = parser.next()? {
        wanted = match argument {
            Long("help") | Short('h') => return Ok(Wanted::Help),
            Long("version") | Short('V') => return Ok(Wanted::Version),
            Long("config") => Wanted::Bridge(Some(parser.value()?.into())),
            Value(command) if command == "demo" => Wanted::Demo,
            other => return Err(other.unexpected()),
        };
    }
    Ok(wanted)
}

fn help() -> String {
    let settings = Config::settings().iter().map(|(name, variable, what)| {
        let variable = variable.map(|variable| format!(" ({variable})")).unwrap_or_default();
        format!("  {name}{variable}\n      {what}\n")
    });
    HELP.to_owned() + &settings.collect::<String>()
}

async fn run() -> Result<(), Box<dyn Error>> {
    let file = match wanted()? {
        Wanted::Help => {
            print!("{}", help());
            return Ok(());
        }
        Wanted::Version => {
            println!("agent-bridge {}", env!("CARGO_PKG_VERSION"));
            return Ok(());
        }
        Wanted::Demo => return demo::run().await,
        Wanted::Bridge(file) => file,
    };
    let config = file.as_deref().map(Config::from_file).transpose()?.unwrap_or_default();
    let bridge = config.with_variables(|name| env::var(name).ok())?.bridge()?;
    // Listened for from here on, so that no signal ends it at once.
    let stop = stop()?;
    Ok(bridge.run_until(stop).await?)
}

/// Over when the program is told to stop.
fn stop() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminated = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        eprintln!("told to stop; what is being sent is finished");
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agent-bridge: {error}");
            let is_setting = error.is::<ConfigError>() || error.is::<lexopt::Error>();
            if is_setting || matches!(error.downcast_ref(), Some(BridgeError::NotSetUp(_))) {
                ExitCode::from(NOT_SET_UP)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}
