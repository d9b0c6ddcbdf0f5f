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

/// How a backend starts.
pub trait Start: Sized {
    /// What it starts.
    type Running: Running;

    /// At this address: `--listen ADDRESS`.
    #[must_use]
    fn listen(self, address: SocketAddr) -> Self;

    /// On this file: `--data FILE`.
    #[must_use]
    fn data(self, file: PathBuf) -> Self;

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

/// Lets a builder start as a program, by its methods of the same names, and so what it starts.
#[macro_export]
macro_rules! starts_as_program {
    ($builder:ty => $backend:ty) => {
        impl $crate::program::Start for $builder {
            type Running = $backend;

            fn listen(self, address: ::std::net::SocketAddr) -> Self {
                self.listen(address)
            }

            fn data(self, file: ::std::path::PathBuf) -> Self {
                self.data(file)
            }

            async fn start(self) -> ::std::result::Result<$backend, $crate::StartError> {
                self.start().await
            }
        }

        impl $crate::program::Running for $backend {
            fn url(&self) -> &str {
                self.url()
            }

            async fn shutdown(self) {
                self.shutdown().await;
            }
        }
    };
}

/// Takes an option, `--name`, whose value the parser has; `None` where there is no such option.
pub type TakeOption<S> = fn(S, &str, &mut Parser) -> Result<Option<S>, lexopt::Error>;

/// What a program is beside the backend that it starts.
#[derive(Clone, Debug)]
pub struct Program<S> {
    /// Its name.
    pub name: &'static str,
    /// The version of its crate.
    pub version: &'static str,
    /// What `--help` prints. It ends with a line break.
    pub usage: String,
    /// Takes the options of its own.
    pub option: TakeOption<S>,
    /// What is said once it listens at a URL, below the line with that: how to go on. It ends with a line break.
    pub greeting: fn(&str) -> String,
}

/// What the command line asks for.
enum Command<S> {
    Serve(S),
    Print(String),
}

/// Runs the program to its end, by the arguments of this process. `start` is how the backend starts without any.
///
/// All is done in one thread: requests take their turn at the database, and a second thread would only be woken to wait
/// for it.
pub fn run<S: Start>(program: &Program<S>, start: S) -> ExitCode {
    let start = match command(program, start, Parser::from_env()) {
        Ok(Command::Serve(start)) => start,
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
    match serve(start, program.greeting) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn command<S: Start>(program: &Program<S>, mut start: S, mut parser: Parser) -> Result<Command<S>, lexopt::Error> {
    while let Some(argument) = parser.next()? {
        start = match argument {
            Arg::Long("listen") => start.listen(parser.value()?.parse()?),
            Arg::Long("data") => start.data(PathBuf::from(parser.value()?)),
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Print(program.usage.clone())),
            Arg::Short('V') | Arg::Long("version") => {
                return Ok(Command::Print(format!("{} {}\n", program.name, program.version)));
            }
            Arg::Long(name) => {
                let name = name.to_owned();
                let unknown = || lexopt::Error::UnexpectedOption(format!("--{name}"));
                (program.option)(start, &name, &mut parser)?.ok_or_else(unknown)?
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve(start))
}

fn serve<S: Start>(start: S, greeting: fn(&str) -> String) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let backend = start.start().await?;
        // Signals are listened for before anybody is told that there is something to stop.
        let stop = asked_to_stop()?;
        // Whoever started it may have stopped reading: that is no reason to stop serving.
        let _ = announce(backend.url(), greeting);
        stop.await?;
        backend.shutdown().await;
        Ok(())
    })
}

/// Says where it listens, in a line that scripts wait for, and how to go on.
fn announce(url: &str, greeting: fn(&str) -> String) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    writeln!(out)?;
    out.write_all(greeting(url).as_bytes())?;
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
