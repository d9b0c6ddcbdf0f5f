//! What is remembered of users.

use muxi_sdk::{ErrorKind, MemoryScope};
use muxi_tests::{fresh, world};
use serde_json::json;
use test_harness::{Peer, Reply};

use crate::users::{enveloped, is};

#[tokio::test]
async fn what_is_remembered_is_listed_until_it_is_forgotten() {
    let world = world().await;
    let formation = world.formation.for_user(fresh("memories-1"));
    let made = formation.memories().create("Likes Rust").kind("preference").metadata(json!({"k": 1})).await.unwrap();
    assert_eq!((made.content.as_str(), made.kind.as_deref()), ("Likes Rust", Some("preference")));
    formation.memories().create("Lives in Köln").await.unwrap();

    let memories = formation.memories().list().await.unwrap();
    assert_eq!(
        memories.iter().map(|memory| memory.content.as_str()).collect::<Vec<_>>(),
        ["Lives in Köln", "Likes Rust"]
    );
    assert!(memories.iter().all(|memory| memory.created_at.is_some() && memory.malformed.is_empty()));
    assert_eq!((memories[1].id.clone(), &memories[1].metadata["k"]), (made.id.clone(), &json!(1)));
    let second = formation.memories().list().limit(1).offset(1).await.unwrap();
    assert_eq!(second, memories[1..]);
    assert_eq!(world.formation.memories().list().user("memories-2").await.unwrap(), []);

    formation.memories().delete(&made.id).await.unwrap();
    let error = formation.memories().delete(&made.id).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NOT_FOUND")));
    assert_eq!(formation.memories().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_nobody_nothing_is_kept() {
    let world = world().await;
    let nobody = world.formation.for_user("0");
    assert_eq!(nobody.memories().create("x").await.unwrap().id.as_str(), "0");
    assert_eq!(nobody.memories().list().await.unwrap(), []);
    for limit in [0, 101] {
        let error = nobody.memories().list().limit(limit).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    }
}

#[tokio::test]
async fn a_memory_is_sent_once() {
    let peer = Peer::start([Reply::cut_off("{")]).await;
    let error = muxi_tests::client(peer.url()).memories().create("x").user("ada").await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_been_sent(), peer.requests().len()), (1, true, 1));
}

#[tokio::test]
async fn a_memory_is_of_a_user_a_group_or_the_formation() {
    let made = json!({"id": "m", "content": {"type": "general", "detail": "x"}, "scope": "group", "scope_id": "g1"});
    let listed = json!({"memories": [], "count": 0});
    let peer = Peer::start([enveloped("200 OK", &made), enveloped("200 OK", &listed)]).await;
    let formation = muxi_tests::client(peer.url()).for_user("ada");
    let made = formation.memories().create("x").scope(MemoryScope::Group).scope_id("g1").await.unwrap();
    assert_eq!((made.scope, made.scope_id.as_deref()), (Some(MemoryScope::Group), Some("g1")));
    formation.memories().list().scopes([MemoryScope::User, MemoryScope::Formation]).await.unwrap();
    let requests = peer.requests();
    is(&requests[0], "POST /v1/memories", "client", Some(&json!({"detail": "x", "scope": "group", "scope_id": "g1"})));
    is(&requests[1], "GET /v1/memories?scopes=user%2Cformation", "client", None);
}

#[tokio::test]
async fn what_other_systems_tell_is_taken_in_once() {
    let taken = json!({"status": "accepted", "duplicate": false, "event_id": "e", "processing_id": "p/1"});
    let again = json!({"status": "completed", "duplicate": true});
    let peer = Peer::start([
        enveloped("202 Accepted", &taken),
        enveloped("200 OK", &again),
        enveloped("200 OK", &json!({"status": "completed", "processing_id": "p"})),
        Reply::cut_off("{"),
    ])
    .await;
    let formation = muxi_tests::client(peer.url()).for_user("ada");
    let memories = formation.memories();
    let time = "2026-01-02T04:05:06+01:00".parse().unwrap();
    let mail = json!({"text": "Hi"});
    let taken = memories.ingest("gmail", &mail).source_id("m1").timestamp(time).subject("Ada").await.unwrap();
    assert_eq!((taken.status.as_deref(), taken.is_duplicate), (Some("accepted"), false));
    assert!(memories.ingest("gmail", "plain").scope(MemoryScope::User).scope_id("s").await.unwrap().is_duplicate);
    assert_eq!(memories.ingestion("p").await.unwrap().status.as_deref(), Some("completed"));
    let error = memories.ingest("gmail", "x").await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_been_sent()), (1, true));
    for error in
        [memories.ingest("gmail", 7).await.unwrap_err(), memories.ingestion(taken.id.unwrap()).await.unwrap_err()]
    {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    }
    let requests = peer.requests();
    let body = json!({"source": "gmail", "content": mail, "source_id": "m1", "timestamp": "2026-01-02T03:05:06Z", "subject": "Ada"});
    is(&requests[0], "POST /v1/memories", "client", Some(&body));
    is(&requests[2], "GET /v1/memories/ingestion/p", "client", None);
}
