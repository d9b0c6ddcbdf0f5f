//! Faults of single exchanges: a request and its answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use super::{Dice, Flow};
use crate::message::Message;

/// What becomes of one attempt.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is passed on as it is.
    Pass,
    /// The connection ends as soon as it is made.
    OnArrival(End),
    /// The connection ends when the request begins to come, of which nothing is read.
    Unread(End),
    /// The request gets as far as there, and then both sides are closed.
    CutRequest(Cut),
    /// The request is read, and goes nowhere.
    Swallow(End),
    /// The request is read and goes nowhere, and this is the answer to it; then the connection ends, or goes on.
    Answer(Vec<u8>, Option<End>),
    /// The request is passed on, and its answer gets as far as there.
    CutAnswer(Cut, End),
    /// The request is passed on, and its answer comes byte by byte, with these pauses or none.
    Trickle(Duration),
    /// The request is passed on, and its answer comes that much later.
    Late(Duration),
    /// The request is passed on, and this comes in place of its answer.
    Replace(Vec<u8>),
    /// The request is passed on, and so is the answer's head; of its body it depends.
    Flow(Flow),
}

/// How the client's connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In good order.
    Close,
    /// By a reset.
    Reset,
    /// It doesn't: nothing comes any more until the client leaves.
    Silence,
}

/// A place in a message. Where the message has no body, a place in its body is one in its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before the first byte.
    Start,
    /// After the first byte.
    FirstByte,
    /// Somewhere in the head.
    InHead,
    /// Between head and body.
    AfterHead,
    /// Somewhere in the body.
    InBody,
    /// When the last byte alone is missing.
    BeforeLastByte,
}

impl Cut {
    fn place(self, message: &Message, dice: &mut Dice) -> usize {
        let Message { head, length, .. } = *message;
        // From `least` to below `end`, or the last place before that.
        let mut between = |least: usize, end: usize| match end.saturating_sub(least) {
            0 => end - 1,
            room => least + dice.size(u32::try_from(room).unwrap()),
        };
        match self {
            Self::Start => 0,
            Self::FirstByte => 1,
            Self::AfterHead if length > head => head,
            Self::InBody if length > head => between(head + 1, length),
            Self::InHead | Self::AfterHead | Self::InBody => between(1, head),
            Self::BeforeLastByte => length - 1,
        }
    }
}

/// What becomes of one attempt after the other, and what was seen of them.
#[derive(Debug)]
pub struct Script {
    faults: Vec<Fault>,
    /// Whether the last fault is that of all further attempts; otherwise they pass.
    lasts: bool,
    dice: Mutex<Dice>,
    seen: watch::Sender<Seen>,
    /// How many exchanges stall now.
    stalled: watch::Sender<usize>,
}

/// An exchange that stalls, until this is dropped.
struct Stalled<'s>(&'s Script);

impl Drop for Stalled<'_> {
    fn drop(&mut self) {
        self.0.stalled.send_modify(|stalled| *stalled -= 1);
    }
}

/// What a network saw while it followed a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Attempts: connections that ended on arrival, and requests that began to come.
    pub attempts: usize,
    /// Requests that were passed on to their last byte.
    pub delivered: usize,
    /// Requests that were answered behind the network.
    pub answered: usize,
    /// How many bytes of a body have passed, of the last answer with a [`Fault::Flow`].
    pub body: usize,
}

impl Seen {
    /// What was seen behind the first exchanges, so many of which were passed on and answered.
    #[must_use]
    pub fn behind(self, first: usize) -> Self {
        let Self { attempts, delivered, answered, body } = self;
        Self { attempts: attempts - first, delivered: delivered - first, answered: answered - first, body }
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new([], 0)
    }
}

impl Script {
    /// One fault for each attempt; all that come after them pass. The seed decides where exactly a message is cut.
    pub fn new(faults: impl Into<Vec<Fault>>, seed: u64) -> Self {
        let dice = Mutex::new(Dice::new(seed));
        Self {
            faults: faults.into(),
            lasts: false,
            dice,
            seen: watch::Sender::default(),
            stalled: watch::Sender::default(),
        }
    }

    /// The last fault is that of all further attempts.
    #[must_use]
    pub fn for_good(mut self) -> Self {
        self.lasts = true;
        self
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        *self.seen.borrow()
    }

    /// Waits until an exchange stalls; not at all, while one does.
    pub async fn wait_for_stall(&self) {
        self.stalled.subscribe().wait_for(|stalled| *stalled > 0).await.unwrap();
    }

    /// An exchange stalls from now on.
    fn stalls(&self) -> Stalled<'_> {
        self.stalled.send_modify(|stalled| *stalled += 1);
        Stalled(self)
    }

    fn see(&self, change: impl FnOnce(&mut Seen)) {
        self.seen.send_modify(change);
    }

    fn place(&self, cut: Cut, message: &Message) -> usize {
        cut.place(message, &mut self.dice.lock().unwrap())
    }

    /// The fault of the attempt that comes next.
    fn next(&self) -> Fault {
        let fault = self.faults.get(self.seen().attempts).or(self.faults.last().filter(|_| self.lasts));
        fault.cloned().unwrap_or(Fault::Pass)
    }
}

/// What is left to do with the client's connection when an exchange is over.
enum After {
    Next,
    End(End),
}

/// Passes exchange after exchange, each by the script of its time, until a quiet connection is to be closed.
pub(super) async fn serve(
    mut client: TcpStream,
    target: SocketAddr,
    scripts: watch::Receiver<Arc<Script>>,
    mut closing: watch::Receiver<()>,
) {
    client.set_nodelay(true).unwrap();
    let script = Arc::clone(&scripts.borrow());
    if let Fault::OnArrival(how) = script.next() {
        script.see(|seen| seen.attempts += 1);
        return end(client, how, &script).await;
    }
    let mut server = None;
    loop {
        let mut first = [0];
        let is_there = tokio::select! {
            count = client.peek(&mut first) => count.is_ok_and(|count| count > 0),
            _ = closing.changed() => {
                // Closed for this side only, so that the client is known to have seen it when it leaves.
                let _ = client.shutdown().await;
                return end(client, End::Silence, &script).await;
            }
        };
        if !is_there {
            return;
        }
        let script = Arc::clone(&scripts.borrow());
        let fault = script.next();
        script.see(|seen| seen.attempts += 1);
        match exchange(&mut client, &mut server, target, fault, &script).await {
            Some(After::Next) => {}
            Some(After::End(how)) => {
                drop(server);
                return end(client, how, &script).await;
            }
            None => return,
        }
    }
}

async fn end(mut client: TcpStream, how: End, script: &Script) {
    match how {
        End::Close => {}
        End::Reset => client.set_zero_linger().unwrap(),
        End::Silence => {
            let _stalled = script.stalls();
            let mut into_nothing = vec![0; 8192];
            while client.read(&mut into_nothing).await.is_ok_and(|count| count > 0) {}
        }
    }
}

/// One exchange; `None` where one of the two sides has gone.
async fn exchange(
    client: &mut TcpStream,
    server: &mut Option<TcpStream>,
    target: SocketAddr,
    fault: Fault,
    script: &Script,
) -> Option<After> {
    if let Fault::Unread(how) = fault {
        return Some(After::End(how));
    }
    let request = Message::read(client).await?;
    match fault {
        Fault::Swallow(how) => return Some(After::End(how)),
        Fault::Answer(bytes, how) => {
            client.write_all(&bytes).await.ok()?;
            return Some(how.map_or(After::Next, After::End));
        }
        _ => {}
    }
    if server.is_none() {
        let stream = TcpStream::connect(target).await.ok()?;
        stream.set_nodelay(true).ok()?;
        *server = Some(stream);
    }
    let upstream = server.as_mut()?;
    if let Fault::CutRequest(cut) = fault {
        upstream.write_all(request.bytes.get(..script.place(cut, &request))?).await.ok()?;
        return Some(After::End(End::Close));
    }
    // Counted before it is written: when the backend acts on it, it is counted.
    script.see(|seen| seen.delivered += 1);
    upstream.write_all(&request.bytes).await.ok()?;
    if let Fault::Flow(flow) = fault {
        let end = flow.pass(client, upstream, |count| script.see(|seen| seen.body = count)).await?;
        return Some(After::End(end));
    }
    let answer = Message::read(upstream).await?;
    script.see(|seen| seen.answered += 1);
    match fault {
        Fault::CutAnswer(cut, how) => {
            client.write_all(answer.bytes.get(..script.place(cut, &answer))?).await.ok()?;
            return Some(After::End(how));
        }
        Fault::Replace(bytes) => {
            client.write_all(&bytes).await.ok()?;
            // Of an answer that is a stream there is more to come, which is none to the next request.
            *server = None;
            return Some(After::Next);
        }
        Fault::Trickle(pause) => {
            let _stalled = (!pause.is_zero()).then(|| script.stalls());
            for byte in &answer.bytes {
                client.write_all(&[*byte]).await.ok()?;
                // To sleep for nothing takes a millisecond.
                if pause.is_zero() { yield_now().await } else { sleep(pause).await }
            }
        }
        Fault::Late(delay) => {
            let stalled = script.stalls();
            // A client that has gone needs no answer.
            if let Ok(Ok(0) | Err(_)) = timeout(delay, client.peek(&mut [0])).await {
                return None;
            }
            drop(stalled);
            client.write_all(&answer.bytes).await.ok()?;
        }
        _ => client.write_all(&answer.bytes).await.ok()?,
    }
    if answer.bytes.starts_with(b"HTTP/1.1 101") {
        let _ = copy_bidirectional(client, upstream).await;
        return None;
    }
    Some(After::Next)
}
