//! A local backend as a program: it listens until it is asked to stop.

use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use lexopt::{Arg, Parser, ValueExt};

use crate::StartError;

/// How a backend starts, as its program sees it.
pub trait Program: Sized {
    /// The program's name.
    const NAME: &'static str;

    /// The version of its crate.
    const VERSION: &'static str;

    /// What it starts.
    type Running: Running;

    /// What `--help` prints. It ends with a line break.
    fn usage() -> String;

    /// At this address: `--listen ADDRESS`.
    #[must_use]
    fn listen(self, address: SocketAddr) -> Self;

    /// On this file: `--data FILE`.
    #[must_use]
    fn data(self, file: PathBuf) -> Self;

    /// With an option of its own, `--name`, whose value the parser has; `None` where it has no such option.
    ///
    /// # Errors
    ///
    /// If the value is missing or none that the option takes.
    fn option(self, name: &str, parser: &mut Parser) -> Result<Option<Self>, lexopt::Error>;

    /// What is said once it listens, below the line with its URL: how to go on. It ends with a line break.
    fn greeting(url: &str) -> String;

    /// Starts it.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    fn start(self) -> impl Future<Output = Result<Self::Running, StartError>>;
}

/// A backend that has started.
pub trait Running {
    /// Where it listens.
    fn url(&self) -> &str;

    /// Ends it.
    fn shutdown(self) -> impl Future<Output = ()>;
}

/// What the command line asks for.
enum Command<P> {
    Serve(P),
    Print(String),
}

/// Runs the program to its end, by the arguments of this process. `program` is how it starts without any.
///
/// All is done in one thread: requests take their turn at the database, and a second thread would only be woken to wait
/// for it.
pub fn run<P: Program>(program: P) -> ExitCode {
    let program = match command(program, Parser::from_env()) {
        Ok(Command::Serve(program)) => program,
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
    match serve(program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn command<P: Program>(mut program: P, mut parser: Parser) -> Result<Command<P>, lexopt::Error> {
    while let Some(argument) = parser.next()? {
        program = match argument {
            Arg::Long("listen") => program.listen(parser.value()?.parse()?),
            Arg::Long("data") => program.data(PathBuf::from(parser.value()?)),
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Print(P::usage())),
            Arg::Short('V') | Arg::Long("version") => {
                return Ok(Command::Print(format!("{} {}\n", P::NAME, P::VERSION)));
            }
            Arg::Long(name) => {
                let name = name.to_owned();
                let unknown = || lexopt::Error::UnexpectedOption(format!("--{name}"));
                program.option(&name, &mut parser)?.ok_or_else(unknown)?
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve(program))
}

fn serve<P: Program>(program: P) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let backend = program.start().await?;
        // Signals are listened for before anybody is told that there is something to stop.
        let stop = asked_to_stop()?;
        // Whoever started it may have stopped reading: that is no reason to stop serving.
        let _ = announce::<P>(backend.url());
        stop.await?;
        backend.shutdown().await;
        Ok(())
    })
}

/// Says where it listens, in a line that scripts wait for, and how to go on.
fn announce<P: Program>(url: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    writeln!(out)?;
    out.write_all(P::greeting(url).as_bytes())?;
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
