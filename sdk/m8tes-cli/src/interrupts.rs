//! Ctrl-C, and signals to end.

use std::cell::Cell;
use std::io;
#[cfg(unix)]
use std::io::IsTerminal;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::failure::Failure;

/// What came of the keyboard or of another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// Ctrl-C: a person is there.
    Keyboard,
    /// A signal to end.
    Terminate,
}

/// Ctrl-C, and signals to end. While somebody [watches](Self::watch) them they are that one's; else they end the program.
#[derive(Default)]
pub(crate) struct Interrupts {
    is_watched: Cell<bool>,
    last: Cell<Option<Interrupt>>,
    came: Notify,
}

impl Interrupts {
    /// Waits for signals for as long as it is polled, and ends with the first that nobody watches for.
    pub(crate) async fn end_the_program(&self) -> Failure {
        match self.listen().await {
            Ok(()) => Failure::Interrupted,
            Err(error) => Failure::io("signals can't be waited for", &error),
        }
    }

    #[cfg(unix)]
    async fn listen(&self) -> io::Result<()> {
        let mut keyboard: Signal = signal(SignalKind::interrupt())?;
        let mut terminate: Signal = signal(SignalKind::terminate())?;
        // Where there is no terminal to give back nothing is listened for, since `nohup` has it ignored there.
        let mut hangup = if io::stdin().is_terminal() { Some(signal(SignalKind::hangup())?) } else { None };
        loop {
            let interrupt = tokio::select! {
                _ = keyboard.recv() => Interrupt::Keyboard,
                _ = terminate.recv() => Interrupt::Terminate,
                _ = next(hangup.as_mut()) => Interrupt::Terminate,
            };
            if !self.is_taken(interrupt) {
                return Ok(());
            }
        }
    }

    #[cfg(not(unix))]
    async fn listen(&self) -> io::Result<()> {
        loop {
            tokio::signal::ctrl_c().await?;
            if !self.is_taken(Interrupt::Keyboard) {
                return Ok(());
            }
        }
    }

    fn is_taken(&self, interrupt: Interrupt) -> bool {
        if self.is_watched.get() {
            self.last.set(Some(interrupt));
            self.came.notify_one();
        }
        self.is_watched.get()
    }

    /// From now on they are the caller's, until what is returned is dropped.
    pub(crate) fn watch(&self) -> Watch<'_> {
        self.is_watched.set(true);
        Watch(self)
    }
}

/// The next one; none ever, where nothing is listened for.
#[cfg(unix)]
async fn next(signal: Option<&mut Signal>) -> Option<()> {
    match signal {
        Some(signal) => signal.recv().await,
        None => std::future::pending().await,
    }
}

/// Signals are somebody's.
pub(crate) struct Watch<'i>(&'i Interrupts);

impl Watch<'_> {
    /// The next one.
    pub(crate) async fn next(&self) -> Interrupt {
        loop {
            if let Some(interrupt) = self.0.last.take() {
                return interrupt;
            }
            self.0.came.notified().await;
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.0.is_watched.set(false);
        self.0.last.set(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_watched_for_ends_nothing() {
        let interrupts = Interrupts::default();
        assert!(!interrupts.is_taken(Interrupt::Keyboard));
        let watch = interrupts.watch();
        assert!(interrupts.is_taken(Interrupt::Terminate));
        assert_eq!(watch.next().await, Interrupt::Terminate);
        drop(watch);
        assert!(!interrupts.is_taken(Interrupt::Keyboard));
    }
}
