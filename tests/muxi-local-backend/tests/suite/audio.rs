//! What is said by voice.

use serde_json::json;

use crate::client::Api;

/// The runtime does not hand the name on that a request has for its turn.
#[tokio::test]
async fn the_turn_has_a_name_of_its_own() {
    let backend = muxi_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let files = json!([{ "filename": "a.ogg", "content_type": "audio/ogg" }]);
    let answer = api.post("/audiochat", json!({ "files": files, "stream": false, "request_id": "mine" })).await;
    assert_eq!((&answer.data()["request_id"], &answer.body["request"]["id"]), (&json!("mine"), &json!("mine")));
    assert_eq!(api.get("/requests/mine").await.status, 404);
    assert_eq!(api.get("/requests").await.data()["count"], 1);
}
