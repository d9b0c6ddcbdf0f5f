//! Apps: what teammates' tools are tools of.

use agent_platform_core::{Decode, enums_in_answers, model, open_enum, rows_in};
use m8tes_web_backend_client::types;

use crate::id::AppName;
use crate::platform::M8tes;

open_enum! {
    /// How an app is connected.
    AppAuth {
        /// By OAuth: [`Apps::connect`](crate::apps::Apps::connect).
        OAuth = "composio",
        /// By a key: [`Apps::connect_with_key`](crate::apps::Apps::connect_with_key).
        ApiKey = "api_key",
        /// By a key that m8tes uses in your stead.
        ApiKeyProxy = "api_key_proxy",
        /// Not at all: m8tes provides it.
        PlatformProvisioned = "platform_provisioned",
    }
}

enums_in_answers!(M8tes; AppAuth);

model! {
    M8tes;
    /// An app that can be connected.
    App from types::App {
        /// The name by which it is connected, and a tool.
        name: AppName,
        /// The name for people; see [`title`](Self::title).
        display_name: Option<String>,
        /// What kind of app it is.
        category: String,
        /// Whether it is connected.
        connected: bool,
        /// How it is connected; an empty `Other` where m8tes does not say.
        auth_type: AppAuth,
        /// m8tes' own key for it.
        key: Option<String>,
        /// Where there is a picture of it.
        logo_url: Option<String>,
        /// What to call the key that it is connected by.
        api_key_label: Option<String>,
        /// How to get that key, in words.
        api_key_guidance: Option<String>,
        /// Where that is told.
        api_key_documentation_url: Option<String>,
        /// The regions to choose from.
        region_options: Option<Vec<String>>,
    } rest { is_popular, kind, oauth_available, use_case_category }
}

impl App {
    /// The name for people: the display name, else the name.
    pub fn title(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or_else(|| self.name.as_str())
    }
}

/// All of them come on one page.
impl Decode<types::AppPage, M8tes> for Vec<App> {
    #[inline]
    fn decode(generated: types::AppPage) -> Result<Self, String> {
        let types::AppPage { data, extra: _, has_more: _, next_starting_after: _ } = generated;
        Decode::<_, M8tes>::decode(data)
    }

    rows_in!("data" of types::App, M8tes);
}

model! {
    M8tes;
    /// Where a person has to go for an app to be connected.
    AppConnectionInitiation from types::AppConnectionInitiation {
        /// The page where they agree.
        authorization_url: String,
        /// The connection that is to be completed when they have.
        connection_id: String,
    } rest {}
}

model! {
    M8tes;
    /// What became of a connection.
    AppConnectionResult from types::AppConnectionResult {
        /// How it stands, by m8tes' own name.
        status: String,
        /// The app.
        app: AppName,
    } rest {}
}
