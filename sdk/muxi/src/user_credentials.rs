//! Credentials: what a user's calls of other services are made with.

use agent_platform_core::{Secret, json_object, request, resource, scoped};
use muxi_formation_client::{operations, types};
use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::id::CredentialId;
use crate::model::{CredentialService, StoredCredential};
use crate::platform::request_for;

resource! {
    /// What the agents call other services with in a user's name; from
    /// [`FormationClient::credentials`](crate::FormationClient::credentials). They take either key, and a user, but for the
    /// services.
    UserCredentials
}

impl<'c> UserCredentials<'c> {
    /// The services that a user's credentials can be kept for.
    pub async fn services(self) -> Result<Vec<CredentialService>, Error> {
        let request = request_for(self.session, &operations::LIST_CREDENTIAL_SERVICES, None)?;
        let outcome = request.api.list_credential_services().await;
        request.finish(outcome)
    }

    /// Keeps a user's credential for a service: anything that serializes to a JSON object. MUXI writes the service's name in
    /// small letters. It is sent once, and no error repeats a text of it.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// # async fn example(formation: muxi_sdk::FormationClient, token: String) -> Result<(), muxi_sdk::Error> {
    /// formation.credentials().create("github", json!({"token": token})).name("work").user("user_123").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if the service's name has a blank. Some releases of the runtime can't keep any:
    /// [`BackendFailed`](crate::ErrorKind::BackendFailed).
    pub fn create(self, service: impl Into<String>, credential: impl Serialize) -> CreateCredential<'c> {
        let (credential, problem) = match json_object(credential) {
            Ok(credential) => (credential, None),
            Err(problem) => (serde_json::Map::new(), Some(format!("`credential` {problem}"))),
        };
        let body = types::CredentialCreate { credential, name: None, service: service.into() };
        let mut request = CreateCredential::new(self.session, (), body);
        request.problem = problem;
        request
    }
}

scoped! {
    UserCredentials;
    /// Those of a user, without what is in them.
    list() -> Vec<StoredCredential>, LIST_CREDENTIALS, |request, _user| request.api.list_credentials(None).await;
    /// One of them, without what is in it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the user has none such.
    get(credential: CredentialId) -> StoredCredential, GET_CREDENTIAL, |request, _user| {
        request.api.get_credential(request.segment(&credential)?, None).await
    };
}

impl<'c> UserCredentials<'c> {
    /// Forgets it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the user has none such. [`BackendFailed`](crate::ErrorKind::BackendFailed) if
    /// the user has two of its service, neither of which is forgotten then.
    pub fn delete(self, credential: impl Into<CredentialId>) -> crate::Scoped<'c, ()> {
        let credential = credential.into();
        crate::Scoped::new(self.session, &operations::DELETE_CREDENTIAL, async move |request, _user| {
            let outcome = request.api.delete_credential(request.segment(&credential)?, None).await;
            request.finish_deletion(outcome)
        })
    }
}

request! {
    /// The request of [`UserCredentials::create`].
    CreateCredential((), types::CredentialCreate) -> StoredCredential, CREATE_CREDENTIAL {
        /// What it is called, to tell it from others of its service.
        text name: name;
        /// The user of yours whose it is, instead of the client's.
        scope user: user;
    }
    |request, _none, body, _user| {
        let mut texts = Vec::new();
        body.credential.values().for_each(|value| collect_texts(value, &mut texts));
        texts.into_iter().for_each(|text| {
            request.carry(Secret::from(text));
        });
        request.api.create_credential(None, &body).await
    }
}

/// All texts in a value.
fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect_texts(value, texts)),
        Value::Object(fields) => fields.values().for_each(|value| collect_texts(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
