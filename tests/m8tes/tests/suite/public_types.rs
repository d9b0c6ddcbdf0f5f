//! Every public type of the facade: none shows a secret.

use m8tes_local_backend::LocalBackend;
use m8tes_sdk::apps::ConnectionProof;
use m8tes_sdk::tasks::triggers::{AppTrigger, NewTrigger};
use m8tes_sdk::webhooks::WebhookVerifier;
use m8tes_sdk::{Client, NewToken, Secret, SignedUp, Teammate, Webhook};
use serde_json::{from_value, json};
use test_harness::public_types::{SECRET, expect_no_secret};
use test_harness::{Peer, Reply, shown};

#[tokio::test]
async fn every_public_type_can_be_shown_and_shows_no_secret() {
    const KEY: &str = "m8_key-secret";
    let backend = LocalBackend::builder().api_key(KEY).start().await.unwrap();
    let refusal = r#"{"error":{"type":"m8_key-secret","message":"m8_key-secret is bad","code":"m8_key-secret"}}"#;
    let peer = Peer::start([Reply::json("401 Unauthorized", refusal)]).await;
    let refused = Client::builder(KEY).base_url(peer.url()).build().unwrap();
    let error = refused.settings().get().await.unwrap_err();
    let proxy = "http://ada:pass-secret@127.0.0.1:1";
    let builder = Client::builder(KEY).base_url(backend.base_url());
    let client = builder.clone().build().unwrap();
    let stream = client.runs().stream("go").await.unwrap();
    let (runs, tasks, triggers) = (client.runs(), client.tasks(), client.tasks().triggers(1));
    let proof = || ConnectionProof::ClaimTicket(Secret::from("ticket-secret"));

    let shown = shown! {
        Account: client.account(),
        AccountSetup: client.settings(),
        AppTrigger: AppTrigger::new("github", "push"),
        Apps: client.apps(),
        Auth: client.auth(),
        Client: client.clone(),
        ClientBuilder: builder.proxy(proxy).client_certificate("a certificate", "key-secret"),
        CompleteConnection: client.apps().connect_complete("gmail", proof()).code("code-secret"),
        ConnectApp: client.apps().connect("gmail", "https://example.com/back"),
        ConnectAppWithKey: client.apps().connect_with_key("gemini", "app-secret"),
        ConnectionProof: proof(),
        CreateMemory: client.memories().create("likes tea"),
        CreatePermission: client.permissions().create("gmail_send"),
        CreateRun: runs.create("go"),
        CreateRunAndWait: runs.create_and_wait("go"),
        CreateTask: tasks.create(1, "go"),
        CreateTeammate: client.teammates().create(),
        CreateTrigger: triggers.create(NewTrigger::Email),
        CreateUser: client.users().create("ada"),
        CreateWebhook: client.webhooks().create("https://example.com"),
        DownloadFile: runs.download_file(1, "a.csv"),
        Error: error,
        JoinRun: runs.join(1),
        ListDeliveries: client.webhooks().list_deliveries(1),
        ListMemories: client.memories().list(),
        ListPermissions: client.permissions().list(),
        ListRuns: runs.list(),
        ListTasks: tasks.list(),
        ListTeammates: client.teammates().list(),
        ListUsers: client.users().list(),
        ListWebhooks: client.webhooks().list(),
        Memories: client.memories(),
        NewToken: from_value::<NewToken>(json!({ "api_key": KEY, "email": "a@example.com", "message": "" })).unwrap(),
        NewTrigger: NewTrigger::Webhook,
        Permissions: client.permissions(),
        ReplyToRun: runs.reply(1, "go on"),
        ReplyToRunAndWait: runs.reply_and_wait(1, "go on"),
        RetryRun: runs.retry(1),
        RunMessages: runs.messages(1),
        RunStream: stream,
        RunTask: tasks.run(1),
        RunTaskAndWait: tasks.run_and_wait(1),
        Runs: runs,
        Scoped: client.apps().disconnect("gmail"),
        Secret: Secret::from(KEY),
        SignUp: client.auth().sign_up("a@example.com", "Ada").password("pass-secret"),
        SignedUp: from_value::<SignedUp>(json!({ "api_key": KEY, "email": "a@example.com", "message": "" })).unwrap(),
        StreamReply: runs.reply_stream(1, "go on"),
        StreamRun: runs.stream("go"),
        StreamTask: tasks.run_stream(1),
        Tasks: tasks,
        Teammates: client.teammates(),
        Triggers: triggers,
        UpdateMemory: client.memories().update(1),
        UpdateSettings: client.settings().update(),
        UpdateTask: tasks.update(1),
        UpdateTeammate: client.teammates().update(1),
        UpdateTrigger: triggers.update(1),
        UpdateUser: client.users().update("ada"),
        UpdateWebhook: client.webhooks().update(1),
        Users: client.users(),
        WaitForRun: runs.wait(1),
        Webhook: from_value::<Webhook>(json!({ "id": 1, "url": "https://example.com", "events": [], "active": true, "secret": "whsec-secret" })).unwrap(),
        WebhookVerifier: WebhookVerifier::new("whsec-secret").or_secret("old-secret"),
        Webhooks: client.webhooks(),
    };
    assert!(shown["Error"].contains("[redacted] is bad"), "{}", shown["Error"]);
    let list = include_str!("../../../public-api/m8tes-sdk.txt");
    expect_no_secret(list, &shown, &[("Iter", "it is a stream that is iterated over, which is shown by nothing else")]);
}

#[test]
fn what_a_teammate_is_told_is_content_and_what_is_unknown_is_not_shown() {
    let teammate = json!({ "id": 1, "name": "Ada", "instructions": "Be brief.", "new": "unknown-secret" });
    let teammate = from_value::<Teammate>(teammate).unwrap();
    let shown = format!("{teammate:?}");
    assert!(shown.contains("Be brief.") && shown.contains("new") && !shown.contains(SECRET), "{shown}");
}
