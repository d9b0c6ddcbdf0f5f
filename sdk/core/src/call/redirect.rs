//! Redirects, on platforms that want them followed.

use bytes::BytesMut;
use http::{StatusCode, header};
use reqwest::Url;

use super::{Call, keep_start};
use crate::answer::Answer;
use crate::failure::Cause;
use crate::operation::Operation;

/// How often an attempt is sent on. More than one is rare; more than these is a circle.
const MOST: usize = 5;

impl Call {
    /// Sends the request on where the answer says so in a way that keeps method and body (307, 308), and to the same
    /// origin: neither goes anywhere else, and no credentials do.
    pub(super) async fn follow(
        &self,
        mut response: Answer,
        mut request: reqwest::Request,
        operation: &'static Operation,
    ) -> Result<Answer, Cause> {
        for _ in 0..MOST {
            let Some(target) = target(&response) else { break };
            // So that its connection can be used again.
            keep_start(&mut response, &mut BytesMut::new()).await;
            *request.url_mut() = target;
            self.authorize(&mut request, operation)?;
            let Some(next) = request.try_clone() else { break };
            response = Self::send(&self.shared.connections.of_this_runtime()?.calls, next).await?;
        }
        Ok(response)
    }
}

/// Where the request is to be sent on to, if it may be.
fn target(response: &Answer) -> Option<Url> {
    if !matches!(response.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let mut target = response.url().join(location).ok()?;
    target.set_fragment(None);
    let has_credentials = !target.username().is_empty() || target.password().is_some();
    (target.origin() == response.url().origin() && !has_credentials).then_some(target)
}

#[cfg(test)]
mod tests {
    use crate::testing::{self, URL};

    #[tokio::test]
    async fn it_is_followed_within_the_origin_and_without_credentials() {
        for (location, to) in [
            ("/x?a=1#f", Some("http://127.0.0.1:1/x?a=1")),
            (URL, Some("http://127.0.0.1:1/")),
            ("http://ada@127.0.0.1:1/", None),
            ("http://:pass@127.0.0.1:1/", None),
            ("http://ada:pass@127.0.0.1:1/", None),
            ("http://127.0.0.1:2/", None),
            ("https://127.0.0.1:1/", None),
        ] {
            for (status, is_kept) in [(307, true), (308, true), (301, false), (302, false), (303, false), (200, false)]
            {
                let bytes = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nlocation: {location}\r\n\r\n");
                let (answer, _peer) = testing::answer(bytes.as_bytes()).await;
                let target = super::target(&answer);
                assert_eq!(target.as_ref().map(|url| url.as_str()), to.filter(|_| is_kept), "{status} {location}");
            }
        }
    }
}
