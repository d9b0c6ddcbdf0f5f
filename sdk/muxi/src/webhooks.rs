//! Webhooks: what a formation posts to a program of yours.

pub(crate) mod canonical;
mod event;

use std::time::SystemTime;

use agent_platform_core::webhook::{Check, WebhookError};
use agent_platform_core::{Secret, webhook_verifier};

pub use event::{Clarification, WebhookContent, WebhookEvent, WebhookFailure, WebhookStatus};

/// What carries the signature, as `t=1700000000,v1=…`.
const SIGNATURE: &str = "X-Muxi-Signature";

/// The largest body that is written anew to be checked, in bytes. What is written takes ten times that at the most.
const LARGEST_REWRITTEN: usize = 8 << 20;

/// What a formation posts to a program of yours: the outcome of a turn that moved to the background, or a question.
#[derive(Debug)]
pub enum Webhooks {}

impl Webhooks {
    /// Checks that what was posted is from the formation, and no older than 300 s; see [`WebhookVerifier`] for another window,
    /// and for several secrets.
    ///
    /// The headers are those of `http`, or any pairs of names and values, `X-Muxi-Signature` among them; the body has to be the
    /// very bytes that came. The secret is the formation's admin key; for escalations, which are no events of turns, the client
    /// key.
    ///
    /// ```
    /// # fn handle(headers: &[(&str, &str)], body: &[u8], secret: muxi_sdk::Secret) -> Result<(), muxi_sdk::WebhookError> {
    /// use muxi_sdk::{WebhookContent, WebhookStatus, Webhooks};
    ///
    /// let event = Webhooks::verify(headers.iter().copied(), body, secret)?;
    /// match event.status {
    ///     WebhookStatus::Completed => {
    ///         for item in event.content {
    ///             if let WebhookContent::Text(text) = item {
    ///                 println!("{text}");
    ///             }
    ///         }
    ///     }
    ///     WebhookStatus::Failed => println!("{:?}", event.error.map(|error| error.message)),
    ///     WebhookStatus::AwaitingClarification => println!("{:?}", event.clarification.map(|asked| asked.question)),
    ///     other => println!("{other}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// MUXI signs most posts in another form than it sends: with members in order, without blanks and escapes. So where the
    /// signature is not one of the bytes that came, it may be one of the same JSON in that form. What is read is what was
    /// signed all the same. A body larger than 8 MiB is not written anew.
    ///
    /// MUXI tries up to four times, with 10 s for each, so answer at once, and expect to be told twice: the
    /// [`request_id`](WebhookEvent::request_id) is the same.
    ///
    /// # Errors
    ///
    /// What speaks against it.
    pub fn verify(
        headers: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
        body: &[u8],
        secret: impl Into<Secret>,
    ) -> Result<WebhookEvent, WebhookError> {
        WebhookVerifier::new(secret).verify(headers, body)
    }
}

webhook_verifier! {
    /// Checks that what was posted to a webhook is from the formation, as [`Webhooks::verify`] does.
    WebhookVerifier -> WebhookEvent, read, [SIGNATURE];
    /// With the secret that posts are signed with: the formation's admin key; for escalations the client key.
    new
}

#[inline]
fn read(check: &Check, [signature]: [Vec<u8>; 1], body: &[u8], now: SystemTime) -> Result<WebhookEvent, WebhookError> {
    let Signature { time, seconds, digits } = Signature::read(&signature).ok_or(WebhookError::WrongSignature)?;
    let is_signed = |payload: &[u8]| check.is_signed(&[time, b".", payload], &digits);
    let rewritten = || Some(body).filter(|body| body.len() <= LARGEST_REWRITTEN).and_then(canonical::canonical);
    if !is_signed(body) && !rewritten().is_some_and(|payload| is_signed(payload.as_bytes())) {
        return Err(WebhookError::WrongSignature);
    }
    if !check.is_in_window(Some(seconds), now) {
        return Err(WebhookError::OutsideWindow);
    }
    WebhookEvent::read(body).ok_or(WebhookError::NoEvent)
}

/// `t=1700000000,v1=…`, with any number of `v1`.
#[derive(Debug, PartialEq)]
struct Signature<'h> {
    time: &'h [u8],
    seconds: i64,
    digits: Vec<&'h [u8]>,
}

impl<'h> Signature<'h> {
    fn read(header: &'h [u8]) -> Option<Self> {
        let (mut time, mut digits) = (None, Vec::new());
        for part in header.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            match part {
                [b't', b'=', value @ ..] if time.is_none() => time = Some(value),
                [b't', b'=', ..] => return None,
                [b'v', b'1', b'=', value @ ..] => digits.push(value),
                _ => {}
            }
        }
        let time = time.filter(|time| time.iter().all(u8::is_ascii_digit))?;
        let seconds = std::str::from_utf8(time).ok()?.parse().ok()?;
        (!digits.is_empty()).then_some(Self { time, seconds, digits })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const PLAIN: &[u8] = br#"{"id":"req_1","status":"completed"}"#;
    const OF_PLAIN: &str = "c868efdb7b6b3694550bcc3abb5173dab1842368714015b14e3a66f1120e3b14";
    const POSTED: &[u8] = br#"{"id": "req_1", "status": "completed", "user_id": "zo\u00eb", "processing_time": 1.5, "error": null, "response": [{"type": "text", "text": "Gr\u00fc\u00dfe \ud83e\udd80"}]}"#;
    const OF_POSTED: &str = "4bad32779f4460ad4b08050cb1c4f313e65cd7a03e2606c68ef6476fa39eb44a";

    fn verify(signature: &str, body: &[u8]) -> Result<WebhookEvent, WebhookError> {
        verify_at(&WebhookVerifier::new("whsec"), 1_700_000_000, signature, body)
    }

    fn verify_at(
        verifier: &WebhookVerifier,
        seconds: u64,
        signature: &str,
        body: &[u8],
    ) -> Result<WebhookEvent, WebhookError> {
        let now = UNIX_EPOCH + Duration::from_secs(seconds);
        verifier.verify_at([("host", "a.example"), ("x-muxi-signature", signature)], body, now)
    }

    #[test]
    fn what_is_signed_as_it_came_or_in_muxis_own_form_is_read() {
        let event = verify(&format!("t=1700000000,v1={OF_PLAIN}"), PLAIN).unwrap();
        assert_eq!((event.request_id.unwrap().as_str(), event.status), ("req_1", WebhookStatus::Completed));
        let event = verify(&format!("t=1700000000,v1={OF_POSTED}"), POSTED).unwrap();
        assert_eq!((event.text().as_str(), event.user_id.unwrap().as_str()), ("Grüße 🦀", "zoë"));
    }

    #[test]
    fn blanks_and_further_signatures_are_no_matter() {
        let other = "0".repeat(64);
        for signature in [
            format!("t=1700000000, v1={OF_PLAIN}"),
            format!(" v1={OF_PLAIN} ,t=1700000000 "),
            format!("t=1700000000,v0=x,v1={other},v1=,v1={OF_PLAIN},v2"),
        ] {
            assert!(verify(&signature, PLAIN).is_ok(), "{signature}");
        }
    }

    #[test]
    fn a_signature_that_lacks_a_part_or_is_another_is_none() {
        for signature in [
            format!("t=1700000000,v1={OF_POSTED}"),
            format!("t=1700000001,v1={OF_PLAIN}"),
            format!("t=01700000000,v1={OF_PLAIN}"),
            format!("t=+1700000000,v1={OF_PLAIN}"),
            format!("t=1700000000.0,v1={OF_PLAIN}"),
            format!("t=,v1={OF_PLAIN}"),
            format!("t=99999999999999999999,v1={OF_PLAIN}"),
            format!("t=1700000000,t=1700000000,v1={OF_PLAIN}"),
            format!("t=1700000000,v1={}", OF_PLAIN.to_uppercase()),
            format!("t=1700000000,v1 = {OF_PLAIN}"),
            format!("v1={OF_PLAIN}"),
            "t=1700000000".to_owned(),
            "t=1700000000,v1=".to_owned(),
            "é".to_owned(),
            ",".to_owned(),
        ] {
            assert_eq!(verify(&signature, PLAIN), Err(WebhookError::WrongSignature), "{signature}");
        }
        let missing = WebhookVerifier::new("whsec").verify([("X-Muxi-Timestamp", "1700000000")], PLAIN);
        assert_eq!(missing, Err(WebhookError::HeaderMissing(SIGNATURE)));
    }

    #[test]
    fn a_body_that_was_changed_is_not_signed() {
        let signature = format!("t=1700000000,v1={OF_POSTED}");
        for (place, byte) in POSTED.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace()) {
            let mut changed = POSTED.to_vec();
            changed[place] = if *byte == b'x' { b'y' } else { b'x' };
            assert_eq!(verify(&signature, &changed), Err(WebhookError::WrongSignature), "{place}");
        }
    }

    #[test]
    fn the_window_can_be_set_and_be_off() {
        let signature = format!("t=1700000000,v1={OF_PLAIN}");
        let verifier = WebhookVerifier::new("whsec");
        for (seconds, is_near) in
            [(1_700_000_300, true), (1_699_999_700, true), (1_700_000_301, false), (1_699_999_699, false)]
        {
            let outcome = verify_at(&verifier, seconds, &signature, PLAIN);
            assert_eq!(outcome.is_ok(), is_near, "{outcome:?}");
        }
        assert_eq!(verifier.verify([(SIGNATURE, &*signature)], PLAIN), Err(WebhookError::OutsideWindow));
        let day = verifier.clone().window(Duration::from_secs(86_400));
        assert!(verify_at(&day, 1_700_086_400, &signature, PLAIN).is_ok());
        assert!(verifier.window(None).verify([(SIGNATURE, &*signature)], PLAIN).is_ok());
    }

    #[test]
    fn either_secret_will_do_while_it_is_changed_and_none_that_is_empty() {
        let signature = format!("t=1700000000,v1={OF_PLAIN}");
        let new = WebhookVerifier::new("whsec_new");
        assert_eq!(verify_at(&new, 1_700_000_000, &signature, PLAIN), Err(WebhookError::WrongSignature));
        assert!(verify_at(&new.clone().or_secret("whsec"), 1_700_000_000, &signature, PLAIN).is_ok());
        for empty in [WebhookVerifier::new(""), new.or_secret("")] {
            assert_eq!(verify_at(&empty, 1_700_000_000, &signature, PLAIN), Err(WebhookError::SecretEmpty));
        }
    }
}
