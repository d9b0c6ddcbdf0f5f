//! What goes wrong on purpose.

use std::{
    collections::VecDeque,
    io,
    sync::{Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;

/// What goes wrong with a request, once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is refused with this status, such as 429 or 503, and nothing is done.
    Refused {
        /// The status; one that is none is 500.
        status: u16,
        /// What the header `Retry-After` says, in whatever form.
        retry_after: Option<String>,
    },
    /// It is done, and the connection breaks off within the answer.
    LostAnswer,
}

/// What is to go wrong with the next requests.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub(crate) fn push(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    pub(crate) fn next(&self) -> Option<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// An answer that breaks off before its body.
pub(crate) fn lost() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::other("the answer is lost on purpose"))]);
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(broken)).into_response()
}
