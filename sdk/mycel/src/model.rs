//! What calls return.

mod agent;
mod chat;
mod join_request;
mod message;
mod notification;
mod relationship;
mod session;
mod user;
mod workflow;

pub use agent::{Agent, AgentConfig, AgentStatus, AgentSummary, AgentTool, Thread};
pub use chat::{
    Chat, ChatKind, ChatStatus, ChatSummary, CreatedChat, LastMessage, Member, Membership, MembershipState,
};
pub use join_request::{JoinRequest, JoinRequestState, JoinTarget};
pub use message::{DeliveryScope, Message, MessageKind, Signal};
pub use notification::{Notification, NotificationEvent, RelationshipNotice};
pub use relationship::{Relationship, RelationshipState};
pub use session::{Account, AccountAgent, AccountSession};
pub use user::{ExternalSession, ExternalUser, GuestSession, User, UserKind};
pub use workflow::{Task, Workflow, WorkflowEvent};

use agent_platform_core::{
    Decode, Malformed, Timestamp, epoch_seconds_of_time, read_as_answers, time_from_epoch_seconds,
};
use mycel_web_backend_client::types;
use serde::{Serialize, Serializer};

use crate::platform::Mycel;

read_as_answers! {
    Mycel;
    Account: types::Account,
    AccountAgent: types::AccountAgent,
    AccountSession: types::AccountSession,
    Agent: types::Agent,
    AgentConfig: types::AgentConfig,
    AgentSummary: types::AgentSummary,
    AgentTool: types::AgentTool,
    Chat: types::Chat,
    ChatSummary: types::ChatSummary,
    CreatedChat: types::CreatedChat,
    ExternalSession: types::ExternalSession,
    ExternalUser: types::ExternalUser,
    GuestSession: types::GuestSession,
    JoinRequest: types::JoinRequest,
    JoinTarget: types::JoinTarget,
    LastMessage: types::LastMessage,
    Member: types::Member,
    Membership: types::Membership,
    Message: types::Message,
    Notification: types::Notification,
    Relationship: types::Relationship,
    Task: types::Task,
    Thread: types::Thread,
    User: types::User,
    Workflow: types::Workflow,
    WorkflowEvent: types::WorkflowEvent,
}

/// A response that says no more than that it is done.
impl Decode<types::Status, Mycel> for () {
    #[inline]
    fn decode(generated: types::Status) -> Result<Self, String> {
        let types::Status { status: _ } = generated;
        Ok(())
    }
}

/// The time that a field tells in seconds since 1970.
fn time(seconds: f64, field: &str) -> Result<Timestamp, String> {
    time_from_epoch_seconds(seconds).ok_or_else(|| format!("{field} {NO_TIME}"))
}

/// The same for a row of a list, where a stand-in takes the place of what is none.
fn row_time(seconds: f64, field: &str, malformed: &mut Malformed) -> Timestamp {
    let time = time_from_epoch_seconds(seconds).ok_or_else(|| NO_TIME.to_owned());
    malformed.or_stand_in(field, time, Timestamp::EPOCH)
}

/// The same for a field that may tell nothing.
fn row_time_if_any(seconds: Option<f64>, field: &str, malformed: &mut Malformed) -> Option<Timestamp> {
    let time = seconds.map(|seconds| time_from_epoch_seconds(seconds).ok_or_else(|| NO_TIME.to_owned()));
    malformed.or_stand_in(field, time.transpose(), None)
}

/// A time as the backend writes it, in seconds since 1970.
fn as_seconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(epoch_seconds_of_time(*time))
}

/// The same where there may be none.
fn as_seconds_if_any<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(epoch_seconds_of_time).serialize(serializer)
}

/// What is wrong with what tells no time.
const NO_TIME: &str = "is no point in time";
