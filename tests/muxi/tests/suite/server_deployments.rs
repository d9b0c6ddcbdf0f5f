//! Formations that are deployed, updated, started and stopped, and what goes wrong with that.

use futures::StreamExt;
use muxi_local_backend::{CLIENT_KEY, KEY_ID, LocalBackend, SECRET_KEY};
use muxi_sdk::server::{FormationState, Stage};
use muxi_sdk::{ErrorKind, FormationClient, ServerClient};
use muxi_tests::bundles::{bundle, packed};
use muxi_tests::{server, servers_formation};

#[tokio::test]
async fn a_bundle_becomes_a_formation_that_answers() {
    let (backend, server) = server().await;
    let mut deployment = server.deploy(bundle("my-bot", "1.2.0")).stream().await.unwrap();
    let mut stages = Vec::new();
    while let Some(progress) = deployment.next().await.transpose().unwrap() {
        assert!(!progress.message.is_empty());
        stages.push(progress.stage);
    }
    assert_eq!(stages, [Stage::Extracting, Stage::Validating, Stage::Spawning, Stage::HealthCheck]);
    assert_eq!(deployment.outcome().unwrap().status, Some(FormationState::Running));
    let deployed = deployment.finish().await.unwrap();
    assert_eq!(deployed.formation_id.as_str(), "my-bot");

    let formation = servers_formation(&backend, "my-bot");
    assert_eq!(formation.chat("Hi").user("ada").await.unwrap().text(), Some("Echo: Hi"));
    let status = formation.status().await.unwrap();
    assert_eq!((status.id.as_str(), status.version.as_deref()), ("my-bot", Some("1.2.0")));
    assert_eq!(formation.agents().list().await.unwrap()[0].id.as_str(), "scout");
    // It listens itself, too, and is none of the others.
    let direct = FormationClient::direct(deployed.url.unwrap()).client_key(CLIENT_KEY).build().unwrap();
    assert!(direct.health().await.is_ok());
    assert_eq!(direct.for_user("ada").sessions().list().await.unwrap().len(), 1);
    assert!(servers_formation(&backend, "echo-bot").for_user("ada").sessions().list().await.unwrap().is_empty());

    let shown = server.get("my-bot").await.unwrap();
    assert_eq!((shown.status, shown.name.as_deref()), (FormationState::Running, Some("The my-bot")));
    assert!(shown.malformed.is_empty() && shown.created_at.is_some() && shown.version.current.is_some());
    let ids: Vec<_> = server.list().await.unwrap().into_iter().map(|formation| formation.id.to_string()).collect();
    assert_eq!(ids, ["echo-bot", "my-bot"]);
    let status = server.status().await.unwrap();
    assert_eq!((status.formations, status.running, status.malformed.is_empty()), (Some(2), Some(2), true));
}

#[tokio::test]
async fn a_plain_call_is_done_once_the_formation_runs() {
    let (_backend, server) = server().await;
    let deployed = server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    assert!(deployed.malformed.is_empty() && deployed.port.is_some() && deployed.health_url.is_some());

    let stopped = server.stop("my-bot").await.unwrap();
    assert_eq!((stopped.id.as_str(), stopped.status), ("my-bot", Some(FormationState::Stopped)));
    assert_eq!(server.stop("my-bot").await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(server.start("my-bot").await.unwrap().status, Some(FormationState::Running));
    let error = server.start("my-bot").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.may_have_been_sent()),
        (ErrorKind::Conflict, Some("AlreadyRunning"), false)
    );
    assert_eq!(server.restart("my-bot").await.unwrap().restart_count, Some(1));

    server.delete("my-bot").await.unwrap();
    for error in [
        server.get("my-bot").await.unwrap_err(),
        server.delete("my-bot").await.unwrap_err(),
        server.stop("my-bot").await.unwrap_err(),
        server.start("my-bot").await.unwrap_err(),
        server.restart("my-bot").await.unwrap_err(),
        server.rollback("my-bot").await.unwrap_err(),
        server.update(bundle("my-bot", "1.0.0")).await.unwrap_err(),
        server.cancel_update("my-bot").await.unwrap_err(),
        server.logs("my-bot").await.unwrap_err(),
        server.download("my-bot").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.detail()), (ErrorKind::NotFound, Some("Formation not found")), "{error}");
    }
}

#[tokio::test]
async fn a_formation_is_updated_and_rolled_back_and_keeps_what_it_knows() {
    let (backend, server) = server().await;
    let formation = servers_formation(&backend, "my-bot").for_user("ada");
    let version = async || formation.status().await.unwrap().version.unwrap();
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    formation.memories().create("Likes Rust").await.unwrap();
    let error = server.rollback("my-bot").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("NoPreviousVersion")));

    let mut update = server.update(bundle("my-bot", "2.0.0")).stream().await.unwrap();
    let mut stages = Vec::new();
    while let Some(progress) = update.next().await.transpose().unwrap() {
        assert_eq!(progress.staging_port.is_some(), progress.stage == Stage::SpawningStaging);
        stages.push(progress.stage.to_string());
    }
    assert_eq!(stages, ["extracting", "validating", "spawning_staging", "health_check", "swapping", "stopping_old"]);
    let updated = update.finish().await.unwrap();
    assert!(updated.version.is_some() && updated.version != updated.previous_version);
    assert_eq!((version().await.as_str(), formation.memories().list().await.unwrap().len()), ("2.0.0", 1));

    let rolled_back = server.rollback("my-bot").await.unwrap();
    assert_eq!((rolled_back.version, version().await.as_str()), (updated.previous_version, "1.0.0"));
    assert_eq!(formation.memories().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_there_is_updated_and_what_is_not_is_deployed() {
    let (backend, server) = server().await;
    for version in ["1.0.0", "2.0.0"] {
        let done = server.deploy_or_update(bundle("my-bot", version)).await.unwrap();
        assert_eq!(done.formation_id.as_str(), "my-bot");
        assert_eq!(servers_formation(&backend, "my-bot").status().await.unwrap().version.as_deref(), Some(version));
    }
    let error = server.update(bundle("my-bot", "2.0.0")).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("NoChange")), "{error}");
    let unchanged = server.deploy_or_update(bundle("my-bot", "2.0.0")).await.unwrap();
    assert_eq!((unchanged.formation_id.as_str(), unchanged.status), ("my-bot", None));
    assert!(unchanged.message.unwrap().contains("identical"));
}

#[tokio::test]
async fn what_the_server_refuses_is_told_by_its_name() {
    let (_backend, server) = server().await;
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    let error = server.deploy(bundle("my-bot", "1.0.0")).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Conflict, Some(409), 1), "{error}");
    assert!(error.detail().unwrap().contains("already exists"));

    for (deploy, code, stage) in [
        (server.deploy(bundle("a-bot", "1.0.0")).formation_id("b-bot"), "IDMismatch", "validating"),
        (server.deploy(bundle("a-bot", "1.0.0")).version("2.0.0"), "VersionMismatch", "validating"),
        (server.deploy(packed(&[("b/formation.afs", "id: a-bot")])), "ParseError", "validating"),
    ] {
        let error = deploy.await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status(), error.code()),
            (ErrorKind::Rejected, Some(200), Some(code)),
            "{error}"
        );
        assert_eq!(error.detail_object().unwrap()["stage"], stage);
        assert!(error.to_string().contains("validating") && !error.may_have_been_sent());
    }
    assert_eq!(server.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_formation_that_does_not_come_up_is_an_error_that_names_the_stage() {
    let backend = LocalBackend::builder()
        .on_stage(async |step| match (step.formation_id(), step.stage()) {
            ("ill-bot", "health_check") => Err("it is not well".to_owned()),
            _ => Ok(()),
        })
        .start()
        .await
        .unwrap();
    let server = muxi_tests::client_of_server(backend.url());
    let mut deployment = server.deploy(bundle("ill-bot", "1.0.0")).stream().await.unwrap();
    let mut told = 0;
    let error = loop {
        match deployment.next().await.unwrap() {
            Ok(_) => told += 1,
            Err(error) => break error,
        }
    };
    assert!(deployment.next().await.is_none() && deployment.outcome().is_none());
    assert!(deployment.finish().await.is_err());
    assert_eq!((told, error.kind(), error.code()), (4, ErrorKind::BackendFailed, Some("HealthCheckFailed")));
    assert!(error.may_have_been_sent() && error.to_string().contains("health_check"), "{error}");
    assert!(server.get("ill-bot").await.unwrap_err().is_not_found());
    assert!(server.deploy(bundle("my-bot", "1.0.0")).await.is_ok());
}

#[tokio::test]
async fn an_update_that_is_under_way_can_be_cancelled() {
    let (reached, mut is_reached) = tokio::sync::mpsc::unbounded_channel();
    let backend = LocalBackend::builder()
        .on_stage(move |step| {
            let reached = reached.clone();
            async move {
                if step.stage() == "spawning_staging" {
                    reached.send(()).unwrap();
                    std::future::pending::<()>().await;
                }
                Ok(())
            }
        })
        .start()
        .await
        .unwrap();
    let server = muxi_tests::client_of_server(backend.url());
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    let error = server.cancel_update("my-bot").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)), "{error}");

    let update = server.update(bundle("my-bot", "2.0.0")).stream().await.unwrap();
    is_reached.recv().await.unwrap();
    let error = server.update(bundle("my-bot", "3.0.0")).await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Conflict, Some("Formation is already being updated")));
    let cancelled = server.cancel_update("my-bot").await.unwrap();
    assert_eq!(cancelled.formation_id.as_str(), "my-bot");
    assert!(cancelled.staging_port.is_some() && cancelled.staging_port != cancelled.current_port);
    assert!(update.finish().await.is_err());
    assert_eq!(servers_formation(&backend, "my-bot").status().await.unwrap().version.as_deref(), Some("1.0.0"));
}

#[tokio::test]
async fn the_proxy_tells_what_becomes_of_a_formation() {
    let (backend, server) = server().await;
    let formation = servers_formation(&backend, "my-bot").with_retry(muxi_sdk::RetryPolicy::never());
    assert!(formation.health().await.unwrap_err().is_not_found());
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    assert!(formation.health().await.is_ok());
    server.stop("my-bot").await.unwrap();
    let error = formation.health().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unavailable, Some(503)), "{error}");
    server.start("my-bot").await.unwrap();
    assert!(formation.health().await.is_ok());
    backend.crash("my-bot").await;
    let error = formation.health().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unavailable, Some(502)), "{error}");
    assert_eq!(server.restart("my-bot").await.unwrap().restart_count, Some(1));
    assert!(formation.health().await.is_ok());
}

#[tokio::test]
async fn what_is_lacking_is_told_before_anything_is_sent_and_what_is_wrong_by_the_server() {
    let (backend, _server) = server().await;
    let without = ServerClient::builder(backend.url()).build().unwrap();
    without.ping().await.unwrap();
    assert_eq!(without.health().await.unwrap().status, "ok");
    let error = without.list().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    for (id, secret, said) in
        [("other", SECRET_KEY, "does not know the key id"), (KEY_ID, "sk_other", "not that of the key id")]
    {
        let wrong = ServerClient::builder(backend.url()).key_id(id).secret_key(secret).build().unwrap();
        let error = wrong.list().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
        assert!(error.to_string().contains(said) && !error.to_string().contains("sk_other"), "{error}");
    }
}
