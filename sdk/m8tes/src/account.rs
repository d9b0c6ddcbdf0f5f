//! The account: what it has used, and whether its address is verified.

use agent_platform_core::resource;
use m8tes_web_backend_client::operations;

use crate::error::Error;
use crate::model::{Notice, Usage, VerificationStatus};

resource! {
    /// The account; from [`Client::account`](crate::Client::account).
    Account
}

impl Account<'_> {
    /// What the account has used of its plan.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from telling it.
    pub async fn usage(self) -> Result<Usage, Error> {
        let request = self.session.request(&operations::GET_USAGE);
        let outcome = request.api.get_usage().await;
        request.finish(outcome)
    }

    /// Whether the account's address is verified.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from telling it.
    pub async fn verification_status(self) -> Result<VerificationStatus, Error> {
        let request = self.session.request(&operations::GET_VERIFICATION_STATUS);
        let outcome = request.api.get_verification_status().await;
        request.finish(outcome)
    }

    /// Has the e-mail that verifies the address sent again.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being sent.
    pub async fn resend_verification(self) -> Result<Notice, Error> {
        let request = self.session.request(&operations::RESEND_VERIFICATION);
        let outcome = request.api.resend_verification().await;
        request.finish(outcome)
    }
}
