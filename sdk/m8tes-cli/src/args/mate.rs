//! `m8tes mate …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use m8tes_sdk::{PermissionMode, RunId, TeammateId};

/// What can be done with teammates.
#[derive(Debug, Subcommand)]
pub(crate) enum Mate {
    /// Make a teammate; what is not given is asked for
    #[command(visible_alias = "c")]
    Create(Create),
    /// List the teammates
    #[command(visible_alias = "ls")]
    List {
        /// Those that are disabled or archived, too
        #[arg(long)]
        include_disabled: bool,
    },
    /// Show a teammate
    #[command(visible_alias = "g")]
    Get {
        /// The teammate
        id: TeammateId,
    },
    /// Change a teammate; what is not given is asked for
    #[command(visible_alias = "u")]
    Update(Update),
    /// Let a teammate be given work again
    #[command(visible_alias = "e")]
    Enable {
        /// The teammate
        id: TeammateId,
    },
    /// Let a teammate be given no work until it is enabled again
    #[command(visible_alias = "dis")]
    Disable {
        /// The teammate
        id: TeammateId,
        /// Don't ask
        #[arg(long)]
        force: bool,
    },
    /// Put a teammate away for good, with all its runs
    #[command(visible_aliases = ["a", "arc"])]
    Archive {
        /// The teammate
        id: TeammateId,
        /// Don't ask
        #[arg(long)]
        force: bool,
    },
    /// Have a teammate do something, and watch
    #[command(visible_alias = "t")]
    Task(Task),
    /// Talk with a teammate; /help tells what can be said beside messages
    #[command(visible_alias = "ch")]
    Chat(Chat),
}

/// `m8tes mate create`
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// Ask nothing
    #[arg(long)]
    pub(crate) non_interactive: bool,
    /// Its name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What it is told to do always
    #[arg(long)]
    pub(crate) instructions: Option<String>,
    /// The tools that it may use
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "TOOL")]
    pub(crate) tools: Option<Vec<String>>,
    /// What it is, in a word or two
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// What it is to achieve
    #[arg(long)]
    pub(crate) goals: Option<String>,
}

/// `m8tes mate update`
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// The teammate
    pub(crate) id: TeammateId,
    /// Ask nothing
    #[arg(long)]
    pub(crate) non_interactive: bool,
    /// Its name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What it is told to do always
    #[arg(long)]
    pub(crate) instructions: Option<String>,
    /// The tools that it may use, instead of those before
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "TOOL")]
    pub(crate) tools: Option<Vec<String>>,
    /// What it is, in a word or two
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// What it is to achieve
    #[arg(long)]
    pub(crate) goals: Option<String>,
}

/// `m8tes mate task`
#[derive(Args, Debug)]
#[command(override_usage = "m8tes mate task [OPTIONS] [ID] <MESSAGE>")]
pub(crate) struct Task {
    /// The teammate, by its id, and what it is to do; `-` reads that from stdin. Without an id it is the newest teammate,
    /// or, with --user-id, one that m8tes picks
    #[arg(value_name = "[ID] MESSAGE")]
    pub(crate) words: Vec<String>,
    /// Read what it is to do from this file
    #[arg(long, value_name = "FILE")]
    pub(crate) message_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) turn: Turn,
}

/// `m8tes mate chat`
#[derive(Args, Debug)]
pub(crate) struct Chat {
    /// The teammate; the newest one unless given
    pub(crate) id: Option<TeammateId>,
    /// Go on with this run
    #[arg(long, value_name = "RUN")]
    pub(crate) resume: Option<RunId>,
    #[command(flatten)]
    pub(crate) turn: Turn,
}

/// How work is done.
#[derive(Args, Clone, Debug)]
pub(crate) struct Turn {
    /// The model that it works with
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// What it may do without asking; with approval and plan people are asked
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) permission_mode: Option<Mode>,
    /// Without the tools that set up tasks
    #[arg(long)]
    pub(crate) no_task_setup_tools: bool,
    /// Show each frame of the stream on stderr
    #[arg(long)]
    pub(crate) debug: bool,
}

/// What a run may do without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// All that its teammate may
    Autonomous,
    /// Nothing: each tool is asked for
    Approval,
    /// What is in its plan, which is asked for
    Plan,
}

impl From<Mode> for PermissionMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Autonomous => Self::Autonomous,
            Mode::Approval => Self::Approval,
            Mode::Plan => Self::Plan,
        }
    }
}
