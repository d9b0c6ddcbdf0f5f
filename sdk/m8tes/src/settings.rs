//! How the account is set.

use agent_platform_core::{request, resource};
use m8tes_web_backend_client::{operations, types};

use crate::error::Error;
use crate::model::{AccountSettings, RetentionMode};

resource! {
    /// The account's settings; from [`Client::settings`](crate::Client::settings).
    AccountSetup
}

impl<'c> AccountSetup<'c> {
    /// How the account is set now.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from telling it.
    pub async fn get(self) -> Result<AccountSettings, Error> {
        let request = self.session.request(&operations::GET_SETTINGS);
        let outcome = request.api.get_settings().await;
        request.finish(outcome)
    }

    /// Sets it: what is not said stays as it is.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// // No limit on runs; calls need not say for which user they are.
    /// client.settings().update().per_end_user_run_limit(None).require_end_user_id(false).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(self) -> UpdateSettings<'c> {
        UpdateSettings::new(self.session, (), types::SettingsUpdate::default())
    }
}

request! {
    /// The request of [`AccountSetup::update`]. Where `None` may be given, it means: no limit.
    UpdateSettings((), types::SettingsUpdate) -> AccountSettings, UPDATE_SETTINGS {
        /// Whether each call has to say for which user it is.
        flag require_end_user_id: require_end_user_id;
        /// How many runs a user of yours may start.
        nullable_number per_end_user_run_limit: per_end_user_run_limit;
        /// How many US cents a user of yours may spend.
        nullable_number per_end_user_cost_limit_cents: per_end_user_cost_limit_cents;
        /// How many requests may be made for a user of yours in a minute.
        nullable_number per_end_user_rate_per_minute: per_end_user_rate_per_minute;
        /// What is kept of runs.
        choice retention_mode: retention_mode as RetentionMode;
        /// Whether e-mails ask for approval.
        flag approval_email_enabled: approval_email_enabled;
        /// Whether Slack asks for approval.
        flag approval_slack_enabled: approval_slack_enabled;
        /// Whether e-mails tell results.
        flag result_email_enabled: result_email_enabled;
        /// Whether Slack tells results.
        flag result_slack_enabled: result_slack_enabled;
    }
    |request, _none, body| request.api.update_settings(&body).await
}
