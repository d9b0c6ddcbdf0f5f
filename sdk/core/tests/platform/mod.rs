//! The smallest platform: one client that sends a JSON body anywhere, and a peer that answers as it is told.

#![allow(dead_code, reason = "no test needs all of it")]

use std::sync::{Arc, Mutex};

use agent_platform_core::{
    Call, CommonKind, Decode, ErrorBody, Generated, Operation, Platform, Report, Session, Transport, TransportBuilder,
    error_accessors, error_kinds,
};
use progenitor_client::{Error as TransportError, ResponseValue};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Error(Box<Report<ErrorKind>>);

error_accessors!(Error, ErrorKind);

impl Error {
    fn new(report: Report<ErrorKind>) -> Self {
        Self(Box::new(report))
    }

    /// A header, and the start of the body, of an answer that was no whole one.
    pub fn partial(&self, header: &str) -> Option<(Option<&str>, &str)> {
        let partial = self.0.partial.as_ref()?;
        Some((partial.header(header), partial.start()))
    }
}

error_kinds! {
    /// What kind of failure it was.
    ErrorKind of "Test" {}
}

#[derive(Debug)]
pub enum Test {}

pub struct Api {
    base_url: String,
    requests: reqwest::Client,
    call: Call,
}

impl Generated for Api {
    fn over(base_url: &str, requests: reqwest::Client, call: Call) -> Self {
        Self { base_url: base_url.to_owned(), requests, call }
    }
}

impl Api {
    /// As the generated methods do of which the answer is no JSON.
    pub async fn send_without_body(
        &self,
        operation: &'static Operation,
    ) -> Result<ResponseValue<()>, TransportError<()>> {
        let request = self.requests.get(format!("{}{}", self.base_url, operation.path));
        let response = self.call.execute(request.build().unwrap(), operation).await;
        match response.status().as_u16() {
            200 => Ok(ResponseValue::empty(response)),
            _ => Err(TransportError::UnexpectedResponse(response)),
        }
    }

    /// As the generated methods do: 200 is what the contract promises.
    pub async fn send<G: DeserializeOwned>(
        &self,
        operation: &'static Operation,
    ) -> Result<ResponseValue<G>, TransportError<()>> {
        let method = operation.method.parse().unwrap();
        let request = self.requests.request(method, format!("{}{}", self.base_url, operation.path));
        let request = if operation.method == "GET" { request } else { request.body(r#"{"a":1}"#) };
        let response = self.call.execute(request.build().unwrap(), operation).await;
        match response.status().as_u16() {
            200 => ResponseValue::from_response(response).await,
            _ => Err(TransportError::UnexpectedResponse(response)),
        }
    }
}

impl Platform for Test {
    type Api = Api;
    type Kind = ErrorKind;
    type Error = Error;

    const NAME: &'static str = "Test";
    const CREDENTIALS: &'static str = "key";
    const HOW_TO_SET_CREDENTIALS: &'static str = "set one";
    const NOT_IN_IDS: &'static [char] = &['/'];

    fn kind(common: CommonKind) -> ErrorKind {
        ErrorKind::from_common(common)
    }

    fn error(report: Report<ErrorKind>) -> Error {
        Error(Box::new(report))
    }

    fn read_error(body: Value) -> ErrorBody {
        ErrorBody::of_detail(body)
    }
}

/// An answer as it came.
#[derive(Debug, PartialEq)]
pub struct Plain(pub Value);

impl Decode<Value, Test> for Plain {
    fn decode(generated: Value) -> Result<Self, String> {
        Ok(Self(generated))
    }
}

/// Answers each request, over a connection of its own, with the next of these bytes.
pub struct Peer {
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    pub async fn start(replies: impl IntoIterator<Item = String>) -> Self {
        let replies: Vec<String> = replies.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            for reply in replies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                seen.lock().unwrap().push(request);
                stream.write_all(reply.as_bytes()).await.unwrap();
            }
        });
        Self { url, requests }
    }

    pub fn session(&self, transport: TransportBuilder) -> Session<Test> {
        Session::new(transport.build(&self.url.parse().unwrap()).unwrap(), None)
    }

    pub fn plain_session(&self) -> Session<Test> {
        self.session(Transport::builder())
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// A header of each request.
    pub fn headers(&self, name: &str) -> Vec<Option<String>> {
        let of_one = |request: String| {
            let mut lines = request.lines().filter_map(|line| line.split_once(": "));
            lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
        };
        self.requests().into_iter().map(of_one).collect()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let expected =
            head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= expected.unwrap_or(0) {
            return text;
        }
    }
}

/// A whole answer, after which the connection ends.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// An answer whose body ends with the connection, as a stream's does.
pub fn stream(headers: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n{body}")
}

pub const EVENTS: &str = "content-type: text/event-stream; charset=latin1\r\n";
pub const JSON: &str = "content-type: application/json\r\n";
