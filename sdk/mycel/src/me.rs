//! The user whom the auth token belongs to.

use agent_platform_core::resource;
use mycel_web_backend_client::operations;

use crate::error::Error;
use crate::model::User;

resource! {
    /// The user whom the auth token belongs to; from [`Client::me`](crate::Client::me).
    Me
}

impl Me<'_> {
    /// Who that user is. It is the way to find out whether a token is good.
    ///
    /// ```
    /// # async fn example(client: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let me = client.me().whoami().await?;
    /// println!("{} ({}), a guest: {}", me.name, me.id, me.is_guest);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unauthorized`](crate::ErrorKind::Unauthorized) if no token was set, if it is invalid or expired, or
    /// if its user is no more; and what can befall any call.
    pub async fn whoami(self) -> Result<User, Error> {
        let request = self.session.request(&operations::WHOAMI);
        let outcome = request.api.whoami().await;
        request.finish(outcome)
    }
}
