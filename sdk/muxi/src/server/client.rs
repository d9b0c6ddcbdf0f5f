//! The client of a management server.

use std::env::{self, VarError};
use std::fmt;
use std::path::Path;

use agent_platform_core::{
    Credentials, RetryRules, Secret, Settings, Transport, client_limits, client_settings, success_data_error, variable,
};
use muxi_server_client::operations;

use super::bundle::Bundle;
use super::change::{Restart, Rollback, Start};
use super::deploy::{Deploy, DeployOrUpdate, Update};
use super::download::DownloadFormation;
use super::draft::{self, Draft, RunningDraft};
use super::id::FormationId;
use super::key_pair::KeyPair;
use super::logs::{GetLogs, GetServerLogs};
use super::model::{CancelledUpdate, DeployedFormation, ServerHealth, ServerStatus, StoppedFormation};
use super::platform::Session;
use crate::error::Error;

/// What a server that fails for the moment says, besides what all do.
const RETRIES: RetryRules =
    RetryRules { statuses: &[408, 429, 500, 502, 503, 504], refusals: &[429], is_final: |_, _| false };

/// A client of a MUXI management server.
///
/// Each attempt of a call is signed with the key pair and the time, so the clock has to be right to five minutes. Cloning is
/// cheap, and clones share their connections.
///
/// ```no_run
/// use muxi_sdk::ServerClient;
///
/// # async fn example() -> Result<(), muxi_sdk::Error> {
/// let server = ServerClient::builder("http://localhost:7890").key_id("MUXI_…").secret_key("sk_…").build()?;
/// let deployed = server.deploy("my-bot.tar.gz").await?;
/// for formation in server.list().await? {
///     println!("{}: {}", formation.id, formation.status);
/// }
/// server.stop(&deployed.formation_id).await?;
/// # Ok(())
/// # }
/// ```
///
/// What deploys or starts may take minutes: the limits on the time of an attempt and of a call do not hold for it, but one on
/// silence, [`ten minutes`](Deploy::silence) unless set. None of it is sent again where it may have been carried out.
#[derive(Clone)]
pub struct ServerClient {
    session: Session,
}

client_limits!(ServerClient, session);

impl ServerClient {
    /// Starts to set up a client of the server at this URL, such as `http://localhost:7890`.
    pub fn builder(url: impl Into<String>) -> ServerClientBuilder {
        let transport = Transport::builder()
            .user_agent(concat!("muxi-sdk-rust/", env!("CARGO_PKG_VERSION")))
            .retry_rules(RETRIES)
            .envelope(success_data_error)
            .refuse_nul();
        ServerClientBuilder { key_id: None, secret_key: None, settings: Settings::new(url, transport) }
    }

    /// A client of the server at the URL in `MUXI_SERVER_URL`, with the key pair in `MUXI_KEY_ID` and `MUXI_SECRET_KEY`, where
    /// these are set. A variable that is empty counts as not set.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if `MUXI_SERVER_URL` is not set, if one of the pair is and the other
    /// is not, or if one of the three is not valid.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| env::var(name))
    }

    fn from_variables(lookup: impl Fn(&str) -> Result<String, VarError>) -> Result<Self, Error> {
        let variable = |name| variable(&lookup, name).map_err(Session::refused_setting);
        let not_set = "MUXI_SERVER_URL is not set; set it to a server's URL, such as http://localhost:7890";
        let url = variable("MUXI_SERVER_URL")?.ok_or_else(|| Session::refused_setting(not_set))?;
        let mut builder = Self::builder(url);
        if let Some(id) = variable("MUXI_KEY_ID")? {
            builder = builder.key_id(id);
        }
        if let Some(secret) = variable("MUXI_SECRET_KEY")? {
            builder = builder.secret_key(secret);
        }
        builder.build()
    }

    /// The server's URL.
    pub fn base_url(&self) -> &str {
        self.session.base_url()
    }

    /// Whether a server answers there. It takes no key.
    ///
    /// # Errors
    ///
    /// [`MalformedResponse`](crate::ErrorKind::MalformedResponse) if something else answers.
    pub async fn ping(&self) -> Result<(), Error> {
        let request = self.session.request(&operations::PING);
        let outcome = request.api.ping().await;
        match request.finish_text(outcome)?.trim() {
            "pong" => Ok(()),
            _ => Err(self.session.malformed(&operations::PING, 200, "it is not `pong`")),
        }
    }

    /// Whether the server is well. It takes no key.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) if it is not well, or not there.
    pub async fn health(&self) -> Result<ServerHealth, Error> {
        let request = self.session.request(&operations::GET_SERVER_HEALTH);
        let outcome = request.api.get_server_health().await;
        request.finish(outcome)
    }

    /// What the server is, and how much it has.
    ///
    /// # Errors
    ///
    /// [`Unauthorized`](crate::ErrorKind::Unauthorized) if the server does not take the key pair, or the clock is wrong.
    pub async fn status(&self) -> Result<ServerStatus, Error> {
        let request = self.session.request(&operations::GET_SERVER_STATUS);
        let outcome = request.api.get_server_status().await;
        request.finish(outcome)
    }

    /// All formations that are deployed, whatever their state.
    ///
    /// # Errors
    ///
    /// As [`status`](Self::status).
    pub async fn list(&self) -> Result<Vec<DeployedFormation>, Error> {
        let request = self.session.request(&operations::LIST_FORMATIONS);
        let outcome = request.api.list_formations().await;
        request.finish(outcome)
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if none is deployed with that id.
    pub async fn get(&self, formation: impl Into<FormationId>) -> Result<DeployedFormation, Error> {
        let formation = formation.into();
        let request = self.session.request(&operations::GET_FORMATION);
        let outcome = request.api.get_formation(request.segment(&formation)?).await;
        request.finish(outcome)
    }

    /// Deploys a new formation from its bundle, a `.tar.gz` file or its bytes. Awaited, it is done once the formation runs;
    /// [`stream`](Deploy::stream) tells the progress as it comes.
    pub fn deploy(&self, bundle: impl Into<Bundle>) -> Deploy<'_> {
        Deploy::new(&self.session, bundle.into())
    }

    /// Puts a bundle in the place of that which a formation was deployed from. The formation goes on until the new one runs.
    pub fn update(&self, bundle: impl Into<Bundle>) -> Update<'_> {
        Update::new(&self.session, bundle.into())
    }

    /// [Updates](Self::update) the formation where it is deployed, and [deploys](Self::deploy) it where it is not.
    pub fn deploy_or_update(&self, bundle: impl Into<Bundle>) -> DeployOrUpdate<'_> {
        DeployOrUpdate::new(&self.session, bundle.into())
    }

    /// Starts a formation that was stopped.
    pub fn start(&self, formation: impl Into<FormationId>) -> Start<'_> {
        Start::new(&self.session, formation.into())
    }

    /// Stops a formation. It stays deployed, and its proxy answers 503.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if none is deployed with that id,
    /// [`Conflict`](crate::ErrorKind::Conflict) if it is stopped already.
    pub async fn stop(&self, formation: impl Into<FormationId>) -> Result<StoppedFormation, Error> {
        let formation = formation.into();
        let request = self.session.request(&operations::STOP_FORMATION);
        let outcome = request.api.stop_formation(request.segment(&formation)?).await;
        request.finish(outcome)
    }

    /// Stops a formation where it runs, and starts it.
    pub fn restart(&self, formation: impl Into<FormationId>) -> Restart<'_> {
        Restart::new(&self.session, formation.into())
    }

    /// Puts the bundle in its place again that a formation had before its last update.
    pub fn rollback(&self, formation: impl Into<FormationId>) -> Rollback<'_> {
        Rollback::new(&self.session, formation.into())
    }

    /// Breaks off the update of a formation that is under way. The formation stays as it was before.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if none is deployed with that id,
    /// [`Rejected`](crate::ErrorKind::Rejected) if it is not being updated.
    pub async fn cancel_update(&self, formation: impl Into<FormationId>) -> Result<CancelledUpdate, Error> {
        let formation = formation.into();
        let request = self.session.request(&operations::CANCEL_UPDATE);
        let outcome = request.api.cancel_update(request.segment(&formation)?).await;
        request.finish(outcome)
    }

    /// Stops a formation and forgets it, with all its bundles.
    ///
    /// Where the answer to an attempt was lost and the next finds no such formation, it is the first that deleted it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if none is deployed with that id.
    pub async fn delete(&self, formation: impl Into<FormationId>) -> Result<(), Error> {
        let formation = formation.into();
        let request = self.session.request(&operations::DELETE_FORMATION);
        let outcome = request.api.delete_formation(request.segment(&formation)?).await;
        request.finish_deletion(outcome)
    }

    /// What a formation has written, its last lines; [`follow`](GetLogs::follow) tells further lines as they come.
    pub fn logs(&self, formation: impl Into<FormationId>) -> GetLogs<'_> {
        GetLogs::new(&self.session, formation.into())
    }

    /// What the server itself has written, its last lines.
    pub fn server_logs(&self) -> GetServerLogs<'_> {
        GetServerLogs::new(&self.session)
    }

    /// The draft of a formation: files that are edited on the server, and run beside the formation as it is deployed.
    pub fn draft(&self, formation: impl Into<FormationId>) -> Draft<'_> {
        Draft::new(&self.session, formation.into())
    }

    /// Runs a formation from a folder of the server's own machine, named from the root on, as a draft: below `/draft/{id}`.
    /// [`Draft::stop`] stops it.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if there is no such folder, or none of a formation,
    /// [`Conflict`](crate::ErrorKind::Conflict) if the formation's draft runs already.
    pub async fn run_folder(&self, folder: impl AsRef<Path>) -> Result<RunningDraft, Error> {
        draft::run_folder(&self.session, folder.as_ref()).await
    }

    /// What a formation was deployed from, as a zip file.
    pub fn download(&self, formation: impl Into<FormationId>) -> DownloadFormation<'_> {
        DownloadFormation::new(&self.session, formation.into())
    }
}

impl fmt::Debug for ServerClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerClient").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Sets up a [`ServerClient`]; from [`ServerClient::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct ServerClientBuilder {
    key_id: Option<String>,
    secret_key: Option<Secret>,
    settings: Settings,
}

client_settings!(ServerClientBuilder, settings);

impl ServerClientBuilder {
    /// The id of the key pair, such as `MUXI_…` or `muxi_pk_…`.
    pub fn key_id(mut self, id: impl Into<String>) -> Self {
        self.key_id = Some(id.into());
        self
    }

    /// The secret of the key pair, such as `sk_…` or `muxi_sk_…`. Calls are signed with it, and it is never sent.
    pub fn secret_key(mut self, secret: impl Into<Secret>) -> Self {
        self.secret_key = Some(secret.into());
        self
    }

    /// Makes the client. Nothing is connected yet. Without a key pair it can [`ping`](ServerClient::ping), and ask for
    /// [`health`](ServerClient::health).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is one of the key pair alone, if it holds what no header can
    /// carry, or if a setting is not valid, such as the URL or the proxy's.
    pub fn build(self) -> Result<ServerClient, Error> {
        let keys = KeyPair::new(self.key_id, self.secret_key).map_err(Session::refused_setting)?;
        let transport = self.settings.build().map_err(Session::refused_setting)?;
        Ok(ServerClient { session: Session::new(transport, Some(Credentials::new(keys))) })
    }
}

impl fmt::Debug for ServerClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerClientBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn client(variables: &[(&str, &str)]) -> Result<ServerClient, Error> {
        ServerClient::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        })
    }

    #[test]
    fn the_environment_names_the_server_and_may_hold_the_key_pair() {
        for variables in [&[][..], &[("MUXI_SERVER_URL", "")], &[("MUXI_KEY_ID", "a"), ("MUXI_SECRET_KEY", "b")]] {
            let error = client(variables).unwrap_err();
            assert!(error.to_string().contains("MUXI_SERVER_URL is not set"), "{error}");
        }
        let url = ("MUXI_SERVER_URL", "http://127.0.0.1:1/");
        let pair = [url, ("MUXI_KEY_ID", "a"), ("MUXI_SECRET_KEY", "b")];
        assert_eq!(client(&pair).unwrap().base_url(), "http://127.0.0.1:1");
        assert!(client(&[url]).is_ok());
        for half in [[url, ("MUXI_KEY_ID", "a")], [url, ("MUXI_SECRET_KEY", "b")]] {
            assert_eq!(client(&half).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn nothing_shows_the_secret() {
        let builder = ServerClient::builder("http://127.0.0.1:1").key_id("MUXI_1").secret_key("sk_secret");
        let client = builder.clone().build().unwrap();
        assert!(!format!("{builder:?} {client:?} {:?}", client.logs("x")).contains("sk_secret"));
        let error =
            ServerClient::builder("http://127.0.0.1:1").key_id("a").secret_key("sk_secret\n").build().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sk_secret"));
    }
}
