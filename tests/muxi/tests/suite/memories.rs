//! What is remembered of users.

use muxi_sdk::ErrorKind;
use muxi_tests::{fresh, world};
use serde_json::json;
use test_harness::{Peer, Reply};

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
