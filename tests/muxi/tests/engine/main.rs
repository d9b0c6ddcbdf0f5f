//! What every facade's engine promises, by the facade of a MUXI formation.

// It is test code: what it can't do ends the test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use muxi_sdk::FormationClient;
use muxi_sdk::blocking::Call;
use test_harness::engine::{Facade, Rules, SampleCall, Settings, Told};
use test_harness::{engine_tests, told, with_settings};

struct Muxi;

impl Facade for Muxi {
    type Client = FormationClient;

    const BASE_URL_VARIABLE: &str = "MUXI_FORMATION_URL";
    const SECRET_VARIABLE: &str = "MUXI_CLIENT_KEY";
    const RULES: Rules = muxi_tests::RULES;
    const READ: SampleCall = SampleCall {
        operation: "get_session",
        method: "GET",
        path: "/v1/sessions/1",
        template: "/v1/sessions/{session_id}",
        answer: r#"{"success":true,"error":null,"data":{"session_id":"1","message_count":2}}"#,
    };
    const WRITE: SampleCall = SampleCall {
        operation: "reload_secrets",
        method: "POST",
        path: "/v1/secrets/reload",
        template: "/v1/secrets/reload",
        answer: r#"{"success":true,"error":null,"data":{"message":"Secrets reloaded","count":4}}"#,
    };

    fn client_from_env() -> Result<FormationClient, Box<Told>> {
        FormationClient::from_env().map_err(|error| told!(error))
    }

    fn client(url: &str, settings: Settings) -> Result<FormationClient, Box<Told>> {
        let builder = FormationClient::direct(url).client_key(settings.secret()).admin_key(settings.secret());
        let builder = with_settings!(muxi_sdk, builder, settings);
        builder.build().map_err(|error| told!(error))
    }

    async fn read(client: &FormationClient) -> Result<(), Box<Told>> {
        let session = client.sessions().get("1").user("ada").await;
        session.map(drop).map_err(|error| told!(error, error.code(), error.detail_object(), error.field_errors()))
    }

    async fn write(client: &FormationClient) -> Result<(), Box<Told>> {
        let reloaded = client.secrets().reload().await;
        reloaded.map(drop).map_err(|error| told!(error, error.code(), error.detail_object(), error.field_errors()))
    }

    fn read_blocking(client: &FormationClient) -> Result<(), Box<Told>> {
        client.sessions().get("1").user("ada").call().map(drop).map_err(|error| told!(error))
    }

    fn write_blocking(client: &FormationClient) -> Result<(), Box<Told>> {
        client.secrets().reload().call().map(drop).map_err(|error| told!(error))
    }
}

engine_tests!(Muxi);
