//! Whatever a call carries of secrets, and however a formation or a server repeats it: nothing that can be printed shows it.

use futures::StreamExt;
use muxi_sdk::{Error, FormationClient, RetryPolicy, ServerClient, WebhookVerifier};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use test_harness::{echo, panics_over, told};

/// Every argument of the facade that is a secret and is sent, as `method(argument)`; of a method that two clients have, once
/// for each.
const CARRIERS: [&str; 5] = ["admin_key(key)", "client_key(key)", "set(value)", "proxy(url)", "proxy(url) of a server"];

/// Those that no call carries: what requests and webhooks are signed with, and what proves a certificate in TLS.
const NOT_SENT: [&str; 6] = [
    "secret_key(key)",
    "new(secret)",
    "or_secret(secret)",
    "verify(secret)",
    "client_certificate(private_key)",
    "client_certificate(private_key) of a server",
];

#[test]
fn every_secret_that_the_facade_takes_is_tried_here() {
    let all: Vec<_> = CARRIERS.into_iter().chain(NOT_SENT).collect();
    echo::expect_all_carriers(include_str!("../../../public-api/muxi-sdk.txt"), "muxi_sdk", &all);
}

#[test]
fn a_secret_reaches_a_request_only_through_its_call_which_then_knows_it() {
    // The one puts keys into headers, and looks whether these can carry them; the other signs with the secret key. Both tell
    // the call of them.
    echo::expect_exposed_only_in("sdk/muxi", &[("credentials.rs", 2), ("server/key_pair.rs", 2)]);
}

/// Makes the call that carries the secret so; what a program could print of what comes of it.
async fn outcome(carrier: &str, secret: &str, url: &str) -> String {
    let builder = |url: &str| FormationClient::direct(url).retry(RetryPolicy::never());
    let server = |url: &str| ServerClient::builder(url).retry(RetryPolicy::never()).key_id("MUXI_1");
    // The peer is the proxy.
    let credentials = utf8_percent_encode(secret, NON_ALPHANUMERIC);
    let proxy = url.replace("http://", &format!("http://ada:{credentials}@"));
    let builder = match carrier {
        "admin_key(key)" => builder(url).admin_key(secret),
        "client_key(key)" => builder(url).client_key(secret),
        "set(value)" => builder(url).admin_key("ak"),
        "proxy(url)" => builder("http://formation.invalid").admin_key("ak").client_key("ck").proxy(proxy),
        "secret_key(key)" | "proxy(url) of a server" => {
            let builder = match carrier {
                "secret_key(key)" => server(url).secret_key(secret),
                _ => server("http://server.invalid").secret_key("sk").proxy(proxy),
            };
            let made = match builder.clone().build() {
                Ok(server) => format!("{server:?} {server:#?} {}", shown(server.status().await)),
                Err(error) => shown::<()>(Err(error)),
            };
            return format!("{builder:?} {builder:#?} {made}");
        }
        other => panic!("{other}"),
    };
    let made = match builder.clone().build() {
        Err(error) => shown::<()>(Err(error)),
        Ok(formation) => {
            let outcome = match carrier {
                "set(value)" => shown(formation.secrets().set("A", secret).await),
                "client_key(key)" => shown(formation.chat("Hi").user("ada").await),
                _ => shown(formation.secrets().list().await),
            };
            format!("{formation:?} {formation:#?} {outcome}")
        }
    };
    format!("{builder:?} {builder:#?} {made}")
}

fn shown<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(value) => format!("{value:?} {value:#?}"),
        Err(error) => told!(error, error.code(), error.field_errors()).printed + &panics_over(&error),
    }
}

#[test]
fn no_answer_gets_a_secret_into_what_a_program_prints() {
    echo::no_answer_tells_a_secret(200, &CARRIERS, outcome);
}

#[test]
fn no_stream_gets_a_key_into_what_a_program_prints_of_its_end() {
    const STREAMS: [echo::NamedStream; 6] = [
        ("chat", |echo| {
            let token = json!({"token": {"type": "content", "content": "a", "request_id": echo}});
            format!("data: {token}\n\n{}", frame(&json!({"error": "kaput"})))
        }),
        ("chat", |echo| frame(&json!({"error": echo, "type": echo}))),
        ("chat", |echo| format!("event: error\ndata: {echo}\n\n")),
        ("events", |echo| frame(&json!({"error": true, "message": echo}))),
        ("events", |echo| format!("event: error\ndata: {echo}\n\n")),
        ("start", |echo| frame(&json!({"error": echo, "message": echo, "stage": echo, "details": {echo: [echo]}}))),
    ];
    echo::no_stream_tells_a_secret(60, &STREAMS, async |name, secret, url| {
        let formation = FormationClient::direct(url).client_key(secret).admin_key(secret).retry(RetryPolicy::never());
        let formation = formation.build().unwrap().for_user("ada");
        match name {
            "chat" => shown(formation.chat("Hi").stream().await.unwrap().finish().await),
            "events" => shown(formation.events().await.unwrap().next().await.unwrap()),
            "start" => {
                let server = ServerClient::builder(url).key_id("MUXI_1").secret_key(secret).build().unwrap();
                shown(server.start("my-bot").stream().await.unwrap().finish().await)
            }
            other => panic!("{other}"),
        }
    });
}

fn frame(told: &Value) -> String {
    format!("event: error\ndata: {told}\n\n")
}

/// It is not sent; but what is told of a call that is signed with it may not show it either, should somebody else tell it.
#[test]
fn nor_the_key_that_requests_are_signed_with() {
    echo::no_answer_tells_a_secret(60, &["secret_key(key)"], outcome);
}

#[test]
fn what_webhooks_are_signed_with_is_shown_by_nothing() {
    let verifier = WebhookVerifier::new("whsec_live_7f").or_secret("whsec_old_8a");
    let error = verifier.verify([("X-Muxi-Signature", "t=1,v1=whsec_live_7f")], b"whsec_old_8a").unwrap_err();
    let printed = format!("{verifier:?} {verifier:#?} {error} {error:?}");
    assert!(!printed.contains("whsec"), "{printed}");
}
