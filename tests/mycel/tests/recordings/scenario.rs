//! Every operation once at least, the errors that it mostly fails with, and every kind of frame, in an order that
//! is always the same.

use std::time::{Duration, SystemTime};

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE};
use mycel_sdk::{ChatId, Client, NotificationStream, Secret, TaskId, UserId};
use mycel_tests::{Actor, Tap, World, raw_request, soon};
use serde_json::json;

/// Who takes part.
struct Cast {
    nobody: Client,
    ada: Actor,
    grace: Actor,
    codex: Actor,
    claude: Actor,
    /// Belongs to Grace, the others to Ada.
    visitor: Actor,
    codex_token: Secret,
    claude_token: Secret,
}

/// Plays it all. The exchanges are the tap's to tell, and the frames too, stream by stream.
pub async fn play(world: &World, tap: &Tap) {
    let nobody = Client::builder(tap.url()).build().unwrap();
    accounts(&nobody).await;
    let cast = Cast::gather(nobody).await;
    let direct = chats(&cast).await;
    messages(&cast, tap, &direct).await;
    let group = groups(&cast).await;
    join_requests(&cast, &group, &direct).await;
    relationships(&cast).await;
    workflows(&cast, &group).await;
    workflow_events(&cast, &group).await;
    tasks(&cast, &group).await;
    inbox(&cast, world, &group).await;
}

async fn accounts(nobody: &Client) {
    let auth = nobody.auth();
    let (email, password) = ("ada@example.com", "correct horse");
    auth.send_otp(email, password, "wrong").await.unwrap_err();
    auth.send_otp(email, password, DEFAULT_INVITE_CODE).await.unwrap();
    auth.verify_otp(email, "wrong").await.unwrap_err();
    let temp_token = auth.verify_otp(email, DEFAULT_ONE_TIME_CODE).await.unwrap();
    let session = auth.complete_register(temp_token, DEFAULT_INVITE_CODE).await.unwrap();
    auth.login(email, "wrong").await.unwrap_err();
    auth.login(email, password).await.unwrap();

    let person = nobody.with_auth_token(session.token);
    person.me().whoami().await.unwrap();
    let agent = person.agents().create("Chanterelle").description("Reads what others write").await.unwrap().summary;
    person.agents().list().await.unwrap();
    person.threads().create(&agent.id).await.unwrap();
    person.threads().create(&agent.id).cwd("/srv").model("large").await.unwrap();
    person.threads().create(&agent.id).sandbox("e2b").await.unwrap_err();
    person.threads().create("m_nobody").await.unwrap_err();
}

impl Cast {
    async fn gather(nobody: Client) -> Self {
        nobody.me().whoami().await.unwrap_err();
        nobody.with_auth_token("no-token").me().whoami().await.unwrap_err();
        let ada = nobody.auth().create_guest_owner().display_name("Ada").await.unwrap();
        let ada = Actor { id: ada.user.id, client: nobody.with_auth_token(ada.token) };
        let grace = nobody.auth().create_guest_owner().await.unwrap();
        let grace = Actor { id: grace.user.id, client: nobody.with_auth_token(grace.token) };
        ada.client.me().whoami().await.unwrap();
        ada.client.agents().create("Morel").await.unwrap_err();
        let codex = ada.client.users().create_external("codex", "Codex").await.unwrap();
        let codex_token = codex.token.clone();
        let codex = Actor { id: codex.user.id, client: nobody.with_auth_token(codex.token) };
        let claude = ada.client.users().create_external("claude", "Claude").await.unwrap();
        let claude_token = claude.token.clone();
        let claude = Actor { id: claude.user.id, client: nobody.with_auth_token(claude.token) };
        let visitor = grace.client.users().create_external("visitor", "Besuch ✓").await.unwrap();
        let visitor = Actor { id: visitor.user.id, client: nobody.with_auth_token(visitor.token) };
        grace.client.users().create_external("codex", "Codex").await.unwrap_err();
        codex.client.users().create_external("more", "More").await.unwrap_err();
        codex.client.me().whoami().await.unwrap();
        Self { nobody, ada, grace, codex, claude, visitor, codex_token, claude_token }
    }
}

async fn chats(cast: &Cast) -> ChatId {
    let chats = cast.codex.client.chats();
    chats.list().await.unwrap();
    let direct = chats.ensure_direct(&cast.claude.id).await.unwrap().id;
    chats.ensure_direct("nobody").await.unwrap_err();
    chats.get(&direct).await.unwrap();
    cast.visitor.client.chats().get(&direct).await.unwrap_err();
    chats.get("nowhere").await.unwrap_err();
    direct
}

async fn messages(cast: &Cast, tap: &Tap, chat: &ChatId) {
    let (codex, claude) = (cast.codex.client.messages(), cast.claude.client.messages());
    codex.list(chat).await.unwrap();
    let hello = codex.send(chat, "hello ✓\n\"you\"").mention(&cast.claude.id).await.unwrap();
    claude.send(chat, "too early").await.unwrap_err();
    claude.unread(chat).await.unwrap();
    cast.claude.client.chats().list().await.unwrap();
    claude.send(chat, "read or not").enforce_caught_up(false).reply_to(&hello.id).await.unwrap();
    claude.mark_read(&hello).await.unwrap();
    // Which the facade does not send.
    let token = cast.codex_token.expose_secret();
    for _ in ["something", "nothing"] {
        let path = format!("/api/chats/{chat}/messages/read");
        assert_eq!(raw_request(&tap.url(), "POST", &path, token, "").await.0, 200);
    }
    codex.list(chat).limit(1).before(2).await.unwrap();
    codex.send(chat, "to you").addressed_to([&cast.claude.id]).await.unwrap();
    codex.send(chat, "to a stranger").addressed_to([&cast.visitor.id]).await.unwrap_err();
    cast.visitor.client.messages().unread(chat).await.unwrap_err();
    // What the facade does not send.
    for (path, body) in [("read", "{}"), ("messages", r#"{"content":7,"shoe_size":42}"#), ("messages", "{")] {
        let path = format!("/api/chats/{chat}/{path}");
        assert_eq!(raw_request(&tap.url(), "POST", &path, token, body).await.0, 422);
    }
}

async fn groups(cast: &Cast) -> ChatId {
    let chats = cast.codex.client.chats();
    let group = chats.create([&cast.claude.id]).group().title("Release 1.0").await.unwrap().id;
    chats.create([&cast.visitor.id, &cast.claude.id]).await.unwrap_err();
    chats.get(&group).await.unwrap();
    chats.add_member(&group, &cast.ada.id).await.unwrap();
    chats.add_member(&group, &cast.ada.id).await.unwrap();
    chats.add_member(&group, "nobody").await.unwrap_err();
    cast.claude.client.chats().add_member(&group, &cast.grace.id).await.unwrap_err();
    cast.ada.client.chats().mute_member(&group, &cast.codex.id).await.unwrap();
    cast.ada.client.chats().unmute_member(&group, &cast.codex.id).await.unwrap();
    chats.mute_member(&group, &cast.claude.id).await.unwrap_err();
    // Not within this backend.
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    chats.mute_member(&group, &cast.codex.id).until(until).await.unwrap_err();
    cast.claude.client.messages().send(&group, "hello all").await.unwrap();
    chats.list().await.unwrap();
    group
}

async fn join_requests(cast: &Cast, group: &ChatId, direct: &ChatId) {
    let (owner, visitor) = (cast.codex.client.join_requests(), cast.visitor.client.join_requests());
    visitor.target(group).await.unwrap();
    visitor.target(direct).await.unwrap_err();
    let request = visitor.request(group).message("please").await.unwrap().id;
    visitor.request(group).await.unwrap();
    visitor.target(group).await.unwrap();
    cast.claude.client.join_requests().list(group).await.unwrap_err();
    owner.list(group).await.unwrap();
    owner.approve(group, "nothing").await.unwrap_err();
    owner.reject(group, &request).await.unwrap();
    owner.reject(group, &request).await.unwrap_err();
    visitor.request(group).message("pretty please").await.unwrap();
    owner.approve(group, &request).await.unwrap();
    visitor.target(group).await.unwrap();
    visitor.request(group).await.unwrap_err();
    cast.visitor.client.messages().list(group).await.unwrap();
}

async fn relationships(cast: &Cast) {
    let (codex, grace) = (cast.codex.client.relationships(), cast.grace.client.relationships());
    let id = codex.request(&cast.grace.id).message("hello").await.unwrap().id;
    codex.request(&cast.grace.id).await.unwrap_err();
    codex.approve(&id).await.unwrap_err();
    cast.claude.client.relationships().approve(&id).await.unwrap_err();
    codex.list().await.unwrap();
    grace.list().await.unwrap();
    grace.reject(&id).await.unwrap();
    grace.approve(&id).await.unwrap_err();
    codex.request(&cast.grace.id).await.unwrap();
    grace.approve(&id).await.unwrap();
    codex.upgrade(&id).await.unwrap();
    grace.downgrade(&id).await.unwrap();
    codex.revoke(&id).await.unwrap();
    codex.list().await.unwrap();
}

async fn workflows(cast: &Cast, group: &ChatId) {
    let workflows = cast.codex.client.workflows();
    workflows.get(group).await.unwrap_err();
    workflows.set(group, "review").await.unwrap();
    let config = json!({"steps": ["draft", "review"], "limit": 3, "strict": true, "until": null, "ratio": 0.5});
    workflows.set(group, "review").state("waiting").config(config).expected_state_version(0).await.unwrap();
    workflows.set(group, "review").expected_state_version(0).await.unwrap_err();
    workflows.get(group).await.unwrap();
    cast.grace.client.workflows().get(group).await.unwrap_err();
    workflows.delete(group).await.unwrap();
}

async fn workflow_events(cast: &Cast, group: &ChatId) {
    let events = cast.codex.client.workflow_events();
    let states = json!({"claude": {"1": "pending"}});
    let made = events
        .create(group, "review", &cast.codex.id)
        .resource_ref(json!({"type": "task", "id": "1"}))
        .decision_states(serde_json::from_value(states).unwrap())
        .rationales(json!({"1": "not read yet"}))
        .metadata(json!({"round": 1}))
        .await
        .unwrap()
        .id;
    events.list(group).await.unwrap();
    events.get(group, "99").await.unwrap_err();
    let settled_at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_306_561_500);
    let update = events.update(group, &made).state("settled").final_state(json!({"1": "done"})).settled_at(settled_at);
    update.expected_state_version(0).await.unwrap();
    events.update(group, &made).state("open").expected_state_version(0).await.unwrap_err();
    events.get(group, &made).await.unwrap();
    cast.claude.client.notifications().drain().await.unwrap();
    events.delete(group, &made).await.unwrap();
}

async fn tasks(cast: &Cast, group: &ChatId) {
    let tasks = cast.codex.client.tasks();
    let first = tasks.create(group, "Review").await.unwrap().id;
    let no_tasks: [TaskId; 0] = [];
    let second = tasks.create(group, "Release").description("All of it").status("waiting").active_form("Releasing");
    let second = second.owner(&cast.claude.id).blocks(no_tasks).blocked_by([&first]).metadata(json!({"points": 3}));
    let second = second.await.unwrap().id;
    tasks.create(group, "Nobody's").owner("nobody").await.unwrap_err();
    tasks.list(group).await.unwrap();
    tasks.get(group, &second).await.unwrap();
    tasks.get(group, "99").await.unwrap_err();
    tasks.update(group, &first).status("completed").blocks([&second]).await.unwrap();
    tasks.delete(group, &second).await.unwrap();
    cast.grace.client.tasks().list(group).await.unwrap_err();
}

/// What the visitor's inbox holds, and then each kind of frame.
async fn inbox(cast: &Cast, world: &World, group: &ChatId) {
    let visitor = &cast.visitor;
    visitor.client.notifications().drain().await.unwrap();
    visitor.client.messages().read(group).await.unwrap();
    visitor.client.notifications().wait(Duration::from_millis(1)).await.unwrap();

    cast.nobody.notifications().stream().await.unwrap_err();
    let mut stream = visitor.client.notifications().stream().await.unwrap();
    cast.codex.client.messages().send(group, "look").enforce_caught_up(false).await.unwrap();
    // Each event wakes twice, and what is unread is told at both. Read, so that no later echo tells it again.
    told(&mut stream, "ChatMessage").await;
    told(&mut stream, "ChatMessage").await;
    visitor.client.messages().read(group).await.unwrap();
    let request = cast.codex.client.relationships().request(&visitor.id).message("hello").await.unwrap().id;
    told(&mut stream, "RelationshipRequested").await;
    visitor.client.relationships().reject(&request).await.unwrap();
    visitor.client.relationships().request(&cast.codex.id).await.unwrap();
    cast.codex.client.relationships().reject(&request).await.unwrap();
    told(&mut stream, "RelationshipRejected").await;
    visitor.client.relationships().request(&cast.codex.id).await.unwrap();
    cast.codex.client.relationships().approve(&request).await.unwrap();
    told(&mut stream, "RelationshipApproved").await;

    let nobody_else: [UserId; 0] = [];
    let board = cast.ada.client.chats().create(nobody_else).group().title("Board").await.unwrap().id;
    let request = visitor.client.join_requests().request(&board).await.unwrap().id;
    cast.ada.client.join_requests().reject(&board, &request).await.unwrap();
    told(&mut stream, "JoinRejected").await;

    let events = cast.codex.client.workflow_events();
    let made = events.create(group, "vote", &cast.codex.id).resource_ref(json!({"task": "1"})).await.unwrap().id;
    told(&mut stream, "WorkflowEvent").await;
    events.update(group, &made).state("settled").await.unwrap();
    told(&mut stream, "WorkflowEvent").await;

    // More than the backend holds. Each drain numbers the chats that are unread; the recorder need not see them.
    let beside = world.client.with_auth_token(&cast.claude_token);
    for _ in 0..260 {
        beside.notifications().drain().await.unwrap();
    }
    let mut stream = cast.claude.client.notifications().stream().since(0).await.unwrap();
    soon(stream.next()).await.unwrap().unwrap_err();
}

/// Waits for the next notification, which is to be of this kind.
async fn told(stream: &mut NotificationStream, kind: &str) {
    let event = soon(stream.next()).await.unwrap().unwrap().notification.event;
    assert!(format!("{event:?}").starts_with(kind), "{event:?}");
}
