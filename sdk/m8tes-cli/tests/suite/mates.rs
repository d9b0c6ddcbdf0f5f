//! `m8tes mate …` but work.

use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use serde_json::{Value, json};

use crate::common::World;

/// Makes a teammate, and returns its id.
pub async fn mate(world: &World, name: &str) -> String {
    let arguments = ["mate", "create", "--non-interactive", "--name", name, "--output", "json"];
    world.m8tes(&arguments).await.good_json()[0]["id"].to_string()
}

/// A world whose runs do this, and a teammate in it.
pub async fn world_of<F, P>(script: F) -> World
where
    F: Fn(Run) -> P + Send + Sync + 'static,
    P: Future<Output = Result<(), RunFailure>> + Send + 'static,
{
    let world = World::of(LocalBackend::builder().on_run(script)).await;
    mate(&world, "bot").await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teammate_is_made_listed_and_shown() {
    let world = World::new().await;
    let said = world
        .m8tes(&[
            "mate",
            "c",
            "--non-interactive",
            "--name",
            "bot",
            "--instructions",
            "be kind",
            "--tools",
            "gmail",
            "slack",
            "--role",
            "r",
            "--goals",
            "g",
            "--output",
            "json",
        ])
        .await;
    let made = said.good_json();
    let made = made.first().unwrap();
    assert_eq!((&made["name"], &made["tools"]), (&json!("bot"), &json!(["gmail", "slack"])));
    assert_eq!((&made["role"], &made["goals"], &made["instructions"]), (&json!("r"), &json!("g"), &json!("be kind")));
    let id = made["id"].to_string();

    for alias in ["mate", "agent", "teammate", "m", "agents"] {
        let said = world.m8tes(&[alias, "ls", "--output", "json"]).await;
        assert_eq!(said.good_json().first(), Some(made), "{alias}");
        let said = world.m8tes(&[alias, "g", &id, "--output", "json"]).await;
        assert_eq!(said.good_json().first(), Some(made), "{alias}");
    }
    let said = world.m8tes(&["mate", "list"]).await;
    assert_eq!(said.good(), "ID  NAME  STATUS   ROLE  TOOLS\n1   bot   enabled  r     gmail, slack\n");
    let said = world.m8tes(&["mate", "list", "--output", "compact"]).await;
    assert_eq!(said.good(), "1\tbot\tenabled\tr\tgmail, slack\n");
    let said = world.m8tes(&["mate", "get", &id]).await;
    assert!(said.good().contains("instructions     be kind\n"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_there_is_one_line() {
    let world = World::new().await;
    let said = world.m8tes(&["mate", "get", "999"]).await;
    assert!(said.failed(1).starts_with("error: "), "{said:?}");
    let said = world.m8tes(&["mate", "get", "999", "--output", "json"]).await;
    let error: Value = serde_json::from_str(said.failed(1)).unwrap();
    assert_eq!((&error["error"]["kind"], &error["error"]["status"]), (&json!("not_found"), &json!(404)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_whole_and_of_one_user() {
    let world = World::new().await;
    assert_eq!(world.m8tes(&["mate", "list"]).await.good(), "");
    for number in 0..3 {
        mate(&world, &format!("bot {number}")).await;
    }
    let said = world
        .m8tes(&["mate", "create", "--non-interactive", "--name", "theirs", "--user-id", "cust_1", "--output=json"])
        .await;
    assert_eq!(said.good_json()[0]["user_id"], "cust_1");
    let of_user = world.m8tes(&["mate", "list", "--user-id", "cust_1", "--output", "json"]).await.good_json();
    assert_eq!(of_user.iter().map(|mate| &mate["name"]).collect::<Vec<_>>(), ["theirs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teammate_is_changed() {
    let world = World::new().await;
    let id = mate(&world, "bot").await;
    let said = world.m8tes(&["mate", "u", &id, "--non-interactive", "--name", "n", "--output", "json"]).await;
    assert_eq!(said.good_json()[0]["name"], "n");
    let said = world.m8tes(&["mate", "update", &id, "--non-interactive"]).await;
    assert!(said.failed(1).contains("nothing is to be changed"), "{said:?}");
    // What is not given is asked for; an empty answer leaves it as it is.
    let said = world.m8tes_reading("\ndo it well\n", &["mate", "update", &id, "--output", "json"]).await;
    let changed = &said.good_json()[0];
    assert_eq!((&changed["name"], &changed["instructions"]), (&json!("n"), &json!("do it well")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teammate_is_disabled_enabled_and_archived() {
    let world = World::new().await;
    let id = mate(&world, "bot").await;
    let status = async || world.m8tes(&["mate", "get", &id, "--output", "json"]).await.good_json()[0]["status"].clone();

    let said = world.m8tes_reading("n\n", &["mate", "disable", &id]).await;
    assert_eq!((said.good(), status().await), ("", json!("enabled")));
    assert!(said.err.contains("nothing was changed"), "{said:?}");
    let said = world.m8tes(&["mate", "disable", &id]).await;
    assert_eq!((said.code, status().await), (Some(1), json!("enabled")), "nobody has said yes: {said:?}");
    assert_eq!(world.m8tes(&["mate", "dis", &id, "--force"]).await.good(), "bot (teammate 1) is disabled\n");
    assert_eq!(world.m8tes(&["mate", "list", "--output", "json"]).await.good(), "");
    assert_eq!(world.m8tes(&["mate", "list", "--include-disabled", "--output", "json"]).await.good_json().len(), 1);
    assert_eq!(world.m8tes(&["mate", "e", &id, "--output", "json"]).await.good_json()[0]["status"], "enabled");
    assert_eq!(world.m8tes(&["mate", "enable", &id]).await.good(), "bot (teammate 1) is enabled\n");

    let said = world.m8tes_reading("y\n", &["mate", "arc", &id]).await;
    assert_eq!((said.good(), status().await), ("bot (teammate 1) is archived\n", json!("archived")));
    let said = world.m8tes(&["mate", "archive", "999", "--force", "--output", "json"]).await;
    assert!(said.failed(1).contains("not_found"), "{said:?}");
}
