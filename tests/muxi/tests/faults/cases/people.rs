//! Users, and what belongs to them: credentials, memories, buffers, conversations.

use muxi_sdk::{FormationClient, PastMessage};
use serde_json::json;
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

pub async fn of_credentials(subject: &str, world: &World) -> Case<FormationClient> {
    const OF_THE_USER: &str = "FROM things WHERE kind = 'credential' AND user_id = ?";
    let user = fresh("cust");
    let parameters = [user.clone()];
    let token = || json!({"token": "zq-8204-wv"});
    match subject {
        "list_credential_services" => return call(async |client| client.credentials().services().await),
        "create_credential" => {
            return call(async move |client| client.credentials().create("github", token()).user(user).await)
                .leaves(format!("SELECT count(*) {OF_THE_USER}"), parameters);
        }
        _ => {}
    }
    let id = world.direct.credentials().create("github", token()).user(user.clone()).await.unwrap().id;
    match subject {
        "list_credentials" => call(async move |client| client.credentials().list().user(user).await),
        "get_credential" => call(async move |client| client.credentials().get(id).user(user).await),
        "delete_credential" => call(async move |client| client.credentials().delete(id).user(user).await)
            .leaves(format!("SELECT count(*) = 0 {OF_THE_USER}"), parameters),
        _ => no_case(subject),
    }
}

pub async fn of_users(subject: &str, world: &World) -> Case<FormationClient> {
    const NAMED: &str = "FROM identifiers WHERE identifier = ?";
    let (name, further) = (fresh("ada"), fresh("countess"));
    if subject == "resolve_user" {
        let parameters = [name.clone()];
        return call(async move |client| client.users().resolve(name).await)
            .leaves(format!("SELECT count(*) {NAMED}"), parameters);
    }
    let id = world.direct.users().resolve(name.clone()).await.unwrap().id;
    match subject {
        "get_user" => call(async move |client| client.users().get(name).await),
        "list_user_identifiers" => call(async move |client| client.users().identifiers(id).await),
        "add_user_identifiers" => {
            let parameters = [further.clone()];
            call(async move |client| client.users().link(id, [further]).await)
                .leaves(format!("SELECT count(*) {NAMED}"), parameters)
        }
        "remove_user_identifier" => {
            let parameters = [name.clone()];
            call(async move |client| client.users().remove(name).await)
                .leaves(format!("SELECT count(*) = 0 {NAMED}"), parameters)
        }
        _ => no_case(subject),
    }
}
