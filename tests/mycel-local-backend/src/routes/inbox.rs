//! The runtime inbox over plain requests: drain and wait.

use std::{pin::Pin, sync::Arc, time::Duration};

use axum::http::{Method, StatusCode};
use local_backend_kit::CheckedRequest;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::timeout;

use super::{
    Handler::{Signed, Waiting},
    Route,
    chats::projected_title,
};
use crate::{
    app::{App, Work},
    auth,
    error::{Answer, Failure},
    inbox::Notification,
    store::{chats, inbox, messages, users::User},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/api/runtime/inbox/drain", Signed(drain_runtime_inbox)),
    (Method::POST, "/api/runtime/inbox/wait", Waiting(|app, user_id, call| Box::pin(wait(app, user_id, call)))),
];

fn drain_runtime_inbox(work: &mut Work<'_>, caller: &User, _: &CheckedRequest) -> Result<Answer, Failure> {
    drained(&take(work, caller)?)
}

fn drained(notifications: &[Notification]) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Drained<'a> {
        count: usize,
        notifications: &'a [Notification],
    }

    Answer::json(&Drained { count: notifications.len(), notifications })
}

/// Takes what waits for `user`, and adds what there is to tell about their chats.
///
/// The first is gone afterwards; the second is a view of what is unread, and comes again until it is read.
pub(super) fn take(work: &Work<'_>, user: &User) -> Result<Vec<Notification>, Failure> {
    let mut pending = inbox::take(work.db, &user.id)?;
    for chat in chats::of_member(work.db, &user.id)? {
        let members = chats::members(work.db, &chat.id)?;
        projected_title(&chat, &members, user)
            .map_err(|reason| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, reason))?;
        let unread_count = messages::unread_count(work.db, &chat.id, &user.id)?;
        if unread_count == 0 {
            continue;
        }
        let latest = messages::latest(work.db, &chat.id)?;
        pending.push(json!({
            "event_type": "chat.message",
            "notification_type": "chat",
            "chat_id": chat.id,
            "message_id": latest.as_ref().map(|message| &message.id),
            "message_seq": latest.as_ref().map(|message| message.seq),
            "sender_name": latest.as_ref().map(|message| &message.sender_name),
            "unread_count": unread_count,
        }));
    }
    Ok(work.app.inbox.number(&user.id, pending))
}

type Waited = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

/// What answers a request that may take its time.
pub(crate) type WaitingHandler = fn(Arc<App>, String, Result<CheckedRequest, Failure>) -> Waited;

/// Answers what the inbox holds; if that is nothing, waits for a wake or for as long as was asked, and looks again.
async fn wait(app: Arc<App>, user_id: String, call: Result<CheckedRequest, Failure>) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Query {
        timeout_seconds: f64,
    }

    let call = app.transact(|work| auth::caller(work.db, &user_id).and(call))?;
    let Query { timeout_seconds } = call.query()?;

    // Listening comes first: what arrives after the look is then heard.
    let mut listener = app.inbox.listen(&user_id);
    let look = || app.transact(|work| take(work, &auth::caller(work.db, &user_id)?));
    let mut notifications = look()?;
    if notifications.is_empty() {
        tokio::select! {
            _ = timeout(Duration::from_secs_f64(timeout_seconds), listener.woken()) => {}
            () = app.closing.closed() => {}
        }
        notifications = look()?;
    }
    drained(&notifications)
}
