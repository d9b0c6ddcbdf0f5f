//! Secrets: what the formation's configuration refers to by name.

use std::collections::BTreeMap;

use agent_platform_core::{Decode, Secret, resource};
use muxi_formation_client::{operations, types};

use crate::error::{Error, ErrorKind};
use crate::id::SecretName;
use crate::model::ReloadedSecrets;
use crate::platform::{Formation, request_for};

resource! {
    /// The formation's secrets; from [`FormationClient::secrets`](crate::FormationClient::secrets). They take the admin key.
    Secrets
}

impl Secrets<'_> {
    /// All of them by name, with their values masked: nobody can read those again.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) without an admin key, before anything is sent.
    pub async fn list(self) -> Result<BTreeMap<SecretName, String>, Error> {
        let request = request_for(self.session, &operations::LIST_SECRETS, None)?;
        let outcome = request.api.list_secrets().await;
        request.finish(outcome)
    }

    /// One of them, masked; `None` where there is none of that name. It asks for all of them: MUXI has no way to ask for one.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn get(self, name: impl Into<SecretName>) -> Result<Option<String>, Error> {
        let name = stored(&name.into());
        Ok(self.list().await?.remove(&name))
    }

    /// Keeps this value by this name, in the place of the one that there is, if there is one.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](ErrorKind::Unavailable) if the formation keeps no secrets.
    pub async fn set(self, name: impl Into<SecretName>, value: impl Into<Secret>) -> Result<(), Error> {
        let (name, value) = (name.into(), value.into());
        match self.update(&name, value.clone()).await {
            // Of anybody else's 404, such as a proxy's, it is unknown what is not there.
            Err(error) if error.kind() == ErrorKind::NotFound && error.code() == Some("SECRET_NOT_FOUND") => {}
            outcome => return outcome,
        }
        match self.create(&name, value.clone()).await {
            // Somebody else has made it in between.
            Err(error) if error.kind() == ErrorKind::Conflict => self.update(&name, value).await,
            outcome => outcome,
        }
    }

    async fn update(self, name: &SecretName, value: Secret) -> Result<(), Error> {
        let mut request = request_for(self.session, &operations::UPDATE_SECRET, None)?;
        let body = types::SecretUpdate { value: request.carry(value) };
        let outcome = request.api.update_secret(request.segment(name)?, &body).await;
        request.finish(outcome)
    }

    async fn create(self, name: &SecretName, value: Secret) -> Result<(), Error> {
        let mut request = request_for(self.session, &operations::CREATE_SECRET, None)?;
        let body = types::SecretCreate { key: name.as_str().to_owned(), value: request.carry(value) };
        let outcome = request.api.create_secret(&body).await;
        request.finish(outcome)
    }

    /// Reads the secrets anew from where the formation keeps them; what it has of its own stays.
    pub async fn reload(self) -> Result<ReloadedSecrets, Error> {
        let request = request_for(self.session, &operations::RELOAD_SECRETS, None)?;
        let outcome = request.api.reload_secrets().await;
        request.finish(outcome)
    }

    /// Forgets it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if there is none of that name, and [`Conflict`](ErrorKind::Conflict) if the
    /// configuration refers to it.
    pub async fn delete(self, name: impl Into<SecretName>) -> Result<(), Error> {
        let name = name.into();
        let request = request_for(self.session, &operations::DELETE_SECRET, None)?;
        let outcome = request.api.delete_secret(request.segment(&name)?).await;
        request.finish_deletion(outcome)
    }
}

impl Decode<types::SecretList, Formation> for BTreeMap<SecretName, String> {
    #[inline]
    fn decode(generated: types::SecretList) -> Result<Self, String> {
        let types::SecretList { secrets, count: _ } = generated;
        Ok(secrets.into_iter().map(|(name, masked)| (name.into(), masked)).collect())
    }
}

/// The name as MUXI writes it.
fn stored(name: &SecretName) -> SecretName {
    let upper = name.as_str().to_uppercase();
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    upper.chars().map(plain).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_muxi_writes_it() {
        for (given, written) in [("my-own key", "MY_OWN_KEY"), ("API_KEY2", "API_KEY2"), ("", "")] {
            assert_eq!(stored(&given.into()), written);
        }
    }
}
