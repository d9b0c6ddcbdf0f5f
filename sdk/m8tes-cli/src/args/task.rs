//! `m8tes task …`

use clap::{Args, Subcommand};
use m8tes_sdk::{TaskId, TeammateId};

use super::mate::Mode;

/// What can be done with tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Make a task; what is not given is asked for
    #[command(visible_alias = "c")]
    Create(Create),
    /// List the tasks
    #[command(visible_alias = "ls")]
    List {
        /// Those of this teammate alone
        #[arg(long, visible_alias = "agent-id", value_name = "ID")]
        mate_id: Option<TeammateId>,
        /// Those that are archived, too
        #[arg(long)]
        include_archived: bool,
    },
    /// Show a task
    #[command(visible_alias = "g")]
    Get {
        /// The task
        id: TaskId,
    },
    /// Have a task done, and watch
    #[command(visible_alias = "run")]
    Execute(Execute),
    /// Change a task
    #[command(visible_alias = "u")]
    Update(Update),
    /// Let a task be started again
    #[command(visible_alias = "e")]
    Enable {
        /// The task
        id: TaskId,
    },
    /// Let a task be started no more until it is enabled again
    #[command(visible_alias = "dis")]
    Disable {
        /// The task
        id: TaskId,
    },
    /// Put a task away for good
    #[command(visible_aliases = ["a", "arc"])]
    Archive {
        /// The task
        id: TaskId,
    },
    /// What starts a task: schedules, e-mails, webhooks, events of apps
    Triggers {
        /// The task
        id: TaskId,
    },
}

/// `m8tes task create`
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// Ask nothing
    #[arg(long)]
    pub(crate) non_interactive: bool,
    /// Whose task it is
    #[arg(long, visible_alias = "agent-id", value_name = "ID")]
    pub(crate) mate_id: Option<TeammateId>,
    /// What is to be done
    #[arg(long)]
    pub(crate) instructions: Option<String>,
    /// Its name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The tools that it may use
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "TOOL")]
    pub(crate) tools: Option<Vec<String>>,
    /// What is to come out of it
    #[arg(long)]
    pub(crate) expected_output: Option<String>,
    /// What it is to achieve
    #[arg(long)]
    pub(crate) goals: Option<String>,
    /// When it is started, as a cron expression, such as "0 9 * * 1-5"
    #[arg(long, value_name = "CRON")]
    pub(crate) schedule: Option<String>,
    /// The time zone of that, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", requires = "schedule")]
    pub(crate) timezone: Option<String>,
}

/// `m8tes task update`
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// The task
    pub(crate) id: TaskId,
    /// Its name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What is to be done
    #[arg(long)]
    pub(crate) instructions: Option<String>,
    /// The tools that it may use, instead of those before
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "TOOL")]
    pub(crate) tools: Option<Vec<String>>,
    /// What is to come out of it
    #[arg(long)]
    pub(crate) expected_output: Option<String>,
    /// What it is to achieve
    #[arg(long)]
    pub(crate) goals: Option<String>,
}

/// `m8tes task execute`
#[derive(Args, Debug)]
pub(crate) struct Execute {
    /// The task
    pub(crate) id: TaskId,
    /// The model that it works with
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// What it may do without asking; with approval and plan people are asked
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) permission_mode: Option<Mode>,
    /// Show each frame of the stream on stderr
    #[arg(long)]
    pub(crate) debug: bool,
}
