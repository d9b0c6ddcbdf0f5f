//! Which backend it is, and what it offers.

use mycel_local_backend::{LocalBackend, Profile};
use mycel_sdk::{Client, ErrorKind};
use mycel_tests::{Peer, Reply, World, fresh};

async fn communication() -> World {
    World::local(LocalBackend::builder().profile(Profile::Communication).start().await.unwrap()).await
}

#[tokio::test]
async fn a_full_backend_offers_everything() {
    let Some(world) = World::start_local("a_full_backend_offers_everything").await else { return };
    let info = world.client.backend_info().await.unwrap();
    assert_eq!((info.title.as_str(), info.version.as_str()), ("Mycel Web Backend", "0.1.0"));
    assert_eq!(info.openapi_version, "3.1.0");
    let offers = info.capabilities;
    assert!(offers.guest_login && offers.external_users && offers.messages && offers.inbox, "{offers:?}");
    assert!(offers.login && offers.managed_agents, "{offers:?}");
}

#[tokio::test]
async fn the_communication_profile_has_no_accounts_and_no_managed_agents() {
    let test = "the_communication_profile_has_no_accounts_and_no_managed_agents";
    let Some(_) = World::start_local(test).await else { return };
    let world = communication().await;
    let offers = world.client.backend_info().await.unwrap().capabilities;
    assert!(offers.guest_login && offers.external_users && offers.messages && offers.inbox, "{offers:?}");
    assert!(!offers.login && !offers.managed_agents, "{offers:?}");

    let owner = world.owner().await;
    let auth = world.client.auth();
    let errors = [
        auth.login("ada@example.com", "correct horse").await.unwrap_err(),
        auth.send_otp("ada@example.com", "correct horse", "INVITE").await.unwrap_err(),
        auth.verify_otp("ada@example.com", "000000").await.unwrap_err(),
        auth.complete_register("temp", "INVITE").await.unwrap_err(),
        owner.client.agents().list().await.unwrap_err(),
        owner.client.agents().create("Chanterelle").await.unwrap_err(),
        owner.client.threads().create("m_1").await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)), "{error}");
        assert_eq!((error.detail(), error.may_have_been_sent()), (Some("Not Found"), false));
        assert!(error.to_string().contains("does not offer this operation"), "{error}");
    }
    // All the rest is there.
    let codex = owner.agent("codex").await;
    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap();
    codex.client.messages().send(&chat.id, "hello").await.unwrap();
    assert_eq!(owner.client.notifications().drain().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_backend_offers_is_there_and_what_it_does_not_is_not_found() {
    let world = World::start().await;
    let offers = world.client.backend_info().await.unwrap().capabilities;
    let login = world.client.auth().login(format!("{}@example.com", fresh("nobody")), "wrong").await.unwrap_err();
    let expected = if offers.login { ErrorKind::Unauthorized } else { ErrorKind::NotFound };
    assert_eq!(login.kind(), expected, "{login}");
    let owner = world.owner().await;
    match owner.client.agents().list().await {
        Ok(_) => assert!(offers.managed_agents),
        // A guest may have no managed agents where others have.
        Err(error) if offers.managed_agents => assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
    }
}

#[tokio::test]
async fn each_capability_is_a_path_of_its_own() {
    for (paths, expected) in [
        (r#""/api/auth/guest":{}"#, [true, false, false, false, false, false]),
        (r#""/api/auth/external-users":{}"#, [false, true, false, false, false, false]),
        (r#""/api/chats/{chat_id}/messages":{}"#, [false, false, true, false, false, false]),
        (r#""/api/runtime/inbox/drain":{}"#, [false, false, false, true, false, false]),
        (r#""/api/auth/login":{}"#, [false, false, false, false, true, false]),
        (r#""/api/panel/agents":{},"/api/threads":{}"#, [false, false, false, false, false, true]),
        (r#""/api/panel/agents":{}"#, [false; 6]),
        (r#""/api/threads":{}"#, [false; 6]),
    ] {
        let document = format!(r#"{{"openapi":"3.1.0","info":{{"title":"T","version":"9"}},"paths":{{{paths}}}}}"#);
        let peer = Peer::start([Reply::json("200 OK", &document)]).await;
        let info = Client::builder(peer.url()).build().unwrap().backend_info().await.unwrap();
        let offers = info.capabilities;
        let told = [
            offers.guest_login,
            offers.external_users,
            offers.messages,
            offers.inbox,
            offers.login,
            offers.managed_agents,
        ];
        assert_eq!(told, expected, "{paths}");
        assert_eq!((info.title.as_str(), info.version.as_str()), ("T", "9"));
    }
}

#[tokio::test]
async fn it_is_asked_without_a_token() {
    let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
    let client = Client::builder(format!("{}/gateway", peer.url())).auth_token("tok-123").build().unwrap();
    client.backend_info().await.unwrap_err();
    let request = peer.requests().remove(0);
    assert!(request.starts_with("GET /gateway/openapi.json HTTP/1.1\r\n"), "{request}");
    assert!(!request.to_ascii_lowercase().contains("authorization") && !request.contains("tok-123"), "{request}");
}

#[tokio::test]
async fn another_server_is_no_backend() {
    for body in ["<html>welcome</html>", "[]", "{}", r#"{"openapi":"3.1.0","info":{"title":"T"},"paths":{}}"#] {
        let peer = Peer::start([Reply::json("200 OK", body)]).await;
        let error = Client::builder(peer.url()).build().unwrap().backend_info().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::MalformedResponse, Some(200)), "{body}");
        assert_eq!(error.operation(), Some("backend_info"));
        assert!(error.to_string().contains(peer.url()), "{error}");
    }
    let peer = Peer::start([Reply::http("404 Not Found", "content-type: text/html\r\n", "<h1>Not Found</h1>")]).await;
    let error = Client::builder(peer.url()).build().unwrap().backend_info().await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.detail()), (ErrorKind::NotFound, Some(404), None));
    assert!(!error.may_have_been_sent());
}
