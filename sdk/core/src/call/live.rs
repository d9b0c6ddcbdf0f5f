//! A body that is still to come when its call is over.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::{Instant, Sleep};

use super::Call;
use crate::answer::Answer;
use crate::failure::{Cause, Failure, Limit};
use crate::limits::FAR_AWAY;

/// The body of an answer, as it comes, with a limit on silence in place of those on time.
pub(crate) struct LiveBody {
    /// `None` when it is over, which closes the connection where there would be more.
    answer: Option<Answer>,
    headers: HeaderMap,
    call: Call,
    silence: Duration,
    /// Since when it is asked for more and nothing is there.
    waiting: Option<Instant>,
    /// Made once: what comes does not touch it, so that it may ring too early.
    timer: Option<Pin<Box<Sleep>>>,
}

impl LiveBody {
    pub(super) fn new(answer: Answer, call: Call) -> Self {
        let silence = call.shared.rules.silence;
        let headers = answer.headers().clone();
        Self { answer: Some(answer), headers, call, silence, waiting: None, timer: None }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) fn set_silence(&mut self, limit: Duration) {
        self.silence = limit;
        (self.waiting, self.timer) = (None, None);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.answer.is_none()
    }

    /// The next piece. After the end, and after an error, there is none.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cause>>> {
        let Some(answer) = &mut self.answer else { return Poll::Ready(None) };
        let came = match answer.poll_chunk(context) {
            Poll::Ready(came) => came,
            Poll::Pending => {
                let end = *self.waiting.get_or_insert_with(Instant::now) + self.silence.min(FAR_AWAY);
                let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
                while timer.as_mut().poll(context).is_ready() {
                    if timer.deadline() >= end {
                        self.answer = None;
                        return Poll::Ready(Some(Err(Cause::TimedOut { limit: Limit::Silence, after: self.silence })));
                    }
                    timer.as_mut().reset(end);
                }
                return Poll::Pending;
            }
        };
        self.waiting = None;
        if !matches!(came, Some(Ok(_))) {
            self.answer = None;
        }
        Poll::Ready(came)
    }

    /// The failure of the call whose body this is.
    pub(crate) fn failure(&self, cause: Cause) -> Failure {
        self.call.failure(cause)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncWriteExt, DuplexStream};

    use super::*;
    use crate::testing;
    use crate::transport::Transport;

    const SILENCE: Duration = Duration::from_secs(60);

    /// A body that is to come over a connection without a network, so that the clock can be the test's.
    async fn live() -> (LiveBody, DuplexStream) {
        let (answer, peer) = testing::answer(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
        let transport = Transport::builder().silence(SILENCE).build(&testing::URL.parse().unwrap()).unwrap();
        (LiveBody::new(answer, transport.call(None)), peer)
    }

    async fn next(body: &mut LiveBody) -> Option<Result<Bytes, Cause>> {
        poll_fn(|context| body.poll_next(context)).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_keeps_silent_is_over() {
        let (mut body, mut peer) = live().await;
        for _ in 0..3 {
            let sent = async {
                tokio::time::sleep(SILENCE - Duration::from_secs(1)).await;
                peer.write_all(b": alive\n").await.unwrap();
            };
            let (came, ()) = tokio::join!(next(&mut body), sent);
            assert_eq!(came.unwrap().unwrap(), ": alive\n");
        }
        let begun = Instant::now();
        let end = next(&mut body).await;
        assert!(matches!(end, Some(Err(Cause::TimedOut { limit: Limit::Silence, after: SILENCE }))), "{end:?}");
        assert_eq!(begun.elapsed().as_secs(), SILENCE.as_secs());
        assert!(next(&mut body).await.is_none() && body.is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn a_program_that_looks_elsewhere_is_no_silence() {
        let (mut body, mut peer) = live().await;
        peer.write_all(b"1").await.unwrap();
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "1");
        tokio::time::sleep(SILENCE * 10).await;
        peer.write_all(b"2").await.unwrap();
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "2");
        drop(peer);
        assert!(next(&mut body).await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn its_limit_on_silence_can_be_another() {
        let (mut body, _peer) = live().await;
        body.set_silence(Duration::from_secs(5));
        let begun = Instant::now();
        assert!(next(&mut body).await.unwrap().is_err());
        assert_eq!(begun.elapsed().as_secs(), 5);
        // None is a long one.
        let (mut body, _peer) = live().await;
        body.set_silence(Duration::MAX);
        let waited = tokio::time::timeout(SILENCE * 1000, next(&mut body)).await;
        assert!(waited.is_err());
    }
}
