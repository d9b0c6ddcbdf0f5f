//! What came back of a request: the head of a response, and a body that is still to come.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use hyper::body::{Body, Frame, Incoming};
#[cfg(feature = "websocket")]
use hyper::upgrade::Upgraded;
#[cfg(feature = "websocket")]
use hyper_util::rt::TokioIo;
use reqwest::{ResponseBuilderExt, Url};

use crate::failure::Cause;

pub(crate) struct Answer {
    /// What was asked for.
    url: Url,
    response: http::Response<Incoming>,
}

impl Answer {
    pub(crate) fn new(url: Url, response: http::Response<Incoming>) -> Self {
        Self { url, response }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The headers, which it has no more.
    pub(crate) fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(self.response.headers_mut())
    }

    /// How long the body is, where the head says so.
    pub(crate) fn declared_length(&self) -> Option<u64> {
        self.response.body().size_hint().exact()
    }

    /// The next part of the body; `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Cause> {
        poll_fn(|context| self.poll_chunk(context)).await.transpose()
    }

    /// As [`chunk`](Self::chunk).
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cause>>> {
        while let Some(frame) = ready!(Pin::new(self.response.body_mut()).poll_frame(context)) {
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => return Poll::Ready(Some(Ok(data))),
                // What is no data is trailers, which nobody asked for.
                Ok(Err(_)) => {}
                Err(error) => return Poll::Ready(Some(Err(Cause::Interrupted(error.into())))),
            }
        }
        Poll::Ready(None)
    }

    /// The response with its body, and without its headers.
    pub(crate) fn in_one_piece(self, body: Bytes) -> http::Response<Bytes> {
        // Without a URL reqwest parses one that stands for none, which takes longer than all the rest of this.
        let whole = http::Response::builder().status(self.response.status()).url(self.url);
        // Nothing in it is there to be refused.
        whole.body(body).unwrap_or_default()
    }

    /// The connection, which speaks another protocol from here on.
    #[cfg(feature = "websocket")]
    pub(crate) async fn upgrade(self) -> Result<TokioIo<Upgraded>, Cause> {
        let upgraded = hyper::upgrade::on(self.response).await;
        upgraded.map(TokioIo::new).map_err(|error| Cause::Interrupted(error.into()))
    }
}
