//! The client of a formation.

use std::env::{self, VarError};
use std::fmt;
use std::time::Duration;

use agent_platform_core::{
    Credentials, RetryRules, Secret, Settings, Transport, client_limits, client_settings, encode_path, variable,
};
use http::HeaderName;
use muxi_formation_client::operations;

use crate::agents::Agents;
use crate::audit::Audit;
use crate::buffers::{Buffers, has_cleared};
use crate::chat::{AudioChatRequest, ChatFile, ChatRequest};
use crate::configuration::Configuration;
use crate::conversation::Conversation;
use crate::credentials::{Keys, USER};
use crate::custom::{CustomRequest, Key, Method};
use crate::envelope;
use crate::error::Error;
use crate::events::StreamEvents;
use crate::id::{SessionId, UserId};
use crate::jobs::Jobs;
use crate::logs::StreamLogs;
use crate::mcp::Mcp;
use crate::memories::Memories;
use crate::model::{FormationStatus, Health};
use crate::platform::{Session, request_for};
use crate::requests::Requests;
use crate::secrets::Secrets;
use crate::server::is_formation_id;
use crate::sessions::Sessions;
use crate::sops::Sops;
use crate::triggers::Triggers;
use crate::user_credentials::UserCredentials;
use crate::users::Users;

/// What tells a formation whose call it has seen already.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-muxi-idempotency-key");

/// A 500 may pass where nothing is made. A POST's is the last word, though it carries a key: the runtime keeps no failure with
/// that, and may have acted.
const RETRIES: RetryRules = RetryRules {
    statuses: &[408, 429, 500, 502, 503, 504],
    refusals: &[429],
    is_final: |operation, response| {
        response.status.as_u16() == 500 && (operation.method == "POST" || has_cleared(operation, response))
    },
};

/// How long nothing at all may come of a stream. A chat's has a sign of life for each second.
const SILENCE: Duration = Duration::from_secs(60);

/// The path that all operations are under.
const API: &str = "/v1";

/// A client of one formation.
///
/// Cloning is cheap, and clones share their connections.
///
/// ```no_run
/// use futures::StreamExt;
/// use muxi_sdk::{ChatEvent, FormationClient};
///
/// # async fn example() -> Result<(), muxi_sdk::Error> {
/// let formation = FormationClient::builder("http://localhost:7890").formation("my-assistant").client_key("ck").build()?;
/// let mut chat = formation.chat("Hello!").user("user_123").stream().await?;
/// while let Some(event) = chat.next().await.transpose()? {
///     if let ChatEvent::Text(text) = &event.kind {
///         print!("{text}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FormationClient {
    session: Session,
}

client_limits!(FormationClient, session);

impl FormationClient {
    /// Starts to set up a client of a formation that the management server at this URL has, such as
    /// `http://localhost:7890`. [`formation`](FormationClientBuilder::formation) says which.
    pub fn builder(server_url: impl Into<String>) -> FormationClientBuilder {
        FormationClientBuilder::new(Place::Server { url: server_url.into(), formation: String::new(), prefix: "api" })
    }

    /// Starts to set up a client of a formation that listens itself at this URL, such as `http://localhost:8001`, or at a
    /// URL that ends in `/v1`.
    pub fn direct(url: impl Into<String>) -> FormationClientBuilder {
        FormationClientBuilder::new(Place::Direct(url.into()))
    }

    /// A client of the formation that the environment names: one that listens itself, at the URL in `MUXI_FORMATION_URL`, as
    /// [`direct`](Self::direct) takes it; or where that is not set, the one that `MUXI_FORMATION_ID` names of the management
    /// server at `MUXI_SERVER_URL`. The keys are those in `MUXI_CLIENT_KEY` and `MUXI_ADMIN_KEY`, where they are set. A variable
    /// that is empty counts as not set.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if neither is set, or if one of the variables is not valid.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| env::var(name))
    }

    fn from_variables(lookup: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, Error> {
        let variable = |name| variable(&lookup, name).map_err(Session::refused_setting);
        let mut builder = match (variable("MUXI_FORMATION_URL")?, variable("MUXI_SERVER_URL")?) {
            (Some(url), _) => Self::direct(url),
            (None, Some(url)) => {
                let not_set =
                    "MUXI_FORMATION_ID is not set; set it to the id of a formation of the server at MUXI_SERVER_URL";
                let id = variable("MUXI_FORMATION_ID")?.ok_or_else(|| Session::refused_setting(not_set))?;
                Self::builder(url).formation(id)
            }
            (None, None) => {
                return Err(Session::refused_setting(
                    "MUXI_FORMATION_URL is not set; set it to a formation's URL, such as http://localhost:8001, or set \
                     MUXI_SERVER_URL and MUXI_FORMATION_ID",
                ));
            }
        };
        if let Some(key) = variable("MUXI_CLIENT_KEY")? {
            builder = builder.client_key(key);
        }
        if let Some(key) = variable("MUXI_ADMIN_KEY")? {
            builder = builder.admin_key(key);
        }
        builder.build()
    }

    /// The same formation over the same connections, whose calls are made for this user of yours: with that user's
    /// conversations, and none of another's.
    ///
    /// A call that names a user itself is made for that one. A user id that is blank, has blanks around it or a control
    /// character in it is refused by each call that is for a user, before anything is sent. One beyond ASCII is sent as it is,
    /// and MUXI tells it in another way than it was given: it reads the bytes of UTF-8 one by one. Without any user MUXI takes a
    /// chat for user `0`'s; a formation of one user takes every user for that one.
    #[must_use]
    pub fn for_user(&self, user: impl Into<UserId>) -> Self {
        Self { session: self.session.for_user(String::from(user.into())) }
    }

    /// The URL that all paths are under, without `/v1`.
    pub fn base_url(&self) -> &str {
        self.session.base_url()
    }

    /// Whether the formation is well. It takes no key.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) if it is not well, or not there.
    pub async fn health(&self) -> Result<Health, Error> {
        let request = request_for(&self.session, &operations::GET_HEALTH, None)?;
        let outcome = request.api.get_health().await;
        request.finish(outcome)
    }

    /// What the formation is, and how much it does. It takes the admin key.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) without an admin key, before anything is sent.
    pub async fn status(&self) -> Result<FormationStatus, Error> {
        let request = request_for(&self.session, &operations::GET_STATUS, None)?;
        let outcome = request.api.get_status().await;
        request.finish(outcome)
    }

    /// Agents: who answers. They take the admin key.
    pub fn agents(&self) -> Agents<'_> {
        Agents::new(&self.session)
    }

    /// Secrets: what the formation's configuration refers to. They take the admin key.
    pub fn secrets(&self) -> Secrets<'_> {
        Secrets::new(&self.session)
    }

    /// Sessions: a user's conversations. They take the client key.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions::new(&self.session)
    }

    /// Memories: what is remembered of a user. They take either key.
    pub fn memories(&self) -> Memories<'_> {
        Memories::new(&self.session)
    }

    /// Jobs: what the formation is told at set times. They take the admin key.
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs::new(&self.session)
    }

    /// Requests: the turns of chats and triggers, as they can be looked up. They take either key.
    pub fn requests(&self) -> Requests<'_> {
        Requests::new(&self.session)
    }

    /// Triggers: templates that data makes turns of. They take the client key.
    pub fn triggers(&self) -> Triggers<'_> {
        Triggers::new(&self.session)
    }

    /// Buffers: the messages that the formation has in mind. A user's take either key, and all of them the admin key.
    pub fn buffers(&self) -> Buffers<'_> {
        Buffers::new(&self.session)
    }

    /// SOPs: how the formation is to go about things. They take the client key.
    pub fn sops(&self) -> Sops<'_> {
        Sops::new(&self.session)
    }

    /// The audit log: who has changed what. It takes the admin key.
    pub fn audit(&self) -> Audit<'_> {
        Audit::new(&self.session)
    }

    /// Configuration: what the formation was declared with. It takes the admin key.
    pub fn configuration(&self) -> Configuration<'_> {
        Configuration::new(&self.session)
    }

    /// MCP: the servers whose tools the agents use. They take the admin key.
    pub fn mcp(&self) -> Mcp<'_> {
        Mcp::new(&self.session)
    }

    /// Users: whom the formation knows, and by which identifiers. They take the client key.
    pub fn users(&self) -> Users<'_> {
        Users::new(&self.session)
    }

    /// Credentials: what the agents call other services with in a user's name. They take either key, and a user.
    pub fn credentials(&self) -> UserCredentials<'_> {
        UserCredentials::new(&self.session)
    }

    /// What has no method of its own: a call of the route under `/v1` that these segments name, with this key. Each is one
    /// segment whatever it holds.
    pub fn request(
        &self,
        method: Method,
        path: impl IntoIterator<Item = impl Into<String>>,
        key: Key,
    ) -> CustomRequest<'_> {
        CustomRequest::new(&self.session, method, path.into_iter().map(Into::into).collect(), key)
    }

    /// Says this to the formation. Awaited, it is answered whole; [`stream`](ChatRequest::stream) tells the answer as it comes.
    /// It takes the client key.
    pub fn chat(&self, message: impl Into<String>) -> ChatRequest<'_> {
        ChatRequest::new(&self.session, message.into())
    }

    /// The log, as it is written: the entries about a user, of a level, and so on. It takes the admin key.
    pub fn logs(&self) -> StreamLogs<'_> {
        StreamLogs::new(&self.session)
    }

    /// What happens to a user, or in one of the user's conversations, as it happens. It takes either key.
    pub fn events(&self) -> StreamEvents<'_> {
        StreamEvents::new(&self.session)
    }

    /// Speaks this to the formation, which answers in writing. Awaited, it is answered whole;
    /// [`stream`](AudioChatRequest::stream) tells the answer as it comes. It takes the client key.
    pub fn audio_chat(&self, audio: ChatFile) -> AudioChatRequest<'_> {
        AudioChatRequest::new(&self.session, audio)
    }

    /// A new conversation: each of its chats goes on where the one before ended.
    ///
    /// ```no_run
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// let talk = formation.for_user("user_123").conversation();
    /// talk.chat("My name is Ada").await?;
    /// println!("{}", talk.chat("What is my name?").await?.text().unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn conversation(&self) -> Conversation {
        Conversation::begin(self.clone())
    }

    /// The conversation with this id, to go on with it.
    pub fn session(&self, id: impl Into<SessionId>) -> Conversation {
        Conversation::new(self.clone(), id.into())
    }
}

impl fmt::Debug for FormationClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormationClient").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Where a formation is.
#[derive(Clone)]
enum Place {
    Server { url: String, formation: String, prefix: &'static str },
    Direct(String),
}

impl Place {
    /// The URL that `/v1` is under.
    fn url(&self) -> Result<String, &'static str> {
        match self {
            Self::Direct(url) => {
                let url = url.trim_end_matches('/');
                // A host may be called v1.
                let above = url.strip_suffix(API).filter(|above| !above.ends_with('/'));
                Ok(above.unwrap_or(url).to_owned())
            }
            Self::Server { formation, .. } if !is_formation_id(formation) => Err(
                "a formation's id is 3 to 50 small letters, digits and hyphens, neither first nor last of which is a \
                 hyphen; name it with formation(…), or use FormationClient::direct",
            ),
            Self::Server { url, formation, prefix } => {
                Ok(format!("{}/{prefix}/{}", url.trim_end_matches('/'), encode_path(formation)))
            }
        }
    }
}

/// Sets up a [`FormationClient`]; from [`FormationClient::builder`] and [`FormationClient::direct`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct FormationClientBuilder {
    place: Place,
    client_key: Option<Secret>,
    admin_key: Option<Secret>,
    settings: Settings,
}

client_settings!(FormationClientBuilder, settings);

impl FormationClientBuilder {
    fn new(place: Place) -> Self {
        let transport = Transport::builder()
            .user_agent(concat!("muxi-sdk-rust/", env!("CARGO_PKG_VERSION")))
            .retry_rules(RETRIES)
            .silence(SILENCE)
            .idempotency_header(IDEMPOTENCY_KEY)
            .user_header(USER)
            .envelope(envelope::open)
            .refuse_nul();
        Self { place, client_key: None, admin_key: None, settings: Settings::new(String::new(), transport) }
    }

    /// Which formation of the server it is, by its id, such as `my-assistant`. Where the client is one of a formation that
    /// listens itself, this changes nothing.
    pub fn formation(mut self, id: impl Into<String>) -> Self {
        if let Place::Server { formation, .. } = &mut self.place {
            *formation = id.into();
        }
        self
    }

    /// The formation as it is deployed (`/api/…`), which it is unless set.
    pub fn live(self) -> Self {
        self.under("api")
    }

    /// The draft of the formation (`/draft/…`), which `muxi up` has started.
    pub fn draft(self) -> Self {
        self.under("draft")
    }

    fn under(mut self, path: &'static str) -> Self {
        if let Place::Server { prefix, .. } = &mut self.place {
            *prefix = path;
        }
        self
    }

    /// The client key: for chats, and what belongs to a user.
    pub fn client_key(mut self, key: impl Into<Secret>) -> Self {
        self.client_key = Some(key.into());
        self
    }

    /// The admin key: for the formation itself. Where a call takes either, it carries the client key if it is made for a
    /// user, and else this one.
    pub fn admin_key(mut self, key: impl Into<Secret>) -> Self {
        self.admin_key = Some(key.into());
        self
    }

    /// Makes the client. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a key is empty or holds what no header can carry, if the server's
    /// formation is not named, or if a setting is not valid, such as the URL or the proxy's.
    pub fn build(self) -> Result<FormationClient, Error> {
        let keys = Keys::new(self.admin_key, self.client_key).map_err(Session::refused_setting)?;
        let url = self.place.url().map_err(Session::refused_setting)?;
        let transport = self.settings.base_url(url).build().map_err(Session::refused_setting)?;
        Ok(FormationClient { session: Session::new(transport, Some(Credentials::new(keys))) })
    }
}

impl fmt::Debug for FormationClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormationClientBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn client(variables: &[(&str, &str)]) -> Result<FormationClient, Error> {
        FormationClient::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        })
    }

    #[test]
    fn a_formation_is_behind_a_server_or_listens_itself() {
        let server = || FormationClient::builder("http://localhost:7890/").formation("my-bot");
        let url = |builder: FormationClientBuilder| builder.build().unwrap().base_url().to_owned();
        assert_eq!(url(server()), "http://localhost:7890/api/my-bot");
        assert_eq!(url(server().draft()), "http://localhost:7890/draft/my-bot");
        assert_eq!(url(server().draft().live()), "http://localhost:7890/api/my-bot");
        for direct in ["http://localhost:8001", "http://localhost:8001/", "http://localhost:8001/v1/"] {
            assert_eq!(url(FormationClient::direct(direct).draft().formation("x")), "http://localhost:8001");
        }
        assert_eq!(url(FormationClient::direct("https://a.example/b/v1")), "https://a.example/b");
        assert_eq!(url(FormationClient::direct("http://v1")), "http://v1");
    }

    #[test]
    fn a_servers_formation_has_to_be_named() {
        for id in ["", "ab", "My-bot", "-bot", "bot-", "../x", "api", "b t", &"a".repeat(51)] {
            let error = FormationClient::builder("http://localhost:7890").formation(id).build().unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{id}");
        }
    }

    #[test]
    fn the_environment_names_the_formation_and_may_hold_the_keys() {
        for variables in [&[][..], &[("MUXI_FORMATION_URL", "")], &[("MUXI_CLIENT_KEY", "ck")]] {
            let error = client(variables).unwrap_err();
            assert!(error.to_string().contains("MUXI_FORMATION_URL is not set"), "{error}");
        }
        let error = client(&[("MUXI_SERVER_URL", "http://localhost:7890")]).unwrap_err();
        assert!(error.to_string().contains("MUXI_FORMATION_ID is not set"), "{error}");
        let served = [("MUXI_SERVER_URL", "http://localhost:7890/"), ("MUXI_FORMATION_ID", "my-bot")];
        assert_eq!(client(&served).unwrap().base_url(), "http://localhost:7890/api/my-bot");
        let both = [served[0], served[1], ("MUXI_FORMATION_URL", "http://localhost:8001")];
        assert_eq!(client(&both).unwrap().base_url(), "http://localhost:8001");
        let local = client(&[("MUXI_FORMATION_URL", "http://127.0.0.1:1/v1"), ("MUXI_CLIENT_KEY", "ck")]).unwrap();
        assert_eq!(local.base_url(), "http://127.0.0.1:1");
        let error = client(&[("MUXI_FORMATION_URL", "http://127.0.0.1:1"), ("MUXI_ADMIN_KEY", "a\nb")]).unwrap_err();
        assert!(error.to_string().contains("admin key"), "{error}");
    }

    #[test]
    fn no_key_is_shown() {
        let builder = FormationClient::direct("http://127.0.0.1:1").client_key("ck-secret").admin_key("ak-secret");
        let printed = format!("{builder:?} {:?}", builder.clone().build().unwrap());
        assert!(!printed.contains("secret"), "{printed}");
    }
}
