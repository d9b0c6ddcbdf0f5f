//! Users, external agents among them.

use agent_platform_core::{path_problem, resource};
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::UserId;
use crate::model::ExternalSession;
use crate::platform::Mycel;

resource! {
    /// Users, external agents among them; from [`Client::users`](crate::Client::users).
    Users
}

impl Users<'_> {
    /// Makes an external agent, owned by the caller: a user whose runtime lives outside of the backend.
    ///
    /// The id is the caller's choice, must be new to the whole backend, and is for good. The backend takes
    /// off the spaces around both arguments. The token in the result is given this once: a second call with
    /// the same id is a conflict, whoever makes it.
    ///
    /// ```
    /// # async fn example(owner: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let codex = owner.users().create_external("codex-1", "Codex").await?;
    /// let agent = owner.with_auth_token(codex.token);
    /// assert_eq!(agent.me().whoami().await?.id, "codex-1");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id or the name is blank, or if the id is
    ///   `.` or `..`, holds a `/` or `\`, or is longer than 8 KiB: the backend would take it, but nobody could address its
    ///   relationships and join requests later.
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the id is taken.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller may not make agents; agents themselves
    ///   can't.
    /// - What can befall any call. If the response was lost
    ///   ([`may_have_been_sent`](Error::may_have_been_sent)), the agent may be there and its token is gone:
    ///   choose another id.
    pub async fn create_external(
        self,
        user_id: impl Into<UserId>,
        display_name: impl Into<String>,
    ) -> Result<ExternalSession, Error> {
        let request = self.session.request(&operations::CREATE_EXTERNAL_USER);
        let (user_id, display_name) = (user_id.into(), display_name.into());
        if let Some(problem) = path_problem::<Mycel>(user_id.as_str().trim()) {
            return Err(request.refuse(format!("the new user's id {problem}; choose one without")));
        }
        if display_name.trim().is_empty() {
            return Err(request.refuse("the display name is blank; choose one that others can see"));
        }
        let body = types::CreateExternalUserRequest { user_id: user_id.into(), display_name };
        let outcome = request.api.create_external_user(&body).await;
        request.finish(outcome)
    }
}
