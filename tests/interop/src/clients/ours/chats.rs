//! Chats, join requests and relationships.

use std::time::Duration;

use mycel_sdk::Client;

use super::outcome;
use crate::{
    clients::{
        Outcome,
        arguments::{Arguments, set},
    },
    problem::Problem,
};

pub async fn call(client: &Client, name: &str, given: &Arguments<'_>) -> Result<Option<Outcome>, Problem> {
    let text = |name| given.get::<String>(name);
    let (chats, joins) = (client.chats(), client.join_requests());
    Ok(Some(match name {
        "chats.list" => outcome(chats.list().await),
        "chats.get" => outcome(chats.get(text("chat_id")?).await),
        "chats.create" => create(client, given).await?,
        "chats.direct" | "chats.ensure_direct" => outcome(chats.ensure_direct(text("target_id")?).await),
        "chats.add_member" => outcome(chats.add_member(text("chat_id")?, text("user_id")?).await),
        "chats.mute_member" => {
            let mut request = chats.mute_member(text("chat_id")?, text("user_id")?);
            if let Some(end) = given.maybe::<f64>("mute_until")? {
                let since = Duration::try_from_secs_f64(end).map_err(Problem::because("mute_until"))?;
                request = request.until(std::time::SystemTime::UNIX_EPOCH + since);
            }
            outcome(request.await)
        }
        "chats.unmute_member" => outcome(chats.unmute_member(text("chat_id")?, text("user_id")?).await),
        "chats.join_target" => outcome(joins.target(text("chat_id")?).await),
        "chats.list_join_requests" => outcome(joins.list(text("chat_id")?).await),
        "chats.request_join" => {
            let mut request = joins.request(text("chat_id")?);
            set!(request, given, "message" => message: String);
            outcome(request.await)
        }
        "chats.approve_join" => outcome(joins.approve(text("chat_id")?, text("request_id")?).await),
        "chats.reject_join" => outcome(joins.reject(text("chat_id")?, text("request_id")?).await),
        other => return relationships(client, other, given).await,
    }))
}

async fn create(client: &Client, given: &Arguments<'_>) -> Result<Outcome, Problem> {
    let mut request = client.chats().create(given.get::<Vec<String>>("user_ids")?);
    set!(request, given, "title" => title: String);
    let request = match given.maybe::<String>("kind")?.as_deref() {
        None | Some("auto") => request,
        Some("group") => request.group(),
        Some("direct") => request.direct(),
        Some(other) => return Err(Problem::new(format!("there is no chat of the kind {other}"))),
    };
    Ok(outcome(request.await))
}

async fn relationships(client: &Client, name: &str, given: &Arguments<'_>) -> Result<Option<Outcome>, Problem> {
    let id = || given.get::<String>("relationship_id");
    let relationships = client.relationships();
    Ok(Some(match name {
        "relationships.list" => outcome(relationships.list().await),
        "relationships.request" => {
            let mut request = relationships.request(given.get::<String>("target_user_id")?);
            set!(request, given, "message" => message: String);
            outcome(request.await)
        }
        "relationships.approve" => outcome(relationships.approve(id()?).await),
        "relationships.reject" => outcome(relationships.reject(id()?).await),
        "relationships.upgrade" => outcome(relationships.upgrade(id()?).await),
        "relationships.downgrade" => outcome(relationships.downgrade(id()?).await),
        "relationships.revoke" => outcome(relationships.revoke(id()?).await),
        _ => return Ok(None),
    }))
}
