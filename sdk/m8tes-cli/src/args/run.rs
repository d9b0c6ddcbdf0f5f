//! `m8tes run …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use m8tes_sdk::{RunId, TeammateId};

use super::mate::Mode;

/// What can be done with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum Run {
    /// Show a run and what came of it
    #[command(visible_alias = "g")]
    Get {
        /// The run
        id: RunId,
    },
    /// List the runs, the newest first
    #[command(visible_alias = "ls")]
    List {
        /// How many at the most
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// List the runs of a teammate, the newest first
    #[command(visible_aliases = ["lm", "list-agent", "la"])]
    ListMate {
        /// The teammate
        id: TeammateId,
        /// How many at the most
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Show the messages of a run
    #[command(visible_aliases = ["conv", "messages"])]
    Conversation {
        /// The run
        id: RunId,
    },
    /// What a run has cost
    #[command(visible_alias = "cost")]
    Usage {
        /// The run
        id: RunId,
    },
    /// Which tools a run has used
    #[command(visible_alias = "executions")]
    Tools {
        /// The run
        id: RunId,
        /// With what they were given
        #[arg(short, long)]
        verbose: bool,
    },
    /// Watch a run at work
    Watch {
        /// The run
        id: RunId,
        /// Show each frame of the stream on stderr
        #[arg(long)]
        debug: bool,
    },
    /// Cancel a run
    Cancel {
        /// The run
        id: RunId,
    },
    /// Decide what a run asks; without options, at a terminal, it is asked
    Approve(Approve),
    /// List the files that a run has made
    Files {
        /// The run
        id: RunId,
    },
    /// Get a file that a run has made
    Download {
        /// The run
        id: RunId,
        /// The file
        name: String,
        /// Where to write it: a file, a folder, or `-` for stdout [default: its name, here]
        #[arg(short = 'o', long, value_name = "PATH")]
        to: Option<PathBuf>,
        /// Write over what is there
        #[arg(long)]
        force: bool,
    },
    /// Try a failed run again, as a new run
    Retry {
        /// The run
        id: RunId,
        /// Also where it may do once more what it has done
        #[arg(long)]
        confirm: bool,
    },
    /// Change what a run may do without asking
    #[command(visible_alias = "mode")]
    SetPermissionMode {
        /// The run
        id: RunId,
        /// What it may do
        #[arg(value_enum)]
        mode: Mode,
    },
}

/// `m8tes run approve`
#[derive(Args, Debug)]
pub(crate) struct Approve {
    /// The run
    pub(crate) id: RunId,
    /// Which request, where it waits for several
    #[arg(long, value_name = "REQUEST")]
    pub(crate) request: Option<String>,
    /// Yes: the tool may be used, the plan is right
    #[arg(long, visible_alias = "yes", conflicts_with_all = ["deny", "answer"])]
    pub(crate) allow: bool,
    /// No
    #[arg(long, conflicts_with = "answer")]
    pub(crate) deny: bool,
    /// The answer to its question, or what to do instead of its plan; once for each question
    #[arg(long, value_name = "TEXT")]
    pub(crate) answer: Vec<String>,
    /// Why, in words for the teammate
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// From now on without asking
    #[arg(long)]
    pub(crate) remember: bool,
}
