//! What calls return.

mod account;
pub(crate) mod answered;
mod app;
mod page;
mod permission_request;
mod run;
mod run_detail;
mod task;
mod teammate;
mod webhook;

pub use account::{
    AccountSettings, Audience, EndUser, Memory, NewToken, Notice, PermissionPolicy, RetentionMode, SignedUp, Usage,
    VerificationStatus,
};
pub use app::{App, AppAuth, AppConnectionInitiation, AppConnectionResult};
pub use page::Page;
pub use permission_request::{PermissionRequest, PermissionStatus};
pub use run::{PermissionMode, Run, RunStatus, RunUsage};
pub use run_detail::{Answered, MessageRole, RunFile, RunMessage, RunOutcome};
pub use task::{Task, TaskStatus, Trigger, TriggerKind};
pub use teammate::{EmailInbox, Teammate, TeammateStatus, TeammateWebhook};
pub use webhook::{Webhook, WebhookDelivery};

use agent_platform_core::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// Puts fields that have no place of their own in a model among its extras, so that nothing is lost.
macro_rules! extras {
    ($extra:ident; $($field:ident),* $(,)?) => {{
        let mut extra = $extra;
        $(crate::model::put(&mut extra, stringify!($field), $field);)*
        extra
    }};
}
use extras;

fn put(extra: &mut Map<String, Value>, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        extra.insert(name.to_owned(), value);
    }
}

/// A time as m8tes writes it: mostly as in RFC 3339, and in UTC where it names no offset. `None` for what is none.
fn time(text: Option<String>) -> Option<Timestamp> {
    text.as_deref().and_then(read_time)
}

fn read_time(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_have_no_offset_and_may_be_none() {
        let read = |text: &str| time(Some(text.to_owned())).map(|time| time.to_string());
        assert_eq!(read("2026-05-13T14:00:00+02:00").unwrap(), "2026-05-13T12:00:00Z");
        assert_eq!(read("2026-05-13T12:00:00.5").unwrap(), "2026-05-13T12:00:00.5Z");
        assert_eq!((read("yesterday"), read(""), time(None)), (None, None, None));
    }
}
