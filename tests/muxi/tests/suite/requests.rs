//! Turns, as they can be looked up, followed and cancelled.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use muxi_local_backend::Reply;
use muxi_sdk::{Cancellation, ChatReply, ErrorKind, FormationClient, RequestStatus};
use muxi_tests::{fresh, scripted, world};
use test_harness::{Peer, Reply as PeerReply, soon};
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_turn_is_looked_up_by_who_may() {
    let world = world().await;
    let (user, id) = (fresh("requests-1"), fresh("requests-1-id"));
    let formation = world.formation.for_user(&user);
    formation.chat("Hi").request_id(&id).await.unwrap();
    let turn = formation.requests().get(&id).await.unwrap();
    assert_eq!((turn.status.clone(), turn.text()), (RequestStatus::Completed, Some("Echo: Hi")));
    assert!(turn.created_at <= turn.completed_at && turn.completed_at.is_some() && turn.malformed.is_empty());
    assert_eq!(formation.requests().wait(&id).await.unwrap(), turn);

    let listed = formation.requests().list().await.unwrap();
    assert_eq!(
        (listed.len(), &listed[0].id, listed[0].user_id.as_ref().unwrap().as_str()),
        (1, &turn.id, user.as_str())
    );
    let all = world.formation.requests().list().await.unwrap();
    assert!(all.iter().any(|one| one.id == turn.id), "of everybody");

    let stranger = world.formation.for_user("requests-2");
    assert_eq!(stranger.requests().list().await.unwrap(), []);
    let error = stranger.requests().get(&id).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, Some("FORBIDDEN")));
    let error = formation.requests().wait("none").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("REQUEST_NOT_FOUND")));
    let error = formation.requests().cancel(&id).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("OPERATION_FAILED")));
}

#[tokio::test]
async fn a_turn_in_the_background_is_followed_to_its_end() {
    let word = Arc::new(Semaphore::new(0));
    let awaited = Arc::clone(&word);
    let (_backend, formation) = scripted(move |turn| {
        let awaited = Arc::clone(&awaited);
        async move {
            tokio::spawn(async move {
                awaited.acquire().await.unwrap().forget();
                turn.complete("Done at last");
            });
            Ok(Reply::background())
        }
    })
    .await;
    let formation = formation.for_user("requests-3");
    let ChatReply::Background(turn) = formation.chat("go").await.unwrap().reply else { panic!() };
    let id = turn.request_id.unwrap();
    let error = formation.requests().wait(&id).interval(Duration::ZERO).timeout(Duration::ZERO).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("was not over within 0ns"), "{error}");
    assert_eq!(formation.requests().get(&id).await.unwrap().status, RequestStatus::Processing);
    word.add_permits(1);
    let turn = soon(formation.requests().wait(&id).interval(Duration::from_millis(1)).into_future()).await.unwrap();
    assert_eq!((turn.status.clone(), turn.text()), (RequestStatus::Completed, Some("Done at last")));
}

#[tokio::test]
async fn what_passes_is_waited_out_and_what_asks_back_is_an_end() {
    let state = |status: &str| {
        let body = format!(r#"{{"success":true,"data":{{"request_id":"r","status":"{status}","created_at":1.5}}}}"#);
        PeerReply::json("200 OK", &body)
    };
    let busy = || PeerReply::json("503 Service Unavailable", r#"{"error":"Formation unavailable","code":503}"#);
    for end in ["completed", "failed", "cancelled", "awaiting_clarification"] {
        let peer = Peer::start([state("pending"), busy(), state("running"), state("quite new"), state(end)]).await;
        let formation = FormationClient::direct(peer.url()).client_key("ck").retry(muxi_sdk::RetryPolicy::never());
        let formation = formation.build().unwrap();
        let waiting = formation.requests().wait("r").user("ada").interval(Duration::ZERO);
        let turn = soon(waiting.into_future()).await.unwrap();
        assert_eq!((turn.status.as_str(), peer.requests().len()), (end, 5));
    }
}

#[tokio::test]
async fn a_turn_in_the_background_is_cancelled() {
    // The one behind MUXI_TEST_URL has nothing that would stop there.
    let (_backend, formation) = scripted(|_| async { Ok(Reply::background()) }).await;
    let formation = formation.for_user("requests-5");
    let id = fresh("requests-5-id");
    formation.chat("go").request_id(&id).await.unwrap();
    assert_eq!(formation.requests().get(&id).await.unwrap().status, RequestStatus::Processing);
    for _ in 0..2 {
        assert_eq!(formation.requests().cancel(&id).await.unwrap(), Cancellation::Cooperative);
    }
    let turn = formation.requests().wait(&id).await.unwrap();
    assert_eq!((turn.status.clone(), turn.text()), (RequestStatus::Cancelled, None));
}

#[tokio::test]
async fn a_turn_is_cancelled() {
    let world = world().await;
    let formation = world.formation.for_user(fresh("requests-4"));
    let id = fresh("requests-4-hold");
    let mut stream = formation.chat("hold").request_id(&id).stream().await.unwrap();
    // It has begun: before, a formation has nothing to stop.
    soon(stream.next()).await.unwrap().unwrap();
    formation.requests().cancel(&id).await.unwrap();
    assert_eq!(soon(stream.finish()).await.unwrap().status, None);
    assert_eq!(formation.requests().get(&id).await.unwrap().status, RequestStatus::Cancelled);
}
