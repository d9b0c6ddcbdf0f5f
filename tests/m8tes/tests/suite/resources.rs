//! The resources beside runs, over the local backend.

use m8tes_local_backend::LocalBackend;
use m8tes_sdk::tasks::triggers::Schedule;
use m8tes_tests::local;

#[tokio::test]
async fn what_is_made_is_listed_until_it_is_taken_away() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let acme = client.for_user("cust_1");
    let memory = acme.memories().create("prefers dark mode").await.unwrap();
    assert_eq!(acme.memories().list().await.unwrap().data, std::slice::from_ref(&memory));
    assert_eq!(client.memories().list().await.unwrap().data, []);
    assert!(client.memories().delete(memory.id).await.unwrap_err().is_not_found());
    acme.memories().delete(memory.id).await.unwrap();
    acme.permissions().create("gmail").await.unwrap();
    assert_eq!(acme.permissions().list().await.unwrap().data[0].tool_name, "gmail");
    assert_eq!(client.users().get("cust_1").await.unwrap().user_id, "cust_1");
    let bot = client.teammates().create().await.unwrap();
    let task = client.tasks().create(bot.id, "report").await.unwrap();
    let trigger = client.tasks().triggers(task.id).create(Schedule::cron("0 9 * * 1")).await.unwrap();
    assert_eq!(client.tasks().triggers(task.id).list().await.unwrap()[0].id, trigger.id);
    client.tasks().triggers(task.id).delete(&trigger.id).await.unwrap();
    client.tasks().delete(task.id).await.unwrap();
}
