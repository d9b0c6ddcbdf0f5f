//! Which posts to a webhook the facade takes for m8tes'.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use m8tes_sdk::webhooks::WebhookVerifier;
use serde_json::Value;
use test_harness::recorded;
use test_harness::signatures::{Headers, Posts, With, hmac_sha256};

struct M8tes;

impl Posts for M8tes {
    fn sign(secret: &[u8], seconds: u64, body: &[u8]) -> Headers {
        let time = seconds.to_string();
        let digits = hmac_sha256(secret, &[b"evt_1.", time.as_bytes(), b".", body]);
        let signature = format!("v1={digits}");
        [("Webhook-Id", "evt_1"), ("Webhook-Timestamp", &time), ("Webhook-Signature", &signature)]
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
            .to_vec()
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

test_harness::signature_tests!(M8tes);

#[test]
fn the_signatures_of_the_repository_are_judged_rightly() {
    agree(&recorded::own("m8tes", "signatures"));
}

#[test]
fn further_signatures_are_judged_rightly() {
    if let Some(file) = recorded::further("M8TES_SIGNATURES", "further_signatures_are_judged_rightly") {
        agree(&file);
    }
}

fn agree(file: &Path) {
    let lines = recorded::lines(file);
    let wrong: Vec<_> = lines.iter().filter_map(difference).collect();
    recorded::tell("signatures", lines.len(), file, &wrong);
}

/// What is judged otherwise than expected, if anything.
fn difference(line: &Value) -> Option<String> {
    let headers = line["headers"].as_object().unwrap();
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    let window = line["tolerance_seconds"].as_u64().map(Duration::from_secs);
    let now = UNIX_EPOCH + Duration::from_secs(line["now"].as_u64().unwrap());
    let body = bytes(line["body_hex"].as_str().unwrap());
    let verifier = WebhookVerifier::new(line["secret"].as_str().unwrap()).window(window);
    let judged = verifier.verify_at(headers, &body, now);
    (judged.is_ok() != line["expected"].as_bool().unwrap()).then(|| format!("{}: {judged:?}", line["name"]))
}

/// The bytes that these hexadecimal digits stand for.
fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
