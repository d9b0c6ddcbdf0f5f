//! Apps: what teammates' tools are tools of.

use agent_platform_core::{Secret, request, resource};
use m8tes_web_backend_client::{operations, types};

use crate::id::{AppName, TeammateId};
use crate::model::{App, AppConnectionInitiation, AppConnectionResult};
use crate::scoped::Scoped;

resource! {
    /// Apps; from [`Client::apps`](crate::Client::apps).
    Apps
}

impl<'c> Apps<'c> {
    /// All apps, and whether they are connected.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// for app in client.apps().list().await? {
    ///     println!("{} ({}), connected: {}", app.title(), app.category, app.connected);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn list(self) -> Scoped<'c, Vec<App>> {
        Scoped::new(self.session, &operations::LIST_APPS, async move |request, user| {
            let outcome = request.api.list_apps(user.as_deref()).await;
            request.finish(outcome)
        })
    }

    /// Begins to connect an app by OAuth. A person has to agree on the page at
    /// [`authorization_url`](AppConnectionInitiation::authorization_url), which leads to your redirect URI then;
    /// [`connect_complete`](Self::connect_complete) completes it.
    pub fn connect(self, app: impl Into<AppName>, redirect_uri: impl Into<String>) -> ConnectApp<'c> {
        let body = types::AppConnectOAuth { add_account: None, redirect_uri: redirect_uri.into(), user_id: None };
        ConnectApp::new(self.session, app.into(), body)
    }

    /// Connects an app by a key of its own.
    pub fn connect_with_key(self, app: impl Into<AppName>, key: impl Into<Secret>) -> ConnectAppWithKey<'c> {
        let body = types::AppConnectApiKey {
            add_account: None,
            agent_id: None,
            api_key: String::new(),
            options: None,
            user_id: None,
        };
        ConnectAppWithKey::new(self.session, (app.into(), key.into()), body)
    }

    /// Completes what [`connect`](Self::connect) has begun.
    pub fn connect_complete(self, app: impl Into<AppName>, proof: ConnectionProof) -> CompleteConnection<'c> {
        CompleteConnection::new(self.session, (app.into(), proof, None), types::AppConnectComplete::default())
    }

    /// Disconnects an app.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if several of its accounts are connected.
    pub fn disconnect(self, app: impl Into<AppName>) -> Scoped<'c, ()> {
        let app = app.into();
        Scoped::new(self.session, &operations::DISCONNECT_APP, async move |request, user| {
            let outcome = request.api.disconnect_app(request.segment(&app)?, user.as_deref()).await;
            request.finish_deletion(outcome)
        })
    }
}

/// By what a connection is known that a person has agreed to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConnectionProof {
    /// The [`connection_id`](AppConnectionInitiation::connection_id): for an app that is connected for a user of yours.
    Connection(String),
    /// What came to your redirect URI as the query parameter `composio_claim`: for an app that is connected for the account
    /// itself.
    ClaimTicket(Secret),
}

request! {
    /// The request of [`Apps::connect`].
    ConnectApp(AppName, types::AppConnectOAuth) -> AppConnectionInitiation, CONNECT_APP {
        /// The user of yours that it is connected for, instead of the client's.
        scope user: user;
        /// Whether it is a further account of the app, beside those connected.
        flag add_account: add_account;
    }
    |request, app, body, user| {
        body.user_id = user;
        request.api.connect_app(request.segment(&app)?, &body).await
    }
}

request! {
    /// The request of [`Apps::connect_with_key`].
    ConnectAppWithKey((AppName, Secret), types::AppConnectApiKey) -> AppConnectionResult, CONNECT_APP_WITH_KEY {
        /// The user of yours that it is connected for, instead of the client's.
        scope user: user;
        /// The teammate that it is connected for alone.
        id teammate: agent_id as TeammateId;
        /// What more the app wants to know, such as its region: anything that serializes to a JSON object.
        object options: options;
        /// Whether it is a further account of the app, beside those connected.
        flag add_account: add_account;
    }
    |request, of, body, user| {
        let (app, key) = of;
        body.user_id = user;
        body.api_key = request.carry(key);
        request.api.connect_app_with_key(request.segment(&app)?, &body).await
    }
}

request! {
    /// The request of [`Apps::connect_complete`].
    CompleteConnection((AppName, ConnectionProof, Option<Secret>), types::AppConnectComplete) -> AppConnectionResult, COMPLETE_APP_CONNECTION {
        /// The user of yours that it is connected for, instead of the client's.
        scope user: user;
        /// The teammate that it is connected for alone.
        id teammate: agent_id as TeammateId;
        /// The redirect URI that it was begun with.
        text redirect_uri: redirect_uri;
        /// Whether it is a further account of the app, beside those connected.
        flag add_account: add_account;
    }
    |request, of, body, user| {
        let (app, proof, code) = of;
        body.user_id = user;
        body.code = code.map(|code| request.carry(code));
        match proof {
            ConnectionProof::Connection(id) => body.connection_id = Some(id),
            ConnectionProof::ClaimTicket(ticket) => body.claim_ticket = Some(request.carry(ticket)),
        }
        request.api.complete_app_connection(request.segment(&app)?, &body).await
    }
}

impl CompleteConnection<'_> {
    /// The code that came to your redirect URI, where the app gives one.
    pub fn code(mut self, code: impl Into<Secret>) -> Self {
        self.of.2 = Some(code.into());
        self
    }
}
