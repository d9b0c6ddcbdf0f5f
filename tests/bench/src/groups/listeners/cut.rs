//! What it takes to go on after a cut.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mycel_sdk::{Client, ListenEvent, ListenSettings};

use crate::Result;
use crate::figure::{Pairs, Row, Samples, Target, Unit};
use crate::measure;
use crate::peer::Peer;
use crate::raw_stream::Stream;

/// Cuts in a run.
const CUTS: u32 = 50;

const TOKEN: &str = "agent";

/// What one run brought, for each cut.
#[derive(Clone, Copy, Default)]
struct Resumed {
    seconds: f64,
    handshakes: f64,
    drains: f64,
}

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    measure::in_turns(
        runs,
        || {
            ours.push(runtime.block_on(cut_ours(&peer))?);
            Ok(0.0)
        },
        || {
            raw.push(runtime.block_on(cut_raw(&peer))?);
            Ok(0.0)
        },
    )?;
    // The first of each is what does not count.
    let [ours, raw] = [ours.split_off(1), raw.split_off(1)];
    let pairs = |part: fn(&Resumed) -> f64| Pairs::new(ours.iter().map(part).zip(raw.iter().map(part)).collect());
    Ok(vec![
        Row::compared(
            "a cut: handshakes until the next notification",
            Unit::Count(""),
            &pairs(|resumed| resumed.handshakes),
            "raw",
            Target::AtMost(1.0),
        ),
        Row::alone(
            "a cut: drains until the next notification",
            Unit::Count(""),
            Samples::new(ours.iter().map(|resumed| resumed.drains)),
            Target::Stated,
        ),
        Row::compared(
            "a cut: time until the next notification, without the pause",
            Unit::Seconds,
            &pairs(|resumed| resumed.seconds),
            "raw",
            Target::Stated,
        ),
    ])
}

/// Commands the peer.
struct Command(TcpStream);

impl Command {
    fn new(peer: &Peer) -> Result<Self> {
        Ok(Self(TcpStream::connect(peer.address())?))
    }

    /// Has all streams be cut. What was seen until then is told by [`seen`](Self::seen).
    fn cut(&mut self) -> Result<()> {
        Ok(self.0.write_all(b"POST /cut HTTP/1.1\r\nhost: peer\r\n\r\n")?)
    }

    fn ask(&mut self) -> Result<()> {
        Ok(self.0.write_all(b"GET /seen HTTP/1.1\r\nhost: peer\r\n\r\n")?)
    }

    /// How many handshakes and drains there were before the command.
    fn seen(&mut self) -> Result<[f64; 2]> {
        let mut answer = [0; 1024];
        let count = self.0.read(&mut answer)?;
        let answer = String::from_utf8_lossy(answer.get(..count).unwrap_or_default()).into_owned();
        let told = answer.split_once("\r\n\r\n").and_then(|(_, body)| body.split_once(' '));
        let (handshakes, drains) = told.ok_or("the peer does not tell what it has seen")?;
        Ok([handshakes.parse()?, drains.parse()?])
    }

    /// What has been seen from the cut, whose answer was not read yet, until now.
    fn since_cut(&mut self) -> Result<[f64; 2]> {
        let before = self.seen()?;
        self.ask()?;
        let after = self.seen()?;
        Ok([after[0] - before[0], after[1] - before[1]])
    }
}

async fn cut_ours(peer: &Peer) -> Result<Resumed> {
    let client = Client::builder(format!("{}/cut", peer.url())).auth_token(TOKEN).build()?;
    // The least pause, each time.
    let settings = ListenSettings::default().base_delay(Duration::from_millis(1)).stable_after(Duration::ZERO);
    let mut listener = client.notifications().listen_with(settings);
    let first = listener.next().await.ok_or("the listener has ended")??;
    if !matches!(first, ListenEvent::Connected) {
        return Err(format!("{first:?}").into());
    }
    let mut command = Command::new(peer)?;
    let mut sum = Resumed::default();
    for _ in 0..CUTS {
        command.cut()?;
        let cut = Instant::now();
        let mut pause = None;
        loop {
            match listener.next().await.ok_or("the listener has ended")?? {
                ListenEvent::Disconnected { retry_in, .. } if pause.is_none() => pause = Some(retry_in),
                ListenEvent::Connected if pause.is_some() => {}
                ListenEvent::Notification(_) => break,
                other => return Err(format!("{other:?}").into()),
            }
        }
        let pause = pause.ok_or("no pause was told")?;
        sum.add(cut.elapsed().saturating_sub(pause), command.since_cut()?);
    }
    Ok(sum.mean())
}

async fn cut_raw(peer: &Peer) -> Result<Resumed> {
    let open = || Stream::open(peer.address(), "/cut", TOKEN, None);
    let mut stream = open().await?;
    let mut since = 0;
    let mut command = Command::new(peer)?;
    let mut sum = Resumed::default();
    for _ in 0..CUTS {
        command.cut()?;
        let cut = Instant::now();
        while let Ok(streamed) = stream.next().await {
            since = streamed.notification.seq;
        }
        stream = open().await?;
        stream.resume(since).await?;
        since = stream.next().await?.notification.seq;
        sum.add(cut.elapsed(), command.since_cut()?);
    }
    Ok(sum.mean())
}

impl Resumed {
    fn add(&mut self, took: Duration, [handshakes, drains]: [f64; 2]) {
        self.seconds += took.as_secs_f64();
        self.handshakes += handshakes;
        self.drains += drains;
    }

    fn mean(self) -> Self {
        let cuts = f64::from(CUTS);
        Self { seconds: self.seconds / cuts, handshakes: self.handshakes / cuts, drains: self.drains / cuts }
    }
}
