//! A person, an agent in Mycel, and a bridge that answers as that agent.

use std::time::Duration;

use agent_bridge::{Bridge, BridgeError, Lent, Pace, Store};
use m8tes_local_backend::DEFAULT_API_KEY;
use mycel_local_backend::LocalBackend;
use mycel_sdk::{ChatId, Client, Message, UserId};
use test_harness::PATIENCE;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// The account of a local m8tes backend.
pub fn account(base_url: impl AsRef<str>) -> m8tes_sdk::Client {
    m8tes_sdk::Client::builder(DEFAULT_API_KEY).base_url(base_url).build().unwrap()
}

/// Mycel with a person and an agent, who have a chat.
pub struct World {
    pub mycel: LocalBackend,
    pub person: Client,
    pub agent: Client,
    pub agent_id: UserId,
    pub chat: ChatId,
}

impl World {
    pub async fn new() -> Self {
        Self::on(mycel_local_backend::start().await.unwrap()).await
    }

    pub async fn on(mycel: LocalBackend) -> Self {
        Self::with_token(mycel).await.0
    }

    /// And the token of the agent.
    pub async fn with_token(mycel: LocalBackend) -> (Self, String) {
        let client = Client::builder(mycel.url()).build().unwrap();
        let person =
            client.with_auth_token(client.auth().create_guest_owner().display_name("Ada").await.unwrap().token);
        let agent = person.users().create_external("bridge", "Bridge").await.unwrap();
        let chat = person.chats().ensure_direct(&agent.user.id).await.unwrap().id;
        let token = agent.token.expose_secret().to_owned();
        let world = Self { agent: client.with_auth_token(agent.token), person, agent_id: agent.user.id, chat, mycel };
        (world, token)
    }

    /// A bridge that runs until it is dropped.
    pub fn bridge(&self, lent: Lent, store: Store) -> Running {
        let pace = Pace::default().longest_pause(Duration::from_millis(200)).settles_after(Duration::from_millis(500));
        Running(tokio::spawn(Bridge::new(self.agent.clone(), lent, store).pace(pace).run()))
    }

    pub async fn says(&self, text: &str) -> Message {
        self.person.messages().send(&self.chat, text).enforce_caught_up(false).await.unwrap()
    }

    /// What the agent has said in the chat so far, but for notes.
    pub async fn said(&self) -> Vec<String> {
        let mut all = self.said_and_noted().await;
        all.retain(|said| !said.starts_with('…'));
        all
    }

    /// What the agent has said in the chat so far.
    pub async fn said_and_noted(&self) -> Vec<String> {
        let mut messages = self.person.messages().list(&self.chat).limit(200).await.unwrap();
        messages.sort_by_key(|message| message.seq);
        messages.retain(|message| message.sender_id == self.agent_id);
        messages.into_iter().map(|message| message.content).collect()
    }

    /// Waits until the agent has said so many things, and tells them.
    pub async fn has_said(&self, count: usize) -> Vec<String> {
        let waiting = async {
            loop {
                let said = self.said().await;
                if said.len() >= count {
                    return said;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("it says nothing more")
    }

    /// Waits until the agent has read all that it was told.
    pub async fn is_taken_in(&self) {
        let waiting = async {
            while !self.agent.messages().unread(&self.chat).await.unwrap().is_empty() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("it reads nothing");
    }

    /// Waits until the agent has read and done all that it was told: it has nothing unread, and says what it is told last.
    pub async fn is_done_with(&self, last: &str) -> Vec<String> {
        let waiting = async {
            loop {
                let said = self.said().await;
                if said.last().is_some_and(|said| said == last) {
                    return said;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("it says nothing more")
    }
}

/// A bridge at work. It is killed when it is dropped.
pub struct Running(JoinHandle<Result<(), BridgeError>>);

impl Running {
    /// How it ends by itself.
    pub async fn outcome(mut self) -> Result<(), BridgeError> {
        timeout(PATIENCE, &mut self.0).await.expect("it does not end").unwrap()
    }

    /// Kills it, and waits until it is gone.
    pub async fn kill(mut self) {
        self.0.abort();
        assert!((&mut self.0).await.unwrap_err().is_cancelled());
        // The work in its chats ends when it is next looked at, and with that its store's file is free.
        sleep(Duration::from_millis(20)).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}
