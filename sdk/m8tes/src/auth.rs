//! Accounts and their keys. Calls here carry no key.

use std::time::Duration;

use agent_platform_core::{Secret, resource, send_on_await};
use m8tes_web_backend_client::{operations, types};

use crate::error::Error;
use crate::model::{NewToken, SignedUp};
use crate::platform::Session;

/// How long these calls may take, where the client is not less patient.
const PATIENCE: Duration = Duration::from_secs(30);

resource! {
    /// Signing up, and new keys; from [`Client::auth`](crate::Client::auth).
    Auth
}

impl<'c> Auth<'c> {
    /// Makes an account for this address and first name. Without a password it waits for its owner to activate it.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), m8tes_sdk::Error> {
    /// use m8tes_sdk::Client;
    ///
    /// let made = Client::builder_without_key().build()?.auth().sign_up("ada@example.com", "Ada").password("…").await?;
    /// let client = Client::builder(made.api_key).build()?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if there is an account of this address.
    pub fn sign_up(self, email: impl Into<String>, first_name: impl Into<String>) -> SignUp<'c> {
        let body = types::Signup {
            email: email.into(),
            first_name: first_name.into(),
            last_name: Some(String::new()),
            password: None,
            product: Some(types::SignupProduct::Api),
            require_end_user_id: None,
        };
        SignUp { session: self.session, body, password: None }
    }

    /// Makes a new key to an account. The one before is dead at once, wherever it is used.
    ///
    /// # Errors
    ///
    /// [`Unauthorized`](crate::ErrorKind::Unauthorized) if address and password do not fit.
    pub async fn token(self, email: impl Into<String>, password: impl Into<Secret>) -> Result<NewToken, Error> {
        let session = patient(self.session);
        let mut request = session.request_without_credentials(&operations::CREATE_TOKEN);
        let password = request.carry(password.into());
        let outcome = request.api.create_token(&types::TokenRequest { email: email.into(), password }).await;
        request.finish(outcome)
    }
}

fn patient(session: &Session) -> Session {
    session.with_limits(|limits| {
        limits.attempt = limits.attempt.min(PATIENCE);
        limits.overall = limits.overall.min(PATIENCE);
    })
}

/// The request of [`Auth::sign_up`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct SignUp<'c> {
    session: &'c Session,
    body: types::Signup,
    password: Option<Secret>,
}

impl SignUp<'_> {
    /// The last name.
    pub fn last_name(mut self, last_name: impl Into<String>) -> Self {
        self.body.last_name = Some(last_name.into());
        self
    }

    /// The password, for [`token`](Auth::token) later on.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Whether each call has to say for which user it is. It has to unless set.
    pub fn require_end_user_id(mut self, require: bool) -> Self {
        self.body.require_end_user_id = Some(require);
        self
    }

    /// Makes an account for people who use m8tes itself, not one for programs.
    pub fn for_platform(mut self) -> Self {
        self.body.product = Some(types::SignupProduct::Platform);
        self
    }

    async fn send(self) -> Result<SignedUp, Error> {
        let Self { session, mut body, password } = self;
        let session = patient(session);
        let mut request = session.request_without_credentials(&operations::SIGN_UP);
        if body.first_name.trim().is_empty() {
            return Err(request.refuse("the first name is empty"));
        }
        body.password = password.map(|password| request.carry(password));
        let outcome = request.api.sign_up(&body).await;
        request.finish(outcome)
    }
}

send_on_await!(SignUp, SignedUp);
