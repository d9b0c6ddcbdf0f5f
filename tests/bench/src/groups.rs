//! What is measured, and the roles that the program plays for it.

mod backend;
mod builds;
mod calls;
mod client;
mod command;
mod events;
mod files;
mod history;
mod listeners;
mod pipeline;
mod stream;

use std::ffi::OsString;

use crate::Result;
use crate::figure::Row;
use crate::peer;

/// Figures that belong together: a section of `BENCH.md`.
pub(crate) struct Group {
    /// What it is called by, on the command line and in `BENCH.md`.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Measures each figure so often.
    pub(crate) measure: fn(runs: usize) -> Result<Vec<Row>>,
}

/// All of them, in the order of the table.
pub(crate) static GROUPS: &[Group] = &[
    Group { name: "calls", title: "one call, and many at once", measure: calls::measure },
    Group { name: "client", title: "a client before its first call", measure: client::measure },
    Group { name: "history", title: "long histories, and decoding a page", measure: history::measure },
    Group { name: "stream", title: "the notification stream", measure: stream::measure },
    Group { name: "listeners", title: "idle listeners, and a cut", measure: listeners::measure },
    Group { name: "events", title: "the events of runs and chats", measure: events::measure },
    Group { name: "streams", title: "quiet runs and chats", measure: listeners::measure_streams },
    Group { name: "files", title: "files, and lists", measure: files::measure },
    Group { name: "incremental", title: "a build after a change", measure: builds::incremental },
    Group { name: "debug-builds", title: "cold debug builds", measure: builds::debug },
    Group { name: "sdks", title: "cold builds of the other SDKs", measure: builds::sdks },
    Group { name: "release-builds", title: "cold release builds, and programs", measure: builds::release },
    Group { name: "pipeline", title: "import and regenerate", measure: pipeline::measure },
    Group { name: "command", title: "the command m8tes", measure: command::measure },
    Group { name: "backend", title: "the local backend", measure: backend::measure },
];

/// What the program does when it was started by itself.
pub(crate) type Role = fn(Vec<OsString>) -> Result<()>;

/// The roles, by the first argument that asks for them.
pub(crate) static ROLES: &[(&str, Role)] = &[
    (peer::ROLE, peer::serve),
    (calls::probe::ROLE, calls::probe::run),
    (client::ROLE, client::probe),
    (history::probe::ROLE, history::probe::run),
    (stream::ROLE, stream::probe),
    (listeners::ROLE, listeners::probe),
    (events::ROLE, events::probe),
    (files::ROLE, files::probe),
    (backend::ROLE, backend::serve),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_called_the_same() {
        let mut names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
        names.extend(ROLES.iter().map(|(name, _)| *name));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{names:?}");
    }
}
