//! Streams of runs and files, under faults that befall them behind their heads.

use std::time::Duration;

use futures::StreamExt;
use m8tes_sdk::runs::{Decision, RunStream};
use m8tes_sdk::{Client, Error, RunEvent};
use test_harness::faults::{self, Flows, Read, Reading};
use test_harness::{fresh, told};

use crate::M8tes;
use crate::cases::{over, waiting};

impl Flows for M8tes {
    const GOES_ON: bool = true;

    fn flows() -> Vec<&'static str> {
        vec![
            "create_run",
            "create_run_with_files",
            "reply_to_run",
            "reply_to_run_with_files",
            "run_task",
            "stream_run",
            "download_run_file",
        ]
    }

    async fn prepare_flow(&self, flow: &str) -> Reading<Client> {
        const ASKED: &str = "SELECT count(*) FROM runs WHERE asked ->> 'message' = ?";
        const REPLIED: &str = "SELECT count(*) FROM messages WHERE run_id = ? AND rest ->> 'content' = ?";
        const RUNS: &str = "SELECT count(*) FROM runs WHERE asked ->> 'message' = ?";
        let (least, longest) = (Duration::from_millis(1), Duration::from_millis(2));
        let message = fresh("says");
        let parameters = [message.clone()];
        let file = ("a.csv", "1,2", "text/csv");
        macro_rules! streamed {
            ($client:ident, $request:expr) => {
                Reading::new(move |$client: Client, silence| async move {
                    read($request.rejoin_pauses(least, longest).silence(silence).await).await
                })
            };
        }
        match flow {
            "create_run" => streamed!(client, client.runs().stream(message)).leaves(ASKED, parameters),
            "create_run_with_files" => {
                streamed!(client, client.runs().stream(message).file(file.0, file.1, file.2)).leaves(ASKED, parameters)
            }
            "reply_to_run" => {
                let id = over(&self.direct, "go").await;
                let parameters = [id.to_string(), message.clone()];
                streamed!(client, client.runs().reply_stream(id, message)).leaves(REPLIED, parameters)
            }
            "reply_to_run_with_files" => {
                let id = over(&self.direct, "go").await;
                let parameters = [id.to_string(), message.clone()];
                streamed!(client, client.runs().reply_stream(id, message).file(file.0, file.1, file.2))
                    .leaves(REPLIED, parameters)
            }
            "run_task" => {
                let teammate = self.direct.teammates().create().await.unwrap().id;
                let id = self.direct.tasks().create(teammate, message).await.unwrap().id;
                streamed!(client, client.tasks().run_stream(id)).leaves(RUNS, parameters)
            }
            "stream_run" => {
                let (id, request) = waiting(&self.direct, "asks and says").await;
                let direct = self.direct.clone();
                // What is over can't be joined: it goes on once somebody has.
                Reading::new(async move |client: Client, silence| {
                    let joined = client.runs().join(id).rejoin_pauses(least, longest).silence(silence).await;
                    direct.runs().approve(id, Decision::allow(request)).await.unwrap();
                    read(joined).await
                })
            }
            "download_run_file" => {
                let id = over(&self.direct, "writes").await;
                Reading::new(async move |client: Client, silence| {
                    let mut read = Vec::new();
                    let download = client.runs().download_file(id, "long.txt").silence(silence);
                    let end = download.to_writer(&mut read).await;
                    let told = String::from_utf8(read).unwrap();
                    Read { told, end: end.map(drop).map_err(|error| told!(error)) }
                })
            }
            other => panic!("tests/m8tes/tests/faults/flows.rs does not prepare {other}"),
        }
    }
}

/// All text that a stream tells. That it has ended without an error says that this is all: of a stream that was joined again the
/// end is told otherwise.
async fn read(stream: Result<RunStream, Error>) -> Read {
    let mut told = String::new();
    let mut stream = match stream {
        Ok(stream) => stream,
        Err(error) => return Read { told, end: Err(told!(error)) },
    };
    while let Some(event) = stream.next().await {
        match event.map(|event| event.kind) {
            Ok(RunEvent::TextDelta(delta)) => told += &delta.text,
            Ok(_) => {}
            Err(error) => return Read { told, end: Err(told!(error)) },
        }
    }
    Read { told, end: Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_that_comes_in_pieces_under_every_fault() {
    faults::every_answer_that_comes_in_pieces_under_every_fault::<M8tes>().await;
}
