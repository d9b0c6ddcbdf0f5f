//! Every public type of the facade: none shows a secret.

use mycel_sdk::{BindMount, Client, ListenEvent, Secret};
use mycel_tests::{Handshake, Peer, Reply, StreamPeer, soon};
use test_harness::public_types::expect_no_secret;
use test_harness::shown;

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
    while !matches!(event, ListenEvent::Disconnected { .. }) {
        event = soon(listener.next()).await.unwrap().unwrap();
    }

    let shown = shown! {
        AccountSession: account_session,
        Agents: client.agents(),
        Auth: client.auth(),
        BindMount: BindMount::new("/from", "/to"),
        Chats: client.chats(),
        Client: client.clone(),
        ClientBuilder: builder.proxy("http://ada:pass-secret@127.0.0.1:1").client_certificate("a certificate", "key-secret"),
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
    assert!(shown["Error"].contains("[redacted] is bad") && shown["ListenEvent"].contains("[redacted] is bad"));
    expect_no_secret(
        include_str!("../../../public-api/mycel-sdk.txt"),
        &shown,
        &[("Iter", "it is a stream that is iterated over, which is shown by nothing else")],
    );
}
