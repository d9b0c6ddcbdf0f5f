//! Streams of chats, in every cutting of their bytes.

use std::sync::Arc;

use futures::StreamExt;
use muxi_sdk::FormationClient;
use serde_json::{Value, json};
use test_harness::{Connection, Cutting, RawPeer, RecordedBody, note, soon, totals};

use crate::answers::{recordings, rows};
use crate::told::{Told, expected, told};

/// How many streams are read at once.
const AT_ONCE: usize = 8;

/// A stream whose end is cut off, and further ones that no recording has.
fn by_hand() -> Vec<String> {
    let token = |more: Value| {
        let mut token = json!({"request_id": "r", "user_id": "ada", "session_id": "s"});
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        format!("data: {}\n\n", json!({ "token": token }))
    };
    let (begin, done) = (": keepalive\n\n", "event: done\ndata: {\"finished\":true}\n\n");
    let delta = |text: &str| token(json!({"type": "content", "content": text}));
    let completed =
        |text: &str| token(json!({"type": "completed", "content": text, "status": "success", "processing_time_ms": 7}));
    let text = "Grüße \u{2028}世界\u{2029} 🦀\u{85}";
    vec![
        format!("{begin}{}{}{}{done}", delta(text), delta("!"), completed(&format!("{text}!"))),
        format!("{begin}{}{done}", completed(text)).replace('\n', "\r\n"),
        format!("{begin}{}{}", delta(text), begin.repeat(3)),
        format!("{begin}{}event: error\ndata: {{\"error\":\"kaput 🦀\",\"type\":\"ValueError\"}}\n\n", delta(text)),
        format!("\u{feff}{}event: later\ndata: x\n\n{done}{}", delta(text), delta("behind the end")),
        format!("data: {{\"token\":\ndata: \"{text}\"}}\n\n{done}"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_are_read_in_every_cutting() {
    let (streams, cuttings) = decode(by_hand(), "the repository").await;
    totals::record("MUXI's formation", "streams", &format!("{streams} in {cuttings} cuttings"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_streams_are_read_in_every_cutting() {
    for file in recordings("recorded_streams_are_read_in_every_cutting") {
        let rows = rows(&file).into_iter();
        let chats = rows.filter(|row| row["method"] == "POST" && row["answer"].is_string());
        let bodies: Vec<_> = chats.map(|row| row["answer"].as_str().unwrap().to_owned()).collect();
        if !bodies.is_empty() {
            decode(bodies, &file.file_name().unwrap().display().to_string()).await;
        }
    }
}

/// Reads all streams, each in every cutting; how many, and in how many.
async fn decode(bodies: Vec<String>, name: &str) -> (usize, usize) {
    let headers = vec![("content-type".to_owned(), "text/event-stream; charset=utf-8".to_owned())];
    let recorded = |body: &String| {
        let (bytes, lengths) = (body.clone().into_bytes(), Vec::new());
        RecordedBody { headers: headers.clone(), bytes, lengths, ends: true }
    };
    let recorded: Vec<_> = bodies.iter().map(recorded).collect();
    let expected: Vec<_> = bodies.iter().map(|body| expected(body)).collect();
    let lengths: Vec<_> = recorded.iter().map(|recorded| recorded.bytes.len()).collect();
    let peer = serve(recorded).await;
    let formation = FormationClient::direct(peer.url()).client_key("ck").build().unwrap();
    let orders =
        lengths.iter().enumerate().flat_map(|(number, length)| Cutting::all(*length).map(move |cut| (number, cut)));
    let read = orders.map(|(number, cut)| {
        let (formation, expected) = (&formation, &expected[number]);
        async move {
            let read = read(formation, number, cut).await;
            assert_eq!(read, *expected, "stream {number}, cut {cut}");
        }
    });
    let cuttings = futures::stream::iter(read).buffer_unordered(AT_ONCE).count().await;
    note(&format!("decoded {} streams of {name} in {cuttings} cuttings", bodies.len()));
    (bodies.len(), cuttings)
}

async fn read(formation: &FormationClient, number: usize, cut: Cutting) -> Told {
    let mut stream = soon(formation.chat(format!("{number} {cut}")).stream().into_future()).await.unwrap();
    let mut read = Told::default();
    while let Some(event) = soon(stream.next()).await {
        match event {
            Ok(event) => read.events.push(told(&event)),
            Err(error) => {
                read.raised = Some((format!("{:?}", error.kind()), error.code().map(str::to_owned)));
                assert!(error.may_have_been_sent(), "{error}");
            }
        }
    }
    (read.session_id, read.request_id) =
        (stream.session_id().map(|id| id.to_string()), stream.request_id().map(|id| id.to_string()));
    read
}

/// Starts a server that answers a chat with the stream that its message names, cut as that says.
async fn serve(recorded: Vec<RecordedBody>) -> RawPeer {
    let recorded = Arc::new(recorded);
    RawPeer::start(move |connection| answer(connection, Arc::clone(&recorded))).await
}

async fn answer(mut connection: Connection, recorded: Arc<Vec<RecordedBody>>) {
    while let Some(request) = connection.request().await {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let (number, cut) = body["message"].as_str().unwrap().split_once(' ').unwrap();
        let recorded = &recorded[number.parse::<usize>().unwrap()];
        connection.send(recorded.response(cut.parse().unwrap())).await;
    }
}
