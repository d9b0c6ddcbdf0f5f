//! Every operation of a contract under every fault of the network: what its caller is told is true, nothing happens twice
//! that must not, and the client goes on working.
//!
//! A facade's suite implements [`Facade`] over a local backend, and calls [`every_operation_under_every_fault`].

mod flows;
mod hastened;
mod judge;
mod matrix;
mod scenarios;

use std::net::SocketAddr;
use std::path::Path;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::PublicOperation;
use crate::engine::{Rules, Settings, Told};

pub use flows::{Flows, Read, Reading, every_answer_that_comes_in_pieces_under_every_fault};
pub use matrix::every_operation_under_every_fault;

/// An adapter: how a facade is used, over a local backend that is its own.
pub trait Facade: Sized + Send + Sync + 'static {
    /// What calls are made with.
    type Client: Clone + Send + Sync + 'static;

    /// What the platform is called.
    const PLATFORM: &str;

    /// What the platform wants otherwise than most.
    const RULES: Rules = Rules::COMMON;

    /// The folder of its contract.
    const DOCUMENT: &str;

    /// The operations of the contract that take no part, each with the reason.
    const LEFT_OUT: &[(&str, &str)] = &[];

    /// What changes something and leaves nothing behind that could be counted, each with the reason.
    const LEAVES_NOTHING: &[(&str, &str)] = &[];

    /// All that the faults befall: every operation of the contract that is not left out, each at least once.
    fn subjects() -> Vec<Subject>;

    /// Starts a backend with this database.
    fn start(data: &Path) -> impl Future<Output = Self> + Send;

    /// Where the backend listens.
    fn address(&self) -> SocketAddr;

    /// A client of the backend behind this URL.
    fn client(url: &str, settings: Settings) -> Self::Client;

    /// Prepares a call of the subject with this name, on things that nobody else uses. Nothing of it goes through the
    /// network with the faults. Where there is no such subject it panics, and says where one is to be added.
    fn prepare(&self, subject: &str) -> impl Future<Output = Case<Self::Client>> + Send;

    /// Makes a call that always succeeds, and says what is wrong with its outcome.
    fn check(&self, client: &Self::Client) -> impl Future<Output = Result<(), String>> + Send;

    /// Ends the backend, whose database holds everything then.
    fn shutdown(self) -> impl Future<Output = ()> + Send;
}

/// What the faults befall: an operation, called in one way.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The operation's name, or where it is called in another way besides, one that begins with it.
    pub name: String,
    /// The operation.
    pub operation: PublicOperation,
    /// How an attempt ends that comes to the backend after it has acted on one.
    pub again: Again,
    /// Whether the answer may be any object, since no field of it has to be there.
    pub is_lenient: bool,
    /// Whether the answer is a text that is always the same, so that any other is none of the contract's.
    pub is_one_text: bool,
    /// Whether the facade makes another attempt only where it is certain that the backend has not acted, whatever the
    /// operation allows.
    pub is_sent_once: bool,
    /// The operation that the facade carries out first, which the fault spares unless it befalls connections.
    pub behind: Option<PublicOperation>,
    /// The status of the refusal that the facade takes for the success, by what its body says.
    pub succeeds_with: Option<u16>,
    /// Whether it would spoil what others count, so that it has a backend to itself.
    pub is_alone: bool,
    /// Whether an attempt may take far longer than the client's limit, so that nobody waits for that to run out.
    pub outlasts_limits: bool,
    /// Whether the facade itself bounds the whole call, by less than an attempt has here.
    pub is_bounded: bool,
}

impl From<PublicOperation> for Subject {
    /// An operation that can be carried out again and again, or never is.
    fn from(operation: PublicOperation) -> Self {
        Self {
            name: operation.name.clone(),
            operation,
            again: Again::Same,
            is_lenient: false,
            is_one_text: false,
            is_sent_once: false,
            behind: None,
            succeeds_with: None,
            is_alone: false,
            outlasts_limits: false,
            is_bounded: false,
        }
    }
}

/// How an attempt ends that comes to the backend after it has acted on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// As the first.
    Same,
    /// With this status, which the facade takes for the success that was lost.
    Gone(u16),
    /// As the first, and the facade makes so many further requests, to make up for what was lost.
    Followed(usize),
}

/// How a call ended.
pub type Outcome = Result<(), Box<Told>>;

/// A call that is ready to be made, once.
pub struct Case<C> {
    call: Box<dyn FnOnce(C) -> BoxFuture<'static, Outcome> + Send>,
    effects: Effects,
}

/// What a call leaves behind on the backend: 0 before it was carried out, 1 after.
enum Effects {
    /// It only reads.
    None,
    /// What this query of its database counts.
    Stored { query: String, parameters: Vec<String> },
    /// What is counted while the backend runs.
    Running(BoxFuture<'static, i64>),
    /// What was counted so.
    Counted(i64),
}

impl Effects {
    fn stored<P: ToString>(query: impl Into<String>, parameters: impl IntoIterator<Item = P>) -> Self {
        let parameters = parameters.into_iter().map(|parameter| parameter.to_string()).collect();
        Self::Stored { query: query.into(), parameters }
    }

    /// Counts what has to be counted while the backend runs.
    async fn while_running(self) -> Self {
        match self {
            Self::Running(count) => Self::Counted(count.await),
            other => other,
        }
    }
}

impl<C> Case<C> {
    /// A call that only reads.
    pub fn new<F>(call: impl FnOnce(C) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Self { call: Box::new(|client| call(client).boxed()), effects: Effects::None }
    }

    /// The same, of which this query of SQL counts what it leaves behind: 0 before it was carried out, 1 after.
    #[must_use]
    pub fn leaves<P: ToString>(mut self, query: impl Into<String>, parameters: impl IntoIterator<Item = P>) -> Self {
        self.effects = Effects::stored(query, parameters);
        self
    }

    /// The same, whose backend does not store what it leaves behind: this counts it when all calls are over, before the
    /// backend ends.
    #[must_use]
    pub fn leaves_in_memory(mut self, count: impl Future<Output = i64> + Send + 'static) -> Self {
        self.effects = Effects::Running(count.boxed());
        self
    }
}
