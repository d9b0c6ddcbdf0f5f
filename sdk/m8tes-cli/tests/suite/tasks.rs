//! `m8tes task …`

use serde_json::json;

use crate::common::World;
use crate::mates::mate;

#[tokio::test(flavor = "multi_thread")]
async fn a_task_from_its_making_to_its_end() {
    let world = World::new().await;
    mate(&world, "bot").await;
    let said = world
        .m8tes(&[
            "task",
            "create",
            "--non-interactive",
            "--agent-id",
            "1",
            "--name",
            "n",
            "--instructions",
            "write a report",
            "--tools",
            "gmail",
            "--schedule",
            "0 9 * * *",
            "--timezone",
            "Europe/Berlin",
            "--output",
            "json",
        ])
        .await;
    let made = said.good_json();
    let made = made.first().unwrap();
    assert_eq!((&made["name"], &made["teammate_id"], &made["tools"]), (&json!("n"), &json!(1), &json!(["gmail"])));
    let said = world.m8tes_reading("1\nsweep\n\n\n", &["task", "c", "--output", "json"]).await;
    assert_eq!(said.good_json()[0]["instructions"], "sweep");

    let list = async |arguments: &[&str]| {
        world.m8tes(&[&["task", "list", "--output", "json"], arguments].concat()).await.good_json().len()
    };
    assert_eq!((list(&[]).await, list(&["--mate-id", "1"]).await), (2, 2));
    assert!(world.m8tes(&["task", "ls"]).await.good().contains("write a report"));
    assert_eq!(world.m8tes(&["task", "g", "1", "--output", "json"]).await.good_json().first(), Some(made));
    let said = world.m8tes(&["task", "get", "1"]).await;
    assert!(said.good().contains("instructions  write a report\n"), "{said:?}");

    let triggers = world.m8tes(&["task", "triggers", "1", "--output", "json"]).await.good_json();
    assert_eq!((&triggers[0]["type"], &triggers[0]["cron"]), (&json!("schedule"), &json!("0 9 * * *")));
    assert!(world.m8tes(&["task", "triggers", "1"]).await.good().contains("0 9 * * * (Europe/Berlin)"));
    assert!(world.m8tes(&["task", "triggers", "2"]).await.err.contains("nothing starts it"));

    for alias in ["execute", "run"] {
        let said = world.m8tes(&["task", alias, "1"]).await;
        assert!(said.good().contains("write a report") && said.err.contains("completed"), "{said:?}");
    }
    let said = world.m8tes(&["task", "execute", "1", "--output", "json"]).await;
    assert_eq!(said.good_json().last().unwrap()["type"], "done");

    let said = world.m8tes(&["task", "u", "1", "--name", "z", "--output", "json"]).await;
    assert_eq!(said.good_json()[0]["name"], "z");
    assert!(world.m8tes(&["task", "update", "1"]).await.failed(1).contains("nothing is to be changed"));
    assert_eq!(world.m8tes(&["task", "dis", "1"]).await.good(), "task 1 is disabled\n");
    assert_eq!(world.m8tes(&["task", "e", "1", "--output", "json"]).await.good_json()[0]["status"], "enabled");
    assert_eq!(world.m8tes(&["task", "arc", "1"]).await.good(), "task 1 is archived\n");
    assert_eq!((list(&[]).await, list(&["--include-archived"]).await), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_fails_in_one_line() {
    let world = World::new().await;
    for command in ["get", "execute", "enable", "disable", "triggers", "archive"] {
        let said = world.m8tes(&["task", command, "999", "--output", "json"]).await;
        assert!(said.failed(1).contains("not_found"), "{command}: {said:?}");
    }
    let said = world.m8tes(&["task", "update", "999", "--name", "x"]).await;
    assert!(said.failed(1).contains("not found"), "{said:?}");
    world.m8tes(&["task", "create", "--non-interactive", "--name", "n"]).await.failed(2);
    let said = world.m8tes_reading("x\n", &["task", "create"]).await;
    assert!(said.code == Some(1) && said.err.contains("x is no id"), "{said:?}");
}
