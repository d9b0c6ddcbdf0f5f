//! The list of tasks of a chat.

use mycel_sdk::{Client, ErrorKind, Task, TaskId, UserId};
use mycel_tests::{Peer, Reply, World, expect_failed, expect_not_sent, expect_refused};
use serde_json::{Value, json};

fn ids(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.id.as_str()).collect()
}

#[tokio::test]
async fn a_task_needs_no_more_than_a_subject() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    assert_eq!(codex.client.tasks().list(&chat).await.unwrap(), []);
    let task = codex.client.tasks().create(&chat, "Draft the notes").await.unwrap();
    assert_eq!((task.id.as_str(), task.subject.as_str(), task.description.as_str()), ("1", "Draft the notes", ""));
    assert_eq!((task.status.as_str(), &task.active_form, &task.owner), ("pending", &None, &None));
    assert_eq!((task.blocks.len(), task.blocked_by.len(), task.metadata.len()), (0, 0, 0));
    assert_eq!(claude.client.tasks().get(&chat, &task.id).await.unwrap(), task);
    assert_eq!(claude.client.tasks().list(&chat).await.unwrap(), [task]);
}

#[tokio::test]
async fn a_task_keeps_all_that_it_is_made_with() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let task = codex
        .client
        .tasks()
        .create(&chat, "Review")
        .description("Read it twice")
        .status("half way")
        .active_form("Reviewing")
        .owner(&claude.id)
        .blocks(["3", "4"])
        .blocked_by(["1"])
        .metadata(json!({"k": [1, null]}))
        .await
        .unwrap();
    assert_eq!((task.subject.as_str(), task.description.as_str()), ("Review", "Read it twice"));
    assert_eq!((task.status.as_str(), task.active_form.as_deref()), ("half way", Some("Reviewing")));
    assert_eq!(task.owner.as_ref(), Some(&claude.id));
    assert_eq!((&task.blocks, &task.blocked_by), (&vec!["3".into(), "4".into()], &vec!["1".into()]));
    assert_eq!(Value::Object(task.metadata.clone()), json!({"k": [1, null]}));
    assert_eq!(claude.client.tasks().get(&chat, &task.id).await.unwrap(), task);
}

#[tokio::test]
async fn an_update_changes_what_is_set_and_nothing_else() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let tasks = claude.client.tasks();
    let made = codex
        .client
        .tasks()
        .create(&chat, "Review")
        .active_form("Reviewing")
        .owner(&codex.id)
        .blocks(["7"])
        .metadata(json!({"round": 1}))
        .await
        .unwrap();
    assert_eq!(tasks.update(&chat, &made.id).await.unwrap(), made);

    let mut expected = made.clone();
    expected.status = "completed".to_owned();
    assert_eq!(tasks.update(&chat, &made.id).status("completed").await.unwrap(), expected);

    let nothing: [TaskId; 0] = [];
    let other = tasks
        .update(&chat, &made.id)
        .subject("Review again")
        .description("Once more")
        .status("pending")
        .active_form("Reviewing again")
        .owner(&claude.id)
        .blocks(nothing)
        .blocked_by(["5", "6"])
        .metadata(json!({}))
        .await
        .unwrap();
    assert_eq!((other.subject.as_str(), other.description.as_str()), ("Review again", "Once more"));
    assert_eq!((other.status.as_str(), other.active_form.as_deref()), ("pending", Some("Reviewing again")));
    assert_eq!((other.owner.as_ref(), other.blocks.len()), (Some(&claude.id), 0));
    assert_eq!((&other.blocked_by, other.metadata.len()), (&vec!["5".into(), "6".into()], 0));
    assert_eq!(codex.client.tasks().get(&chat, &made.id).await.unwrap(), other);
}

#[tokio::test]
async fn the_list_is_in_the_order_of_the_numbers() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    for number in 1..=12 {
        let task = codex.client.tasks().create(&chat, format!("task {number}")).await.unwrap();
        assert_eq!(task.id, number.to_string().as_str());
    }
    let list = codex.client.tasks().list(&chat).await.unwrap();
    assert_eq!(ids(&list), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]);
}

#[tokio::test]
async fn ids_that_are_no_numbers_come_last() {
    let task = |id: &str| {
        json!({"id": id, "subject": "", "description": "", "status": "", "activeForm": null, "owner": null,
               "blocks": [], "blockedBy": [], "metadata": {}})
    };
    let body = Value::from(["draft", "10", "9", "final", "1"].map(task).to_vec()).to_string();
    let peer = Peer::start([Reply::json("200 OK", &body)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    assert_eq!(ids(&client.tasks().list("c").await.unwrap()), ["1", "9", "10", "draft", "final"]);
}

#[tokio::test]
async fn an_owner_who_does_not_exist_makes_the_backend_fail() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let tasks = codex.client.tasks();
    let nobody = UserId::from("nobody-at-all");
    expect_failed(&tasks.create(&chat, "Review").owner(&nobody).await.unwrap_err());
    assert_eq!(tasks.list(&chat).await.unwrap(), []);

    let made = tasks.create(&chat, "Review").owner(&codex.id).await.unwrap();
    expect_failed(&tasks.update(&chat, &made.id).owner(&nobody).status("given away").await.unwrap_err());
    assert_eq!(tasks.get(&chat, &made.id).await.unwrap(), made);
}

#[tokio::test]
async fn the_number_of_the_last_task_is_given_again_once_it_is_deleted() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let tasks = codex.client.tasks();
    for subject in ["one", "two", "three"] {
        tasks.create(&chat, subject).await.unwrap();
    }
    claude.client.tasks().delete(&chat, "3").await.unwrap();
    assert_eq!(tasks.create(&chat, "another three").await.unwrap().id, "3");
    tasks.delete(&chat, "2").await.unwrap();
    assert_eq!(tasks.create(&chat, "four").await.unwrap().id, "4");
    assert_eq!(ids(&tasks.list(&chat).await.unwrap()), ["1", "3", "4"]);
}

#[tokio::test]
async fn a_task_that_is_not_there_is_not_found() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let tasks = codex.client.tasks();
    let elsewhere = codex.group(&[]).await;
    tasks.create(&elsewhere, "elsewhere").await.unwrap();
    let errors = [
        tasks.get(&chat, "1").await.unwrap_err(),
        tasks.update(&chat, "1").status("done").await.unwrap_err(),
        tasks.get(&chat, "no number").await.unwrap_err(),
    ];
    for error in errors {
        expect_refused(&error, ErrorKind::NotFound, 404, "Chat task not found");
    }
    tasks.delete(&chat, "1").await.unwrap();
    assert_eq!(ids(&tasks.list(&elsewhere).await.unwrap()), ["1"]);
}

#[tokio::test]
async fn they_are_of_no_concern_to_others() {
    let world = World::start().await;
    let (codex, _, chat) = world.pair().await;
    let made = codex.client.tasks().create(&chat, "Review").await.unwrap();
    let stranger = world.owner().await;
    let tasks = stranger.client.tasks();
    for (chat, kind, status, detail) in [
        (chat.as_str(), ErrorKind::Forbidden, 403, "Not a participant of this chat"),
        ("nope", ErrorKind::NotFound, 404, "Chat not found"),
    ] {
        let errors = [
            tasks.list(chat).await.unwrap_err(),
            tasks.create(chat, "Mine").await.unwrap_err(),
            tasks.get(chat, "1").await.unwrap_err(),
            tasks.update(chat, "1").status("done").await.unwrap_err(),
            tasks.delete(chat, "1").await.unwrap_err(),
        ];
        for error in errors {
            expect_refused(&error, kind, status, detail);
        }
    }
    assert_eq!(codex.client.tasks().list(&chat).await.unwrap(), [made]);
}

#[tokio::test]
async fn metadata_that_is_no_object_is_not_sent() {
    let peer = Peer::start([Reply::json("200 OK", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    for metadata in [json!(null), json!(["a"]), json!(true)] {
        let errors = [
            client.tasks().create("c", "Review").metadata(&metadata).await.unwrap_err(),
            client.tasks().update("c", "1").metadata(&metadata).await.unwrap_err(),
        ];
        for error in errors {
            expect_not_sent(&error, "the metadata is not a JSON object");
        }
    }
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn it_is_asked_in_the_backends_own_case() {
    let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let create = client.tasks().create("c", "Review").active_form("Reviewing").blocks(["1"]).blocked_by(["2"]);
    create.await.unwrap_err();
    client.tasks().update("c", "1").active_form("Reviewing").blocked_by(["2"]).await.unwrap_err();
    let bodies: Vec<Value> = peer.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(bodies[0]["active_form"], "Reviewing");
    assert_eq!((&bodies[0]["blocks"], &bodies[0]["blocked_by"]), (&json!(["1"]), &json!(["2"])));
    assert_eq!((&bodies[0]["description"], bodies[0].get("activeForm")), (&json!(""), None));
    assert_eq!(bodies[1], json!({"active_form": "Reviewing", "blocked_by": ["2"]}));
}
