//! What the envelope of an answer says beside the answer.

use std::cell::RefCell;
use std::future::IntoFuture;

use agent_platform_core::{Bytes, Timestamp, time_from_epoch_milliseconds};
use serde::Deserialize;

use crate::error::Error;
use crate::id::RequestId;

tokio::task_local! {
    /// Where the call that is being made leaves it.
    static SEEN: RefCell<Metadata>;
}

/// What MUXI says of a call beside its answer. All of it is `None` where the answer came in no envelope: health, and streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// MUXI's id of the call. That of a chat's turn is another one.
    pub request_id: Option<RequestId>,
    /// When it was answered.
    pub timestamp: Option<Timestamp>,
    /// The key that it was done once by: told for whole chats, triggers and new jobs alone.
    pub idempotency_key: Option<String>,
}

/// An answer, and what MUXI says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answered<T> {
    /// The answer.
    pub data: T,
    /// What MUXI says of it.
    pub metadata: Metadata,
}

/// Makes a call, and tells with its answer what MUXI says of it. Where a method makes several calls, such as
/// [`Secrets::set`](crate::Secrets::set), that is of the last one.
///
/// ```no_run
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
/// let agents = muxi_sdk::with_metadata(formation.agents().list()).await?;
/// println!("{} agents, request {:?}", agents.data.len(), agents.metadata.request_id);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of the call. They have their [request id](Error::request_id) themselves.
pub async fn with_metadata<T>(call: impl IntoFuture<Output = Result<T, Error>>) -> Result<Answered<T>, Error> {
    let call = call.into_future();
    let answered = async {
        let data = call.await?;
        Ok(Answered { data, metadata: SEEN.with(RefCell::take) })
    };
    SEEN.scope(RefCell::default(), answered).await
}

/// Takes note of what the envelope says, if somebody wants to know.
pub(crate) fn note(body: &Bytes) {
    // Nobody asks nearly always, and then it is not read.
    let _ = SEEN.try_with(|seen| {
        let mut seen = seen.borrow_mut();
        *seen = serde_json::from_slice(body).map(Envelope::into_metadata).unwrap_or_default();
    });
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    timestamp: Option<i64>,
    #[serde(default)]
    request: Option<Call>,
}

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    idempotency_key: Option<String>,
}

impl Envelope {
    fn into_metadata(self) -> Metadata {
        let Self { timestamp, request } = self;
        let (id, idempotency_key) = request.map_or((None, None), |call| (call.id, call.idempotency_key));
        let timestamp = timestamp.and_then(time_from_epoch_milliseconds);
        Metadata { request_id: id.map(RequestId::from), timestamp, idempotency_key }
    }
}
