//! The connections to one backend, which each tokio runtime has by itself.
//!
//! A connection is a task of the runtime that it was made in, and ends with that. In one pool for several runtimes, a
//! request would now and then be handed to a task that is about to end with its runtime, and nobody could tell whether
//! it was sent.

use std::fmt;
use std::future::pending;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::{self, Handle};
use tokio::task::AbortHandle;

use crate::connector::Connector;
use crate::failure::Cause;

/// The connections to one backend.
pub(crate) struct Connections {
    routes: Routes,
    of_runtimes: Mutex<Vec<OfRuntime>>,
}

/// How connections are made.
pub(crate) struct Routes {
    /// For calls.
    pub(crate) calls: Connector,
    /// For what is to become a WebSocket, where that goes another way than calls do.
    #[cfg(feature = "websocket")]
    pub(crate) streams: Option<Connector>,
    /// How long one is kept that nothing is sent over.
    pub(crate) idle_connection: Duration,
}

/// What one runtime has.
struct OfRuntime {
    runtime: runtime::Id,
    /// A task of the runtime that waits for nothing, and so is finished once the runtime has ended.
    watch: AbortHandle,
    /// What the runtime lacks, if anything.
    pools: Result<Arc<Pools>, &'static str>,
}

impl OfRuntime {
    fn has_ended(&self) -> bool {
        self.watch.is_finished()
    }
}

impl Drop for OfRuntime {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// Pools of connections, with what sends requests over them.
pub(crate) struct Pools {
    pub(crate) calls: Pool,
    #[cfg(feature = "websocket")]
    pub(crate) streams: Pool,
}

pub(crate) type Pool = legacy::Client<Connector, reqwest::Body>;

impl Connections {
    pub(crate) fn new(routes: Routes) -> Self {
        Self { routes, of_runtimes: Mutex::default() }
    }

    /// Those of the runtime that this is called in.
    ///
    /// # Errors
    ///
    /// If this is called in none, or in one that lacks what it takes to make a connection.
    pub(crate) fn of_this_runtime(&self) -> Result<Arc<Pools>, Cause> {
        let no_runtime = |_| Cause::Unsendable("a call needs a tokio runtime; make it inside of one");
        let runtime = Handle::try_current().map_err(no_runtime)?;
        let id = runtime.id();
        let mut all = self.of_runtimes.lock().unwrap_or_else(PoisonError::into_inner);
        // One that has ended may have had the same id.
        if let Some(own) = all.iter().find(|other| other.runtime == id && !other.has_ended()) {
            return own.pools.clone().map_err(Cause::Unsendable);
        }
        let pools = match lack() {
            Some(lack) => Err(lack),
            None => Ok(Arc::new(self.routes.pools())),
        };
        let watch = runtime.spawn(pending::<()>()).abort_handle();
        all.retain(|other| !other.has_ended());
        all.push(OfRuntime { runtime: id, watch, pools: pools.clone() });
        pools.map_err(Cause::Unsendable)
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

impl Routes {
    fn pools(&self) -> Pools {
        let calls = self.pool(&self.calls);
        Pools {
            #[cfg(feature = "websocket")]
            streams: self.streams.as_ref().map_or_else(|| calls.clone(), |connector| self.pool(connector)),
            calls,
        }
    }

    fn pool(&self, connector: &Connector) -> Pool {
        legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.idle_connection)
            .build(connector.clone())
    }
}

/// Says what the runtime lacks that this is called in, but for IO, whose lack shows when a connection is made. tokio has
/// no other way to ask for its drivers than to use them, and panics where they are not there.
fn lack() -> Option<&'static str> {
    // Not polled: that would set a timer, and wake the runtime for it.
    let has_time = catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO)));
    has_time
        .err()
        .map(|_| "a call needs timers, which its tokio runtime was built without; call enable_all on the builder")
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;
    use crate::dial::Ways;
    use crate::tls::TlsSettings;

    fn connections() -> Connections {
        let tls = TlsSettings::default().unused().unwrap();
        let calls = Connector::new(&Ways::default(), None, false, tls, Duration::from_secs(1));
        Connections::new(Routes { calls, streams: None, idle_connection: Duration::from_secs(1) })
    }

    fn in_a_runtime<T>(work: impl FnOnce() -> T) -> T {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async { work() })
    }

    #[test]
    fn nothing_is_kept_of_runtimes_that_have_ended() {
        let connections = connections();
        let pools = in_a_runtime(|| Arc::downgrade(&connections.of_this_runtime().unwrap()));
        for _ in 0..20 {
            in_a_runtime(|| connections.of_this_runtime().unwrap());
            assert_eq!(connections.of_runtimes.lock().unwrap().len(), 1, "all but the last one");
        }
        assert!(pools.upgrade().is_none());
    }

    #[test]
    fn a_runtime_has_the_same_pools_as_long_as_it_lives() {
        let connections = connections();
        in_a_runtime(|| {
            let first = connections.of_this_runtime().unwrap();
            std::thread::scope(|scope| {
                scope.spawn(|| in_a_runtime(|| assert!(!Arc::ptr_eq(&first, &connections.of_this_runtime().unwrap()))));
            });
            assert!(Arc::ptr_eq(&first, &connections.of_this_runtime().unwrap()));
        });
    }

    #[tokio::test]
    async fn what_watches_a_runtime_ends_with_the_connections() {
        let runtime = Handle::current();
        let connections = connections();
        let before = runtime.metrics().num_alive_tasks();
        connections.of_this_runtime().unwrap();
        assert_eq!(runtime.metrics().num_alive_tasks(), before + 1);
        drop(connections);
        while runtime.metrics().num_alive_tasks() > before {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn what_a_runtime_lacks_is_told_before_it_is_missed() {
        let lacking = |builder: &mut Builder| {
            let runtime = builder.build().unwrap();
            match runtime.block_on(async { connections().of_this_runtime() }) {
                Ok(_) => None,
                Err(Cause::Unsendable(problem)) => Some(problem),
                Err(cause) => panic!("{cause:?}"),
            }
        };
        let timers =
            Some("a call needs timers, which its tokio runtime was built without; call enable_all on the builder");
        assert_eq!(lacking(&mut Builder::new_current_thread()), timers);
        assert_eq!(lacking(Builder::new_current_thread().enable_io()), timers);
        assert_eq!(lacking(Builder::new_current_thread().enable_time()), None, "it shows later");
        assert_eq!(lacking(Builder::new_current_thread().enable_all()), None);
        assert!(
            matches!(connections().of_this_runtime(), Err(Cause::Unsendable(problem)) if problem.contains("inside of one"))
        );
    }
}
