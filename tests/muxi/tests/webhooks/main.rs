//! Which posts to a webhook the facade takes for a formation's.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use muxi_sdk::{WebhookError, WebhookVerifier};
use serde_json::Value;
use test_harness::recorded;
use test_harness::signatures::{Headers, Posts, With, hmac_sha256};

struct Muxi;

impl Posts for Muxi {
    fn sign(secret: &[u8], seconds: u64, body: &[u8]) -> Headers {
        let digits = hmac_sha256(secret, &[format!("{seconds}.").as_bytes(), body]);
        vec![("X-Muxi-Signature".to_owned(), format!("t={seconds},v1={digits}").into_bytes())]
    }

    fn judge(with: &With<'_>, headers: &Headers, body: &[u8]) -> Result<(), String> {
        let (first, others) = with.secrets.split_first().unwrap();
        let mut verifier = others.iter().fold(WebhookVerifier::new(*first), |all, next| all.or_secret(*next));
        if let Some(window) = with.window {
            verifier = verifier.window(window);
        }
        let headers = headers.iter().map(|(name, value)| (name, value));
        verifier.verify_at(headers, body, with.now).map(drop).map_err(|error| format!("{error:?}"))
    }
}

test_harness::signature_tests!(Muxi);

#[test]
fn the_posts_of_the_repository_are_judged_rightly() {
    agree(&recorded::own("muxi", "webhooks"));
}

#[test]
fn further_posts_are_judged_rightly() {
    if let Some(file) = recorded::further("MUXI_WEBHOOKS", "further_posts_are_judged_rightly") {
        agree(&file);
    }
}

fn agree(file: &Path) {
    let posts = recorded::lines(file);
    let wrong: Vec<_> = posts.iter().filter_map(difference).collect();
    recorded::tell("posts", posts.len(), file, &wrong);
}

/// What is judged or read otherwise than expected, if anything.
fn difference(post: &Value) -> Option<String> {
    let text = |field: &str| post[field].as_str().unwrap();
    let (header, body) = (text("signature_header"), text("body"));
    let seconds = header.strip_prefix("t=").unwrap().split(',').next().unwrap().parse().unwrap();
    let at = |after| UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_secs(after);
    let verifier = WebhookVerifier::new(text("secret"));
    let verify = |body: &str, now| verifier.verify_at([("X-Muxi-Signature", header)], body.as_bytes(), now);
    let judged = verify(body, at(300));
    let is_right = match &judged {
        Ok(event) => Value::Object(event.raw.clone()) == serde_json::from_str::<Value>(body).unwrap(),
        Err(error) => *error == WebhookError::WrongSignature,
    };
    let is_expected = post["raw_verifies"] == true || post["canonical_verifies"] == true;
    // What is signed is that value, in that time, and no other.
    let other = body.replacen('{', r#"{"x": 1, "#, 1);
    let is_strict = verify(&other, at(0)) == Err(WebhookError::WrongSignature)
        && (!is_expected || verify(body, at(301)) == Err(WebhookError::OutsideWindow));
    (judged.is_ok() != is_expected || !is_right || !is_strict).then(|| format!("{}: {judged:?}", post["name"]))
}
