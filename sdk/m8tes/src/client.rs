//! The client: one account.

use std::env::{self, VarError};
use std::fmt;
use std::time::Duration;

use agent_platform_core::{
    Credentials, RetryRules, Secret, Settings, Transport, can_be_a_credential, client_settings, variable,
};

use crate::account::Account;
use crate::apps::Apps;
use crate::auth::Auth;
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::memories::Memories;
use crate::permissions::Permissions;
use crate::platform::Session;
use crate::runs::Runs;
use crate::settings::AccountSetup;
use crate::tasks::Tasks;
use crate::teammates::Teammates;
use crate::users::Users;
use crate::webhooks::Webhooks;

/// Where m8tes is.
const BASE_URL: &str = "https://api.m8tes.ai";

/// The path that every operation is under.
const API: &str = "/api/v2";

/// As m8tes' own clients have it: what starts a run carries a key and may be repeated; of all else that changes something,
/// nothing is sent twice, whatever the answer.
const RETRIES: RetryRules = RetryRules { statuses: &[429, 500, 502, 503, 504], refusals: &[], is_final: |_, _| false };

/// How long nothing at all may come of a stream. m8tes sends a sign of life every 15 s; its own clients wait as long as this.
const SILENCE: Duration = Duration::from_secs(300);

/// A client of one m8tes account.
///
/// Cloning is cheap, and clones share their connections.
///
/// ```no_run
/// # async fn example() -> Result<(), m8tes_sdk::Error> {
/// let client = m8tes_sdk::Client::from_env()?;
/// let bot = client.teammates().create().name("support bot").tools(["gmail", "slack"]).await?;
/// # let _ = bot;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    session: Session,
}

impl Client {
    /// Starts to set up a client with this API key (`m8_…`).
    pub fn builder(api_key: impl Into<Secret>) -> ClientBuilder {
        ClientBuilder { api_key: Some(api_key.into()), ..Self::builder_without_key() }
    }

    /// Starts to set up a client that has no API key yet: for [`auth`](Self::auth).
    pub fn builder_without_key() -> ClientBuilder {
        let user_agent = concat!("m8tes-sdk-rust/", env!("CARGO_PKG_VERSION"));
        ClientBuilder {
            api_key: None,
            settings: Settings::new(
                api_url(BASE_URL),
                Transport::builder()
                    .user_agent(user_agent)
                    .retry_rules(RETRIES)
                    .silence(SILENCE)
                    .follow_redirects()
                    .refuse_nul(),
            ),
        }
    }

    /// A client with the API key in `M8TES_API_KEY`, at the URL in `M8TES_BASE_URL` if that is set, as
    /// [`base_url`](ClientBuilder::base_url) takes it. A variable that is empty counts as not set.
    ///
    /// # Errors
    ///
    /// [`Unauthorized`](crate::ErrorKind::Unauthorized) if `M8TES_API_KEY` is not set, and
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if one of the two is not valid.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| env::var(name))
    }

    fn from_variables(lookup: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, Error> {
        let variable = |name| variable(&lookup, name).map_err(Session::refused_setting);
        let api_key = variable("M8TES_API_KEY")?.ok_or_else(|| {
            Error::without_call(ErrorKind::Unauthorized, "M8TES_API_KEY is not set; set it to an API key (m8_…)")
        })?;
        let mut builder = Self::builder(api_key);
        if let Some(base_url) = variable("M8TES_BASE_URL")? {
            builder = builder.base_url(base_url);
        }
        builder.build()
    }

    /// The same account over the same connections, whose calls are made for this user of yours: with that user's
    /// teammates, runs, memories and permissions, and none of another's.
    ///
    /// A call that names a user itself is made for that one. A user id that is blank is refused by each call that would send
    /// it, before anything is sent. Calls that are for no user of yours, such as those of [`users`](Self::users) and
    /// [`settings`](Self::settings), send none.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let acme = client.for_user("cust_123");
    /// let bot = acme.teammates().create().name("acme assistant").await?;
    /// let run = acme.runs().create("check inbox for urgent items").teammate(bot.id).await?;
    /// # let _ = run;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn for_user(&self, user: impl Into<UserId>) -> Self {
        Self { session: self.session.for_user(String::from(user.into())) }
    }

    /// The URL that all paths are under, `https://api.m8tes.ai/api/v2` unless set.
    pub fn base_url(&self) -> &str {
        self.session.base_url()
    }

    /// Teammates: who does the work.
    pub fn teammates(&self) -> Teammates<'_> {
        Teammates::new(&self.session)
    }

    /// As [`teammates`](Self::teammates), by m8tes' other name for them.
    pub fn agents(&self) -> Teammates<'_> {
        self.teammates()
    }

    /// Runs: the work.
    pub fn runs(&self) -> Runs<'_> {
        Runs::new(&self.session)
    }

    /// Tasks: work that is told once, and done each time that it is run; and what starts them.
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks::new(&self.session)
    }

    /// Apps: what teammates' tools are tools of.
    pub fn apps(&self) -> Apps<'_> {
        Apps::new(&self.session)
    }

    /// Memories: what teammates remember.
    pub fn memories(&self) -> Memories<'_> {
        Memories::new(&self.session)
    }

    /// Permissions: tools that may be used without asking.
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions::new(&self.session)
    }

    /// Users: those of yours.
    pub fn users(&self) -> Users<'_> {
        Users::new(&self.session)
    }

    /// Webhooks: where m8tes tells what happens.
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks::new(&self.session)
    }

    /// How the account is set.
    pub fn settings(&self) -> AccountSetup<'_> {
        AccountSetup::new(&self.session)
    }

    /// What the account has used, and whether its address is verified.
    pub fn account(&self) -> Account<'_> {
        Account::new(&self.session)
    }

    /// Signing up, and new keys. No key is sent.
    pub fn auth(&self) -> Auth<'_> {
        Auth::new(&self.session)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Sets up a [`Client`]; from [`Client::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder {
    api_key: Option<Secret>,
    settings: Settings,
}

client_settings!(ClientBuilder, settings);

impl ClientBuilder {
    /// Where m8tes is: a host, or the URL that all paths are under.
    ///
    /// | given | used |
    /// |---|---|
    /// | `https://m8tes.example` | `https://m8tes.example/api/v2` |
    /// | `https://m8tes.example/api` | `https://m8tes.example/api/v2` |
    /// | `https://m8tes.example/api/v1` | `https://m8tes.example/api/v2` |
    /// | `https://m8tes.example/api/v2`, `https://m8tes.example/v2` | as it is |
    ///
    /// So one value of `M8TES_BASE_URL` serves this SDK, the Python client, and its command, which take it differently.
    pub fn base_url(mut self, url: impl AsRef<str>) -> Self {
        self.settings = self.settings.base_url(api_url(url.as_ref()));
        self
    }

    /// Makes the client. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the API key is empty or holds what no header can carry, or if a
    /// setting is not valid, such as the base URL or the proxy's.
    pub fn build(self) -> Result<Client, Error> {
        if self.api_key.as_ref().is_some_and(|key| !can_be_a_credential(key.expose_secret())) {
            return Err(Session::refused_setting("the API key is empty or holds a character that no header can carry"));
        }
        let credentials = self.api_key.map(Credentials::bearer);
        let transport = self.settings.build().map_err(Session::refused_setting)?;
        Ok(Client { session: Session::new(transport, credentials) })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The URL that all paths are under.
fn api_url(given: &str) -> String {
    let url = given.trim_end_matches('/');
    // A host may be called `api`.
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = behind_scheme.find('/').and_then(|start| behind_scheme.get(start..)).unwrap_or_default();
    if path.ends_with("/v2") {
        url.to_owned()
    } else if path.ends_with("/api") {
        format!("{url}/v2")
    } else if path.ends_with("/api/v1") {
        format!("{}{API}", url.strip_suffix("/api/v1").unwrap_or(url))
    } else {
        format!("{url}{API}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(variables: &[(&str, &str)]) -> Result<Client, Error> {
        Client::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        })
    }

    #[test]
    fn one_base_url_serves_hosts_and_whole_urls() {
        let host = "https://m8tes.example";
        for (given, expected) in [
            ("", "/api/v2"),
            ("/", "/api/v2"),
            ("/api", "/api/v2"),
            ("/api/", "/api/v2"),
            ("/api/v1", "/api/v2"),
            ("/api/v2", "/api/v2"),
            ("/api/v2//", "/api/v2"),
            ("/v2", "/v2"),
            ("/v2/", "/v2"),
            ("/api/v1/", "/api/v2"),
            ("/proxy", "/proxy/api/v2"),
            ("/proxy/api", "/proxy/api/v2"),
            ("/proxy/api/v1", "/proxy/api/v2"),
            ("/proxy/api/v2/", "/proxy/api/v2"),
            ("/v1", "/v1/api/v2"),
            (":8000", ":8000/api/v2"),
        ] {
            let client = Client::builder("m8_x").base_url(format!("{host}{given}")).build().unwrap();
            assert_eq!(client.base_url(), format!("{host}{expected}"), "{given}");
        }
        for host in ["http://api", "http://v2", "http://api.v2"] {
            let client = Client::builder("m8_x").base_url(host).build().unwrap();
            assert_eq!(client.base_url(), format!("{host}/api/v2"));
        }
        assert_eq!(Client::builder("m8_x").build().unwrap().base_url(), "https://api.m8tes.ai/api/v2");
    }

    #[test]
    fn the_environment_holds_the_key_and_may_name_the_url() {
        for variables in [&[][..], &[("M8TES_API_KEY", "")], &[("M8TES_BASE_URL", "http://127.0.0.1:1")]] {
            let error = client(variables).unwrap_err();
            assert_eq!((error.kind(), error.is_auth(), error.attempts()), (ErrorKind::Unauthorized, true, 0));
            assert!(error.to_string().contains("M8TES_API_KEY is not set"), "{error}");
        }
        let local = client(&[("M8TES_API_KEY", "m8_x"), ("M8TES_BASE_URL", "http://127.0.0.1:1")]).unwrap();
        assert_eq!(local.base_url(), "http://127.0.0.1:1/api/v2");
        let unset = client(&[("M8TES_API_KEY", "m8_x"), ("M8TES_BASE_URL", "")]).unwrap();
        assert_eq!(unset.base_url(), "https://api.m8tes.ai/api/v2");
        let unreadable = Client::from_variables(|_| Err(VarError::NotUnicode("x".into()))).unwrap_err();
        assert!(unreadable.to_string().contains("not valid UTF-8"), "{unreadable}");
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_and_none_is_shown() {
        for key in ["", "m8_a b", "m8_ä", "m8_a\n"] {
            let error = Client::builder(key).build().unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{key:?}");
        }
        let builder = Client::builder("m8_secret");
        let printed = format!("{builder:?} {:?}", builder.clone().build().unwrap());
        assert!(!printed.contains("m8_secret"), "{printed}");
    }
}
