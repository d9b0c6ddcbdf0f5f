//! One call of one operation: attempts, retries, limits, and the record of how it went.

mod live;
mod redirect;
mod trace;
#[cfg(feature = "websocket")]
mod upgrade;

pub(crate) use live::LiveBody;

use std::error::Error as _;
use std::fmt;
use std::mem::take;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use hyper_util::client::legacy;
use progenitor_client::{Error as TransportError, ResponseValue};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::{Instrument, Span};
use uuid::Uuid;

use crate::answer::Answer;
use crate::attempts::{Attempt, Attempts, Coming, Deadline, Record};
use crate::connections::Pool;
use crate::connector::RuntimeLacksIo;
use crate::credentials::Credentials;
use crate::envelope::Unopened;
use crate::failure::{Cause, ErrorResponse, Failure, describe_decode_error};
use crate::json::{self, Oversize, Progress, Skim, read_json};
use crate::limits::TimeLimits;
use crate::null_character::argument_with_nul;
use crate::operation::{AnswerKind, Operation};
use crate::proxy::ProxyUrl;
use crate::redact::Redactor;
use crate::request::Decode;
use crate::retry::{RetryPolicy, retry_after};
use crate::secret::Secret;
use crate::transport::Shared;

/// The longest URL that an HTTP library of ours takes, in bytes.
const LONGEST_URL: usize = u16::MAX as usize - 1;

/// How much of the body of an unwanted response is kept.
const KEPT_ERROR_BYTES: usize = 64 * 1024;

/// Parsed once, not for each call.
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How much room is made for a body because of the length that its response declares.
const LARGEST_RESERVATION: usize = 1024 * 1024;

/// How much is read of a body that is larger than the bound, at the most. No database holds a longer text
/// (PostgreSQL's limit).
const LONGEST_SKIMMED: u64 = 1024 * 1024 * 1024;

/// How long a redirect's target may be to be shown.
const LONGEST_LOCATION: usize = 500;

/// One call that is about to be made, under way, or over. It serves for one operation.
///
/// The generated client carries it as its inner value. Its clones are the same call.
#[derive(Clone)]
pub struct Call {
    shared: Arc<Shared>,
    credentials: Option<Credentials>,
    /// What the request's body holds of secrets.
    carried: Vec<Secret>,
    limits: TimeLimits,
    retry: RetryPolicy,
    oversize: Oversize,
    idempotency_key: Option<String>,
    is_once: bool,
    takes_bare: bool,
    user: Option<String>,
    record: Arc<Mutex<Record>>,
}

impl Call {
    pub(crate) fn new(shared: Arc<Shared>, credentials: Option<Credentials>) -> Self {
        let (limits, retry) = (shared.limits, shared.retry);
        Self {
            shared,
            credentials,
            carried: Vec::new(),
            limits,
            retry,
            oversize: Oversize::Refuse,
            idempotency_key: None,
            is_once: false,
            takes_bare: false,
            user: None,
            record: Arc::default(),
        }
    }

    /// Sets other limits on time than the transport's, of an attempt and of the whole call, and another retry policy.
    #[must_use]
    pub(crate) fn with_rules(mut self, limits: TimeLimits, retry: RetryPolicy) -> Self {
        self.limits = limits;
        self.retry = retry;
        self
    }

    /// Lengthens the limits of an attempt and of the whole call, for an operation that is asked to wait.
    #[must_use]
    pub fn with_extra_time(mut self, extra: Duration) -> Self {
        self.limits.attempt = self.limits.attempt.saturating_add(extra);
        self.limits.overall = self.limits.overall.saturating_add(extra);
        self
    }

    /// Says what is to be done about an answer that is larger than the bound. It is a failure unless set.
    #[must_use]
    pub fn with_oversize(mut self, oversize: Oversize) -> Self {
        self.oversize = oversize;
        self
    }

    /// The key that the operation is to be done once by, where it takes one; a new one unless set.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: String) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// Has it attempted again only where it is certain that the backend has not acted, also if the operation may be repeated
    /// or has an idempotency key.
    #[must_use]
    pub(crate) fn once(mut self) -> Self {
        self.is_once = true;
        self
    }

    /// Has an answer taken that is in no envelope, too.
    #[must_use]
    pub(crate) fn with_bare(mut self) -> Self {
        self.takes_bare = true;
        self
    }

    /// The user of the caller's that it is made for, where a header says so.
    #[must_use]
    pub(crate) fn with_user(mut self, user: Option<String>) -> Self {
        self.user = user;
        self
    }

    /// The text of a secret that the request's body is to hold. The call knows it from then on, and nothing that
    /// is told about the call repeats it.
    pub fn carry(&mut self, secret: &Secret) -> String {
        self.carried.push(secret.clone());
        secret.expose_secret().to_owned()
    }

    /// Knows the secrets that this call carries.
    pub(crate) fn redactor(&self) -> Redactor {
        let of_proxy = self.shared.proxy.as_ref().and_then(ProxyUrl::secret);
        self.credentials.iter().flat_map(Credentials::secrets).chain(&self.carried).chain(of_proxy).collect()
    }

    /// Sends the request, again where the contract and the retry policy allow it, and reads the whole body
    /// of a successful response.
    ///
    /// It can't fail, since a hook of the generated client has no way to return an error of its own making:
    /// the failure is recorded, to be taken out by [`finish`](Self::finish), and the response that is
    /// returned for it only stands in for one, with a status that no contract promises.
    pub async fn execute(&self, mut request: reqwest::Request, operation: &'static Operation) -> reqwest::Response {
        let span = trace::call_span(operation);
        let started = Instant::now();
        let mut record = Record::default();
        let outcome = match self.make_request_ready(&mut request, operation) {
            Ok(()) => {
                let Shared { rules, budget, .. } = &*self.shared;
                let attempts = Attempts {
                    operation,
                    may_be_repeated: !self.is_once && (operation.repeatable || operation.idempotency_key),
                    limits: self.limits,
                    retry: &self.retry,
                    rules: &rules.retries,
                    budget,
                };
                // Pinned where it is: it is large, and would be moved otherwise.
                let outcome = pin!(attempts.run(self, request, &mut record));
                outcome.instrument(span.clone()).await
            }
            Err(cause) => Err(cause),
        };
        trace::end_call(&span, outcome.as_ref().map(Success::status), record.attempts, started.elapsed());
        let mut response = match outcome {
            Ok(Success::Whole(mut response)) => {
                // The generated client has no use for a text.
                if operation.answer == AnswerKind::Text {
                    record.coming.first = take(response.body_mut());
                }
                response
            }
            // The generated client has no use for it.
            Ok(Success::Live(answer)) => {
                let stand_in = stand_in(answer.status());
                record.live = Some(Box::new(answer));
                stand_in
            }
            Err(cause) => {
                record.cause = Some(cause);
                stand_in(StatusCode::SERVICE_UNAVAILABLE)
            }
        };
        record.lost = response.extensions_mut().remove().unwrap_or_default();
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = record;
        response.into()
    }

    /// Gets a JSON document that is not an operation of the generated client, and decodes it.
    ///
    /// # Errors
    ///
    /// As for [`finish`](Self::finish).
    pub async fn get_json<G: DeserializeOwned, P, T: Decode<G, P>>(
        self,
        url: &str,
        operation: &'static Operation,
    ) -> Result<T, Failure> {
        let outcome = match self.shared.building.get(url).build() {
            Ok(request) => {
                let response = self.execute(request, operation).await;
                // As the generated methods do, which take no other success for the promised one.
                match response.status() {
                    StatusCode::OK => ResponseValue::from_response::<()>(response).await,
                    _ => Err(TransportError::UnexpectedResponse(response)),
                }
            }
            Err(error) => Err(TransportError::CommunicationError(error)),
        };
        self.finish(outcome)
    }

    /// The failure of a call that this response is the answer to, at its one attempt. For the tests of a facade:
    /// what it makes of a response needs no socket then.
    pub fn refused_by(self, response: http::Response<Vec<u8>>) -> Failure {
        let (head, mut body) = response.into_parts();
        body.truncate(KEPT_ERROR_BYTES);
        let request_id = readable(head.headers.get(&X_REQUEST_ID));
        let record = Record { attempts: 1, request_id, ..Record::default() };
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = record;
        self.into_failure(Cause::Status(error_response(head.status, &head.headers, body.into())))
    }

    /// The failure of a call that went well until this happened.
    pub(crate) fn into_failure(self, cause: Cause) -> Failure {
        let record = take(&mut *self.record.lock().unwrap_or_else(PoisonError::into_inner));
        self.redactor().failure(record.into_failure(cause))
    }

    /// The value of a header that a request is to have. Of a text that a header can't carry the call fails with
    /// `problem`, and nothing is sent.
    ///
    /// # Errors
    ///
    /// `problem`, where the text holds anything but visible ASCII characters with blanks between them.
    pub fn header_value(&self, text: &str, problem: &'static str) -> Result<HeaderValue, &'static str> {
        let is_carried = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        let value = HeaderValue::from_str(text).ok().filter(|_| text.trim() == text && text.bytes().all(is_carried));
        value.ok_or_else(|| {
            self.record.lock().unwrap_or_else(PoisonError::into_inner).cause = Some(Cause::Unsendable(problem));
            problem
        })
    }

    /// The failure of a call whose body, which is still coming, went so.
    fn failure(&self, cause: Cause) -> Failure {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let of_call = Record { attempts: record.attempts, request_id: record.request_id.clone(), ..Record::default() };
        self.redactor().failure(of_call.into_failure(cause))
    }

    /// Takes the body, where the answer is one that is read as it comes.
    pub(crate) fn take_live(&self) -> Option<Box<LiveBody>> {
        let answer = self.record.lock().unwrap_or_else(PoisonError::into_inner).live.take()?;
        Some(Box::new(LiveBody::new(*answer, self.clone())))
    }

    /// The failure of a call whose answer was to be read as it comes, and is none such.
    pub(crate) fn failure_of<G, E>(self, outcome: Result<ResponseValue<G>, TransportError<E>>) -> Failure {
        let mut record = take(&mut *self.record.lock().unwrap_or_else(PoisonError::into_inner));
        let cause = match (record.cause.take(), outcome) {
            (Some(cause), _) => cause,
            (None, Err(error)) => unrecorded_cause(error, record.status),
            (None, Ok(_)) => Cause::Malformed { status: record.status, problem: "it is no stream".to_owned() },
        };
        self.redactor().failure(record.into_failure(cause))
    }

    /// Makes the outcome of a call that is answered with a text.
    ///
    /// # Errors
    ///
    /// As for [`finish`](Self::finish).
    pub(crate) fn finish_text<G, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<Bytes, Failure> {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record.cause.is_none() && outcome.is_ok() {
            return Ok(take(&mut record.coming.first));
        }
        drop(record);
        Err(self.failure_of(outcome))
    }

    /// Makes the outcome of what the generated client returned: the value, in the facade's type, or the failure.
    ///
    /// # Errors
    ///
    /// Everything that kept the call from bringing the promised response.
    pub fn finish<G: DeserializeOwned, P, T: Decode<G, P>, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<T, Failure> {
        let mut record = take(&mut *self.record.lock().unwrap_or_else(PoisonError::into_inner));
        let status = record.status;
        let malformed = |problem| Cause::Malformed { status, problem };
        let decoded = match (record.cause.take(), outcome) {
            (Some(cause), _) => Err(cause),
            (None, _) if record.live.is_some() => Err(malformed("it is a stream, which was not asked for".to_owned())),
            (None, Ok(_) | Err(TransportError::InvalidResponsePayload(..))) if record.is_bare => {
                Err(malformed("it is in no envelope: `success` is missing, or neither true nor false".to_owned()))
            }
            (None, Ok(value)) => T::decode(value.into_inner()).map_err(malformed),
            (None, Err(TransportError::InvalidResponsePayload(body, _))) => {
                let decoded = decode_odd(&body).map_err(|problem| match is_page(&record.coming.headers) {
                    true => malformed("it is a web page (text/html); the base URL is probably wrong".to_owned()),
                    false => malformed(problem),
                });
                record.coming.first = body;
                decoded
            }
            (None, Err(error)) => Err(unrecorded_cause(error, status)),
        };
        let decoded = decoded.map(|mut value| {
            record.lost.iter().for_each(|lost| value.lose(&lost.way, lost.problem));
            value
        });
        decoded.map_err(|cause| self.redactor().failure(record.into_failure(cause)))
    }

    /// Adds what all attempts have, and refuses what no backend is to see.
    fn make_request_ready(&self, request: &mut reqwest::Request, operation: &'static Operation) -> Result<(), Cause> {
        self.prepare(request.headers_mut());
        if let Some(credentials) = &self.shared.proxy_authorization {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, credentials.clone());
        }
        if operation.idempotency_key {
            self.add_idempotency_key(request.headers_mut())?;
        }
        self.add_user(request.headers_mut())?;
        state_that_there_is_no_body(request);
        if request.url().as_str().len() > LONGEST_URL {
            return Err(Cause::Unsendable(
                "the URL would be longer than 64 KiB; what is asked for in its query is too long",
            ));
        }
        if self.shared.refuses_nul
            && let Some(argument) = argument_with_nul(request, operation.path)
        {
            return Err(Cause::HoldsNul { argument });
        }
        Ok(())
    }

    /// Adds what tells a backend that all attempts of a call are of one.
    fn add_idempotency_key(&self, headers: &mut HeaderMap) -> Result<(), Cause> {
        let fresh = || Uuid::new_v4().to_string();
        let key = self.idempotency_key.clone().filter(|key| !key.is_empty()).unwrap_or_else(fresh);
        let key = carried_as_it_is(&key).ok_or(Cause::Unsendable(
            "the idempotency key holds a character that no header can carry, or has blanks around it",
        ))?;
        headers.insert(&self.shared.rules.idempotency_header, key);
        Ok(())
    }

    /// Adds what tells a backend for which user the call is, where a header does.
    fn add_user(&self, headers: &mut HeaderMap) -> Result<(), Cause> {
        let (Some(name), Some(user)) = (&self.shared.rules.user_header, &self.user) else { return Ok(()) };
        let user = carried_as_it_is(user).ok_or(Cause::Unsendable(
            "the user id holds a character that no header can carry, or has blanks around it",
        ))?;
        headers.insert(name, user);
        Ok(())
    }

    fn prepare(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.shared.headers {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }

    /// Says who calls.
    fn authorize(&self, request: &mut reqwest::Request, operation: &'static Operation) -> Result<(), Cause> {
        let Some(credentials) = &self.credentials else { return Ok(()) };
        credentials.authorize(request, operation).map_err(Cause::Unsendable)
    }

    /// Sends the request over one of these connections, and reads the head of the response.
    fn send(
        connections: &Pool,
        request: reqwest::Request,
    ) -> impl Future<Output = Result<Answer, Cause>> + Send + use<> {
        // Outside of the future, which has no need to keep the request then.
        let url = request.url().clone();
        let sent = http::Request::<reqwest::Body>::try_from(request);
        let sent = sent.map(|request| connections.request(request));
        async move {
            let unsendable = |_| Cause::Unsendable("the base URL and the path make no valid URL");
            let response = sent.map_err(unsendable)?.await.map_err(unanswered)?;
            Ok(Answer::new(url, response))
        }
    }

    /// Reads a body up to the bound. What came of it is left in `coming` where it breaks off.
    async fn read_bounded(&self, response: &mut Answer, coming: &mut Coming) -> Result<Body, Cause> {
        let bound = self.shared.max_response_bytes;
        refuse_encoded(response)?;
        *coming = Coming { headers: response.take_headers(), ..Coming::default() };
        let declared = response.declared_length();
        if declared.is_some_and(|length| length > bound as u64) {
            return Ok(Body::TooLarge(Vec::new()));
        }
        // Most bodies come in one chunk, which then needs no copy.
        coming.first = response.chunk().await?.unwrap_or_default();
        if coming.first.len() > bound {
            return Ok(Body::TooLarge(vec![take(&mut coming.first)]));
        }
        // What has a length ends with it.
        if declared == Some(coming.first.len() as u64) {
            return Ok(Body::Whole(take(&mut coming.first)));
        }
        let Some(second) = response.chunk().await? else {
            return Ok(Body::Whole(take(&mut coming.first)));
        };
        let body = &mut coming.body;
        *body = BytesMut::from(take(&mut coming.first));
        // What is declared is not there yet, so only as much room is made at once as costs nothing if it never comes.
        let declared = declared.map_or(0, |length| usize::try_from(length).unwrap_or(0)).min(LARGEST_RESERVATION);
        body.reserve(declared.saturating_sub(body.len()));
        let mut next = Some(second);
        while let Some(chunk) = next {
            if chunk.len() > bound - body.len() {
                return Ok(Body::TooLarge(vec![take(body).freeze(), chunk]));
            }
            body.extend_from_slice(&chunk);
            next = response.chunk().await?;
        }
        Ok(Body::Whole(take(body).freeze()))
    }

    /// What is in the envelope, on a platform that puts its JSON into one. What is in none stays as it is, and that is noted: it
    /// is malformed only under a status that the contract promises.
    fn unwrapped(
        &self,
        status: StatusCode,
        record: &mut Record,
        operation: &Operation,
        body: Bytes,
    ) -> Result<Bytes, Cause> {
        let Some(unwrap) = self.shared.rules.envelope.filter(|_| operation.enveloped) else { return Ok(body) };
        match unwrap(&body) {
            Ok(data) => Ok(data),
            Err(Unopened::Failure(told)) => {
                let response = error_response(status, &record.coming.headers, Bytes::new());
                Err(Cause::Failed(ErrorResponse { body: Some(told), ..response }))
            }
            Err(Unopened::Bare) => {
                // A backend that tells events by now may have told the outcome alone before.
                record.is_bare = !self.takes_bare && operation.answer != AnswerKind::JsonOrEvents;
                record.coming.first = body.clone();
                Ok(body)
            }
        }
    }

    /// Keeps what may be kept of a body that is larger than the bound.
    async fn skim(&self, mut response: Answer, read: Vec<Bytes>) -> Result<http::Response<Bytes>, Cause> {
        let bound = self.shared.max_response_bytes;
        if self.oversize == Oversize::Refuse {
            return Err(Cause::TooLarge { bound });
        }
        let mut skim = Skim::new(self.oversize, bound);
        let mut read = read.into_iter();
        let mut length = 0_u64;
        while let Some(piece) = match read.next() {
            Some(piece) => Some(piece),
            None => response.chunk().await?,
        } {
            length += piece.len() as u64;
            match skim.take(&piece) {
                Progress::Wanted if length <= LONGEST_SKIMMED => {}
                Progress::Full => break,
                Progress::Wanted | Progress::TooLarge => return Err(Cause::TooLarge { bound }),
            }
        }
        let (body, lost) = skim.finish();
        let mut response = response.in_one_piece(body.into());
        response.extensions_mut().insert(lost);
        Ok(response)
    }
}

/// What an attempt brings where it succeeds.
pub(crate) enum Success {
    Whole(http::Response<Bytes>),
    /// The body is still to come.
    Live(Answer),
}

impl Success {
    fn status(&self) -> StatusCode {
        match self {
            Self::Whole(response) => response.status(),
            Self::Live(answer) => answer.status(),
        }
    }
}

/// What the generated client gets in place of what it has no use for.
fn stand_in(status: StatusCode) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// The body of a response.
enum Body {
    Whole(Bytes),
    /// What was read of one that is larger than the bound.
    TooLarge(Vec<Bytes>),
}

impl Attempt for Call {
    type Request = reqwest::Request;
    type Response = Success;

    fn copy(request: &reqwest::Request) -> Option<reqwest::Request> {
        request.try_clone()
    }

    fn make_ready(&self, request: &mut reqwest::Request, operation: &'static Operation) -> Result<(), Cause> {
        // Before any timer is set.
        self.shared.connections.of_this_runtime()?;
        self.authorize(request, operation)
    }

    fn attempt(
        &self,
        request: reqwest::Request,
        operation: &'static Operation,
        deadline: Deadline,
        record: &mut Record,
    ) -> impl Future<Output = Result<Success, Cause>> + Send {
        let span = trace::attempt_span(operation, request.url(), record.attempts);
        let of_head = span.clone();
        // On the heap, so that a call of a platform which does not redirect has no room in it for this.
        let again = if self.shared.rules.follows_redirects { request.try_clone().map(Box::new) } else { None };
        let connections = self.shared.connections.of_this_runtime();
        let sent = connections.map(|connections| Self::send(&connections.calls, request));
        let attempt = async move {
            // Under one timer, where it succeeds.
            let answered = async {
                let mut response = sent?.await?;
                if let Some(again) = again.filter(|_| response.status().is_redirection()) {
                    response = Box::pin(self.follow(response, *again, operation)).await?;
                }
                note(record, &of_head, &response);
                if !response.status().is_success() {
                    return Ok(Err(response));
                }
                if is_live(&response, operation)? {
                    return Ok(Ok(Success::Live(response)));
                }
                let whole = match self.read_bounded(&mut response, &mut record.coming).await? {
                    Body::Whole(body) => {
                        let body = self.unwrapped(response.status(), record, operation, body)?;
                        response.in_one_piece(body)
                    }
                    Body::TooLarge(read) => Box::pin(self.skim(response, read)).await?,
                };
                Ok(Ok(Success::Whole(whole)))
            };
            match deadline.bound(answered).await?? {
                Ok(whole) => Ok(whole),
                // On the heap, so that a call which succeeds has no room in it for this.
                Err(refused) => Err(Box::pin(refusal(refused, deadline)).await),
            }
        };
        attempt.instrument(span.clone()).inspect(move |outcome| trace::end_attempt(&span, outcome))
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// Keeps what an error may have to tell of the head of a response, and traces its status.
fn note(record: &mut Record, attempt: &Span, response: &Answer) {
    trace::note_status(attempt, response.status());
    record.status = Some(response.status());
    record.request_id = readable(response.headers().get(&X_REQUEST_ID));
}

/// Whether the body is to be read as it comes.
fn is_live(response: &Answer, operation: &Operation) -> Result<bool, Cause> {
    let media_type = || media_type(response.headers());
    let is_events = || media_type().is_some_and(|media_type| essence_is(media_type, "text/event-stream"));
    let is_live = match operation.answer {
        AnswerKind::Bytes => true,
        AnswerKind::JsonOrEvents => is_events(),
        AnswerKind::Events if is_events() => true,
        AnswerKind::Events => {
            let found = media_type().unwrap_or("missing");
            let problem = format!("its Content-Type is {found}, not text/event-stream");
            return Err(Cause::Malformed { status: Some(response.status()), problem });
        }
        AnswerKind::Json | AnswerKind::Empty | AnswerKind::Text | AnswerKind::Messages => false,
    };
    if is_live {
        refuse_encoded(response)?;
    }
    Ok(is_live)
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

/// Whether a media type is this one, whatever its parameters.
fn essence_is(media_type: &str, essence: &str) -> bool {
    media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(essence)
}

/// Whether a response is a page for people.
fn is_page(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media_type| essence_is(media_type, "text/html"))
}

/// What a response with another status than the promised one says.
async fn refusal(mut response: Answer, deadline: Deadline) -> Cause {
    let mut kept = BytesMut::new();
    // The status is known, so a body that breaks off, or never ends, tells less, but hides nothing.
    let _ = deadline.bound(keep_start(&mut response, &mut kept)).await;
    let mut told = error_response(response.status(), response.headers(), kept.freeze());
    told.location = location(&response).map(String::into_boxed_str);
    Cause::Status(told)
}

/// Where a redirect points, as far as that may be shown: without credentials and query.
fn location(response: &Answer) -> Option<String> {
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let mut url = response.url().join(location).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    // A URL that can't have them has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let shown = String::from(url);
    (shown.len() <= LONGEST_LOCATION).then_some(shown)
}

/// Reads a body up to the size that is kept of it.
async fn keep_start(response: &mut Answer, kept: &mut BytesMut) {
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = KEPT_ERROR_BYTES - kept.len();
        kept.extend(chunk.iter().take(room));
        if chunk.len() >= room {
            break;
        }
    }
}

/// Why a request brought no response.
fn unanswered(error: legacy::Error) -> Cause {
    match () {
        () if is_of_proxy_credentials(&error) => Cause::ProxyCredentials,
        () if is_of_ended_runtime(&error) => Cause::RuntimeEnded,
        () if causes(&error).any(|cause| cause.is::<RuntimeLacksIo>()) => Cause::Unsendable(
            "a call needs IO, which its tokio runtime was built without; call enable_all on the builder",
        ),
        () if error.is_connect() => Cause::Connect(error.into()),
        () => match head_problem(&error) {
            Some(problem) => Cause::Malformed { status: None, problem: problem.to_owned() },
            None => Cause::Interrupted(error.into()),
        },
    }
}

fn causes<'e>(error: &'e legacy::Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |&error| error.source())
}

/// Whether a proxy answered a request for a tunnel with 407. The type of that error can't be named.
fn is_of_proxy_credentials(error: &legacy::Error) -> bool {
    causes(error).any(|cause| cause.to_string() == "tunnel error: proxy authorization required")
}

/// Whether the task of the connection is gone: with its runtime, as there is nothing else that ends it. The kind of that
/// error can't be named.
fn is_of_ended_runtime(error: &legacy::Error) -> bool {
    causes(error).any(|cause| cause.to_string() == "runtime dropped the dispatch task")
}

/// What is wrong with the head of a response, where something came that is none, or one beyond all bounds.
fn head_problem(error: &legacy::Error) -> Option<&'static str> {
    let error =
        causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>()).filter(|error| error.is_parse())?;
    // Nothing but its text tells which it is.
    Some(match error.to_string().as_str() {
        // A length beyond all bounds is one of these.
        "message head is too large" => "its head is too large, or not one of HTTP/1.1",
        "invalid HTTP header parsed" => {
            "its head is not one of HTTP/1.1: a line of it is no header, or one that goes on in a further line \
             (obs-fold, which is refused)"
        }
        _ => "its head is not one of HTTP/1.1",
    })
}

/// Decodes a body that is not all as it was promised: what is odd in one place is to spoil no more than that.
fn decode_odd<G: DeserializeOwned, P, T: Decode<G, P>>(body: &[u8]) -> Result<T, String> {
    let mended = json::mended(body);
    let mut value = match serde_json::from_slice(&mended.text) {
        Ok(generated) => T::decode(generated)?,
        Err(error) => {
            let json = serde_json::from_slice(&mended.text).ok();
            json.and_then(T::salvage).ok_or_else(|| describe_decode_error(&error))?
        }
    };
    mended.lost.iter().for_each(|lost| value.lose(&lost.way, lost.problem));
    Ok(value)
}

/// Names the cause of an error that the generated client made by itself: before a request was handed to
/// `execute`, or after a successful response.
fn unrecorded_cause<E>(error: TransportError<E>, status: Option<StatusCode>) -> Cause {
    match error {
        TransportError::InvalidResponsePayload(_, error) => {
            Cause::Malformed { status, problem: describe_decode_error(&error) }
        }
        TransportError::UnexpectedResponse(response) => {
            Cause::Status(error_response(response.status(), response.headers(), Bytes::new()))
        }
        TransportError::ErrorResponse(response) => {
            Cause::Status(error_response(response.status(), response.headers(), Bytes::new()))
        }
        TransportError::ResponseBodyError(error) | TransportError::InvalidUpgrade(error) => {
            Cause::Interrupted(error.without_url().into())
        }
        TransportError::CommunicationError(_) | TransportError::InvalidRequest(_) | TransportError::Custom(_) => {
            Cause::Unsendable("the base URL and the arguments make no valid request")
        }
    }
}

fn error_response(status: StatusCode, headers: &HeaderMap, body: Bytes) -> ErrorResponse {
    let body = read_json(&body).ok();
    let retry_after = retry_after(headers, SystemTime::now());
    ErrorResponse { status, retry_after, location: None, is_page: is_page(headers), body }
}

fn refuse_encoded(response: &Answer) -> Result<(), Cause> {
    let mut codings = response.headers().get_all(header::CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let problem = "its body is compressed, which was not asked for".to_owned();
        return Err(Cause::Malformed { status: Some(response.status()), problem });
    }
    Ok(())
}

/// A header's value that may be shown: visible ASCII, and not long.
pub(crate) fn readable(value: Option<&HeaderValue>) -> Option<String> {
    let text = value?.to_str().ok()?;
    // A tab is visible to `to_str`.
    (!text.is_empty() && text.len() <= 200 && !text.contains('\t')).then(|| text.to_owned())
}

/// A text of any script as the value of a header. Blanks around it would be lost on the way, so that it were another, or none.
fn carried_as_it_is(text: &str) -> Option<HeaderValue> {
    let is_changed = text.trim() != text || text.chars().any(char::is_control);
    HeaderValue::from_bytes(text.as_bytes()).ok().filter(|_| !is_changed)
}

/// Says so where a body is usual: a server or proxy may refuse such a request without a length (RFC 9110, section 8.6).
fn state_that_there_is_no_body(request: &mut reqwest::Request) {
    if request.body().is_none() && matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

#[cfg(test)]
mod tests;
