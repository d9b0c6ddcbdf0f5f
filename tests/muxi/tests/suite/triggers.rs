//! Triggers.

use muxi_sdk::{ErrorKind, FormationClient, RequestStatus, RetryPolicy};
use muxi_tests::{fresh, world};
use serde_json::{Value, json};
use test_harness::{Peer, Reply};

#[tokio::test]
async fn triggers_are_listed_and_got() {
    let world = world().await;
    let names = world.formation.triggers().list().await.unwrap();
    assert_eq!(
        names.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        ["broken", "daily-report", "github-issue", "static"]
    );
    let trigger = world.formation.triggers().get(&names[2]).await.unwrap();
    assert_eq!(trigger.data_fields, ["issue.number", "issue.title", "repository"]);
    assert!(trigger.content.unwrap().starts_with("New issue in ${{ data.repository }}"));
    for (name, kind, code) in
        [("none", ErrorKind::NotFound, "TRIGGER_NOT_FOUND"), ("a.b", ErrorKind::Rejected, "INVALID_REQUEST")]
    {
        let error = world.formation.triggers().get(name).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, Some(code)));
    }
}

#[tokio::test]
async fn a_trigger_is_fired_and_its_turn_is_over_or_followed() {
    let world = world().await;
    let formation = world.formation.for_user(fresh("triggers-1"));
    let issue = json!({"repository": "muxi/runtime", "issue": {"number": 123, "title": "Bug report"}});
    let told = "Echo: New issue in muxi/runtime: #123 Bug report\n";
    let outcome = formation.triggers().fire("github-issue").data(&issue).await.unwrap();
    assert_eq!((outcome.status.clone(), outcome.text()), (RequestStatus::Completed, Some(told)));
    let turn = formation.requests().get(outcome.request_id.unwrap()).await.unwrap();
    assert_eq!(turn.text(), Some(told));

    let outcome = formation.triggers().fire("github-issue").data(&issue).in_background(true).await.unwrap();
    assert_eq!((outcome.status.clone(), outcome.text()), (RequestStatus::Processing, None));
    let waiting = formation.requests().wait(outcome.request_id.unwrap());
    let turn = waiting.interval(std::time::Duration::from_millis(1)).await.unwrap();
    assert_eq!((turn.status.clone(), turn.text()), (RequestStatus::Completed, Some(told)));

    let session = fresh("triggers-1-session");
    formation.triggers().fire("static").session(&session).await.unwrap();
    assert_eq!(formation.sessions().messages(&session).await.unwrap()[0].content, "Say hello.\n");
}

#[tokio::test]
async fn what_is_wrong_with_a_trigger_is_told() {
    let world = world().await;
    let triggers = || world.formation.triggers();
    for (error, kind, code) in [
        (triggers().fire("none").await, ErrorKind::NotFound, Some("RESOURCE_NOT_FOUND")),
        (triggers().fire("daily-report").await, ErrorKind::Rejected, Some("INVALID_REQUEST")),
        (triggers().fire("broken").await, ErrorKind::Rejected, Some("INVALID_REQUEST")),
        (triggers().fire("static").data([1]).await, ErrorKind::InvalidInput, None),
    ] {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{error}");
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_turn() {
    let world = world().await;
    let key = fresh("triggers-key");
    let fire = || world.formation.triggers().fire("static").user("triggers-2").idempotency_key(&key);
    let first = fire().await.unwrap();
    assert_eq!(fire().data(json!({"other": 1})).await.unwrap(), first);

    let done =
        r#"{"object":"request","request":{"id":"req_1"},"success":true,"data":{"status":"completed","content":"x"}}"#;
    let peer = Peer::start([Reply::cut_off("{"), Reply::json("200 OK", done)]).await;
    let quick = RetryPolicy::default().base_delay(std::time::Duration::from_millis(1));
    let formation = FormationClient::direct(peer.url()).client_key("ck").retry(quick).build().unwrap();
    let outcome = formation.triggers().fire("static").await.unwrap();
    assert_eq!((outcome.text(), outcome.request_id.as_ref().unwrap().as_str()), (Some("x"), "req_1"));
    let body: Value = serde_json::from_str(&peer.bodies()[0]).unwrap();
    assert_eq!(body, json!({"data": {}, "use_async": false}));
    assert_eq!(peer.requests().len(), 2);
}
