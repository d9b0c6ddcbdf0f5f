//! Whether what was posted to a webhook is from m8tes.

use std::time::SystemTime;

use agent_platform_core::webhook::{Check, WebhookError};
use agent_platform_core::{Secret, webhook_verifier};
use serde_json::Value;

use super::Webhooks;
use crate::id::RunId;

impl Webhooks<'_> {
    /// Checks that what was posted to a webhook is from m8tes, and no older than 300 s; see [`WebhookVerifier`] for another
    /// window.
    ///
    /// The body has to be the very bytes that came. The headers are those of `http`, or any pairs of names and values.
    ///
    /// ```
    /// # fn handle(headers: &[(&str, &str)], body: &[u8], secret: m8tes_sdk::Secret) -> Result<(), m8tes_sdk::webhooks::WebhookError> {
    /// use m8tes_sdk::webhooks::Webhooks;
    ///
    /// let event = Webhooks::verify(headers.iter().copied(), body, secret)?;
    /// println!("{:?} {:?}", event.event_type(), event.run_id());
    /// # Ok(())
    /// # }
    /// ```
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
    /// Checks that what was posted to a webhook is from m8tes.
    WebhookVerifier -> WebhookEvent, read, ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"];
    /// With the [secret](crate::Webhook::secret) that the webhook was made with, whole, with its prefix.
    new
}

fn read(
    check: &Check,
    [id, timestamp, signature]: [Vec<u8>; 3],
    body: &[u8],
    now: SystemTime,
) -> Result<WebhookEvent, WebhookError> {
    let digits = signature.strip_prefix(b"v1=").unwrap_or_default();
    if !check.is_signed(&[&id, b".", &timestamp, b".", body], &[digits]) {
        return Err(WebhookError::WrongSignature);
    }
    let seconds = std::str::from_utf8(&timestamp).ok().and_then(|text| text.trim().parse().ok());
    if !check.is_in_window(seconds, now) {
        return Err(WebhookError::OutsideWindow);
    }
    let body = serde_json::from_slice(body).unwrap_or_default();
    Ok(WebhookEvent { id: String::from_utf8_lossy(&id).into_owned(), body })
}

/// What was posted to a webhook, and is from m8tes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The post's id: the same where m8tes posts it again.
    pub id: String,
    /// What was posted; null where it is no JSON. m8tes does not say what it looks like, so the methods here may find nothing.
    pub body: Value,
}

impl WebhookEvent {
    /// What happened, such as `run.completed`.
    pub fn event_type(&self) -> Option<&str> {
        ["event", "type", "event_type"].iter().find_map(|name| self.body.get(name)?.as_str())
    }

    /// What it happened to.
    pub fn data(&self) -> Option<&Value> {
        self.body.get("data")
    }

    /// The run that it happened to.
    pub fn run_id(&self) -> Option<RunId> {
        let in_data = || self.data().and_then(|data| data.get("run_id").or_else(|| data.get("id")));
        self.body.get("run_id").or_else(in_data)?.as_i64().map(RunId::from)
    }

    /// How that run stands.
    pub fn run_status(&self) -> Option<crate::RunStatus> {
        let status = self.data().and_then(|data| data.get("status")).or_else(|| self.body.get("status"))?;
        status.as_str().map(|status| status.to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const SECRET: &str = "whsec_live_7f";
    const BODY: &[u8] = br#"{"type":"run.failed","data":{"id":42,"status":"failed"}}"#;
    const SIGNATURE: &str = "v1=157fbdb36a13c809eee1840dcbf8021dcb96606ca658688ea9e832838649e4bf";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn post<'a>(id: &'a str, timestamp: &'a str, signature: &'a str) -> [(&'static str, &'a str); 4] {
        [("Webhook-Id", id), ("Host", "x"), ("WEBHOOK-TIMESTAMP", timestamp), ("webhook-signature", signature)]
    }

    #[test]
    fn what_m8tes_has_signed_is_read() {
        let verifier = WebhookVerifier::new(SECRET);
        let event = verifier.verify_at(post("evt_1", "1790000000", SIGNATURE), BODY, at(1_790_000_300)).unwrap();
        assert_eq!(
            (event.id.as_str(), event.event_type(), event.run_id()),
            ("evt_1", Some("run.failed"), Some(42.into()))
        );
        assert_eq!(event.run_status(), Some(crate::RunStatus::Failed));
        assert_eq!(
            verifier.verify_at(post("evt_1", "1790000000", SIGNATURE), BODY, at(1_790_000_301)),
            Err(WebhookError::OutsideWindow)
        );
        assert_eq!(
            Webhooks::verify(post("evt_1", "1790000000", SIGNATURE), BODY, "whsec_other"),
            Err(WebhookError::WrongSignature)
        );
    }

    #[test]
    fn bytes_are_signed_whatever_they_are_and_the_window_can_be_off() {
        let verifier = WebhookVerifier::new(SECRET);
        let binary = post("evt_2", "1790000000", "v1=2ac239488a0e8fdf9285066086d853df881b5b6d4fa678684db145aeb3df787f");
        let event = verifier.verify_at(binary, b"\xff\x00", at(1_790_000_000)).unwrap();
        assert_eq!(
            (event.body.clone(), event.event_type(), event.run_id(), event.run_status()),
            (Value::Null, None, None, None)
        );
        let timeless = post("evt_3", "never", "v1=f38a304415ecff834afc3469aebd42a8a9295abb03a3b7a3002d78e592c20be2");
        assert_eq!(verifier.verify_at(timeless, b"{}", at(0)), Err(WebhookError::OutsideWindow));
        assert!(verifier.window(None).verify(timeless, b"{}").is_ok());
    }

    #[test]
    fn a_header_that_is_missing_empty_or_there_twice_is_told() {
        let verifier = WebhookVerifier::new(SECRET);
        let whole = post("evt_1", "1790000000", SIGNATURE);
        for (index, header) in [(0, "Webhook-Id"), (2, "Webhook-Timestamp"), (3, "Webhook-Signature")] {
            let mut odd = whole.to_vec();
            odd.push(whole[index]);
            assert_eq!(verifier.verify(odd.clone(), BODY), Err(WebhookError::HeaderTwice(header)));
            odd.pop();
            odd[index].1 = "";
            assert_eq!(verifier.verify(odd.clone(), BODY), Err(WebhookError::HeaderMissing(header)));
            odd.remove(index);
            assert_eq!(verifier.verify(odd, BODY), Err(WebhookError::HeaderMissing(header)));
        }
    }

    #[test]
    fn another_form_of_the_same_signature_is_none() {
        let verifier = WebhookVerifier::new(SECRET);
        let upper = format!("v1={}", SIGNATURE[3..].to_uppercase());
        for odd in [
            &SIGNATURE[3..],
            &upper,
            &SIGNATURE[..66],
            &format!("{SIGNATURE} {SIGNATURE}"),
            &SIGNATURE.replace('=', ","),
            "v1=",
            "v1=é",
        ] {
            let outcome = verifier.verify_at(post("evt_1", "1790000000", odd), BODY, at(1_790_000_000));
            assert_eq!(outcome, Err(WebhookError::WrongSignature), "{odd}");
        }
        assert!(!format!("{verifier:?}").contains(SECRET));
    }
}
