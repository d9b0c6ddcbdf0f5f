//! What a command works with: the client, the screen, signals.

use std::cell::OnceCell;

use m8tes_sdk::{Client, ClientBuilder, Secret};

use crate::args::Global;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::keys::{KeyStore, Place, variable};
use crate::screen::Screen;

/// Where the key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Flag,
    Environment,
    Stored(Place),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("--api-key"),
            Self::Environment => f.write_str("M8TES_API_KEY"),
            Self::Stored(place) => write!(f, "{place}"),
        }
    }
}

/// What a command works with.
pub(crate) struct Session<'s> {
    pub(crate) screen: Screen,
    pub(crate) interrupts: &'s Interrupts,
    global: &'s Global,
    client: OnceCell<Client>,
}

impl<'s> Session<'s> {
    pub(crate) fn new(global: &'s Global, interrupts: &'s Interrupts) -> Self {
        let screen = Screen::new(global.output, global.color);
        Self { screen, interrupts, global, client: OnceCell::new() }
    }

    /// The stored logins.
    pub(crate) fn keys(&self) -> Result<KeyStore, Failure> {
        let store = KeyStore::open(self.global.profile.as_deref())?;
        // It would be shown, and be written to a file, as the name that it is taken for.
        if self.screen.is_secret(store.profile()) {
            return Err(Failure::usage("a profile can't have the name of an API key or of a webhook's secret"));
        }
        Ok(store)
    }

    /// The key, and where it comes from.
    pub(crate) fn key(&self) -> Result<Option<(Secret, Source)>, Failure> {
        if let Some(key) = self.global.api_key.as_ref().filter(|key| !key.expose_secret().is_empty()) {
            return Ok(Some((key.clone(), Source::Flag)));
        }
        if let Some(key) = variable("M8TES_API_KEY") {
            return Ok(Some((Secret::from(key), Source::Environment)));
        }
        let stored = self.keys()?.key()?;
        stored.iter().for_each(|(key, _)| self.screen.hide(key));
        Ok(stored.map(|(key, place)| (key, Source::Stored(place))))
    }

    /// Where m8tes is, where that was said for this command.
    pub(crate) fn said_base_url(&self) -> Option<String> {
        if self.global.dev {
            let port = variable("M8TES_PORT").unwrap_or_else(|| "8000".to_owned());
            return Some(format!("http://127.0.0.1:{port}"));
        }
        let flag = self.global.base_url.clone().filter(|url| !url.is_empty());
        flag.or_else(|| variable("M8TES_BASE_URL"))
    }

    /// The client of the account.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let Some((key, _)) = self.key()? else {
            return Err(Failure::failed("there is no API key; log in with m8tes auth login, or set M8TES_API_KEY"));
        };
        let client = self.build(Client::builder(key))?;
        let client = match &self.global.user_id {
            Some(user) => client.for_user(user.as_str()),
            None => client,
        };
        Ok(self.client.get_or_init(|| client).clone())
    }

    /// A client without a key.
    pub(crate) fn client_without_key(&self) -> Result<Client, Failure> {
        self.build(Client::builder_without_key())
    }

    fn build(&self, builder: ClientBuilder) -> Result<Client, Failure> {
        let base_url = match self.said_base_url() {
            Some(url) => Some(url),
            None => self.keys()?.base_url()?,
        };
        let builder = builder.proxy_from_env();
        let builder = match base_url {
            Some(url) => builder.base_url(url),
            None => builder,
        };
        Ok(builder.build()?)
    }

    /// Whether it is for a user of the account's.
    pub(crate) fn has_user(&self) -> bool {
        self.global.user_id.is_some()
    }
}
