//! What is attempted again, and what never is.

use std::time::Duration;

use super::{Facade, Settings};
use crate::{Peer, Reply, VirtualTime, no_server};

fn client<F: Facade>(peer: &Peer) -> F::Client {
    F::client(peer.url(), Settings::default()).unwrap()
}

super::suite! { $ retries:
    what_may_be_repeated_is_until_it_succeeds
    what_may_be_repeated_is_given_up_after_the_last_attempt
    what_would_not_change_is_not_tried_again
    what_must_not_happen_twice_is_sent_once
    what_was_surely_not_acted_on_is_sent_again
    a_connection_that_is_never_made_is_tried_again
    a_pause_that_would_not_end_in_time_is_not_begun
    a_retry_that_was_lost_once_may_have_been_sent
    a_backend_that_is_down_is_not_stormed
}

/// An answer of this status, without a body.
fn status(status: u16) -> Reply {
    Reply::http(&format!("{status} x"), "", "")
}

async fn what_may_be_repeated_is_until_it_succeeds<F: Facade>() {
    let _time = VirtualTime::pause();
    let passing = [Reply::Nothing, Reply::Silence, Reply::cut_off("[")];
    let statuses = F::RULES.repeated.iter().map(|code| status(*code));
    for failure in passing.into_iter().chain(statuses) {
        let peer = Peer::start([failure.clone(), Reply::json("200 OK", F::READ.answer)]).await;
        F::read(&client::<F>(&peer)).await.unwrap_or_else(|told| panic!("{failure:?}: {told:?}"));
        assert_eq!(peer.requests().len(), 2, "{failure:?}");
    }
}

async fn what_may_be_repeated_is_given_up_after_the_last_attempt<F: Facade>() {
    let peer = Peer::start([Reply::http("503 Service Unavailable", "", "")]).await;
    let told = F::read(&client::<F>(&peer)).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.attempts), ("Unavailable", 3));
    assert!(told.line.ends_with("[after 3 attempts]"), "{told:?}");
    assert_eq!(peer.requests().len(), 3);
}

async fn what_would_not_change_is_not_tried_again<F: Facade>() {
    let statuses = [400, 401, 403, 404, 408, 409, 422, 429, 500, 501, 502, 503, 504];
    let final_ones = statuses.into_iter().filter(|code| !F::RULES.repeated.contains(code)).map(status);
    for reply in final_ones.chain([Reply::json("200 OK", "nonsense")]) {
        let peer = Peer::start([reply.clone()]).await;
        let told = F::read(&client::<F>(&peer)).await.unwrap_err();
        assert_eq!((told.attempts, peer.requests().len()), (1, 1), "{reply:?}");
    }
}

async fn what_must_not_happen_twice_is_sent_once<F: Facade>() {
    let _time = VirtualTime::pause();
    for reply in [
        Reply::Nothing,
        Reply::Silence,
        Reply::cut_off("{"),
        Reply::http("408 Request Timeout", "", ""),
        Reply::http("502 Bad Gateway", "", ""),
        Reply::http("503 Service Unavailable", "", ""),
        Reply::http("504 Gateway Timeout", "", ""),
        Reply::http("500 Internal Server Error", "", ""),
    ] {
        let peer = Peer::start([reply.clone()]).await;
        let told = F::write(&client::<F>(&peer)).await.unwrap_err();
        assert!(told.may_have_been_sent, "{reply:?}");
        assert_eq!((told.attempts, peer.requests().len()), (1, 1), "{reply:?}");
    }
}

async fn what_was_surely_not_acted_on_is_sent_again<F: Facade>() {
    let peer = Peer::start([
        Reply::http("429 Too Many Requests", "", ""),
        Reply::http("429 Too Many Requests", "retry-after: 0\r\n", ""),
        Reply::http("404 Not Found", "", ""),
    ])
    .await;
    let told = F::write(&client::<F>(&peer)).await.unwrap_err();
    let expected = if F::RULES.again_after_429 { ("NotFound", 3) } else { ("TooManyRequests", 1) };
    assert_eq!((told.kind.as_str(), told.attempts), expected);
    assert!(!told.may_have_been_sent);
}

async fn a_connection_that_is_never_made_is_tried_again<F: Facade>() {
    let client = F::client(&no_server(), Settings::default()).unwrap();
    let told = F::write(&client).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.attempts), ("Connect", 3));
    assert!(!told.may_have_been_sent);
}

async fn a_pause_that_would_not_end_in_time_is_not_begun<F: Facade>() {
    let peer = Peer::start([Reply::http("503 Service Unavailable", "retry-after: 3600\r\n", "")]).await;
    let told = F::read(&client::<F>(&peer)).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.attempts), ("Unavailable", 1));
    assert_eq!(told.retry_after, Some(Duration::from_secs(3600)));
}

async fn a_retry_that_was_lost_once_may_have_been_sent<F: Facade>() {
    // The second attempt is refused, but the first may have been acted on.
    let peer = Peer::start([Reply::Nothing, Reply::http("404 Not Found", "", "")]).await;
    let told = F::read(&client::<F>(&peer)).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.attempts), ("NotFound", 2));
    assert!(told.may_have_been_sent);
}

async fn a_backend_that_is_down_is_not_stormed<F: Facade>() {
    let peer = Peer::start([Reply::http("503 Service Unavailable", "", "")]).await;
    let client = client::<F>(&peer);
    for _ in 0..300 {
        F::read(&client).await.unwrap_err();
    }
    // 300 first attempts, the ten retries that are saved up, and one for each ten calls.
    let attempts = peer.requests().len();
    assert!((330..=341).contains(&attempts), "{attempts}");
}
