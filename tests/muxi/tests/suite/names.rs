//! Ids, names and users of every shape: each reaches its own route and its own header, or nothing is sent.

use muxi_sdk::{Error, ErrorKind, FormationClient, LogLevel, PastMessage, Schedule, ServerClient};
use serde_json::json;
use test_harness::engine::Told;
use test_harness::names::{
    Names, every_idempotency_key_is_in_its_own_header_or_none, every_text_is_one_value_of_its_query_or_none,
    every_text_reaches_its_own_route_or_none, hostile_texts, is_carried_by_a_header,
};
use test_harness::{Peer, Reply, holds_for_all, told};

fn formation(url: &str) -> FormationClient {
    FormationClient::direct(url).client_key("ck").admin_key("ak").build().unwrap().for_user("ada")
}

async fn of_formation(url: &str, operation: &str, text: &str) -> Result<(), Error> {
    let formation = formation(url);
    match operation {
        "cancel_request" => formation.requests().cancel(text).await.map(drop),
        "clear_session_buffer" => formation.buffers().clear_session(text).await.map(drop),
        "delete_credential" => formation.credentials().delete(text).await,
        "delete_job" => formation.jobs().delete(text).await,
        "delete_memory" => formation.memories().delete(text).await,
        "delete_secret" => formation.secrets().delete(text).await,
        "fire_trigger" => formation.triggers().fire(text).data(json!({})).await.map(drop),
        "get_agent" => formation.agents().get(text).await.map(drop),
        "get_credential" => formation.credentials().get(text).await.map(drop),
        "get_job" => formation.jobs().get(text).await.map(drop),
        "get_mcp_server" => formation.mcp().server(text).await.map(drop),
        "get_request" => formation.requests().get(text).await.map(drop),
        "get_session" => formation.sessions().get(text).await.map(drop),
        "get_sop" => formation.sops().get(text).await.map(drop),
        "get_trigger" => formation.triggers().get(text).await.map(drop),
        "get_user" => formation.users().get(text).await.map(drop),
        "list_session_messages" => formation.sessions().messages(text).await.map(drop),
        "list_user_identifiers" => formation.users().identifiers(text).await.map(drop),
        "pause_job" => formation.jobs().pause(text).await.map(drop),
        "remove_user_identifier" => formation.users().remove(text).await.map(drop),
        "restore_session" => {
            let said = PastMessage::new("user", "Hi", "2026-01-02T10:00:00Z".parse().unwrap());
            formation.sessions().restore(text, [said]).await.map(drop)
        }
        "resume_job" => formation.jobs().resume(text).await.map(drop),
        "stream_request_events" => formation.events().turn(text, text).await.map(drop),
        "stream_session_events" => formation.events().session(text).await.map(drop),
        "update_job" => formation.jobs().update(text).message("x").await.map(drop),
        "update_secret" => formation.secrets().set(text, "value").await,
        other => panic!("tests/muxi/tests/suite/names.rs has no call of {other}"),
    }
}

async fn of_server(url: &str, operation: &str, text: &str) -> Result<(), Error> {
    let server = ServerClient::builder(url).key_id("MUXI_1").secret_key("sk_1").build().unwrap();
    match operation {
        "cancel_update" => server.cancel_update(text).await.map(drop),
        "delete_formation" => server.delete(text).await.map(drop),
        "download_formation" => server.download(text).await.map(drop),
        "get_formation" => server.get(text).await.map(drop),
        "get_formation_logs" => server.logs(text).await.map(drop),
        "restart_formation" => server.restart(text).await.map(drop),
        "rollback_formation" => server.rollback(text).await.map(drop),
        "start_formation" => server.start(text).await.map(drop),
        "stop_formation" => server.stop(text).await.map(drop),
        other => panic!("tests/muxi/tests/suite/names.rs has no call of {other}"),
    }
}

struct Muxi;

impl Names for Muxi {
    // It can't store the last.
    const FORBIDDEN: &[char] = &['/', '\0'];
    const DOCUMENTS: &[(&str, &str)] = &[("muxi-formation", ""), ("muxi-server", "")];
    const LEFT_OUT: &[(&str, &str)] =
        &[("update_formation", "it takes what is a formation's id alone; server_bundles tries it")];
    const NO_TEXTS: &[(&str, &str)] = &[
        ("before", "it is a time"),
        ("confirm", "it is always the same"),
        ("scopes", "it is a list of what MUXI knows"),
        ("since", "it is a time"),
        ("stream", "it is one of what MUXI knows"),
    ];
    const IDEMPOTENCY_HEADER: Option<&str> = Some("x-muxi-idempotency-key");

    async fn call(url: &str, document: &str, operation: &str, text: &str) -> Box<Told> {
        let outcome = match document {
            "muxi-server" => of_server(url, operation, text).await,
            _ => of_formation(url, operation, text).await,
        };
        told!(outcome.unwrap_err())
    }

    async fn ask(url: &str, parameter: &str, text: &str) -> Box<Told> {
        let formation = formation(url);
        let logs = || formation.logs().level(LogLevel::Error);
        let outcome = match parameter {
            "action" => formation.audit().list().action(text).await.map(drop),
            "agent_id" => logs().agent(text).await.map(drop),
            "event_type" => logs().event_type(text).await.map(drop),
            "level" => formation.logs().event_type("x").level(text.to_owned().into()).await.map(drop),
            "request_id" => logs().request(text).await.map(drop),
            "resource_type" => formation.audit().list().resource_type(text).await.map(drop),
            "session_id" => logs().session(text).await.map(drop),
            "user_id" => logs().user(text).await.map(drop),
            other => panic!("no call has the parameter {other}: add one, or say in NO_TEXTS why not"),
        };
        told!(outcome.unwrap_err())
    }

    async fn call_with_key(url: &str, operation: &str, key: &str) -> Box<Told> {
        let formation = formation(url);
        let outcome = match operation {
            "chat" => formation.chat("Hi").idempotency_key(key).await.map(drop),
            "create_job" => {
                formation.jobs().create("Hi", Schedule::cron("0 9 * * *")).idempotency_key(key).await.map(drop)
            }
            "fire_trigger" => formation.triggers().fire("t").idempotency_key(key).await.map(drop),
            other => panic!("tests/muxi/tests/suite/names.rs has no call of {other} with a key"),
        };
        told!(outcome.unwrap_err())
    }
}

#[test]
fn every_id_reaches_its_own_route_or_none() {
    every_text_reaches_its_own_route_or_none::<Muxi>(30);
}

#[test]
fn every_text_that_is_asked_for_is_in_its_own_parameter_or_none() {
    every_text_is_one_value_of_its_query_or_none::<Muxi>(40);
}

#[test]
fn every_idempotency_key_is_in_its_own_header_or_none_is_sent() {
    every_idempotency_key_is_in_its_own_header_or_none::<Muxi>(40);
}

/// A user is named in a header: byte for byte, or not at all.
#[test]
fn every_user_is_in_its_own_header_or_none() {
    holds_for_all(150, hostile_texts(), async |user| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
        let control = formation.sessions().get("s").user("ada").await.unwrap_err();
        assert_eq!(control.kind(), ErrorKind::NotFound);
        let error = formation.sessions().get("s").user(user.as_str()).await.unwrap_err();
        let requests = peer.requests();
        let can_be_one = !user.is_empty() && is_carried_by_a_header(&user) && user.len() <= 8 * 1024;
        assert_eq!(told!(error).is_refused(), !can_be_one, "{user:?}: {error}");
        if can_be_one {
            assert_eq!(requests[1], requests[0].replace(": ada\r\n", &format!(": {user}\r\n")), "nothing else differs");
        } else {
            assert_eq!(requests.len(), 1);
        }
    });
}
