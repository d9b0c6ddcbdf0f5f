//! Users and their credentials.

use agent_platform_core::{Decode, Malformed, Secret, Timestamp};
use muxi_formation_client::types;

use super::written_time;
use crate::id::{CredentialId, Identifier, MuxiUserId};
use crate::platform::Formation;

/// Whom an identifier names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolvedUser {
    /// MUXI's own id of the user.
    pub id: MuxiUserId,
    /// The identifier.
    pub identifier: Option<Identifier>,
    /// The number that the formation's database has for the user.
    pub internal_id: Option<i64>,
}

/// Something that names a user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserIdentifier {
    /// The identifier.
    pub identifier: Identifier,
    /// What kind of identifier it is, such as `email`.
    pub kind: Option<String>,
    /// Since when it names the user; `None` where it was just given.
    pub created_at: Option<Timestamp>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

/// A service that credentials can be kept for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialService {
    /// Its name, which [`create`](crate::UserCredentials::create) takes.
    pub service: String,
    /// The MCP server that uses them.
    pub server_id: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

/// A credential of a user's, without what is in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredCredential {
    /// Its id.
    pub id: CredentialId,
    /// The service that it is for.
    pub service: Option<String>,
    /// What it is called.
    pub name: Option<String>,
    /// A part of what is in it: of its text where it was just made, and else of what that is encrypted to.
    pub preview: Option<Secret>,
    /// Since when it is kept.
    pub created_at: Option<Timestamp>,
    /// When it was changed.
    pub updated_at: Option<Timestamp>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::ResolvedUser, Formation> for ResolvedUser {
    fn decode(generated: types::ResolvedUser) -> Result<Self, String> {
        let types::ResolvedUser { identifier, internal_user_id, muxi_user_id } = generated;
        let identifier = identifier.map(Identifier::from);
        Ok(Self { id: muxi_user_id.into(), identifier, internal_id: internal_user_id })
    }
}

impl Decode<types::UserIdentifier, Formation> for UserIdentifier {
    fn decode(generated: types::UserIdentifier) -> Result<Self, String> {
        let types::UserIdentifier { created_at, identifier, type_ } = generated;
        let mut malformed = Malformed::default();
        let created_at = written_time(created_at, "created_at", &mut malformed);
        Ok(Self { identifier: identifier.into(), kind: type_, created_at, malformed })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::UserIdentifierList, Formation> for Vec<UserIdentifier> {
    fn decode(generated: types::UserIdentifierList) -> Result<Self, String> {
        let types::UserIdentifierList { count: _, identifiers, internal_user_id: _, muxi_user_id: _ } = generated;
        Decode::<Vec<types::UserIdentifier>, Formation>::decode(identifiers)
    }

    agent_platform_core::rows_in!("identifiers" of types::UserIdentifier, Formation);
}

impl Decode<types::RemovedIdentifier, Formation> for () {
    fn decode(generated: types::RemovedIdentifier) -> Result<Self, String> {
        let types::RemovedIdentifier { message: _, muxi_user_id: _ } = generated;
        Ok(())
    }
}

impl Decode<types::CredentialService, Formation> for CredentialService {
    fn decode(generated: types::CredentialService) -> Result<Self, String> {
        let types::CredentialService { description, server_id, service } = generated;
        Ok(Self { service, server_id, description, malformed: Malformed::default() })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::CredentialServiceList, Formation> for Vec<CredentialService> {
    fn decode(generated: types::CredentialServiceList) -> Result<Self, String> {
        let types::CredentialServiceList { count: _, services } = generated;
        Decode::<Vec<types::CredentialService>, Formation>::decode(services)
    }

    agent_platform_core::rows_in!("services" of types::CredentialService, Formation);
}

impl Decode<types::StoredCredential, Formation> for StoredCredential {
    fn decode(generated: types::StoredCredential) -> Result<Self, String> {
        let types::StoredCredential { created_at, credential_id, credential_preview, name, service, updated_at } =
            generated;
        let mut malformed = Malformed::default();
        Ok(Self {
            id: credential_id.into(),
            service,
            name,
            preview: credential_preview.map(Secret::from),
            created_at: written_time(created_at, "created_at", &mut malformed),
            updated_at: written_time(updated_at, "updated_at", &mut malformed),
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::StoredCredentialList, Formation> for Vec<StoredCredential> {
    fn decode(generated: types::StoredCredentialList) -> Result<Self, String> {
        let types::StoredCredentialList { count: _, credentials } = generated;
        Decode::<Vec<types::StoredCredential>, Formation>::decode(credentials)
    }

    agent_platform_core::rows_in!("credentials" of types::StoredCredential, Formation);
}

impl Decode<types::DeletedCredential, Formation> for () {
    fn decode(generated: types::DeletedCredential) -> Result<Self, String> {
        let types::DeletedCredential { credential_id: _, deleted: _ } = generated;
        Ok(())
    }
}
