//! The terminal as it was before keys were read from it.

/// The terminal as it was before keys were read from it. Who reads them makes it otherwise and sets it back, but does not come
/// to that where the program is told to end meanwhile.
#[derive(Default)]
pub(crate) struct Terminal {
    #[cfg(unix)]
    kept: Option<Kept>,
}

#[cfg(unix)]
struct Kept {
    attributes: rustix::termios::Termios,
    undo: &'static str,
}

#[cfg(unix)]
impl Terminal {
    /// Keeps what the terminal of stdin is like now. `undo` is what is written to it as well where it is given back.
    pub(crate) fn keep(&mut self, undo: &'static str) {
        self.kept = rustix::termios::tcgetattr(std::io::stdin()).ok().map(|attributes| Kept { attributes, undo });
    }

    /// Sets the terminal back to what was kept, unless it is like that. Returns what is to be written to it then.
    pub(crate) fn give_back(&mut self) -> Option<&'static str> {
        use rustix::termios::{OptionalActions, tcgetattr, tcgetpgrp, tcsetattr};

        let (terminal, kept) = (std::io::stdin(), self.kept.take()?);
        let modes = |of: &rustix::termios::Termios| (of.input_modes, of.output_modes, of.control_modes, of.local_modes);
        // In the background the terminal is another program's, and who touches it is stopped.
        let is_ours = tcgetpgrp(&terminal).is_ok_and(|group| group == rustix::process::getpgrp());
        if !is_ours || tcgetattr(&terminal).is_ok_and(|now| modes(&now) == modes(&kept.attributes)) {
            return None;
        }
        tcsetattr(&terminal, OptionalActions::Now, &kept.attributes).ok()?;
        Some(kept.undo)
    }
}

/// Elsewhere no signal comes while keys are read: Ctrl-C is a key.
#[cfg(not(unix))]
impl Terminal {
    pub(crate) fn keep(&mut self, _undo: &'static str) {}

    pub(crate) fn give_back(&mut self) -> Option<&'static str> {
        None
    }
}
