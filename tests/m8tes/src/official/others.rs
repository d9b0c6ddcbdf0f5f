//! All that is not of teammates, runs or tasks.

use m8tes_sdk::apps::ConnectionProof;
use m8tes_sdk::{Client, Webhook};
use serde_json::{Value, json};

use super::given::text;
use super::{Given, Returned, Sent, json_of, list, no_method, say, scoped, thing};

pub(super) async fn make(client: &Client, name: &str, mut given: Given, pages: bool) -> Sent {
    let (resource, method) = name.rsplit_once('.').unwrap_or(("", name));
    match resource {
        "apps" => apps(client, method, given).await,
        "memories" => memories(client, method, given, pages).await,
        "permissions" => permissions(client, method, given, pages).await,
        "users" => users(client, method, given, pages).await,
        "webhooks" => webhooks(client, method, given, pages).await,
        _ => {
            let shown = match name {
                "settings.get" => thing(&client.settings().get().await?),
                "settings.update" => return settings(client, given).await,
                "auth.get_usage" => thing(&client.account().usage().await?),
                "auth.resend_verify" => thing(&client.account().resend_verification().await?),
                "auth.is_verified" => thing(&client.account().verification_status().await?),
                "signup" => return sign_up(client, given).await,
                "get_token" => {
                    let (email, password) = (given.text("email")?, given.text("password")?);
                    client.auth().token(email, password).await?;
                    thing(&())
                }
                other => Err(no_method(other)),
            };
            given.is_used_up()?;
            shown
        }
    }
}

async fn settings(client: &Client, mut given: Given) -> Sent {
    let mut request = client.settings().update();
    say!(given, request: nullable_number per_end_user_run_limit, nullable_number per_end_user_cost_limit_cents,
        nullable_number per_end_user_rate_per_minute, choice retention_mode, flag require_end_user_id,
        flag approval_email_enabled, flag approval_slack_enabled, flag result_email_enabled, flag result_slack_enabled);
    given.is_used_up()?;
    thing(&request.await?)
}

async fn sign_up(client: &Client, mut given: Given) -> Sent {
    let email = given.text("email")?;
    let password = given.next("password");
    let mut request = client.auth().sign_up(email, given.text("first_name")?);
    if let Some(password) = password {
        request = request.password(text(&password)?);
    }
    if let Some(last_name) = given.next("last_name") {
        request = request.last_name(text(&last_name)?);
    }
    if given.take("product").is_some_and(|product| product == "platform") {
        request = request.for_platform();
    }
    say!(given, request: flag require_end_user_id);
    given.is_used_up()?;
    request.await?;
    thing(&())
}

async fn apps(client: &Client, method: &str, mut given: Given) -> Sent {
    let apps = client.apps();
    if method == "list" {
        return scoped!(given, apps.list());
    }
    let app = given.text("app_name")?;
    match method {
        "disconnect" => scoped!(given, apps.disconnect(app)),
        "connect" | "connect_oauth" if !given.named.contains_key("api_key") => {
            let mut request = apps.connect(app, given.text("redirect_uri")?);
            say!(given, request: text user = "user_id", flag add_account);
            given.is_used_up()?;
            thing(&request.await?)
        }
        "connect" | "connect_api_key" => {
            let mut request = apps.connect_with_key(app, given.text("api_key")?);
            say!(given, request: text user = "user_id", object options, id teammate = "agent_id", flag add_account);
            given.is_used_up()?;
            thing(&request.await?)
        }
        "connect_complete" => {
            let proof = match given.take("claim_ticket") {
                Some(ticket) => ConnectionProof::ClaimTicket(text(&ticket)?.into()),
                None => ConnectionProof::Connection(given.text("connection_id")?),
            };
            let mut request = apps.connect_complete(app, proof);
            say!(given, request: text user = "user_id", id teammate = "agent_id", text redirect_uri, text code,
                flag add_account);
            given.is_used_up()?;
            thing(&request.await?)
        }
        other => Err(no_method(other)),
    }
}

async fn memories(client: &Client, method: &str, mut given: Given, pages: bool) -> Sent {
    let memories = client.memories();
    match method {
        "create" => {
            let mut request = memories.create(given.text("content")?);
            say!(given, request: text user = "user_id", choice audience);
            given.is_used_up()?;
            thing(&request.await?)
        }
        "list" => {
            let mut request = memories.list();
            say!(given, request: text user = "user_id", text query);
            list!(given, request, pages, json_of)
        }
        "update" => {
            let mut request = memories.update(given.id("memory_id")?);
            say!(given, request: text user = "user_id", text content, choice audience);
            given.is_used_up()?;
            thing(&request.await?)
        }
        "delete" => {
            let id = given.id("memory_id")?;
            scoped!(given, memories.delete(id))
        }
        other => Err(no_method(other)),
    }
}

async fn permissions(client: &Client, method: &str, mut given: Given, pages: bool) -> Sent {
    let permissions = client.permissions();
    match method {
        "create" => {
            let mut request = permissions.create(given.text("tool")?);
            say!(given, request: text user = "user_id");
            given.is_used_up()?;
            thing(&request.await?)
        }
        "list" => {
            let mut request = permissions.list();
            say!(given, request: text user = "user_id");
            list!(given, request, pages, json_of)
        }
        "delete" => {
            let id = given.id("permission_id")?;
            scoped!(given, permissions.delete(id))
        }
        other => Err(no_method(other)),
    }
}

async fn users(client: &Client, method: &str, mut given: Given, pages: bool) -> Sent {
    let users = client.users();
    match method {
        "list" => {
            let mut request = users.list();
            list!(given, request, pages, json_of)
        }
        "create" => {
            let mut request = users.create(given.text("user_id")?);
            say!(given, request: text name, text email, text company, object metadata, number run_limit,
                number cost_limit_cents, number rate_per_minute);
            given.is_used_up()?;
            thing(&request.await?)
        }
        "update" => {
            let mut request = users.update(given.text("user_id")?);
            say!(given, request: text name, text email, text company, object metadata, nullable_number run_limit,
                nullable_number cost_limit_cents, nullable_number rate_per_minute);
            given.is_used_up()?;
            thing(&request.await?)
        }
        "get" => thing(&users.get(given.text("user_id")?).await?),
        "delete" => thing(&users.delete(given.text("user_id")?).await?),
        other => Err(no_method(other)),
    }
}

async fn webhooks(client: &Client, method: &str, mut given: Given, pages: bool) -> Sent {
    let webhooks = client.webhooks();
    match method {
        "list" => {
            let mut request = webhooks.list();
            say!(given, request: text user = "user_id");
            return list!(given, request, pages, shown_json);
        }
        "create" => {
            let mut request = webhooks.create(given.text("url")?);
            say!(given, request: texts events, text user = "user_id");
            given.is_used_up()?;
            return shown(&request.await?);
        }
        _ => {}
    }
    let id = given.id("webhook_id")?;
    match method {
        "get" => {
            let mut request = webhooks.get(id);
            say!(given, request: text user = "user_id");
            given.is_used_up()?;
            shown(&request.await?)
        }
        "update" => {
            let mut request = webhooks.update(id);
            request = if given.is("rotate_secret") { request.rotate_secret() } else { request };
            say!(given, request: text url, texts events, flag active, text user = "user_id");
            given.is_used_up()?;
            shown(&request.await?)
        }
        "list_deliveries" => {
            let mut request = webhooks.list_deliveries(id);
            say!(given, request: text user = "user_id");
            list!(given, request, pages, json_of)
        }
        "delete" => scoped!(given, webhooks.delete(id)),
        other => Err(no_method(other)),
    }
}

/// A webhook, without its secret.
fn shown_json(webhook: &Webhook) -> Value {
    let Webhook { id, url, events, active, created_at, updated_at, user_id, .. } = webhook;
    json!({"id": id, "url": url, "events": events, "active": active, "created_at": created_at,
        "updated_at": updated_at, "user_id": user_id})
}

fn shown(webhook: &Webhook) -> Sent {
    Ok(Returned { class: None, value: shown_json(webhook) })
}
