//! Calls and streams without a runtime of one's own: for scripts, and for programs that are not async.
//!
//! [`Call::call`] makes a call and waits for its answer; [`Iterate::iterate`] makes an iterator of a stream. Both take what
//! the async methods return, whatever that is: there is no second client, and no second set of methods.
//!
//! What goes on in the background, such as connections that are kept, is done by one thread for all clients, which is
//! started by the first call. A future is polled by the thread that waits for it.

use std::pin::Pin;
use std::sync::OnceLock;

use futures::{Stream, StreamExt};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Misuse;

/// Makes calls wait for their answers. It is implemented for every method of a client that is to be awaited, and for every
/// request.
pub trait Call: IntoFuture<Output = Result<Self::Value, Self::Error>> + Sized {
    /// What the call brings.
    type Value;
    /// Why it failed.
    type Error: Misuse;

    /// Makes the call, and waits until it is over.
    ///
    /// # Errors
    ///
    /// Those of the call. And `InvalidInput`, before anything is sent, in a thread that belongs to a tokio runtime, which
    /// would stand still: await the call there instead. In `spawn_blocking`, hand it to `Handle::current().block_on`.
    fn call(self) -> Result<Self::Value, Self::Error> {
        let runtime = runtime_for_this_thread().map_err(Self::Error::misuse)?;
        runtime.block_on(self.into_future())
    }
}

impl<F: IntoFuture<Output = Result<T, E>>, T, E: Misuse> Call for F {
    type Value = T;
    type Error = E;
}

/// Makes iterators of streams. It is implemented for every stream of a client, and for a `&mut` of one, which is then still
/// there behind the loop.
pub trait Iterate: Stream<Item = Result<Self::Value, Self::Error>> + Sized {
    /// What it brings.
    type Value;
    /// Why it ends before its time.
    type Error: Misuse;

    /// The stream as an iterator, which waits for each item.
    ///
    /// Its errors are those of the stream; and, in a thread that belongs to a tokio runtime, `InvalidInput`, after which
    /// there is nothing more.
    fn iterate(self) -> Iter<Self> {
        Iter { stream: Some(Box::pin(self)) }
    }
}

impl<S: Stream<Item = Result<T, E>>, T, E: Misuse> Iterate for S {
    type Value = T;
    type Error = E;
}

/// The items of a stream; from [`Iterate::iterate`].
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is asked for its items"]
pub struct Iter<S> {
    stream: Option<Pin<Box<S>>>,
}

impl<S: Iterate> Iterator for Iter<S> {
    type Item = Result<S::Value, S::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let stream = self.stream.as_mut()?;
        let next = match runtime_for_this_thread() {
            Ok(runtime) => runtime.block_on(stream.next()),
            Err(line) => {
                self.stream = None;
                return Some(Err(S::Error::misuse(line)));
            }
        };
        if next.is_none() {
            self.stream = None;
        }
        next
    }
}

/// Runs a function that wants to be called in a runtime, though it is not async: one that starts something which goes on
/// by itself, such as a listener.
pub fn within<T>(function: impl FnOnce() -> T) -> T {
    let _entered = match runtime_for_this_thread() {
        Ok(runtime) => Some(runtime.enter()),
        // In a runtime it is already; or there is none to be had, and the function says what it lacks.
        Err(_) => None,
    };
    function()
}

/// What calls are waited for with.
///
/// # Errors
///
/// What to do, where this thread belongs to another one, or where none can be had.
fn runtime_for_this_thread() -> Result<&'static Runtime, String> {
    /// It has a thread of its own, so that connections are looked after while nobody waits.
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();

    if Handle::try_current().is_ok() {
        let line = "this thread belongs to a tokio runtime, which a call that waits would bring to a stand; await it \
                    instead, or, in spawn_blocking, hand it to Handle::current().block_on";
        return Err(line.to_owned());
    }
    let runtime = RUNTIME.get_or_init(|| {
        let made = Builder::new_multi_thread().worker_threads(1).thread_name("agent-platform").enable_all().build();
        made.map_err(|error| format!("no thread for blocking calls could be started ({error})"))
    });
    runtime.as_ref().map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Misused(String);

    impl Misuse for Misused {
        fn misuse(line: String) -> Self {
            Self(line)
        }
    }

    fn items() -> impl Stream<Item = Result<u8, Misused>> + Unpin {
        stream::iter([Ok(1), Err(Misused("broke".to_owned())), Ok(2)])
    }

    #[test]
    fn an_iterator_brings_what_the_stream_brings() {
        let broke = Err(Misused("broke".to_owned()));
        assert_eq!(items().iterate().collect::<Vec<_>>(), [Ok(1), broke, Ok(2)]);
        let mut stream = items();
        assert_eq!((&mut stream).iterate().next(), Some(Ok(1)));
        assert_eq!(stream.iterate().count(), 2);
    }

    #[tokio::test]
    async fn in_a_runtime_there_is_a_refusal_and_then_nothing_more() {
        let mut iterator = items().iterate();
        assert!(matches!(iterator.next(), Some(Err(Misused(line))) if line.contains("await it instead")));
        assert_eq!(iterator.next(), None);
    }
}
