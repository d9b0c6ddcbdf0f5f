//! A call that asks for another protocol.

use std::sync::PoisonError;

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tracing::Instrument;

use super::{Call, note, refusal, trace};
use crate::answer::Answer;
use crate::attempts::{Deadline, Record};
use crate::failure::{Cause, Failure};
use crate::operation::Operation;

impl Call {
    /// Sends a request that asks for another protocol, once, and reads the head of the response to it.
    pub(crate) async fn upgrade(
        self,
        url: &str,
        headers: HeaderMap,
        operation: &'static Operation,
    ) -> Result<(Answer, Self), Failure> {
        let span = trace::call_span(operation);
        let started = Instant::now();
        let mut record = Record::default();
        let outcome = self.upgrade_once(url, headers, operation, &mut record).instrument(span.clone()).await;
        trace::end_call(&span, outcome.as_ref().map(Answer::status), record.attempts, started.elapsed());
        match outcome {
            Ok(response) => {
                *self.record.lock().unwrap_or_else(PoisonError::into_inner) = record;
                Ok((response, self))
            }
            Err(cause) => Err(self.redactor().failure(record.into_failure(cause))),
        }
    }

    async fn upgrade_once(
        &self,
        url: &str,
        headers: HeaderMap,
        operation: &'static Operation,
        record: &mut Record,
    ) -> Result<Answer, Cause> {
        let unsendable = |_| Cause::Unsendable("the base URL and the path make no valid URL");
        let mut request = self.shared.building.get(url).headers(headers).build().map_err(unsendable)?;
        self.prepare(request.headers_mut());
        let connections = self.shared.connections.of_this_runtime()?;
        self.authorize(&mut request, operation)?;
        record.attempts = 1;
        let span = trace::attempt_span(operation, request.url(), record.attempts);
        let attempt = async {
            let deadline = Deadline::of_attempt(&self.limits);
            let response = deadline.bound(Self::send(&connections.streams, request)).await??;
            note(record, &span, &response);
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                Ok(response)
            } else {
                Err(refusal(response, deadline).await)
            }
        };
        let outcome = attempt.instrument(span.clone()).await;
        trace::end_attempt(&span, &outcome);
        outcome.inspect_err(|cause| record.note(cause))
    }
}
