//! Deploying and updating.

use std::time::Duration;

use agent_platform_core::{JsonOrEvents, Operation, Oversize, send_on_await};
use muxi_server_client::operations;

use super::bundle::{Bundle, Contents};
use super::deployed::Deployed;
use super::id::{FormationId, is_formation_id};
use super::platform::{Server, Session};
use super::progress::{ProgressStream, is_no_change};
use crate::error::Error;

/// How long nothing may come, unless set. A server asks a new formation for up to five minutes whether it is well.
pub(super) const SILENCE: Duration = Duration::from_secs(600);

/// A call that is about to be made, of an operation that may be answered with its progress.
pub(super) type Request<'s> = agent_platform_core::Request<'s, Server>;

/// Begins a call that may last as long as it tells its progress.
pub(super) fn request<'s>(session: &'s Session, operation: &'static Operation, silence: Duration) -> Request<'s> {
    session.request_lasting(operation, silence, Oversize::Refuse)
}

/// The progress of an operation that was answered, which may keep silent for so long.
pub(super) fn progress(
    session: &Session,
    operation: &'static Operation,
    silence: Duration,
    begun: JsonOrEvents<Deployed, Server>,
) -> ProgressStream {
    let begun = match begun {
        JsonOrEvents::Events(events) => JsonOrEvents::Events(events.silence(silence)),
        json => json,
    };
    ProgressStream::new(session, operation, begun)
}

/// A bundle, and what is said of it beside it.
#[derive(Clone, Debug)]
struct Given<'c> {
    session: &'c Session,
    bundle: Bundle,
    id: Option<FormationId>,
    version: Option<String>,
    silence: Duration,
}

/// What is sent of a bundle.
struct Read {
    contents: Contents,
    id: FormationId,
    version: Option<String>,
}

impl<'c> Given<'c> {
    fn new(session: &'c Session, bundle: Bundle) -> Self {
        Self { session, bundle, id: None, version: None, silence: SILENCE }
    }

    /// Reads the bundle, for a call of this operation.
    async fn read(&self, operation: &'static Operation) -> Result<Read, Error> {
        let refuse = |problem: String| self.session.request(operation).refuse(problem);
        let contents = self.bundle.clone().read().await.map_err(refuse)?;
        let declared = contents.declaration.id.as_deref().map(FormationId::from);
        let id = self.id.clone().or(declared).ok_or_else(|| {
            refuse("the bundle does not declare the formation's `id`; name it with formation_id(…)".to_owned())
        })?;
        if !is_formation_id(id.as_str()) {
            let shown: String = id.as_str().escape_debug().take(100).collect();
            return Err(refuse(format!(
                "`{shown}` is no formation's id: that is 3 to 50 small letters, digits and hyphens, neither first nor last \
                 of which is a hyphen"
            )));
        }
        let version = self.version.clone().or_else(|| contents.declaration.version.clone());
        Ok(Read { contents, id, version })
    }

    async fn deploy(&self, read: Read) -> Result<ProgressStream, Error> {
        let request = request(self.session, &operations::DEPLOY_FORMATION, self.silence);
        let Read { contents, id, version } = read;
        let outcome = request.api.deploy_formation(id.as_str(), version.as_deref(), contents.bytes).await;
        let begun = request.finish_json_or_events(outcome)?;
        Ok(progress(self.session, &operations::DEPLOY_FORMATION, self.silence, begun))
    }

    async fn update(&self, read: Read) -> Result<ProgressStream, Error> {
        let request = request(self.session, &operations::UPDATE_FORMATION, self.silence);
        let Read { contents, id, version } = read;
        let outcome = request.api.update_formation(request.segment(&id)?, version.as_deref(), contents.bytes).await;
        let begun = request.finish_json_or_events(outcome)?;
        Ok(progress(self.session, &operations::UPDATE_FORMATION, self.silence, begun))
    }
}

/// What can be said of a bundle beside it. The closure begins the call.
macro_rules! of_bundle {
    ($(#[$doc:meta])* $name:ident, |$given:ident| $begin:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $name<'c>(Given<'c>);

        impl<'c> $name<'c> {
            pub(super) fn new(session: &'c Session, bundle: Bundle) -> Self {
                Self(Given::new(session, bundle))
            }

            /// The formation's id, in place of that which the bundle declares. The server refuses another than the
            /// bundle's own where that has one.
            pub fn formation_id(mut self, id: impl Into<FormationId>) -> Self {
                self.0.id = Some(id.into());
                self
            }

            /// The formation's version, in place of that which the bundle declares. Without any, the server takes it for
            /// `1.0.0`.
            pub fn version(mut self, version: impl Into<String>) -> Self {
                self.0.version = Some(version.into());
                self
            }

            /// How long the server may say nothing: before its answer begins, and between two events. 10 minutes unless set.
            pub fn silence(mut self, limit: Duration) -> Self {
                self.0.silence = limit;
                self
            }

            /// Begins, and tells the progress as it comes.
            ///
            /// # Errors
            ///
            /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the bundle can't be read or is none, before anything is
            /// sent; [`Conflict`](crate::ErrorKind::Conflict) and [`NotFound`](crate::ErrorKind::NotFound) as where it is
            /// awaited. What goes wrong later is an error in the stream.
            pub async fn stream(self) -> Result<ProgressStream, Error> {
                let $given = self.0;
                $begin
            }

            async fn send(self) -> Result<Deployed, Error> {
                self.stream().await?.finish().await
            }
        }

        send_on_await!($name, Deployed);
    };
}

of_bundle! {
    /// The request of [`ServerClient::deploy`](crate::ServerClient::deploy).
    ///
    /// Awaited, it fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent if the bundle can't be
    /// read or is none; with [`Conflict`](crate::ErrorKind::Conflict) if a formation with that id is deployed already; with
    /// [`Rejected`](crate::ErrorKind::Rejected) if the server finds something wrong with the bundle; and with
    /// [`BackendFailed`](crate::ErrorKind::BackendFailed) if the formation does not come up.
    Deploy, |given| {
        let read = given.read(&operations::DEPLOY_FORMATION).await?;
        given.deploy(read).await
    }
}

of_bundle! {
    /// The request of [`ServerClient::update`](crate::ServerClient::update).
    ///
    /// Awaited, it fails as [`Deploy`] does, but with [`NotFound`](crate::ErrorKind::NotFound) if no formation with that id is
    /// deployed, and with [`Conflict`](crate::ErrorKind::Conflict) if it is being updated, or if the bundle is the same as the
    /// present one.
    Update, |given| {
        let read = given.read(&operations::UPDATE_FORMATION).await?;
        given.update(read).await
    }
}

of_bundle! {
    /// The request of [`ServerClient::deploy_or_update`](crate::ServerClient::deploy_or_update).
    ///
    /// A formation whose bundle is the same is left as it is; what comes of it names it, and has no status.
    ///
    /// Awaited, it fails as [`Update`] does, but never because the formation is not deployed, or deployed like that.
    DeployOrUpdate, |given| {
        let read = given.read(&operations::DEPLOY_FORMATION).await?;
        let request = given.session.request(&operations::GET_FORMATION);
        let outcome = request.api.get_formation(request.segment(&read.id)?).await;
        match request.finish::<_, super::model::DeployedFormation, _>(outcome) {
            Ok(_) => {
                let id = read.id.clone();
                match given.update(read).await {
                    Ok(update) => Ok(update.or_unchanged(id)),
                    Err(error) if is_no_change(&error) => {
                        let unchanged = JsonOrEvents::Json(Deployed::unchanged(id, error.detail()));
                        Ok(ProgressStream::new(given.session, &operations::UPDATE_FORMATION, unchanged))
                    }
                    Err(error) => Err(error),
                }
            }
            Err(error) if error.is_not_found() => given.deploy(read).await,
            Err(error) => Err(error),
        }
    }
}
