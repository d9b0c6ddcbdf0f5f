//! What formations and the server write, and what formations were deployed from.

use futures::StreamExt;
use muxi_sdk::ErrorKind;
use muxi_sdk::server::LogSource;
use muxi_tests::bundles::bundle;
use muxi_tests::{server, servers_formation};

#[tokio::test]
async fn the_last_lines_are_told() {
    let (backend, server) = server().await;
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    let formation = servers_formation(&backend, "my-bot");
    for _ in 0..3 {
        formation.health().await.unwrap();
    }
    let logs = server.logs("my-bot").await.unwrap();
    assert_eq!((logs.stdout.len(), logs.total_stdout, logs.stderr.len()), (4, Some(4), 0));
    assert!(logs.stdout[3].contains("GET /v1/health 200"), "{:?}", logs.stdout);
    let last = server.logs("my-bot").lines(2).source(LogSource::Stdout).await.unwrap();
    assert_eq!((&last.stdout[..], last.total_stdout), (&logs.stdout[2..], Some(4)));
    assert!(server.logs("my-bot").source(LogSource::Stderr).await.unwrap().stdout.is_empty());
    for lines in [0, 10_001] {
        assert_eq!(server.logs("my-bot").lines(lines).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(server.server_logs().lines(lines).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let own = server.server_logs().lines(5).await.unwrap();
    assert!(own.iter().any(|line| line.contains("Formation deployed") && line.contains("my-bot")), "{own:?}");
}

#[tokio::test]
async fn further_lines_are_told_as_they_come() {
    let (backend, server) = server().await;
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    let mut lines = server.logs("my-bot").follow().await.unwrap();
    let formation = servers_formation(&backend, "my-bot");
    for _ in 0..2 {
        formation.health().await.unwrap();
        assert!(lines.next().await.unwrap().unwrap().contains("GET /v1/health 200"));
    }
    server.delete("my-bot").await.unwrap();
    assert!(lines.next().await.is_none());
    assert!(format!("{lines:?}").contains("is_over: true"), "{lines:?}");
    assert!(server.logs("my-bot").follow().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn what_a_formation_was_deployed_from_is_downloaded() {
    let (_backend, server) = server().await;
    server.deploy(bundle("my-bot", "1.0.0")).await.unwrap();
    let whole = server.download("my-bot").await.unwrap();
    assert!(whole.starts_with(b"PK\x03\x04"));
    let mut written = Vec::new();
    assert_eq!(server.download("my-bot").to_writer(&mut written).await.unwrap(), whole.len() as u64);
    assert_eq!(written, whole);
    let pieces = server.download("my-bot").into_stream().await.unwrap();
    let pieces: Vec<_> = pieces.map(Result::unwrap).collect().await;
    assert_eq!(pieces.concat(), whole);
    let error = server.download("my-bot").max_bytes(10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{error}");
}
