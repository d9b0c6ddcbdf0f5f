//! `m8tes auth …`

use serde_json::json;

use crate::common::{World, run};

#[tokio::test(flavor = "multi_thread")]
async fn status_says_which_key_is_used_and_shows_none() {
    let world = World::new().await;
    let said = world.m8tes(&["auth", "status"]).await;
    assert!(said.good().contains("M8TES_API_KEY") && said.out.contains("verified   yes"), "{said:?}");
    assert!(!format!("{said:?}").contains("m8_local"), "{said:?}");

    let said = world.m8tes(&["auth", "status", "--output", "json"]).await;
    let expected = json!({
        "logged_in": true, "is_verified": true, "key_from": "M8TES_API_KEY", "profile": "default",
        "base_url": world.backend.base_url(),
    });
    assert_eq!(said.good_json(), [expected]);

    let said = world.m8tes(&["auth", "s", "--api-key", "m8_other"]).await;
    assert!(said.failed(1).contains("m8tes auth login"), "{said:?}");
    assert!(!said.err.contains("m8_other"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_status_says_so_and_all_else_fails() {
    let world = World::new().await;
    let mut command = world.command(&["auth", "status", "--output", "json"]);
    command.env_remove("M8TES_API_KEY");
    assert_eq!(run(command).await.good_json(), [json!({"logged_in": false, "profile": "default"})]);
    let mut command = world.command(&["mate", "list"]);
    // One that is empty counts as not set.
    command.env("M8TES_API_KEY", "");
    let said = run(command).await;
    assert_eq!(said.failed(1), "error: there is no API key; log in with m8tes auth login, or set M8TES_API_KEY");
    assert!(!world.config().exists(), "nothing is stored by looking");
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_and_the_verification_mail() {
    let world = World::new().await;
    let said = world.m8tes(&["auth", "usage"]).await;
    assert!(said.good().contains("runs"), "{said:?}");
    let said = world.m8tes(&["auth", "usage", "--output", "json"]).await;
    assert_eq!(said.good_json()[0]["runs_used"], 0);
    let said = world.m8tes(&["auth", "resend-verify", "--output=json"]).await;
    assert!(said.good_json()[0]["message"].is_string(), "{said:?}");
    assert!(!world.m8tes(&["auth", "resend-verify"]).await.good().is_empty());
}
