//! Ids, names and users of every shape: each reaches its own route and its own header, or nothing is sent.

use muxi_sdk::{Error, ErrorKind, FormationClient, ServerClient};
use test_harness::names::{Names, every_text_reaches_its_own_route_or_none, hostile_texts};
use test_harness::{Peer, Reply, holds_for_all};

struct Muxi;

impl Names for Muxi {
    type Error = Error;

    // It can't store the last.
    const FORBIDDEN: &[char] = &['/', '\0'];
    const PATHS: &[&str] = &[
        "/v1/agents/*",
        "/v1/sessions/*",
        "/v1/secrets/*",
        "/v1/memories/*",
        "/v1/scheduler/jobs/*",
        "/v1/triggers/*",
        "/v1/sops/*",
        "/v1/mcp/servers/*",
        "/rpc/formations/*",
        "/rpc/formations/*/stop",
    ];

    async fn call(url: &str, path: &str, text: &str) -> Error {
        let formation = FormationClient::direct(url).client_key("ck").admin_key("ak").build().unwrap().for_user("ada");
        let server = ServerClient::builder(url).key_id("MUXI_1").secret_key("sk_1").build().unwrap();
        match path {
            "/v1/agents/*" => formation.agents().get(text).await.map(drop),
            "/v1/sessions/*" => formation.sessions().get(text).await.map(drop),
            "/v1/secrets/*" => formation.secrets().delete(text).await,
            "/v1/memories/*" => formation.memories().delete(text).await,
            "/v1/scheduler/jobs/*" => formation.jobs().get(text).await.map(drop),
            "/v1/triggers/*" => formation.triggers().get(text).await.map(drop),
            "/v1/sops/*" => formation.sops().get(text).await.map(drop),
            "/v1/mcp/servers/*" => formation.mcp().server(text).await.map(drop),
            "/rpc/formations/*" => server.get(text).await.map(drop),
            "/rpc/formations/*/stop" => server.stop(text).await.map(drop),
            other => panic!("no call has the path {other}"),
        }
        .unwrap_err()
    }

    fn is_refused(error: &Error) -> bool {
        error.kind() == ErrorKind::InvalidInput && error.attempts() == 0 && !error.may_have_been_sent()
    }
}

#[test]
fn every_id_reaches_its_own_route_or_none() {
    every_text_reaches_its_own_route_or_none::<Muxi>(60);
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
        let can_be_one = !user.trim().is_empty()
            && user.trim() == user
            && !user.chars().any(char::is_control)
            && user.len() <= 8 * 1024;
        assert_eq!(Muxi::is_refused(&error), !can_be_one, "{user:?}: {error}");
        if can_be_one {
            assert_eq!(requests[1], requests[0].replace(": ada\r\n", &format!(": {user}\r\n")), "nothing else differs");
        } else {
            assert_eq!(requests.len(), 1);
        }
    });
}
