//! What is traced of a call: a span for it, and within that one for each attempt, by OpenTelemetry's names for HTTP
//! clients. Nothing in them is from a caller or a body; a URL's path is told as the contract has it. Numbers are signed:
//! OpenTelemetry has no others, and an unsigned one would become a text there.

use std::time::Duration;

use http::StatusCode;
use reqwest::Url;
use tracing::{Span, field};

use crate::error::CommonKind;
use crate::failure::Cause;
use crate::operation::Operation;

pub(super) fn call_span(operation: &'static Operation) -> Span {
    tracing::info_span!(
        "call",
        operation = operation.id,
        status = field::Empty,
        attempts = field::Empty,
        duration_ms = field::Empty,
        otel.name = operation.id,
        otel.status_code = field::Empty,
        "error.type" = field::Empty,
    )
}

pub(super) fn end_call(span: &Span, outcome: Result<StatusCode, &Cause>, attempts: u32, took: Duration) {
    let status = match outcome {
        Ok(status) => Some(status),
        Err(cause) => cause.refusal(),
    };
    if let Some(status) = status {
        span.record("status", i64::from(status.as_u16()));
    }
    span.record("attempts", i64::from(attempts));
    span.record("duration_ms", whole_millis(took));
    if let Err(cause) = outcome {
        fail(span, cause);
    }
    let _entered = span.enter();
    match outcome {
        Ok(_) => tracing::debug!("the call succeeded"),
        Err(cause) => tracing::debug!(cause = cause.short_name(), "the call failed"),
    }
}

/// The span of an attempt, the first of which is number 1. A redirect that is followed belongs to the attempt.
pub(super) fn attempt_span(operation: &'static Operation, url: &Url, number: u32) -> Span {
    tracing::info_span!(
        "attempt",
        otel.name = format_args!("{} {}", operation.method, operation.path),
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = operation.method,
        http.request.resend_count = (number > 1).then(|| i64::from(number) - 1),
        http.response.status_code = field::Empty,
        // An address of IPv6 stands in brackets in a URL alone.
        server.address = url.host_str().map(|host| host.trim_matches(['[', ']'])),
        server.port = url.port_or_known_default().map(i64::from),
        url.template = operation.path,
        "error.type" = field::Empty,
    )
}

/// Tells what the head of the response says.
pub(super) fn note_status(attempt: &Span, status: StatusCode) {
    attempt.record("http.response.status_code", i64::from(status.as_u16()));
}

pub(super) fn end_attempt<T>(span: &Span, outcome: &Result<T, Cause>) {
    if let Err(cause) = outcome {
        fail(span, cause);
    }
}

/// Tells by which status it was refused, or what kind of failure it was.
fn fail(span: &Span, cause: &Cause) {
    span.record("otel.status_code", "ERROR");
    match cause {
        Cause::Status(response) => span.record("error.type", field::display(response.status.as_u16())),
        _ => span.record("error.type", field::debug(CommonKind::of(cause))),
    };
}

fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::sync::{Arc, Mutex};

    use allocation_counter::measure;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::failure::{ErrorResponse, Limit};

    static SEND: Operation = Operation::new("send", "POST", "/chats/{chat_id}/messages");

    /// Keeps what is told, each field as `name=value`, whichever span it is of.
    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    struct Fields<'t>(&'t Told);

    impl Visit for Fields<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.0.0.lock().unwrap().push(format!("{field}={value:?}"));
        }

        fn record_u64(&mut self, field: &Field, _: u64) {
            panic!("{field} is unsigned");
        }
    }

    impl Subscriber for Told {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            span.record(&mut Fields(self));
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, values: &Record<'_>) {
            values.record(&mut Fields(self));
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut Fields(self));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    /// What is told of a call with two attempts, the second of which ended so.
    fn told(outcome: Result<StatusCode, Cause>) -> Vec<String> {
        let told = Arc::new(Told::default());
        tracing::subscriber::with_default(Arc::clone(&told), || {
            let call = call_span(&SEND);
            let attempt = attempt_span(&SEND, &Url::parse("http://[::1]:8042/chats/7/messages").unwrap(), 2);
            if let Ok(status) = &outcome {
                note_status(&attempt, *status);
            }
            end_attempt(&attempt, &outcome);
            end_call(&call, outcome.as_ref().copied(), 2, Duration::from_micros(1_500_900));
        });
        let fields = told.0.lock().unwrap().split_off(0);
        let begun = [
            "operation=\"send\"",
            "otel.name=\"send\"",
            "otel.name=POST /chats/{chat_id}/messages",
            "otel.kind=\"client\"",
            "http.request.method=\"POST\"",
            "http.request.resend_count=1",
            "server.address=\"::1\"",
            "server.port=8042",
            "url.template=\"/chats/{chat_id}/messages\"",
        ];
        assert_eq!(fields[..begun.len()], begun);
        fields[begun.len()..].to_vec()
    }

    #[test]
    fn a_call_and_its_attempts_are_told_by_their_outcomes() {
        assert_eq!(
            told(Ok(StatusCode::ACCEPTED)),
            [
                "http.response.status_code=202",
                "status=202",
                "attempts=2",
                "duration_ms=1500",
                "message=the call succeeded"
            ]
        );
        let response = ErrorResponse {
            status: StatusCode::BAD_GATEWAY,
            retry_after: None,
            location: None,
            is_page: false,
            body: None,
        };
        assert_eq!(
            told(Err(Cause::Status(response))),
            [
                "otel.status_code=\"ERROR\"",
                "error.type=502",
                "status=502",
                "attempts=2",
                "duration_ms=1500",
                "otel.status_code=\"ERROR\"",
                "error.type=502",
                "message=the call failed",
                "cause=\"status\"",
            ]
        );
        let timed_out = Cause::TimedOut { limit: Limit::Attempt, after: Duration::from_secs(1) };
        assert_eq!(
            told(Err(timed_out)),
            [
                "otel.status_code=\"ERROR\"",
                "error.type=TimedOut",
                "attempts=2",
                "duration_ms=1500",
                "otel.status_code=\"ERROR\"",
                "error.type=TimedOut",
                "message=the call failed",
                "cause=\"attempt timed out\"",
            ]
        );
        assert_eq!(whole_millis(Duration::MAX), i64::MAX);
    }

    #[test]
    fn where_nobody_listens_it_costs_no_memory() {
        let url = Url::parse("http://[::1]:8042/chats/7/messages").unwrap();
        let failures = [Cause::ProxyCredentials, Cause::TooLarge { bound: 1 }];
        let trace = || {
            for cause in &failures {
                let call = call_span(&SEND);
                let attempt = attempt_span(&SEND, &url, 2);
                note_status(&attempt, StatusCode::BAD_GATEWAY);
                fail(&attempt, cause);
                end_call(&call, Err(cause), 2, Duration::from_secs(1));
                end_call(&call, Ok(StatusCode::OK), 1, Duration::from_secs(1));
            }
        };
        // What a callsite registers at its first use is once for the program.
        trace();
        assert_eq!(measure(trace).count_total, 0);
    }
}
