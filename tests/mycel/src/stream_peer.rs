//! A server whose inbox stream is played by hand, down to the bytes of its frames.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use test_harness::{Reply, read_request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Opcodes of RFC 6455.
pub mod opcode {
    /// A text message, or the first part of one.
    pub const TEXT: u8 = 1;
    /// A binary message.
    pub const BINARY: u8 = 2;
    /// A further part of a message.
    pub const CONTINUATION: u8 = 0;
    /// The end.
    pub const CLOSE: u8 = 8;
    /// Asks for a pong.
    pub const PING: u8 = 9;
    /// Answers a ping.
    pub const PONG: u8 = 10;
}

type Played = Pin<Box<dyn Future<Output = ()> + Send>>;
type Script = Arc<dyn Fn(Handshake) -> Played + Send + Sync>;

/// A server on a port of its own, with one agent, whose inbox is empty unless a drain was prepared. What becomes
/// of its stream is up to a script, which is run for each handshake.
pub struct StreamPeer {
    url: String,
    state: Arc<State>,
    server: JoinHandle<()>,
}

struct State {
    script: Script,
    handshakes: Mutex<Vec<Instant>>,
    drains: Mutex<VecDeque<Reply>>,
    drained: watch::Sender<usize>,
    /// How many sockets there are now, of any kind.
    open: watch::Sender<usize>,
    began: watch::Sender<usize>,
}

/// A socket that counts as open until this is dropped.
struct Open(Arc<State>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

impl StreamPeer {
    /// Starts it.
    pub async fn start<F, P>(script: F) -> Self
    where
        F: Fn(Handshake) -> P + Send + Sync + 'static,
        P: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            script: Arc::new(move |handshake| Box::pin(script(handshake))),
            handshakes: Mutex::default(),
            drains: Mutex::default(),
            drained: watch::Sender::new(0),
            open: watch::Sender::new(0),
            began: watch::Sender::new(0),
        });
        let shared = Arc::clone(&state);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.open.send_modify(|open| *open += 1);
                tokio::spawn(serve(stream, Open(Arc::clone(&shared))));
            }
        });
        Self { url, state, server }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Prepares the answer to the next drain that nothing is prepared for.
    pub fn prepare_drain(&self, reply: Reply) {
        self.state.drains.lock().unwrap().push_back(reply);
    }

    /// When each handshake began, so far.
    pub fn handshakes(&self) -> Vec<Instant> {
        self.state.handshakes.lock().unwrap().clone()
    }

    /// How many drains have been asked for, so far.
    pub fn drains(&self) -> usize {
        *self.state.drained.borrow()
    }

    /// Waits until so many handshakes have begun.
    pub async fn wait_for_handshakes(&self, count: usize) {
        self.state.began.subscribe().wait_for(|began| *began >= count).await.unwrap();
    }

    /// Waits until so many drains have been asked for.
    pub async fn wait_for_drains(&self, count: usize) {
        self.state.drained.subscribe().wait_for(|drained| *drained >= count).await.unwrap();
    }

    /// How many sockets are open.
    pub fn open_sockets(&self) -> usize {
        *self.state.open.borrow()
    }

    /// Waits until all sockets are closed.
    pub async fn wait_until_closed(&self) {
        self.state.open.subscribe().wait_for(|open| *open == 0).await.unwrap();
    }
}

impl Drop for StreamPeer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, open: Open) {
    stream.set_nodelay(true).unwrap();
    let Some(request) = read_request(&mut stream).await else { return };
    let state = Arc::clone(&open.0);
    let path = request.split(' ').nth(1).unwrap();
    if path == "/api/runtime/inbox/subscribe" {
        let number = {
            let mut handshakes = state.handshakes.lock().unwrap();
            handshakes.push(Instant::now());
            handshakes.len() - 1
        };
        state.began.send_modify(|began| *began += 1);
        (state.script)(Handshake { number, request, stream, open }).await;
        return;
    }
    let reply = match path {
        "/api/auth/me" => Reply::json("200 OK", r#"{"id":"codex","name":"Codex","type":"external","is_guest":false}"#),
        "/api/runtime/inbox/drain" => {
            let prepared = state.drains.lock().unwrap().pop_front();
            state.drained.send_modify(|drained| *drained += 1);
            prepared.unwrap_or_else(|| Reply::json("200 OK", r#"{"count":0,"notifications":[]}"#))
        }
        path if path.starts_with("/api/runtime/inbox/wait") => {
            Reply::json("200 OK", r#"{"count":0,"notifications":[]}"#)
        }
        other => panic!("nobody is to ask for {other}"),
    };
    match reply {
        // The client may have gone by now; that is its right.
        Reply::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Reply::Nothing => {}
        Reply::Silence => until_closed(&mut stream).await,
    }
}

async fn until_closed(stream: &mut TcpStream) {
    let mut chunk = [0; 4096];
    while stream.read(&mut chunk).await.is_ok_and(|count| count > 0) {}
}

/// A request for the stream that is not answered yet.
pub struct Handshake {
    /// How many came before it.
    pub number: usize,
    /// The request, as it came.
    pub request: String,
    stream: TcpStream,
    open: Open,
}

impl Handshake {
    /// The right response, as bytes.
    pub fn acceptance(&self) -> Vec<u8> {
        let mut headers = self.request.lines().filter_map(|line| line.split_once(": "));
        let (_, key) = headers.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key")).unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n";
        format!("{head}sec-websocket-accept: {accept}\r\n\r\n").into_bytes()
    }

    /// Accepts.
    pub async fn accept(self) -> RawSocket {
        let acceptance = self.acceptance();
        self.answer(&acceptance).await
    }

    /// Answers with these bytes.
    pub async fn answer(self, bytes: &[u8]) -> RawSocket {
        let mut socket = RawSocket { stream: self.stream, _open: self.open };
        socket.bytes(bytes).await;
        socket
    }
}

/// The server's end of a stream.
pub struct RawSocket {
    stream: TcpStream,
    _open: Open,
}

/// A frame of the client, without its mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFrame {
    /// See [`opcode`].
    pub opcode: u8,
    /// What it carries.
    pub payload: Vec<u8>,
}

/// The bytes of a frame as a server sends it.
pub fn frame(is_last: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = frame_head(is_last, opcode, payload.len() as u64);
    bytes.extend_from_slice(payload);
    bytes
}

/// The bytes before the payload of a frame.
pub fn frame_head(is_last: bool, opcode: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![if is_last { 0x80 | opcode } else { opcode }];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => bytes.push(short),
        (_, Ok(medium)) => {
            bytes.push(126);
            bytes.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
    }
    bytes
}

impl RawSocket {
    /// Sends these bytes. The client may have gone by now; that is its right.
    pub async fn bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Sends a whole message.
    pub async fn send(&mut self, opcode: u8, payload: &[u8]) {
        self.bytes(&frame(true, opcode, payload)).await;
    }

    /// Sends a text message.
    pub async fn text(&mut self, text: &str) {
        self.send(opcode::TEXT, text.as_bytes()).await;
    }

    /// Sends a close, with a code and a reason or with nothing.
    pub async fn close(&mut self, code: Option<u16>, reason: &str) {
        let mut payload = code.map(|code| code.to_be_bytes().to_vec()).unwrap_or_default();
        payload.extend_from_slice(reason.as_bytes());
        self.send(opcode::CLOSE, &payload).await;
    }

    /// The client's next frame; `None` when it is gone.
    pub async fn next(&mut self) -> Option<ClientFrame> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).await.ok()?;
        let [first, second] = head;
        assert!(second & 0x80 != 0, "a client masks what it sends");
        let length = match second & 0x7f {
            126 => usize::from(self.stream.read_u16().await.ok()?),
            127 => usize::try_from(self.stream.read_u64().await.ok()?).unwrap(),
            short => usize::from(short),
        };
        let mut mask = [0; 4];
        self.stream.read_exact(&mut mask).await.ok()?;
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.ok()?;
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        Some(ClientFrame { opcode: first & 0x0f, payload })
    }

    /// Answers pings until the client closes the connection.
    pub async fn alive(&mut self) {
        while let Some(frame) = self.next().await {
            if frame.opcode == opcode::PING {
                self.send(opcode::PONG, &frame.payload).await;
            }
        }
    }

    /// Waits until the client closes the connection, without a word more than a close.
    pub async fn gone(&mut self) {
        while self.next().await.is_some() {}
    }

    /// Breaks the connection off by a reset.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}
