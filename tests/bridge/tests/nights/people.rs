//! Somebody who writes in a chat, on a bad network.

use std::time::Duration;

use bridge_tests::{ASK, YES, answer};
use mycel_sdk::{ChatId, Client, Error, Message, UserId};
use test_harness::Dice;
use tokio::time::sleep;

/// How long it is waited before something is tried again.
const PAUSE: Duration = Duration::from_millis(15);

/// Somebody who writes.
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) chat: ChatId,
    pub(crate) agent: UserId,
    pub(crate) name: String,
    pub(crate) dice: Dice,
    /// Whether some of it is to ask for permission.
    pub(crate) asks: bool,
}

impl Person {
    /// Writes some messages, and allows what it is asked for.
    pub(crate) async fn write(mut self) {
        for number in 0..5 + self.dice.below(4) {
            sleep(self.dice.millis(250)).await;
            let about = format!("{}.{number}", self.name);
            let asks = self.asks && self.dice.below(3) == 0;
            let text = if asks { format!("{ASK} {about}") } else { format!("hello {about}") };
            self.say(&text, 0).await;
            if asks {
                self.allow(&about).await;
            }
        }
    }

    /// Says it, once; its number, if it has come to be said.
    async fn say(&self, text: &str, behind: u64) -> Option<u64> {
        let sent = self.client.messages().send(&self.chat, text).mention(&self.agent).enforce_caught_up(false);
        match sent.await {
            Ok(message) => Some(message.seq),
            Err(error) if !error.may_have_been_sent() => None,
            Err(_) => {
                // A network that has broken off brings it at once, or not at all.
                sleep(Duration::from_secs(1)).await;
                let said = self.said().await;
                said.iter().find(|message| message.content == text && message.seq > behind).map(|message| message.seq)
            }
        }
    }

    /// Waits until it is asked for, or answered, and allows it.
    async fn allow(&self, about: &str) {
        let mut is_allowed = false;
        loop {
            let said = self.said().await;
            let about_it = |message: &&Message| {
                message.sender_id == self.agent && message.content.contains(&format!("\"{about}\""))
            };
            let prompt = said.iter().find(|message| about_it(message) && message.content.starts_with("May I use "));
            let (asked, answered) = asked_and_answered(&said, &self.agent);
            // It is the last that was asked.
            let is_answered = answered.len() >= asked.len();
            match prompt {
                _ if is_answered => return,
                Some(prompt) if !is_allowed => {
                    let known = said.iter().any(|message| message.content == YES && message.seq > prompt.seq);
                    is_allowed = known || self.say(YES, prompt.seq).await.is_some();
                }
                _ => {}
            }
            sleep(PAUSE).await;
        }
    }

    async fn said(&self) -> Vec<Message> {
        loop {
            if let Ok(said) = said(&self.client, &self.chat).await {
                return said;
            }
            sleep(PAUSE).await;
        }
    }
}

/// All that was said in a chat, oldest first.
pub(crate) async fn said(client: &Client, chat: &ChatId) -> Result<Vec<Message>, Error> {
    let mut said = client.messages().list(chat).limit(200).await?;
    said.sort_by_key(|message| message.seq);
    Ok(said)
}

/// What people asked, without that they allowed something; and what they were answered, without what asked them.
pub(crate) fn asked_and_answered<'m>(said: &'m [Message], agent: &UserId) -> (Vec<&'m str>, Vec<&'m str>) {
    let of = |is_agent: bool| {
        let said = said.iter().filter(move |message| (message.sender_id == *agent) == is_agent);
        said.map(|message| message.content.as_str())
    };
    let asked = of(false).filter(|text| *text != YES).collect();
    // A yes that came when nobody asked any more is a message as any other.
    let is_answer = |text: &&str| !text.starts_with('…') && !text.starts_with("May I use ") && *text != answer(YES);
    (asked, of(true).filter(is_answer).collect())
}
