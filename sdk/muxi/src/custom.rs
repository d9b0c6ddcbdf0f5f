//! Calls that have no method of their own.

use agent_platform_core::{AnswerKind, Decode, Operation, encode_path, json_object, path_problem, send_on_await};
use futures::StreamExt;
use futures::stream::BoxStream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::id::UserId;
use crate::platform::{Formation, Request, Session, request_for};

/// The method of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Asks for something. It is repeated as other calls are.
    Get,
    /// Sent once: MUXI may have acted.
    Post,
    /// Sent once: MUXI may have acted.
    Put,
    /// Sent once: MUXI may have acted.
    Patch,
    /// Takes something away. It is repeated as other calls are, so that the second may find nothing.
    Delete,
}

/// The key that a call carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Key {
    /// The client key: for what belongs to a user.
    Client,
    /// The admin key: for the formation itself.
    Admin,
}

/// A call that has no method of its own; from [`FormationClient::request`](crate::FormationClient::request). Awaited, it is
/// answered by what the envelope holds; [`json`](Self::json) makes a type of yours of that.
///
/// ```no_run
/// use muxi_sdk::{Key, Method};
///
/// # async fn example(formation: muxi_sdk::FormationClient, artifact: &str) -> Result<(), muxi_sdk::Error> {
/// let formation = formation.for_user("user_123");
/// let artifacts = formation.request(Method::Get, ["artifacts"], Key::Client).query("limit", "10").await?;
/// println!("{artifacts}");
/// let content = formation.request(Method::Get, ["artifacts", artifact, "content"], Key::Client).bytes().await?;
/// # let _ = content;
/// # Ok(())
/// # }
/// ```
///
/// It has the limits, the errors and the retries of all calls: [`Get`](Method::Get) and [`Delete`](Method::Delete) are
/// repeated, and no other method is unless no connection was made. Whether a route wants a user is for its caller to know.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CustomRequest<'c> {
    session: &'c Session,
    method: Method,
    path: Vec<String>,
    key: Key,
    user: Option<UserId>,
    query: Vec<(String, String)>,
    body: Option<Map<String, Value>>,
    problem: Option<String>,
}

agent_platform_core::for_user!(CustomRequest);

impl<'c> CustomRequest<'c> {
    pub(crate) fn new(session: &'c Session, method: Method, path: Vec<String>, key: Key) -> Self {
        Self { session, method, path, key, user: None, query: Vec::new(), body: None, problem: None }
    }

    /// Adds a parameter to the query.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends this with it: anything that serializes to a JSON object.
    pub fn body(mut self, body: impl Serialize) -> Self {
        match json_object(body) {
            Ok(object) => self.body = Some(object),
            Err(problem) => self.problem = Some(format!("`body` {problem}")),
        }
        self
    }

    pub(crate) fn refused(mut self, problem: String) -> Self {
        self.problem = Some(problem);
        self
    }

    /// Sends it; what the envelope of the answer holds, as a type of yours.
    ///
    /// # Errors
    ///
    /// [`MalformedResponse`](crate::ErrorKind::MalformedResponse) if it is none such, and what keeps any call from succeeding.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        let (session, operation) = (self.session, self.operation(AnswerKind::Json));
        let value = self.send().await?;
        // Without quoting what it holds.
        serde_json::from_value(value).map_err(|error| {
            let problem = if error.is_data() { "it is not of the type that was asked for" } else { "it can't be read" };
            session.malformed(operation, 200, problem)
        })
    }

    /// Sends it; the answer as bytes, piece by piece as they come: of a file, or of a stream of events.
    ///
    /// # Errors
    ///
    /// What keeps any call from succeeding. What breaks off is an error in the stream.
    pub async fn bytes(self) -> Result<BoxStream<'static, Result<Vec<u8>, Error>>, Error> {
        let request = self.request(AnswerKind::Bytes)?;
        let outcome = request.send(self.built(&request)?).await;
        Ok(request.finish_bytes(outcome)?.map(|piece| piece.map(Vec::from)).boxed())
    }

    async fn send(self) -> Result<Value, Error> {
        let request = self.request(AnswerKind::Json)?.or_bare();
        let outcome = request.send(self.built(&request)?).await;
        request.finish(outcome)
    }

    fn request(&self, answer: AnswerKind) -> Result<Request<'c>, Error> {
        request_for(self.session, self.operation(answer), self.user.as_ref())
    }

    /// Builds it, unless something of it is wrong.
    fn built(&self, request: &Request<'_>) -> Result<reqwest::RequestBuilder, Error> {
        if let Some(problem) = &self.problem {
            return Err(request.refuse(problem));
        }
        let mut url = format!("{}/v1", self.session.base_url());
        for segment in &self.path {
            if let Some(problem) = path_problem::<Formation>(segment) {
                return Err(request.refuse(format!("a segment of the path {problem}, so it can't be addressed")));
            }
            url.push('/');
            url.push_str(&encode_path(segment));
        }
        let method = match self.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Patch => http::Method::PATCH,
            Method::Delete => http::Method::DELETE,
        };
        let mut built = self.session.transport().request_builder().request(method, url);
        if !self.query.is_empty() {
            built = built.query(&self.query);
        }
        Ok(match &self.body {
            Some(body) => built.json(body),
            None => built,
        })
    }

    /// What the engine is told of it.
    fn operation(&self, answer: AnswerKind) -> &'static Operation {
        macro_rules! operations {
            ($($method:ident $name:literal $repeatable:literal;)*) => {
                match (self.method, self.key, answer) {
                    $((Method::$method, key, answer) => {
                        static OPERATIONS: [Operation; 4] = [
                            custom($name, $repeatable, CLIENT, AnswerKind::Json),
                            custom($name, $repeatable, CLIENT, AnswerKind::Bytes),
                            custom($name, $repeatable, ADMIN, AnswerKind::Json),
                            custom($name, $repeatable, ADMIN, AnswerKind::Bytes),
                        ];
                        let [client, client_bytes, admin, admin_bytes] = &OPERATIONS;
                        match (key, answer) {
                            (Key::Client, AnswerKind::Bytes) => client_bytes,
                            (Key::Client, _) => client,
                            (Key::Admin, AnswerKind::Bytes) => admin_bytes,
                            (Key::Admin, _) => admin,
                        }
                    })*
                }
            };
        }
        operations! {
            Get "GET" true;
            Post "POST" false;
            Put "PUT" false;
            Patch "PATCH" false;
            Delete "DELETE" true;
        }
    }
}

send_on_await!(CustomRequest, Value);

const CLIENT: &[&str] = &["ClientKey"];
const ADMIN: &[&str] = &["AdminKey"];

const fn custom(
    method: &'static str,
    repeatable: bool,
    credentials: &'static [&'static str],
    answer: AnswerKind,
) -> Operation {
    let enveloped = matches!(answer, AnswerKind::Json);
    Operation { repeatable, answer, enveloped, credentials, ..Operation::new("request", method, "/v1/{path}") }
}

impl Decode<Value, Formation> for Value {
    #[inline]
    fn decode(generated: Value) -> Result<Self, String> {
        Ok(generated)
    }
}
