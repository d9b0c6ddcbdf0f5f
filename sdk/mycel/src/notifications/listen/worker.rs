//! The task of a listener: connects, drains, reads, and connects again.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use agent_platform_core::Backoff;
use futures::future::{Either, select};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::buffer::Buffer;
use super::dedup::Dedup;
use super::{Claims, Gap, ListenEvent, ListenSettings};
use crate::error::{Error, ErrorKind};
use crate::me::Me;
use crate::model::{Notification, UserKind};
use crate::notifications::Notifications;
use crate::notifications::stream::{NotificationStream, OpenStream};
use crate::platform::Session;

/// How long after a connection that broke off the backend may still take the old one for alive: it pings every
/// 20 s and waits as long for the answer. When it finds the old one dead it takes the listener away, the new
/// one included, so the stream is opened once more after that.
const OLD_CONNECTION: Duration = Duration::from_secs(60);

/// How long after its opening a stream may still bring what came before. A notification that comes at that moment
/// may overtake them.
const SETTLING: Duration = Duration::from_secs(5);

/// How many notifications that came at once are read before others have a turn.
const TURN: u64 = 4;

/// An argument that is refused before anything is sent.
pub(super) fn refusal(problem: &str) -> Error {
    Error::invalid_input(None, problem)
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
    let mut worker = Worker {
        session,
        claims,
        settings,
        buffer,
        backoff: None,
        dedup: Dedup::default(),
        cursor: None,
        opened_at: None,
        settled_at: Instant::now(),
        gap: None,
        renew_at: None,
    };
    async move {
        let reason = match select(pin!(worker.listen()), pin!(stop.notified())).await {
            Either::Left((reason, _)) => reason,
            Either::Right(((), _)) => Error::of_listening(ErrorKind::Stopped, "the listener was stopped"),
        };
        ending.0.finish(reason);
    }
}

/// Tells the user that the task has ended, also where it was ended from outside.
struct Ending(Arc<Buffer>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.finish(Error::of_listening(ErrorKind::Stopped, "the tokio runtime of the listener has ended"));
    }
}

struct Worker {
    session: Session,
    claims: Arc<Claims>,
    settings: ListenSettings,
    buffer: Arc<Buffer>,
    /// Where the pauses have got to; none as long as the last connection was stable.
    backoff: Option<Box<Backoff>>,
    dedup: Dedup,
    /// Up to where everything has been told, which is where a stream goes on from. `None` until the first stream
    /// is open: nothing came before that the inbox does not hold.
    cursor: Option<u64>,
    /// Where the present stream has gone on from: all numbers that the backend gives since are greater.
    opened_at: Option<u64>,
    /// When the present stream has brought all that came before it.
    settled_at: Instant,
    /// To be told after the next drain, which heals it.
    gap: Option<Gap>,
    /// When the stream is to be opened once more although nothing is wrong with it.
    renew_at: Option<Instant>,
}

/// How a connection ended.
enum End {
    /// It is to be made again at once: nothing is wrong with the backend.
    Renew,
    /// It failed.
    Failed(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Worker {
    /// Listens until there is a good reason to end.
    ///
    /// What is done only now and then is boxed: the task holds room for the largest of all that it ever does, and a
    /// call takes far more of it than the wait for the next notification.
    async fn listen(&mut self) -> Error {
        let mut is_known = false;
        loop {
            let begun = Instant::now();
            let mut end = if is_known { Ok(()) } else { Box::pin(self.introduce()).await };
            if end.is_ok() {
                is_known = true;
                end = match self.connection().await {
                    End::Renew => Ok(()),
                    End::Failed(error) => Err(error),
                };
            }
            let was_stable = begun.elapsed() >= self.settings.stable_after;
            if was_stable {
                self.backoff = None;
            }
            let pause = match end {
                Err(reason) if is_final(&reason) => return reason,
                Err(reason) => {
                    let retry_in = self.next_pause();
                    self.buffer.push(ListenEvent::Disconnected { reason, retry_in });
                    retry_in
                }
                Ok(()) if was_stable => Duration::ZERO,
                // A backend that wants a renewal at once, and again, is not to be asked without end.
                Ok(()) => self.next_pause(),
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// How long to wait before the next connection.
    fn next_pause(&mut self) -> Duration {
        let ListenSettings { base_delay, max_delay, .. } = self.settings;
        self.backoff.get_or_insert_with(|| Box::new(Backoff::new(base_delay, max_delay))).next_pause()
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
            None => Err(Error::of_listening(
                ErrorKind::AlreadyListening,
                "another listener listens for this user, and the backend tells only one; share that one",
            )),
        }
    }

    /// One connection, from its opening to its end.
    async fn connection(&mut self) -> End {
        match self.connect_and_read().await {
            Ok(never) => match never {},
            Err(End::Renew) => End::Renew,
            Err(End::Failed(error)) => {
                if let ErrorKind::ReplayOverflow { since_seq, oldest_seq } = error.kind() {
                    // What is still held is sent when it is asked for from there.
                    self.cursor = Some(oldest_seq.saturating_sub(1));
                    let missed = oldest_seq.saturating_sub(since_seq).saturating_sub(1);
                    self.gap = Some(Gap::Overflow { missed });
                    return End::Renew;
                }
                // Also where it broke off while it was opened: the backend may have seen it as open.
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::TimedOut) {
                    self.renew_at = Some(Instant::now() + OLD_CONNECTION);
                }
                self.dedup.forget_chats();
                End::Failed(error)
            }
        }
    }

    async fn connect_and_read(&mut self) -> Result<Infallible, End> {
        if self.cursor.is_none() {
            // Before there is a stream, nothing is on its way, so the numbers of a drain can be gone on from.
            self.cursor = Box::pin(self.drain()).await?;
        }
        let mut stream = Box::pin(self.open()).await?;
        // What came before the stream was there is told by no frame, but it is in the inbox.
        Box::pin(self.drain()).await?;
        if let Some(gap) = self.gap.take() {
            self.buffer.push(ListenEvent::Gap(gap));
        }
        self.buffer.push(ListenEvent::Connected);
        let mut read = 0_u64;
        loop {
            self.buffer.room().await;
            let notification = self.next(&mut stream).await?;
            self.told_by_stream(notification);
            // Many may have come at once. Whoever takes them has a turn while they are still in the processor's caches.
            read += 1;
            if read.is_multiple_of(TURN) {
                yield_now().await;
            }
        }
    }

    /// Opens the stream where it broke off.
    async fn open(&mut self) -> Result<NotificationStream, End> {
        let mut request = OpenStream::new(&self.session).silence(self.settings.silence);
        if let Some(seq) = self.cursor {
            request = request.since(seq);
        }
        match request.await {
            Ok(stream) => {
                self.opened_at = self.cursor;
                self.settled_at = Instant::now() + SETTLING;
                // Should this stream break off before it has told anything: 0 asks for all that the backend holds.
                self.cursor.get_or_insert(0);
                Ok(stream)
            }
            // The backend says so of a token that is not good, but of other things too.
            Err(error) if matches!(error.status(), Some(403 | 500)) => {
                Me::new(&self.session).whoami().await?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The next notification, unless it is time to renew the stream.
    async fn next(&mut self, stream: &mut NotificationStream) -> Result<Notification, End> {
        let next = match self.renew_at {
            None => stream.next().await,
            // Boxed, as it is for the minute after a break alone.
            Some(time) => match Box::pin(tokio::time::timeout_at(time, stream.next())).await {
                Ok(next) => next,
                Err(_) => {
                    self.renew_at = None;
                    return Err(End::Renew);
                }
            },
        };
        match next {
            Some(Ok(streamed)) => Ok(streamed.notification),
            Some(Err(error)) => Err(error.into()),
            // It is not asked again after it has told how it ended.
            None => Err(End::Renew),
        }
    }

    /// Asks for all that is in the inbox, and returns the last number.
    async fn drain(&mut self) -> Result<Option<u64>, End> {
        let drained = match Notifications::new(&self.session, &self.claims).drain().await {
            Ok(drained) => drained,
            Err(error) => {
                // What the response carried may be gone from the inbox, and is sent again by the stream.
                self.cursor.get_or_insert(0);
                return Err(error.into());
            }
        };
        if let (Some(first), Some(last)) = (drained.first(), drained.last()) {
            // A drain gives new numbers to all that it brings.
            self.look_for_restart(first.seq);
            // Otherwise frames with lower numbers may be on their way, and must not be skipped.
            if self.cursor.is_some_and(|cursor| first.seq == cursor.saturating_add(1)) {
                self.cursor = Some(last.seq);
            }
        }
        let last = drained.last().map(|notification| notification.seq);
        let now = Instant::now();
        for notification in drained {
            self.tell(notification, now);
        }
        Ok(last)
    }

    fn told_by_stream(&mut self, notification: Notification) {
        let now = Instant::now();
        self.look_for_restart(notification.seq);
        let follows = self.cursor.is_some_and(|cursor| notification.seq == cursor.saturating_add(1));
        if follows || now >= self.settled_at {
            self.cursor = Some(notification.seq);
        }
        self.tell(notification, now);
        if let Some(gap) = self.gap.take() {
            self.buffer.push(ListenEvent::Gap(gap));
        }
    }

    /// Numbers that went back are those of a backend that was restarted and counts anew.
    fn look_for_restart(&mut self, seq: u64) {
        if self.opened_at.is_some_and(|opened_at| seq <= opened_at) {
            self.opened_at = None;
            self.cursor = Some(0);
            self.gap = Some(Gap::Restarted);
            self.dedup.forget_numbers();
        }
    }

    fn tell(&mut self, notification: Notification, now: Instant) {
        if self.dedup.is_new(&notification, now) {
            self.buffer.push(ListenEvent::Notification(notification));
        }
    }
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
