//! A bad network: a TCP proxy that cuts, stalls, delays and repeats, as its seed will have it. A scripted one does to
//! each exchange what it is told.

mod door;
mod fault;
mod flow;
mod scripted;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use door::Door;
pub use fault::{Cut, End, Fault, Script, Seen};
pub use flow::{Flow, Then};
pub use scripted::ScriptedNetwork;

/// Random numbers that a seed repeats.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A time below so many milliseconds.
    pub fn millis(&mut self, bound: u64) -> Duration {
        Duration::from_millis(self.below(bound))
    }

    /// A size below `bound`.
    pub fn size(&mut self, bound: u32) -> usize {
        usize::try_from(self.below(u64::from(bound))).unwrap()
    }
}

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// All is passed on as it is.
    Calm,
    /// Each connection has a fate of its own.
    Storm,
    /// Nothing gets through, and what was open is cut off.
    Cut,
}

/// A proxy between clients and one address.
pub struct Network {
    url: String,
    target: Arc<Mutex<Option<SocketAddr>>>,
    weather: watch::Sender<Weather>,
    server: JoinHandle<()>,
}

impl Network {
    /// Starts it, calm. What becomes of the connections in a storm follows from the seed and their order.
    pub async fn start(target: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let weather = watch::Sender::new(Weather::Calm);
        let mut dice = Dice::new(seed);
        let now = weather.subscribe();
        let target = Arc::new(Mutex::new(Some(target)));
        let place = Arc::clone(&target);
        let server = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let fate = Fate::draw(&mut dice);
                let target = *place.lock().unwrap();
                if let Some(target) = target {
                    tokio::spawn(Connection { client, weather: now.clone(), fate }.run(target));
                }
            }
        });
        Self { url, target, weather, server }
    }

    /// The server is here now; or nowhere, where its port may soon be another's.
    pub fn lead_to(&self, target: Option<SocketAddr>) {
        *self.target.lock().unwrap() = target;
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.server.abort();
        self.set(Weather::Cut);
    }
}

/// What becomes of a connection in a storm.
#[derive(Clone, Debug)]
struct Fate {
    /// How many bytes pass up and down before something happens.
    passes: (usize, usize),
    /// What happens then.
    end: Ending,
    /// How long each piece is held back, at most.
    delay_ms: u64,
    repeats_frames: bool,
    dice: Dice,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Close,
    Reset,
    /// Nothing passes any more, but the client is not told.
    Stall,
    None,
}

impl Fate {
    fn draw(dice: &mut Dice) -> Self {
        let end = match dice.below(10) {
            0..=3 => Ending::Close,
            4 | 5 => Ending::Reset,
            6 => Ending::Stall,
            _ => Ending::None,
        };
        // Now within a handshake or a request, now between two, now long after.
        let most = [1, 400, 1_500, 6_000];
        let mut drawn = || {
            let bound = most.get(dice.size(4)).copied().unwrap();
            dice.size(bound)
        };
        let passes = (drawn(), drawn());
        let delay_ms = if dice.below(3) == 0 { 8 } else { 1 };
        let own = Dice::new(dice.below(u64::MAX));
        Self { passes, end, delay_ms, repeats_frames: dice.below(2) == 0, dice: own }
    }
}

struct Connection {
    client: TcpStream,
    weather: watch::Receiver<Weather>,
    fate: Fate,
}

impl Connection {
    fn weather(&self) -> Weather {
        *self.weather.borrow()
    }

    async fn run(mut self, target: SocketAddr) {
        if self.weather() == Weather::Cut {
            return;
        }
        let Ok(mut server) = TcpStream::connect(target).await else { return };
        if self.client.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
            return;
        }
        let (mut from_client, mut from_server) = (vec![0; 8192], vec![0; 8192]);
        let mut frames = Frames::default();
        loop {
            let mut changes = self.weather.clone();
            let (mut bytes, is_up) = tokio::select! {
                _ = changes.wait_for(|weather| *weather == Weather::Cut) => return,
                count = self.client.read(&mut from_client) => (piece(&from_client, count), true),
                count = server.read(&mut from_server) => (piece(&from_server, count), false),
            };
            if bytes.is_empty() {
                return;
            }
            let in_storm = self.weather() == Weather::Storm;
            if !is_up {
                bytes = frames.pass(&bytes, in_storm && self.fate.repeats_frames);
            }
            let mut ends = false;
            if in_storm {
                tokio::time::sleep(self.fate.dice.millis(self.fate.delay_ms)).await;
                let left = if is_up { &mut self.fate.passes.0 } else { &mut self.fate.passes.1 };
                if !matches!(self.fate.end, Ending::None) {
                    ends = bytes.len() > *left;
                    bytes.truncate(*left);
                    *left -= bytes.len();
                }
            }
            let sent = if is_up { server.write_all(&bytes).await } else { self.client.write_all(&bytes).await };
            if sent.is_err() {
                return;
            }
            if ends {
                // The server learns of it in any case: what it has half of would hold up its end.
                drop(server);
                return self.end().await;
            }
        }
    }

    async fn end(mut self) {
        match self.fate.end {
            Ending::Close | Ending::None => {}
            Ending::Reset => self.client.set_zero_linger().unwrap(),
            Ending::Stall => {
                let mut into_nothing = vec![0; 8192];
                while self.client.read(&mut into_nothing).await.is_ok_and(|count| count > 0) {}
            }
        }
    }
}

fn piece(buffer: &[u8], count: std::io::Result<usize>) -> Vec<u8> {
    buffer.iter().take(count.unwrap_or(0)).copied().collect()
}

/// What a server sends, up to whole frames once the connection is a WebSocket.
#[derive(Default)]
struct Frames {
    is_websocket: bool,
    has_head: bool,
    pending: Vec<u8>,
}

impl Frames {
    /// Passes on what is whole; text messages twice, if so asked.
    fn pass(&mut self, bytes: &[u8], twice: bool) -> Vec<u8> {
        if !self.is_websocket && !bytes.starts_with(b"HTTP/1.1 101") {
            return bytes.to_vec();
        }
        self.is_websocket = true;
        self.pending.extend_from_slice(bytes);
        let mut passed = Vec::new();
        if !self.has_head {
            let Some(end) = self.pending.windows(4).position(|window| window == b"\r\n\r\n") else { return passed };
            passed.extend(self.pending.drain(..end + 4));
            self.has_head = true;
        }
        while let Some(length) = frame_length(&self.pending) {
            let frame: Vec<u8> = self.pending.drain(..length).collect();
            if twice && frame.first() == Some(&0x81) {
                passed.extend_from_slice(&frame);
            }
            passed.extend(frame);
        }
        passed
    }
}

/// How long the first frame is, if all of it is there. A server does not mask.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.get(1)? & 0x7f {
        126 => 4 + usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap())),
        127 => 10 + usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap())).unwrap(),
        short => 2 + usize::from(short),
    };
    (bytes.len() >= length).then_some(length)
}
