//! Every public type of the facade: none shows a secret.

use muxi_sdk::server::Bundle;
use muxi_sdk::{
    ChatFile, FormationClient, Key, Method, PastMessage, Schedule, Secret, ServerClient, StoredCredential, Timestamp,
    WebhookVerifier,
};
use muxi_tests::bundles::bundle;
use serde_json::{from_value, json};
use test_harness::public_types::expect_no_secret;
use test_harness::{Peer, Reply, shown};

#[tokio::test]
async fn every_public_type_can_be_shown_and_shows_no_secret() {
    let refusal = r#"{"success":false,"error":{"code":"ak-secret","message":"ak-secret is bad"}}"#;
    let events = || Reply::http("200 OK", "content-type: text/event-stream\r\n", "data: {}\n\n");
    let peer = Peer::start([Reply::json("401 Unauthorized", refusal), events(), events(), events(), events()]).await;
    let builder = FormationClient::direct(peer.url()).client_key("ck-secret").admin_key("ak-secret");
    let formation = builder.clone().build().unwrap().for_user("ada");
    let error = formation.secrets().list().await.unwrap_err();
    let server_builder = ServerClient::builder(peer.url()).key_id("MUXI_1").secret_key("sk-secret");
    let server = server_builder.clone().build().unwrap();
    let chat = formation.chat("Hi").stream().await.unwrap();
    let feed = formation.events().await.unwrap();
    let progress = server.start("my-bot").stream().await.unwrap();
    let lines = server.logs("my-bot").follow().await.unwrap();
    let proxy = "http://ada:pass-secret@127.0.0.1:1";
    let bytes = || Bundle::from(bundle("my-bot", "1.0.0"));
    let draft = server.draft("my-bot");

    let shown = shown! {
        Agents: formation.agents(),
        AudioChatRequest: formation.audio_chat(ChatFile::new("a.ogg", "audio/ogg", "OggS")),
        Audit: formation.audit(),
        Buffers: formation.buffers(),
        Bundle: bytes(),
        ChatAndWait: formation.chat("Hi").and_wait(),
        ChatRequest: formation.chat("Hi"),
        ChatStream: chat,
        Configuration: formation.configuration(),
        Conversation: formation.conversation(),
        CreateCredential: formation.credentials().create("github", json!({ "token": "credential-secret" })),
        CreateJob: formation.jobs().create("report", Schedule::cron("0 9 * * *")),
        CreateMemory: formation.memories().create("likes tea"),
        CustomRequest: formation.request(Method::Get, ["v1", "health"], Key::Admin),
        Deploy: server.deploy(bytes()),
        DeployDraft: draft.deploy(),
        DeployOrUpdate: server.deploy_or_update(bytes()),
        DownloadFormation: server.download("my-bot"),
        Draft: server.draft("my-bot"),
        Error: error,
        Feed: feed,
        FireTrigger: formation.triggers().fire("github-issue"),
        FormationClient: formation.clone(),
        FormationClientBuilder: builder.proxy(proxy).client_certificate("a certificate", "key-secret"),
        GetIngestion: formation.memories().ingestion("i"),
        GetLogs: server.logs("my-bot"),
        GetServerLogs: server.server_logs(),
        IngestMemory: formation.memories().ingest("note", json!({})),
        Jobs: formation.jobs(),
        ListAudit: formation.audit().list(),
        ListMemories: formation.memories().list(),
        ListSessionMessages: formation.sessions().messages("s"),
        ListSessions: formation.sessions().list(),
        LogStream: lines,
        Mcp: formation.mcp(),
        Memories: formation.memories(),
        PastMessage: PastMessage::new("user", "Hi", Timestamp::EPOCH),
        ProgressStream: progress,
        Requests: formation.requests(),
        ResolveUser: formation.users().resolve("ada@example.com"),
        Restart: server.restart("my-bot"),
        Rollback: server.rollback("my-bot"),
        Scoped: formation.buffers().clear(),
        Secret: Secret::from("ak-secret"),
        Secrets: formation.secrets(),
        ServerClient: server.clone(),
        ServerClientBuilder: server_builder.proxy(proxy).client_certificate("a certificate", "key-secret"),
        Sessions: formation.sessions(),
        Sops: formation.sops(),
        Start: server.start("my-bot"),
        StoredCredential: from_value::<StoredCredential>(json!({ "credential_id": "c", "credential_preview": "gh-secret" })).unwrap(),
        StreamChat: formation.chat("Hi").stream(),
        StreamEvents: formation.events(),
        StreamLogs: formation.logs(),
        Triggers: formation.triggers(),
        Update: server.update(bytes()),
        UpdateJob: formation.jobs().update("j"),
        UserCredentials: formation.credentials(),
        Users: formation.users(),
        WaitForRequest: formation.requests().wait("r"),
        WebhookVerifier: WebhookVerifier::new("whsec-secret").or_secret("old-secret"),
    };
    assert!(shown["Error"].contains("[redacted] is bad"), "{}", shown["Error"]);
    let list = include_str!("../../../public-api/muxi-sdk.txt");
    let left_out = [
        ("Iter", "it is a stream that is iterated over, which is shown by nothing else"),
        ("Webhooks", "there is no value of it"),
    ];
    expect_no_secret(list, &shown, &left_out);
}
