//! Credentials of users: what is in them is never shown.

use muxi_sdk::{ErrorKind, FormationClient};
use serde_json::json;
use test_harness::{Peer, Reply};

use crate::users::{client, enveloped, is, refused};

#[tokio::test]
async fn a_credential_is_kept_listed_and_forgotten() {
    let made = json!({"credential_id": "-abc", "service": "github", "name": "work", "credential_preview": "ghp_…", "created_at": "2026-11-28T22:30:11.094609Z"});
    let listed = json!({"credentials": [made], "count": 1});
    let services = json!({"services": [{"service": "github", "server_id": "gh", "description": null}, {"service": 7}], "count": 2});
    let peer = Peer::start([
        enveloped("200 OK", &services),
        enveloped("201 Created", &made),
        enveloped("200 OK", &listed),
        enveloped("200 OK", &made),
        enveloped("200 OK", &json!({"credential_id": "-abc", "deleted": true})),
    ])
    .await;
    let formation = client(&peer);
    let services = formation.credentials().services().await.unwrap();
    assert_eq!((services[0].service.as_str(), services[0].server_id.as_deref()), ("github", Some("gh")));
    assert!(services[1].malformed.contains("service"));
    let credentials = formation.for_user("ada");
    let credentials = credentials.credentials();
    let request = credentials.create("GitHub", json!({"token": "ghp_secret"})).name("work");
    assert!(!format!("{request:?}").contains("ghp_secret"));
    let kept = request.await.unwrap();
    assert_eq!((kept.id.as_str(), kept.preview.as_ref().unwrap().expose_secret()), ("-abc", "ghp_…"));
    assert!(!format!("{kept:?}").contains("ghp_"));
    assert_eq!(credentials.list().await.unwrap()[0].created_at, kept.created_at);
    assert_eq!(credentials.get(&kept.id).await.unwrap().service.as_deref(), Some("github"));
    credentials.delete(&kept.id).user("bob").await.unwrap();

    let requests = peer.requests();
    is(&requests[0], "GET /v1/credentials/services", "admin", None);
    let body = json!({"service": "GitHub", "name": "work", "credential": {"token": "ghp_secret"}});
    is(&requests[1], "POST /v1/credentials", "client", Some(&body));
    is(&requests[2], "GET /v1/credentials", "client", None);
    is(&requests[3], "GET /v1/credentials/-abc", "client", None);
    is(&requests[4], "DELETE /v1/credentials/-abc", "client", None);
    for (request, user) in requests[1..].iter().zip(["ada", "ada", "ada", "bob"]) {
        assert!(request.to_lowercase().contains(&format!("x-muxi-user-id: {user}\r\n")), "{request}");
    }
}

#[tokio::test]
async fn no_error_repeats_what_is_in_it() {
    let echo =
        json!({"success": false, "error": {"code": "INTERNAL_ERROR", "message": "can't store ghp_secret-0123456789"}});
    let peer = Peer::start([Reply::json("500 Internal Server Error", &echo.to_string())]).await;
    let credential = json!({"deep": ["ghp_secret-0123456789"]});
    let error = client(&peer).credentials().create("github", credential).user("ada").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::BackendFailed, 1));
    let shown = format!("{error} {error:?} {:?}", error.detail());
    assert!(!shown.contains("ghp_secret"), "{shown}");
}

#[tokio::test]
async fn they_are_of_a_user_and_an_object() {
    let peer = Peer::start([]).await;
    let formation = client(&peer);
    let keyless = FormationClient::direct(peer.url()).build().unwrap();
    for error in [
        formation.credentials().list().await.unwrap_err(),
        formation.credentials().create("github", "no object").user("ada").await.unwrap_err(),
        formation.credentials().get("a/b").user("ada").await.unwrap_err(),
        keyless.credentials().services().await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    }
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_has_deleted() {
    let gone = || refused("404 Not Found", "RESOURCE_NOT_FOUND");
    // What is not there from the beginning is told.
    let peer = Peer::start([gone()]).await;
    let error = client(&peer).credentials().delete("c").user("ada").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    for call in 0..5 {
        let peer = Peer::start([Reply::cut_off(""), gone()]).await;
        let formation = client(&peer);
        let outcome = match call {
            0 => formation.credentials().delete("c").user("ada").await,
            1 => formation.secrets().delete("C").await,
            2 => formation.jobs().delete("j").await,
            3 => formation.memories().delete("m").user("ada").await,
            _ => formation.users().remove("i").await,
        };
        outcome.unwrap();
        assert_eq!(peer.requests().len(), 2);
    }
}
