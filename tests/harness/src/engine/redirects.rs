//! Redirects are told, and not followed: the credentials go to nobody but the backend that they were given for.

use super::{Facade, SECRET, Settings, Told};
use crate::{Peer, Reply};

const STATUSES: [&str; 6] = [
    "300 Multiple Choices",
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

super::suite! { $ redirects:
    no_redirect_is_followed_and_the_secret_stays
    a_redirect_to_itself_is_no_loop
    what_is_followed_arrives_as_it_was_sent
    the_error_says_where_to_without_secrets
}

fn client<F: Facade>(peer: &Peer) -> F::Client {
    F::client(peer.url(), Settings::default()).unwrap()
}

/// How the call that may be repeated fails at a server that always points there.
async fn reading<F: Facade>(status: &str, headers: &str) -> (Box<Told>, Peer) {
    let peer = Peer::start([Reply::http(status, headers, "")]).await;
    (F::read(&client::<F>(&peer)).await.unwrap_err(), peer)
}

async fn no_redirect_is_followed_and_the_secret_stays<F: Facade>() {
    for status in STATUSES {
        let elsewhere = Peer::start([Reply::json("200 OK", F::READ.answer)]).await;
        let location = format!("location: {}/elsewhere\r\n", elsewhere.url());
        let peer = Peer::start([Reply::http(status, &location, "")]).await;
        let client = client::<F>(&peer);
        for told in [F::read(&client).await.unwrap_err(), F::write(&client).await.unwrap_err()] {
            assert_eq!((told.kind.as_str(), told.attempts), ("Redirected", 1), "{status}: {told:?}");
            assert!(!told.may_have_been_sent);
            let line = told.line;
            let (base, path) = (peer.url(), F::BASE_PATH);
            assert!(line.contains(&format!("{base}{path} points to {}/elsewhere", elsewhere.url())), "{line}");
            assert!(line.contains("which is not followed; set the base URL"), "{line}");
        }
        assert_eq!(elsewhere.requests(), [""; 0], "{status}");
        let requests = peer.requests();
        assert_eq!(requests.len(), 2, "{status}");
        assert!(requests.iter().all(|request| request.contains(SECRET)), "{requests:?}");
    }
}

/// Whether the platform wants it followed.
fn is_followed<F: Facade>(status: &str) -> bool {
    F::RULES.followed.iter().any(|code| status.starts_with(&code.to_string()))
}

async fn a_redirect_to_itself_is_no_loop<F: Facade>() {
    for status in STATUSES {
        let (told, peer) = reading::<F>(status, "location: /elsewhere\r\n").await;
        assert_eq!(told.kind, "Redirected", "{status}: {told:?}");
        let most = if is_followed::<F>(status) { 10 } else { 1 };
        let count = peer.requests().len();
        assert!((1..=most).contains(&count), "{status}: {count} requests");
        assert!(told.line.contains(&format!("points to {}/elsewhere (", peer.url())), "{told:?}");
    }
}

async fn what_is_followed_arrives_as_it_was_sent<F: Facade>() {
    for status in STATUSES.into_iter().filter(|status| is_followed::<F>(status)) {
        let to = Reply::http(status, "location: /elsewhere\r\n", "");
        let peer = Peer::start([to, Reply::json("200 OK", F::WRITE.answer)]).await;
        F::write(&client::<F>(&peer)).await.unwrap_or_else(|told| panic!("{status}: {told:?}"));
        let requests = peer.requests();
        let (first, second) = (&requests[0], &requests[1]);
        assert!(second.starts_with(&format!("{} /elsewhere HTTP/1.1\r\n", F::WRITE.method)), "{second}");
        assert!(second.contains(SECRET) && requests.len() == 2, "{requests:?}");
        assert_eq!(first.split_once("\r\n\r\n").unwrap().1, second.split_once("\r\n\r\n").unwrap().1);
    }
}

async fn the_error_says_where_to_without_secrets<F: Facade>() {
    for (location, shown) in [
        ("https://backend.example/api/chats", "points to https://backend.example/api/chats ("),
        ("//backend.example/x", "points to http://backend.example/x ("),
        // What FastAPI answers where a route has a slash at its end.
        ("/api/chats/", "/api/chats/ ("),
        ("https://ada:hunter2@backend.example/x", "points to https://backend.example/x ("),
        ("https://backend.example/login?next=/&ticket=hunter2", "points to https://backend.example/login ("),
        ("https://backend.example/#hunter2", "points to https://backend.example/ ("),
        ("https://backend.example/tok-123", "points to https://backend.example/[redacted] ("),
        ("https://tok-123.example/", "points to https://[redacted].example/ ("),
        ("http://[", "points to elsewhere"),
        ("caf\u{e9}", "points to elsewhere"),
        ("javascript:alert(1)", "points to javascript:alert(1) ("),
    ] {
        let (told, _peer) = reading::<F>("307 Temporary Redirect", &format!("location: {location}\r\n")).await;
        let printed = told.printed;
        assert!(printed.contains(shown), "{location}: {printed}");
        assert!(!printed.contains("hunter2") && !printed.contains(SECRET), "{location}: {printed}");
    }
    let long = format!("location: https://backend.example/{}\r\n", "x".repeat(10_000));
    for headers in ["", &long] {
        let (told, _peer) = reading::<F>("302 Found", headers).await;
        assert!(told.line.contains("points to elsewhere"), "{told:?}");
    }
}
