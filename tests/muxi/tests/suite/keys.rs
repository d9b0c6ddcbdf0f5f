//! The two keys, and the user: what is lacking is told before anything is sent.

use muxi_sdk::{ErrorKind, FormationClient};
use muxi_tests::world;
use test_harness::{Peer, Reply};

fn ok() -> Reply {
    Reply::json("200 OK", r#"{"success":true,"error":null,"data":{"sessions":[],"count":0}}"#)
}

#[tokio::test]
async fn what_is_lacking_is_told_before_anything_is_sent() {
    let peer = Peer::start([]).await;
    let client = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
    let admin = FormationClient::direct(peer.url()).admin_key("ak").build().unwrap();
    for (error, lacking) in [
        (client.status().await.unwrap_err(), "admin key"),
        (client.secrets().list().await.unwrap_err(), "admin key"),
        (admin.chat("Hi").await.unwrap_err(), "client key"),
        (admin.chat("Hi").stream().await.unwrap_err(), "client key"),
        (admin.sessions().list().user("ada").await.unwrap_err(), "client key"),
        (client.buffers().clear_all().await.unwrap_err(), "admin key"),
        (client.buffers().clear().await.unwrap_err(), "user"),
        (client.audit().clear().await.unwrap_err(), "admin key"),
        (client.configuration().llm().await.unwrap_err(), "admin key"),
        (client.mcp().servers().await.unwrap_err(), "admin key"),
        (admin.sops().list().await.unwrap_err(), "client key"),
        (admin.triggers().fire("static").await.unwrap_err(), "client key"),
        (client.sessions().list().await.unwrap_err(), "user"),
        (client.sessions().restore("s", []).await.unwrap_err(), "user"),
        (client.requests().list().await.unwrap_err(), "user"),
        (client.requests().wait("r").await.unwrap_err(), "user"),
        (client.for_user(" ").chat("Hi").await.unwrap_err(), "user"),
        (client.chat("Hi").user("a\r\nx-forged: 1").await.unwrap_err(), "user"),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        assert!(error.to_string().contains(lacking) && !error.may_have_been_sent(), "{error}");
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn a_call_carries_one_key_and_its_own_user() {
    let peer = Peer::start([ok(), ok()]).await;
    let formation =
        FormationClient::direct(peer.url()).client_key("ck").admin_key("ak").build().unwrap().for_user("ada");
    formation.sessions().list().await.unwrap();
    formation.sessions().list().user("bob@example.com").await.unwrap();
    let requests: Vec<_> = peer.requests().iter().map(|request| request.to_lowercase()).collect();
    for (request, user) in requests.iter().zip(["ada", "bob@example.com"]) {
        assert!(request.contains("x-muxi-client-key: ck\r\n") && !request.contains("x-muxi-admin-key"), "{request}");
        assert_eq!(request.matches("x-muxi-user-id").count(), 1);
        assert!(request.contains(&format!("x-muxi-user-id: {user}\r\n")), "{request}");
    }
}

#[tokio::test]
async fn each_call_says_which_sdk_makes_it() {
    let health = Reply::json("200 OK", r#"{"status":"healthy"}"#);
    let peer = Peer::start([health, ok()]).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
    formation.health().await.unwrap();
    formation.sessions().list().user("ada").await.unwrap();
    for request in peer.requests() {
        let request = request.to_lowercase();
        assert!(request.contains("x-muxi-sdk: rust/") && request.contains("/rust\r\n"), "{request}");
        assert_eq!(request.matches("x-muxi-client: ").count(), 1);
    }
}

#[tokio::test]
async fn a_key_that_is_wrong_is_told_by_the_formation() {
    let world = world().await;
    let wrong = FormationClient::direct(world.formation.base_url()).client_key("no").admin_key("no").build().unwrap();
    for error in [
        wrong.status().await.unwrap_err(),
        wrong.chat("Hi").await.unwrap_err(),
        wrong.chat("Hi").stream().await.unwrap_err(),
        wrong.sessions().list().user("ada").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, Some("UNAUTHORIZED")), "{error}");
    }
}
