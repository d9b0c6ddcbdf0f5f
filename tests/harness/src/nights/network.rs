//! A network that cuts answers at every kind of place, and counts where.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::network::Dice;
use crate::peer::read_request;

/// Where an answer is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The request goes nowhere.
    Unsent,
    /// The request was done, and not even the head of its answer comes.
    BeforeHead,
    /// Within the head.
    InHead,
    /// Behind the head.
    AfterHead,
    /// Within a body that is JSON.
    InJson,
    /// Between two frames of a stream.
    BetweenFrames,
    /// Within a frame.
    InFrame,
    /// Within a character of a frame.
    InCharacter,
    /// Behind the frame at which the stream may well end.
    AtLandmark,
    /// Behind the last frame, and before the end of the body.
    AfterLastFrame,
}

/// How it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The connection is closed.
    Closed,
    /// The connection is reset.
    Reset,
    /// Nothing comes any more.
    Stalled,
    /// The body of a stream comes to an end as if that were all of it. All else is closed.
    Ended,
}

/// Places before any body.
const BEFORE_BODIES: &[Place] = &[Place::Unsent, Place::BeforeHead, Place::InHead];

/// Places in bodies that are JSON.
const IN_JSON: &[Place] = &[Place::AfterHead, Place::InJson];

/// Places in streams.
const IN_STREAMS: &[Place] = &[
    Place::AfterHead,
    Place::BetweenFrames,
    Place::InFrame,
    Place::InCharacter,
    Place::AtLandmark,
    Place::AfterLastFrame,
];

/// All kinds of places.
pub(super) fn places() -> impl Iterator<Item = Place> {
    // One is in bodies of either kind.
    [BEFORE_BODIES, &IN_JSON[1..], IN_STREAMS].concat().into_iter()
}

/// All ways, of which each comes as often.
pub(super) const WAYS: [How; 6] = [How::Closed, How::Closed, How::Closed, How::Reset, How::Stalled, How::Ended];

/// How often answers were cut, by where and how.
pub type Cuts = BTreeMap<(Place, How), usize>;

/// Frames of a platform's streams, as they are known in their text.
#[derive(Clone, Copy, Debug)]
pub struct Frames {
    /// What is in one at which a stream may well end: it waits for a person, or the answer is whole.
    pub landmark: &'static str,
    /// What the last one begins with.
    pub last: &'static str,
}

/// A proxy between clients and a backend, which may come to be elsewhere. It cuts answers.
pub struct CuttingNetwork {
    url: String,
    state: Arc<State>,
    server: JoinHandle<()>,
}

struct State {
    frames: Frames,
    target: Mutex<Option<SocketAddr>>,
    is_bad: AtomicBool,
    dice: Mutex<Dice>,
    cuts: Mutex<Cuts>,
}

/// What becomes of an exchange.
#[derive(Clone, Debug)]
struct Fault {
    place: Place,
    how: How,
    frames: Frames,
    /// How many of such places are passed by.
    skip: usize,
    dice: Dice,
}

impl CuttingNetwork {
    /// Starts it. Until [`calm`](Self::calm), it cuts where the dice will have it.
    pub async fn start(target: SocketAddr, frames: Frames, dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (target, is_bad) = (Mutex::new(Some(target)), AtomicBool::new(true));
        let state = Arc::new(State { frames, target, is_bad, dice: Mutex::new(dice), cuts: Mutex::default() });
        let serving = Arc::clone(&state);
        let server = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&serving)));
            }
        });
        Self { url, state, server }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The backend is here now.
    pub fn lead_to(&self, target: SocketAddr) {
        *self.state.target.lock().unwrap() = Some(target);
    }

    /// The backend is nowhere: its port may be another's soon.
    pub fn lead_nowhere(&self) {
        *self.state.target.lock().unwrap() = None;
    }

    /// From now on nothing is cut.
    pub fn calm(&self) {
        self.state.is_bad.store(false, Ordering::Relaxed);
    }

    /// How often it has cut so far.
    pub fn cuts(&self) -> Cuts {
        self.state.cuts.lock().unwrap().clone()
    }
}

impl Drop for CuttingNetwork {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    /// A fault at one of these places, or none; so many of eight times.
    fn draw(&self, places: &[Place], often: u64) -> Option<Fault> {
        let mut dice = self.dice.lock().unwrap();
        let is_cut = dice.below(8) < often;
        let place = places[dice.size(u32::try_from(places.len()).unwrap())];
        let how = WAYS[dice.size(6)];
        let skip = match place {
            Place::BetweenFrames | Place::InFrame | Place::InCharacter => dice.size(12),
            _ => 0,
        };
        let fault = Fault { place, how, frames: self.frames, skip, dice: Dice::new(dice.below(u64::MAX)) };
        (is_cut && self.is_bad.load(Ordering::Relaxed)).then_some(fault)
    }

    /// Ends an exchange at such a place, which is counted.
    async fn cut(&self, mut client: TcpStream, place: Place, how: How) {
        *self.cuts.lock().unwrap().entry((place, how)).or_default() += 1;
        match how {
            How::Closed => {}
            How::Reset => client.set_zero_linger().unwrap(),
            How::Stalled => while client.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {},
            How::Ended => {
                let _ = client.write_all(LAST_CHUNK).await;
            }
        }
    }
}

/// The end of a body in chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Passes exchange after exchange. Without an error, since either side may go at any time.
async fn serve(mut client: TcpStream, state: Arc<State>) {
    client.set_nodelay(true).unwrap();
    while let Some(request) = read_request(&mut client).await {
        let fault = state.draw(BEFORE_BODIES, 2);
        if let Some(Fault { place: Place::Unsent, how, .. }) = fault {
            return state.cut(client, Place::Unsent, whole(how)).await;
        }
        let Some(target) = *state.target.lock().unwrap() else { return };
        let Ok(mut server) = TcpStream::connect(target).await else { return };
        if server.set_nodelay(true).is_err() || server.write_all(request.as_bytes()).await.is_err() {
            return;
        }
        let mut answer = Answer { server, bytes: Vec::new() };
        let Some(head) = answer.head().await else { return };
        if let Some(Fault { place: place @ (Place::BeforeHead | Place::InHead), how, .. }) = fault {
            let passed = if place == Place::InHead { head.len() / 2 } else { 0 };
            let _ = client.write_all(&head[..passed]).await;
            return state.cut(client, place, whole(how)).await;
        }
        let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let is_stream = text.contains("transfer-encoding: chunked");
        if client.write_all(&head).await.is_err() {
            return;
        }
        let fault = if is_stream { state.draw(IN_STREAMS, 7) } else { state.draw(IN_JSON, 1) };
        if let Some(Fault { place: Place::AfterHead, how, .. }) = fault
            && (is_stream || !text.contains("content-length: 0\r\n"))
        {
            return state.cut(client, Place::AfterHead, if is_stream { how } else { whole(how) }).await;
        }
        if is_stream {
            let Some(passed) = pass_frames(client, &mut answer, fault, &state).await else { return };
            client = passed;
            continue;
        }
        let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let Some(body) = answer.take(length.unwrap_or(0)).await else { return };
        if let Some(Fault { place: Place::InJson, how, mut dice, .. }) = fault
            && body.len() > 1
        {
            let passed = dice.size(u32::try_from(body.len()).unwrap());
            let _ = client.write_all(&body[..passed]).await;
            return state.cut(client, Place::InJson, whole(how)).await;
        }
        if client.write_all(&body).await.is_err() {
            return;
        }
    }
}

/// How what is no stream ends: it can't come to an end before its time.
fn whole(how: How) -> How {
    if how == How::Ended { How::Closed } else { how }
}

/// Passes the frames of a stream; the client's connection, where it may go on.
async fn pass_frames(
    mut client: TcpStream,
    answer: &mut Answer,
    fault: Option<Fault>,
    state: &State,
) -> Option<TcpStream> {
    let mut fault = fault;
    let mut pending = Vec::new();
    let mut first = [0];
    loop {
        let chunk = tokio::select! {
            chunk = answer.chunk() => chunk?,
            count = client.peek(&mut first) => {
                // Nobody asks for anything more before this is over: the client has gone.
                debug_assert!(!count.is_ok_and(|count| count > 0));
                return None;
            }
        };
        if chunk.is_empty() {
            client.write_all(LAST_CHUNK).await.ok()?;
            return Some(client);
        }
        pending.extend(chunk);
        while let Some(end) = pending.windows(2).position(|bytes| bytes == b"\n\n") {
            let frame: Vec<u8> = pending.drain(..end + 2).collect();
            let place = fault.as_mut().and_then(|fault| fault.place_in(&frame));
            write_chunk(&mut client, &frame[..place.unwrap_or(frame.len())]).await?;
            if let (Some(_), Some(Fault { place, how, .. })) = (place, &fault) {
                state.cut(client, *place, *how).await;
                return None;
            }
        }
    }
}

async fn write_chunk(client: &mut TcpStream, bytes: &[u8]) -> Option<()> {
    if bytes.is_empty() {
        return Some(());
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    client.write_all(&chunk).await.ok()
}

impl Fault {
    /// How much of this frame passes before the cut, if it is in this frame.
    fn place_in(&mut self, frame: &[u8]) -> Option<usize> {
        let text = String::from_utf8_lossy(frame);
        let place = match self.place {
            Place::BetweenFrames => Some(0),
            Place::InFrame => {
                // Before the two line breaks at its end.
                let place = 1 + self.dice.size(u32::try_from(frame.len() - 2).unwrap());
                (place..frame.len()).find(|place| text.is_char_boundary(*place))
            }
            Place::InCharacter => frame.iter().position(|byte| byte & 0xc0 == 0x80),
            Place::AtLandmark => text.contains(self.frames.landmark).then_some(frame.len()),
            Place::AfterLastFrame => text.starts_with(self.frames.last).then_some(frame.len()),
            Place::Unsent | Place::BeforeHead | Place::InHead | Place::AfterHead | Place::InJson => None,
        };
        match self.skip {
            0 => place,
            _ => {
                self.skip -= usize::from(place.is_some());
                None
            }
        }
    }
}

/// What comes of a backend. Each part is `None` where the backend ends before it is whole.
struct Answer {
    server: TcpStream,
    bytes: Vec<u8>,
}

impl Answer {
    async fn more(&mut self) -> Option<()> {
        self.server.read_buf(&mut self.bytes).await.ok().filter(|count| *count > 0).map(drop)
    }

    async fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.bytes.len() < length {
            self.more().await?;
        }
        Some(self.bytes.drain(..length).collect())
    }

    /// Where the first of these bytes are, and how far they go.
    async fn end_of(&mut self, mark: &[u8]) -> Option<usize> {
        loop {
            if let Some(place) = self.bytes.windows(mark.len()).position(|bytes| bytes == mark) {
                return Some(place + mark.len());
            }
            self.more().await?;
        }
    }

    async fn head(&mut self) -> Option<Vec<u8>> {
        let end = self.end_of(b"\r\n\r\n").await?;
        self.take(end).await
    }

    /// The next chunk of a body; empty at its end. Where this is dropped before, nothing is lost.
    async fn chunk(&mut self) -> Option<Vec<u8>> {
        let line = self.end_of(b"\r\n").await?;
        let size = String::from_utf8_lossy(&self.bytes[..line - 2]).into_owned();
        let size = usize::from_str_radix(&size, 16).unwrap();
        while self.bytes.len() < line + size + 2 {
            self.more().await?;
        }
        let chunk: Vec<u8> = self.bytes.drain(..line + size + 2).collect();
        Some(chunk[line..line + size].to_vec())
    }
}
