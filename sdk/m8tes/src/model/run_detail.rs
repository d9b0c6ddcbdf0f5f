//! What a run brought, said and left behind.

use agent_platform_core::{Decode, Timestamp, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use super::time;
use crate::id::RunId;
use crate::model::{PermissionMode, RunStatus};
use crate::platform::M8tes;

/// What came out of a run, in short.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunOutcome {
    /// The run.
    pub run_id: RunId,
    /// How far it has got; an empty `Other` where m8tes does not say.
    pub status: RunStatus,
    /// What it brought, in words.
    pub summary: Option<String>,
    /// The same in one line.
    pub headline: Option<String>,
    /// Whether it waits for a reply.
    pub needs_reply: bool,
    /// How many of its messages do.
    pub needs_reply_count: Option<i64>,
    /// Where the outcome was sent, such as `email`.
    pub delivery_channel: Option<String>,
    /// What it brought, as JSON of the schema that it was asked for.
    pub output_data: Option<Map<String, Value>>,
    /// How many messages it has.
    pub message_count: Option<i64>,
    /// How many tokens went in.
    pub input_tokens: Option<i64>,
    /// How many tokens came out.
    pub output_tokens: Option<i64>,
    /// How many tokens there were in all.
    pub total_tokens: Option<i64>,
    /// What it cost in US dollars, as a decimal number.
    pub cost_usd: Option<String>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
}

impl Decode<types::RunOutcome, M8tes> for RunOutcome {
    fn decode(generated: types::RunOutcome) -> Result<Self, String> {
        let types::RunOutcome {
            cost_usd,
            delivery_channel,
            extra,
            headline,
            input_tokens,
            message_count,
            needs_reply,
            needs_reply_count,
            output_data,
            output_tokens,
            run_id,
            status,
            summary,
            total_tokens,
        } = generated;
        Ok(Self {
            run_id: run_id.into(),
            status: status.unwrap_or_default().into(),
            summary,
            headline,
            needs_reply: needs_reply.unwrap_or_default(),
            needs_reply_count,
            delivery_channel,
            output_data,
            message_count,
            input_tokens,
            output_tokens,
            total_tokens,
            cost_usd,
            extra,
        })
    }
}

open_enum! {
    /// Who a message of a run is of.
    MessageRole {
        /// Whoever gives the work.
        User = "user",
        /// The teammate.
        Assistant = "assistant",
        /// m8tes itself.
        System = "system",
    }
}

/// A message of a run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunMessage {
    /// The message's number in the account.
    pub id: i64,
    /// The run that it belongs to.
    pub run_id: RunId,
    /// Its place in the run: messages are told in this order.
    pub sequence: i64,
    /// Who it is of.
    pub role: MessageRole,
    /// What it says, in words.
    pub content: String,
    /// What it is made of: texts, and the calls of tools with their answers, in the model's own form.
    pub content_blocks: Vec<Map<String, Value>>,
    /// What m8tes keeps with it.
    pub event_metadata: Map<String, Value>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// How many tokens went in.
    pub input_tokens: Option<i64>,
    /// How many tokens came out.
    pub output_tokens: Option<i64>,
    /// How many tokens were put into a cache.
    pub cache_creation_tokens: Option<i64>,
    /// How many tokens were read from a cache.
    pub cache_read_tokens: Option<i64>,
    /// What the model cost in US dollars, as a decimal number.
    pub claude_cost_usd: Option<String>,
    /// What the sandbox cost in US dollars, as a decimal number.
    pub sandbox_cost_usd: Option<String>,
    /// How long it took, in milliseconds.
    pub execution_time_ms: Option<i64>,
    /// What went wrong, in words.
    pub error_message: Option<String>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
}

impl RunMessage {
    /// The calls of tools in it: the blocks that have the type `tool_use`, with `name` and `input`.
    pub fn tool_calls(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.content_blocks.iter().filter(|block| block.get("type").and_then(Value::as_str) == Some("tool_use"))
    }
}

impl Decode<types::RunMessage, M8tes> for RunMessage {
    fn decode(generated: types::RunMessage) -> Result<Self, String> {
        let types::RunMessage {
            cache_creation_tokens,
            cache_read_tokens,
            claude_cost_usd,
            content,
            content_blocks,
            created_at,
            error_message,
            event_metadata,
            execution_time_ms,
            extra,
            id,
            input_tokens,
            output_tokens,
            role,
            run_id,
            sandbox_cost_usd,
            sequence,
        } = generated;
        Ok(Self {
            id,
            run_id: run_id.into(),
            sequence,
            role: role.into(),
            content: content.unwrap_or_default(),
            content_blocks: content_blocks.unwrap_or_default(),
            event_metadata: event_metadata.unwrap_or_default(),
            created_at: time(created_at),
            input_tokens,
            output_tokens,
            cache_creation_tokens,
            cache_read_tokens,
            claude_cost_usd,
            sandbox_cost_usd,
            execution_time_ms,
            error_message,
            extra,
        })
    }
}

/// A file that a run has made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunFile {
    /// Its name, by which it is downloaded.
    pub name: String,
    /// How large it is, in bytes.
    pub size: i64,
    /// What it is called for a person.
    pub label: Option<String>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
}

impl Decode<types::RunFile, M8tes> for RunFile {
    fn decode(generated: types::RunFile) -> Result<Self, String> {
        let types::RunFile { extra, label, name, size } = generated;
        Ok(Self { name, size, label, extra })
    }
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answered {
    /// What became of it, by m8tes' own name.
    pub status: Option<String>,
    /// Whether the run goes on with it.
    pub resumed: Option<bool>,
    /// All that m8tes says of it beside that, by its own names.
    pub extra: Map<String, Value>,
}

impl Decode<types::AnswerReceipt, M8tes> for Answered {
    fn decode(generated: types::AnswerReceipt) -> Result<Self, String> {
        let types::AnswerReceipt { extra, resumed, status } = generated;
        Ok(Self { status, resumed, extra })
    }
}

impl Decode<types::PermissionModeResponse, M8tes> for PermissionMode {
    fn decode(generated: types::PermissionModeResponse) -> Result<Self, String> {
        let types::PermissionModeResponse { extra: _, permission_mode } = generated;
        Ok(permission_mode.into())
    }
}
