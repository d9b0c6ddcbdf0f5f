//! Answers that are odd in one place.

use m8tes_sdk::Client;
use test_harness::{Peer, Reply};

#[tokio::test]
async fn an_odd_field_costs_nothing_else_of_its_page() {
    let body = r#"{"data": [{"id": 1, "name": "a", "status": "enabled"}, {"id": 2, "name": 5, "status": "enabled", "mood": 1},
        {"id": 3, "name": "c", "created_at": "yesterday"}], "has_more": true, "next_starting_after": 3}"#;
    let peer =
        Peer::start([Reply::json("200 OK", body), Reply::json("200 OK", r#"{"id": 2, "name": "b", "tools": 5}"#)])
            .await;
    let client = Client::builder("m8_x").base_url(peer.url()).build().unwrap();
    let page = client.teammates().list().await.unwrap();
    let told: Vec<_> =
        page.data.iter().map(|row| (row.id.get(), row.name.as_str(), row.malformed.to_string())).collect();
    let expected = [(1, "a", ""), (2, "", "name: expected a string"), (3, "c", "created_at: is no point in time")];
    assert_eq!(told, expected.map(|(id, name, malformed)| (id, name, malformed.to_owned())));
    assert_eq!((page.has_more, page.next_starting_after.as_deref()), (true, Some("3")));
    let one = client.teammates().get(2).await.unwrap();
    assert_eq!((one.name.as_str(), one.malformed.contains("tools")), ("b", true));
}
