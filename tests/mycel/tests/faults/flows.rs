//! The inbox stream, under faults that befall it behind the head of its handshake.

use mycel_sdk::{Client, NotificationEvent, NotificationStream};
use test_harness::faults::{self, Flows, Read, Reading};
use test_harness::told;

use crate::cases::{User, pair};
use crate::{Mycel, needs_the_local_backend};

/// How many messages are told of.
const MESSAGES: u64 = 12;

impl Flows for Mycel {
    fn flows() -> Vec<&'static str> {
        vec!["subscribe_inbox", "subscribe_inbox-since"]
    }

    async fn prepare_flow(&self, flow: &str) -> Reading<Client> {
        let (codex, claude, chat) = pair(&self.direct).await;
        let User { client: of_claude, token, .. } = claude;
        let write = async move |number: u64| {
            codex.client.messages().send(&chat, format!("Piece {number}")).await.unwrap();
        };
        match flow {
            // Written while somebody listens, each once that before it was told: a backend that is woken twice at once tells of
            // the later message alone.
            "subscribe_inbox" => Reading::new(async move |client: Client, silence| {
                let client = client.with_auth_token(token);
                let mut told = Told::default();
                let mut stream = match client.notifications().stream().silence(silence).await {
                    Ok(stream) => stream,
                    Err(error) => return told.end(Err(told!(error))),
                };
                for number in 1..=MESSAGES {
                    write(number).await;
                    if let Err(error) = told.until(number, &mut stream).await {
                        return told.end(Err(told!(error)));
                    }
                }
                told.end(Ok(()))
            }),
            // What the backend holds of before.
            "subscribe_inbox-since" => {
                for number in 1..=MESSAGES {
                    write(number).await;
                    of_claude.notifications().drain().await.unwrap();
                }
                Reading::new(async move |client: Client, silence| {
                    let client = client.with_auth_token(token);
                    let mut told = Told::default();
                    let outcome = match client.notifications().stream().since(0).silence(silence).await {
                        Ok(mut stream) => told.until(MESSAGES, &mut stream).await,
                        Err(error) => Err(error),
                    };
                    told.end(outcome.map_err(|error| told!(error)))
                })
            }
            other => panic!("tests/mycel/tests/faults/flows.rs does not prepare {other}"),
        }
    }
}

/// Which messages a stream has told of, each once.
#[derive(Default)]
struct Told {
    last: u64,
    text: String,
}

impl Told {
    /// Reads until it tells of the message of this number. What of a notification is spoilt tells of none.
    async fn until(&mut self, number: u64, stream: &mut NotificationStream) -> Result<(), mycel_sdk::Error> {
        while self.last < number {
            let streamed = stream.next().await.expect("a stream ends with an error")?;
            let NotificationEvent::ChatMessage { message_seq: Some(seq), .. } = streamed.notification.event else {
                continue;
            };
            if seq > self.last {
                self.last = seq;
                self.text += &format!("{seq};");
            }
        }
        Ok(())
    }

    fn end(self, end: faults::Outcome) -> Read {
        Read { told: self.text, end }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_that_comes_in_pieces_under_every_fault() {
    if needs_the_local_backend("every_answer_that_comes_in_pieces_under_every_fault") {
        return;
    }
    faults::every_answer_that_comes_in_pieces_under_every_fault::<Mycel>().await;
}
