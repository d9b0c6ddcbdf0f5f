//! Users that many ask for at once.

use futures::future::join_all;
use serde_json::json;

use crate::client::Api;

#[tokio::test]
async fn a_user_who_is_asked_for_many_times_at_once_is_made_once() {
    let backend = muxi_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let answers = join_all((0..20).map(|_| api.post("/users/resolve", json!({ "identifier": "ada" })))).await;
    assert!(answers.iter().all(|answer| answer.data() == answers[0].data()), "{answers:?}");
}
