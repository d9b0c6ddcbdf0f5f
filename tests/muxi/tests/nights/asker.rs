//! Somebody who chats over a bad network, as an application does that shows people what it was told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt;
use muxi_sdk::{
    ChatEvent, ChatStatus, ChatStream, Error, ErrorKind, FormationClient, MemoryId, PastMessage, SessionId, Timestamp,
};
use muxi_tests::work::{RAISED, Step, Work};
use test_harness::Dice;
use tokio::time::{sleep, timeout};

/// How long it is waited before something is tried again.
const PAUSE: Duration = Duration::from_millis(4);

/// How long nothing may come of a stream, and how long a whole answer may take.
const SILENCE: Duration = Duration::from_millis(300);

/// What somebody did.
#[derive(Debug)]
pub(crate) enum Deed {
    Turn(Turn),
    /// Something that was to be remembered, and its id where it was acknowledged.
    Memory {
        user: String,
        content: String,
        made: Made<MemoryId>,
    },
    /// A conversation that was restored with two messages.
    Restored {
        user: String,
        session: SessionId,
        is_known: bool,
        era: usize,
    },
}

/// What is known of something that must not happen twice.
#[derive(Debug)]
pub(crate) enum Made<T> {
    Surely(T),
    Perhaps,
    SurelyNot,
}

/// A turn, and what was heard of it.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) user: String,
    pub(crate) session: SessionId,
    pub(crate) work: Work,
    /// Whether it was asked for with one key until it was answered.
    pub(crate) has_key: bool,
    /// How often it was asked for.
    pub(crate) asked: usize,
    /// How often the backend had been back when it was begun.
    pub(crate) era: usize,
    pub(crate) heard: Heard,
}

#[derive(Debug)]
pub(crate) enum Heard {
    /// It was told to its end.
    Whole,
    /// Some of it, or none, and then an error.
    Part,
    /// Nothing, for an error that says that it was not begun.
    Refused,
}

/// Somebody who asks.
pub(crate) struct Asker {
    pub(crate) client: FormationClient,
    pub(crate) dice: Dice,
    pub(crate) name: String,
    /// How often the backend has been back.
    pub(crate) era: Arc<AtomicUsize>,
    pub(crate) deeds: Vec<Deed>,
}

impl Asker {
    /// Does some things, and tells what came of them.
    pub(crate) async fn ask(mut self) -> Vec<Deed> {
        for _ in 0..3 + self.dice.below(3) {
            match self.dice.below(8) {
                0 => self.remember().await,
                1 => self.restore().await,
                2 | 3 => self.whole().await,
                _ => self.stream().await,
            }
        }
        self.deeds
    }

    fn era(&self) -> usize {
        self.era.load(Ordering::SeqCst)
    }

    fn name(&self) -> String {
        format!("{}-{}", self.name, self.deeds.len())
    }

    /// Something to do.
    fn work(&mut self) -> Work {
        let count = 1 + self.dice.size(3);
        let mut steps: Vec<_> = (0..count).map(|_| Step::ALL[self.dice.size(4)]).chain([Step::Text]).collect();
        match self.dice.below(8) {
            0 => steps.push(Step::Fails),
            1 => steps.push(Step::Raises),
            _ => {}
        }
        Work { name: self.name(), steps }
    }

    /// A conversation: one of its own, or a new one.
    fn session(&mut self) -> SessionId {
        let name = if self.dice.below(2) == 0 { self.name.clone() } else { self.name() };
        format!("s-{name}").into()
    }

    async fn stream(&mut self) {
        let (work, session, era) = (self.work(), self.session(), self.era());
        let request = self.client.chat(work.to_string()).user(self.name.as_str()).session(session.clone());
        let heard = match request.stream().silence(SILENCE).await {
            Ok(stream) => listen(stream, &work).await,
            Err(error) => {
                assert!(passes(&error), "{error}");
                if error.may_have_been_sent() { Heard::Part } else { Heard::Refused }
            }
        };
        let user = self.name.clone();
        self.deeds.push(Deed::Turn(Turn { user, session, work, has_key: false, asked: 1, era, heard }));
    }

    /// Has it answered whole, with one key for as long as it can't be known what came of it.
    async fn whole(&mut self) {
        let (work, session, era) = (self.work(), self.session(), self.era());
        let request = self.client.chat(work.to_string()).user(self.name.as_str()).session(session.clone());
        let request = request.idempotency_key(work.name.as_str());
        let mut asked = 0;
        let answer = loop {
            asked += 1;
            match timeout(SILENCE, request.clone().into_future()).await {
                Ok(Err(error)) if passes(&error) => sleep(PAUSE).await,
                Ok(answer) => break answer,
                Err(_) => {}
            }
        };
        match answer {
            Ok(answer) if work.does(Step::Fails) => assert_eq!(answer.text().unwrap_or_default(), "", "{work}"),
            Ok(answer) => {
                assert_eq!((answer.text(), work.does(Step::Raises)), (Some(work.answer().as_str()), false), "{work}")
            }
            Err(error) => {
                assert!(work.does(Step::Raises) && error.kind() == ErrorKind::BackendFailed, "{work}: {error}");
            }
        }
        let (user, heard) = (self.name.clone(), Heard::Whole);
        self.deeds.push(Deed::Turn(Turn { user, session, work, has_key: true, asked, era, heard }));
    }

    async fn remember(&mut self) {
        let content = self.name();
        let made = match self.client.memories().create(&content).user(self.name.as_str()).await {
            Ok(memory) => Made::Surely(memory.id),
            Err(error) => {
                assert!(passes(&error), "{error}");
                if error.may_have_been_sent() { Made::Perhaps } else { Made::SurelyNot }
            }
        };
        self.deeds.push(Deed::Memory { user: self.name.clone(), content, made });
    }

    async fn restore(&mut self) {
        let (session, era) = (SessionId::from(format!("r-{}", self.name())), self.era());
        let [asked, answered] = said(&session);
        let time = |second: u8| -> Timestamp { format!("2025-01-01T10:00:0{second}Z").parse().unwrap() };
        let past = [PastMessage::new("user", asked, time(1)), PastMessage::new("assistant", answered, time(2))];
        let restored = self.client.sessions().restore(&session, past).user(self.name.as_str()).await;
        let is_known = restored.is_ok();
        assert!(restored.is_ok_and(|restored| restored.loaded == Some(2)) || !is_known);
        self.deeds.push(Deed::Restored { user: self.name.clone(), session, is_known, era });
    }
}

/// What was said in a conversation that is restored.
pub(crate) fn said(session: &SessionId) -> [String; 2] {
    [format!("Asked in {session}"), format!("Answered in {session}")]
}

/// Hears a stream to its end: what it tells is so, and its end without `done` is an error.
async fn listen(mut stream: ChatStream, work: &Work) -> Heard {
    let (mut text, mut widgets, mut status) = (String::new(), 0, None);
    let (mut is_done, mut has_failed) = (false, false);
    while let Some(event) = stream.next().await {
        assert!(!is_done, "an event behind the end: {event:?}");
        match event.map(|event| event.kind) {
            Ok(ChatEvent::Text(piece)) => text.push_str(&piece),
            Ok(ChatEvent::Reset) => text.clear(),
            Ok(ChatEvent::Ui(shown)) => widgets += shown.len(),
            Ok(ChatEvent::Completed(completed)) => {
                assert_eq!(completed.text, work.answer(), "{work}");
                status = Some(completed.status);
            }
            Ok(ChatEvent::Failed(_)) => has_failed = true,
            Ok(ChatEvent::Done) => is_done = true,
            Ok(_) => {}
            Err(error) => {
                assert!(work.told().starts_with(&text) || work.answer().starts_with(&text), "{work}: {text:?}");
                assert!(error.may_have_been_sent(), "{error}");
                if error.kind() == ErrorKind::TurnFailed {
                    assert_eq!((error.code(), work.does(Step::Raises)), (Some(RAISED), true), "{work}: {error}");
                    assert_eq!(text, work.told(), "{work}");
                } else {
                    assert!(passes(&error), "{work}: {error}");
                }
                assert!(stream.next().await.is_none(), "something behind an error");
                return Heard::Part;
            }
        }
    }
    assert!(is_done, "an end without done that is no error: {work}");
    assert!(!work.does(Step::Raises), "{work}");
    assert_eq!(has_failed, work.does(Step::Fails), "{work}");
    if has_failed {
        assert_eq!((text, status), (work.told(), None), "{work}");
    } else {
        assert_eq!((text, status), (work.answer(), Some(ChatStatus::Success)), "{work}");
    }
    assert_eq!(widgets, work.widgets(), "{work}");
    Heard::Whole
}

fn passes(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Connect | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::Unavailable)
}
