//! A backend that is not at the root of its host.

use mycel_sdk::Client;
use mycel_tests::{Peer, Reply};

#[tokio::test]
async fn all_requests_go_under_the_path_of_the_base_url() {
    for base in ["/mycel", "/mycel/", "/mycel//"] {
        let peer = Peer::start([Reply::http("404 Not Found", "", "")]).await;
        let client = Client::builder(format!("{}{base}", peer.url())).auth_token("t").build().unwrap();
        assert_eq!(client.base_url(), format!("{}/mycel", peer.url()));
        client.chats().get("c/../d").await.unwrap_err();
        client.chats().get("c").await.unwrap_err();
        client.messages().list("c").limit(3).await.unwrap_err();
        client.messages().send("c", "hello").await.unwrap_err();
        client.backend_info().await.unwrap_err();
        client.notifications().stream().await.unwrap_err();
        let lines: Vec<String> = peer.requests().iter().map(|request| request.lines().next().unwrap().into()).collect();
        let (streams, others): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.contains("subscribe"));
        assert_eq!(streams, ["GET /mycel/api/runtime/inbox/subscribe HTTP/1.1"]);
        for expected in [
            "GET /mycel/api/chats/c HTTP/1.1",
            "GET /mycel/api/chats/c/messages?limit=3 HTTP/1.1",
            "POST /mycel/api/chats/c/messages HTTP/1.1",
            "GET /mycel/openapi.json HTTP/1.1",
        ] {
            assert!(others.iter().any(|line| *line == expected), "{expected} is not in {lines:#?}");
        }
        assert!(lines.iter().all(|line| line.split(' ').nth(1).unwrap().starts_with("/mycel/")), "{lines:#?}");
    }
}
