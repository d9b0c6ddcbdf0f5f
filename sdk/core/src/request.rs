//! One call on its way through a generated client, and the way back from its types to a facade's.

use progenitor_client::{Error as TransportError, ResponseValue};

use crate::call::Call;
use crate::failure::Failure;
use crate::operation::Operation;
use crate::secret::Secret;
use crate::session::{Context, Session};

/// A generated client. Each generated crate implements it.
pub trait Generated {
    /// A client for one call.
    fn over(base_url: &str, requests: reqwest::Client, call: Call) -> Self;
}

/// What a facade has of its own. It is implemented for a type without values that is private to the facade, so that
/// nothing of the engine shows in the facade's public API.
pub trait Platform: Sized + 'static {
    /// The generated client.
    type Api: Generated;
    /// The error of every call.
    type Error;

    /// What characters no id may have that is put into a path: those that would lead to another route than its own.
    const NOT_IN_IDS: &'static [char];

    /// The error about an argument or setting that is refused before anything is sent.
    fn refused(operation: Option<&'static Operation>, problem: String) -> Self::Error;

    /// The error of a call that failed.
    fn failed(failure: Failure, context: &Context<'_>) -> Self::Error;
}

/// An id that can be a segment of a path.
///
/// `P` is the platform that it is an id of. Since that is a private type, this is no part of a facade's public API.
pub trait PathId<P> {
    /// What it is the id of, in words.
    const KIND: &'static str;

    /// The id.
    fn as_text(&self) -> &str;
}

/// The longest id that is put into a path, in bytes. It may become three times as long there, a path may hold two,
/// and a URL has room for less than 64 KiB.
const LONGEST_ID: usize = 8 * 1024;

/// Says why an id can't be a segment of a path: as one it would reach another route than its own, or none.
/// A URL drops `.` and `..`, and a backend takes an encoded `/` for a real one.
pub fn path_problem<P: Platform>(id: &str) -> Option<String> {
    let problem = match id {
        "" => "is empty",
        "." | ".." => "is `.` or `..`",
        _ if id.contains(P::NOT_IN_IDS) => {
            let named: Vec<_> = P::NOT_IN_IDS.iter().map(|character| format!("`{character}`")).collect();
            return Some(format!("holds a {}", named.join(" or ")));
        }
        _ if id.len() > LONGEST_ID => "is longer than 8 KiB",
        _ => return None,
    };
    Some(problem.to_owned())
}

/// A call of one operation.
pub struct Request<'s, P: Platform> {
    /// The generated client, bound to this one call.
    pub api: P::Api,
    session: &'s Session<P>,
    operation: &'static Operation,
    call: Call,
}

impl<'s, P: Platform> Request<'s, P> {
    pub(crate) fn new(session: &'s Session<P>, operation: &'static Operation, call: Call) -> Self {
        let requests = session.transport().request_builder().clone();
        let api = P::Api::over(session.base_url(), requests, call.clone());
        Self { api, session, operation, call }
    }

    /// An error about an argument, before anything is sent.
    pub fn refuse(&self, problem: impl Into<String>) -> P::Error {
        P::refused(Some(self.operation), problem.into())
    }

    /// The id as a segment of the path.
    ///
    /// # Errors
    ///
    /// If it would reach another route.
    pub fn segment<'i, I: PathId<P>>(&self, id: &'i I) -> Result<&'i str, P::Error> {
        match path_problem::<P>(id.as_text()) {
            None => Ok(id.as_text()),
            Some(problem) => Err(self.refuse(format!("the {} id {problem}, so it can't be addressed", I::KIND))),
        }
    }

    /// The text of a secret that the body is to hold. No error of this call repeats it.
    pub fn carry(&mut self, secret: Secret) -> String {
        self.call.carry(&secret)
    }

    /// The outcome, in the facade's types.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing it.
    pub fn finish<G, T: Decode<G, P>, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<T, P::Error> {
        self.call.finish(outcome, T::decode).map_err(|failure| self.session.error(failure, self.operation))
    }
}

/// A facade's type that is made from a generated one.
///
/// Each implementation takes the generated struct apart field by field, so that a field which comes, goes or
/// changes is a compile error here. `P` is the facade's platform: it is what makes the implementation for a generated
/// type the facade's to write.
pub trait Decode<G, P>: Sized {
    /// Converts it.
    ///
    /// # Errors
    ///
    /// What is wrong with a value, without quoting it.
    fn decode(generated: G) -> Result<Self, String>;
}

impl<G, P, T: Decode<G, P>> Decode<Vec<G>, P> for Vec<T> {
    fn decode(generated: Vec<G>) -> Result<Self, String> {
        // Where the facade's type is no larger than the generated one, this takes no memory of its own.
        generated.into_iter().map(T::decode).collect()
    }
}
