//! Messages and the runtime inbox.

use std::time::Duration;

use mycel_sdk::{Client, Error, Message};
use mycel_tests::{Peer, Reply};
use serde_json::json;

use super::outcome;
use crate::{
    clients::{
        Outcome,
        arguments::{Arguments, set},
    },
    problem::Problem,
};

pub async fn call(client: &Client, name: &str, given: &Arguments<'_>) -> Result<Option<Outcome>, Problem> {
    let messages = client.messages();
    let chat = || given.get::<String>("chat_id");
    Ok(Some(match name {
        "messages.send" => send(client, given).await?,
        "messages.list" => {
            let mut request = messages.list(chat()?);
            set!(request, given, "limit" => limit: u32);
            if let Some(seq) = given.maybe::<String>("before")? {
                request = request.before(seq.parse().map_err(Problem::because("before"))?);
            }
            outcome(request.await)
        }
        "messages.list_all" => outcome(history(client, given).await?),
        "messages.unread" => outcome(messages.unread(chat()?).await),
        "messages.read" => outcome(messages.read(chat()?).await),
        "messages.mark_read" | "generated.mark_read" => {
            let message = in_hand(&chat()?, given.get("up_to_seq")?).await?;
            outcome(messages.mark_read(&message).await)
        }
        "notifications.drain" => outcome(client.notifications().drain().await),
        "generated.wait" => {
            let seconds = given.get("timeout_seconds")?;
            let longest = Duration::try_from_secs_f64(seconds).map_err(Problem::because("timeout_seconds"))?;
            outcome(client.notifications().wait(longest).await)
        }
        "notifications.stream" => {
            let mut request = client.notifications().stream();
            set!(request, given, "since_seq" => since: u64);
            let first = match request.await {
                Ok(mut stream) => stream.next().await.transpose(),
                Err(error) => Err(error),
            };
            outcome(first.map(drop))
        }
        _ => return Ok(None),
    }))
}

async fn send(client: &Client, given: &Arguments<'_>) -> Result<Outcome, Problem> {
    let mut request = client.messages().send(given.get::<String>("chat_id")?, given.get::<String>("content")?);
    for user in given.maybe::<Vec<String>>("mentions")?.unwrap_or_default() {
        request = request.mention(user);
    }
    set!(request, given,
        "addressed_to_user_ids" => addressed_to: Vec<String>,
        "reply_to" => reply_to: String,
        "enforce_caught_up" => enforce_caught_up: bool,
    );
    // With us it follows from whether somebody is addressed.
    match given.maybe::<String>("delivery_scope")?.as_deref() {
        None | Some("broadcast" | "addressed") => Ok(outcome(request.await)),
        Some(other) => Err(Problem::new(format!("there is no delivery scope {other}"))),
    }
}

async fn history(client: &Client, given: &Arguments<'_>) -> Result<Result<Vec<Message>, Error>, Problem> {
    let mut history = client.messages().history(given.get::<String>("chat_id")?);
    set!(history, given, "page_size" => page_size: u32);
    let mut newest_first = Vec::new();
    while let Some(message) = history.next().await {
        match message {
            Ok(message) => newest_first.push(message),
            Err(error) => return Ok(Err(error)),
        }
    }
    newest_first.reverse();
    Ok(Ok(newest_first))
}

/// The message that a number belongs to: the official client takes the number, ours takes the message.
async fn in_hand(chat: &str, seq: u64) -> Result<Message, Problem> {
    let page = json!([{
        "id": "m", "chat_id": chat, "sender_id": "u", "sender_name": "U", "content": "x", "message_type": "human",
        "mentioned_ids": [], "seq": seq, "created_at": 1.5,
    }]);
    let peer = Peer::start([Reply::json("200 OK", &page.to_string())]).await;
    let client = Client::builder(peer.url()).build().map_err(Problem::because("a peer with one message"))?;
    let found = client.messages().list("c").await.map_err(Problem::because("a peer with one message"))?.pop();
    found.ok_or_else(|| Problem::new("the peer has no message"))
}
