//! Secrets.

use agent_platform_core::answered::{FromAnswer, Rest};
use agent_platform_core::model;
use muxi_formation_client::types;

use crate::id::SecretName;
use crate::platform::Formation;

model! {
    Formation;
    /// What reading the secrets anew has changed.
    ReloadedSecrets from types::ReloadedSecrets {
        /// Those that were not there before.
        added: Vec<SecretName>,
        /// Those that have another value now.
        overwritten: Vec<SecretName>,
        /// Those that stayed as they were.
        preserved: Vec<SecretName>,
        /// How many there are now.
        count: Option<i64>,
    } rest { message }
}

impl FromAnswer<Option<Vec<String>>, Formation> for Vec<SecretName> {
    #[inline]
    fn take(generated: Option<Vec<String>>, _: &str, _: &mut Rest) -> Self {
        generated.unwrap_or_default().into_iter().map(SecretName::from).collect()
    }
}
