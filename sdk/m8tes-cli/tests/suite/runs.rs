//! `m8tes run …`

use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use serde_json::{Value, json};

use crate::common::World;

async fn world() -> World {
    let script = |run: Run| async move {
        run.tool("gmail_search", &json!({"q": run.message()}), &json!({"found": 3})).await;
        run.text("Done.");
        run.usage(10, 5, "0.0123");
        run.file("report.csv", "a,b\n")?;
        if run.message() == "fail" { Err(RunFailure::new("boom")) } else { Ok(()) }
    };
    World::of(LocalBackend::builder().on_run(script)).await
}

/// Starts a run, and waits for its end.
async fn ran(world: &World, message: &str) {
    world.m8tes(&["mate", "task", message, "--user-id", "u1", "--output", "json"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_and_shown() {
    let world = world().await;
    assert_eq!(world.m8tes(&["run", "list"]).await.good(), "");
    for _ in 0..3 {
        ran(&world, "go").await;
    }
    let ids = async |arguments: &[&str]| {
        let listed = world.m8tes(&[&["run"], arguments, &["--output", "json"]].concat()).await.good_json();
        listed.iter().map(|run| run["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["list"]).await, [3, 2, 1]);
    assert_eq!(ids(&["ls", "--limit", "2"]).await, [3, 2]);
    let mate = world.m8tes(&["run", "get", "1", "--user-id", "u1", "--output", "json"]).await.good_json()[0]["run"]
        ["teammate_id"]
        .to_string();
    for alias in ["list-mate", "lm", "list-agent", "la"] {
        assert!(ids(&[alias, &mate]).await.contains(&1), "{alias}");
    }
    let said = world.m8tes(&["run", "g", "1", "--user-id", "u1"]).await;
    assert!(said.good().contains("completed") && said.out.contains("$0.0123"), "{said:?}");
    let said = world.m8tes(&["run", "list", "--output", "compact"]).await;
    assert!(said.good().lines().all(|line| line.split('\t').count() == 5), "{said:?}");
    let said = world.m8tes(&["run", "get", "999", "--output", "json"]).await;
    assert!(said.failed(1).contains("not_found"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_said_used_and_cost() {
    let world = world().await;
    ran(&world, "look").await;
    for alias in ["conversation", "conv", "messages"] {
        let messages = world.m8tes(&["run", alias, "1", "--output", "json"]).await.good_json();
        assert_eq!(messages.iter().map(|message| &message["role"]).collect::<Vec<_>>().len(), 2, "{alias}");
        assert_eq!(messages[0]["content"], "look");
    }
    let said = world.m8tes(&["run", "conv", "1"]).await;
    assert!(said.good().contains("look\n") && said.out.contains("→ gmail_search"), "{said:?}");
    for alias in ["usage", "cost"] {
        assert_eq!(world.m8tes(&["run", alias, "1", "--output", "json"]).await.good_json()[0]["cost_usd"], "0.0123");
    }
    for alias in ["tools", "executions"] {
        let tools = world.m8tes(&["run", alias, "1", "--output", "json"]).await.good_json();
        assert_eq!((tools.len(), &tools[0]["tool"]["name"]), (1, &json!("gmail_search")));
    }
    let said = world.m8tes(&["run", "tools", "1", "-v"]).await;
    assert!(said.good().contains(r#"{"q":"look"}"#), "{said:?}");
    let said = world.m8tes(&["run", "tools", "9", "--output", "json"]).await;
    assert!(said.failed(1).contains("not_found"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_listed_and_downloaded_whole() {
    let world = world().await;
    ran(&world, "go").await;
    let said = world.m8tes(&["run", "files", "1", "--output", "compact"]).await;
    assert_eq!(said.good().split('\t').take(2).collect::<Vec<_>>(), ["report.csv", "4"]);
    assert_eq!(world.m8tes(&["run", "download", "1", "report.csv"]).await.good(), "report.csv (4 bytes)\n");
    let here = || std::fs::read_to_string(world.home().join("report.csv")).unwrap();
    assert_eq!(here(), "a,b\n");
    std::fs::write(world.home().join("report.csv"), "mine").unwrap();
    let said = world.m8tes(&["run", "download", "1", "report.csv"]).await;
    assert!(said.failed(1).contains("--force") && here() == "mine", "{said:?}");
    let said = world.m8tes(&["run", "download", "1", "report.csv", "--force", "--output", "json"]).await;
    assert_eq!((said.good_json()[0]["bytes"].clone(), here()), (json!(4), "a,b\n".to_owned()));
    assert_eq!(world.m8tes(&["run", "download", "1", "report.csv", "-o", "-"]).await.good(), "a,b\n");
    let said = world.m8tes(&["run", "download", "1", "none.csv"]).await;
    assert!(said.failed(1).starts_with("error: "), "{said:?}");
    assert!(world.m8tes(&["run", "download", "1", "../x"]).await.failed(1).contains("no name of a file"));
    let left = std::fs::read_dir(world.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(left, ["report.csv"], "nothing is left of what failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_tried_again_and_its_mode_is_changed() {
    let world = world().await;
    ran(&world, "fail").await;
    let said = world.m8tes(&["run", "retry", "1"]).await;
    assert!(said.failed(1).contains("--confirm"), "{said:?}");
    let said = world.m8tes(&["run", "retry", "1", "--confirm", "--output", "json"]).await;
    assert_eq!(said.good_json()[0]["retry_of_run_id"], 1);
    for alias in ["set-permission-mode", "mode"] {
        let said = world.m8tes(&["run", alias, "1", "plan", "--output", "json"]).await;
        // It is over.
        assert!(said.code == Some(1) || said.good_json() == [json!({"permission_mode": "plan"})], "{said:?}");
    }
    assert!(world.m8tes(&["run", "mode", "1", "x"]).await.failed(2).contains("possible values"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_cancelled() {
    let script = |run: Run| async move {
        run.text("wait");
        run.pause(std::time::Duration::from_secs(600)).await;
        Ok(())
    };
    let world = World::of(LocalBackend::builder().on_run(script)).await;
    let mut command = world.command(&["mate", "task", "go", "--user-id", "u", "--output", "json"]);
    let mut watching = command.spawn().unwrap();
    while world.m8tes(&["run", "list", "--output", "json"]).await.good().is_empty() {}
    let said = world.m8tes(&["run", "cancel", "1", "--user-id", "u", "--output", "json"]).await;
    assert_eq!(said.good_json()[0]["status"], "cancelled");
    // Who watches it is told, and does not call it a success.
    let code = tokio::task::spawn_blocking(move || watching.wait().unwrap().code()).await.unwrap();
    assert_eq!(code, Some(1));
    let said = world.m8tes(&["run", "cancel", "1", "--user-id", "u", "--output", "json"]).await;
    let error: Value = serde_json::from_str(said.failed(1)).unwrap();
    assert_eq!(error["error"]["kind"], "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_a_run_that_is_over_tells_what_it_said() {
    let world = world().await;
    ran(&world, "go").await;
    let said = world.m8tes(&["run", "watch", "1", "--user-id", "u1"]).await;
    assert_eq!(said.good(), "Done.");
    assert!(said.err.contains("$0.0123"), "{said:?}");
    ran(&world, "fail").await;
    let said = world.m8tes(&["run", "watch", "2", "--user-id", "u1"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), "Done."));
    assert!(said.err.contains("boom"), "{said:?}");
}
