//! Whatever a call carries of secrets, and however a backend repeats it: nothing that can be printed shows it.

use std::error::Error as _;

use mycel_sdk::{Client, Error, ErrorKind, RetryPolicy};
use mycel_tests::echo::{self, AFTER, BEFORE, BODIES, SPELLINGS, expect_hidden};
use mycel_tests::{Handshake, Peer, Reply, StreamPeer, Trace, holds_for_all, soon};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use test_harness::panics_over;

/// Every argument of the facade that is a secret, as `method(argument)`.
const CARRIERS: [&str; 9] = [
    "auth_token(token)",
    "with_auth_token(token)",
    "login(password)",
    "send_otp(password)",
    "send_otp(invite_code)",
    "verify_otp(code)",
    "complete_register(temp_token)",
    "complete_register(invite_code)",
    "proxy(url)",
];

/// Those that no call carries: what proves a certificate in TLS.
const NOT_SENT: [&str; 1] = ["client_certificate(private_key)"];

#[test]
fn every_secret_that_the_facade_takes_is_tried_here() {
    let all: Vec<_> = CARRIERS.into_iter().chain(NOT_SENT).collect();
    echo::expect_all_carriers(include_str!("../../../public-api/mycel-sdk.txt"), "mycel_sdk", &all);
}

#[test]
fn a_secret_reaches_a_request_only_through_its_call_which_then_knows_it() {
    echo::expect_exposed_only_in("sdk/mycel", &[]);
}

/// Makes the call that carries the secret so; what a program could print of what comes of it.
async fn outcome(carrier: &str, secret: &str, url: &str) -> String {
    let builder = Client::builder(url).retry(RetryPolicy::never());
    if carrier == "auth_token(token)" {
        let builder = builder.auth_token(secret);
        let client = builder.clone().build().unwrap();
        return format!("{builder:?} {client:?} {}", shown(client.messages().send("c", "hello").await));
    }
    if carrier == "proxy(url)" {
        // The peer is the proxy.
        let credentials = utf8_percent_encode(secret, NON_ALPHANUMERIC);
        let proxy = url.replace("http://", &format!("http://ada:{credentials}@"));
        let builder = Client::builder("http://backend.invalid").retry(RetryPolicy::never()).proxy(proxy);
        let client = builder.clone().build().unwrap();
        return format!("{builder:?} {client:?} {}", shown(client.chats().get("c").await));
    }
    let client = builder.build().unwrap();
    let auth = client.auth();
    match carrier {
        "with_auth_token(token)" => shown(client.with_auth_token(secret).chats().get("c").await),
        "login(password)" => shown(auth.login("ada@example.com", secret).await),
        "send_otp(password)" => shown(auth.send_otp("ada@example.com", secret, "INVITE-1").await),
        "send_otp(invite_code)" => shown(auth.send_otp("ada@example.com", "correct horse", secret).await),
        "verify_otp(code)" => shown(auth.verify_otp("ada@example.com", secret).await),
        "complete_register(temp_token)" => shown(auth.complete_register(secret, "INVITE-1").await),
        "complete_register(invite_code)" => shown(auth.complete_register("temporary", secret).await),
        other => panic!("{other}"),
    }
}

fn shown<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(value) => format!("{value:?} {value:#?}"),
        Err(error) => all_of(&error),
    }
}

/// All that a program could print of an error.
fn all_of(error: &Error) -> String {
    let mut text = format!(
        "{error} {error:?} {error:#?} {:?} {:?} {:?} {:?} {:?}",
        error.detail(),
        error.detail_object(),
        error.field_errors(),
        error.stored(),
        error.request_id(),
    );
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(" {cause} {cause:?} {cause:#?}");
        source = cause.source();
    }
    text + &panics_over(error)
}

#[test]
fn no_answer_gets_a_secret_into_what_a_program_prints() {
    echo::no_answer_tells_a_secret(200, &CARRIERS, outcome);
}

#[test]
fn no_stream_gets_the_token_into_what_a_program_prints() {
    /// An argument that is to be found in no trace. A port, which is, has fewer digits.
    const SINCE: u64 = 4_711_008_150_042;
    /// How a stream can end that repeats the token: by a close, a message that is no frame, or a refusal.
    #[derive(Clone, Debug)]
    enum Ending {
        Close(Option<u16>),
        Text(usize),
        Refusal(usize),
        Bytes,
    }
    let endings = prop_oneof![
        select(&[Some(1000), Some(1008), Some(1011), Some(3000), Some(4999), None][..]).prop_map(Ending::Close),
        (0..BODIES.len()).prop_map(Ending::Text),
        (0..BODIES.len()).prop_map(Ending::Refusal),
        Just(Ending::Bytes),
    ];
    let tokens = prop_oneof!["[!-;=?-~]{4,40}", "[A-Za-z0-9_-]{40}\\.[A-Za-z0-9_-]{100}\\.[A-Za-z0-9_-]{40}"];
    holds_for_all(60, (tokens, 0..SPELLINGS.len(), endings), async |(token, spelling, ending)| {
        let trace = Trace::record();
        // The reason of a close has room for so much.
        let room = 123 - BEFORE.len() - AFTER.len();
        let is_close = matches!(ending, Ending::Close(_));
        let mut repeated = token.clone();
        while is_close && SPELLINGS[spelling](&repeated).len() > room {
            repeated.pop();
        }
        let echo = format!("{BEFORE}{}{AFTER}", SPELLINGS[spelling](&repeated));
        let (said, played) = (echo.clone(), ending.clone());
        let peer = StreamPeer::start(move |handshake: Handshake| {
            let (said, played) = (said.clone(), played.clone());
            async move {
                match played {
                    Ending::Close(Some(code)) => handshake.accept().await.close(Some(code), &said).await,
                    Ending::Close(None) => handshake.accept().await.close(None, "").await,
                    Ending::Text(body) => handshake.accept().await.text(&BODIES[body](&said)).await,
                    Ending::Bytes => handshake.accept().await.bytes(said.as_bytes()).await,
                    Ending::Refusal(body) => {
                        let Reply::Bytes(bytes) = Reply::json("403 Forbidden", &BODIES[body](&said)) else {
                            unreachable!()
                        };
                        handshake.answer(&bytes).await;
                    }
                }
            }
        })
        .await;
        let client = Client::builder(peer.url()).auth_token(&token).build().unwrap();
        let printed = match client.notifications().stream().since(SINCE).await {
            Err(refused) => all_of(&refused),
            Ok(mut stream) => {
                let mut told = String::new();
                let ended = loop {
                    match soon(stream.next()).await.unwrap() {
                        Ok(unreadable) => told += &format!("{unreadable:?}"),
                        Err(ended) => break ended,
                    }
                };
                assert_eq!(told.is_empty(), !matches!(ending, Ending::Text(_)), "{told}");
                if let Ending::Close(Some(code)) = ending {
                    assert_eq!(ended.kind(), ErrorKind::Closed { code: Some(code) });
                    assert!(ended.detail().unwrap().contains("redacted"), "{ended}");
                }
                format!("{told} {stream:?} {}", all_of(&ended))
            }
        };
        let traced = trace.text();
        assert!(traced.contains("subscribe_inbox"), "it was recorded: {traced}");
        expect_hidden(&printed, &token, "");
        expect_hidden(&traced, &token, "");
        assert!(!traced.contains(&SINCE.to_string()), "{traced}");
    });
}

#[test]
fn no_token_breaks_out_of_its_header() {
    let injections =
        select(&["\r\nx-forged: 1", "\n", "\r", "\0", " ", "\t", "\u{7f}", "ä", "\r\n\r\nGET / HTTP/1.1"][..]);
    let tokens = prop_oneof![
        any::<String>(),
        ("[!-~]{0,9}", injections, "[!-~]{0,9}")
            .prop_map(|(before, between, after)| format!("{before}{between}{after}")),
        "[!-~]{1,50}",
    ];
    holds_for_all(60, tokens, async |token| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        let client = Client::builder(peer.url()).auth_token("control").retry(RetryPolicy::never()).build().unwrap();
        client.me().whoami().await.unwrap_err();
        let hostile = client.with_auth_token(&token);
        let errors = [hostile.me().whoami().await.unwrap_err(), hostile.notifications().stream().await.unwrap_err()];
        let requests = peer.requests();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            for error in errors {
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
            }
            assert_eq!(requests.len(), 1);
        } else {
            let expected = requests[0].replace("Bearer control", &format!("Bearer {token}"));
            assert_eq!(requests[1], expected, "nothing else differs");
            let headers = requests[2].lines().filter(|line| line.to_ascii_lowercase().starts_with("authorization:"));
            let values: Vec<_> = headers.map(|line| line.split_once(": ").unwrap().1).collect();
            assert_eq!(values, [format!("Bearer {token}")]);
        }
    });
}

#[tokio::test]
async fn a_reason_that_was_cut_off_in_the_middle_of_the_token_shows_none_of_it() {
    let token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjb2RleC0xIn0.dGhlIHNpZ25hdHVyZSBpcyBhIHNlY3JldA".repeat(2);
    let reason: String = format!("Token {token} is expired").chars().take(123).collect();
    let peer = StreamPeer::start(move |handshake: Handshake| {
        let reason = reason.clone();
        async move { handshake.accept().await.close(Some(1008), &reason).await }
    })
    .await;
    let client = Client::builder(peer.url()).auth_token(token).build().unwrap();
    let mut stream = client.notifications().stream().await.unwrap();
    let ended = soon(stream.next()).await.unwrap().unwrap_err();
    assert_eq!(ended.detail(), Some("Token [redacted]"));
}
