//! Runs that are begun and waited for in one.

use std::time::Duration;

use tokio::runtime::Handle;
use tracing::Instrument;

use super::Runs;
use super::wait::{Waiting, is_passing};
use crate::error::{Error, ErrorKind};
use crate::id::RunId;
use crate::model::{Run, RunStatus};
use crate::platform::{Session, session_for};

/// Begins a turn, and waits for its end. Where that takes too long, or where nobody waits any more, the turn is cancelled,
/// unless it was queued behind one that somebody else has begun.
pub(crate) async fn begin_and_wait(
    session: &Session,
    waiting: &Waiting<'_>,
    begin: impl Future<Output = Result<Run, Error>> + Send + 'static,
) -> Result<Run, Error> {
    let scope = session.clone();
    let begun = async move {
        let run = begin.await?;
        let turn = Turn::of(&scope, &run);
        Ok::<_, Error>((run, turn))
    };
    let (run, mut turn) = match Handle::try_current() {
        // In a task of its own: it goes on to know the run, where nobody waits any more, and drops the turn then.
        Ok(runtime) => match runtime.spawn(begun.in_current_span()).await {
            Ok(begun) => begun?,
            Err(_) => {
                let line =
                    "the tokio runtime ended before it was known which run was begun; look for it in the list of runs";
                return Err(Error::without_call(ErrorKind::Interrupted, line));
            }
        },
        Err(_) => begun.await?,
    };
    let queued = run.queued_message_id.filter(|_| turn.is_queued);
    match waiting.until_over(&turn.session, run.id, queued).await {
        Err(error) if error.kind() == ErrorKind::TimedOut && !turn.is_queued => turn.cancel(error).await,
        outcome => {
            turn.is_open = false;
            outcome
        }
    }
}

/// A turn that was begun to be waited for. Dropped while it is open, it is cancelled.
struct Turn {
    session: Session,
    run: RunId,
    is_queued: bool,
    is_open: bool,
}

impl Turn {
    fn of(session: &Session, run: &Run) -> Self {
        let session = session_for(session, run.user_id.as_ref());
        let is_queued = run.delivery.as_deref() == Some("queued");
        Self { session, run: run.id, is_queued, is_open: !is_queued && !run.status.is_terminal() }
    }

    /// Cancels it, since it was not over in time: the run where it was over after all, or the error.
    async fn cancel(&mut self, late: Error) -> Result<Run, Error> {
        match cancel(&self.session, self.run).await {
            Ok(run) => {
                self.is_open = false;
                if is_well(&run) { Ok(run) } else { Err(late.with_run(run)) }
            }
            // It stays open: that is tried again behind the caller's back.
            Err(error) if is_passing(&error) => Err(late),
            Err(_) => {
                self.is_open = false;
                Err(late)
            }
        }
    }
}

impl Drop for Turn {
    #[inline]
    fn drop(&mut self) {
        if let (true, Ok(runtime)) = (self.is_open, Handle::try_current()) {
            let (session, run) = (self.session.clone(), self.run);
            runtime.spawn(async move { cancel_at_last(&session, run).await }.in_current_span());
        }
    }
}

/// Whether a run has come to an end of its own.
fn is_well(run: &Run) -> bool {
    run.status.is_terminal() && run.status != RunStatus::Cancelled
}

/// Cancels a run: the run as it is then, also where it was over already.
async fn cancel(session: &Session, run: RunId) -> Result<Run, Error> {
    let runs = Runs::new(session);
    match runs.cancel(run).await {
        Err(error) if error.kind() == ErrorKind::Conflict => runs.get(run).await,
        outcome => outcome,
    }
}

/// Cancels a run, however often the backend can't be reached in between: for a minute or so.
async fn cancel_at_last(session: &Session, run: RunId) {
    for pause in [1, 2, 4, 8, 16, 32, 0] {
        match cancel(session, run).await {
            Err(error) if is_passing(&error) && pause > 0 => tokio::time::sleep(Duration::from_secs(pause)).await,
            Err(error) => {
                tracing::warn!(%run, %error, "a run that nobody waits for could not be cancelled");
                return;
            }
            Ok(_) => return,
        }
    }
}
