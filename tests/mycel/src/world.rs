//! A backend, and users on it.

use std::collections::BTreeSet;
use std::env;

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend};
use mycel_sdk::{ChatId, Client, RelationshipId, UserId};
use test_harness::{Tap, fresh, note};
use tokio::sync::OnceCell;

use crate::schema::AnswerSchema;

/// A backend to run against. All that it answers is held against the schema: when this is dropped, the test fails
/// if something did not fit. Only what comes over TLS is not, which can't be listened in on.
pub struct World {
    /// A client without a token.
    pub client: Client,
    local: Option<LocalBackend>,
    backend_url: String,
    tap: Option<Tap>,
}

/// A user, and the client that acts for it.
pub struct Actor {
    /// The user's id.
    pub id: UserId,
    /// Acts for the user.
    pub client: Client,
}

impl World {
    /// The backend at `MYCEL_TEST_URL`, or a local one in memory.
    pub async fn start() -> Self {
        match env::var("MYCEL_TEST_URL") {
            Ok(url) => {
                let world = Self::before(url, None).await;
                world.introduce().await;
                world
            }
            Err(_) => Self::local(mycel_local_backend::start().await.unwrap()).await,
        }
    }

    /// A local backend in memory; `None`, and a line that says so, where the suites run against another one.
    pub async fn start_local(test: &str) -> Option<Self> {
        if env::var_os("MYCEL_TEST_URL").is_some() {
            note(&format!("left out, since it needs the local backend: {test}"));
            return None;
        }
        Some(Self::start().await)
    }

    /// This local backend.
    pub async fn local(backend: LocalBackend) -> Self {
        Self::before(backend.url().to_owned(), Some(backend)).await
    }

    /// The backend at this URL, which may be anybody's.
    pub async fn at(url: &str) -> Self {
        Self::before(url.to_owned(), None).await
    }

    async fn before(backend_url: String, local: Option<LocalBackend>) -> Self {
        let tap = if backend_url.starts_with("https:") { None } else { Some(Tap::before(&backend_url).await) };
        let client = Client::builder(tap.as_ref().map_or_else(|| backend_url.clone(), Tap::url)).build().unwrap();
        Self { client, local, backend_url, tap }
    }

    /// Asks another backend what it offers, once for all suites, and tells it.
    async fn introduce(&self) {
        static INTRODUCED: OnceCell<()> = OnceCell::const_new();
        let ask = async || {
            let info = self.client.backend_info().await.expect("MYCEL_TEST_URL is to be the URL of a Mycel backend");
            if self.tap.is_none() {
                note("left out, since it is https: to hold the answers against the schema");
            }
            let offers = info.capabilities;
            let all_need = offers.guest_login && offers.external_users && offers.messages && offers.inbox;
            assert!(all_need, "the suites begin with guests and their agents, who talk: {offers:?}");
            note(&format!(
                "the suites run against {} {} at {}: {offers:?}",
                info.title, info.version, self.backend_url
            ));
        };
        INTRODUCED.get_or_init(ask).await;
    }

    /// Where the backend listens itself. What is asked there is not held against the schema.
    pub fn backend_url(&self) -> &str {
        &self.backend_url
    }

    /// Holds what the backend has answered since the last time against the schema, and returns the operations
    /// whose answers those were.
    #[track_caller]
    pub fn check(&self) -> BTreeSet<&'static str> {
        let (answered, problems) = self.checked();
        assert!(problems.is_empty(), "{}", told(&problems));
        answered
    }

    fn checked(&self) -> (BTreeSet<&'static str>, BTreeSet<String>) {
        let (mut answered, mut problems) = (BTreeSet::new(), BTreeSet::new());
        let base_path = self.client.base_url().splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        for mut exchange in self.tap.iter().flat_map(Tap::take) {
            exchange.path = exchange.path.strip_prefix(&base_path).unwrap_or(&exchange.path).to_owned();
            match AnswerSchema::get().check(&exchange) {
                Ok(operation) => answered.extend(operation),
                Err(problem) => drop(problems.insert(problem)),
            }
        }
        let frames = self.tap.iter().flat_map(Tap::take_frames);
        problems.extend(frames.filter_map(|frame| AnswerSchema::get().check_frame(&frame).err()));
        (answered, problems)
    }

    /// Whether it is a local backend.
    pub fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// A new guest owner.
    pub async fn owner(&self) -> Actor {
        let guest = self.client.auth().create_guest_owner().display_name("Ada").await.unwrap();
        Actor { id: guest.user.id, client: self.client.with_auth_token(guest.token) }
    }

    /// A new person with an account. It takes the codes of a local backend.
    pub async fn registered(&self) -> Actor {
        let auth = self.client.auth();
        let email = format!("{}@example.com", fresh("ada"));
        auth.send_otp(&email, "correct horse", DEFAULT_INVITE_CODE).await.unwrap();
        let temp_token = auth.verify_otp(&email, DEFAULT_ONE_TIME_CODE).await.unwrap();
        let session = auth.complete_register(temp_token, DEFAULT_INVITE_CODE).await.unwrap();
        Actor { id: session.user.id, client: self.client.with_auth_token(session.token) }
    }

    /// Two agents of one new owner, and their direct chat.
    pub async fn pair(&self) -> (Actor, Actor, ChatId) {
        let owner = self.owner().await;
        let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
        let chat = codex.client.chats().ensure_direct(&claude.id).await.unwrap();
        (codex, claude, chat.id)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let (_, problems) = self.checked();
        if problems.is_empty() {
            return;
        }
        // A second panic would end the process, and hide the first.
        assert!(std::thread::panicking(), "{}", told(&problems));
        eprintln!("{}", told(&problems));
    }
}

fn told(problems: &BTreeSet<String>) -> String {
    let problems: Vec<&str> = problems.iter().map(String::as_str).collect();
    format!("answers that are not what openapi/mycel says of them:\n{}", problems.join("\n"))
}

impl Actor {
    /// A new external agent of this owner, with an id that begins with its name.
    pub async fn agent(&self, name: &str) -> Self {
        let session = self.client.users().create_external(fresh(name), name).await.unwrap();
        Self { id: session.user.id, client: self.client.with_auth_token(session.token) }
    }

    /// A new titled group of this user, who owns it, and others.
    pub async fn group(&self, others: &[&Self]) -> ChatId {
        let others = others.iter().map(|other| &other.id);
        self.client.chats().create(others).group().title("Release 1.0").await.unwrap().id
    }

    /// Asks another user for a relationship, which the other approves.
    pub async fn befriend(&self, other: &Self) -> RelationshipId {
        let pending = self.client.relationships().request(&other.id).await.unwrap();
        other.client.relationships().approve(&pending.id).await.unwrap();
        pending.id
    }
}
