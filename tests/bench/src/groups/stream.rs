//! Notifications as fast as they come.

use std::ffi::OsString;

use mycel_sdk::{Client, ListenEvent, NotificationEvent};

use crate::Result;
use crate::counted::{self, Counted, Probe};
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;
use crate::raw_stream::{self, Event};

/// Frames in a run.
const FRAMES: u64 = 100_000;

/// The argument that has the program read frames to be counted.
pub(crate) const ROLE: &str = "read-stream";

const TOKEN: &str = "agent";

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let runtime = runtime()?;
    let timed = |way: Way| {
        let (runtime, peer) = (&runtime, &peer);
        move || {
            let seconds = measure::seconds(|| runtime.block_on(way.read(peer.url(), FRAMES)))?;
            Ok(FRAMES as f64 / seconds)
        }
    };
    let raw = "tokio-tungstenite and serde_json";
    let of_stream = measure::in_turns(runs, timed(Way::Stream), timed(Way::Raw))?;
    let of_listener = measure::in_turns(runs, timed(Way::Listen), timed(Way::Raw))?;
    let mut rows = vec![
        Row::compared("`stream()`", Unit::PerSecond("frames"), &of_stream, raw, Target::AtLeast(0.85)),
        Row::compared("`listen()`", Unit::PerSecond("frames"), &of_listener, raw, Target::AtLeast(0.6)),
    ];
    for (way, name) in [(Way::Stream, "`stream()`"), (Way::Listen, "`listen()`")] {
        for counted in [Counted::Instructions, Counted::Allocations] {
            let what = format!("{name}, {} a frame", counted.name());
            rows.push(match counted::hindrance() {
                Some(hindrance) => Row::left_out(what, hindrance),
                None => {
                    let of = |way: Way| counted.count(&Probe { role: ROLE, arguments: &[way.name(), peer.url()] });
                    let pairs = counted::pairs(runs, || of(way), || of(Way::Raw))?;
                    Row::compared(what, Unit::Count(counted.name()), &pairs, raw, Target::Stated)
                }
            });
        }
    }
    Ok(rows)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// How frames are read.
#[derive(Clone, Copy)]
enum Way {
    Stream,
    Listen,
    Raw,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Listen => "listen",
            Self::Raw => "raw",
        }
    }

    /// Opens the stream of a peer, and reads so many frames: each of them, in order.
    async fn read(self, url: &str, frames: u64) -> Result<()> {
        let base_path = format!("/flood/{frames}");
        let client = || Client::builder(format!("{url}{base_path}")).auth_token(TOKEN).build();
        match self {
            Self::Stream => {
                let client = client()?;
                let mut stream = client.notifications().stream().await?;
                for expected in 1..=frames {
                    let streamed = stream.next().await.ok_or("the stream has ended")??;
                    let is_chat = matches!(streamed.notification.event, NotificationEvent::ChatMessage { .. });
                    check(streamed.notification.seq, is_chat, expected)?;
                }
            }
            Self::Listen => {
                let client = client()?;
                let mut listener = client.notifications().listen();
                let mut expected = 1;
                while expected <= frames {
                    match listener.next().await.ok_or("the listener has ended")?? {
                        ListenEvent::Notification(notification) => {
                            let is_chat = matches!(notification.event, NotificationEvent::ChatMessage { .. });
                            check(notification.seq, is_chat, expected)?;
                            expected += 1;
                        }
                        ListenEvent::Connected => {}
                        other => return Err(format!("{other:?}").into()),
                    }
                }
            }
            Self::Raw => {
                let address = url.trim_start_matches("http://");
                let mut stream = raw_stream::Stream::open(address, &base_path, TOKEN, None).await?;
                for expected in 1..=frames {
                    let notification = stream.next().await?.notification;
                    check(notification.seq, matches!(notification.event, Event::ChatMessage { .. }), expected)?;
                }
            }
        }
        Ok(())
    }
}

fn check(seq: u64, is_chat: bool, expected: u64) -> Result<()> {
    let is_right = seq == expected && is_chat;
    if is_right { Ok(()) } else { Err(format!("number {seq} came in place of {expected}").into()) }
}

/// Reads frames in one way, so many.
pub(crate) fn probe(arguments: Vec<OsString>) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let [way, url, frames] = arguments[..] else { return Err("a way, a URL and a number are needed".into()) };
    let ways = [Way::Stream, Way::Listen, Way::Raw];
    let way = ways.into_iter().find(|known| known.name() == way).ok_or("there is no such way")?;
    runtime()?.block_on(way.read(url, frames.parse()?))
}
