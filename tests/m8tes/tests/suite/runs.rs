//! Runs without their streams.

use std::time::Duration;

use futures::TryStreamExt;
use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use m8tes_sdk::{ErrorKind, RunStatus};
use m8tes_tests::{client, local};
use test_harness::{Peer, Reply, VirtualTime};

#[tokio::test]
async fn one_is_started_and_waited_for() {
    let (_backend, client) = local(LocalBackend::builder().on_run(|run: Run| async move {
        run.text(format!("{} by {:?}", run.message(), run.tools()));
        Ok(())
    }))
    .await;
    let bot = client.teammates().create().tools(["gmail"]).await.unwrap();
    let run = client.runs().create("quarterly report").teammate(bot.id).await.unwrap();
    assert_eq!((run.status, run.teammate_id), (RunStatus::Running, Some(bot.id)));
    let run = client.runs().wait(run.id).interval(Duration::from_millis(1)).await.unwrap();
    assert_eq!(
        (run.status.clone(), run.output.as_deref()),
        (RunStatus::Completed, Some(r#"quarterly report by ["gmail"]"#))
    );
    assert_eq!(client.runs().get(run.id).await.unwrap(), run);
}

#[tokio::test]
async fn a_run_that_failed_says_why() {
    let (_backend, client) = local(
        LocalBackend::builder()
            .on_run(|_: Run| async { Err(RunFailure::new("out of paper").code("SANDBOX_UNAVAILABLE")) }),
    )
    .await;
    let run = client.runs().create("go").await.unwrap();
    let run = client.runs().wait(run.id).interval(Duration::from_millis(1)).await.unwrap();
    assert_eq!((run.status, run.error.as_deref()), (RunStatus::Failed, Some("out of paper")));
    assert_eq!(run.error_code.as_deref(), Some("SANDBOX_UNAVAILABLE"));
}

#[tokio::test]
async fn waiting_ends_with_its_time_and_the_run_goes_on() {
    let (_backend, client) = local(LocalBackend::builder().on_run(|_: Run| std::future::pending())).await;
    let run = client.runs().create("go").await.unwrap();
    let wait = client.runs().wait(run.id).interval(Duration::from_millis(1)).timeout(Duration::from_millis(30));
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains(&format!("run {}", run.id)) && error.to_string().contains("running"), "{error}");
    assert_eq!(client.runs().get(run.id).await.unwrap().status, RunStatus::Running);
}

#[tokio::test]
async fn a_long_interval_does_not_shorten_the_wait_and_there_is_a_last_look() {
    let _time = VirtualTime::pause();
    let (_backend, client) = local(LocalBackend::builder().on_run(|run: Run| async move {
        run.pause(Duration::from_millis(10)).await;
        Ok(())
    }))
    .await;
    for interval in [Duration::from_secs(3600), Duration::MAX] {
        let run = client.runs().create("go").await.unwrap();
        let wait = client.runs().wait(run.id).interval(interval).timeout(Duration::from_secs(1));
        assert_eq!(wait.await.unwrap().status, RunStatus::Completed, "{interval:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_waited_for() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let error = client.runs().wait(9).await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::NotFound, Some("Run not found")));
    let error = client.runs().create("go").teammate(9).await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::NotFound, Some("Teammate not found")));
}

#[tokio::test]
async fn runs_are_listed_by_their_teammate_the_newest_first() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let bot = client.teammates().create().await.unwrap();
    let mut expected = Vec::new();
    for number in 0..3 {
        let run = client.runs().create(format!("task {number}")).teammate(bot.id).await.unwrap();
        expected.insert(0, run.id);
        client.runs().create("for another").await.unwrap();
    }
    let runs: Vec<_> = client.runs().list().teammate(bot.id).limit(2).into_stream().try_collect().await.unwrap();
    assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_answer_beyond_the_document_is_read() {
    let body = r#"{"id":1,"status":"hibernating","permission_mode":"telepathic","output":null,"retryable":null,
        "pending_queued_message_ids":null,"metadata":null,"usage":null,"created_at":null,"files":null}"#;
    let peer = Peer::start([Reply::json("200 OK", body)]).await;
    let run = client(peer.url()).runs().get(1).await.unwrap();
    assert_eq!(run.status, RunStatus::Other("hibernating".to_owned()));
    assert_eq!(run.permission_mode.unwrap().as_str(), "telepathic");
    assert!(run.output.is_none() && run.usage.is_none() && run.pending_queued_message_ids.is_empty());
}
