//! Whatever a call carries of secrets, and however a backend repeats it: nothing that can be printed shows it.

use m8tes_sdk::apps::ConnectionProof;
use m8tes_sdk::{Client, Error, RetryPolicy, Secret};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use test_harness::{echo, panics_over, told};

/// Every argument of the facade that is a secret and is sent, as `method(argument)`.
const CARRIERS: [&str; 7] = [
    "builder(api_key)",
    "connect_with_key(key)",
    "token(password)",
    "password(password)",
    "ClaimTicket(ticket)",
    "code(code)",
    "proxy(url)",
];

/// Those that no call carries: what a webhook signs with, and what proves a certificate in TLS.
const NOT_SENT: [&str; 4] = ["new(secret)", "or_secret(secret)", "verify(secret)", "client_certificate(private_key)"];

#[test]
fn every_secret_that_the_facade_takes_is_tried_here() {
    let all: Vec<_> = CARRIERS.into_iter().chain(NOT_SENT).collect();
    echo::expect_all_carriers(include_str!("../../../public-api/m8tes-sdk.txt"), "m8tes_sdk", &all);
}

#[test]
fn a_secret_reaches_a_request_only_through_its_call_which_then_knows_it() {
    // It looks whether a header can carry the key.
    echo::expect_exposed_only_in("sdk/m8tes", &[("client.rs", 1)]);
}

/// Makes the call that carries the secret so; what a program could print of what comes of it.
async fn outcome(carrier: &str, secret: &str, url: &str) -> String {
    let builder = |key: &str, url: &str| Client::builder(key).base_url(url).retry(RetryPolicy::never());
    if carrier == "builder(api_key)" {
        let builder = builder(secret, url);
        let made = match builder.clone().build() {
            Ok(client) => format!("{client:?} {}", shown(client.teammates().create().name("Ada").await)),
            Err(error) => shown::<()>(Err(error)),
        };
        return format!("{builder:?} {made}");
    }
    if carrier == "proxy(url)" {
        // The peer is the proxy.
        let credentials = utf8_percent_encode(secret, NON_ALPHANUMERIC);
        let proxy = url.replace("http://", &format!("http://ada:{credentials}@"));
        let builder = builder("m8_x", "http://backend.invalid").proxy(proxy);
        let client = builder.clone().build().unwrap();
        return format!("{builder:?} {client:?} {}", shown(client.teammates().get(1).await));
    }
    let client = builder("m8_x", url).build().unwrap();
    match carrier {
        "connect_with_key(key)" => shown(client.apps().connect_with_key("gemini", secret).await),
        "token(password)" => shown(client.auth().token("ada@example.com", secret).await),
        "password(password)" => {
            let sign_up = client.auth().sign_up("ada@example.com", "Ada").password(secret);
            let asked = format!("{sign_up:?}");
            format!("{asked} {}", shown(sign_up.await))
        }
        "ClaimTicket(ticket)" => {
            let proof = ConnectionProof::ClaimTicket(Secret::from(secret));
            let asked = format!("{proof:?}");
            format!("{asked} {}", shown(client.apps().connect_complete("gmail", proof).await))
        }
        "code(code)" => {
            let proof = ConnectionProof::Connection("c".to_owned());
            let complete = client.apps().connect_complete("gmail", proof).code(secret);
            let asked = format!("{complete:?}");
            format!("{asked} {}", shown(complete.await))
        }
        other => panic!("{other}"),
    }
}

fn shown<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(value) => format!("{value:?} {value:#?}"),
        Err(error) => {
            told!(error, error.code(), error.detail_object(), error.field_errors()).printed + &panics_over(&error)
        }
    }
}

#[test]
fn no_stream_gets_the_key_into_what_a_program_prints_of_its_end() {
    const STREAMS: [echo::NamedStream; 3] = [
        ("words", |echo| frames(&json!({"type": "error", "error": echo}))),
        ("object", |echo| frames(&json!({"type": "error", "error": {"message": echo, echo: echo}}))),
        ("failure", |echo| frames(&json!({"type": "SANDBOX_UNAVAILABLE", "error": echo}))),
    ];
    echo::no_stream_tells_a_secret(40, &STREAMS, async |_, secret, url| {
        let client = Client::builder(secret).base_url(url).retry(RetryPolicy::never()).build().unwrap();
        let stream = client.runs().stream("go").await.unwrap();
        let asked = format!("{stream:?}");
        format!("{asked} {}", shown(stream.finish().await))
    });
}

fn frames(frame: &Value) -> String {
    format!("data: {}\n\ndata: {frame}\n\n", json!({"type": "metadata", "payload": {"run_id": 42}}))
}

#[test]
fn no_answer_gets_a_secret_into_what_a_program_prints() {
    echo::no_answer_tells_a_secret(200, &CARRIERS, outcome);
}
