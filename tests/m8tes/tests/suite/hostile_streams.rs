//! Streams of runs that no well-behaved m8tes sends.

use futures::StreamExt;
use m8tes_sdk::{Client, RunEvent};
use m8tes_tests::peers::text;
use test_harness::event_streams::EventStreams;

struct Runs;

impl EventStreams for Runs {
    const HEADERS: &str = "x-run-id: 42\r\n";
    const END: &str = "data: [DONE]\n\n";
    const GETS_PAST_TOO_LARGE: bool = false;
    const LARGEST: usize = 100;

    fn event(piece: &str) -> String {
        format!("data: {}\n\n", text(piece))
    }

    async fn read(url: &str, largest: Option<usize>) -> (String, Option<String>) {
        let builder = Client::builder("k").base_url(url);
        let client = largest.map_or(builder.clone(), |largest| builder.max_response_bytes(largest)).build().unwrap();
        let mut run = client.runs().stream("go").await.unwrap();
        let mut told = String::new();
        while let Some(event) = run.next().await {
            match event.map(|event| event.kind) {
                Ok(RunEvent::TextDelta(delta)) => told += &delta,
                Ok(_) => {}
                Err(error) => {
                    assert_eq!((error.run_id(), run.next().await.is_none()), (Some(42.into()), true), "{error}");
                    return (told, Some(format!("{:?}", error.kind())));
                }
            }
        }
        (told, None)
    }
}

test_harness::event_stream_tests!(Runs);
