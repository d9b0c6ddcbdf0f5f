//! What each call sends, to a peer that answers whatever the script says.

use std::time::Duration;

use m8tes_sdk::apps::ConnectionProof;
use m8tes_sdk::tasks::triggers::{AppTrigger, NewTrigger, Schedule};
use m8tes_sdk::{
    AppAuth, Audience, Client, ErrorKind, PermissionMode, RetentionMode, Secret, TaskStatus, TeammateVisibility,
    TriggerKind,
};
use serde_json::{Value, json};
use test_harness::{Peer, Reply};

/// Makes each call and checks what it sends: a request line without the version, and a body.
macro_rules! sends {
    ($answer:expr; $($expected:literal: |$client:ident| $call:expr,)*) => {{
        let answer = $answer.to_string();
        let calls = [$($expected),*].len();
        let peer = Peer::start(vec![Reply::json("200 OK", &answer); calls]).await;
        let client = Client::builder("m8_x").base_url(peer.url()).build().unwrap();
        $({
            let $client = &client;
            $call.await.unwrap();
        })*
        let asked = peer.requests().into_iter().zip(peer.bodies()).map(|(request, body)| {
            let line = request.lines().next().unwrap_or_default().replace("/api/v2", "").replace(" HTTP/1.1", "");
            format!("{line} {body}").trim().to_owned()
        });
        assert_eq!(asked.collect::<Vec<_>>(), [$($expected),*]);
    }};
}

#[tokio::test]
async fn teammates() {
    sends! {
        json!({"id": 7, "name": "bot", "enabled": true, "url": "https://x", "data": [], "has_more": false});
        r#"POST /agents/ {"default_permission_mode":"plan","enable_memory":false,"metadata":{"a":1},"name":"bot","tools":[]}"#:
            |client| client.teammates().create().name("bot").tools([""; 0]).enable_memory(false)
                .default_permission_mode(PermissionMode::Plan).metadata(json!({"a": 1})),
        r#"PATCH /agents/7?user_id=u {"enable_history":true,"enable_memory":null,"group_id":4,"model":null,"name":"new"}"#:
            |client| client.agents().update(7).name("new").model(None).enable_memory(None).enable_history(true).group_id(4).user("u"),
        r#"PATCH /agents/7 {"disabled_builtin_tools":null,"effort":"high"}"#:
            |client| client.teammates().update(7).effort("high").disabled_builtin_tools(None),
        r#"PATCH /agents/7 {"slack_channels":[{"id":"C1"}],"visibility":"organization"}"#:
            |client| client.teammates().update(7).slack_channels([json!({"id": "C1"})]).visibility(TeammateVisibility::Organization),
        r#"POST /agents/ {"slack_channels":[]}"#: |client| client.teammates().create().slack_channels(Vec::<Value>::new()),
        "GET /agents/?fields=summary": |client| client.teammates().list().summary(true),
        "DELETE /agents/7": |client| client.teammates().delete(7),
        "POST /agents/7/enable": |client| client.teammates().enable(7),
        "POST /agents/7/disable": |client| client.teammates().disable(7),
        "POST /agents/7/unarchive?user_id=u": |client| client.teammates().unarchive(7).user("u"),
        "POST /agents/7/webhook": |client| client.teammates().enable_webhook(7),
        r#"PATCH /agents/7/webhook {"enabled":false}"#: |client| client.teammates().set_webhook_enabled(7, false),
        "DELETE /agents/7/webhook": |client| client.teammates().disable_webhook(7),
        "POST /agents/7/email-inbox": |client| client.teammates().enable_email_inbox(7),
        "DELETE /agents/7/email-inbox": |client| client.teammates().disable_email_inbox(7),
        "GET /agents/?include_archived=true&limit=5": |client| client.teammates().list().include_archived(true).limit(5),
    }
}

#[tokio::test]
async fn tasks_and_triggers() {
    sends! {
        json!({"id": 10, "teammate_id": 7, "instructions": "report", "type": "schedule", "enabled": true, "data": [], "has_more": false});
        r#"POST /tasks/ {"email_notifications":false,"instructions":"report","name":"weekly","teammate_id":7,"user_id":"u"}"#:
            |client| client.tasks().create(7, "report").name("weekly").email_notifications(false).user("u"),
        "GET /tasks/?limit=20&teammate_id=7": |client| client.tasks().list().teammate(7).limit(20),
        "GET /tasks/10": |client| client.tasks().get(10),
        r#"PATCH /tasks/10 {"enable_memory":null,"status":"disabled"}"#:
            |client| client.tasks().update(10).status(TaskStatus::Disabled).enable_memory(None),
        "DELETE /tasks/10": |client| client.tasks().delete(10),
        "POST /tasks/10/webhook": |client| client.tasks().enable_webhook(10),
        r#"PATCH /tasks/10/webhook {"enabled":true}"#: |client| client.tasks().set_webhook_enabled(10, true),
        "DELETE /tasks/10/webhook": |client| client.tasks().disable_webhook(10),
        r#"POST /tasks/10/runs {"max_turns":5,"memory":false,"stream":false,"user_id":"u"}"#:
            |client| client.tasks().run(10).memory(false).max_turns(5).user("u"),
        r#"POST /tasks/10/triggers/ {"cron":"0 9 * * 1-5","timezone":"UTC","type":"schedule"}"#:
            |client| client.tasks().triggers(10).create(Schedule::cron("0 9 * * 1-5")),
        r#"POST /tasks/10/triggers/?user_id=u {"interval_seconds":91,"timezone":"Europe/Berlin","type":"schedule","user_id":"u"}"#:
            |client| client.tasks().triggers(10).create(Schedule::every(Duration::from_millis(90_001))).timezone("Europe/Berlin").user("u"),
        r#"POST /tasks/10/triggers/ {"run_at":"2026-12-01T09:00:00Z","timezone":"UTC","type":"schedule"}"#:
            |client| client.tasks().triggers(10).create(Schedule::at("2026-12-01T10:00:00+01:00".parse().unwrap())),
        r#"POST /tasks/10/triggers/ {"timezone":"UTC","type":"webhook"}"#:
            |client| client.tasks().triggers(10).create(NewTrigger::Webhook),
        r#"POST /tasks/10/triggers/ {"allowed_senders":["a@b.c"],"timezone":"UTC","type":"email"}"#:
            |client| client.tasks().triggers(10).create(NewTrigger::Email).allowed_senders(["a@b.c"]),
        r#"POST /tasks/10/triggers/ {"app":"gmail","timezone":"UTC","trigger_config":{"label":"x"},"trigger_name":"new_mail","type":"app"}"#:
            |client| client.tasks().triggers(10).create(AppTrigger::new("gmail", "new_mail").config(json!({"label": "x"}))),
        "GET /tasks/10/triggers/": |client| client.tasks().triggers(10).list(),
        r#"PATCH /tasks/10/triggers/schedule_5 {"enabled":false,"interval_seconds":60}"#:
            |client| client.tasks().triggers(10).update("schedule_5").enabled(false).schedule(Schedule::every(Duration::from_secs(60))),
        "DELETE /tasks/10/triggers/5?user_id=u": |client| client.tasks().triggers(10).delete(5).user("u"),
    }
}

#[tokio::test]
async fn what_is_each_users() {
    sends! {
        json!({"id": 5, "user_id": "u", "content": "c", "tool_name": "gmail", "data": [], "has_more": false});
        r#"POST /memories/ {"audience":"company","content":"c"}"#: |client| client.memories().create("c").audience(Audience::Company),
        "GET /memories/?query=dark+mode&user_id=u": |client| client.memories().list().query("dark mode").user("u"),
        r#"PATCH /memories/5?user_id=u {"content":"d"}"#: |client| client.for_user("u").memories().update(5).content("d"),
        "DELETE /memories/5?user_id=u": |client| client.memories().delete(5).user("u"),
        r#"POST /permissions/ {"tool":"gmail","user_id":"u"}"#: |client| client.permissions().create("gmail").user("u"),
        "GET /permissions/": |client| client.permissions().list(),
        "DELETE /permissions/6": |client| client.permissions().delete(6),
        r#"POST /users/ {"email":"a@b.c","run_limit":3,"user_id":"cust 1"}"#: |client| client.users().create("cust 1").email("a@b.c").run_limit(3),
        "GET /users/?limit=2": |client| client.users().list().limit(2),
        "GET /users/cust%201": |client| client.users().get("cust 1"),
        r#"PATCH /users/u {"cost_limit_cents":null,"name":"n","run_limit":5}"#:
            |client| client.users().update("u").name("n").run_limit(5).cost_limit_cents(None),
        "DELETE /users/u": |client| client.users().delete("u"),
    }
}

#[tokio::test]
async fn apps_webhooks_and_the_account() {
    sends! {
        json!({"id": 8, "url": "https://x", "authorization_url": "https://y", "connection_id": "c", "status": "connected", "app": "gmail",
            "data": [], "has_more": false, "plan": "free", "runs_used": 1, "runs_limit": 2, "cost_used": "0.10", "cost_limit": "5",
            "period_end": "2026-12-01", "is_verified": true, "message": "sent", "api_key": "m8_new", "email": "a@b.c"});
        "GET /apps/?user_id=u": |client| client.apps().list().user("u"),
        r#"POST /apps/gmail/connect {"redirect_uri":"https://r"}"#: |client| client.apps().connect("gmail", "https://r"),
        r#"POST /apps/stripe/connect/api-key {"agent_id":7,"api_key":"sk_1","options":{"region":"eu"}}"#:
            |client| client.apps().connect_with_key("stripe", "sk_1").teammate(7).options(json!({"region": "eu"})),
        r#"POST /apps/gmail/connect/complete {"connection_id":"c","user_id":"u"}"#:
            |client| client.apps().connect_complete("gmail", ConnectionProof::Connection("c".into())).user("u"),
        r#"POST /apps/gmail/connect/complete {"claim_ticket":"t"}"#:
            |client| client.apps().connect_complete("gmail", ConnectionProof::ClaimTicket(Secret::from("t"))),
        r#"POST /apps/gmail/connect/complete {"code":"o","connection_id":"c","redirect_uri":"https://r"}"#: |client| {
            let connection = ConnectionProof::Connection("c".into());
            client.apps().connect_complete("gmail", connection).redirect_uri("https://r").code("o")
        },
        "DELETE /apps/gmail/connections": |client| client.apps().disconnect("gmail"),
        r#"POST /webhooks/ {"events":["run.completed"],"url":"https://x"}"#:
            |client| client.webhooks().create("https://x").events(["run.completed"]),
        r#"POST /webhooks/ {"events":[],"url":"https://x"}"#: |client| client.webhooks().create("https://x").events([""; 0]),
        "GET /webhooks/": |client| client.webhooks().list(),
        "GET /webhooks/8": |client| client.webhooks().get(8),
        r#"PATCH /webhooks/8 {"active":false,"rotate_secret":true}"#: |client| client.webhooks().update(8).active(false).rotate_secret(),
        "DELETE /webhooks/8": |client| client.webhooks().delete(8),
        "GET /webhooks/8/deliveries?limit=3": |client| client.webhooks().list_deliveries(8).limit(3),
        "GET /settings/": |client| client.settings().get(),
        r#"PATCH /settings/ {"per_end_user_run_limit":null,"require_end_user_id":false,"retention_mode":"metadata_only"}"#:
            |client| client.settings().update().per_end_user_run_limit(None).require_end_user_id(false).retention_mode(RetentionMode::MetadataOnly),
        "GET /usage/": |client| client.account().usage(),
        "GET /verify/status": |client| client.account().verification_status(),
        "POST /verify/resend": |client| client.account().resend_verification(),
        r#"POST /signup {"email":"a@b.c","first_name":"Ada","last_name":"","password":"pw","product":"api","require_end_user_id":false}"#:
            |client| client.auth().sign_up("a@b.c", "Ada").password("pw").require_end_user_id(false),
        r#"POST /token {"email":"a@b.c","password":"pw"}"#: |client| client.auth().token("a@b.c", "pw"),
    }
}

#[tokio::test]
async fn what_signs_up_carries_no_key_and_is_not_sent_again() {
    let busy = Reply::http("503 Service Unavailable", "", "");
    let made = Reply::json(
        "201 Created",
        r#"{"api_key": "m8_new", "email": "a@b.c", "message": "hi", "verification": "pending"}"#,
    );
    let peer = Peer::start([made, busy]).await;
    let client = Client::builder_without_key().base_url(peer.url()).build().unwrap();
    let account = client.auth().sign_up("a@b.c", "Ada").await.unwrap();
    assert_eq!((account.api_key.expose_secret(), account.verification.as_deref()), ("m8_new", Some("pending")));
    assert!(!format!("{account:?}").contains("m8_new"));
    let error = client.auth().token("a@b.c", "hunter22").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 1));
    assert!(peer.requests().iter().all(|request| !request.to_lowercase().contains("authorization")));
    let error = client.auth().sign_up("a@b.c", " ").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn triggers_come_in_two_forms_with_ids_of_two() {
    let list = r#"[{"id": "schedule_5", "type": "schedule", "run_at": "2026-12-01T09:00:00Z"}, {"id": 6, "type": "fax", "x": 1}]"#;
    let peer =
        Peer::start([Reply::json("200 OK", list), Reply::json("200 OK", &format!(r#"{{"data": {list}}}"#))]).await;
    let client = Client::builder("m8_x").base_url(peer.url()).build().unwrap();
    for _ in 0..2 {
        let triggers = client.tasks().triggers(10).list().await.unwrap();
        let told: Vec<_> = triggers.iter().map(|trigger| (trigger.id.as_str(), &trigger.kind)).collect();
        assert_eq!(told, [("schedule_5", &TriggerKind::Schedule), ("6", &TriggerKind::Other("fax".to_owned()))]);
        assert_eq!(triggers[1].extra["x"], 1);
        let json = serde_json::to_value(&triggers).unwrap();
        assert_eq!((&json[0]["type"], &json[0]["run_at"]), (&json!("schedule"), &json!("2026-12-01T09:00:00Z")));
    }
}

#[tokio::test]
async fn apps_say_how_they_are_connected() {
    let body = r#"{"data": [{"name": "gmail", "auth_type": "composio", "connected": true}, {"name": "x", "connected": 5}], "has_more": false}"#;
    let peer = Peer::start([Reply::json("200 OK", body)]).await;
    let client = Client::builder("m8_x").base_url(peer.url()).build().unwrap();
    let apps = client.apps().list().await.unwrap();
    assert_eq!((apps[0].auth_type.clone(), apps[0].connected), (AppAuth::OAuth, true));
    assert!(apps[1].malformed.contains("connected"));
}

#[tokio::test]
async fn what_would_reach_another_route_or_can_not_be_asked_for_is_refused() {
    let peer = Peer::start([]).await;
    let client = Client::builder("m8_x").base_url(peer.url()).build().unwrap();
    for odd in ["", ".", "..", "../account/export", "a/b"] {
        let errors = [
            client.users().get(odd).await.unwrap_err(),
            client.users().create(odd).await.unwrap_err(),
            client.users().update(odd).await.unwrap_err(),
            client.users().delete(odd).await.unwrap_err(),
            client.apps().connect(odd, "https://r").await.unwrap_err(),
            client.apps().connect_with_key(odd, "k").await.unwrap_err(),
            client.apps().connect_complete(odd, ConnectionProof::Connection("c".into())).await.unwrap_err(),
            client.apps().disconnect(odd).await.unwrap_err(),
            client.tasks().triggers(1).delete(odd).await.unwrap_err(),
            client.tasks().triggers(1).update(odd).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{odd:?}: {error}");
        }
    }
    let error = client.tasks().update(1).permission_mode(PermissionMode::Other("x".into())).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    let error = client.teammates().create().slack_channels([json!({}), json!("C1")]).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    let code = client.apps().connect_complete("x", ConnectionProof::Connection("c".into())).code("oauth-secret");
    assert!(!format!("{code:?}").contains("oauth-secret"), "{code:?}");
    let error = client.teammates().create().metadata(5).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    assert_eq!(peer.requests().len(), 0);
}
