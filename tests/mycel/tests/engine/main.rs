//! What every facade's engine promises, by the facade of Mycel.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use mycel_sdk::Client;
use mycel_sdk::blocking::Call;
use test_harness::engine::{Facade, SampleCall, Settings, Told};
use test_harness::{engine_tests, told, with_settings};

struct Mycel;

impl Facade for Mycel {
    type Client = Client;

    const BASE_URL_VARIABLE: &str = "MYCEL_BASE_URL";
    const SECRET_VARIABLE: &str = "MYCEL_AUTH_TOKEN";
    const READ: SampleCall =
        SampleCall { operation: "list_chats", method: "GET", path: "/api/chats", template: "/api/chats", answer: "[]" };
    const WRITE: SampleCall = SampleCall {
        operation: "send_message",
        method: "POST",
        path: "/api/chats/c/messages",
        template: "/api/chats/{chat_id}/messages",
        answer: r#"{"id":"m-1","chat_id":"c","sender_id":"u","sender_name":"Ada","content":"hello","seq":1,
            "message_type":"human","mentioned_ids":[],"delivery_scope":"broadcast","addressed_to_user_ids":[],
            "signal":null,"retracted_at":null,"created_at":1784000000.5}"#,
    };

    fn client_from_env() -> Result<Client, Box<Told>> {
        Client::from_env().map_err(|error| told!(error))
    }

    fn client(url: &str, settings: Settings) -> Result<Client, Box<Told>> {
        let builder = Client::builder(url).auth_token(settings.secret());
        let builder = with_settings!(mycel_sdk, builder, settings);
        builder.build().map_err(|error| told!(error))
    }

    async fn read(client: &Client) -> Result<(), Box<Told>> {
        let list = client.chats().list().await;
        list.map(drop).map_err(|error| told!(error, error.detail_object(), error.field_errors(), error.stored()))
    }

    async fn write(client: &Client) -> Result<(), Box<Told>> {
        let sent = client.messages().send("c", "hello").await;
        sent.map(drop).map_err(|error| told!(error, error.detail_object(), error.field_errors(), error.stored()))
    }

    fn read_blocking(client: &Client) -> Result<(), Box<Told>> {
        client.chats().list().call().map(drop).map_err(|error| told!(error))
    }

    fn write_blocking(client: &Client) -> Result<(), Box<Told>> {
        client.messages().send("c", "hello").call().map(drop).map_err(|error| told!(error))
    }
}

engine_tests!(Mycel);
