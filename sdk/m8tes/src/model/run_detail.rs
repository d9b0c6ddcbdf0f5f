//! What a run brought, said and left behind.

use agent_platform_core::{Decode, Timestamp, enums_in_answers, model, open_enum};
use m8tes_web_backend_client::types;
use serde_json::{Map, Value};

use crate::id::RunId;
use crate::model::{PermissionMode, RunStatus};
use crate::platform::M8tes;

model! {
    M8tes;
    /// What came out of a run, in short.
    RunOutcome from types::RunOutcome {
        /// The run.
        run_id: RunId,
        /// How far it has got; an empty `Other` where m8tes does not say.
        status: RunStatus,
        /// What it brought, in words.
        summary: Option<String>,
        /// The same in one line.
        headline: Option<String>,
        /// Whether it waits for a reply.
        needs_reply: bool,
        /// How many of its messages do.
        needs_reply_count: Option<i64>,
        /// Where the outcome was sent, such as `email`.
        delivery_channel: Option<String>,
        /// What it brought, as JSON of the schema that it was asked for.
        output_data: Option<Map<String, Value>>,
        /// How many messages it has.
        message_count: Option<i64>,
        /// How many tokens went in.
        input_tokens: Option<i64>,
        /// How many tokens came out.
        output_tokens: Option<i64>,
        /// How many tokens there were in all.
        total_tokens: Option<i64>,
        /// What it cost in US dollars, as a decimal number.
        cost_usd: Option<String>,
    } rest {}
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

enums_in_answers!(M8tes; MessageRole);

model! {
    M8tes;
    /// A message of a run.
    RunMessage from types::RunMessage {
        /// The message's number in the account.
        id: i64,
        /// The run that it belongs to.
        run_id: RunId,
        /// Its place in the run: messages are told in this order.
        sequence: i64,
        /// Who it is of.
        role: MessageRole,
        /// What it says, in words.
        content: String,
        /// What it is made of: texts, and the calls of tools with their answers, in the model's own form.
        content_blocks: Vec<Map<String, Value>>,
        /// What m8tes keeps with it.
        event_metadata: Map<String, Value>,
        /// When it was written.
        created_at: Option<Timestamp>,
        /// How many tokens went in.
        input_tokens: Option<i64>,
        /// How many tokens came out.
        output_tokens: Option<i64>,
        /// How many tokens were put into a cache.
        cache_creation_tokens: Option<i64>,
        /// How many tokens were read from a cache.
        cache_read_tokens: Option<i64>,
        /// What the model cost in US dollars, as a decimal number.
        claude_cost_usd: Option<String>,
        /// What the sandbox cost in US dollars, as a decimal number.
        sandbox_cost_usd: Option<String>,
        /// How long it took, in milliseconds.
        execution_time_ms: Option<i64>,
        /// What went wrong, in words.
        error_message: Option<String>,
    } rest {}
}

impl RunMessage {
    /// The calls of tools in it: the blocks that have the type `tool_use`, with `name` and `input`.
    pub fn tool_calls(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.content_blocks.iter().filter(|block| block.get("type").and_then(Value::as_str) == Some("tool_use"))
    }
}

model! {
    M8tes;
    /// A file that a run has made.
    RunFile from types::RunFile {
        /// Its name, by which it is downloaded.
        name: String,
        /// How large it is, in bytes.
        size: i64,
        /// What it is called for a person.
        label: Option<String>,
    } rest {}
}

model! {
    M8tes;
    /// What became of an answer.
    Answered from types::AnswerReceipt {
        /// What became of it, by m8tes' own name.
        status: Option<String>,
        /// Whether the run goes on with it.
        resumed: Option<bool>,
    } rest {}
}

impl Decode<types::PermissionModeResponse, M8tes> for PermissionMode {
    #[inline]
    fn decode(generated: types::PermissionModeResponse) -> Result<Self, String> {
        let types::PermissionModeResponse { extra: _, permission_mode } = generated;
        Ok(permission_mode.into())
    }
}
