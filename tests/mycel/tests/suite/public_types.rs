//! Every public type of the facade, so that a new one is not forgotten: it has a `Debug` form, and where it can
//! hold a secret, that form does not show it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::Path;

use mycel_sdk::{BindMount, Client, Secret};
use mycel_tests::{Handshake, Peer, Reply, StreamPeer, soon};

/// What the facade exports.
fn exported() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/mycel/src/lib.rs");
    let source = std::fs::read_to_string(file).unwrap();
    let statements = source.split("\npub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    let names = statements.flat_map(|statement| statement.rsplit("::").next().unwrap().split(','));
    let names: BTreeSet<String> =
        names.map(|name| name.trim_matches(|c: char| c.is_whitespace() || "{}".contains(c)).to_owned()).collect();
    // What begins with a small letter is a module.
    names.into_iter().filter(|name| name.starts_with(char::is_uppercase)).collect()
}

/// The `Debug` forms of these values, by the names of their types.
macro_rules! shown {
    ($($type:ident: $value:expr,)*) => {
        BTreeMap::from([$((stringify!($type), {
            let value: mycel_sdk::$type = $value;
            format!("{value:?} {value:#?}")
        }),)*])
    };
}

fn name_of<T: Debug>() -> &'static str {
    std::any::type_name::<T>().rsplit("::").next().unwrap()
}

/// The names of these types, which have a `Debug` form.
macro_rules! debuggable {
    ($($type:ident,)*) => {
        [$(name_of::<mycel_sdk::$type>(),)*]
    };
}

#[tokio::test]
async fn every_public_type_can_be_shown_and_shows_no_secret() {
    let session = r#"{"token":"tok-secret","temp_token":"tok-secret","agent":null,
        "user":{"id":"u","name":"U","type":"human","is_guest":true,"created_by_user_id":"o"}}"#;
    let refusal = r#"{"detail":{"error":"tok-secret is bad","header":"Bearer tok-secret"}}"#;
    let peer = Peer::start([
        Reply::json("200 OK", session),
        Reply::json("200 OK", session),
        Reply::json("200 OK", session),
        Reply::json("401 Unauthorized", refusal),
    ])
    .await;
    let builder = Client::builder(peer.url()).auth_token("tok-secret");
    let client = builder.clone().build().unwrap();
    let account_session = client.auth().login("ada@example.com", "pass-secret").await.unwrap();
    let guest_session = client.auth().create_guest_owner().await.unwrap();
    let external_session = client.users().create_external("u", "U").await.unwrap();
    assert_eq!(external_session.token.expose_secret(), "tok-secret");
    let error = client.me().whoami().await.unwrap_err();

    let streaming = StreamPeer::start(async |handshake: Handshake| {
        handshake.accept().await.close(Some(1011), "tok-secret is bad").await;
    })
    .await;
    let agent = Client::builder(streaming.url()).auth_token("tok-secret").build().unwrap();
    let stream = agent.notifications().stream().await.unwrap();
    let mut listener = agent.notifications().listen();
    let mut event = soon(listener.next()).await.unwrap().unwrap();
    while !matches!(event, mycel_sdk::ListenEvent::Disconnected { .. }) {
        event = soon(listener.next()).await.unwrap().unwrap();
    }

    let shown = shown! {
        AccountSession: account_session,
        Agents: client.agents(),
        Auth: client.auth(),
        Chats: client.chats(),
        Client: client.clone(),
        ClientBuilder: builder,
        CreateAgent: client.agents().create("Morel"),
        CreateChat: client.chats().create(["u"]),
        CreateGuestOwner: client.auth().create_guest_owner(),
        CreateTask: client.tasks().create("c", "Review"),
        CreateThread: client.threads().create("a").bind_mount(BindMount::new("/from", "/to")),
        CreateWorkflowEvent: client.workflow_events().create("c", "review", "u"),
        Error: error,
        ExternalSession: external_session,
        GuestSession: guest_session,
        History: client.messages().history("c"),
        UnreadPages: client.messages().unread_pages("c"),
        JoinRequests: client.join_requests(),
        ListenEvent: event,
        ListMessages: client.messages().list("c"),
        Listener: listener,
        Me: client.me(),
        Messages: client.messages(),
        MuteMember: client.chats().mute_member("c", "u"),
        NotificationStream: stream,
        Notifications: client.notifications(),
        OpenStream: client.notifications().stream(),
        Relationships: client.relationships(),
        RequestJoin: client.join_requests().request("c"),
        RequestRelationship: client.relationships().request("u"),
        Secret: Secret::from("tok-secret"),
        SendMessage: client.messages().send("c", "hello"),
        SetWorkflow: client.workflows().set("c", "review"),
        StopHandle: agent.notifications().listen().stop_handle(),
        Tasks: client.tasks(),
        Threads: client.threads(),
        UpdateTask: client.tasks().update("c", "1"),
        UpdateWorkflowEvent: client.workflow_events().update("c", "1"),
        Users: client.users(),
        WorkflowEvents: client.workflow_events(),
        Workflows: client.workflows(),
    };
    for (name, text) in &shown {
        assert!(!text.contains("-secret"), "{name}: {text}");
    }
    assert!(shown["Error"].contains("[redacted] is bad") && shown["ListenEvent"].contains("[redacted] is bad"));

    // These are never given one: ids, what a backend tells, and settings.
    let without = debuggable![
        Account,
        AccountAgent,
        Agent,
        AgentConfig,
        AgentStatus,
        AgentSummary,
        AgentTool,
        BackendInfo,
        BindMount,
        Capabilities,
        Chat,
        ChatId,
        ChatKind,
        ChatStatus,
        ChatSummary,
        CreatedChat,
        DeliveryScope,
        ErrorKind,
        ExternalUser,
        FieldError,
        Gap,
        JoinRequest,
        JoinRequestId,
        JoinRequestState,
        JoinTarget,
        LastMessage,
        ListenSettings,
        Malformed,
        MalformedPart,
        Member,
        Membership,
        MembershipState,
        Message,
        MessageId,
        MessageKind,
        Notification,
        NotificationEvent,
        ParseTimestampError,
        Relationship,
        RelationshipId,
        RelationshipNotice,
        RelationshipState,
        RetryPolicy,
        Signal,
        StreamedNotification,
        Task,
        TaskId,
        Thread,
        ThreadId,
        Timestamp,
        User,
        UserId,
        UserKind,
        Workflow,
        WorkflowEvent,
        WorkflowEventId,
    ];
    let known: BTreeSet<String> = shown.keys().copied().chain(without).map(str::to_owned).collect();
    assert_eq!(known.len(), shown.len() + without.len(), "each is named once");
    let exported = exported();
    let missing: Vec<_> = exported.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "tests/mycel/tests/suite/public_types.rs does not know {missing:?}: give an example of what may come near a token, \
         and name what never does"
    );
    let gone: Vec<_> = known.difference(&exported).collect();
    assert!(gone.is_empty(), "mycel-sdk has these no more: {gone:?}");
}
