//! The token or key of a client: nothing that can be printed shows it, and it goes into its own header whole.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use proptest::prelude::*;
use proptest::sample::select;

use super::company::{Names, PANIC};
use super::{Facade, Retry, SECRET, Settings};
use crate::{Panics, Peer, Reply, Trace, echo, holds_for_all};

super::suite! { $ secrets:
    a_panic_of_what_finds_names_shows_no_secret_and_spoils_nothing
    a_backend_that_repeats_the_secret_does_not_get_it_into_an_error,
    properties:
    no_answer_gets_the_secret_into_what_a_program_prints
    no_secret_breaks_out_of_its_header
}

fn client<F: Facade>(url: &str, secret: &str) -> F::Client {
    F::client(url, Settings { secret: Some(secret.to_owned()), retry: Retry::Never, ..Settings::default() }).unwrap()
}

async fn a_backend_that_repeats_the_secret_does_not_get_it_into_an_error<F: Facade>() {
    for reply in [
        Reply::json("400 Bad Request", r#"{"detail":"bad token tok-123"}"#),
        Reply::json("400 Bad Request", r#"{"detail":{"error":"tok-123","header":"Bearer tok-123"}}"#),
        Reply::json("401 Unauthorized", r#"{"error":{"message":"bad key tok-123","details":{"tok-123":1}}}"#),
        Reply::json("422 Unprocessable Entity", r#"{"detail":[{"loc":["tok-123"],"msg":"tok-123","type":"tok-123"}]}"#),
        Reply::json("200 OK", r#"{"id":"tok-123","type":{"tok-123":"tok-123"}}"#),
        Reply::json("200 OK", r#""tok-123, expected tok-123""#),
        Reply::http("502 Bad Gateway", "x-request-id: of tok-123\r\n", "Authorization: Bearer tok-123"),
    ] {
        let trace = Trace::record();
        let peer = Peer::start([reply]).await;
        let client = client::<F>(peer.url(), SECRET);
        let told = F::read(&client).await.unwrap_err();
        let printed = format!("{} {client:?} {client:#?} {}", told.printed, trace.text());
        assert!(printed.contains(F::READ.operation) && !printed.contains(SECRET), "{printed}");
        assert!(peer.requests().concat().contains(SECRET), "it was sent");
    }
}

async fn a_panic_of_what_finds_names_shows_no_secret_and_spoils_nothing<F: Facade>() {
    let (trace, panics) = (Trace::record(), Panics::record());
    let peer = Peer::start([Reply::json("200 OK", F::READ.answer)]).await;
    let url = peer.url().replace("127.0.0.1", "backend.example");
    let settings = Settings { names: Some(Names::panicking_at_first()), retry: Retry::Never, ..Settings::default() };
    let client = F::client(&url, settings).unwrap();
    let outcome = match AssertUnwindSafe(F::read(&client)).catch_unwind().await {
        Ok(outcome) => outcome.unwrap_err().printed,
        Err(panic) => format!("{:?}", panic.downcast_ref::<String>()),
    };
    let printed = format!("{outcome} {} {}", panics.text(), trace.text());
    assert!(printed.contains(PANIC) && !printed.contains(SECRET), "{printed}");
    drop(panics);
    F::read(&client).await.unwrap();
}

fn no_answer_gets_the_secret_into_what_a_program_prints<F: Facade>() {
    echo::no_answer_tells_a_secret(100, &["reading", "writing"], async |carrier, secret, url| {
        let settings = Settings { secret: Some(secret.to_owned()), retry: Retry::Never, ..Settings::default() };
        let client = match F::client(url, settings) {
            Ok(client) => client,
            // No header can carry it.
            Err(told) => return told.printed,
        };
        let outcome = if carrier == "reading" { F::read(&client).await } else { F::write(&client).await };
        let printed = outcome.err().map(|told| told.printed).unwrap_or_default();
        format!("{client:?} {client:#?} {printed}")
    });
}

fn no_secret_breaks_out_of_its_header<F: Facade>() {
    let injections =
        select(&["\r\nx-forged: 1", "\n", "\r", "\0", " ", "\t", "\u{7f}", "ä", "\r\n\r\nGET / HTTP/1.1"][..]);
    let secrets = prop_oneof![
        any::<String>(),
        ("[!-~]{0,9}", injections, "[!-~]{0,9}")
            .prop_map(|(before, between, after)| format!("{before}{between}{after}")),
        "[!-~]{1,50}",
    ];
    holds_for_all(60, secrets, async |secret| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        F::read(&client::<F>(peer.url(), "control")).await.unwrap_err();
        let settings = Settings { secret: Some(secret.clone()), retry: Retry::Never, ..Settings::default() };
        // One that no header can carry is refused by the client's builder or by the call.
        let refused = match F::client(peer.url(), settings) {
            Ok(client) => F::read(&client).await.unwrap_err(),
            Err(told) => told,
        };
        let requests = peer.requests();
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            assert!(refused.is_refused(), "{refused:?}");
            assert_eq!(requests.len(), 1);
        } else {
            assert_eq!(requests[1], requests[0].replace("control", &secret), "nothing else differs");
        }
    });
}
