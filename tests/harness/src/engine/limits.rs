//! Limits on time and size.

use std::time::Duration;

use tokio::time::Instant;

use super::{Facade, Retry, Settings};
use crate::{Peer, Reply, VirtualTime};

super::suite! { $ limits:
    a_silent_backend_runs_into_the_limit_of_an_attempt
    all_attempts_together_run_into_the_overall_limit
    a_response_that_is_too_large_is_not_read
    a_response_within_the_bound_is_read_however_it_comes
}

async fn a_silent_backend_runs_into_the_limit_of_an_attempt<F: Facade>() {
    let _time = VirtualTime::pause();
    let limit = Duration::from_secs(1);
    let peer = Peer::start([Reply::Silence]).await;
    let attempt_timeout = Some(limit);
    let settings = Settings { attempt_timeout, retry: Retry::Never, ..Settings::default() };
    let client = F::client(peer.url(), settings).unwrap();
    let begun = Instant::now();
    let told = F::write(&client).await.unwrap_err();
    assert!(begun.elapsed() >= limit);
    assert_eq!((told.kind.as_str(), told.status), ("TimedOut", None));
    assert!(told.may_have_been_sent);
    assert!(told.line.contains("1s (the attempt limit)"), "{told:?}");
}

async fn all_attempts_together_run_into_the_overall_limit<F: Facade>() {
    let _time = VirtualTime::pause();
    let peer = Peer::start([Reply::Silence]).await;
    let settings = Settings {
        attempt_timeout: Some(Duration::from_secs(1)),
        overall_timeout: Some(Duration::from_millis(9_500)),
        retry: Retry::Attempts(1_000),
        ..Settings::default()
    };
    let told = F::read(&F::client(peer.url(), settings).unwrap()).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.attempts), ("TimedOut", 10), "{told:?}");
    assert!(told.line.contains("9.5s (the overall limit)"), "{told:?}");
}

fn bounded<F: Facade>(peer: &Peer, bytes: usize) -> F::Client {
    F::client(peer.url(), Settings { max_response_bytes: Some(bytes), ..Settings::default() }).unwrap()
}

/// A response with a body whose length is not known before its end.
fn chunked(chunks: &[&str]) -> Reply {
    let mut response = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    for chunk in chunks {
        response += &format!("{:x}\r\n{chunk}\r\n", chunk.len());
    }
    Reply::Bytes((response + "0\r\n\r\n").into_bytes())
}

async fn a_response_that_is_too_large_is_not_read<F: Facade>() {
    let blanks = &*" ".repeat(600);
    for reply in [Reply::json("200 OK", &blanks.repeat(4)), chunked(&[blanks; 4])] {
        let peer = Peer::start([reply]).await;
        let told = F::read(&bounded::<F>(&peer, 1_000)).await.unwrap_err();
        assert_eq!((told.kind.as_str(), told.attempts), ("ResponseTooLarge", 1));
        assert!(told.line.contains("larger than 1000 bytes"), "{told:?}");
    }
}

async fn a_response_within_the_bound_is_read_however_it_comes<F: Facade>() {
    let answer = F::READ.answer;
    let (first, rest) = answer.split_at(1);
    for reply in [Reply::json("200 OK", answer), chunked(&[first, rest])] {
        let peer = Peer::start([reply]).await;
        F::read(&bounded::<F>(&peer, answer.len())).await.unwrap();
    }
}
