//! The operations: how the backend is prepared for each, how it is called, and how its effects are counted.

use std::time::Duration;

use futures::FutureExt;
use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE};
use mycel_sdk::{ChatId, Client, Error, RelationshipId, Secret, UserId};
use mycel_tests::fresh;
use serde_json::json;
use test_harness::faults::Case;
use test_harness::told;

/// A user, its client that goes directly to the backend, and its token.
pub struct User {
    pub id: UserId,
    pub client: Client,
    pub token: Secret,
}

/// A call that is made as this user, or as nobody.
fn call<T, F>(by: Option<User>, call: impl FnOnce(Client) -> F + Send + 'static) -> Case<Client>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let token = by.map(|user| user.token);
    Case::new(move |client: Client| {
        // Over the connections of this client.
        let client = token.map_or_else(|| client.clone(), |token| client.with_auth_token(token));
        call(client).map(|outcome| outcome.map(drop).map_err(|error| told!(error)))
    })
}

async fn owner(direct: &Client) -> User {
    let guest = direct.auth().create_guest_owner().await.unwrap();
    User { id: guest.user.id, client: direct.with_auth_token(&guest.token), token: guest.token }
}

impl User {
    async fn agent(&self, name: &str) -> Self {
        let session = self.client.users().create_external(fresh(name), name).await.unwrap();
        Self { id: session.user.id, client: self.client.with_auth_token(&session.token), token: session.token }
    }
}

/// Two agents of one owner, and their direct chat.
pub async fn pair(direct: &Client) -> (User, User, ChatId) {
    let owner = owner(direct).await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap();
    (codex, claude, chat.id)
}

/// The owner of a group, somebody from elsewhere, and the group.
async fn group(direct: &Client) -> (User, User, ChatId) {
    let (ada, elsewhere) = (owner(direct).await, owner(direct).await);
    let visitor = elsewhere.agent("visitor").await;
    let member = ada.agent("member").await;
    let group = ada.client.chats().create([&member.id]).group().title("Release 1.0").await.unwrap();
    (ada, visitor, group.id)
}

/// Two users, and what the first has asked the second for.
async fn asked(direct: &Client) -> (User, User, RelationshipId) {
    let owner = owner(direct).await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let pending = codex.client.relationships().request(&claude.id).await.unwrap();
    (codex, claude, pending.id)
}

/// An address that a code was sent to.
async fn sent_to(direct: &Client) -> String {
    let email = format!("{}@example.com", fresh("ada"));
    direct.auth().send_otp(&email, "correct horse", DEFAULT_INVITE_CODE).await.unwrap();
    email
}

async fn verified(direct: &Client) -> (String, Secret) {
    let email = sent_to(direct).await;
    let temp_token = direct.auth().verify_otp(&email, DEFAULT_ONE_TIME_CODE).await.unwrap();
    (email, temp_token)
}

async fn registered(direct: &Client) -> (User, String) {
    let (email, temp_token) = verified(direct).await;
    let session = direct.auth().complete_register(temp_token, DEFAULT_INVITE_CODE).await.unwrap();
    let client = direct.with_auth_token(&session.token);
    (User { id: session.user.id, client, token: session.token }, email)
}

/// Prepares a call of this operation with users of its own, over a client that goes directly to the backend.
pub async fn prepare(operation: &str, direct: &Client) -> Case<Client> {
    match operation {
        "backend_info" => call(None, async |client| client.backend_info().await),
        "send_otp" | "verify_otp" | "complete_register" | "login" => of_registration(operation, direct).await,
        "create_guest_owner" => {
            let name = fresh("Ada");
            call(None, {
                let name = name.clone();
                async move |client| client.auth().create_guest_owner().display_name(name).await
            })
            .leaves("SELECT count(*) FROM users WHERE name = ?", [name])
        }
        "whoami" => call(Some(owner(direct).await), async |client| client.me().whoami().await),
        "create_external_user" => {
            let id = fresh("codex");
            call(Some(owner(direct).await), {
                let id = id.clone();
                async move |client| client.users().create_external(id, "Codex").await
            })
            .leaves("SELECT count(*) FROM users WHERE id = ?", [id])
        }
        "list_agents" | "create_agent" | "create_thread" => of_agents(operation, direct).await,
        "list_chats" | "create_chat" | "get_chat" | "add_chat_member" | "mute_chat_member" => {
            of_chats(operation, direct).await
        }
        "list_messages" | "list_unread_messages" | "mark_messages_read" | "send_message" => {
            of_messages(operation, direct).await
        }
        "get_join_target" | "list_join_requests" | "request_join" | "approve_join_request" | "reject_join_request" => {
            of_join_requests(operation, direct).await
        }
        "list_relationships"
        | "request_relationship"
        | "approve_relationship"
        | "reject_relationship"
        | "upgrade_relationship"
        | "revoke_relationship"
        | "downgrade_relationship" => of_relationships(operation, direct).await,
        "get_workflow" | "set_workflow" | "delete_workflow" => of_workflows(operation, direct).await,
        "list_workflow_events"
        | "create_workflow_event"
        | "get_workflow_event"
        | "update_workflow_event"
        | "delete_workflow_event" => of_workflow_events(operation, direct).await,
        "list_tasks" | "create_task" | "get_task" | "update_task" | "delete_task" => of_tasks(operation, direct).await,
        "drain_inbox" | "wait_for_inbox" | "subscribe_inbox" => of_inbox(operation, direct).await,
        _ => panic!(
            "tests/mycel/tests/faults/cases.rs has no case for {operation}: say how it is called, and how its effects are \
             counted"
        ),
    }
}

async fn of_registration(operation: &str, direct: &Client) -> Case<Client> {
    match operation {
        "send_otp" => {
            let email = format!("{}@example.com", fresh("ada"));
            call(None, {
                let email = email.clone();
                async move |client| client.auth().send_otp(email, "correct horse", DEFAULT_INVITE_CODE).await
            })
            .leaves("SELECT count(*) FROM accounts WHERE email = ?", [email])
        }
        "verify_otp" => {
            let email = sent_to(direct).await;
            call(None, {
                let email = email.clone();
                async move |client| client.auth().verify_otp(email, DEFAULT_ONE_TIME_CODE).await
            })
            .leaves("SELECT count(*) FROM accounts WHERE email = ? AND verified", [email])
        }
        "complete_register" => {
            let (email, temp_token) = verified(direct).await;
            // With the person come agents, which a second registration would make once more.
            call(None, async move |client| client.auth().complete_register(temp_token, DEFAULT_INVITE_CODE).await)
                .leaves(
                    "SELECT count(*) FROM users AS agent JOIN users AS owner ON owner.id = agent.owner_user_id
                     WHERE owner.email = ? AND agent.name = 'Toad'",
                    [email],
                )
        }
        _ => {
            let (_, email) = registered(direct).await;
            call(None, async move |client| client.auth().login(email, "correct horse").await)
        }
    }
}

async fn of_agents(operation: &str, direct: &Client) -> Case<Client> {
    let (ada, _) = registered(direct).await;
    match operation {
        "list_agents" => call(Some(ada), async |client| client.agents().list().await),
        "create_agent" => {
            let name = fresh("Chanterelle");
            call(Some(ada), {
                let name = name.clone();
                async move |client| client.agents().create(name).await
            })
            .leaves("SELECT count(*) FROM users WHERE name = ?", [name])
        }
        _ => {
            let agent = ada.client.agents().create("Chanterelle").await.unwrap().summary.id;
            let query = "SELECT count(*) FROM threads WHERE agent_user_id = ?";
            let parameters = [agent.clone()];
            call(Some(ada), async move |client| client.threads().create(agent).await).leaves(query, parameters)
        }
    }
}

async fn of_chats(operation: &str, direct: &Client) -> Case<Client> {
    let (codex, claude, chat) = pair(direct).await;
    match operation {
        "list_chats" => call(Some(codex), async |client| client.chats().list().await),
        "create_chat" => {
            let title = fresh("Release");
            call(Some(codex), {
                let title = title.clone();
                async move |client| client.chats().create([claude.id]).group().title(title).await
            })
            .leaves("SELECT count(*) FROM chats WHERE title = ?", [title])
        }
        "get_chat" => call(Some(codex), async move |client| client.chats().get(chat).await),
        "add_chat_member" => {
            let (ada, visitor, group) = group(direct).await;
            let parameters = [group.to_string(), visitor.id.to_string()];
            call(Some(ada), async move |client| client.chats().add_member(group, visitor.id).await)
                .leaves("SELECT count(*) FROM chat_members WHERE chat_id = ? AND user_id = ?", parameters)
        }
        _ => {
            let parameters = [chat.to_string(), codex.id.to_string()];
            let id = codex.id.clone();
            call(Some(codex), async move |client| client.chats().mute_member(chat, id).await)
                .leaves("SELECT muted FROM chat_members WHERE chat_id = ? AND user_id = ?", parameters)
        }
    }
}

async fn of_messages(operation: &str, direct: &Client) -> Case<Client> {
    const READ: &str = "SELECT last_read_seq = 1 FROM chat_members WHERE chat_id = ? AND user_id = ?";
    let (codex, claude, chat) = pair(direct).await;
    if operation == "send_message" {
        let text = fresh("hello");
        let parameters = [chat.to_string(), text.clone()];
        return call(Some(codex), async move |client| client.messages().send(chat, text).await)
            .leaves("SELECT count(*) FROM messages WHERE chat_id = ? AND content = ?", parameters);
    }
    let message = codex.client.messages().send(&chat, "hello").await.unwrap();
    let parameters = [chat.to_string(), claude.id.to_string()];
    match operation {
        // One at once, so that there is no smaller page to ask for.
        "list_messages" => call(Some(claude), async move |client| client.messages().list(chat).limit(1).await),
        "list_unread_messages" => call(Some(claude), async move |client| client.messages().unread(chat).await),
        _ => {
            call(Some(claude), async move |client| client.messages().mark_read(&message).await).leaves(READ, parameters)
        }
    }
}

async fn of_join_requests(operation: &str, direct: &Client) -> Case<Client> {
    /// Each step writes a message into the chat, with these words.
    const TOLD: &str = "SELECT count(*) FROM messages WHERE chat_id = ?1 AND message_type = 'notification'
                        AND content LIKE '%' || ?2 || '%'";
    let (ada, visitor, group) = group(direct).await;
    let told = |what: &str| [group.to_string(), what.to_owned()];
    match operation {
        "get_join_target" => call(Some(visitor), async move |client| client.join_requests().target(group).await),
        "request_join" => {
            let parameters = told("requested to join");
            call(Some(visitor), async move |client| client.join_requests().request(group).await)
                .leaves(TOLD, parameters)
        }
        _ => {
            let request = visitor.client.join_requests().request(&group).await.unwrap().id;
            match operation {
                "list_join_requests" => call(Some(ada), async move |client| client.join_requests().list(group).await),
                "approve_join_request" => {
                    let parameters = told("Approved chat join request");
                    call(Some(ada), async move |client| client.join_requests().approve(group, request).await)
                        .leaves(TOLD, parameters)
                }
                _ => {
                    let parameters = told("Rejected chat join request");
                    call(Some(ada), async move |client| client.join_requests().reject(group, request).await)
                        .leaves(TOLD, parameters)
                }
            }
        }
    }
}

async fn of_relationships(operation: &str, direct: &Client) -> Case<Client> {
    const NOW: &str = "SELECT count(*) FROM relationships WHERE id = ? AND state = ?";
    const GONE: &str = "SELECT count(*) = 0 FROM relationships WHERE id = ?";
    if operation == "request_relationship" {
        let (codex, claude, _) = pair(direct).await;
        let parameters = [claude.id.clone()];
        // The other is told each time.
        return call(Some(codex), async move |client| client.relationships().request(claude.id).await)
            .leaves("SELECT count(*) FROM inbox_items WHERE user_id = ?", parameters);
    }
    let (codex, claude, id) = asked(direct).await;
    let of_claude = claude.client.clone();
    let (gone, now) = ([id.to_string()], |state: &str| [id.to_string(), state.to_owned()]);
    match operation {
        "list_relationships" => call(Some(codex), async |client| client.relationships().list().await),
        "approve_relationship" => {
            let parameters = now("visit");
            call(Some(claude), async move |client| client.relationships().approve(id).await).leaves(NOW, parameters)
        }
        "reject_relationship" => {
            call(Some(claude), async move |client| client.relationships().reject(id).await).leaves(GONE, gone)
        }
        "revoke_relationship" => {
            call(Some(codex), async move |client| client.relationships().revoke(id).await).leaves(GONE, gone)
        }
        "upgrade_relationship" => {
            of_claude.relationships().approve(&id).await.unwrap();
            let parameters = now("hire");
            call(Some(codex), async move |client| client.relationships().upgrade(id).await).leaves(NOW, parameters)
        }
        _ => {
            of_claude.relationships().approve(&id).await.unwrap();
            of_claude.relationships().upgrade(&id).await.unwrap();
            let parameters = now("visit");
            call(Some(codex), async move |client| client.relationships().downgrade(id).await).leaves(NOW, parameters)
        }
    }
}

async fn of_workflows(operation: &str, direct: &Client) -> Case<Client> {
    let (codex, _, chat) = pair(direct).await;
    let parameters = [chat.clone()];
    codex.client.workflows().set(&chat, "review").await.unwrap();
    match operation {
        "get_workflow" => call(Some(codex), async move |client| client.workflows().get(chat).await),
        "set_workflow" => {
            call(Some(codex), async move |client| client.workflows().set(chat, "review").state("done").await)
                .leaves("SELECT state_version FROM workflows WHERE chat_id = ?", parameters)
        }
        _ => call(Some(codex), async move |client| client.workflows().delete(chat).await)
            .leaves("SELECT count(*) = 0 FROM workflows WHERE chat_id = ?", parameters),
    }
}

async fn of_workflow_events(operation: &str, direct: &Client) -> Case<Client> {
    let (codex, _, chat) = pair(direct).await;
    let (parameters, by) = ([chat.clone()], codex.id.clone());
    if operation == "create_workflow_event" {
        return call(Some(codex), async move |client| client.workflow_events().create(chat, "review", by).await)
            .leaves("SELECT count(*) FROM workflow_events WHERE chat_id = ?", parameters);
    }
    let event = codex.client.workflow_events().create(&chat, "review", by).await.unwrap().id;
    match operation {
        "list_workflow_events" => call(Some(codex), async move |client| client.workflow_events().list(chat).await),
        "get_workflow_event" => call(Some(codex), async move |client| client.workflow_events().get(chat, event).await),
        "update_workflow_event" => {
            call(Some(codex), async move |client| client.workflow_events().update(chat, event).state("done").await)
                .leaves("SELECT state_version FROM workflow_events WHERE chat_id = ?", parameters)
        }
        _ => call(Some(codex), async move |client| client.workflow_events().delete(chat, event).await)
            .leaves("SELECT count(*) = 0 FROM workflow_events WHERE chat_id = ?", parameters),
    }
}

async fn of_tasks(operation: &str, direct: &Client) -> Case<Client> {
    let (codex, _, chat) = pair(direct).await;
    let parameters = [chat.clone()];
    if operation == "create_task" {
        return call(Some(codex), async move |client| {
            client.tasks().create(chat, "Review").metadata(json!({"lines": 3})).await
        })
        .leaves("SELECT count(*) FROM tasks WHERE chat_id = ?", parameters);
    }
    let task = codex.client.tasks().create(&chat, "Review").await.unwrap().id;
    match operation {
        "list_tasks" => call(Some(codex), async move |client| client.tasks().list(chat).await),
        "get_task" => call(Some(codex), async move |client| client.tasks().get(chat, task).await),
        "update_task" => call(Some(codex), async move |client| client.tasks().update(chat, task).status("done").await)
            .leaves("SELECT count(*) FROM tasks WHERE chat_id = ? AND status = 'done'", parameters),
        _ => call(Some(codex), async move |client| client.tasks().delete(chat, task).await)
            .leaves("SELECT count(*) = 0 FROM tasks WHERE chat_id = ?", parameters),
    }
}

async fn of_inbox(operation: &str, direct: &Client) -> Case<Client> {
    const NOTHING_WAITS: &str = "SELECT count(*) = 0 FROM inbox_items WHERE user_id = ?";
    let (_, claude, _) = asked(direct).await;
    let parameters = [claude.id.clone()];
    match operation {
        "drain_inbox" => {
            call(Some(claude), async |client| client.notifications().drain().await).leaves(NOTHING_WAITS, parameters)
        }
        "wait_for_inbox" => {
            call(Some(claude), async |client| client.notifications().wait(Duration::from_millis(1)).await)
                .leaves(NOTHING_WAITS, parameters)
        }
        _ => call(Some(claude), async |client| client.notifications().stream().await),
    }
}
