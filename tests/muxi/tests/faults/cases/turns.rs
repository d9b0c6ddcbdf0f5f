//! Turns: chats, triggers, and what is known of them.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use muxi_local_backend::{Reply, Turn, TurnFailure};
use muxi_sdk::{ChatFile, FormationClient, RequestId, RequestStatus, SessionId};
use serde_json::json;
use test_harness::faults::Case;
use test_harness::fresh;

use super::{World, call, no_case};

/// How often which conversation had a turn.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<String, i64>>>);

impl Turns {
    /// What a turn does: it is counted, and goes on until it is cancelled if that is what it is told.
    pub fn script(
        &self,
    ) -> impl Fn(Turn) -> Pin<Box<dyn Future<Output = Result<Reply, TurnFailure>> + Send>> + Send + Sync + 'static {
        let turns = self.clone();
        move |turn| {
            *turns.0.lock().unwrap().entry(turn.session_id().to_owned()).or_default() += 1;
            Box::pin(async move {
                if turn.message() == "go on" {
                    turn.cancelled().await;
                }
                if matches!(turn.message(), "tell" | "heard tell.ogg") {
                    (0..20).for_each(|number| turn.text(&format!("Piece {number} of “it”. ")));
                }
                turn.text("It is done.");
                Ok(Reply::told())
            })
        }
    }

    /// Counts those of this conversation.
    pub fn of(&self, session: &str) -> impl Future<Output = i64> + Send + 'static {
        let (turns, session) = (self.clone(), session.to_owned());
        async move { turns.0.lock().unwrap().get(&session).copied().unwrap_or(0) }
    }
}

/// What is spoken, of which a formation hears the name.
pub fn spoken(name: &str) -> ChatFile {
    ChatFile::new(name, "audio/ogg", "OggS")
}

pub async fn prepare(subject: &str, world: &World) -> Case<FormationClient> {
    let user = fresh("cust");
    let session = SessionId::from(fresh("conversation"));
    let begun = world.turns.of(session.as_str());
    match subject {
        "chat" => {
            call(async move |client| client.chat("Hi").user(user).session(session).longest_turn(Duration::ZERO).await)
                .leaves_in_memory(begun)
        }
        "chat-streamed" => call(async move |client| client.chat("Hi").user(user).session(session).stream().await)
            .leaves_in_memory(begun),
        "audio_chat" => {
            let chat = move |client: FormationClient| async move {
                let chat = client.audio_chat(spoken("a.ogg")).user(user).session(session);
                chat.longest_turn(Duration::ZERO).await
            };
            call(chat).leaves_in_memory(begun)
        }
        "audio_chat-streamed" => {
            call(async move |client| client.audio_chat(spoken("a.ogg")).user(user).session(session).stream().await)
                .leaves_in_memory(begun)
        }
        "list_triggers" => call(async |client| client.triggers().list().await),
        "get_trigger" => call(async |client| client.triggers().get("github-issue").await),
        "fire_trigger" => {
            let issue = json!({"repository": "muxi/runtime", "issue": {"number": 1, "title": "Bug"}});
            call(async move |client| {
                let firing = client.triggers().fire("github-issue").data(issue).session(session).user(user);
                firing.longest_turn(Duration::ZERO).await
            })
            .leaves_in_memory(begun)
        }
        "list_requests" => call(async move |client| client.requests().list().user(user).await),
        "get_request" | "cancel_request" => of_requests(subject, world.direct.for_user(user.clone()), user).await,
        _ => no_case(subject),
    }
}

async fn of_requests(subject: &str, direct: FormationClient, user: String) -> Case<FormationClient> {
    let id = RequestId::from(fresh("turn"));
    // It goes on without anybody who listens.
    drop(direct.chat("go on").request_id(id.clone()).stream().await.unwrap());
    let turn = id.clone();
    match subject {
        "get_request" => call(async move |client| client.requests().get(turn).user(user).await),
        "cancel_request" => {
            call(async move |client| client.requests().cancel(turn).user(user).await).leaves_in_memory(async move {
                let state = direct.requests().get(id).await.unwrap();
                i64::from(state.status == RequestStatus::Cancelled)
            })
        }
        _ => no_case(subject),
    }
}
