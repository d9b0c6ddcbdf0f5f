//! Streams of a formation and of the management server that neither sends when it is well.

use futures::{Stream, StreamExt};
use muxi_sdk::{ChatEvent, Error, ErrorKind, FormationClient, ServerClient};
use serde_json::json;
use test_harness::event_streams::EventStreams;

fn formation(url: &str, largest: Option<usize>) -> FormationClient {
    let builder = FormationClient::direct(url).client_key("ck").admin_key("ak");
    largest.map_or(builder.clone(), |largest| builder.max_response_bytes(largest)).build().unwrap()
}

fn server(url: &str, largest: Option<usize>) -> ServerClient {
    let builder = ServerClient::builder(url).key_id("MUXI_1").secret_key("sk_1");
    largest.map_or(builder.clone(), |largest| builder.max_response_bytes(largest)).build().unwrap()
}

/// All texts up to the one that says that this is all, or to the end. An error that the stream gets past is the text's own.
async fn read(
    mut stream: impl Stream<Item = Result<String, Error>> + Unpin,
    is_last: impl Fn(&str) -> bool,
) -> (String, Option<String>) {
    let (mut told, mut error) = (String::new(), None::<ErrorKind>);
    while let Some(item) = stream.next().await {
        match item {
            Ok(text) if is_last(&text) => return (told, None),
            Ok(text) => {
                told += &text;
                error = None;
            }
            Err(other) => error = Some(other.kind()),
        }
    }
    (told, error.map(|kind| format!("{kind:?}")))
}

mod chats {
    use super::*;

    struct Chats;

    impl EventStreams for Chats {
        const END: &str = "event: done\ndata: {\"finished\":true}\n\n";
        const GETS_PAST_TOO_LARGE: bool = false;
        const LARGEST: usize = 100;

        fn event(text: &str) -> String {
            format!("data: {}\n\n", json!({"token": {"type": "content", "content": text, "request_id": "r"}}))
        }

        async fn read(url: &str, largest: Option<usize>) -> (String, Option<String>) {
            let chat = formation(url, largest).chat("Hi").user("ada").stream().await.unwrap();
            let texts = chat.map(|event| {
                event.map(|event| match event.kind {
                    ChatEvent::Text(text) => text,
                    _ => String::new(),
                })
            });
            read(texts, |_| false).await
        }
    }

    test_harness::event_stream_tests!(Chats);
}

mod logs {
    use super::*;

    struct Logs;

    impl EventStreams for Logs {
        const END: &str = "event: log\ndata: {\"event_type\":\"x\",\"message\":\"THE END\"}\n\n";
        const GETS_PAST_TOO_LARGE: bool = true;
        const LARGEST: usize = 4;

        fn event(text: &str) -> String {
            format!("event: log\ndata: {}\n\n", json!({"event_type": "x", "message": text}))
        }

        async fn read(url: &str, largest: Option<usize>) -> (String, Option<String>) {
            let logs = formation(url, largest).logs().user("ada").await.unwrap();
            read(logs.map(|entry| entry.map(|entry| entry.message)), |text| text == "THE END").await
        }
    }

    test_harness::event_stream_tests!(Logs);
}

mod events {
    use super::*;

    struct Events;

    impl EventStreams for Events {
        const END: &str = "data: {\"type\":\"stream_completed\"}\n\n";
        const GETS_PAST_TOO_LARGE: bool = true;
        const LARGEST: usize = 4;

        fn event(text: &str) -> String {
            format!("data: {}\n\n", json!({"type": "content", "message": text}))
        }

        async fn read(url: &str, largest: Option<usize>) -> (String, Option<String>) {
            let events = formation(url, largest).events().user("ada").await.unwrap();
            read(events.map(|event| event.map(|event| event.message)), |_| false).await
        }
    }

    test_harness::event_stream_tests!(Events);
}

mod lines {
    use super::*;

    struct Lines;

    impl EventStreams for Lines {
        const END: &str = "";
        const GETS_PAST_TOO_LARGE: bool = true;
        const LARGEST: usize = 4;

        fn event(text: &str) -> String {
            format!("event: log\ndata: {}\n\n", json!({"line": text}))
        }

        async fn read(url: &str, largest: Option<usize>) -> (String, Option<String>) {
            read(server(url, largest).logs("my-bot").follow().await.unwrap(), |_| false).await
        }
    }

    test_harness::event_stream_tests!(Lines);
}

mod progress {
    use super::*;

    struct Progress;

    impl EventStreams for Progress {
        const END: &str = "event: complete\ndata: {\"formation_id\":\"my-bot\"}\n\n";
        const GETS_PAST_TOO_LARGE: bool = false;
        const LARGEST: usize = 4;

        fn event(text: &str) -> String {
            format!("event: progress\ndata: {}\n\n", json!({"stage": "spawning", "message": text}))
        }

        async fn read(url: &str, largest: Option<usize>) -> (String, Option<String>) {
            let progress = server(url, largest).start("my-bot").stream().await.unwrap();
            read(progress.map(|step| step.map(|step| step.message)), |_| false).await
        }
    }

    test_harness::event_stream_tests!(Progress);
}
