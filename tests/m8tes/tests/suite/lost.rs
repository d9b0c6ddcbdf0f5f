//! Whatever the network loses, a run is started once.

use std::time::Duration;

use futures::TryStreamExt;
use m8tes_local_backend::{LocalBackend, Run};
use m8tes_sdk::{Client, ErrorKind};
use m8tes_tests::{client, local};
use test_harness::{Cut, Door, End, Fault, Script, ScriptedNetwork};

/// Attempts whose answers are lost, in one way or another, after the backend has acted.
fn losses() -> [Fault; 4] {
    [
        Fault::CutAnswer(Cut::Start, End::Close),
        Fault::CutAnswer(Cut::InHead, End::Reset),
        Fault::CutAnswer(Cut::InBody, End::Close),
        Fault::Replace(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n".to_vec()),
    ]
}

async fn count(client: &Client) -> usize {
    client.runs().list().into_stream().try_collect::<Vec<_>>().await.unwrap().len()
}

#[tokio::test]
async fn a_run_whose_answer_is_lost_is_started_once_and_found() {
    for fault in losses() {
        let (backend, direct) = local(LocalBackend::builder().on_run(|_: Run| std::future::pending())).await;
        let network = ScriptedNetwork::start(backend.address(), Door::Open).await;
        let script = network.follow(Script::new([fault.clone(), fault.clone()], 7));
        let run = client(network.url()).runs().create("go").await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(script.seen().delivered, 3, "{fault:?}");
        assert_eq!(count(&direct).await, 1, "{fault:?}");
        assert_eq!(direct.runs().get(run.id).await.unwrap().id, run.id);
    }
}

#[tokio::test]
async fn what_has_no_key_is_not_sent_again() {
    for fault in losses() {
        let (backend, direct) = local(LocalBackend::builder()).await;
        let network = ScriptedNetwork::start(backend.address(), Door::Open).await;
        let script = network.follow(Script::new([fault.clone()], 7));
        let error = client(network.url()).teammates().create().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Unavailable), "{fault:?}: {error}");
        assert!(error.may_have_been_sent(), "{fault:?}");
        assert_eq!(script.seen().delivered, 1, "{fault:?}");
        let made: Vec<_> = direct.teammates().list().into_stream().try_collect().await.unwrap();
        assert_eq!(made.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_gone_since_its_deletion_was_lost_is_deleted() {
    for fault in losses() {
        let (backend, direct) = local(LocalBackend::builder()).await;
        let network = ScriptedNetwork::start(backend.address(), Door::Open).await;
        let client = client(network.url());
        let memory = direct.memories().create("likes tea").await.unwrap().id;
        let script = network.follow(Script::new([fault.clone()], 7));
        client.memories().delete(memory).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(script.seen().delivered, 2, "{fault:?}");

        // Of what was not there before either, nobody has lost a deletion.
        network.follow(Script::default());
        let error = client.memories().delete(memory).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::NotFound, false), "{error}");
    }
}

#[tokio::test]
async fn a_deletion_that_leads_to_nothing_has_deleted_nothing() {
    let lost = Fault::CutAnswer(Cut::Start, End::Close);
    let answer = |kind: &str, body: &str| {
        let head = format!("content-type: {kind}\r\ncontent-length: {}", body.len());
        Fault::Replace(format!("HTTP/1.1 404 Not Found\r\n{head}\r\n\r\n{body}").into_bytes())
    };
    let (backend, _) = local(LocalBackend::builder()).await;
    for astray in [answer("application/json", r#"{"detail":"Not Found"}"#), answer("text/html", "<p>Nothing here</p>")]
    {
        let network = ScriptedNetwork::start(backend.address(), Door::Open).await;
        network.follow(Script::new([lost.clone(), astray.clone()], 7));
        let error = client(network.url()).memories().delete(7).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::NotFound, true), "{astray:?}: {error}");
    }
}

#[tokio::test]
async fn a_reply_whose_answers_are_all_lost_is_an_error_with_its_run() {
    let (backend, direct) = local(LocalBackend::builder()).await;
    let run = direct.runs().create_and_wait("go").interval(Duration::from_millis(1)).await.unwrap();
    let network = ScriptedNetwork::start(backend.address(), Door::Open).await;
    for fault in losses() {
        network.follow(Script::new([fault.clone()], 7).for_good());
        let (client, message) = (client(network.url()), format!("and then? {fault:?}"));
        for error in [
            client.runs().reply(run.id, &message).await.unwrap_err(),
            client.runs().reply_stream(run.id, &message).await.unwrap_err(),
            client.runs().reply_and_wait(run.id, &message).await.unwrap_err(),
        ] {
            assert_eq!(error.run_id(), Some(run.id), "{fault:?}: {error}");
        }
    }
}
