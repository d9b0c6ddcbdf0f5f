//! Teammates.

use m8tes_sdk::Client;
use test_harness::faults::Case;
use test_harness::fresh;

use super::{call, no_case};

pub async fn prepare(subject: &str, direct: &Client) -> Case<Client> {
    const NAMED: &str = "SELECT count(*) FROM teammates WHERE rest ->> 'name' = ?";
    const STATUS: &str = "SELECT count(*) FROM teammates WHERE id = ? AND status = ?";
    let teammates = direct.teammates();
    let name = fresh("Ada");
    let parameters = [name.clone()];
    if subject == "create_teammate" {
        return call(async move |client| client.teammates().create().name(name).await).leaves(NAMED, parameters);
    }
    let id = teammates.create().await.unwrap().id;
    let has_status = |status: &str| [id.to_string(), status.to_owned()];
    match subject {
        "list_teammates" => call(async |client| client.teammates().list().limit(1).await),
        "get_teammate" => call(async move |client| client.teammates().get(id).await),
        "update_teammate" => {
            call(async move |client| client.teammates().update(id).name(name).await).leaves(NAMED, parameters)
        }
        "delete_teammate" => {
            call(async move |client| client.teammates().delete(id).await).leaves(STATUS, has_status("archived"))
        }
        "enable_teammate" => {
            teammates.disable(id).await.unwrap();
            call(async move |client| client.teammates().enable(id).await).leaves(STATUS, has_status("enabled"))
        }
        "disable_teammate" => {
            call(async move |client| client.teammates().disable(id).await).leaves(STATUS, has_status("disabled"))
        }
        "unarchive_teammate" => {
            teammates.delete(id).await.unwrap();
            call(async move |client| client.teammates().unarchive(id).await).leaves(STATUS, has_status("disabled"))
        }
        "enable_teammate_webhook" => call(async move |client| client.teammates().enable_webhook(id).await)
            .leaves("SELECT count(*) FROM inbound_webhooks WHERE owner = 'agents' AND owner_id = ?", [id]),
        "set_teammate_webhook_enabled" => {
            teammates.enable_webhook(id).await.unwrap();
            call(async move |client| client.teammates().set_webhook_enabled(id, false).await).leaves(
                "SELECT count(*) FROM inbound_webhooks WHERE owner = 'agents' AND owner_id = ? AND NOT is_enabled",
                [id],
            )
        }
        "disable_teammate_webhook" => {
            teammates.enable_webhook(id).await.unwrap();
            call(async move |client| client.teammates().disable_webhook(id).await)
                .leaves("SELECT count(*) = 0 FROM inbound_webhooks WHERE owner = 'agents' AND owner_id = ?", [id])
        }
        "enable_teammate_email_inbox" => call(async move |client| client.teammates().enable_email_inbox(id).await)
            .leaves("SELECT rest ->> 'inbound_email_enabled' FROM teammates WHERE id = ?", [id]),
        "disable_teammate_email_inbox" => {
            teammates.enable_email_inbox(id).await.unwrap();
            call(async move |client| client.teammates().disable_email_inbox(id).await)
                .leaves("SELECT NOT rest ->> 'inbound_email_enabled' FROM teammates WHERE id = ?", [id])
        }
        _ => no_case(subject),
    }
}
