//! What clients of one origin share.

use mycel_sdk::Client;
use mycel_tests::RawPeer;

#[tokio::test]
async fn the_clients_of_several_users_share_one_connection() {
    let peer = RawPeer::start(async |mut connection| {
        // Whoever makes a second connection gets no answer at all.
        while connection.number == 0 && connection.request().await.is_some() {
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]").await;
        }
    })
    .await;
    let ada = Client::builder(peer.url()).auth_token("tok-123").build().unwrap();
    let grace = ada.with_auth_token("tok-456");
    for client in [&ada, &grace, &ada] {
        client.messages().read("c").await.unwrap();
    }
    let requests = peer.requests();
    let tokens = requests.iter().map(|request| request.contains("tok-456"));
    assert_eq!(tokens.collect::<Vec<_>>(), [false, true, false]);
}
