//! The program: a local Mycel backend until Ctrl-C.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use lexopt::{Arg, Parser, ValueExt};
use mycel_local_backend::{Builder, DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend, Profile};

const USAGE: &str = "\
A Mycel backend in one process, for local development.

Usage: mycel-local-backend [OPTIONS]

Options:
  --listen ADDRESS       Where to listen; port 0 takes a free one [default: 127.0.0.1:8042]
  --data FILE            Keep everything in this SQLite file, which is made if it doesn't exist.
                         Without it everything is in memory and gone at the end.
  --profile PROFILE      full, or communication: no registration, login, managed agents or
                         threads, as a command-line deployment of Mycel [default: full]
  --invite-code CODE     The invite code that registration takes [default: {invite}]
  --one-time-code CODE   The code that registration would send by e-mail [default: {one_time}]
  -h, --help             Print this
  -V, --version          Print the version

The first line on standard output is `listening on http://ADDRESS`, once requests are answered.
Ctrl-C or SIGTERM ends it; requests under way are answered first.

A token, and who it is for:
  curl -X POST http://127.0.0.1:8042/api/auth/guest \\
       -H 'content-type: application/json' -d '{\"display_name\": \"Ada\"}'
  curl http://127.0.0.1:8042/api/auth/me -H 'authorization: Bearer TOKEN'
";

/// What the command line asks for.
enum Command {
    Serve(Builder),
    Print(String),
}

fn main() -> ExitCode {
    let builder = match command(Parser::from_env()) {
        Ok(Command::Serve(builder)) => builder,
        Ok(Command::Print(text)) => {
            // A reader that has gone away has seen enough.
            let _ = io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    match serve(builder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn command(mut parser: Parser) -> Result<Command, lexopt::Error> {
    let mut builder = LocalBackend::builder().listen(SocketAddr::from(([127, 0, 0, 1], 8042)));
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("listen") => builder = builder.listen(parser.value()?.parse()?),
            Arg::Long("data") => builder = builder.data(PathBuf::from(parser.value()?)),
            Arg::Long("profile") => builder = builder.profile(parser.value()?.parse_with(profile)?),
            Arg::Long("invite-code") => builder = builder.invite_code(parser.value()?.string()?),
            Arg::Long("one-time-code") => builder = builder.one_time_code(parser.value()?.string()?),
            Arg::Short('h') | Arg::Long("help") => {
                let usage = USAGE.replace("{invite}", DEFAULT_INVITE_CODE).replace("{one_time}", DEFAULT_ONE_TIME_CODE);
                return Ok(Command::Print(usage));
            }
            Arg::Short('V') | Arg::Long("version") => {
                return Ok(Command::Print(format!("mycel-local-backend {}\n", env!("CARGO_PKG_VERSION"))));
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Serve(builder))
}

fn profile(name: &str) -> Result<Profile, &'static str> {
    match name {
        "full" => Ok(Profile::Full),
        "communication" => Ok(Profile::Communication),
        _ => Err("it is neither full nor communication"),
    }
}

/// In one thread: requests take their turn at the database, and a second thread would only be woken to wait for it.
#[tokio::main(flavor = "current_thread")]
async fn serve(builder: Builder) -> Result<(), Box<dyn std::error::Error>> {
    let backend = builder.start().await?;
    // Signals are listened for before anybody is told that there is something to stop.
    let stop = asked_to_stop()?;
    // Whoever started it may have stopped reading: that is no reason to stop serving.
    let _ = announce(backend.url());
    stop.await?;
    backend.shutdown().await;
    Ok(())
}

/// Says where it listens, in a line that scripts wait for, and how to go on.
fn announce(url: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    writeln!(out)?;
    writeln!(out, "A guest and their token:")?;
    writeln!(out, "  curl -X POST {url}/api/auth/guest -H 'content-type: application/json' -d '{{}}'")?;
    out.flush()
}

#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

#[cfg(not(unix))]
fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}
