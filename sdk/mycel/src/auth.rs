//! Logging in and registering.

use agent_platform_core::{Secret, resource, send_on_await};
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::model::{AccountSession, GuestSession};
use crate::platform::Session;

resource! {
    /// Logging in and registering; from [`Client::auth`](crate::Client::auth). None of it sends a token, also where the
    /// client has one.
    Auth
}

impl<'c> Auth<'c> {
    /// Makes a guest owner: a person without an account, for whom no token is needed. A guest can make
    /// external agents and talk, but can't use what costs the backend more, such as managed agents.
    ///
    /// Each call makes another guest, so it is not repeated when the response is lost.
    ///
    /// ```
    /// # async fn example(client: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let guest = client.auth().create_guest_owner().display_name("Ada").await?;
    /// let owner = client.with_auth_token(guest.token);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) from a backend that is too old for guests, and what can
    /// befall any call.
    pub fn create_guest_owner(self) -> CreateGuestOwner<'c> {
        CreateGuestOwner { session: self.session, display_name: None }
    }

    /// Logs a registered person in. The identifier is the address, or the account's number in digits.
    ///
    /// The token in the result expires; an hour is usual.
    ///
    /// ```
    /// # async fn example(client: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let session = client.auth().login("ada@example.com", "correct horse").await?;
    /// let ada = client.with_auth_token(session.token);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Unauthorized`](crate::ErrorKind::Unauthorized) if the identifier or the password is wrong.
    /// - [`NotFound`](crate::ErrorKind::NotFound) from a backend without accounts (the communication
    ///   profile); [`backend_info`](crate::Client::backend_info) tells before.
    /// - What can befall any call.
    pub async fn login(
        self,
        identifier: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Result<AccountSession, Error> {
        let mut request = self.session.request_without_credentials(&operations::LOGIN);
        let body = types::LoginRequest { identifier: identifier.into(), password: request.carry(password.into()) };
        let outcome = request.api.login(&body).await;
        request.finish(outcome)
    }

    /// Begins a registration: has a one-time code sent to the address. Each call sends another e-mail, so it
    /// is not repeated once it may have reached the backend.
    ///
    /// ```
    /// # async fn example(client: mycel_sdk::Client) -> Result<(), mycel_sdk::Error> {
    /// let auth = client.auth();
    /// auth.send_otp("ada@example.com", "correct horse", "INVITE-1").await?;
    /// let temp_token = auth.verify_otp("ada@example.com", "123456").await?;
    /// let session = auth.complete_register(temp_token, "INVITE-1").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the invite code is invalid or used up, if the address is
    ///   registered already, or if the e-mail could not be sent.
    /// - [`NotFound`](crate::ErrorKind::NotFound) from a backend without accounts.
    /// - What can befall any call.
    pub async fn send_otp(
        self,
        email: impl Into<String>,
        password: impl Into<Secret>,
        invite_code: impl Into<Secret>,
    ) -> Result<(), Error> {
        let mut request = self.session.request_without_credentials(&operations::SEND_OTP);
        let body = types::SendOtpRequest {
            email: email.into(),
            password: request.carry(password.into()),
            invite_code: request.carry(invite_code.into()),
        };
        let outcome = request.api.send_otp(&body).await;
        request.finish(outcome)
    }

    /// Goes on with a registration: shows that the one-time code arrived. Returns a temporary token for
    /// [`complete_register`](Self::complete_register).
    ///
    /// # Errors
    ///
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the code is wrong or too old.
    /// - [`NotFound`](crate::ErrorKind::NotFound) from a backend without accounts.
    /// - What can befall any call. If the response was lost, the code may be used up: begin again.
    pub async fn verify_otp(self, email: impl Into<String>, code: impl Into<Secret>) -> Result<Secret, Error> {
        let mut request = self.session.request_without_credentials(&operations::VERIFY_OTP);
        let body = types::VerifyOtpRequest { email: email.into(), token: request.carry(code.into()) };
        let outcome = request.api.verify_otp(&body).await;
        request.finish(outcome)
    }

    /// Completes a registration: makes the account. It is safe to repeat with the same temporary token.
    ///
    /// # Errors
    ///
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the temporary token has expired, or if the invite code
    ///   is invalid or used up.
    /// - [`NotFound`](crate::ErrorKind::NotFound) from a backend without accounts.
    /// - What can befall any call.
    pub async fn complete_register(
        self,
        temp_token: impl Into<Secret>,
        invite_code: impl Into<Secret>,
    ) -> Result<AccountSession, Error> {
        let mut request = self.session.request_without_credentials(&operations::COMPLETE_REGISTER);
        let body = types::CompleteRegisterRequest {
            temp_token: request.carry(temp_token.into()),
            invite_code: request.carry(invite_code.into()),
        };
        let outcome = request.api.complete_register(&body).await;
        request.finish(outcome)
    }
}

/// The request of [`Auth::create_guest_owner`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateGuestOwner<'c> {
    session: &'c Session,
    display_name: Option<String>,
}

impl CreateGuestOwner<'_> {
    /// The name that others see. The backend takes "Guest" where it is blank or not set.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    async fn send(self) -> Result<GuestSession, Error> {
        let request = self.session.request_without_credentials(&operations::CREATE_GUEST_OWNER);
        let body = types::CreateGuestOwnerRequest { display_name: self.display_name };
        let outcome = request.api.create_guest_owner(&body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateGuestOwner, GuestSession);
