//! What is asked for with one key is done once: chats, triggers and new jobs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::future::join_all;
use muxi_local_backend::{Builder, LocalBackend, Reply, Turn};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::client::{Answer, Api};

/// What can be asked for with a key.
fn calls() -> [(&'static str, Value); 3] {
    [
        ("/chat", json!({ "message": "Hi", "stream": false })),
        ("/triggers/static", json!({ "data": {}, "use_async": false })),
        ("/scheduler/jobs", json!({ "type": "recurring", "schedule": "0 9 * * *", "message": "m" })),
    ]
}

/// A formation that counts its turns.
fn counting(turns: &Arc<AtomicUsize>) -> Builder {
    let turns = Arc::clone(turns);
    LocalBackend::builder().on_chat(move |_: Turn| {
        let turns = Arc::clone(&turns);
        async move { Ok(Reply::text(format!("turn {}", turns.fetch_add(1, Ordering::Relaxed)))) }
    })
}

#[tokio::test]
async fn the_first_answer_is_given_again_whatever_is_said_then() {
    let turns = Arc::default();
    let backend = counting(&turns).start().await.unwrap();
    let api = Api::of(&backend);
    for (path, body) in calls() {
        let first = api.keyed("k", path, &body).await;
        first.data();
        assert_eq!(first.body["request"]["idempotency_key"], "k", "{path}");
        let mut other = body.clone();
        other["message"] = "another".into();
        let again = api.keyed("k", path, &other).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "{path}");
        for new in [api.keyed("other", path, &body).await, api.for_user("bob").keyed("k", path, &body).await] {
            assert_ne!(new.body["request"]["id"], first.body["request"]["id"], "{path}");
        }
    }
    assert_eq!(turns.load(Ordering::Relaxed), 6, "three of each of the two routes with turns");
    assert_eq!(api.get("/scheduler/jobs").await.data()["count"], 2);
}

#[tokio::test]
async fn what_is_asked_for_many_times_at_once_is_done_once() {
    let turns = Arc::default();
    let backend = counting(&turns).start().await.unwrap();
    let api = Api::of(&backend);
    for (path, body) in calls() {
        let answers = join_all((0..20).map(|_| api.keyed("k", path, &body))).await;
        let ids: Vec<_> = answers.iter().map(|answer| &answer.body["request"]["id"]).collect();
        assert!(ids.iter().all(|id| id.is_string() && *id == ids[0]), "{path}: {ids:?}");
    }
    assert_eq!(turns.load(Ordering::Relaxed), 2);
    assert_eq!(api.get("/scheduler/jobs").await.data()["count"], 1);
}

#[tokio::test]
async fn an_error_is_not_kept() {
    let turns = Arc::default();
    let backend = counting(&turns).start().await.unwrap();
    let api = Api::of(&backend);
    for (path, wrong, right) in [
        ("/triggers/daily-report", json!({ "data": {} }), json!({ "data": { "date": "today" } })),
        ("/scheduler/jobs", json!({ "type": "x", "schedule": "", "message": "" }), calls()[2].1.clone()),
    ] {
        assert_eq!(api.keyed("k", path, &wrong).await.status, 400, "{path}");
        api.keyed("k", path, &right).await.data();
    }
}

/// Whoever asks may go away: the turn goes on, and its answer is there for who asks again.
#[tokio::test]
async fn what_was_begun_is_done_although_nobody_waits_for_it() {
    let (turns, may_end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let (begun, end) = (Arc::clone(&turns), Arc::clone(&may_end));
    let builder = LocalBackend::builder().on_chat(move |_: Turn| {
        let (begun, end) = (Arc::clone(&begun), Arc::clone(&end));
        async move {
            begun.fetch_add(1, Ordering::Relaxed);
            end.acquire().await.unwrap().forget();
            Ok(Reply::text("done"))
        }
    });
    let backend = builder.start().await.unwrap();
    let api = Api::of(&backend);
    let body = calls()[0].1.clone();
    let first = tokio::spawn({
        let (api, body) = (api.clone(), body.clone());
        async move { api.keyed("k", "/chat", &body).await }
    });
    while turns.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    may_end.add_permits(1);
    let Answer { status, body } = api.keyed("k", "/chat", &body).await;
    assert_eq!((status, body["data"]["message"]["content"].as_str()), (200, Some("done")));
    assert_eq!(turns.load(Ordering::Relaxed), 1);
}
