//! What runs have said and made.

use m8tes_local_backend::{LocalBackend, Run};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::client::Api;

/// A backend whose first run is at its end.
async fn ended() -> LocalBackend {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        run.text("one ");
        run.tool("gmail_search", &json!({ "q": "is:unread" }), &json!({ "found": 3 })).await;
        run.text("two");
        run.usage(10, 5, "0.000100");
        run.output_data(json!({ "found": 3 }));
        run.file("report.csv", "a,b\n")?;
        run.file("a name.txt", [0, 255])?;
        Ok(())
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    api.ended(1).await;
    backend
}

#[tokio::test]
async fn the_messages_of_a_run_hold_its_calls_of_tools() {
    let backend = ended().await;
    let api = Api::of(&backend);
    let messages = api.get("/runs/1/messages").await.good(StatusCode::OK);
    assert_eq!((&messages[0]["role"], &messages[0]["content"]), (&json!("user"), &json!("go")));
    assert_eq!((&messages[1]["role"], &messages[1]["content"]), (&json!("assistant"), &json!("one two")));
    let call = json!({ "type": "tool_use", "id": "toolu_2", "name": "gmail_search", "input": { "q": "is:unread" } });
    let (one, two) = (json!({ "type": "text", "text": "one " }), json!({ "type": "text", "text": "two" }));
    assert_eq!(messages[1]["content_blocks"], json!([one, call, two]));
    let traced = api.get("/runs/1/messages?include_trace=true").await.good(StatusCode::OK);
    let result = json!({ "type": "tool_result", "tool_use_id": "toolu_2", "content": { "found": 3 } });
    assert_eq!(traced[1]["content_blocks"], json!([one, call, result, two]));
}

#[tokio::test]
async fn messages_are_told_from_where_it_is_asked_for() {
    let backend = ended().await;
    let api = Api::of(&backend);
    for _ in 0..2 {
        api.post("/runs/1/reply", json!({ "message": "more", "stream": false })).await.good(StatusCode::OK);
        api.ended(1).await;
    }
    for (query, expected) in [
        ("", json!([1, 2, 3, 4, 5, 6])),
        ("?limit=2", json!([1, 2])),
        ("?after_sequence=4", json!([5, 6])),
        ("?after_sequence=1&limit=2", json!([2, 3])),
        ("?before_sequence=5&limit=2", json!([3, 4])),
        ("?tail=true&limit=2", json!([5, 6])),
        ("?tail=false&limit=2", json!([1, 2])),
    ] {
        let messages = api.get(&format!("/runs/1/messages{query}")).await.good(StatusCode::OK);
        let places: Vec<_> = messages.as_array().unwrap().iter().map(|message| message["sequence"].clone()).collect();
        assert_eq!(Value::from(places), expected, "{query}");
    }
    for query in ["tail=true&after_sequence=1", "after_sequence=1&before_sequence=2", "limit=0"] {
        api.get(&format!("/runs/1/messages?{query}")).await.refused(422, "validation_error", None, "");
    }
}

#[tokio::test]
async fn an_outcome_sums_a_run_up() {
    let backend = ended().await;
    let api = Api::of(&backend);
    let outcome = api.get("/runs/1/outcome").await.good(StatusCode::OK);
    assert_eq!((&outcome["run_id"], &outcome["status"]), (&json!(1), &json!("completed")));
    assert_eq!((&outcome["summary"], &outcome["output_data"]), (&json!("one two"), &json!({ "found": 3 })));
    assert_eq!((&outcome["message_count"], &outcome["total_tokens"]), (&json!(2), &json!(15)));
    assert_eq!(outcome["cost_usd"], "0.000100");
    let usage = &api.get("/runs/1").await.json()["usage"];
    assert_eq!((&usage["input_tokens"], &usage["cost_usd"]), (&json!(10), &json!("0.000100")));
}

#[tokio::test]
async fn files_are_listed_and_downloaded() {
    let backend = ended().await;
    let api = Api::of(&backend);
    let expected = json!([
        { "name": "a name.txt", "size": 2, "label": null },
        { "name": "report.csv", "size": 4, "label": null },
    ]);
    assert_eq!(api.get("/runs/1/files").await.good(StatusCode::OK), expected);
    assert_eq!(api.get("/runs/1").await.json()["files"], expected);
    let report = api.get("/runs/1/files/report.csv/download").await;
    assert_eq!((report.status, report.text.as_str()), (StatusCode::OK, "a,b\n"));
    assert_eq!(report.header("content-type"), Some("application/octet-stream"));
    let response = api.request(reqwest::Method::GET, "/runs/1/files/a%20name.txt/download").send().await.unwrap();
    assert_eq!(response.bytes().await.unwrap(), &[0, 255][..]);
    api.get("/runs/1/files/other.csv/download").await.refused(404, "not_found", None, "File not found");
    api.get("/runs/2/files").await.refused(404, "not_found", None, "Run not found");
}

#[tokio::test]
async fn a_name_with_a_slash_is_none() {
    let backend = LocalBackend::builder().on_run(|run: Run| async move { run.file("a/b", "") });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    api.post("/runs/", json!({ "message": "go", "stream": false })).await.good(StatusCode::OK);
    let run = api.ended(1).await;
    assert_eq!((&run["status"], &run["files"]), (&json!("failed"), &Value::Null));
}
