//! Teammates.

use m8tes_sdk::Client;

use super::{Given, Sent, json_of, list, no_method, say, scoped, thing};

pub(super) async fn make(client: &Client, method: &str, mut given: Given, pages: bool) -> Sent {
    let teammates = client.teammates();
    if method == "create" {
        let mut request = teammates.create();
        say!(given, request: text name, texts tools, text instructions, text role, text goals, text user = "user_id",
            object metadata, texts allowed_senders, flag email_inbox, flag webhook, choice default_permission_mode,
            text model, text effort, flag enable_memory, flag enable_history, flag enable_task_setup_tools,
            flag enable_feedback);
        given.is_used_up()?;
        return thing(&request.await?);
    }
    if method == "list" {
        let mut request = teammates.list();
        say!(given, request: text user = "user_id", flag include_archived);
        if given.take("fields").is_some_and(|fields| fields == "summary") {
            request = request.summary(true);
        }
        return list!(given, request, pages, json_of);
    }
    let id = given.id("agent_id")?;
    if method == "update" {
        let mut request = teammates.update(id);
        say!(given, request: text name, texts tools, text instructions, text role, text goals, text user = "user_id",
            object metadata, texts allowed_senders, choice default_permission_mode, nullable_text model,
            nullable_text effort, nullable_flag enable_memory);
        given.is_used_up()?;
        return thing(&request.await?);
    }
    match method {
        "get" => scoped!(given, teammates.get(id)),
        "delete" => scoped!(given, teammates.delete(id)),
        "enable_webhook" => scoped!(given, teammates.enable_webhook(id)),
        "set_webhook_enabled" => {
            let enabled = given.is("enabled");
            scoped!(given, teammates.set_webhook_enabled(id, enabled))
        }
        "disable_webhook" => scoped!(given, teammates.disable_webhook(id)),
        "enable_email_inbox" => scoped!(given, teammates.enable_email_inbox(id)),
        "disable_email_inbox" => scoped!(given, teammates.disable_email_inbox(id)),
        "enable" => scoped!(given, teammates.enable(id)),
        "disable" => scoped!(given, teammates.disable(id)),
        "unarchive" => scoped!(given, teammates.unarchive(id)),
        other => Err(no_method(other)),
    }
}
