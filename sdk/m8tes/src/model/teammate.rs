//! Teammates.

use agent_platform_core::{Timestamp, enums_in_answers, model, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::page::page;
use crate::id::{RunId, TeammateId, UserId};
use crate::model::PermissionMode;
use crate::platform::M8tes;

open_enum! {
    /// Whether a teammate can be given work.
    TeammateStatus {
        /// It can.
        Enabled = "enabled",
        /// It can't, until it is enabled again.
        Disabled = "disabled",
        /// It is put away.
        Archived = "archived",
    }
}

open_enum! {
    /// Who of an account's people sees a teammate.
    TeammateVisibility {
        /// Whoever made it.
        Personal = "personal",
        /// All of them.
        Organization = "organization",
    }
}

enums_in_answers!(M8tes; TeammateStatus, TeammateVisibility);

model! {
    M8tes;
    /// A teammate: who does the work.
    Teammate from types::Teammate {
        /// The teammate's id.
        id: TeammateId,
        /// The name.
        name: String,
        /// What it is told to do always.
        instructions: Option<String>,
        /// The tools that it may use, by name, such as `gmail`.
        tools: Vec<String>,
        /// What it is, in a word or two.
        role: Option<String>,
        /// What it is to achieve.
        goals: Option<String>,
        /// The user of yours that it is for, if it is for one alone.
        user_id: Option<UserId>,
        /// What you keep with it.
        metadata: Map<String, Value>,
        /// Who may write e-mails to it. `None` where nothing is said of that.
        allowed_senders: Option<Vec<String>>,
        /// Whether it can be given work; an empty `Other` where m8tes does not say.
        status: TeammateStatus,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// When it was changed last.
        updated_at: Option<Timestamp>,
        /// Whether it reads e-mails.
        inbound_email_enabled: bool,
        /// Where it reads e-mails.
        email_address: Option<String>,
        /// What its runs may do without asking, where they do not say it themselves.
        default_permission_mode: Option<PermissionMode>,
        /// The model that it works with; the account's where there is none.
        model: Option<String>,
        /// How hard that model thinks, by m8tes' own name.
        effort: Option<String>,
        /// Whether it remembers; as the account is set where nothing is said.
        enable_memory: Option<bool>,
        /// Whether it knows its runs; as the account is set where nothing is said.
        enable_history: Option<bool>,
        /// Whether a webhook starts it.
        webhook_enabled: bool,
        /// That webhook's URL, of which only a part is shown.
        webhook_url: Option<String>,
        /// Who of the account's people sees it.
        visibility: Option<TeammateVisibility>,
        /// How many of its runs are under way.
        active_run_count: i64,
        /// One of them.
        active_run_id: Option<RunId>,
    } rest {
        allowed_imessage_senders,
        allowed_slack_senders,
        bridge_id,
        can_execute,
        can_manage,
        can_share,
        disabled_builtin_tools,
        display_order,
        enable_feedback,
        enable_self_improvement,
        enable_task_setup_tools,
        fetchmail_address,
        fetchmail_enabled,
        group_id,
        group_name,
        imessage_chat_guid,
        inbound_imessage_enabled,
        inbound_slack_enabled,
        last_active_at,
        prompt_profile,
        slack_channels,
        slack_slug,
        template_slug,
    }
}

page!(TeammatePage of Teammate, TeammatePageNextStartingAfter);

model! {
    M8tes;
    /// The webhook that starts a teammate or a task.
    TeammateWebhook from types::TeammateWebhook {
        /// Whether it starts it.
        enabled: bool,
        /// The URL to post to. It is whole where the webhook was just made, and shown in part later on.
        url: Option<String>,
    } rest {}
}

model! {
    M8tes;
    /// The inbox whose e-mails a teammate reads.
    EmailInbox from types::EmailInbox {
        /// Whether it reads them.
        enabled: bool,
        /// Where to write to.
        address: Option<String>,
    } rest {}
}
