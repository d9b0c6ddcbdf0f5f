//! Teammates.

use agent_platform_core::{Decode, Timestamp, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::page::page;
use super::{extras, time};
use crate::id::{TeammateId, UserId};
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

/// A teammate: who does the work.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Teammate {
    /// The teammate's id.
    pub id: TeammateId,
    /// The name.
    pub name: String,
    /// What it is told to do always.
    pub instructions: Option<String>,
    /// The tools that it may use, by name, such as `gmail`.
    pub tools: Vec<String>,
    /// What it is, in a word or two.
    pub role: Option<String>,
    /// What it is to achieve.
    pub goals: Option<String>,
    /// The user of yours that it is for, if it is for one alone.
    pub user_id: Option<UserId>,
    /// What you keep with it.
    pub metadata: Map<String, Value>,
    /// Who may write e-mails to it. `None` where nothing is said of that.
    pub allowed_senders: Option<Vec<String>>,
    /// Whether it can be given work; an empty `Other` where m8tes does not say.
    pub status: TeammateStatus,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
    /// Whether it reads e-mails.
    pub inbound_email_enabled: bool,
    /// Where it reads e-mails.
    pub email_address: Option<String>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
}

impl Decode<types::Teammate, M8tes> for Teammate {
    fn decode(generated: types::Teammate) -> Result<Self, String> {
        let types::Teammate {
            active_run_count,
            active_run_id,
            allowed_imessage_senders,
            allowed_senders,
            allowed_slack_senders,
            bridge_id,
            can_execute,
            can_manage,
            can_share,
            created_at,
            default_permission_mode,
            disabled_builtin_tools,
            display_order,
            effort,
            email_address,
            enable_feedback,
            enable_history,
            enable_memory,
            enable_self_improvement,
            enable_task_setup_tools,
            extra,
            fetchmail_address,
            fetchmail_enabled,
            goals,
            group_id,
            group_name,
            id,
            imessage_chat_guid,
            inbound_email_enabled,
            inbound_imessage_enabled,
            inbound_slack_enabled,
            instructions,
            last_active_at,
            metadata,
            model,
            name,
            prompt_profile,
            role,
            slack_channels,
            slack_slug,
            status,
            template_slug,
            tools,
            updated_at,
            user_id,
            visibility,
            webhook_enabled,
            webhook_url,
        } = generated;
        Ok(Self {
            id: id.into(),
            name,
            instructions,
            tools: tools.unwrap_or_default(),
            role,
            goals,
            user_id: user_id.map(UserId::from),
            metadata: metadata.unwrap_or_default(),
            allowed_senders,
            status: status.unwrap_or_default().into(),
            created_at: time(created_at),
            updated_at: time(updated_at),
            inbound_email_enabled: inbound_email_enabled.unwrap_or_default(),
            email_address,
            extra: extras!(
                extra;
                active_run_count,
                active_run_id,
                allowed_imessage_senders,
                allowed_slack_senders,
                bridge_id,
                can_execute,
                can_manage,
                can_share,
                default_permission_mode,
                disabled_builtin_tools,
                display_order,
                effort,
                enable_feedback,
                enable_history,
                enable_memory,
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
                model,
                prompt_profile,
                slack_channels,
                slack_slug,
                template_slug,
                visibility,
                webhook_enabled,
                webhook_url,
            ),
        })
    }
}

page!(TeammatePage of Teammate, TeammatePageNextStartingAfter);
