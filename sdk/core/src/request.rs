//! One call on its way through a generated client, and the way back from its types to a facade's.

use std::fmt;

use http::{HeaderMap, StatusCode};
use progenitor_client::{Error as TransportError, ResponseValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::Call;
use crate::error::{CommonKind, ErrorBody, Refusal, Report};
use crate::id::{LONGEST_ID, PathId, path_problem};
use crate::json::{Step, salvage};
use crate::malformed::Malformed;
use crate::operation::Operation;
use crate::secret::Secret;
use crate::session::Session;
use crate::stream::{ByteStream, EventStream, JsonOrEvents};

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
    /// The kinds of failure, as [`error_kinds!`](crate::error_kinds) defines them.
    type Kind: Copy + fmt::Debug + PartialEq;
    /// The error of every call.
    type Error;

    /// What it is called, such as `Mycel`.
    const NAME: &'static str;

    /// What shows who calls, such as `auth token`.
    const CREDENTIALS: &'static str;

    /// What to do where none were set.
    const HOW_TO_SET_CREDENTIALS: &'static str;

    /// What characters no id may have that is put into a path: those that would lead to another route than its own.
    const NOT_IN_IDS: &'static [char];

    /// The facade's kind for one that all platforms have.
    fn kind(common: CommonKind) -> Self::Kind;

    /// The error of that report.
    fn error(report: Report<Self::Kind>) -> Self::Error;

    /// Reads the body of a refusal.
    fn read_error(body: Value) -> ErrorBody;

    /// What a refusal means here beyond what its status says, and what to do. `None` where the status says it all.
    fn refine(_: &Refusal<'_>) -> Option<(Self::Kind, String)> {
        None
    }
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
        P::error(Report::of_argument::<P>(Some(self.operation), problem))
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

    /// The user of the caller's that the call is for: the one that it names itself, else the session's, if any.
    ///
    /// # Errors
    ///
    /// If that is no id: empty or blank, which a backend may take for no user at all, or longer than any.
    pub fn user(&self, named: Option<&str>) -> Result<Option<String>, P::Error> {
        match named.or_else(|| self.session.user()) {
            Some(user) if user.trim().is_empty() => Err(self.refuse("the user id is blank, so it says for no user")),
            Some(user) if user.len() > LONGEST_ID => Err(self.refuse("the user id is longer than 8 KiB")),
            user => Ok(user.map(str::to_owned)),
        }
    }

    /// The same for the [user](Self::user) that it is for, if any, where the platform has a header that says so.
    ///
    /// # Errors
    ///
    /// As [`user`](Self::user).
    pub fn for_user(self, named: Option<&str>) -> Result<Self, P::Error> {
        let user = self.user(named)?;
        Ok(Self::new(self.session, self.operation, self.call.with_user(user)))
    }

    /// The text of a secret that the body is to hold. No error of this call repeats it.
    pub fn carry(&mut self, secret: Secret) -> String {
        self.call.carry(&secret)
    }

    /// The same with this idempotency key, where there is one and the operation takes one. Without it, a call has a new
    /// one.
    #[must_use]
    pub fn with_idempotency_key(self, key: Option<String>) -> Self {
        match key {
            Some(key) => Self::new(self.session, self.operation, self.call.with_idempotency_key(key)),
            None => self,
        }
    }

    /// Sends what is no operation of the generated client, as it sends one. An answer without a body is null.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing a success, for the call's outcome to be made of.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<ResponseValue<Value>, TransportError<()>> {
        let request = request.build().map_err(TransportError::CommunicationError)?;
        let response = self.call.execute(request, self.operation).await;
        // What is no success is recorded by the call, whatever is made of the response that stands in for it.
        match response.status() {
            status @ StatusCode::NO_CONTENT => Ok(ResponseValue::new(Value::Null, status, HeaderMap::new())),
            _ => ResponseValue::from_response(response).await,
        }
    }

    /// The same, attempted again only where it is certain that the backend has not acted.
    #[must_use]
    pub fn once(self) -> Self {
        Self::new(self.session, self.operation, self.call.once())
    }

    /// The same, whose answer may be in no envelope: of an operation that is not known to be answered in one.
    #[must_use]
    pub fn or_bare(self) -> Self {
        Self::new(self.session, self.operation, self.call.with_bare())
    }

    /// The outcome, as bytes that are read as they come.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing the head of the answer.
    pub fn finish_bytes<G, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<ByteStream<P>, P::Error> {
        let Self { session, operation, call, .. } = self;
        match call.take_live() {
            Some(body) => Ok(ByteStream::new(session, operation, body)),
            None => Err(session.error(call.failure_of(outcome), operation)),
        }
    }

    /// The outcome, as server-sent events that are read as they come.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing the head of the answer.
    pub fn finish_events<G, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<EventStream<P>, P::Error> {
        self.finish_bytes(outcome).map(EventStream::new)
    }

    /// The outcome, as server-sent events where these came, and else in the facade's types.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing one or the other.
    pub fn finish_json_or_events<G: DeserializeOwned, T: Decode<G, P>, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<JsonOrEvents<T, P>, P::Error> {
        let Self { session, operation, call, .. } = self;
        if let Some(body) = call.take_live() {
            return Ok(JsonOrEvents::Events(EventStream::new(ByteStream::new(session, operation, body))));
        }
        call.finish(outcome).map(JsonOrEvents::Json).map_err(|failure| session.error(failure, operation))
    }

    /// The outcome of a call that is answered with a text, as a whole. What of it is no UTF-8 stands there as U+FFFD.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing it.
    pub fn finish_text<G, E>(self, outcome: Result<ResponseValue<G>, TransportError<E>>) -> Result<String, P::Error> {
        let text = self.call.finish_text(outcome);
        let text = text.map_err(|failure| self.session.error(failure, self.operation))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The outcome of a call that takes something away. Where it is not there, and an attempt before the last may have taken it
    /// away, that is the success whose answer was lost.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from succeeding.
    pub fn finish_deletion<G: DeserializeOwned, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<(), P::Error>
    where
        (): Decode<G, P>,
    {
        self.call.finish(outcome).or_else(|failure| {
            let report = Report::of_failure::<P>(failure, &self.session.context(self.operation));
            if report.is_gone && report.may_have_been_sent { Ok(()) } else { Err(P::error(report)) }
        })
    }

    /// The outcome, in the facade's types.
    ///
    /// # Errors
    ///
    /// Whatever kept the call from bringing it.
    pub fn finish<G: DeserializeOwned, T: Decode<G, P>, E>(
        self,
        outcome: Result<ResponseValue<G>, TransportError<E>>,
    ) -> Result<T, P::Error> {
        self.call.finish(outcome).map_err(|failure| self.session.error(failure, self.operation))
    }
}

/// A facade's type that is made from a generated one.
///
/// Each implementation takes the generated struct apart field by field, so that a field which comes, goes or
/// changes is a compile error here. `P` is the facade's platform: it is what makes the implementation for a generated
/// type the facade's to write.
///
/// A type that is the row of a list tells what of it is [`malformed`](Self::malformed): then a row that is odd costs none
/// of the others. So does an answer that is no list: then what it need not have costs nothing else.
pub trait Decode<G, P>: Sized {
    /// Converts it. The row of a list is converted whatever its values are, with
    /// [`Malformed::or_stand_in`](crate::Malformed).
    ///
    /// # Errors
    ///
    /// What is wrong with a value, without quoting it.
    fn decode(generated: G) -> Result<Self, String>;

    /// Where it tells what of it could not be read; `None` where it does not.
    fn malformed(&mut self) -> Option<&mut Malformed> {
        None
    }

    /// Takes as much as can be read of an answer that is JSON, and not of the shape that it should be. `None` if
    /// something can't be read that has to be there.
    fn salvage(json: Value) -> Option<Self>
    where
        G: DeserializeOwned,
    {
        let salvaged = salvage::<G>(json).filter(|salvaged| salvaged.has_all)?;
        let mut value = Self::decode(salvaged.value).ok()?;
        value.malformed()?.come_after(salvaged.malformed);
        Some(value)
    }

    /// Is told that something in it had to be replaced before it could be read, and the way to that.
    fn lose(&mut self, way: &[Step], problem: &str) {
        if let (Some(malformed), Some(Step::Key(field))) = (self.malformed(), way.first()) {
            malformed.add(field, problem);
        }
    }
}

/// An answer that says nothing.
impl<P> Decode<(), P> for () {
    fn decode((): ()) -> Result<Self, String> {
        Ok(())
    }
}

/// A list, whose rows are read each by itself where they can't be read together.
impl<G: DeserializeOwned, P, T: Decode<G, P>> Decode<Vec<G>, P> for Vec<T> {
    fn decode(generated: Vec<G>) -> Result<Self, String> {
        // Where the facade's type is no larger than the generated one, this takes no memory of its own.
        generated.into_iter().map(T::decode).collect()
    }

    /// A row of which nothing can be read is told as one that is all stand-ins. `None` if nothing can be read of any.
    fn salvage(rows: Value) -> Option<Self> {
        let Value::Array(rows) = rows else { return None };
        let mut is_something = rows.is_empty();
        let mut read = |row: Value| {
            // As the whole list is read, for which there is the code already.
            if let Ok(generated) = serde_json::from_slice::<G>(row.to_string().as_bytes()) {
                is_something = true;
                return T::decode(generated).ok();
            }
            let salvaged = salvage::<G>(row)?;
            is_something |= salvaged.is_something;
            let mut row = T::decode(salvaged.value).ok()?;
            row.malformed()?.come_after(salvaged.malformed);
            Some(row)
        };
        let rows: Option<Self> = rows.into_iter().map(&mut read).collect();
        rows.filter(|_| is_something)
    }

    fn lose(&mut self, way: &[Step], problem: &str) {
        if let Some((Step::Index(index), way)) = way.split_first()
            && let Some(row) = self.get_mut(*index)
        {
            row.lose(way, problem);
        }
    }
}

/// The rest of a [`Decode`] implementation for a list that comes in the field of an object: it is read as one that
/// comes by itself.
#[doc(hidden)]
#[macro_export]
macro_rules! rows_in {
    ($field:literal of $row:ty, $platform:ty) => {
        #[inline]
        fn salvage(mut json: ::serde_json::Value) -> ::std::option::Option<Self> {
            let rows = json.get_mut($field).map(::serde_json::Value::take)?;
            <Self as $crate::Decode<::std::vec::Vec<$row>, $platform>>::salvage(rows)
        }

        #[inline]
        fn lose(&mut self, way: &[$crate::Step], problem: &str) {
            let way = way.get(1..).unwrap_or_default();
            <Self as $crate::Decode<::std::vec::Vec<$row>, $platform>>::lose(self, way, problem);
        }
    };
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::testing::{Smallest, session};

    #[derive(Deserialize)]
    struct Generated {
        id: String,
        seconds: f64,
    }

    #[derive(Debug, PartialEq)]
    struct Row {
        id: String,
        seconds: u64,
        malformed: Malformed,
    }

    impl Decode<Generated, ()> for Row {
        fn decode(generated: Generated) -> Result<Self, String> {
            let mut malformed = Malformed::default();
            let seconds = generated.seconds as u64;
            let seconds = if seconds == 0 { Err("is no point in time".to_owned()) } else { Ok(seconds) };
            let seconds = malformed.or_stand_in("seconds", seconds, 1970);
            Ok(Self { id: generated.id, seconds, malformed })
        }

        fn malformed(&mut self) -> Option<&mut Malformed> {
            Some(&mut self.malformed)
        }
    }

    fn salvaged(rows: Value) -> Option<Vec<(String, u64, String)>> {
        let rows = <Vec<Row> as Decode<Vec<Generated>, ()>>::salvage(rows)?;
        Some(rows.into_iter().map(|row| (row.id, row.seconds, row.malformed.to_string())).collect())
    }

    #[test]
    fn a_row_that_is_odd_costs_none_of_the_others() {
        let rows = json!([{"id": "a", "seconds": 1.5}, {"id": 5, "seconds": 2.5}, {"id": "c", "seconds": "x"}, 7, {"id": "e", "seconds": 0.0}]);
        let expected = [
            ("a", 1, ""),
            ("", 2, "id: expected a string"),
            // What is said first says more than that the stand-in is no point in time.
            ("c", 1970, "seconds: expected f64"),
            ("", 1970, "id: is missing; seconds: is missing"),
            ("e", 1970, "seconds: is no point in time"),
        ];
        let expected = expected.map(|(id, seconds, malformed)| (id.to_owned(), seconds, malformed.to_owned()));
        assert_eq!(salvaged(rows), Some(expected.to_vec()));
        assert_eq!(salvaged(json!([])), Some(Vec::new()));
        assert_eq!(salvaged(json!([{"id": 5, "seconds": 2.5}])), Some(vec![expected[1].clone()]));
        for other in [json!([5]), json!([{}, {"detail": "x"}]), json!({"id": "a"}), json!(null)] {
            assert_eq!(salvaged(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn what_was_lost_is_told_at_its_row() {
        let rows = json!([{"id": "a", "seconds": 1.5}, {"id": "b", "seconds": 2.5}]);
        let mut rows = <Vec<Row> as Decode<Vec<Generated>, ()>>::salvage(rows).unwrap();
        let key = |key: &str| Step::Key(key.to_owned());
        for way in [vec![Step::Index(1), key("id"), key("x")], vec![Step::Index(2), key("id")], vec![key("id")], vec![]]
        {
            Decode::<Vec<Generated>, ()>::lose(&mut rows, &way, "holds a number that is out of range");
        }
        let told: Vec<_> = rows.iter().map(|row| row.malformed.to_string()).collect();
        assert_eq!(told, ["", "id: holds a number that is out of range"]);
    }

    static LOOK: Operation = Operation::new("look", "GET", "/look");

    struct Id(String);

    impl PathId<Smallest> for Id {
        const KIND: &'static str = "thing";

        fn as_text(&self) -> &str {
            &self.0
        }
    }

    #[test]
    fn an_id_is_a_segment_as_it_is_or_refused() {
        let session = session();
        let (kept, up) = (Id("a b".to_owned()), Id("..".to_owned()));
        assert_eq!(session.request(&LOOK).segment(&kept).ok(), Some("a b"));
        let refused = session.request(&LOOK).segment(&up).unwrap_err();
        assert_eq!(refused.to_string(), "look: the thing id is `.` or `..`, so it can't be addressed");
        assert_eq!((refused.kind, refused.attempts), (CommonKind::InvalidInput, 0));
    }

    #[test]
    fn a_user_is_the_one_that_is_named_or_else_the_sessions() {
        let (nobody, ada) = (session(), session().for_user("ada"));
        let user = |session: &Session<Smallest>, named: Option<&str>| {
            session.request(&LOOK).user(named).map_err(|error| error.line)
        };
        assert_eq!(user(&nobody, None), Ok(None));
        assert_eq!(user(&ada, None), Ok(Some("ada".to_owned())));
        assert_eq!(user(&ada, Some("bob")), Ok(Some("bob".to_owned())));
        let longest = "x".repeat(LONGEST_ID);
        assert_eq!(user(&nobody, Some(&longest)), Ok(Some(longest.clone())));
        for (named, problem) in [
            ("", "the user id is blank, so it says for no user"),
            (" \t", "the user id is blank, so it says for no user"),
            (&format!("{longest}x"), "the user id is longer than 8 KiB"),
        ] {
            assert_eq!(user(&ada, Some(named)).unwrap_err(), problem);
        }
    }

    #[test]
    fn what_a_body_carries_is_the_secret_itself() {
        let session = session();
        assert_eq!(session.request(&LOOK).carry(Secret::from("hunter2")), "hunter2");
    }

    /// A type that does not tell what of it could not be read.
    #[derive(Debug, PartialEq)]
    struct Strict(String);

    impl Decode<Generated, ()> for Strict {
        fn decode(generated: Generated) -> Result<Self, String> {
            Ok(Self(generated.id))
        }
    }

    #[derive(Deserialize)]
    struct Titled {
        id: String,
        title: Option<String>,
    }

    impl Decode<Titled, ()> for Row {
        fn decode(generated: Titled) -> Result<Self, String> {
            let seconds = generated.title.map_or(0, |title| title.len() as u64);
            Ok(Self { id: generated.id, seconds, malformed: Malformed::default() })
        }

        fn malformed(&mut self) -> Option<&mut Malformed> {
            Some(&mut self.malformed)
        }
    }

    #[test]
    fn an_answer_is_read_in_part_where_it_tells_so_and_has_what_it_has_to_have() {
        let titled = |json| <Row as Decode<Titled, ()>>::salvage(json);
        let row = titled(json!({"id": "a", "title": 5})).unwrap();
        assert_eq!((&*row.id, row.seconds, &*row.malformed.to_string()), ("a", 0, "title: expected a string"));
        for other in [json!({"id": 5, "title": "x"}), json!({"title": "x"}), json!(5)] {
            assert!(titled(other).is_none());
        }
        assert!(<Strict as Decode<Generated, ()>>::malformed(&mut Strict(String::new())).is_none());
        assert!(<Strict as Decode<Generated, ()>>::salvage(json!({"id": "a", "seconds": 1.0})).is_none());
    }

    #[test]
    fn a_list_has_all_rows_or_none() {
        let generated = |id: &str| Generated { id: id.to_owned(), seconds: 1.0 };
        let rows = <Vec<Strict> as Decode<Vec<Generated>, ()>>::decode(vec![generated("a"), generated("b")]);
        assert_eq!(rows, Ok(vec![Strict("a".to_owned()), Strict("b".to_owned())]));
    }
}
