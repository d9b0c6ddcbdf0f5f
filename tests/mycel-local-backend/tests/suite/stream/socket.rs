//! The least of a WebSocket client.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use mycel_local_backend::LocalBackend;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Bytes, Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, Request, header},
    },
};

use crate::client::{SOON, User, backend};

pub const PATH: &str = "/api/runtime/inbox/subscribe";

/// What is still to come by itself comes sooner: the second wake after 30 ms.
const QUIET: Duration = Duration::from_millis(200);

/// An open stream.
pub struct Stream(WebSocketStream<TcpStream>);

/// How a stream ended: with a close frame's code and reason, or without one.
pub type Ending = Option<(u16, String)>;

/// A handshake that is yet to be sent.
pub fn handshake(user: &User, path: &str) -> Request<()> {
    let mut request = format!("{}{path}", user.url.replacen("http", "ws", 1)).into_client_request().unwrap();
    if let Some(token) = &user.token {
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    }
    request
}

/// The same one with another header.
pub fn with(mut request: Request<()>, name: HeaderName, value: &str) -> Request<()> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

async fn open(request: Request<()>) -> Result<Stream, Error> {
    let address = request.uri().authority().unwrap().as_str().to_owned();
    let connection = TcpStream::connect(address).await.unwrap();
    let (socket, answer) = client_async(request, connection).await?;
    assert_eq!(answer.status(), 101);
    Ok(Stream(socket))
}

/// Status, content type and body of the answer to a handshake that is refused.
pub async fn refused(request: Request<()>) -> (u16, String, String) {
    let Err(Error::Http(answer)) = open(request).await else { panic!("it is not refused") };
    let content_type = answer.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap());
    let body = answer.body().clone().unwrap_or_default();
    (answer.status().as_u16(), content_type.unwrap_or_default().to_owned(), String::from_utf8(body).unwrap())
}

impl Stream {
    pub async fn of(user: &User) -> Self {
        Self::asked_for_with(handshake(user, PATH)).await
    }

    pub async fn asked_for_with(request: Request<()>) -> Self {
        open(request).await.unwrap()
    }

    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    pub async fn send_json(&mut self, frame: Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    pub async fn resume(&mut self, since_seq: u64) {
        self.send_json(json!({ "type": "resume", "since_seq": since_seq })).await;
    }

    async fn message(&mut self) -> Option<Result<Message, Error>> {
        timeout(SOON, self.0.next()).await.expect("there is nothing more")
    }

    /// The next frame.
    pub async fn frame(&mut self) -> Value {
        match self.message().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("no frame: {other:?}"),
        }
    }

    /// The next frames.
    pub async fn frames(&mut self, count: usize) -> Vec<Value> {
        let mut frames = Vec::new();
        while frames.len() < count {
            frames.push(self.frame().await);
        }
        frames
    }

    /// The numbers of the next frames.
    pub async fn seqs(&mut self, count: usize) -> Vec<u64> {
        self.frames(count).await.iter().map(|frame| frame["seq"].as_u64().unwrap()).collect()
    }

    /// Holds that it is open, and that nothing comes any more.
    pub async fn is_silent(&mut self) {
        if let Ok(message) = timeout(QUIET, self.0.next()).await {
            panic!("it is not silent: {message:?}");
        }
    }

    /// Sends a ping and awaits its pong.
    pub async fn is_answered(&mut self) {
        let payload = Bytes::from_static(b"are you there");
        self.send(Message::Ping(payload.clone())).await;
        match self.message().await {
            Some(Ok(Message::Pong(answer))) => assert_eq!(answer, payload),
            other => panic!("no pong: {other:?}"),
        }
    }

    /// Waits for the end.
    pub async fn ending(mut self) -> Ending {
        let mut ending = None;
        while let Some(message) = self.message().await {
            match message {
                Ok(Message::Close(frame)) => {
                    ending = frame.map(|frame| (frame.code.into(), frame.reason.as_str().to_owned()));
                }
                Ok(message) => panic!("it goes on: {message:?}"),
                Err(_) => break,
            }
        }
        ending
    }

    /// Closes it as one does, and gives what the other side answers.
    pub async fn closed(mut self) -> Ending {
        self.0.close(None).await.unwrap();
        self.ending().await
    }
}

/// A backend, and two external users with a direct chat.
pub async fn two() -> (LocalBackend, User, User, String) {
    let (backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let chat = a.direct(&b).await;
    (backend, a, b, chat)
}
