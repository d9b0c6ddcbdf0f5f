//! Drafts that are edited, run and deployed.

use futures::StreamExt;
use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY, LocalBackend};
use muxi_sdk::server::Stage;
use muxi_sdk::{ErrorKind, FormationClient};
use muxi_tests::bundles::bundle;
use muxi_tests::{server, servers_formation};

fn draft_of(backend: &LocalBackend, id: &str) -> FormationClient {
    let builder = FormationClient::builder(backend.url()).formation(id).draft();
    builder.client_key(CLIENT_KEY).admin_key(ADMIN_KEY).build().unwrap()
}

#[tokio::test]
async fn the_files_of_a_draft_are_edited() {
    let (_backend, server) = server().await;
    let draft = server.draft("my-bot");
    let error = draft.list("").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("DraftNotFound")), "{error}");
    assert_eq!(draft.clone_deployed().await.unwrap_err().code(), Some("LiveNotFound"));
    draft.create().await.unwrap();
    assert_eq!(draft.create().await.unwrap_err().kind(), ErrorKind::Conflict);

    draft.write("sops/deep/a.bin", [0_u8, 159, 146, 150]).await.unwrap();
    draft.write("./readme.md", "Hello\n").await.unwrap();
    assert_eq!(draft.read("sops/deep/a.bin").await.unwrap(), [0, 159, 146, 150]);
    let names = async |folder: &str| {
        let entries = draft.list(folder).await.unwrap();
        entries.into_iter().map(|entry| (entry.name, entry.is_folder, entry.size)).collect::<Vec<_>>()
    };
    let size = draft.read("formation.afs").await.unwrap().len() as u64;
    let expected = [("formation.afs", false, Some(size)), ("readme.md", false, Some(6)), ("sops", true, None)];
    assert_eq!(names("").await, expected.map(|(name, is_folder, size)| (name.to_owned(), is_folder, size)));
    assert_eq!(names("sops/deep").await, [("a.bin".to_owned(), false, Some(4))]);

    draft.delete("sops").await.unwrap();
    for error in [draft.list("sops").await.unwrap_err(), draft.read("sops/deep/a.bin").await.unwrap_err()] {
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("FileNotFound")));
    }
    let error = draft.write("../../etc/passwd", "x").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("InvalidPath")), "{error}");
    draft.discard().await.unwrap();
    assert!(draft.discard().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_draft_runs_beside_what_is_deployed_and_takes_its_place() {
    let (backend, server) = server().await;
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    let draft = server.draft("my-bot");
    assert!(draft.run().await.unwrap_err().is_not_found());
    draft.clone_deployed().await.unwrap();
    let declaration = String::from_utf8(draft.read("formation.afs").await.unwrap()).unwrap();
    draft.write("formation.afs", declaration.replace("1.0.0\nagents", "2.0.0\nagents")).await.unwrap();

    assert_eq!(draft.run().await.unwrap().formation_id.as_str(), "my-bot");
    assert_eq!(draft.run().await.unwrap_err().kind(), ErrorKind::Conflict);
    let version = async |formation: FormationClient| formation.status().await.unwrap().version.unwrap();
    assert_eq!(version(draft_of(&backend, "my-bot")).await, "2.0.0");
    assert_eq!(version(servers_formation(&backend, "my-bot")).await, "1.0.0");
    draft.stop().await.unwrap();
    assert!(draft.stop().await.unwrap_err().is_not_found());
    assert!(draft_of(&backend, "my-bot").health().await.unwrap_err().is_not_found());

    let mut deployment = draft.deploy().stream().await.unwrap();
    let mut stages = Vec::new();
    while let Some(progress) = deployment.next().await.transpose().unwrap() {
        stages.push(progress.stage);
    }
    assert!(stages.contains(&Stage::Swapping), "{stages:?}");
    assert_eq!(deployment.finish().await.unwrap().formation_id.as_str(), "my-bot");
    assert_eq!(version(servers_formation(&backend, "my-bot")).await, "2.0.0");
    assert!(draft.deploy().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_new_draft_becomes_a_formation_once_it_is_whole() {
    let (backend, server) = server().await;
    let draft = server.draft("new-bot");
    draft.create().await.unwrap();
    // It has no description yet.
    let error = draft.deploy().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("ParseError")), "{error}");
    draft.write("formation.afs", "id: new-bot\ndescription: new\n").await.unwrap();
    draft.deploy().await.unwrap();
    assert!(servers_formation(&backend, "new-bot").health().await.is_ok());
}

#[tokio::test]
async fn a_folder_of_the_servers_machine_runs_as_a_draft() {
    let (backend, server) = server().await;
    let folder = tempfile::tempdir().unwrap();
    let error = server.run_folder("my-bot").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    let error = server.run_folder(folder.path()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(400)), "{error}");
    std::fs::write(folder.path().join("formation.afs"), "id: dev-bot\ndescription: x\n").unwrap();
    let running = server.run_folder(folder.path()).await.unwrap();
    assert!(running.formation_id.as_str() == "dev-bot" && running.port.is_some());
    assert!(draft_of(&backend, "dev-bot").health().await.is_ok());
    server.draft("dev-bot").stop().await.unwrap();
}
