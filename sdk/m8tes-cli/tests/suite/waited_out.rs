//! A stream that is cut and can't be joined: the run is asked for until it is over, and its end is the command's.

use serde_json::{Value, json};
use test_harness::{Connection, RawPeer};

use crate::common::{Said, World, json_lines, run};

/// A server whose run 43 streams `half `, is cut, and has no stream to join: its path answers with a page. It is at work for
/// one more look, and then is like that.
async fn server(over: Value) -> RawPeer {
    RawPeer::start(move |connection| serve(connection, over.clone())).await
}

async fn serve(mut connection: Connection, over: Value) {
    let mut looks = 0;
    while let Some(request) = connection.request().await {
        let line = request.lines().next().unwrap();
        let (media_type, body, length) = if line.starts_with("POST /api/v2/runs/ ") {
            let frames = [
                json!({"type": "metadata", "payload": {"run_id": 43}}),
                json!({"type": "text-delta", "id": "t", "delta": "half "}),
            ];
            let body = frames.iter().map(|frame| format!("data: {frame}\n\n")).collect::<String>();
            let more = body.len() + 1;
            ("text/event-stream", body, more)
        } else {
            let (media_type, body) = if line.contains("/runs/43/stream ") {
                ("text/html", "<p>Not here.</p>".to_owned())
            } else if line.contains("/runs/43/outcome ") {
                ("application/json", json!({"run_id": 43, "status": over["status"]}).to_string())
            } else {
                looks += 1;
                let now = json!({"id": 43, "status": "running", "teammate_id": 7});
                ("application/json", if looks == 1 { now } else { over.clone() }.to_string())
            };
            let length = body.len();
            (media_type, body, length)
        };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n");
        connection.send(format!("{head}{body}")).await;
        if length > body.len() {
            return;
        }
    }
}

async fn task(over: &Value, arguments: &[&str]) -> (Said, Vec<String>) {
    let (world, server) = (World::new().await, server(over.clone()).await);
    let mut command = world.command(&[&["mate", "task", "go", "--user-id", "u"], arguments].concat());
    command.env("M8TES_BASE_URL", server.url());
    let said = run(command).await;
    let requests = server.requests().into_iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    (said, requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_stream_is_lost_is_waited_out_and_its_end_decides() {
    let over = |status: &str, output: &str| json!({"id": 43, "status": status, "teammate_id": 7, "output": output, "error": "boom"});
    let cases = [
        (over("completed", "half a loaf"), 0, "half a loaf", None),
        (over("failed", "half "), 1, "half ", Some("run 43 has failed: boom")),
        (over("cancelled", ""), 1, "half ", Some("run 43 was cancelled")),
    ];
    let mut under_way = Vec::new();
    for (over, code, text, error) in cases {
        under_way.push(tokio::spawn(async move {
            let (said, requests) = task(&over, &[]).await;
            assert_eq!((said.code, said.out.as_str()), (Some(code), text), "{said:?}");
            assert_eq!(said.err.matches("waiting for run 43 to end").count(), 1, "{said:?}");
            assert!(error.is_none_or(|error| said.err.lines().last().unwrap().contains(error)), "{said:?}");
            let starts = requests.iter().filter(|line| line.starts_with("POST")).count();
            let looks = requests.iter().filter(|line| line.starts_with("GET /api/v2/runs/43?")).count();
            assert_eq!((starts, looks), (1, 2), "{requests:?}");

            let (said, _) = task(&over, &["--output", "json"]).await;
            let lines = json_lines(&said.out);
            let texts =
                lines.iter().filter(|line| line["type"] == "text-delta").map(|line| line["delta"].as_str().unwrap());
            assert_eq!((said.code, texts.collect::<String>().as_str()), (Some(code), text), "{said:?}");
            let told = json_lines(&said.err);
            let notes = told.iter().filter_map(|line| line["note"].as_str()).collect::<Vec<_>>();
            assert!(notes.iter().any(|note| note.starts_with("waiting for run 43 to end")), "{said:?}");
            let message = told.iter().find_map(|line| line["error"]["message"].as_str());
            assert_eq!(message.is_some(), error.is_some(), "{said:?}");
            assert!(error.is_none_or(|error| message.unwrap().contains(error)), "{said:?}");
        }));
    }
    for one in under_way {
        one.await.unwrap();
    }
}
