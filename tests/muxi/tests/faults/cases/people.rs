//! What belongs to users: memories, buffers, conversations.

use muxi_sdk::{FormationClient, PastMessage};
use test_harness::faults::Case;
use test_harness::fresh;

use super::{World, call, no_case};

pub async fn of_memories(subject: &str, world: &World) -> Case<FormationClient> {
    let direct = &world.direct;
    // Of a user of its own, whose things nobody else touches.
    let user = fresh("cust");
    let parameters = [user.clone()];
    match subject {
        "get_memory_config" => call(async |client| client.configuration().memory().await),
        "get_memory_stats" => call(async |client| client.buffers().stats().await),
        "list_memories" => call(async move |client| client.memories().list().limit(1).user(user).await),
        "create_memory" => call(async move |client| client.memories().create("likes tea").user(user).await)
            .leaves("SELECT count(*) FROM things WHERE kind = 'memory' AND user_id = ?", parameters),
        "delete_memory" => {
            let id = direct.memories().create("likes tea").user(user.clone()).await.unwrap().id;
            call(async move |client| client.memories().delete(id).user(user).await)
                .leaves("SELECT count(*) = 0 FROM things WHERE kind = 'memory' AND user_id = ?", parameters)
        }
        "get_buffer" => call(async move |client| client.buffers().get().user(user).await),
        "clear_buffer" => {
            let held = held(direct, &user).await;
            call(async move |client| client.buffers().clear().user(user).await).leaves_in_memory(held)
        }
        "clear_session_buffer" => {
            let held = held(direct, &user).await;
            call(async move |client| client.buffers().clear_session("s").user(user).await).leaves_in_memory(held)
        }
        "clear_all_buffers" => {
            let held = held(direct, &user).await;
            call(async |client| client.buffers().clear_all().await).leaves_in_memory(held)
        }
        _ => no_case(subject),
    }
}

/// Has the user's buffer hold something. 1 when it holds nothing any more.
async fn held(direct: &FormationClient, user: &str) -> impl Future<Output = i64> + Send + 'static {
    direct.sessions().restore("s", said()).user(user).await.unwrap();
    let direct = direct.for_user(user);
    async move { i64::from(direct.buffers().get().await.unwrap().messages == Some(0)) }
}

fn said() -> [PastMessage; 1] {
    [PastMessage::new("user", "My name is Ada", "2026-01-02T10:00:00Z".parse().unwrap())]
}

pub async fn of_sessions(subject: &str, world: &World) -> Case<FormationClient> {
    let user = fresh("cust");
    let direct = world.direct.for_user(user.clone());
    if subject == "restore_session" {
        return call(async move |client| client.sessions().restore("s", said()).user(user).await).leaves_in_memory(
            async move { i64::try_from(direct.sessions().messages("s").await.unwrap().len()).unwrap() },
        );
    }
    direct.sessions().restore("s", said()).await.unwrap();
    match subject {
        "list_sessions" => call(async move |client| client.sessions().list().limit(1).user(user).await),
        "get_session" => call(async move |client| client.sessions().get("s").user(user).await),
        "list_session_messages" => call(async move |client| client.sessions().messages("s").user(user).await),
        _ => no_case(subject),
    }
}
