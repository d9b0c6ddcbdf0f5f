//! What every facade's engine promises, as tests that run over an adapter to the facade: what is attempted again, how
//! limits, redirects and proxies are kept, what becomes of answers that no well-behaved server sends.
//!
//! A facade's suite implements [`Facade`] and says `test_harness::engine_tests!(ItsAdapter);`.

pub mod answers;
pub mod blocking;
pub mod company;
pub mod connections;
pub mod failures;
pub mod limits;
pub mod proxies;
pub mod redirects;
pub mod retries;
pub mod runtimes;
pub mod secrets;
pub mod traces;

use std::fmt::Debug;
use std::time::Duration;

use crate::ClientIdentity;

/// An adapter: how the engine's tests use a facade.
pub trait Facade: Send + Sync + 'static {
    /// What calls are made with.
    type Client: Clone + Debug + Send + Sync + 'static;

    /// What the facade puts behind the URL that it is given.
    const BASE_PATH: &str = "";

    /// What the platform wants otherwise than most.
    const RULES: Rules = Rules::COMMON;

    /// A call that may be repeated.
    const READ: SampleCall;

    /// A call that must not happen twice.
    const WRITE: SampleCall;

    /// The environment's variable with the backend's URL.
    const BASE_URL_VARIABLE: &str;

    /// The environment's variable with the token or key.
    const SECRET_VARIABLE: &str;

    /// A client as the environment describes it.
    fn client_from_env() -> Result<Self::Client, Box<Told>>;

    /// A client of the backend at this URL, who shows itself by the secret of the settings.
    fn client(url: &str, settings: Settings) -> Result<Self::Client, Box<Told>>;

    /// Makes the call that may be repeated.
    fn read(client: &Self::Client) -> impl Future<Output = Result<(), Box<Told>>> + Send;

    /// Makes the call that must not happen twice.
    fn write(client: &Self::Client) -> impl Future<Output = Result<(), Box<Told>>> + Send;

    /// Makes the call that may be repeated, and waits.
    fn read_blocking(client: &Self::Client) -> Result<(), Box<Told>>;

    /// Makes the call that must not happen twice, and waits.
    fn write_blocking(client: &Self::Client) -> Result<(), Box<Told>>;
}

/// The token or key that clients have.
pub const SECRET: &str = "tok-123";

/// After which answers a call goes on, as a platform wants it.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The statuses after which what may be repeated is.
    pub repeated: &'static [u16],
    /// Those of them after which a POST is not, whatever key it carries.
    pub final_on_post: &'static [u16],
    /// Whether what must not happen twice is sent again after 429, which says that nothing was done.
    pub again_after_429: bool,
    /// The redirects that are followed within the backend's own origin.
    pub followed: &'static [u16],
}

impl Rules {
    /// Those of most platforms.
    pub const COMMON: Self =
        Self { repeated: &[408, 429, 502, 503, 504], final_on_post: &[], again_after_429: true, followed: &[] };
}

/// A call of an adapter, as it is on the wire.
#[derive(Clone, Copy, Debug)]
pub struct SampleCall {
    /// The operation's name in the contract.
    pub operation: &'static str,
    /// Such as `GET`.
    pub method: &'static str,
    /// What comes behind the URL that the client is given.
    pub path: &'static str,
    /// The path as the contract has it, with names for its parameters.
    pub template: &'static str,
    /// The body of an answer that it takes.
    pub answer: &'static str,
}

/// What is set of a client. What is absent stays as the facade has it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The token or key; [`SECRET`] if it is absent.
    pub secret: Option<String>,
    /// The most that it may take to make a connection.
    pub connect_timeout: Option<Duration>,
    /// The most that an attempt may take.
    pub attempt_timeout: Option<Duration>,
    /// The most that a call may take.
    pub overall_timeout: Option<Duration>,
    /// The largest body that is read.
    pub max_response_bytes: Option<usize>,
    /// What is attempted again.
    pub retry: Retry,
    /// Whether the environment's proxies are used.
    pub proxy_from_env: bool,
    /// The URL of a proxy, which counts more than those of the environment.
    pub proxy: Option<String>,
    /// Certificates to be trusted besides, in PEM form.
    pub root_certificates: Vec<String>,
    /// Whether those alone are trusted.
    pub added_roots_alone: bool,
    /// What the client shows of itself in TLS.
    pub identity: Option<ClientIdentity>,
    /// Whether no TLS before 1.3 is taken.
    pub tls_1_3_alone: bool,
    /// What finds hosts.
    pub names: Option<company::Names>,
    /// What opens connections.
    pub doors: Option<company::Doors>,
}

impl Settings {
    /// The token or key.
    pub fn secret(&self) -> &str {
        self.secret.as_deref().unwrap_or(SECRET)
    }
}

/// What is attempted again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    /// As the facade has it, with pauses of a millisecond or two.
    #[default]
    Quick,
    /// As many attempts, with such pauses.
    Attempts(u32),
    /// Nothing.
    Never,
}

/// What a facade's error tells, in terms that all of them share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The kind's name.
    pub kind: String,
    /// The operation's name.
    pub operation: Option<&'static str>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The backend's own text.
    pub detail: Option<String>,
    /// What the backend calls the request.
    pub request_id: Option<String>,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether the backend may have acted.
    pub may_have_been_sent: bool,
    /// How long the backend asks to wait.
    pub retry_after: Option<Duration>,
    /// What a person reads.
    pub line: String,
    /// All that a program could print of it.
    pub printed: String,
}

impl Told {
    /// Whether nothing was sent, for what is wrong with an argument or a setting.
    pub fn is_refused(&self) -> bool {
        (self.kind.as_str(), self.attempts, self.may_have_been_sent) == ("InvalidInput", 0, false)
    }
}

/// All that the causes of an error say.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(" {cause} {cause:?} {cause:#?}");
        source = cause.source();
    }
    text
}

/// What a facade's error tells, as [`Told`]: the methods of errors have the same names in every facade, and belong to no
/// trait. What else the error shows of what a backend said comes behind it: `told!(error, error.field_errors())`.
#[macro_export]
macro_rules! told {
    ($error:expr $(, $more:expr)*) => {{
        let error = &$error;
        let mut printed = format!("{error} {error:?} {error:#?} {:?} {:?}", error.detail(), error.request_id());
        $(printed += &format!(" {:?}", $more);)*
        printed += &$crate::engine::causes(error);
        Box::new($crate::engine::Told {
            kind: format!("{:?}", error.kind()),
            operation: error.operation(),
            status: error.status(),
            detail: error.detail().map(str::to_owned),
            request_id: error.request_id().map(str::to_owned),
            attempts: error.attempts(),
            may_have_been_sent: error.may_have_been_sent(),
            retry_after: error.retry_after(),
            line: error.to_string(),
            printed,
        })
    }};
}

/// A client's builder of this facade's crate with these settings: its methods, too, have the same names in every facade.
#[macro_export]
macro_rules! with_settings {
    ($facade:ident, $builder:expr, $settings:expr) => {{
        let (settings, mut builder): ($crate::engine::Settings, _) = ($settings, $builder);
        let pause = std::time::Duration::from_millis(1);
        let quick = $facade::RetryPolicy::default().base_delay(pause).max_delay(2 * pause);
        builder = builder.retry(match settings.retry {
            $crate::engine::Retry::Quick => quick,
            $crate::engine::Retry::Attempts(count) => quick.max_attempts(count),
            $crate::engine::Retry::Never => $facade::RetryPolicy::never(),
        });
        if let Some(limit) = settings.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        if let Some(limit) = settings.attempt_timeout {
            builder = builder.attempt_timeout(limit);
        }
        if let Some(limit) = settings.overall_timeout {
            builder = builder.overall_timeout(limit);
        }
        if let Some(bytes) = settings.max_response_bytes {
            builder = builder.max_response_bytes(bytes);
        }
        if settings.proxy_from_env {
            builder = builder.proxy_from_env();
        }
        if let Some(url) = settings.proxy {
            builder = builder.proxy(url);
        }
        for certificates in settings.root_certificates {
            builder = builder.add_root_certificates(certificates);
        }
        if settings.added_roots_alone {
            builder = builder.trust_added_roots_alone();
        }
        if let Some(identity) = settings.identity {
            builder = builder.client_certificate(identity.certificate, identity.key);
        }
        if settings.tls_1_3_alone {
            builder = builder.require_tls_1_3();
        }
        if let Some(names) = settings.names {
            builder = builder.resolver(move |host| names.clone().find(host));
        }
        if let Some(doors) = settings.doors {
            builder = builder.connector(move |host, port| doors.clone().open(host, port));
        }
        builder
    }};
}

/// The tests of every facade's engine, as tests of this one.
#[macro_export]
macro_rules! engine_tests {
    ($facade:ty) => {
        $crate::answers!($facade);
        $crate::blocking!($facade);
        $crate::company!($facade);
        $crate::connections!($facade);
        $crate::failures!($facade);
        $crate::limits!($facade);
        $crate::proxies!($facade);
        $crate::redirects!($facade);
        $crate::retries!($facade);
        $crate::runtimes!($facade);
        $crate::secrets!($facade);
        $crate::traces!($facade);
    };
}

/// Lists the tests of a suite, so that facades run them. A function that is left out is dead code, which is denied.
macro_rules! suite {
    ($d:tt $suite:ident: $($test:ident)* $(, properties: $($property:ident)*)?) => {
        #[doc(hidden)]
        pub mod run {
            $(pub async fn $test<F: $crate::engine::Facade>() {
                super::$test::<F>().await;
            })*
            $($(pub fn $property<F: $crate::engine::Facade>() {
                super::$property::<F>();
            })*)?
        }

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $suite {
            ($d facade:ty) => {
                mod $suite {
                    use super::*;

                    $(#[tokio::test]
                    async fn $test() {
                        $crate::engine::$suite::run::$test::<$d facade>().await;
                    })*

                    $($(#[test]
                    fn $property() {
                        $crate::engine::$suite::run::$property::<$d facade>();
                    })*)?
                }
            };
        }
    };
}

use suite;
