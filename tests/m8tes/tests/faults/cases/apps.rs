//! Apps.

use m8tes_sdk::Client;
use m8tes_sdk::apps::ConnectionProof;
use test_harness::faults::Case;
use test_harness::fresh;

use super::{call, no_case};

/// Where the user is sent back to.
const BACK: &str = "https://app.example.com/connected";

pub async fn prepare(subject: &str, direct: &Client) -> Case<Client> {
    const CONNECTED: &str = "SELECT count(*) FROM connections WHERE user_id = ? AND rest ->> 'is_complete'";
    // Of an end user of its own, whose connections nobody else touches.
    let user = fresh("cust");
    let parameters = [user.clone()];
    match subject {
        "list_apps" => call(async |client| client.apps().list().await),
        "connect_app" => call(async move |client| client.apps().connect("gmail", BACK).user(user).await)
            .leaves("SELECT count(*) FROM connections WHERE user_id = ? AND NOT rest ->> 'is_complete'", parameters),
        "connect_app_with_key" => {
            call(async move |client| client.apps().connect_with_key("gemini", "key").user(user).await)
                .leaves(CONNECTED, parameters)
        }
        "complete_app_connection" => {
            let begun = direct.apps().connect("gmail", BACK).user(user.clone()).await.unwrap();
            let proof = ConnectionProof::Connection(begun.connection_id);
            call(async move |client| client.apps().connect_complete("gmail", proof).user(user).await)
                .leaves(CONNECTED, parameters)
        }
        "disconnect_app" => {
            direct.apps().connect_with_key("gemini", "key").user(user.clone()).await.unwrap();
            call(async move |client| client.apps().disconnect("gemini").user(user).await)
                .leaves("SELECT count(*) = 0 FROM connections WHERE user_id = ?", parameters)
        }
        _ => no_case(subject),
    }
}
