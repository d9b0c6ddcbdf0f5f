//! What every facade's engine promises, by the facade of m8tes.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use m8tes_sdk::Client;
use m8tes_sdk::blocking::Call;
use test_harness::engine::{Facade, Rules, SampleCall, Settings, Told};
use test_harness::{engine_tests, told, with_settings};

struct M8tes;

impl Facade for M8tes {
    type Client = Client;

    const BASE_URL_VARIABLE: &str = "M8TES_BASE_URL";
    const SECRET_VARIABLE: &str = "M8TES_API_KEY";
    const BASE_PATH: &str = "/api/v2";
    const RULES: Rules = m8tes_tests::RULES;
    const READ: SampleCall = SampleCall {
        operation: "get_run",
        method: "GET",
        path: "/api/v2/runs/1",
        template: "/runs/{run_id}",
        answer: r#"{"id":1,"status":"running","created_at":"2026-11-01T09:00:00Z"}"#,
    };
    const WRITE: SampleCall = SampleCall {
        operation: "create_teammate",
        method: "POST",
        path: "/api/v2/agents/",
        template: "/agents/",
        answer: r#"{"id":1,"name":"Ada","status":"enabled","created_at":"2026-11-01T09:00:00Z"}"#,
    };

    fn client_from_env() -> Result<Client, Box<Told>> {
        Client::from_env().map_err(|error| told!(error))
    }

    fn client(url: &str, settings: Settings) -> Result<Client, Box<Told>> {
        let builder = Client::builder(settings.secret()).base_url(url);
        let builder = with_settings!(m8tes_sdk, builder, settings);
        builder.build().map_err(|error| told!(error))
    }

    async fn read(client: &Client) -> Result<(), Box<Told>> {
        let run = client.runs().get(1).await;
        run.map(drop).map_err(|error| told!(error, error.code(), error.detail_object(), error.field_errors()))
    }

    async fn write(client: &Client) -> Result<(), Box<Told>> {
        let made = client.teammates().create().name("Ada").await;
        made.map(drop).map_err(|error| told!(error, error.code(), error.detail_object(), error.field_errors()))
    }

    fn read_blocking(client: &Client) -> Result<(), Box<Told>> {
        client.runs().get(1).call().map(drop).map_err(|error| told!(error))
    }

    fn write_blocking(client: &Client) -> Result<(), Box<Told>> {
        client.teammates().create().name("Ada").call().map(drop).map_err(|error| told!(error))
    }
}

engine_tests!(M8tes);
