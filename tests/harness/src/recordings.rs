//! Recorded exchanges between a backend and its clients, each of which a facade decodes value by value.
//!
//! A facade's suite implements [`Facade`] and calls [`decode`].

mod file;
mod marks;
mod models;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::Path;

use serde_json::Value;

use crate::{AnswerFields, Peer, Reply};

pub use file::expect_recorded;
pub use marks::{Marked, Other, marked};
pub use models::{read_back, written_as_read};

/// An adapter: how recordings are read, and how a facade decodes them.
pub trait Facade: Sized + Send + Sync {
    /// What the facade fails with.
    type Error: Display;

    /// What the facade leaves out on purpose: of which operation's answer, at which place, and why. A place is a JSON
    /// pointer, with a star for each index.
    const LEFT_OUT: &[(&str, &str, &str)];

    /// Where an answer has its values, as a JSON pointer: behind an envelope, say.
    const PAYLOAD: &str = "";

    /// The same of this answer, where not all are in an envelope.
    fn payload(_answer: &Value) -> &'static str {
        Self::PAYLOAD
    }

    /// What an exchange is answered with that the facade makes before one of this operation.
    fn answered_before(_operation: &str) -> Option<Reply> {
        None
    }

    /// A client of the backend behind this URL, which makes one attempt of each call.
    fn start(url: &str) -> impl Future<Output = Self> + Send;

    /// An exchange, of a line of a recording.
    fn read(row: &Value) -> Recorded;

    /// The operation whose exchange it is.
    fn operation(exchange: &Recorded) -> Option<&'static str>;

    /// Holds the answer against the schema, and says what does not fit.
    fn check(exchange: &Recorded) -> Result<(), String>;

    /// Calls an operation. All that the facade makes of the answer is returned as a text.
    fn call(&self, operation: &str) -> impl Future<Output = Result<String, Self::Error>> + Send;

    /// What serde alone reads of the operation's answer, shown as [`call`](Self::call) shows it. `None` where the facade
    /// returns no model.
    fn model(operation: &str, answer: &Value) -> Option<String>;

    /// Fails unless the error tells what was recorded of it.
    fn expect_error(error: &Self::Error, exchange: &Recorded, place: &str);

    /// Another value for one that an answer holds, to see whether it comes through.
    fn other(value: &Value) -> Other {
        Other::of(value)
    }

    /// An answer once for each of its values, with that one changed.
    fn marked(answer: &Value) -> Vec<Marked> {
        marked(answer, Self::payload(answer), Self::other)
    }
}

/// What was recorded of an exchange.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The request's method, in capitals.
    pub method: String,
    /// The path of its URL, without the query.
    pub path: String,
    /// The answer's status.
    pub status: u16,
    /// Its media type.
    pub content_type: String,
    /// Its body: a text where it is no JSON.
    pub body: Value,
}

impl Recorded {
    /// Whether the call succeeded.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn is_json(&self) -> bool {
        self.content_type.starts_with("application/json")
    }

    /// The body as it was, or with this in its place.
    pub fn text_of(&self, body: &Value) -> String {
        match body {
            Value::String(text) if !self.is_json() => text.clone(),
            body => body.to_string(),
        }
    }

    fn reply(&self, body: &Value) -> Reply {
        let headers = format!("content-type: {}\r\n", self.content_type);
        Reply::http(&format!("{} Recorded", self.status), &headers, &self.text_of(body))
    }
}

/// How much was decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Answers of success.
    pub answers: usize,
    /// Values in them that came through.
    pub values: usize,
    /// Errors.
    pub errors: usize,
    /// The operations that there is an answer of.
    pub operations: BTreeSet<&'static str>,
    /// What the facade left out, as in [`Facade::LEFT_OUT`].
    pub left_out: BTreeSet<(&'static str, &'static str)>,
}

/// A line of a recording.
struct Row {
    place: String,
    operation: &'static str,
    exchange: Recorded,
    marked: Vec<Marked>,
}

impl Row {
    fn read<F: Facade>(file: &Path, index: usize, line: &str) -> Self {
        let exchange = F::read(&serde_json::from_str(line).unwrap());
        let called = format!("{} {}", exchange.method, exchange.path);
        let operation = F::operation(&exchange);
        let operation = operation.unwrap_or_else(|| panic!("line {}: no operation is {called}", index + 1));
        let place = format!("{}, line {}, {operation}", file.display(), index + 1);
        F::check(&exchange).unwrap_or_else(|problem| panic!("{place}: {problem}"));
        let has_values = exchange.is_success() && exchange.is_json();
        let marked = if has_values { F::marked(&exchange.body) } else { Vec::new() };
        Self { place, operation, exchange, marked }
    }

    fn replies<F: Facade>(&self) -> impl Iterator<Item = Reply> {
        let answers = std::iter::once(&self.exchange.body).chain(self.marked.iter().map(|marked| &marked.answer));
        answers.flat_map(|answer| F::answered_before(self.operation).into_iter().chain([self.exchange.reply(answer)]))
    }
}

/// Decodes each answer of a file, and holds what comes out against it; the answer itself against the schema. The fields
/// of those that were decoded are noted.
pub async fn decode<F: Facade>(file: &Path, fields: &mut AnswerFields) -> Decoded {
    let text = std::fs::read_to_string(file).unwrap();
    let rows: Vec<Row> = text.lines().enumerate().map(|(index, line)| Row::read::<F>(file, index, line)).collect();
    let script: Vec<Reply> = rows.iter().flat_map(Row::replies::<F>).collect();
    let peer = Peer::start(script).await;
    let facade = F::start(peer.url()).await;
    let (mut decoded, mut lost) = (Decoded::default(), BTreeMap::new());
    for Row { place, operation, exchange, marked } in &rows {
        let outcome = facade.call(operation).await;
        if !exchange.is_success() {
            F::expect_error(&outcome.expect_err(place), exchange, place);
            decoded.errors += 1;
            continue;
        }
        let unchanged = outcome.unwrap_or_else(|error| panic!("{place}: {error}"));
        expect_same_of_serde::<F>(operation, &exchange.body, &unchanged, place);
        for value in marked {
            let changed = facade.call(operation).await;
            let changed = changed.unwrap_or_else(|error| panic!("{place}, {} changed: {error}", value.pointer));
            expect_same_of_serde::<F>(operation, &value.answer, &changed, place);
            let exception = F::LEFT_OUT.iter().find(|(of, what, _)| of == operation && *what == value.place());
            match (value.is_seen(&unchanged, &changed), exception) {
                (true, None) => decoded.values += 1,
                (false, Some((of, what, _))) => drop(decoded.left_out.insert((*of, *what))),
                (false, None) => drop(lost.insert((operation, value.place()), place)),
                (true, Some(_)) => panic!("{place}: {} comes through; it is no exception", value.pointer),
            }
        }
        fields.note(operation, &exchange.body);
        decoded.operations.insert(operation);
        decoded.answers += 1;
    }
    assert!(lost.is_empty(), "the models lose these: {lost:#?}");
    decoded
}

/// The model is what serde alone reads of the answer.
fn expect_same_of_serde<F: Facade>(operation: &str, answer: &Value, returned: &str, place: &str) {
    if let Some(read) = F::model(operation, answer) {
        assert_eq!(read, returned, "{place}: {answer:#}");
    }
}

#[cfg(test)]
mod tests;
