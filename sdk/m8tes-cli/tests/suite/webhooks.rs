//! `m8tes webhooks verify`

use serde_json::json;

use crate::common::{World, run, run_reading};

const SECRET: &str = "whsec_test_secret_123";
const BODY: &str = r#"{"event":"run.completed","run_id":42}"#;
const HEADERS: [&str; 3] = [
    "Webhook-Id: msg_abc",
    "Webhook-Timestamp: 1700000000",
    "webhook-signature: v1=b70279b624690a8169f069e5943e580b510e8ca616c0ce5fad0246fbc90322b6",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_saved_is_verified() {
    let world = World::new().await;
    let whole = format!("POST /hook HTTP/1.1\r\n{}\r\n\r\n{BODY}", HEADERS.join("\r\n"));
    std::fs::write(world.home().join("request"), &whole).unwrap();
    let verify = |arguments: &[&str]| {
        let mut command = world.command(&[&["webhooks", "verify"], arguments].concat());
        command.env("M8TES_WEBHOOK_SECRET", SECRET).env_remove("M8TES_API_KEY");
        command
    };
    assert_eq!(run(verify(&["request", "--any-time"])).await.good(), BODY);
    let said = run(verify(&["request", "--any-time", "--output", "json"])).await;
    let expected = json!({"id": "msg_abc", "event": "run.completed", "run_id": 42, "body": {"event": "run.completed", "run_id": 42}});
    assert_eq!((said.good_json(), said.err.as_str()), (vec![expected], ""));
    // It is years old.
    assert!(run(verify(&["request"])).await.failed(1).contains("too old"));
    assert_eq!(run_reading(verify(&["-", "--any-time"]), &whole).await.good(), BODY);
    let [id, time, signature] = HEADERS;
    let headers = ["--header", id, "--header", time, "--header", signature];
    assert_eq!(run_reading(verify(&[&["-", "--any-time"], &headers[..]].concat()), BODY).await.good(), BODY);
    let said = run_reading(verify(&[&["-", "--any-time"], &headers[..]].concat()), &format!("{BODY} ")).await;
    assert!(said.failed(1).contains("not signed with this secret"), "{said:?}");
    let said = run_reading(verify(&["-", "--any-time", "--header", id]), BODY).await;
    assert!(said.failed(1).contains("no Webhook-Timestamp"), "{said:?}");

    std::fs::write(world.home().join("secret"), format!("{SECRET}\n")).unwrap();
    let mut command = verify(&["request", "--any-time", "--secret-file", "secret"]);
    command.env_remove("M8TES_WEBHOOK_SECRET");
    assert_eq!(run(command).await.good(), BODY);
    let mut command = verify(&["request", "--any-time"]);
    command.env_remove("M8TES_WEBHOOK_SECRET");
    assert!(run(command).await.failed(1).contains("M8TES_WEBHOOK_SECRET"));
    assert!(run(verify(&["none"])).await.failed(1).contains("none can't be read"));
}
