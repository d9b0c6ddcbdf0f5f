//! Users and their credentials.

use agent_platform_core::{Decode, Secret, Timestamp, model};
use muxi_formation_client::types;

use crate::id::{CredentialId, Identifier, MuxiUserId};
use crate::platform::Formation;

model! {
    Formation;
    /// Whom an identifier names.
    ResolvedUser from types::ResolvedUser {
        /// MUXI's own id of the user.
        id (muxi_user_id = "muxi_user_id"): MuxiUserId,
        /// The identifier.
        identifier: Option<Identifier>,
        /// The number that the formation's database has for the user.
        internal_id (internal_user_id = "internal_user_id"): Option<i64>,
    } rest {}
}

model! {
    Formation;
    /// Something that names a user.
    UserIdentifier from types::UserIdentifier {
        /// The identifier.
        identifier: Identifier,
        /// What kind of identifier it is, such as `email`.
        kind (type_ = "type"): Option<String>,
        /// Since when it names the user; `None` where it was just given.
        created_at: Option<Timestamp>,
    } rest {}
}

model! {
    Formation;
    /// A service that credentials can be kept for.
    CredentialService from types::CredentialService {
        /// Its name, which [`create`](crate::UserCredentials::create) takes.
        service: String,
        /// The MCP server that uses them.
        server_id: Option<String>,
        /// What it is.
        description: Option<String>,
    } rest {}
}

model! {
    Formation;
    /// A credential of a user's, without what is in it.
    StoredCredential from types::StoredCredential {
        /// Its id.
        id (credential_id = "credential_id"): CredentialId,
        /// The service that it is for.
        service: Option<String>,
        /// What it is called.
        name: Option<String>,
        /// A part of what is in it: of its text where it was just made, and else of what that is encrypted to.
        preview (credential_preview = "credential_preview"): Option<Secret>,
        /// Since when it is kept.
        created_at: Option<Timestamp>,
        /// When it was changed.
        updated_at: Option<Timestamp>,
    } rest {}, read only
}

impl Decode<types::UserIdentifierList, Formation> for Vec<UserIdentifier> {
    #[inline]
    fn decode(generated: types::UserIdentifierList) -> Result<Self, String> {
        let types::UserIdentifierList { count: _, identifiers, internal_user_id: _, muxi_user_id: _ } = generated;
        Decode::<Vec<types::UserIdentifier>, Formation>::decode(identifiers)
    }

    agent_platform_core::rows_in!("identifiers" of types::UserIdentifier, Formation);
}

impl Decode<types::RemovedIdentifier, Formation> for () {
    #[inline]
    fn decode(generated: types::RemovedIdentifier) -> Result<Self, String> {
        let types::RemovedIdentifier { message: _, muxi_user_id: _ } = generated;
        Ok(())
    }
}

impl Decode<types::CredentialServiceList, Formation> for Vec<CredentialService> {
    #[inline]
    fn decode(generated: types::CredentialServiceList) -> Result<Self, String> {
        let types::CredentialServiceList { count: _, services } = generated;
        Decode::<Vec<types::CredentialService>, Formation>::decode(services)
    }

    agent_platform_core::rows_in!("services" of types::CredentialService, Formation);
}

impl Decode<types::StoredCredentialList, Formation> for Vec<StoredCredential> {
    #[inline]
    fn decode(generated: types::StoredCredentialList) -> Result<Self, String> {
        let types::StoredCredentialList { count: _, credentials } = generated;
        Decode::<Vec<types::StoredCredential>, Formation>::decode(credentials)
    }

    agent_platform_core::rows_in!("credentials" of types::StoredCredential, Formation);
}

impl Decode<types::DeletedCredential, Formation> for () {
    #[inline]
    fn decode(generated: types::DeletedCredential) -> Result<Self, String> {
        let types::DeletedCredential { credential_id: _, deleted: _ } = generated;
        Ok(())
    }
}
