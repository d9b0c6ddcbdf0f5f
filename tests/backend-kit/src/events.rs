//! Server-sent events, as a backend writes them.

use std::{error::Error, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt};

/// An event with this data, which may have several lines.
#[must_use]
pub fn event(data: &str) -> Bytes {
    let mut event = String::with_capacity(data.len() + 8);
    for line in data.split('\n') {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event.into()
}

/// A response of these events, each as [`event`] makes it; an error breaks the connection off. Where none comes for so
/// long, a comment tells that the stream is alive.
pub fn stream<E>(events: impl Stream<Item = Result<Bytes, E>> + Send + 'static, alive_every: Duration) -> Response
where
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    let events = futures::stream::unfold(Box::pin(events), move |mut events| async move {
        let next = tokio::time::timeout(alive_every, events.next()).await;
        Some((next.unwrap_or_else(|_| Some(Ok(Bytes::from_static(b": keepalive\n\n"))))?, events))
    });
    let mut response = Body::from_stream(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::to_bytes;
    use futures::stream::{iter, pending};

    use super::*;

    #[test]
    fn an_event_of_several_lines_is_one() {
        assert_eq!(event("{}"), "data: {}\n\n");
        assert_eq!(event("a\n\nb"), "data: a\ndata: \ndata: b\n\n");
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_is_told_a_comment_is() {
        let events = iter([Ok::<_, Infallible>(event("1"))])
            .chain(pending())
            .take_until(tokio::time::sleep(Duration::from_secs(40)));
        let response = stream(events, Duration::from_secs(15));
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream; charset=utf-8");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body, "data: 1\n\n: keepalive\n\n: keepalive\n\n");
    }
}
