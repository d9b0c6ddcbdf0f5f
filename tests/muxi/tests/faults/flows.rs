//! Streams of chats, under faults that befall them behind their heads.

use futures::StreamExt;
use muxi_sdk::{ChatEvent, ChatStream, Error, FormationClient, SessionId};
use test_harness::faults::{self, Flows, Read, Reading};
use test_harness::{fresh, told};

use crate::Formation;

impl Flows for Formation {
    fn flows() -> Vec<&'static str> {
        vec!["chat"]
    }

    async fn prepare_flow(&self, flow: &str) -> Reading<FormationClient> {
        let (user, session) = (fresh("cust"), SessionId::from(fresh("conversation")));
        let begun = self.world.turns.of(session.as_str());
        match flow {
            "chat" => Reading::new(async move |client: FormationClient, silence| {
                read(client.chat("tell").user(user).session(session).stream().silence(silence).await).await
            })
            .leaves_in_memory(begun),
            other => panic!("tests/muxi/tests/faults/flows.rs does not prepare {other}"),
        }
    }
}

/// All text that a stream tells, and its end.
async fn read(stream: Result<ChatStream, Error>) -> Read {
    let mut told = String::new();
    let mut stream = match stream {
        Ok(stream) => stream,
        Err(error) => return Read { told, end: Err(told!(error)) },
    };
    while let Some(event) = stream.next().await {
        match event.map(|event| event.kind) {
            Ok(ChatEvent::Text(text)) => told += &text,
            Ok(ChatEvent::Completed(_)) => told += "[completed]",
            Ok(ChatEvent::Done) => told += "[done]",
            Ok(_) => {}
            Err(error) => return Read { told, end: Err(told!(error)) },
        }
    }
    Read { told, end: Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_of_a_formation_that_comes_in_pieces_under_every_fault() {
    faults::every_answer_that_comes_in_pieces_under_every_fault::<Formation>().await;
}
