//! Somebody who has runs done over a bad network, as an application does that wants each of them done once.

use std::time::Duration;

use futures::StreamExt;
use m8tes_sdk::runs::{Ask, Decision, Resolution};
use m8tes_sdk::{Client, Error, ErrorKind, Run, RunEvent, RunId, RunStatus, RunStream};
use m8tes_tests::work::{ANSWER, Step, Work};
use test_harness::Dice;
use tokio::time::sleep;

/// How long it is waited before something is tried again.
const PAUSE: Duration = Duration::from_millis(4);

/// How long nothing may come of a stream.
const SILENCE: Duration = Duration::from_millis(300);

/// Does it again, as long as it can't be known what came of it. No closure: a future of one could not go to another thread.
macro_rules! patiently {
    ($what:expr) => {
        loop {
            match $what.await {
                Err(error) if passes(&error) => sleep(PAUSE).await,
                outcome => break outcome,
            }
        }
    };
}

/// As much as a run is given.
const FILE: (&str, &str) = ("input.csv", "a,b\nü,2\n");

/// Files by name, with what is in them.
type Files = &'static [(&'static str, &'static str)];

/// What somebody asked for, and what they heard of it.
#[derive(Debug)]
pub(crate) struct Deed {
    pub(crate) work: Work,
    /// The files that went with it.
    pub(crate) files: Files,
    /// The run that was replied to.
    pub(crate) reply_to: Option<RunId>,
    /// Whether it was asked for until it was known which run it is.
    pub(crate) is_sure: bool,
    /// The run, where it is known.
    pub(crate) run: Option<RunId>,
    pub(crate) heard: Heard,
}

/// What was heard of a run.
#[derive(Debug)]
pub(crate) enum Heard {
    /// All of it: its text, as a stream told it to the end of the turn.
    Whole(String),
    /// A stream told this, and then could not be joined again, or it was cancelled or failed.
    Part(String),
    /// The run at its end, for which it was waited.
    Run(Box<Run>),
    /// Nothing, for an error.
    Nothing,
    /// Nothing: nobody waits for it any more.
    GivenUp,
}

/// Who decides what a run asks.
#[derive(Clone, Copy, PartialEq)]
enum Decides {
    /// Who hears its stream.
    Listener,
    /// Who waits for it.
    Another,
}

/// Somebody who asks.
pub(crate) struct Asker {
    client: Client,
    /// A client on a network where nothing is cut: whoever gives up must have known what they gave up.
    calm: Client,
    dice: Dice,
    name: String,
    deeds: Vec<Deed>,
}

impl Asker {
    pub(crate) fn new(client: Client, calm: Client, dice: Dice, name: String) -> Self {
        Self { client, calm, dice, name, deeds: Vec::new() }
    }

    /// Has some runs done, and tells what was heard of them.
    pub(crate) async fn ask(mut self) -> Vec<Deed> {
        for _ in 0..1 + self.dice.below(2) {
            let run = match self.dice.below(8) {
                0 => self.abandon().await,
                1 | 2 => self.wait(None).await,
                _ => self.stream(None).await,
            };
            if let Some(run) = run
                && self.dice.below(2) == 0
            {
                match self.dice.below(3) {
                    0 => self.wait(Some(run)).await,
                    _ => self.stream(Some(run)).await,
                };
            }
        }
        self.deeds
    }

    /// Something to do.
    fn work(&mut self) -> Work {
        let name = format!("{}-{}", self.name, self.deeds.len());
        let count = 1 + self.dice.size(3);
        let steps = (0..count).map(|_| Step::ALL[self.dice.size(6)]).chain([Step::Text]);
        let mut work = Work { name, steps: steps.collect() };
        // A file of a name is made once.
        if work.steps.iter().filter(|step| **step == Step::File).count() > 1 {
            work.steps.retain(|step| *step != Step::File);
        }
        work
    }

    fn files(&mut self) -> Files {
        const FILES: Files = &[FILE];
        if self.dice.below(4) == 0 { FILES } else { &[] }
    }

    /// Begins a stream, of a run or of a reply to one.
    async fn begin(&self, work: &Work, files: Files, reply_to: Option<RunId>) -> Result<RunStream, Error> {
        let (runs, message, key) = (self.client.runs(), work.to_string(), work.name.as_str());
        match reply_to {
            None => {
                let request = runs.stream(message).human_in_the_loop(true).idempotency_key(key);
                let request =
                    files.iter().fold(request, |request, (name, content)| request.file(*name, *content, "text/csv"));
                request.rejoin_pauses(PAUSE, 15 * PAUSE).silence(SILENCE).await
            }
            Some(run) => {
                let request = runs.reply_stream(run, message).idempotency_key(key);
                let request =
                    files.iter().fold(request, |request, (name, content)| request.file(*name, *content, "text/csv"));
                request.rejoin_pauses(PAUSE, 15 * PAUSE).silence(SILENCE).await
            }
        }
    }

    /// Begins a run or a reply to one, and waits for its end.
    async fn begin_and_wait(&self, work: &Work, files: Files, reply_to: Option<RunId>) -> Result<Run, Error> {
        let (runs, message, key) = (self.client.runs(), work.to_string(), work.name.as_str());
        match reply_to {
            None => {
                let request = runs.create_and_wait(message).human_in_the_loop(true).idempotency_key(key);
                let request =
                    files.iter().fold(request, |request, (name, content)| request.file(*name, *content, "text/csv"));
                let request = request.interval(PAUSE).on_approval(async |tool| tool.allow());
                request.on_question(async |question| question.answer(ANSWER)).await
            }
            Some(run) => {
                let request = runs.reply_and_wait(run, message).idempotency_key(key);
                let request =
                    files.iter().fold(request, |request, (name, content)| request.file(*name, *content, "text/csv"));
                let request = request.interval(PAUSE).on_approval(async |tool| tool.allow());
                request.on_question(async |question| question.answer(ANSWER)).await
            }
        }
    }

    /// Waits for a run's end.
    async fn over(&self, id: RunId) -> Result<Run, Error> {
        let wait = self.client.runs().wait(id).interval(PAUSE).on_approval(async |tool| tool.allow());
        wait.on_question(async |question| question.answer(ANSWER)).await
    }

    /// Has it streamed, as a run or as a reply to one.
    async fn stream(&mut self, reply_to: Option<RunId>) -> Option<RunId> {
        let (work, files) = (self.work(), self.files());
        let is_sure = self.dice.below(4) > 0;
        let begun = match is_sure {
            true => patiently!(self.begin(&work, files, reply_to)),
            false => self.begin(&work, files, reply_to).await,
        };
        let mut deed = Deed { work, files, reply_to, is_sure, run: None, heard: Heard::Nothing };
        let (cancels, queues) = (self.dice.below(12) == 0, self.dice.below(6) == 0);
        match begun {
            Ok(stream) if queues => {
                let run = stream.run_id();
                self.queue(stream, deed).await;
                return run;
            }
            Ok(stream) => {
                let cancels_after = cancels.then(|| self.dice.size(20));
                (deed.run, deed.heard) = self.listen(stream, Decides::Listener, cancels_after).await;
            }
            Err(error) => deed.run = known(&error, reply_to, is_sure),
        }
        self.keep(deed).await
    }

    /// Hears a stream, and replies to its run meanwhile.
    async fn queue(&mut self, stream: RunStream, mut deed: Deed) {
        let (id, mut work) = (stream.run_id().unwrap(), self.work());
        work.name.push_str("-queued");
        let waited = async { patiently!(self.begin_and_wait(&work, &[], Some(id))) };
        let ((run, heard), waited) = tokio::join!(self.listen(stream, Decides::Another, None), waited);
        // A stream that is joined again when the turn is over may be that of the next.
        deed.run = run;
        deed.heard = match heard {
            Heard::Whole(text) | Heard::Part(text) if !deed.work.text(deed.files).starts_with(&text) => {
                assert!(work.text(&[]).starts_with(&text), "neither this turn nor the next: {text:?} of {deed:?}");
                Heard::Nothing
            }
            Heard::Whole(text) => Heard::Part(text),
            other => other,
        };
        let mut reply = Deed { work, files: &[], reply_to: run, is_sure: true, run, heard: Heard::Nothing };
        self.deeds.push(deed);
        match waited {
            Ok(run) => reply.heard = Heard::Run(Box::new(run)),
            // It was taken out of the queue: there is no turn of it.
            Err(error) if error.code() == Some("queued_message_cancelled") => reply.is_sure = false,
            Err(error) => panic!("{error}"),
        }
        self.deeds.push(reply);
    }

    /// Waits for it, as a run or as a reply to one.
    async fn wait(&mut self, reply_to: Option<RunId>) -> Option<RunId> {
        let (work, files) = (self.work(), self.files());
        let waited = patiently!(self.begin_and_wait(&work, files, reply_to));
        let mut deed = Deed { work, files, reply_to, is_sure: true, run: None, heard: Heard::Nothing };
        match waited {
            Ok(run) => {
                deed.run = Some(run.id);
                deed.heard = Heard::Run(Box::new(run));
            }
            Err(error) => deed.run = known(&error, reply_to, true),
        }
        self.keep(deed).await
    }

    /// Begins to wait for it, and gives up before it is over: it waits for somebody who never answers.
    async fn abandon(&mut self) -> Option<RunId> {
        let mut work = self.work();
        work.steps.insert(0, Step::Gate);
        let message = work.to_string();
        let calm = self.calm.clone();
        let request = calm.runs().create_and_wait(&message).human_in_the_loop(true).interval(PAUSE);
        let request = request.on_approval(async |_| None::<Decision>);
        let patience = self.dice.millis(60);
        let mut run = None;
        if self.dice.below(2) == 0 {
            // Dropped.
            let _ = tokio::time::timeout(patience, request).await;
        } else {
            match request.timeout(patience).await {
                Ok(over) => run = Some(over.id),
                Err(error) => {
                    assert!(passes(&error), "{error}");
                    run = error.run_id();
                }
            }
        }
        self.deeds.push(Deed { work, files: &[], reply_to: None, is_sure: false, run, heard: Heard::GivenUp });
        None
    }

    /// Keeps it when it is over.
    async fn keep(&mut self, deed: Deed) -> Option<RunId> {
        let run = deed.run;
        self.deeds.push(deed);
        let id = run?;
        let over = patiently!(self.over(id)).unwrap();
        (over.status != RunStatus::Cancelled).then_some(id)
    }

    /// Hears a stream to its end, and decides what is asked. What it is asked again after an answer, it is asked by
    /// another stream.
    async fn listen(
        &self,
        mut stream: RunStream,
        who: Decides,
        mut cancels_after: Option<usize>,
    ) -> (Option<RunId>, Heard) {
        loop {
            let mut text = String::new();
            let mut asked = Vec::new();
            let mut broken = None;
            while let Some(event) = stream.next().await {
                let event = match event {
                    Ok(event) => event,
                    Err(error) => {
                        assert_eq!(error.run_id(), stream.run_id(), "an error that does not name its run: {error}");
                        assert!(error.run_id().is_some(), "nobody knows which run that was: {error}");
                        broken = Some(error);
                        continue;
                    }
                };
                assert!(broken.is_none(), "an event behind an error: {event:?}");
                match &event.kind {
                    RunEvent::TextDelta(piece) => text.push_str(piece),
                    RunEvent::Rewritten(rewritten) => text = text.chars().take(rewritten.kept).collect(),
                    RunEvent::PermissionRequest(gate) => {
                        assert!(!asked.contains(gate), "asked twice by one stream: {gate:?}");
                        asked.push(gate.clone());
                        self.decide(stream.run_id().unwrap(), who).await;
                    }
                    _ => {}
                }
                match &mut cancels_after {
                    Some(0) => {
                        cancels_after = None;
                        // It may be over, or too far away.
                        let _ = stream.cancel().await;
                    }
                    Some(left) => *left -= 1,
                    None => {}
                }
            }
            assert_eq!(text, stream.text());
            let run = stream.run_id();
            if broken.is_some() {
                return (run, Heard::Part(text));
            }
            if stream.paused().is_some() {
                let id = run.unwrap();
                self.decide(id, who).await;
                let runs = self.client.runs();
                match patiently!(runs.join(id).rejoin_pauses(PAUSE, 15 * PAUSE).silence(SILENCE).into_future()) {
                    Ok(joined) => stream = joined,
                    // It is over, or waits again.
                    Err(error) => {
                        assert_eq!((error.kind(), error.run_id()), (ErrorKind::Conflict, run), "{error}");
                        return (run, Heard::Part(text));
                    }
                }
                continue;
            }
            let heard = match stream.finish().await {
                Ok(whole) => {
                    assert_eq!(whole, text);
                    Heard::Whole(text)
                }
                Err(error) => {
                    assert_eq!((error.kind(), error.run_id()), (ErrorKind::RunFailed, run), "{error}");
                    Heard::Part(text)
                }
            };
            return (run, heard);
        }
    }

    /// Decides all that waits, or waits a little where another does.
    async fn decide(&self, id: RunId, who: Decides) {
        if who == Decides::Another {
            return sleep(PAUSE).await;
        }
        let runs = self.client.runs();
        let waiting = patiently!(runs.permissions(id)).unwrap();
        for request in waiting.iter().filter(|request| request.is_pending()) {
            let resolution: Resolution = match request.ask() {
                Ask::Tool(tool) => tool.allow().into(),
                Ask::Question(question) => question.answer(ANSWER).into(),
                other => panic!("{other:?}"),
            };
            // Where it was decided by an attempt whose answer was lost, it is refused now.
            let _ = patiently!(runs.resolve(id, resolution.clone()));
        }
    }
}

fn passes(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Connect | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::Unavailable)
}

/// The run that an error is about that was to begin a turn.
fn known(error: &Error, reply_to: Option<RunId>, is_sure: bool) -> Option<RunId> {
    let run = error.run_id();
    let is_over =
        error.code() == Some("idempotent_replay_terminal") || error.code() == Some("queued_message_cancelled");
    assert!(is_over || passes(error), "neither over nor lost: {error}");
    assert!(run.is_some() || !is_sure, "nobody knows which run that was: {error}");
    assert!(reply_to.is_none() || run == reply_to, "not the run that was replied to: {error}");
    run
}
