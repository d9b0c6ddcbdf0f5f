//! An agent that a person can talk to: it answers each message once, whatever happens to the connection or to
//! the backend. Start `cargo run -p mycel-local-backend -- --data mycel.db` first, then this, then `talk`.
use std::{env, process, time::Duration};

use mycel_sdk::{ChatId, Client, Error, ErrorKind, ListenEvent, Listener, Message, MessageKind, NotificationEvent};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = env::var("MYCEL_BASE_URL").unwrap_or_else(|_| "http://127.0.0.1:8042".to_owned());
    let client = Client::builder(url).build()?;
    let owner = client.with_auth_token(client.auth().create_guest_owner().await?.token);
    let id = format!("echo-{}", process::id());
    let agent = owner.with_auth_token(owner.users().create_external(&id, "Echo").await?.token);
    println!("talk to me: cargo run -p mycel-sdk --example talk -- {id}");
    serve(&agent, agent.notifications().listen(), |message| format!("You said: {}", message.content)).await
}

type Reply = fn(&Message) -> String;

/// Answers what is said in the agent's chats, until there is a good reason to end.
pub async fn serve(agent: &Client, mut listener: Listener, reply: Reply) -> Result<(), Error> {
    while let Some(event) = listener.next().await.transpose()? {
        if let ListenEvent::Disconnected { reason, retry_in } = &event {
            eprintln!("{reason}; next try in {retry_in:?}");
        }
        let ListenEvent::Notification(notification) = event else { continue };
        let NotificationEvent::ChatMessage { chat_id, .. } = notification.event else { continue };
        let mut is_retry = false;
        while let Err(error) = answer(agent, &chat_id, reply, is_retry).await {
            if matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Forbidden) {
                return Err(error);
            }
            eprintln!("{error}; trying again");
            tokio::time::sleep(Duration::from_millis(200)).await;
            is_retry = true;
        }
    }
    Ok(())
}

/// Answers what is unread in a chat, and marks each message as read only when it is answered.
async fn answer(agent: &Client, chat: &ChatId, reply: Reply, is_retry: bool) -> Result<(), Error> {
    // Page by page, since all of it may be more than an answer holds.
    let mut pages = agent.messages().unread_pages(chat);
    while let Some(page) = pages.next().await.transpose()? {
        for message in page {
            let text = format!("#{} {}", message.seq, reply(&message));
            // A call that failed may have stored the answer all the same.
            let is_answered =
                is_retry && agent.messages().list(chat).limit(200).await?.iter().any(|own| own.content == text);
            if message.kind == MessageKind::Human && !is_answered {
                agent.messages().send(chat, text).reply_to(&message.id).enforce_caught_up(false).await?;
            }
            agent.messages().mark_read(&message).await?;
        }
    }
    Ok(())
}
