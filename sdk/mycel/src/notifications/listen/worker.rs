//! The task of a listener: connects, drains, reads, and connects again.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use agent_platform_core::Backoff;
use futures::future::{Either, select};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::buffer::Buffer;
use super::dedup::Dedup;
use super::position::Position;
use super::{Claims, Gap, ListenEvent, ListenSettings};
use crate::error::{Error, ErrorKind};
use crate::me::Me;
use crate::model::{Notification, NotificationEvent, UserKind};
use crate::notifications::Notifications;
use crate::notifications::frame::StreamedNotification;
use crate::notifications::stream::{NotificationStream, OpenStream};
use crate::platform::Session;

/// How long after a connection that broke off the backend may still take the old one for alive: it pings every
/// 20 s and waits as long for the answer. When it finds the old one dead it takes the listener away, the new
/// one included, so the stream is opened once more after that.
const OLD_CONNECTION: Duration = Duration::from_secs(60);

/// How many notifications that came at once are read before others have a turn.
const TURN: u64 = 4;

/// What is never due.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// An argument that is refused before anything is sent.
pub(super) fn refusal(problem: &str) -> Error {
    Error::without_call(ErrorKind::InvalidInput, problem)
}

/// Listens until there is a good reason to end, and tells it.
///
/// An `async fn` would hold what it is given twice, as it came and where it is used.
pub(super) fn run(
    session: Session,
    claims: Arc<Claims>,
    settings: ListenSettings,
    buffer: Arc<Buffer>,
    stop: Arc<Notify>,
) -> impl Future<Output = ()> + Send {
    let ending = Ending(Arc::clone(&buffer));
    let now = Instant::now();
    let mut worker = Worker {
        session,
        claims,
        settings,
        buffer,
        is_known: false,
        backoff: None,
        dedup: Dedup::default(),
        position: Position::new(now),
        gap: None,
        has_missed: false,
        up_since: None,
        renew_at: None,
        drained_at: now,
        drain_after: Duration::ZERO,
    };
    async move {
        let reason = match select(pin!(worker.listen()), pin!(stop.notified())).await {
            Either::Left((reason, _)) => reason,
            Either::Right(((), _)) => Error::without_call(ErrorKind::Stopped, "the listener was stopped"),
        };
        ending.0.finish(reason);
    }
}

/// Tells the user that the task has ended, also where it was ended from outside.
struct Ending(Arc<Buffer>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.finish(Error::without_call(ErrorKind::Stopped, "the tokio runtime of the listener has ended"));
    }
}

struct Worker {
    session: Session,
    claims: Arc<Claims>,
    settings: ListenSettings,
    buffer: Arc<Buffer>,
    /// Whether the user is known, and taken.
    is_known: bool,
    /// Where the pauses have got to; none as long as nothing has broken since the stream was stable.
    backoff: Option<Box<Backoff>>,
    dedup: Dedup,
    position: Position,
    /// To be told after the drain that heals it.
    gap: Option<Gap>,
    /// Whether something came that nobody can read, and no drain has begun since.
    has_missed: bool,
    /// Since when the stream has been open, its renewals aside.
    up_since: Option<Instant>,
    /// When the stream is to be opened once more although nothing is wrong with it.
    renew_at: Option<Instant>,
    /// When the inbox was drained last.
    drained_at: Instant,
    /// How long after that it is to be drained again.
    drain_after: Duration,
}

/// How an open stream ended.
enum End {
    /// It is to be opened once more, although nothing is wrong with it.
    Renewal,
    Break(Error),
}

/// What happens while a stream is open.
enum Step {
    /// `None`: something came that nobody can read.
    Told(Option<StreamedNotification>),
    Over(Error),
    Drained(Result<Vec<Notification>, Error>),
    /// It is time to drain, or to renew the stream.
    Due,
}

type Drain = Pin<Box<dyn Future<Output = Result<Vec<Notification>, Error>> + Send>>;

impl Worker {
    /// Listens until there is a good reason to end. Whatever takes it off the stream is told before it waits.
    ///
    /// What is done only now and then is boxed: the task holds room for the largest of all that it ever does, and a
    /// call takes far more of it than the wait for the next notification. So is the stream, which would have room
    /// twice: where it comes from, and where it is read.
    async fn listen(&mut self) -> Error {
        loop {
            let end = match Box::pin(self.connect()).await {
                Ok(mut stream) => self.read(&mut stream).await,
                Err(error) if is_final(&error) => return error,
                Err(error) => End::Break(error),
            };
            let pause = match end {
                End::Renewal => {
                    let retry_in = self.settings.base_delay;
                    self.buffer.push(ListenEvent::Renewing { retry_in });
                    retry_in
                }
                End::Break(reason) => {
                    let retry_in = self.after_break(&reason);
                    self.buffer.push(ListenEvent::Disconnected { reason, retry_in });
                    retry_in
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Sees to what a break means for the next stream. Returns how long to wait before that is opened.
    fn after_break(&mut self, reason: &Error) -> Duration {
        match reason.kind() {
            ErrorKind::ReplayOverflow { since_seq, oldest_seq } => {
                self.position.overflown(oldest_seq);
                let missed = oldest_seq.saturating_sub(since_seq).saturating_sub(1);
                self.gap = Some(Gap::Overflow { missed });
            }
            kind => {
                // Also where it broke off while it was opened: the backend may have seen it as open.
                if matches!(kind, ErrorKind::Interrupted | ErrorKind::TimedOut) {
                    self.renew_at = Some(Instant::now() + OLD_CONNECTION);
                }
                self.dedup.forget_chats();
            }
        }
        let ListenSettings { base_delay, max_delay, stable_after, .. } = self.settings;
        if self.up_since.take().is_some_and(|since| since.elapsed() >= stable_after) {
            self.backoff = None;
        }
        self.backoff.get_or_insert_with(|| Box::new(Backoff::new(base_delay, max_delay))).next_pause()
    }

    /// Opens the stream, and asks for what no stream tells.
    async fn connect(&mut self) -> Result<Box<NotificationStream>, Error> {
        if !self.is_known {
            self.introduce().await?;
            self.is_known = true;
        }
        if self.position.since().is_none() {
            let last = self.drain().await?;
            self.position.begin(last);
        }
        let stream = Box::new(self.open().await?);
        // What came before the stream was there is told by no frame, but it is in the inbox.
        self.drain().await?;
        self.buffer.push(ListenEvent::Connected);

        let now = Instant::now();
        self.up_since.get_or_insert(now);
        // Whatever the backend had to find out about an old connection, it knew before this stream was opened.
        self.renew_at = self.renew_at.filter(|time| *time > now);
        // Those that came back together, after a restart of the backend, do not ask together each time.
        let half = self.settings.drain_every / 2;
        self.drain_after = Backoff::new(half, half).next_pause();
        Ok(stream)
    }

    /// Finds out whom it listens for, and takes that user.
    async fn introduce(&self) -> Result<(), Error> {
        let me = Me::new(&self.session).whoami().await?;
        if me.kind == UserKind::Human {
            return Err(refusal(
                "the backend tells people nothing, only agents; ask from time to time: notifications().drain() brings \
                 a person the chats with unread messages, and what else there is, such as requests for a \
                 relationship, is in the lists",
            ));
        }
        match self.claims.take(me.id) {
            Some(claim) => {
                self.buffer.keep(claim);
                Ok(())
            }
            None => Err(Error::without_call(
                ErrorKind::AlreadyListening,
                "another listener listens for this user, and the backend tells only one; share that one",
            )),
        }
    }

    /// Opens the stream where it broke off.
    async fn open(&mut self) -> Result<NotificationStream, Error> {
        let mut request = OpenStream::new(&self.session).silence(self.settings.silence);
        if let Some(seq) = self.position.since() {
            request = request.since(seq);
        }
        match request.await {
            Ok(stream) => {
                self.position.opened(Instant::now());
                Ok(stream)
            }
            // The backend says so of a token that is not good, but of other things too.
            Err(error) if matches!(error.status(), Some(403 | 500)) => {
                Me::new(&self.session).whoami().await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for all that is in the inbox, and returns the last number.
    async fn drain(&mut self) -> Result<Option<u64>, Error> {
        self.before_drain();
        match Notifications::new(&self.session, &self.claims).drain().await {
            Ok(drained) => {
                // Where it brought something without a number, the stream brings all that the backend holds.
                let last = drained.last().map(|_| numbers(&drained).map_or(0, |(_, last)| last));
                self.told_by_drain(drained);
                Ok(last)
            }
            Err(error) => {
                self.position.drain_failed();
                Err(error)
            }
        }
    }

    /// Reads a stream to its end, and drains the inbox from time to time.
    async fn read(&mut self, stream: &mut NotificationStream) -> End {
        let mut drain: Option<Drain> = None;
        let mut due = pin!(tokio::time::sleep_until(self.due()));
        let mut steps = 0_u64;
        loop {
            self.buffer.room().await;
            let step = poll_fn(|context| {
                // Before the stream, which may have so much to tell that nothing else ever has a turn.
                if let Some(Poll::Ready(outcome)) = drain.as_mut().map(|drain| drain.as_mut().poll(context)) {
                    return Poll::Ready(Step::Drained(outcome));
                }
                match stream.poll_told(context) {
                    Poll::Ready(Some(Ok(told))) => Poll::Ready(Step::Told(told)),
                    Poll::Ready(Some(Err(error))) => Poll::Ready(Step::Over(error)),
                    // It is not asked again after it has told how it ended.
                    Poll::Ready(None) => Poll::Pending,
                    Poll::Pending if drain.is_some() => Poll::Pending,
                    Poll::Pending => due.as_mut().poll(context).map(|()| Step::Due),
                }
            });
            if let Some(end) = self.take(step.await, &mut drain) {
                return end;
            }
            let due_at = self.due();
            if due.deadline() != due_at {
                due.as_mut().reset(due_at);
            }
            // Many may have come at once. Whoever takes them has a turn while they are still in the processor's caches.
            steps += 1;
            if steps.is_multiple_of(TURN) {
                yield_now().await;
            }
        }
    }

    /// Does what is to be done now. Returns how the stream ended, if it has.
    fn take(&mut self, step: Step, drain: &mut Option<Drain>) -> Option<End> {
        match step {
            Step::Told(Some(StreamedNotification { notification, .. })) => {
                // It may stand for anything, a message as well.
                if matches!(&notification.event, NotificationEvent::Other(name) if name.is_empty()) {
                    self.drain_soon();
                }
                self.told_by_stream(notification, drain.is_some());
            }
            Step::Told(None) => {
                self.has_missed = true;
                self.drain_soon();
            }
            Step::Over(error) => {
                let is_stuck = matches!(error.kind(), ErrorKind::MalformedResponse | ErrorKind::ResponseTooLarge);
                self.has_missed |= is_stuck && self.position.stuck();
                return Some(End::Break(error));
            }
            Step::Drained(Ok(drained)) => {
                *drain = None;
                self.told_by_drain(drained);
                if self.has_missed {
                    self.drain_soon();
                }
            }
            // What the response carried is sent again by the next stream.
            Step::Drained(Err(error)) => return Some(End::Break(error)),
            Step::Due if self.renew_at.take_if(|time| *time <= Instant::now()).is_some() => return Some(End::Renewal),
            Step::Due => {
                self.before_drain();
                let (session, claims) = (self.session.clone(), Arc::clone(&self.claims));
                *drain = Some(Box::pin(async move { Notifications::new(&session, &claims).drain().await }));
            }
        }
        None
    }

    /// When there is something to do beside reading.
    fn due(&self) -> Instant {
        let drain_at = self.drained_at.checked_add(self.drain_after).unwrap_or_else(|| self.drained_at + NEVER);
        self.renew_at.map_or(drain_at, |renew_at| renew_at.min(drain_at))
    }

    /// What was missed up to here is healed by the drain that begins now.
    fn before_drain(&mut self) {
        if std::mem::take(&mut self.has_missed) {
            self.gap.get_or_insert(Gap::Unreadable);
        }
    }

    /// Has the inbox drained without waiting for its time, but not again and again without a pause.
    fn drain_soon(&mut self) {
        self.drain_after = self.drain_after.min(self.settings.base_delay);
    }

    fn told_by_stream(&mut self, notification: Notification, is_draining: bool) {
        let now = Instant::now();
        let is_restarted = self.position.streamed(notification.seq, is_draining, now);
        if is_restarted {
            self.dedup.forget_numbers();
        }
        self.tell(notification, now);
        if is_restarted {
            self.buffer.push(ListenEvent::Gap(Gap::Restarted));
        }
    }

    fn told_by_drain(&mut self, drained: Vec<Notification>) {
        let now = Instant::now();
        (self.drained_at, self.drain_after) = (now, self.settings.drain_every);
        if let Some((first, last)) = numbers(&drained)
            && self.position.drained(first, last, now)
        {
            self.dedup.forget_numbers();
            self.gap = Some(Gap::Restarted);
        }
        for notification in drained {
            self.tell(notification, now);
        }
        if let Some(gap) = self.gap.take() {
            self.buffer.push(ListenEvent::Gap(gap));
        }
    }

    fn tell(&mut self, notification: Notification, now: Instant) {
        if self.dedup.is_new(&notification, now) {
            self.buffer.push(ListenEvent::Notification(notification));
        }
    }
}

/// The first and the last number of what a drain brought. 0 stands for none.
fn numbers(drained: &[Notification]) -> Option<(u64, u64)> {
    let mut numbers = drained.iter().map(|notification| notification.seq).filter(|seq| *seq > 0);
    let first = numbers.next()?;
    Some((first, numbers.next_back().unwrap_or(first)))
}

/// Whether no further try would mend it.
fn is_final(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Unauthorized
        | ErrorKind::ProxyCredentials
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::InvalidInput
        | ErrorKind::AlreadyListening => true,
        // A backend that does not implement the stream.
        _ => error.status() == Some(501),
    }
}
