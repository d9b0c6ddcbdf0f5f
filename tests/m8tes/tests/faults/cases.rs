//! The operations: how the backend is prepared for each, how it is called, and how its effects are counted.

mod apps;
mod runs;
mod tasks;
mod teammates;

use futures::FutureExt;
use m8tes_sdk::{Client, Error, RetentionMode};
use sha2::{Digest, Sha256};
use test_harness::faults::Case;
use test_harness::{fresh, told};

pub use runs::{over, play, waiting};

/// A call.
fn call<T, F>(call: impl FnOnce(Client) -> F + Send + 'static) -> Case<Client>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    Case::new(|client| call(client).map(|outcome| outcome.map(drop).map_err(|error| told!(error))))
}

/// Prepares a call of this subject, over a client that goes directly to the backend.
pub async fn prepare(subject: &str, direct: &Client) -> Case<Client> {
    match subject {
        _ if subject.contains("teammate") => teammates::prepare(subject, direct).await,
        _ if subject.contains("task") || subject.contains("trigger") => tasks::prepare(subject, direct).await,
        _ if subject.contains("run") => runs::prepare(subject, direct).await,
        _ if subject.contains("app") => apps::prepare(subject, direct).await,
        "create_memory" | "list_memories" | "update_memory" | "delete_memory" => of_memories(subject, direct).await,
        "create_permission" | "list_permissions" | "delete_permission" => of_permissions(subject, direct).await,
        "create_user" | "list_users" | "get_user" | "update_user" | "delete_user" => of_users(subject, direct).await,
        "get_settings" => call(async |client| client.settings().get().await),
        "update_settings" => {
            call(async |client| client.settings().update().retention_mode(RetentionMode::MetadataOnly).await)
                .leaves("SELECT count(*) FROM accounts WHERE settings ->> 'retention_mode' = 'metadata_only'", [""; 0])
        }
        "get_usage" => call(async |client| client.account().usage().await),
        "resend_verification" => call(async |client| client.account().resend_verification().await),
        "get_verification_status" => call(async |client| client.account().verification_status().await),
        "sign_up" | "create_token" => of_accounts(subject, direct).await,
        _ if subject.contains("webhook") => of_webhooks(subject, direct).await,
        _ => no_case(subject),
    }
}

fn no_case(subject: &str) -> ! {
    panic!(
        "tests/m8tes/tests/faults/cases has no case for {subject}: say how it is called, and how its effects are counted"
    )
}

async fn of_accounts(subject: &str, direct: &Client) -> Case<Client> {
    let email = format!("{}@example.com", fresh("ada"));
    if subject == "sign_up" {
        let parameters = [email.clone()];
        return call(async move |client| client.auth().sign_up(email, "Ada").await)
            .leaves("SELECT count(*) FROM accounts WHERE email = ?", parameters);
    }
    let made = direct.auth().sign_up(&email, "Ada").password("correct horse").await.unwrap();
    // The key is another one then.
    let digest: String =
        Sha256::digest(made.api_key.expose_secret()).iter().map(|byte| format!("{byte:02x}")).collect();
    let parameters = [email.clone(), digest];
    call(async move |client| client.auth().token(email, "correct horse").await)
        .leaves("SELECT count(*) FROM accounts WHERE email = ? AND key <> ?", parameters)
}

async fn of_memories(subject: &str, direct: &Client) -> Case<Client> {
    let text = fresh("likes tea");
    if subject == "create_memory" {
        let parameters = [text.clone()];
        return call(async move |client| client.memories().create(text).await)
            .leaves("SELECT count(*) FROM memories WHERE rest ->> 'content' = ?", parameters);
    }
    let id = direct.memories().create(text).await.unwrap().id;
    match subject {
        "list_memories" => call(async |client| client.memories().list().limit(1).await),
        "update_memory" => {
            let text = fresh("likes coffee");
            let parameters = [text.clone()];
            call(async move |client| client.memories().update(id).content(text).await)
                .leaves("SELECT count(*) FROM memories WHERE rest ->> 'content' = ?", parameters)
        }
        "delete_memory" => call(async move |client| client.memories().delete(id).await)
            .leaves("SELECT count(*) = 0 FROM memories WHERE id = ?", [id]),
        _ => no_case(subject),
    }
}

async fn of_permissions(subject: &str, direct: &Client) -> Case<Client> {
    let tool = fresh("gmail");
    if subject == "create_permission" {
        let parameters = [tool.clone()];
        return call(async move |client| client.permissions().create(tool).await)
            .leaves("SELECT count(*) FROM permissions WHERE rest ->> 'tool_name' = ?", parameters);
    }
    let id = direct.permissions().create(tool).await.unwrap().id;
    match subject {
        "list_permissions" => call(async |client| client.permissions().list().limit(1).await),
        "delete_permission" => call(async move |client| client.permissions().delete(id).await)
            .leaves("SELECT count(*) = 0 FROM permissions WHERE id = ?", [id]),
        _ => no_case(subject),
    }
}

async fn of_users(subject: &str, direct: &Client) -> Case<Client> {
    let user = fresh("cust");
    let parameters = [user.clone()];
    if subject == "create_user" {
        return call(async move |client| client.users().create(user).await)
            .leaves("SELECT count(*) FROM users WHERE user_id = ?", parameters);
    }
    direct.users().create(user.clone()).await.unwrap();
    match subject {
        "list_users" => call(async |client| client.users().list().limit(1).await),
        "get_user" => call(async move |client| client.users().get(user).await),
        "update_user" => call(async move |client| client.users().update(user).name("Ada").await)
            .leaves("SELECT count(*) FROM users WHERE user_id = ? AND rest ->> 'name' = 'Ada'", parameters),
        "delete_user" => call(async move |client| client.users().delete(user).await)
            .leaves("SELECT count(*) = 0 FROM users WHERE user_id = ?", parameters),
        _ => no_case(subject),
    }
}

async fn of_webhooks(subject: &str, direct: &Client) -> Case<Client> {
    let url = format!("https://hooks.example.com/{}", fresh("hook"));
    if subject == "create_webhook" {
        let parameters = [url.clone()];
        return call(async move |client| client.webhooks().create(url).await)
            .leaves("SELECT count(*) FROM webhooks WHERE rest ->> 'url' = ?", parameters);
    }
    let id = direct.webhooks().create(url).await.unwrap().id;
    match subject {
        "list_webhooks" => call(async |client| client.webhooks().list().limit(1).await),
        "get_webhook" => call(async move |client| client.webhooks().get(id).await),
        "update_webhook" => call(async move |client| client.webhooks().update(id).active(false).await)
            .leaves("SELECT count(*) FROM webhooks WHERE id = ? AND NOT rest ->> 'active'", [id]),
        "delete_webhook" => call(async move |client| client.webhooks().delete(id).await)
            .leaves("SELECT count(*) = 0 FROM webhooks WHERE id = ?", [id]),
        "list_webhook_deliveries" => call(async move |client| client.webhooks().list_deliveries(id).limit(1).await),
        _ => no_case(subject),
    }
}
