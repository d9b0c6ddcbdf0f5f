//! Schedules that start their tasks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use crate::{
    app::{App, Insides},
    error::Failure,
    routes,
    store::{Db, accounts},
};

/// The time by which schedules go: the present one, and what it was put forward by.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_in_seconds: AtomicI64,
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead_in_seconds.load(Ordering::Relaxed));
        // Beyond the calendar it stands still.
        Timestamp::now().checked_add(ahead).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn put_forward(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.ahead_in_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// Starts tasks as their schedules say, until the backend stops.
pub(crate) async fn fire(insides: Arc<Insides>) {
    let closed = insides.closing.closed();
    let firing = async {
        // A database that is closed has no schedules any more.
        while let Ok(next) = fire_due(&insides) {
            let changed = insides.scheduled.notified();
            match next.map(|next| next.duration_since(insides.clock.now())) {
                Some(wait) => drop(timeout(wait.try_into().unwrap_or_default(), changed).await),
                None => changed.await,
            }
        }
    };
    tokio::select! {
        () = firing => {}
        () = closed => {}
    }
}

/// Starts the tasks that are due by now; when the next one is.
pub(crate) fn fire_due(insides: &Arc<Insides>) -> Result<Option<Timestamp>, Failure> {
    let mut next: Option<Timestamp> = None;
    for account in insides.transact(|db| Ok(accounts::all(db)?))? {
        let due = insides.transact(|db| routes::scheduled(&Db::of(db, account)))?;
        let app = App::of(insides, account);
        for (trigger, at) in due {
            let at = if at <= insides.clock.now() { routes::fire(&app, trigger)? } else { Some(at) };
            next = next.into_iter().chain(at).min();
        }
    }
    Ok(next)
}
