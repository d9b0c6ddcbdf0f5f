//! Streams of chats, and of what happens, under faults that befall them behind their heads.

use futures::StreamExt;
use muxi_sdk::{ChatEvent, ChatStream, Error, Feed, FormationClient, SessionId};
use test_harness::faults::{self, Flows, Read, Reading};
use test_harness::{fresh, told};

use crate::Formation;
use crate::cases::spoken;

impl Flows for Formation {
    fn flows() -> Vec<&'static str> {
        vec!["chat", "audio_chat", "stream_logs", "stream_events", "stream_session_events"]
    }

    async fn prepare_flow(&self, flow: &str) -> Reading<FormationClient> {
        let (user, session) = (fresh("cust"), SessionId::from(fresh("conversation")));
        let begun = self.world.turns.of(session.as_str());
        let direct = self.world.direct.clone();
        // What happens while somebody listens: two turns.
        let happens = {
            let (user, session) = (user.clone(), session.clone());
            async move |direct: FormationClient| {
                for _ in 0..2 {
                    direct.chat("Hi").user(user.clone()).session(session.clone()).await.unwrap();
                }
            }
        };
        match flow {
            "chat" => Reading::new(async move |client: FormationClient, silence| {
                read(client.chat("tell").user(user).session(session).stream().silence(silence).await).await
            })
            .leaves_in_memory(begun),
            "audio_chat" => Reading::new(async move |client: FormationClient, silence| {
                let chat = client.audio_chat(spoken("tell.ogg")).user(user).session(session);
                read(chat.stream().silence(silence).await).await
            })
            .leaves_in_memory(begun),
            "stream_logs" => Reading::new(async move |client: FormationClient, silence| {
                let feed = client.logs().user(user).await.map(|feed| feed.silence(silence));
                read_feed(feed, happens(direct), |entry| entry.event_type).await
            }),
            "stream_events" => Reading::new(async move |client: FormationClient, silence| {
                let feed = client.events().user(user).await.map(|feed| feed.silence(silence));
                read_feed(feed, happens(direct), |event| event.event_type).await
            }),
            "stream_session_events" => Reading::new(async move |client: FormationClient, silence| {
                let feed = client.events().user(user).session(session).await.map(|feed| feed.silence(silence));
                read_feed(feed, happens(direct), |event| event.event_type).await
            }),
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

/// What a feed tells of what happens once it is there, up to the end of the second turn: a feed itself has no end.
async fn read_feed<T>(
    feed: Result<Feed<T>, Error>,
    happens: impl Future<Output = ()>,
    event_type: impl Fn(T) -> String,
) -> Read {
    let mut told = String::new();
    let mut feed = match feed {
        Ok(feed) => feed,
        Err(error) => return Read { told, end: Err(told!(error)) },
    };
    happens.await;
    while told.matches("chat.response.completed").count() < 2 {
        match feed.next().await.unwrap() {
            Ok(happening) => told += &format!("{};", event_type(happening)),
            Err(error) => return Read { told, end: Err(told!(error)) },
        }
    }
    Read { told, end: Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_of_a_formation_that_comes_in_pieces_under_every_fault() {
    faults::every_answer_that_comes_in_pieces_under_every_fault::<Formation>().await;
}
