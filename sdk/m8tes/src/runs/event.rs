//! The events of a run's stream: what a frame is read as.

use std::fmt;
use std::ops::Deref;

use serde_json::{Map, Value};

use crate::id::RunId;
use crate::model::Run;

/// One event of a run's stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunStreamEvent {
    /// What it tells.
    pub kind: RunEvent,
    /// The frame as m8tes sent it; empty where the stream was ended by the marker `[DONE]`.
    pub raw: Map<String, Value>,
}

/// What an event of a run's stream tells.
///
/// What m8tes leaves out of a frame, or writes in a form that it should not have, is empty or `None` here;
/// [`RunStreamEvent::raw`] has it as it came. A frame that this version of the SDK does not know is
/// [`Other`](Self::Other), and never ends the stream.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RunEvent {
    /// About the run itself. It comes once the sandbox is up, and again with the usage at the end.
    Metadata(Metadata),
    /// A text begins.
    TextStart(Block),
    /// A piece of text.
    TextDelta(Delta),
    /// A text is over.
    TextEnd(Block),
    /// The model begins to reason.
    ReasoningStart(Block),
    /// A piece of reasoning.
    ReasoningDelta(Delta),
    /// It has reasoned.
    ReasoningEnd(Block),
    /// The model begins to think.
    ThinkingStart(Block),
    /// A piece of thinking.
    ThinkingDelta(Delta),
    /// It has thought.
    ThinkingEnd(Block),
    /// A plan begins.
    PlanStart(Block),
    /// A piece of a plan.
    PlanDelta(Delta),
    /// A plan is there.
    PlanEnd(Block),
    /// A tool is about to be called.
    ToolCallStart(ToolCall),
    /// A piece of a tool's input, which is JSON once all pieces are there.
    ToolCallDelta(ToolDelta),
    /// A tool's input is complete.
    ToolCallEnd(ToolRef),
    /// A tool begins to answer.
    ToolResultStart(ToolRef),
    /// A piece of a tool's answer.
    ToolResultDelta(ToolDelta),
    /// A tool has answered.
    ToolResultEnd(ToolResult),
    /// The teammate's list of what is to be done.
    TodoUpdate(Todos),
    /// A message of the model begins.
    MessageStart(MessageRef),
    /// A message of the model is over.
    MessageEnd(MessageRef),
    /// What the run has taken.
    RunMetrics(RunMetrics),
    /// How long the sandbox ran.
    SandboxMetrics(SandboxMetrics),
    /// The sandbox is being made.
    SandboxConnecting(SandboxConnecting),
    /// The sandbox is there.
    SandboxConnected(SandboxConnected),
    /// Something went wrong, in words for a person. The run may still go on with another provider, and then says
    /// [`ErrorCleared`](Self::ErrorCleared).
    Error(String),
    /// All errors so far are taken back.
    ErrorCleared,
    /// Something that a run fails of went wrong, outside of the model.
    Failure(Failure),
    /// The turn is over.
    Done(Done),
    /// Somebody has cancelled the run.
    Cancelled,
    /// A person is asked whether a tool may be used, or a question.
    PermissionRequest(Gate),
    /// It is decided.
    PermissionResolved(Gate),
    /// The run waits for a person.
    AwaitingApproval(Gate),
    /// All that came before a stream was joined has been told again.
    ReplayComplete,
    /// The stream broke off, and is about to be joined again. This and the next three are the SDK's own: their
    /// [`raw`](RunStreamEvent::raw) is empty.
    Rejoining(Rejoining),
    /// It was joined again: what comes is what was not told yet.
    Rejoined,
    /// What m8tes tells now is not what was told before the stream broke off.
    Rewritten(Rewritten),
    /// The run was over before the stream could be joined again. This is the run, and the last event; where its output
    /// begins with the text that was told, the rest of it came before as a piece of text.
    Over(Box<Run>),
    /// Any other event, by the name that m8tes gave it; empty where it gave none.
    Other(String),
}

/// A stream that broke off and is about to be joined again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejoining {
    /// How often that has been tried since anything new was told, this time included.
    pub attempt: u32,
    /// Why it broke off, or why the attempt before this one failed.
    pub reason: String,
}

/// Text that was told and does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rewritten {
    /// How many characters of the text so far still hold. Forget those behind; what holds in their place comes as pieces
    /// of text.
    pub kept: usize,
}

/// About a run.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Metadata {
    /// The run's id.
    pub run_id: Option<RunId>,
    /// The tokens that were used so far, by kind.
    pub usage: Option<Map<String, Value>>,
    /// All of it.
    pub payload: Map<String, Value>,
}

/// A block of text, reasoning or planning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// What tells it from others of the run.
    pub id: Option<String>,
}

/// A piece of a block. It is shown as its text, and can be used as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delta {
    /// The block that it belongs to.
    pub id: Option<String>,
    /// The piece.
    pub text: String,
}

impl Deref for Delta {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// A call of a tool that begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolCall {
    /// What tells the call from others of the run.
    pub tool_call_id: Option<String>,
    /// The tool's name, such as `gmail_send`.
    pub tool_name: Option<String>,
}

/// A piece of a tool's input or answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolDelta {
    /// The call that it belongs to.
    pub tool_call_id: Option<String>,
    /// The piece.
    pub delta: String,
}

/// A call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolRef {
    /// What tells the call from others of the run.
    pub tool_call_id: Option<String>,
}

/// What a tool has answered.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The call that it answers.
    pub tool_call_id: Option<String>,
    /// The answer, which may be JSON of any kind.
    pub result: Value,
}

impl ToolResult {
    /// The answer as a text: itself where it is one, else its JSON. Empty for `null`.
    pub fn text(&self) -> String {
        match &self.result {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Todos {
    /// The call that changed the list.
    pub tool_call_id: Option<String>,
    /// The list, as m8tes has it: mostly `content` and `status`.
    pub todos: Vec<Map<String, Value>>,
}

/// A message of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageRef {
    /// What tells it from others of the run.
    pub message_id: Option<String>,
}

/// What a run has taken.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RunMetrics {
    /// How long it ran, in milliseconds.
    pub execution_time_ms: Option<f64>,
    /// How many tokens went in.
    pub input_tokens_used: Option<u64>,
    /// How many tokens came out.
    pub output_tokens_used: Option<u64>,
    /// What the model's tokens cost, in US dollars.
    pub claude_token_cost_usd: Option<f64>,
    /// Why the model stopped, such as `end_turn`.
    pub stop_reason: Option<String>,
    /// How complete the turn is, such as `complete`.
    pub completion_state: Option<String>,
    /// The calls of tools that were left without an answer.
    pub unresolved_tool_use_ids: Option<Vec<String>>,
}

/// How long the sandbox ran.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SandboxMetrics {
    /// In milliseconds.
    pub sandbox_execution_time_ms: Option<f64>,
}

/// A sandbox that is being made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SandboxConnecting {
    /// What is going on, for a person.
    pub message: Option<String>,
}

/// A sandbox that is there.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SandboxConnected {
    /// The sandbox's id.
    pub sandbox_id: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<f64>,
    /// What is going on, for a person.
    pub message: Option<String>,
}

/// What a run fails of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// m8tes' name for it, such as `SANDBOX_UNAVAILABLE`.
    pub name: String,
    /// The same in words.
    pub message: String,
}

/// The end of a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Done {
    /// Why the model stopped, such as `end_turn`.
    pub stop_reason: Option<String>,
    /// How complete the turn is, such as `complete`.
    pub completion_state: Option<String>,
    /// The calls of tools that were left without an answer.
    pub unresolved_tool_use_ids: Option<Vec<String>>,
}

/// What waits for a person.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Gate {
    /// What an answer has to name.
    pub request_id: Option<String>,
    /// The tool that wants to be used, such as `gmail_send`; `AskUserQuestion` for a question.
    pub tool_name: Option<String>,
    /// What the tool is about to be called with.
    pub tool_input: Option<Map<String, Value>>,
    /// The call of the tool.
    pub tool_use_id: Option<String>,
}

/// The names of what a run fails of.
const FAILURES: [&str; 7] = [
    "AGENT_RUNNER_DIED",
    "RUNNER_LIFECYCLE_ERROR",
    "SANDBOX_BOOT_TIMEOUT",
    "SANDBOX_QUOTA_EXHAUSTED",
    "SANDBOX_UNAVAILABLE",
    "SNAPSHOT_VERSION_MISMATCH",
    "sdk_error",
];

/// What stands for an error that says nothing.
const NO_TEXT: &str = "m8tes told of an error without saying which";

/// Where a stream ends without JSON.
const MARKER: &str = "[DONE]";

impl RunStreamEvent {
    /// One of the SDK's own.
    pub(super) fn own(kind: RunEvent) -> Self {
        Self { kind, raw: Map::new() }
    }

    /// Text that was told does not hold.
    pub(super) fn rewritten(rewritten: Rewritten) -> Self {
        Self::own(RunEvent::Rewritten(rewritten))
    }

    /// Reads the data of a frame. `None` for what is no event: a blank one, no JSON object, or what m8tes sends for
    /// itself alone.
    pub(crate) fn read(data: &str) -> Option<Self> {
        let data = data.trim();
        if data == MARKER {
            return Some(Self::own(RunEvent::Done(Done::default())));
        }
        if data.is_empty() {
            return None;
        }
        // Of a text it need not be seen again that it is UTF-8.
        match serde_json::from_str(data).or_else(|_| agent_platform_core::read_json::<Value>(data.as_bytes())) {
            Ok(Value::Object(raw)) => Some(Self { kind: RunEvent::read(&raw)?, raw }),
            _ => {
                tracing::debug!(bytes = data.len(), "a frame that is no JSON object was passed over");
                None
            }
        }
    }

    /// The name that m8tes gave the frame; empty where it gave none.
    pub fn raw_type(&self) -> &str {
        text(&self.raw, "type").unwrap_or_default()
    }
}

impl RunEvent {
    fn read(frame: &Map<String, Value>) -> Option<Self> {
        let name = text(frame, "type").unwrap_or_default();
        let subtype = text(frame, "subtype");
        if (name == "sdk_success" || subtype == Some("success")) && frame.get("is_error") == Some(&Value::Bool(true)) {
            let said = ["message", "result", "error"].iter().find_map(|field| said(frame.get(*field)));
            let message = said.unwrap_or_else(|| NO_TEXT.to_owned());
            return Some(Self::Failure(Failure { name: "sdk_error".to_owned(), message }));
        }
        if matches!(subtype, Some("init" | "success")) {
            return None;
        }
        let event = match name {
            "metadata" => Self::Metadata(Metadata::read(frame)),
            "text-start" => Self::TextStart(Block::read(frame)),
            "text-delta" => Self::TextDelta(Delta::read(frame, &["delta"])),
            "text-end" => Self::TextEnd(Block::read(frame)),
            "reasoning-start" => Self::ReasoningStart(Block::read(frame)),
            "reasoning-delta" => Self::ReasoningDelta(Delta::read(frame, &["delta", "text"])),
            "reasoning-end" => Self::ReasoningEnd(Block::read(frame)),
            "thinking-start" => Self::ThinkingStart(Block::read(frame)),
            "thinking-delta" => Self::ThinkingDelta(Delta::read(frame, &["delta", "text"])),
            "thinking-end" => Self::ThinkingEnd(Block::read(frame)),
            "plan-start" => Self::PlanStart(Block::read(frame)),
            "plan-delta" => Self::PlanDelta(Delta::read(frame, &["delta", "text", "plan"])),
            "plan-end" => Self::PlanEnd(Block::read(frame)),
            "tool-call-start" => Self::ToolCallStart(ToolCall {
                tool_call_id: owned(frame, "toolCallId"),
                tool_name: owned(frame, "toolName"),
            }),
            "tool-call-delta" => Self::ToolCallDelta(ToolDelta::read(frame)),
            "tool-call-end" => Self::ToolCallEnd(ToolRef::read(frame)),
            "tool-result-start" => Self::ToolResultStart(ToolRef::read(frame)),
            "tool-result-delta" => Self::ToolResultDelta(ToolDelta::read(frame)),
            "tool-result-end" => Self::ToolResultEnd(ToolResult {
                tool_call_id: owned(frame, "toolCallId"),
                result: frame.get("result").cloned().unwrap_or_default(),
            }),
            "todo-update" => Self::TodoUpdate(Todos::read(frame)),
            "message-start" => Self::MessageStart(MessageRef { message_id: owned(frame, "messageId") }),
            "message-end" => Self::MessageEnd(MessageRef { message_id: owned(frame, "messageId") }),
            "run_metrics" => Self::RunMetrics(RunMetrics::read(frame)),
            "sandbox_metrics" => Self::SandboxMetrics(SandboxMetrics {
                sandbox_execution_time_ms: number(frame, "sandbox_execution_time_ms"),
            }),
            "sandbox-connecting" => Self::SandboxConnecting(SandboxConnecting { message: owned(frame, "message") }),
            "sandbox-connected" => Self::SandboxConnected(SandboxConnected {
                sandbox_id: owned(frame, "sandbox_id"),
                duration_ms: number(frame, "duration_ms"),
                message: owned(frame, "message"),
            }),
            "error" => Self::Error(said(frame.get("error")).unwrap_or_else(|| NO_TEXT.to_owned())),
            "error_cleared" => Self::ErrorCleared,
            "done" => Self::Done(Done {
                stop_reason: owned(frame, "stop_reason"),
                completion_state: owned(frame, "completion_state"),
                unresolved_tool_use_ids: texts(frame, "unresolved_tool_use_ids"),
            }),
            "cancelled" => Self::Cancelled,
            "permission_request" => Self::PermissionRequest(Gate::read(frame)),
            "permission_resolved" => Self::PermissionResolved(Gate::read(frame)),
            "awaiting_approval" => Self::AwaitingApproval(Gate::read(frame)),
            "replay_complete" => Self::ReplayComplete,
            _ if FAILURES.contains(&name) => {
                let said = said(frame.get("error")).or_else(|| said(frame.get("message")));
                Self::Failure(Failure { name: name.to_owned(), message: said.unwrap_or_else(|| name.to_owned()) })
            }
            _ => Self::of_model(name, frame).unwrap_or_else(|| Self::Other(name.to_owned())),
        };
        Some(event)
    }

    /// A frame in the form that the model's own API has.
    fn of_model(name: &str, frame: &Map<String, Value>) -> Option<Self> {
        match name {
            "content_block_start" => {
                let block = frame.get("content_block").and_then(Value::as_object);
                let of_block = |field: &str| block.and_then(|block| owned(block, field));
                let id = owned(frame, "id").or_else(|| of_block("id"));
                match of_block("type").or_else(|| owned(frame, "block_type"))?.as_str() {
                    "text" => Some(Self::TextStart(Block { id })),
                    "thinking" => Some(Self::ThinkingStart(Block { id })),
                    "plan" => Some(Self::PlanStart(Block { id })),
                    "tool_use" => Some(Self::ToolCallStart(ToolCall {
                        tool_call_id: id,
                        tool_name: of_block("name").or_else(|| owned(frame, "name")),
                    })),
                    _ => None,
                }
            }
            "content_block_delta" => {
                let delta = frame.get("delta").and_then(Value::as_object)?;
                let id = owned(frame, "id");
                let piece = |field: &str| owned(delta, field).unwrap_or_default();
                match text(delta, "type")? {
                    "text_delta" => Some(Self::TextDelta(Delta { id, text: piece("text") })),
                    "thinking_delta" => Some(Self::ThinkingDelta(Delta { id, text: piece("text") })),
                    "plan_delta" => Some(Self::PlanDelta(Delta { id, text: piece("text") })),
                    "input_json_delta" => {
                        Some(Self::ToolCallDelta(ToolDelta { tool_call_id: id, delta: piece("partial_json") }))
                    }
                    _ => None,
                }
            }
            "message_start" => {
                let message = frame.get("message").and_then(Value::as_object);
                let message_id = message.and_then(|message| owned(message, "id"));
                Some(Self::MessageStart(MessageRef { message_id }))
            }
            "message_stop" | "message_complete" => {
                Some(Self::MessageEnd(MessageRef { message_id: owned(frame, "message_id") }))
            }
            "message_delta" => {
                let text = owned(frame.get("delta").and_then(Value::as_object)?, "text")?;
                (!text.is_empty()).then_some(Self::TextDelta(Delta { id: None, text }))
            }
            "tool_use" => Some(Self::ToolCallStart(ToolCall {
                tool_call_id: owned(frame, "id"),
                tool_name: owned(frame, "name"),
            })),
            "tool_result" => Some(Self::ToolResultEnd(ToolResult {
                tool_call_id: owned(frame, "tool_use_id").or_else(|| owned(frame, "id")),
                result: frame.get("content").or_else(|| frame.get("result")).cloned().unwrap_or_default(),
            })),
            _ => None,
        }
    }
}

impl Metadata {
    fn read(frame: &Map<String, Value>) -> Self {
        let payload = match frame.get("payload") {
            Some(Value::Object(payload)) => payload.clone(),
            _ => frame
                .iter()
                .filter(|(name, _)| *name != "type")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        };
        let run_id = match payload.get("run_id") {
            Some(Value::String(digits)) => digits.parse().ok(),
            Some(number) => number.as_i64().map(RunId::from),
            None => None,
        };
        let usage = payload.get("usage").and_then(Value::as_object).cloned();
        Self { run_id, usage, payload }
    }
}

impl Block {
    fn read(frame: &Map<String, Value>) -> Self {
        Self { id: owned(frame, "id") }
    }
}

impl Delta {
    /// The piece is the first of these fields that is no empty text.
    fn read(frame: &Map<String, Value>, fields: &[&str]) -> Self {
        let text = fields.iter().filter_map(|field| text(frame, field)).find(|text| !text.is_empty());
        Self { id: owned(frame, "id"), text: text.unwrap_or_default().to_owned() }
    }
}

impl ToolDelta {
    fn read(frame: &Map<String, Value>) -> Self {
        Self { tool_call_id: owned(frame, "toolCallId"), delta: owned(frame, "delta").unwrap_or_default() }
    }
}

impl ToolRef {
    fn read(frame: &Map<String, Value>) -> Self {
        Self { tool_call_id: owned(frame, "toolCallId") }
    }
}

impl Todos {
    fn read(frame: &Map<String, Value>) -> Self {
        let list = frame.get("todos").and_then(Value::as_array);
        let todos = list.into_iter().flatten().filter_map(Value::as_object).cloned().collect();
        Self { tool_call_id: owned(frame, "toolCallId").or_else(|| owned(frame, "tool_call_id")), todos }
    }
}

impl RunMetrics {
    fn read(frame: &Map<String, Value>) -> Self {
        Self {
            execution_time_ms: number(frame, "execution_time_ms"),
            input_tokens_used: frame.get("input_tokens_used").and_then(Value::as_u64),
            output_tokens_used: frame.get("output_tokens_used").and_then(Value::as_u64),
            claude_token_cost_usd: number(frame, "claude_token_cost_usd"),
            stop_reason: owned(frame, "stop_reason"),
            completion_state: owned(frame, "completion_state"),
            unresolved_tool_use_ids: texts(frame, "unresolved_tool_use_ids"),
        }
    }
}

impl Gate {
    fn read(frame: &Map<String, Value>) -> Self {
        Self {
            request_id: owned(frame, "request_id"),
            tool_name: owned(frame, "tool_name"),
            tool_input: frame.get("tool_input").and_then(Value::as_object).cloned(),
            tool_use_id: owned(frame, "tool_use_id"),
        }
    }
}

fn text<'f>(frame: &'f Map<String, Value>, field: &str) -> Option<&'f str> {
    frame.get(field)?.as_str()
}

fn owned(frame: &Map<String, Value>, field: &str) -> Option<String> {
    text(frame, field).map(str::to_owned)
}

fn number(frame: &Map<String, Value>, field: &str) -> Option<f64> {
    frame.get(field)?.as_f64()
}

/// The texts of a list.
fn texts(frame: &Map<String, Value>, field: &str) -> Option<Vec<String>> {
    let list = frame.get(field)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// What an error says: its text, its `message`, or its JSON.
fn said(error: Option<&Value>) -> Option<String> {
    let said = match error? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Object(object) => owned(object, "message").unwrap_or_else(|| Value::Object(object.clone()).to_string()),
        other => other.to_string(),
    };
    (!said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(frame: Value) -> RunEvent {
        RunStreamEvent::read(&frame.to_string()).unwrap().kind
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn each_kind_of_frame_is_read_with_all_that_it_has() {
        let block = || Block { id: some("b1") };
        let delta = || Delta { id: some("b1"), text: "piece".to_owned() };
        let call = || ToolRef { tool_call_id: some("t1") };
        let piece = || ToolDelta { tool_call_id: some("t1"), delta: "piece".to_owned() };
        let message = || MessageRef { message_id: some("m1") };
        let gate = || Gate {
            request_id: some("p1"),
            tool_name: some("gmail_send"),
            tool_input: json!({"to": "ada"}).as_object().cloned(),
            tool_use_id: some("t1"),
        };
        let gated = |name: &str| json!({"type": name, "request_id": "p1", "tool_name": "gmail_send", "tool_input": {"to": "ada"}, "tool_use_id": "t1"});
        for (frame, expected) in [
            (json!({"type": "text-start", "id": "b1"}), RunEvent::TextStart(block())),
            (json!({"type": "text-end", "id": "b1"}), RunEvent::TextEnd(block())),
            (json!({"type": "reasoning-start", "id": "b1"}), RunEvent::ReasoningStart(block())),
            (json!({"type": "reasoning-delta", "id": "b1", "delta": "piece"}), RunEvent::ReasoningDelta(delta())),
            (json!({"type": "reasoning-delta", "id": "b1", "text": "piece"}), RunEvent::ReasoningDelta(delta())),
            (json!({"type": "reasoning-end", "id": "b1"}), RunEvent::ReasoningEnd(block())),
            (json!({"type": "thinking-start", "id": "b1"}), RunEvent::ThinkingStart(block())),
            (json!({"type": "thinking-delta", "id": "b1", "text": "piece"}), RunEvent::ThinkingDelta(delta())),
            (json!({"type": "thinking-end", "id": "b1"}), RunEvent::ThinkingEnd(block())),
            (json!({"type": "plan-start", "id": "b1"}), RunEvent::PlanStart(block())),
            (json!({"type": "plan-delta", "id": "b1", "plan": "piece"}), RunEvent::PlanDelta(delta())),
            (json!({"type": "plan-end", "id": "b1"}), RunEvent::PlanEnd(block())),
            (
                json!({"type": "tool-call-delta", "toolCallId": "t1", "delta": "piece"}),
                RunEvent::ToolCallDelta(piece()),
            ),
            (json!({"type": "tool-call-end", "toolCallId": "t1"}), RunEvent::ToolCallEnd(call())),
            (json!({"type": "tool-result-start", "toolCallId": "t1"}), RunEvent::ToolResultStart(call())),
            (
                json!({"type": "tool-result-delta", "toolCallId": "t1", "delta": "piece"}),
                RunEvent::ToolResultDelta(piece()),
            ),
            (
                json!({"type": "todo-update", "tool_call_id": "t1", "todos": [{"content": "write"}, "odd"]}),
                RunEvent::TodoUpdate(Todos {
                    tool_call_id: some("t1"),
                    todos: vec![json!({"content": "write"}).as_object().cloned().unwrap()],
                }),
            ),
            (json!({"type": "message-start", "messageId": "m1"}), RunEvent::MessageStart(message())),
            (json!({"type": "message-end", "messageId": "m1"}), RunEvent::MessageEnd(message())),
            (
                json!({
                    "type": "run_metrics", "execution_time_ms": 12.5, "input_tokens_used": 3, "output_tokens_used": 4,
                    "claude_token_cost_usd": 0.25, "stop_reason": "end_turn", "completion_state": "complete",
                    "unresolved_tool_use_ids": ["t1", 2, "t3"],
                }),
                RunEvent::RunMetrics(RunMetrics {
                    execution_time_ms: Some(12.5),
                    input_tokens_used: Some(3),
                    output_tokens_used: Some(4),
                    claude_token_cost_usd: Some(0.25),
                    stop_reason: some("end_turn"),
                    completion_state: some("complete"),
                    unresolved_tool_use_ids: Some(vec!["t1".to_owned(), "t3".to_owned()]),
                }),
            ),
            (
                json!({"type": "sandbox_metrics", "sandbox_execution_time_ms": 7}),
                RunEvent::SandboxMetrics(SandboxMetrics { sandbox_execution_time_ms: Some(7.0) }),
            ),
            (
                json!({"type": "sandbox-connecting", "message": "a moment"}),
                RunEvent::SandboxConnecting(SandboxConnecting { message: some("a moment") }),
            ),
            (
                json!({"type": "sandbox-connected", "sandbox_id": "s1", "duration_ms": 8, "message": "here"}),
                RunEvent::SandboxConnected(SandboxConnected {
                    sandbox_id: some("s1"),
                    duration_ms: Some(8.0),
                    message: some("here"),
                }),
            ),
            (gated("permission_request"), RunEvent::PermissionRequest(gate())),
            (gated("permission_resolved"), RunEvent::PermissionResolved(gate())),
            (gated("awaiting_approval"), RunEvent::AwaitingApproval(gate())),
            (json!({"type": "content_block_start", "id": "b1", "block_type": "text"}), RunEvent::TextStart(block())),
            (
                json!({"type": "content_block_start", "content_block": {"type": "thinking", "id": "b1"}}),
                RunEvent::ThinkingStart(block()),
            ),
            (
                json!({"type": "content_block_start", "id": "b1", "content_block": {"type": "plan"}}),
                RunEvent::PlanStart(block()),
            ),
            (
                json!({"type": "content_block_delta", "id": "b1", "delta": {"type": "thinking_delta", "text": "piece"}}),
                RunEvent::ThinkingDelta(delta()),
            ),
            (
                json!({"type": "content_block_delta", "id": "b1", "delta": {"type": "plan_delta", "text": "piece"}}),
                RunEvent::PlanDelta(delta()),
            ),
            (
                json!({
                    "type": "content_block_delta", "id": "t1",
                    "delta": {"type": "input_json_delta", "partial_json": "piece"},
                }),
                RunEvent::ToolCallDelta(piece()),
            ),
            (json!({"type": "message_start", "message": {"id": "m1"}}), RunEvent::MessageStart(message())),
            (json!({"type": "message_stop", "message_id": "m1"}), RunEvent::MessageEnd(message())),
            (json!({"type": "message_complete", "message_id": "m1"}), RunEvent::MessageEnd(message())),
        ] {
            assert_eq!(read(frame.clone()), expected, "{frame}");
        }
    }

    #[test]
    fn a_frame_is_read_in_m8tes_form_and_in_that_of_the_model() {
        let text = |id: Option<&str>, text: &str| {
            RunEvent::TextDelta(Delta { id: id.map(str::to_owned), text: text.to_owned() })
        };
        let call =
            |id: &str, name: &str| RunEvent::ToolCallStart(ToolCall { tool_call_id: some(id), tool_name: some(name) });
        for (frame, expected) in [
            (json!({"type": "text-delta", "id": "t", "delta": "a"}), text(Some("t"), "a")),
            (
                json!({"type": "content_block_delta", "id": "t", "delta": {"type": "text_delta", "text": "a"}}),
                text(Some("t"), "a"),
            ),
            (json!({"type": "message_delta", "delta": {"text": "a"}}), text(None, "a")),
            (json!({"type": "tool-call-start", "toolCallId": "c", "toolName": "gmail"}), call("c", "gmail")),
            (json!({"type": "tool_use", "id": "c", "name": "gmail"}), call("c", "gmail")),
            (
                json!({"type": "content_block_start", "id": "c", "content_block": {"type": "tool_use", "name": "gmail"}}),
                call("c", "gmail"),
            ),
            (
                json!({"type": "tool_result", "tool_use_id": "c", "content": [1], "result": 2}),
                RunEvent::ToolResultEnd(ToolResult { tool_call_id: some("c"), result: json!([1]) }),
            ),
            (
                json!({"type": "plan-delta", "delta": "", "plan": "p"}),
                RunEvent::PlanDelta(Delta { id: None, text: "p".to_owned() }),
            ),
            (json!({"type": "error", "error": {"message": "m"}}), RunEvent::Error("m".to_owned())),
            (json!({"type": "error"}), RunEvent::Error(NO_TEXT.to_owned())),
            (
                json!({"type": "sdk_success", "is_error": true, "message": "", "result": "quota"}),
                RunEvent::Failure(Failure { name: "sdk_error".to_owned(), message: "quota".to_owned() }),
            ),
            (
                json!({"type": "result", "subtype": "success", "is_error": true, "result": "quota"}),
                RunEvent::Failure(Failure { name: "sdk_error".to_owned(), message: "quota".to_owned() }),
            ),
            (json!({"type": "text-delta", "delta": "a", "is_error": true}), text(None, "a")),
            (json!({"type": "mcp_error"}), RunEvent::Other("mcp_error".to_owned())),
            (json!({"type": ["text-delta"]}), RunEvent::Other(String::new())),
        ] {
            assert_eq!(read(frame.clone()), expected, "{frame}");
        }
    }

    #[test]
    fn what_is_odd_is_empty_and_ends_nothing() {
        for frame in [
            json!({"type": "text-delta", "delta": null}),
            json!({"type": "text-delta", "delta": 5}),
            json!({"type": "text-delta"}),
        ] {
            assert_eq!(read(frame), RunEvent::TextDelta(Delta::default()));
        }
        let half = r#"{"type": "text-delta", "delta": "a\ud83d"}"#;
        let event = RunStreamEvent::read(half).unwrap();
        assert!(matches!(&event.kind, RunEvent::TextDelta(delta) if delta.text == "a\u{fffd}"), "{event:?}");
        assert_eq!(
            read(json!({"type": "content_block_start", "content_block": null})),
            RunEvent::Other("content_block_start".to_owned())
        );
        for nothing in
            ["", "  ", "[1]", "5", "{", r#"{"subtype": "init"}"#, r#"{"type": "result", "subtype": "success"}"#]
        {
            assert_eq!(RunStreamEvent::read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_id_of_a_run_is_a_number_or_its_digits() {
        let id = |frame: Value| match read(frame) {
            RunEvent::Metadata(metadata) => metadata.run_id.map(RunId::get),
            other => panic!("{other:?}"),
        };
        assert_eq!(id(json!({"type": "metadata", "payload": {"run_id": 42}})), Some(42));
        assert_eq!(id(json!({"type": "metadata", "run_id": "17"})), Some(17));
        assert_eq!(id(json!({"type": "metadata", "payload": {"run_id": "abc"}})), None);
    }

    #[test]
    fn the_marker_at_the_end_is_an_end_without_words() {
        let event = RunStreamEvent::read(" [DONE] ").unwrap();
        assert_eq!((event.kind, event.raw.len()), (RunEvent::Done(Done::default()), 0));
    }

    #[test]
    fn the_answer_of_a_tool_can_be_read_as_a_text() {
        let text = |result: Value| ToolResult { tool_call_id: None, result }.text();
        assert_eq!([text(json!("s")), text(json!({"a": [1]})), text(json!(null))], ["s", r#"{"a":[1]}"#, ""]);
    }
}
