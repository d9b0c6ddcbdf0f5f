//! One backend's connections, and the rules that hold for every call over them.

use std::sync::Arc;
use std::time::Duration;

use crate::call::Call;
use crate::limits::TimeLimits;
use crate::retry::{RetryBudget, RetryPolicy};
use crate::secret::BearerToken;

/// How long an idle connection is kept. Shorter than the 5 s after which uvicorn, which FastAPI backends
/// mostly run on, closes one: a request that is sent just when the other side closes is lost, and one that
/// may not be repeated then fails for no good reason.
const IDLE_CONNECTION: Duration = Duration::from_secs(4);

/// One backend's connection pool, limits, retry policy and retry budget.
///
/// Cloning is cheap, and clones share all of it.
#[derive(Clone, Debug)]
pub struct Transport {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) limits: TimeLimits,
    pub(crate) max_response_bytes: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: RetryBudget,
}

impl Transport {
    /// Starts with the defaults.
    pub fn builder() -> TransportBuilder {
        TransportBuilder {
            limits: TimeLimits::default(),
            max_response_bytes: 32 * 1024 * 1024,
            retry: RetryPolicy::default(),
            user_agent: concat!("agent-sdk-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// The HTTP client, which the generated client builds its requests with.
    pub fn http(&self) -> &reqwest::Client {
        &self.shared.http
    }

    /// A call that is about to be made, with this token or none.
    pub fn call(&self, token: Option<&BearerToken>) -> Call {
        Call::new(Arc::clone(&self.shared), token.cloned())
    }
}

/// Sets up a [`Transport`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct TransportBuilder {
    limits: TimeLimits,
    max_response_bytes: usize,
    retry: RetryPolicy,
    user_agent: String,
}

impl TransportBuilder {
    /// The limits on time.
    pub fn limits(mut self, limits: TimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The bound on a response's body, in bytes. 32 MiB unless set.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// The retry policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The `User-Agent` header.
    pub fn user_agent(mut self, value: impl Into<String>) -> Self {
        self.user_agent = value.into();
        self
    }

    /// Makes the transport. Nothing is connected yet.
    ///
    /// Redirects are not followed: a redirected request would take its body, or lose it, to where nobody
    /// has decided to send it. Proxies that the environment names are not used.
    ///
    /// # Errors
    ///
    /// If the user agent can't be a header's value, or the platform's TLS certificates can't be loaded.
    pub fn build(self) -> Result<Transport, BuildError> {
        let http = reqwest::Client::builder()
            .user_agent(self.user_agent)
            .connect_timeout(self.limits.connect)
            .pool_idle_timeout(IDLE_CONNECTION)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(BuildError)?;
        let shared = Shared {
            http,
            limits: self.limits,
            max_response_bytes: self.max_response_bytes,
            retry: self.retry,
            budget: RetryBudget::new(),
        };
        Ok(Transport { shared: Arc::new(shared) })
    }
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up")]
pub struct BuildError(#[source] reqwest::Error);
