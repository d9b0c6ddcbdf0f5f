//! Running tasks: at once, as a stream, and to the end.

use std::time::Duration;

use m8tes_local_backend::{LocalBackend, Run};
use m8tes_sdk::{Client, ErrorKind, RunStatus, TaskId};
use m8tes_tests::peers::{done, events, is, text};
use m8tes_tests::{client, local};
use serde_json::json;
use test_harness::{Peer, Reply};

async fn task(client: &Client) -> TaskId {
    let bot = client.teammates().create().await.unwrap();
    client.tasks().create(bot.id, "weekly report").await.unwrap().id
}

#[tokio::test]
async fn one_is_run_watched_and_waited_for() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let task = task(&client).await;
    let run = client.tasks().run(task).await.unwrap();
    assert_eq!(run.task_id, Some(task));
    let run = client.runs().wait(run.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Completed);

    let stream = client.tasks().run_stream(task).metadata(json!({"week": 9})).await.unwrap();
    let id = stream.run_id().unwrap();
    let text = stream.finish().await.unwrap();
    let seen = client.runs().get(id).await.unwrap();
    assert_eq!((seen.output.as_deref(), seen.metadata["week"].as_i64()), (Some(text.as_str()), Some(9)));

    let waited = client.tasks().run_and_wait(task).interval(Duration::from_millis(1)).await.unwrap();
    assert_eq!((waited.status, waited.task_id), (RunStatus::Completed, Some(task)));
    let all = client.runs().list().task(task).await.unwrap();
    assert_eq!(all.data.iter().map(|run| run.id).collect::<Vec<_>>(), [waited.id, id, run.id]);
}

#[tokio::test]
async fn one_that_is_not_over_in_time_is_cancelled() {
    let (_backend, client) = local(LocalBackend::builder().on_run(|_: Run| std::future::pending())).await;
    let task = task(&client).await;
    let (pause, patience) = (Duration::from_millis(1), Duration::from_millis(20));
    let late = client.tasks().run_and_wait(task).interval(pause).timeout(patience).await.unwrap_err();
    assert_eq!((late.kind(), late.run().unwrap().status.clone()), (ErrorKind::TimedOut, RunStatus::Cancelled));
    let run = client.runs().get(late.run_id().unwrap()).await.unwrap();
    assert_eq!(run.status, RunStatus::Cancelled);
}

#[tokio::test]
async fn each_way_is_started_once_however_often_it_is_asked_for() {
    let busy = || Reply::json("503 Service Unavailable", "{}");
    let over = || is("completed", &json!({}));
    let peer =
        Peer::start([busy(), over(), busy(), events(&[text("one"), done()], true), busy(), over(), over()]).await;
    let client = client(peer.url());
    client.tasks().run(10).idempotency_key("mine").user("u").await.unwrap();
    assert_eq!(client.tasks().run_stream(10).user("u").await.unwrap().finish().await.unwrap(), "one");
    client.tasks().run_and_wait(10).user("u").memory(false).await.unwrap();
    let requests = peer.requests();
    let keys: Vec<_> = requests.iter().map(|request| header(request, "idempotency-key")).collect();
    assert_eq!(&keys[..2], [Some("mine"), Some("mine")]);
    for (pair, body) in
        [(2, r#"{"stream":true,"user_id":"u"}"#), (4, r#"{"memory":false,"stream":false,"user_id":"u"}"#)]
    {
        assert!(keys[pair].is_some() && keys[pair] == keys[pair + 1] && keys[pair] != keys[0], "{keys:?}");
        assert!(requests[pair].starts_with("POST /api/v2/tasks/10/runs ") && requests[pair].ends_with(body));
    }
    assert_ne!(keys[2], keys[4]);
    // It was over, and looked at once more for the user that it is of.
    assert!(requests[6].starts_with("GET /api/v2/runs/42?user_id=u "), "{}", requests[6]);
}

fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[tokio::test]
async fn what_can_not_be_asked_for_is_refused_before_anything_is_sent() {
    let peer = Peer::start([]).await;
    let client = client(peer.url());
    for turns in [0, 2001] {
        let errors = [
            client.tasks().run(10).max_turns(turns).await.unwrap_err(),
            client.tasks().run_stream(10).max_turns(turns).await.map(drop).unwrap_err(),
            client.tasks().run_and_wait(10).max_turns(turns).await.unwrap_err(),
            client.tasks().run(10).metadata(5).await.unwrap_err(),
            client.tasks().run(10).user(" ").await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        }
    }
    assert_eq!(peer.requests().len(), 0);
}
