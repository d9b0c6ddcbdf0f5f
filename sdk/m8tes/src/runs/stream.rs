//! The stream of a run's work.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use agent_platform_core::{Backoff, BoxFuture, EventStream, JsonOrEvents, send_on_await};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use m8tes_web_backend_client::operations;

use super::event::{Delta, Rejoining, RunEvent, RunStreamEvent};
use super::progress::{End, Progress};
use super::told::Told;
use super::wait::{is_of_turn_before, is_passing};
use super::{Runs, cut_off};
use crate::codes;
use crate::error::{Error, ErrorKind};
use crate::id::{RunId, UserId};
use crate::model::{PermissionRequest, Run, RunStatus};
use crate::platform::{M8tes, Session, session_for};

/// How often, and how quickly, a stream that broke off is joined again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rejoins {
    pub(super) attempts: u32,
    pub(super) least_pause: Duration,
    pub(super) longest_pause: Duration,
    /// How long nothing may come, where that is not the client's own limit.
    pub(super) silence: Option<Duration>,
}

impl Default for Rejoins {
    fn default() -> Self {
        Self {
            attempts: 10,
            least_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            silence: None,
        }
    }
}

impl Rejoins {
    fn backoff(&self) -> Backoff {
        Backoff::new(self.least_pause, self.longest_pause)
    }

    /// The events of a connection, as long as it is not silent for too long.
    fn listen(&self, events: EventStream<M8tes>) -> Source {
        Source::Events(match self.silence {
            Some(limit) => events.silence(limit),
            None => events,
        })
    }
}

/// What can be said of how a stream is joined again. The request has the field `rejoins`.
macro_rules! rejoins {
    ($name:ident) => {
        impl<'c> $name<'c> {
            /// How often in a row it is tried to join the stream again once it broke off, without anything new in between:
            /// 10 unless set. 0 is never: then a stream that breaks off is an error at once.
            pub fn rejoins(mut self, attempts: u32) -> Self {
                self.rejoins.attempts = attempts;
                self
            }

            /// How long it pauses before it tries: about as long as the first, twice as long with each attempt, up to about
            /// as long as the second. 500 ms and 30 s unless set.
            pub fn rejoin_pauses(mut self, least: std::time::Duration, longest: std::time::Duration) -> Self {
                (self.rejoins.least_pause, self.rejoins.longest_pause) = (least, longest);
                self
            }

            /// How long nothing at all may come before the stream counts as broken off. m8tes sends a sign of life every
            /// 15 seconds. 300 seconds unless set.
            pub fn silence(mut self, limit: std::time::Duration) -> Self {
                self.rejoins.silence = Some(limit);
                self
            }
        }
    };
}
pub(super) use rejoins;

/// The work of a run, event by event: a [`Stream`], from [`Runs::stream`], [`Runs::reply_stream`] and [`Runs::join`].
///
/// How it ends:
///
/// - The turn is over: the stream ends. [`errors`](Self::errors) says what went wrong in it, if anything did.
/// - The run waits for a person: the stream ends, and [`paused`](Self::paused) has what it asks. Decide it with
///   [`Runs::resolve`], and go on with [`rejoin`](Self::rejoin).
/// - What can't be joined again: the last item is an error that [names the run](Error::run_id). The run itself probably goes
///   on: wait for it with [`Runs::wait`], and don't start it once more.
///
/// [`finish`](Self::finish) makes an error of all but a turn that went well, so that none is overlooked.
///
/// A stream that breaks off is joined again by itself, which is told ([`Rejoining`](RunEvent::Rejoining),
/// [`Rejoined`](RunEvent::Rejoined)). m8tes then tells the whole history again. Of that, text is passed over as long as it is,
/// character by character, what was told; where it is not, that is told ([`Rewritten`](RunEvent::Rewritten)). Other events
/// are passed over as often as an equal one was told, up to the first text that was not told; from there on all is told. If
/// the run is over by then, its end is [`Over`](RunEvent::Over), with the run.
///
/// Dropping it closes the connection, and stops nothing. [`cancel`](Self::cancel) does.
#[must_use = "a stream does nothing unless it is read"]
pub struct RunStream {
    session: Session,
    rejoins: Rejoins,
    backoff: Backoff,
    /// How often it was tried to join it again since anything new was told.
    attempt: u32,
    source: Source,
    /// What the present connection told; that of the one before, until something comes of this one.
    progress: Progress,
    is_joined: bool,
    told: Told,
    next: VecDeque<Result<RunStreamEvent, Error>>,
    paused: Option<PermissionRequest>,
    run: Option<Run>,
    queued_message_id: Option<i64>,
    is_broken: bool,
}

/// Where events come from.
enum Source {
    Events(EventStream<M8tes>),
    /// It broke off, and is being joined again.
    Joining(BoxFuture<'static, Result<Joined, Error>>),
    /// There are no more.
    Over,
}

/// What came of joining a run.
enum Joined {
    Events(EventStream<M8tes>),
    /// It is not at work.
    Stopped(Box<Run>, Option<PermissionRequest>),
}

impl RunStream {
    fn new(session: Session, rejoins: Rejoins, run: Option<RunId>, source: Source) -> Self {
        Self {
            session,
            rejoins,
            backoff: rejoins.backoff(),
            attempt: 0,
            source,
            progress: Progress::of(run),
            is_joined: false,
            told: Told::default(),
            next: VecDeque::new(),
            paused: None,
            run: None,
            queued_message_id: None,
            is_broken: false,
        }
    }

    /// The stream of a turn that has begun. `known` is the run, where the caller named it.
    pub(super) async fn of_begun(
        session: Session,
        known: Option<RunId>,
        rejoins: Rejoins,
        begun: JsonOrEvents<Run, M8tes>,
    ) -> Result<Self, Error> {
        let run = match begun {
            JsonOrEvents::Events(events) => {
                let named = || events.header(cut_off::RUN_ID).and_then(cut_off::of_header);
                return Ok(Self::new(session, rejoins, known.or_else(named), rejoins.listen(events)));
            }
            // It had begun before: an attempt whose answer was lost, or a key that was used before.
            JsonOrEvents::Json(run) => run,
        };
        if is_over(&run, run.queued_message_id) {
            return Err(over_before(run));
        }
        Self::of_earlier(session, rejoins, run.id, run.queued_message_id).await
    }

    /// The stream of a turn that had begun before.
    pub(super) async fn of_earlier(
        session: Session,
        rejoins: Rejoins,
        run: RunId,
        queued: Option<i64>,
    ) -> Result<Self, Error> {
        let mut stream = Self::new(session, rejoins, Some(run), Source::Over);
        stream.queued_message_id = queued;
        match join(&stream.session, run).await {
            Ok(Joined::Events(events)) => stream.source = rejoins.listen(events),
            // The run itself need not name the reply that waits in its queue.
            Ok(Joined::Stopped(run, None)) if is_over(&run, queued.or(run.queued_message_id)) => {
                return Err(over_before(*run));
            }
            Ok(stopped @ Joined::Stopped(..)) => stream.take_joined(stopped),
            Err(error) if is_worth_another(&error) => {
                if let Some(error) = stream.join_again(Some(error)) {
                    return Err(error);
                }
            }
            Err(error) => return Err(error.about(run)),
        }
        Ok(stream)
    }

    /// The run's id, as soon as it is known.
    pub fn run_id(&self) -> Option<RunId> {
        self.progress.run_id
    }

    /// All text so far.
    pub fn text(&self) -> &str {
        self.told.text()
    }

    /// What went wrong so far, and was not taken back.
    pub fn errors(&self) -> &[String] {
        &self.progress.errors
    }

    /// What the run asks, once the stream has ended because it waits for a person. Its
    /// [`request_id`](PermissionRequest::request_id) is empty where m8tes did not tell it; [`Runs::permissions`] has it then.
    pub fn paused(&self) -> Option<&PermissionRequest> {
        self.paused.as_ref()
    }

    /// The run, where the stream was not needed to its end because the run was over: see [`Over`](RunEvent::Over).
    pub fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// The number of the reply in the queue, where it was put behind the turn that is under way. What is streamed is that
    /// turn.
    pub fn queued_message_id(&self) -> Option<i64> {
        self.queued_message_id
    }

    /// Goes on with a stream that has ended because the run waits for a person ([`paused`](Self::paused)), once that is
    /// decided: it is joined again, and nothing is told twice. Where it is not decided yet, the stream ends so once more. A
    /// stream that has not ended so is left as it is.
    ///
    /// ```no_run
    /// use futures::StreamExt;
    ///
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let mut stream = client.runs().stream("tidy up").human_in_the_loop(true).await?;
    /// loop {
    ///     while let Some(event) = stream.next().await {
    ///         println!("{:?}", event?.kind);
    ///     }
    ///     let (Some(request), Some(run)) = (stream.paused(), stream.run_id()) else { break };
    ///     client.runs().resolve(run, m8tes_sdk::runs::Decision::allow(&request.request_id)).await?;
    ///     stream.rejoin();
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rejoin(&mut self) {
        let (Some(_), Some(run)) = (self.paused.take(), self.run_id()) else { return };
        (self.run, self.attempt, self.backoff) = (None, 0, self.rejoins.backoff());
        let session = self.session.clone();
        self.source = Source::Joining(Box::pin(async move { join(&session, run).await }));
    }

    /// Cancels the run. What it was about to tell may still come, and then that it was cancelled.
    ///
    /// # Errors
    ///
    /// [`Conflict`](ErrorKind::Conflict) if it is over, or if its id is not known yet.
    pub fn cancel(&self) -> impl Future<Output = Result<Run, Error>> + Send + use<> {
        let (session, run) = (self.session.clone(), self.run_id());
        async move {
            match run {
                Some(run) => Runs::new(&session).cancel(run).await,
                None => Err(Error::without_call(ErrorKind::Conflict, "it is not known yet which run it is")),
            }
        }
    }

    /// Reads on to the end: the whole text, of all events, those that were read before included.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let text = client.runs().stream("close resolved tickets").await?.finish().await?;
    /// # let _ = text;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`RunFailed`](ErrorKind::RunFailed) if anything went wrong and was not taken back, or if the run was cancelled;
    /// [`NeedsPerson`](ErrorKind::NeedsPerson) if it waits for a person; and what ends the stream with an error.
    pub async fn finish(mut self) -> Result<String, Error> {
        while let Some(event) = self.next().await {
            event?;
        }
        self.outcome()?;
        Ok(self.told.text().to_owned())
    }

    /// The pieces of text alone. The last item is an error wherever [`finish`](Self::finish) has one, and where text that was
    /// told does not hold.
    ///
    /// ```no_run
    /// use futures::TryStreamExt;
    ///
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let mut text = client.runs().stream("close resolved tickets").await?.into_text();
    /// while let Some(piece) = text.try_next().await? {
    ///     print!("{piece}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_text(self) -> BoxStream<'static, Result<String, Error>> {
        let next = async |stream: Option<Self>| {
            let mut stream = stream?;
            loop {
                let event = match stream.next().await {
                    Some(Ok(event)) => event.kind,
                    Some(Err(error)) => return Some((Err(error), None)),
                    None => return stream.outcome().err().map(|error| (Err(error), None)),
                };
                match event {
                    RunEvent::TextDelta(delta) if !delta.text.is_empty() => {
                        return Some((Ok(delta.text), Some(stream)));
                    }
                    RunEvent::Rewritten(rewritten) => {
                        let line = format!(
                            "of the text that was told no more than {} characters hold; read the run's output",
                            rewritten.kept
                        );
                        return Some((Err(stream.error(ErrorKind::Interrupted, line)), None));
                    }
                    _ => {}
                }
            }
        };
        futures::stream::unfold(Some(self), next).boxed()
    }

    /// Whether the turn went well, once the stream is at its end.
    fn outcome(&self) -> Result<(), Error> {
        let run = self.run_id().map_or_else(|| "the run".to_owned(), |id| format!("run {id}"));
        if self.is_broken {
            return Err(self.error(ErrorKind::Interrupted, format!("the stream of {run} broke off before its end")));
        }
        if let (Some(request), Some(id)) = (&self.paused, self.run_id()) {
            return Err(super::wait::needs_person(id, request));
        }
        if !self.progress.errors.is_empty() {
            let line = format!("{run} has failed: {}", self.progress.errors.join("; "));
            return Err(self.error(ErrorKind::RunFailed, line));
        }
        if self.progress.is_cancelled {
            return Err(self.error(ErrorKind::RunFailed, format!("{run} was cancelled")));
        }
        Ok(())
    }

    fn error(&self, kind: ErrorKind, line: String) -> Error {
        let error = Error::without_call(kind, self.session.without_secrets(line));
        match (&self.run, self.run_id()) {
            (Some(run), _) => error.with_run(run.clone()),
            (None, Some(id)) => error.about(id),
            (None, None) => error,
        }
    }

    /// What is to be told of an event at once. Anything behind that waits.
    fn take(&mut self, mut event: RunStreamEvent) -> Option<RunStreamEvent> {
        if std::mem::take(&mut self.is_joined) {
            self.progress = Progress::of(self.progress.run_id);
        }
        self.progress.take(&event);
        let (rewritten, is_told) = self.told.take(&mut event);
        // That the history is over is nothing new: a stream that breaks off behind it each time is not tried for ever.
        let is_new = rewritten.is_some() || (is_told && event.kind != RunEvent::ReplayComplete);
        if is_new {
            self.attempt = 0;
            self.backoff = self.rejoins.backoff();
        }
        let Some(rewritten) = rewritten else { return is_told.then_some(event) };
        self.next.extend(is_told.then_some(Ok(event)));
        Some(RunStreamEvent::rewritten(rewritten))
    }

    /// What the end of the body means.
    fn end(&mut self, broken: Option<Error>) {
        self.source = Source::Over;
        match self.progress.end(broken.is_none()) {
            End::Ended => {}
            End::Paused(gate) => self.paused = Some(PermissionRequest::of_gate(&gate)),
            End::Interrupted => {
                if let Some(error) = self.join_again(broken) {
                    self.fail(error);
                }
                return;
            }
        }
        self.next.extend(self.told.cut_short().map(RunStreamEvent::rewritten).map(Ok));
    }

    fn fail(&mut self, error: Error) {
        self.source = Source::Over;
        self.is_broken = true;
        self.next.push_back(Err(error));
    }

    /// Begins to join it again, or says why not.
    fn join_again(&mut self, broken: Option<Error>) -> Option<Error> {
        let is_worth = broken.as_ref().is_none_or(is_worth_another);
        let Some(run) = self.run_id().filter(|_| is_worth && self.attempt < self.rejoins.attempts) else {
            return Some(self.interrupted(broken));
        };
        self.attempt += 1;
        let reason = broken.map_or_else(|| "it ended before the run did".to_owned(), |error| error.to_string());
        let rejoining = Rejoining { attempt: self.attempt, reason };
        self.next.push_back(Ok(RunStreamEvent::own(RunEvent::Rejoining(rejoining))));
        let (session, pause) = (self.session.clone(), self.backoff.next_pause());
        self.source = Source::Joining(Box::pin(async move {
            tokio::time::sleep(pause).await;
            join(&session, run).await
        }));
        None
    }

    fn take_joined(&mut self, joined: Joined) {
        match joined {
            Joined::Events(events) => {
                self.source = self.rejoins.listen(events);
                self.is_joined = true;
                self.told.begin_again();
                self.next.push_back(Ok(RunStreamEvent::own(RunEvent::Rejoined)));
            }
            Joined::Stopped(run, Some(request)) => {
                self.source = Source::Over;
                self.paused = Some(request);
                self.run = Some(*run);
            }
            Joined::Stopped(run, None) => {
                self.source = Source::Over;
                if let Some(text) = run.output.as_deref().and_then(|output| self.told.take_output(output)) {
                    let rest = RunEvent::TextDelta(Delta { id: None, text });
                    self.next.push_back(Ok(RunStreamEvent::own(rest)));
                }
                self.progress.errors = match run.status {
                    RunStatus::Failed => vec![run.error.clone().unwrap_or_else(|| "m8tes does not say why".to_owned())],
                    _ => Vec::new(),
                };
                self.progress.is_cancelled = run.status == RunStatus::Cancelled;
                self.run = Some((*run).clone());
                self.next.push_back(Ok(RunStreamEvent::own(RunEvent::Over(run))));
            }
        }
    }

    fn interrupted(&self, broken: Option<Error>) -> Error {
        let kind = broken.as_ref().map_or(ErrorKind::Interrupted, Error::kind);
        let reason = broken.map(|error| format!(" ({error})")).unwrap_or_default();
        let what_to_do = match self.run_id() {
            Some(id) => format!("run {id} probably goes on, so wait for it rather than start it again"),
            None => {
                "the run probably goes on, so look for it in the list of runs rather than start it again".to_owned()
            }
        };
        self.error(kind, format!("the stream broke off before its end{reason}; {what_to_do}"))
    }
}

/// Joins a run: its stream, or the run where it is not at work.
async fn join(session: &Session, run: RunId) -> Result<Joined, Error> {
    match events_of(session, run).await {
        Ok(events) => return Ok(Joined::Events(events)),
        // Where the body of the refusal is cut, it has no code.
        Err(error)
            if error.kind() == ErrorKind::Conflict && error.code().is_none_or(|code| code == codes::RUN_NOT_ACTIVE) => {
        }
        Err(error) => return Err(error),
    }
    let runs = Runs::new(session);
    let run = Box::new(runs.get(run).await?);
    if run.status == RunStatus::AwaitingApproval {
        let waiting = runs.permissions(run.id).await?.into_iter().find(PermissionRequest::is_pending);
        return match waiting {
            Some(request) => Ok(Joined::Stopped(run, Some(request))),
            None => Err(unsettled(run.id)),
        };
    }
    if run.status.is_terminal() { Ok(Joined::Stopped(run, None)) } else { Err(unsettled(run.id)) }
}

/// Neither at work nor over: it is about to go on.
fn unsettled(run: RunId) -> Error {
    Error::without_call(ErrorKind::Interrupted, format!("run {run} has no stream yet, and is not over")).about(run)
}

async fn events_of(session: &Session, run: RunId) -> Result<EventStream<M8tes>, Error> {
    let request = session.request(&operations::STREAM_RUN);
    let outcome = request.api.stream_run(run.get()).await;
    request.finish_events(outcome)
}

/// Whether another attempt to join a run may go better.
fn is_worth_another(error: &Error) -> bool {
    is_passing(error) || error.is_rate_limited()
}

/// Whether a turn is over, and not only the one before it.
fn is_over(run: &Run, queued: Option<i64>) -> bool {
    run.status.is_terminal() && !is_of_turn_before(run, queued)
}

/// The error of a turn that had begun before, and is over.
fn over_before(run: Run) -> Error {
    let line = format!(
        "run {} was started with this idempotency key before and is {}, so nothing is left to stream; get it with runs().get",
        run.id, run.status
    );
    Error::with_code(ErrorKind::Conflict, codes::IDEMPOTENT_REPLAY_TERMINAL, line).with_run(run)
}

impl Stream for RunStream {
    type Item = Result<RunStreamEvent, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        loop {
            if let Some(item) = stream.next.pop_front() {
                return Poll::Ready(Some(item));
            }
            match &mut stream.source {
                Source::Over => return Poll::Ready(None),
                Source::Joining(joining) => match ready!(joining.as_mut().poll(context)) {
                    Ok(joined) => stream.take_joined(joined),
                    Err(error) if is_worth_another(&error) => {
                        if let Some(error) = stream.join_again(Some(error)) {
                            stream.fail(error);
                        }
                    }
                    Err(error) => {
                        let error = match stream.run_id() {
                            Some(run) => error.about(run),
                            None => error,
                        };
                        stream.fail(error);
                    }
                },
                Source::Events(events) => match ready!(Pin::new(&mut *events).poll_next(context)) {
                    Some(Ok(event)) => {
                        let read = RunStreamEvent::read(&event.data);
                        events.give_back(event);
                        if let Some(told) = read.and_then(|event| stream.take(event)) {
                            return Poll::Ready(Some(Ok(told)));
                        }
                    }
                    Some(Err(error)) => stream.end(Some(error)),
                    None => stream.end(None),
                },
            }
        }
    }
}

impl fmt::Debug for RunStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunStream")
            .field("run_id", &self.progress.run_id)
            .field("is_over", &matches!(self.source, Source::Over))
            .finish_non_exhaustive()
    }
}

/// The request of [`Runs::join`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct JoinRun<'c> {
    session: &'c Session,
    run: RunId,
    user: Option<UserId>,
    rejoins: Rejoins,
}

rejoins!(JoinRun);

impl<'c> JoinRun<'c> {
    pub(super) fn new(session: &'c Session, run: RunId) -> Self {
        Self { session, run, user: None, rejoins: Rejoins::default() }
    }

    /// The user of yours whose run it is, instead of the [client's](crate::Client::for_user): for what is asked of the run
    /// beside its stream.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    async fn send(self) -> Result<RunStream, Error> {
        let session = session_for(self.session, self.user.as_ref());
        let events = events_of(&session, self.run).await.map_err(|error| error.about(self.run))?;
        Ok(RunStream::new(session, self.rejoins, Some(self.run), self.rejoins.listen(events)))
    }
}

send_on_await!(JoinRun, RunStream);
