//! What every generated transport runs on, and no backend owns.
//!
//! A transport crate that is generated from a backend's OpenAPI document knows paths and shapes. Everything
//! that cuts across its operations lives here, in one place: the bearer token, the limits on time and size,
//! retries, tracing, and one record of what went wrong.
//!
//! A facade makes one [`Transport`] for a backend. For each operation it makes a [`Call`], which the
//! generated client carries as its inner value: the client's hook hands each request to [`Call::execute`],
//! and the facade takes the outcome from [`Call::finish`].
//!
//! Applications do not use this crate directly; they use a facade, such as `mycel-sdk`.

mod answer;
#[doc(hidden)]
pub mod answered;
mod attempts;
mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod connections;
mod connector;
mod credentials;
mod dial;
mod download;
mod envelope;
mod error;
mod failure;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod json;
mod json_object;
mod limits;
mod malformed;
mod multipart;
mod null_character;
mod open_enum;
mod operation;
mod pages;
mod proxy;
mod read_as_answers;
mod redact;
mod request;
mod resource;
mod retry;
mod said;
mod scoped;
mod secret;
mod session;
mod settings;
#[cfg(feature = "webhook")]
mod signature;
mod sse;
mod stream;
#[cfg(test)]
mod testing;
mod timestamp;
mod tls;
mod transport;
#[cfg(feature = "webhook")]
pub mod webhook;
#[cfg(feature = "websocket")]
mod websocket;

#[doc(hidden)]
pub use bytes::Bytes;
#[doc(hidden)]
pub use futures::future::BoxFuture;
#[doc(hidden)]
pub use redact::Redactor;
#[doc(hidden)]
pub use serde_json;
#[doc(hidden)]
pub use tokio::io::{AsyncRead, AsyncWrite};

pub use base_url::{BaseUrl, BaseUrlError};
pub use call::Call;
pub use credentials::{Authorize, Credentials, can_be_a_credential};
#[doc(hidden)]
pub use download::LARGEST_IN_MEMORY;
pub use envelope::{Unopened, Unwrap, success_data_error};
pub use error::{CommonKind, ErrorBody, FieldError, Misuse, Refusal, Report};
pub use failure::{Cause, ErrorResponse, Failure, Limit, PartialAnswer};
pub use id::{PathId, encode_path, path_problem};
pub use json::{Oversize, Step, mend_json, read_json};
pub use json_object::{JsonObject, json_object};
pub use limits::TimeLimits;
pub use malformed::{Malformed, MalformedPart};
pub use multipart::{Multipart, NotAMediaType};
pub use operation::{AnswerKind, Operation};
pub use pages::{Fetched, items};
pub use proxy::{ProxyUrl, ProxyUrlError, ProxyVariableError};
pub use request::{Decode, Generated, Platform, Request};
pub use retry::{Backoff, RetryPolicy, RetryRules};
pub use scoped::ScopedRequest;
pub use secret::Secret;
pub use session::{Context, Session};
pub use settings::{Settings, variable};
#[cfg(feature = "webhook")]
pub use signature::hmac_sha256;
pub use sse::{EventDecoder, EventTooLarge, ServerEvent};
pub use stream::{ByteStream, EventStream, JsonOrEvents};
pub use timestamp::{
    ParseTimestampError, Timestamp, epoch_seconds_of_time, time_from_epoch_milliseconds, time_from_epoch_seconds,
};
pub use transport::{BuildError, Transport, TransportBuilder};
#[cfg(feature = "websocket")]
pub use websocket::{WebSocket, WebSocketEnd, WebSocketLimits};
