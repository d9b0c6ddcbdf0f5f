//! The account: its settings, its usage, its users, and the keys to it.

use agent_platform_core::{Secret, Timestamp, enums_in_answers, model, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::page::page;
use crate::id::{EndUserId, MemoryId, PermissionId, UserId};
use crate::platform::M8tes;

open_enum! {
    /// What m8tes keeps of runs.
    RetentionMode {
        /// All.
        Standard = "standard",
        /// That they were, and not what was said.
        MetadataOnly = "metadata_only",
    }
}

open_enum! {
    /// Whom a memory is for.
    Audience {
        /// Its user.
        Personal = "personal",
        /// The whole company.
        Company = "company",
    }
}

enums_in_answers!(M8tes; RetentionMode, Audience);

model! {
    M8tes;
    /// How an account is set.
    AccountSettings from types::AccountSettings {
        /// Whether each call has to say for which user it is.
        require_end_user_id: bool,
        /// How many runs a user of yours may start; as many as they like where there is no limit.
        per_end_user_run_limit: Option<i64>,
        /// How many US cents a user of yours may spend.
        per_end_user_cost_limit_cents: Option<i64>,
        /// How many requests may be made for a user of yours in a minute.
        per_end_user_rate_per_minute: Option<i64>,
        /// What is kept of runs; an empty `Other` where m8tes does not say.
        retention_mode: RetentionMode,
        /// Whether e-mails ask for approval.
        approval_email_enabled: bool,
        /// Whether Slack asks for approval.
        approval_slack_enabled: bool,
        /// Whether e-mails tell results.
        result_email_enabled: bool,
        /// Whether Slack tells results.
        result_slack_enabled: bool,
    } rest {}
}

model! {
    M8tes;
    /// What an account has used of its plan.
    Usage from types::Usage {
        /// The plan's name.
        plan: String,
        /// How many runs were started in this period.
        runs_used: i64,
        /// How many may be.
        runs_limit: i64,
        /// What they cost, in US dollars as a decimal number.
        cost_used: String,
        /// What they may cost.
        cost_limit: String,
        /// When the period ends, as m8tes writes it.
        period_end: String,
        /// How the subscription stands, by m8tes' own name.
        subscription_status: Option<String>,
        /// How many runs are under way.
        concurrent_runs: i64,
        /// How many may be.
        concurrent_runs_limit: Option<i64>,
    } rest {
        free_path_available,
        overage_cap_cents,
        overage_enabled,
        overage_rate_cents,
        overage_used_cents,
        subscription_billing_period,
        trial_ends_at,
        unlimited_runs,
    }
}

model! {
    M8tes;
    /// Whether the account's address is verified.
    VerificationStatus from types::VerificationStatus {
        /// Whether it is.
        is_verified: bool,
    } rest {}
}

model! {
    M8tes;
    /// What m8tes says of what it has done.
    Notice from types::Notice {
        /// It, in words.
        message: String,
    } rest {}
}

model! {
    M8tes;
    /// A new account. It holds the account's key, so it can't be serialized.
    SignedUp from types::SignupResult {
        /// The key to the account, for [`Client::builder`](crate::Client::builder).
        api_key: Secret,
        /// The address that it is of.
        email: String,
        /// What is to be done next, in words.
        message: String,
        /// Whether the address is verified: `pending` or `verified`.
        verification: Option<String>,
    } rest {}, read only
}

model! {
    M8tes;
    /// A new key to an account, and the only one from now on. It can't be serialized.
    NewToken from types::TokenResult {
        /// The key, for [`Client::builder`](crate::Client::builder).
        api_key: Secret,
        /// The address that the account is of.
        email: String,
        /// What m8tes says of it, in words.
        message: String,
    } rest {}, read only
}

model! {
    M8tes;
    /// What teammates remember of a user of yours, or of the account.
    Memory from types::Memory {
        /// The memory's id.
        id: MemoryId,
        /// The user of yours; `None` for the account's own.
        user_id: Option<UserId>,
        /// What is remembered.
        content: String,
        /// Where it is from, by m8tes' own name.
        source: String,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// Whom it is for.
        audience: Option<Audience>,
    } rest { agent_instance_id, created_by_agent_instance_id, scope }
}

page!(MemoryPage of Memory, MemoryPageNextStartingAfter);

model! {
    M8tes;
    /// A tool that may be used without asking.
    PermissionPolicy from types::PermissionPolicy {
        /// The permission's id.
        id: PermissionId,
        /// The user of yours that it is for; `None` for the account itself.
        user_id: Option<UserId>,
        /// The tool, by name.
        tool_name: String,
        /// When it was given.
        created_at: Option<Timestamp>,
        /// Where it is from, by m8tes' own name.
        source: Option<String>,
    } rest {}
}

page!(PermissionPolicyPage of PermissionPolicy, PermissionPolicyPageNextStartingAfter);

model! {
    M8tes;
    /// A user of yours, as m8tes knows them.
    EndUser from types::EndUser {
        /// m8tes' own number for them.
        id: EndUserId,
        /// The id that you gave them.
        user_id: UserId,
        /// The name.
        name: Option<String>,
        /// The address.
        email: Option<String>,
        /// The company.
        company: Option<String>,
        /// What you keep with them.
        metadata: Map<String, Value>,
        /// When they were made.
        created_at: Option<Timestamp>,
        /// When they were changed last.
        updated_at: Option<Timestamp>,
        /// How many runs they may start; as the account is set where there is none.
        run_limit: Option<i64>,
        /// How many US cents they may spend; as the account is set where there is none.
        cost_limit_cents: Option<i64>,
        /// How many requests may be made for them in a minute; as the account is set where there is none.
        rate_per_minute: Option<i64>,
    } rest {}
}

page!(EndUserPage of EndUser, EndUserPageNextStartingAfter);
