//! What goes with a message, and what a run leaves behind.

use m8tes_sdk::{Client, ErrorKind, MessageRole};
use m8tes_tests::client;
use m8tes_tests::peers::{is, ok};
use serde_json::{Value, json};
use test_harness::{Peer, Reply};

async fn peer(script: impl Into<Vec<Reply>>) -> (Peer, Client) {
    let peer = Peer::start(script).await;
    let client = client(peer.url());
    (peer, client)
}

#[tokio::test]
async fn files_go_with_a_message_on_each_attempt() {
    let (peer, client) = peer([Reply::Nothing, is("running", &json!({}))]).await;
    let order = client.runs().create("sum it up").file("a.csv", "1,2", "text/csv").file("b", vec![0, 255], "x/y");
    order.max_turns(3).email_inbox(true).await.unwrap();
    let requests = peer.requests();
    assert_eq!(requests.len(), 2);
    let key = |request: &str| request.lines().find(|line| line.starts_with("idempotency-key")).unwrap().to_owned();
    assert_eq!(key(&requests[0]), key(&requests[1]));
    for request in &requests {
        assert!(request.starts_with("POST /api/v2/runs/with-files "), "{request}");
        let payload = request.split("name=\"payload\"\r\n\r\n").nth(1).unwrap().split("\r\n").next().unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(payload).unwrap(),
            json!({"message": "sum it up", "stream": false, "max_turns": 3, "email_inbox": true})
        );
        assert!(request.contains("name=\"files\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n1,2\r\n"));
        assert!(request.contains("name=\"files\"; filename=\"b\"\r\nContent-Type: x/y\r\n\r\n"));
    }
    let (peer, client) = self::peer([is("running", &json!({}))]).await;
    client.runs().reply(42, "and this").file("a", "b", "text/plain").await.unwrap();
    assert!(peer.requests()[0].starts_with("POST /api/v2/runs/42/reply/with-files "));
}

#[tokio::test]
async fn what_cant_be_sent_is_refused_before() {
    let (peer, client) = peer([is("running", &json!({}))]).await;
    for (order, problem) in [
        (client.runs().create(" "), "the message is empty"),
        (client.runs().create("a").file("", "b", "text/plain"), "no name"),
        (client.runs().create("a").file("a", "b", "text"), "media type"),
        (client.runs().create("a").max_turns(0), "1 to 2000"),
        (client.runs().create("a").max_turns(2001), "1 to 2000"),
        (client.runs().create("a").output_schema(5), "output schema"),
    ] {
        let error = order.await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    }
    for name in ["", "..", "a/b"] {
        let error = client.runs().download_file(42, name).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    }
    let error = client.runs().messages(42).after(1).tail().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn a_file_is_downloaded_into_memory_and_to_a_writer() {
    let file = || Reply::http("200 OK", "content-type: text/csv\r\n", "1,2\n");
    let listed = json!([{"name": "Ä b.csv", "size": 4, "label": "Report", "new": 1}]);
    let (peer, client) = peer([ok(&listed), file(), file(), file()]).await;
    let files = client.runs().list_files(42).await.unwrap();
    assert_eq!((files[0].name.as_str(), files[0].size, files[0].label.as_deref()), ("Ä b.csv", 4, Some("Report")));
    assert_eq!(files[0].extra["new"], 1);
    assert_eq!(client.runs().download_file(42, &files[0].name).await.unwrap(), b"1,2\n");
    assert!(peer.requests()[1].starts_with("GET /api/v2/runs/42/files/%C3%84%20b.csv/download "));
    let mut written = Vec::new();
    assert_eq!(client.runs().download_file(42, "a").to_writer(&mut written).await.unwrap(), 4);
    assert_eq!(written, b"1,2\n");
    let error = client.runs().download_file(42, "a").max_bytes(3).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_an_error() {
    let (_peer, client) = peer([Reply::cut_off("1,2")]).await;
    let error = client.runs().download_file(42, "a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    let mut written = Vec::new();
    let error = client.runs().download_file(42, "a").to_writer(&mut written).await.unwrap_err();
    assert_eq!((error.kind(), written.as_slice()), (ErrorKind::Interrupted, &b"1,2"[..]));
}

#[tokio::test]
async fn messages_and_the_outcome_are_read() {
    let messages = json!([{"id": 1, "run_id": 42, "sequence": 1, "role": "assistant", "content": null,
        "content_blocks": [{"type": "text", "text": "a"}, {"type": "tool_use", "name": "gmail"}], "event_metadata": {}}]);
    let outcome = json!({"run_id": 42, "status": "completed", "summary": "s", "needs_reply": false, "cost_usd": "0.1"});
    let (peer, client) = peer([ok(&messages), ok(&outcome), is("running", &json!({"retry_of_run_id": 41}))]).await;
    let messages = client.runs().messages(42).before(9).limit(20).include_trace().await.unwrap();
    assert_eq!((messages[0].role.clone(), messages[0].content.as_str()), (MessageRole::Assistant, ""));
    assert_eq!(messages[0].tool_calls().map(|call| &call["name"]).collect::<Vec<_>>(), ["gmail"]);
    let query = peer.requests()[0].split(' ').nth(1).unwrap().to_owned();
    for given in ["before_sequence=9", "limit=20", "include_trace=true"] {
        assert!(query.contains(given), "{query}");
    }
    let outcome = client.runs().outcome(42).await.unwrap();
    assert_eq!((outcome.summary.as_deref(), outcome.cost_usd.as_deref()), (Some("s"), Some("0.1")));
    let again = client.runs().retry(42).confirm().await.unwrap();
    assert_eq!(again.extra["retry_of_run_id"], 41);
    assert!(peer.requests()[2].starts_with("POST /api/v2/runs/42/retry?confirm=true "));
}
