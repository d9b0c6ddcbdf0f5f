//! What a file keeps, and what a process takes with it.

use std::{path::Path, time::Duration};

use mycel_local_backend::LocalBackend;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::watch, time::timeout};

use crate::{
    client::{NEVER, SOON, User},
    registration::register,
};

async fn start(file: &Path) -> LocalBackend {
    LocalBackend::builder().data(file).start().await.unwrap()
}

#[tokio::test]
async fn everything_on_a_file_survives() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let backend = start(&file).await;
    let nobody = User::nobody(backend.url());
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let registered = register(&nobody, "ada@example.org", "secret").await;
    let chat = a.group("Group", &[&b]).await;
    a.say(&chat, "one").await;
    b.read(&chat).await;
    a.say(&chat, "two").await;
    owner.post("/api/relationships/request", json!({ "target_user_id": "a", "message": "hi" })).await.good();
    a.put(format!("/api/chats/{chat}/workflow"), json!({ "kind": "keep" })).await.good();
    a.post(format!("/api/chats/{chat}/tasks"), json!({ "subject": "x", "description": "" })).await.good();
    let event = json!({ "kind": "review", "requested_by_user_id": "b" });
    a.post(format!("/api/chats/{chat}/workflow/events"), event).await.good();
    owner.external("asking").await.post(format!("/api/chats/{chat}/join-requests"), json!({})).await.good();
    assert_eq!(b.drain().await[0]["seq"], 1);

    let reads: Vec<(&User, String)> = vec![
        (&owner, "/api/auth/me".to_owned()),
        (&a, "/api/chats".to_owned()),
        (&b, format!("/api/chats/{chat}")),
        (&b, format!("/api/chats/{chat}/messages")),
        (&b, format!("/api/chats/{chat}/messages/unread")),
        (&a, format!("/api/chats/{chat}/join-requests")),
        (&a, "/api/relationships".to_owned()),
        (&a, format!("/api/chats/{chat}/workflow")),
        (&a, format!("/api/chats/{chat}/workflow/events")),
        (&a, format!("/api/chats/{chat}/tasks")),
    ];
    let read_all = async |url: &str| {
        let mut answers: Vec<Value> = Vec::new();
        for (user, path) in &reads {
            answers.push(user.at(url).get(path).await.good());
        }
        answers
    };
    let before = read_all(backend.url()).await;
    backend.shutdown().await;

    let backend = start(&file).await;
    assert_eq!(read_all(backend.url()).await, before);
    let (a, b) = (a.at(backend.url()), b.at(backend.url()));
    // What waited in an inbox still does; the numbers start again.
    let drained = a.drain().await;
    let types: Vec<_> = drained.iter().map(|notification| notification["event_type"].clone()).collect();
    assert_eq!(types, ["relationship.requested", "chat.workflow.event", "chat.message"]);
    assert_eq!(drained[0]["seq"], 1);
    assert_eq!(b.say(&chat, "three").await["seq"], 4);
    let session = json!({ "identifier": "ada@example.org", "password": "secret" });
    let session = User::nobody(backend.url()).post("/api/auth/login", session).await.good();
    assert_eq!(session["user"], registered["user"]);
}

#[tokio::test]
async fn memory_keeps_nothing() {
    let first = mycel_local_backend::start().await.unwrap();
    let owner = User::nobody(first.url()).guest("Owner").await;
    first.shutdown().await;
    let second = mycel_local_backend::start().await.unwrap();
    assert_eq!(owner.at(second.url()).get("/api/auth/me").await.status, 401);
}

#[tokio::test]
async fn two_backends_side_by_side_share_nothing() {
    let (one, two) = (mycel_local_backend::start().await.unwrap(), mycel_local_backend::start().await.unwrap());
    assert_ne!(one.address(), two.address());
    let (at_one, at_two) = (User::nobody(one.url()).guest("One").await, User::nobody(two.url()).guest("Two").await);
    at_one.external("same").await;
    at_two.external("same").await;
}

#[tokio::test]
async fn what_can_not_start_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("no-database");
    std::fs::write(&file, "this is not a database, and it is long enough to be looked at as if it were one").unwrap();
    let error = LocalBackend::builder().data(&file).start().await.unwrap_err();
    assert_eq!(error.to_string(), format!("{} can't be opened as a database: file is not a database", file.display()));

    let file = directory.path().join("mycel.db");
    let using = start(&file).await;
    let error = LocalBackend::builder().data(&file).start().await.unwrap_err();
    let reason = format!("{} can't be opened as a database: database is locked", file.display());
    assert_eq!(error.to_string(), reason);
    using.shutdown().await;

    let taken = mycel_local_backend::start().await.unwrap();
    let error = LocalBackend::builder().listen(taken.address()).start().await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("{} can't be listened on: ", taken.address())), "{error}");
}

#[tokio::test]
async fn stopping_does_not_wait_for_those_who_wait() {
    let (statements, mut heard) = watch::channel(0);
    let backend =
        LocalBackend::builder().grace(NEVER).on_statement(move |_, _| statements.send_modify(|count| *count += 1));
    let backend = backend.start().await.unwrap();
    let owner = User::nobody(backend.url()).guest("Owner").await;
    let before = *heard.borrow_and_update();
    let waiting = tokio::spawn(async move { owner.post_nothing("/api/runtime/inbox/wait?timeout_seconds=30").await });
    // It has looked, and found nothing.
    heard.wait_for(|count| *count > before).await.unwrap();
    let url = backend.url().to_owned();
    // Before that time is up.
    timeout(Duration::from_secs(25), backend.shutdown()).await.unwrap();
    // Who waited is answered, and then nobody is.
    assert_eq!(waiting.await.unwrap().good()["count"], 0);
    assert!(User::nobody(&url).request(reqwest::Method::GET, "/openapi.json").send().await.is_err());
}

#[tokio::test]
async fn stopping_gives_up_on_a_request_that_never_comes_whole() {
    let backend = LocalBackend::builder().grace(Duration::from_millis(50)).start().await.unwrap();
    let mut connection = TcpStream::connect(backend.address()).await.unwrap();
    let half =
        "POST /api/auth/guest HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    connection.write_all(half.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    timeout(SOON, backend.shutdown()).await.unwrap();
}

#[tokio::test]
async fn dropping_stops_as_well() {
    let backend = mycel_local_backend::start().await.unwrap();
    let nobody = User::nobody(backend.url());
    nobody.get("/openapi.json").await.good();
    drop(backend);
    let ended = async {
        while nobody.request(reqwest::Method::GET, "/openapi.json").send().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, ended).await.expect("it still answers");
}
