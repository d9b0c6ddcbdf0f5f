//! One turn of a run, from its stream to its end: shown, asked about, interrupted, waited out.

use std::collections::HashSet;
use std::time::Duration;

use futures::StreamExt;
use m8tes_sdk::runs::{Gate, RunEvent};
use m8tes_sdk::{Client, Error, ErrorKind, PermissionRequest, Run, RunId, RunStatus, RunStream};

use crate::failure::Failure;
use crate::interrupts::{Interrupt, Watch};
use crate::output::work::{Work, duration};
use crate::people::{self, Asked};
use crate::prompts::{self, Pressed};
use crate::screen::{DIM, Screen, YELLOW};
use crate::session::Session;

/// How long a run is waited for whose stream can't be joined any more.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 60);

/// How long it takes at the most, in steps, until a decision is seen where a stream is joined again.
const LAG: (u32, Duration) = (50, Duration::from_millis(200));

/// How a turn ended.
pub(crate) struct Ended {
    /// The run, where it is known.
    pub(crate) run: Option<RunId>,
    pub(crate) result: Result<(), Failure>,
    /// A person has cancelled it with Ctrl-C.
    pub(crate) was_cancelled: bool,
}

/// A reply to a run that was at work when it was sent.
#[derive(Clone, Copy)]
pub(crate) struct Reply {
    /// Its number in the queue; `None` where it is in none any more.
    pub(crate) queued: Option<i64>,
}

/// What to do after Ctrl-C.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Leave,
    Cancelled,
    GoOn,
}

/// Shows a turn to its end. What ends the program at once is an error; what went wrong in the turn is told in what is returned.
/// `reply` is one to a run at work, whose own turn comes after the one that is streamed.
pub(crate) async fn follow(
    session: &mut Session<'_>,
    client: &Client,
    mut stream: RunStream,
    work: &mut Work,
    reply: Option<Reply>,
) -> Result<Ended, Failure> {
    let watch = session.interrupts.watch();
    let screen = &mut session.screen;
    let mut turn = Turn { client, watch: &watch, asked: HashSet::new(), told: HashSet::new(), looks: 0 };
    let result = turn.read(screen, &mut stream, work).await;
    screen.stop_spinning();
    let run = stream.run_id();
    let was_cancelled = matches!(result, Ok(Then::Cancelled));
    let reply = stream.queued_message_id().map(|queued| Reply { queued: Some(queued) }).or(reply);
    let shown = reply.map(|_| stream.text().to_owned()).unwrap_or_default();
    let result = match result {
        Ok(Then::Cancelled | Then::Leave) => Err(Failure::Interrupted),
        Ok(Then::GoOn) => stream.finish().await.map(drop).map_err(Failure::from),
        Err(Failure::Refused(error)) if waits_out(&error) => turn.wait_out(screen, &error, stream.text(), work).await,
        Err(failure) => Err(failure),
    };
    if let Err(failure @ Failure::NobodyReads) = result {
        return Err(failure);
    }
    screen.end_line()?;
    let result = match (result, run, reply) {
        (Ok(()), Some(run), Some(reply)) => turn.wait_for_reply(screen, run, reply, &shown, work).await,
        (result, ..) => result,
    };
    Ok(Ended { run, result, was_cancelled })
}

/// Tells what a run has cost.
pub(crate) async fn summarize(screen: &mut Screen, client: &Client, run: RunId, work: Option<&Work>) {
    let outcome = match client.runs().outcome(run).await {
        Ok(outcome) => outcome,
        Err(error) => return screen.styled_note(&format!("what run {run} has cost can't be told: {error}"), DIM),
    };
    let mut parts = vec![format!("run {run} {}", outcome.status)];
    if let Some(work) = work {
        parts.push(duration(work.took()));
        match work.tools_used() {
            0 => {}
            1 => parts.push("1 tool call".to_owned()),
            used => parts.push(format!("{used} tool calls")),
        }
    }
    parts.extend(outcome.total_tokens.map(|tokens| format!("{tokens} tokens")));
    parts.extend(outcome.cost_usd.map(|cost| format!("${cost}")));
    screen.styled_note(&parts.join(" · "), DIM);
}

/// What becomes of a run that is left.
fn goes_on(run: Option<RunId>) -> String {
    match run {
        Some(run) => format!("run {run} goes on; m8tes run watch {run} shows it, m8tes run cancel {run} ends it"),
        None => "the run may go on, and its id is not known yet; m8tes run list shows it".to_owned(),
    }
}

/// Whether the run goes on though its stream does not.
fn waits_out(error: &Error) -> bool {
    // A page that stands in the stream's place, as a proxy puts it there, says nothing of the run.
    let is_refused = error.status().is_some_and(|status| (400..500).contains(&status) && status != 429);
    error.run_id().is_some() && !is_refused && !matches!(error.kind(), ErrorKind::RunFailed | ErrorKind::NeedsPerson)
}

struct Turn<'t> {
    client: &'t Client,
    watch: &'t Watch<'t>,
    /// The requests that a person has decided here.
    asked: HashSet<String>,
    /// The requests that were told where nobody is there to decide them.
    told: HashSet<String>,
    /// How often a request was seen again that is decided.
    looks: u32,
}

impl Turn<'_> {
    /// Reads a stream to its end.
    async fn read(&mut self, screen: &mut Screen, stream: &mut RunStream, work: &mut Work) -> Result<Then, Failure> {
        loop {
            let event = tokio::select! {
                event = stream.next() => event,
                interrupt = self.watch.next() => {
                    match self.interrupted(screen, stream.run_id(), interrupt).await? {
                        Then::GoOn => continue,
                        then => return Ok(then),
                    }
                }
            };
            match event {
                Some(Ok(event)) => {
                    work.show(screen, &event)?;
                    if let RunEvent::PermissionRequest(gate) | RunEvent::AwaitingApproval(gate) = &event.kind {
                        let then = self.ask_gate(screen, stream.run_id(), gate).await?;
                        if then != Then::GoOn {
                            return Ok(then);
                        }
                    }
                }
                Some(Err(error)) => return Err(error.into()),
                None => match self.ask_paused(screen, stream).await? {
                    Some(then) => return Ok(then),
                    None => stream.rejoin(),
                },
            }
        }
    }

    /// A run asks something, and its stream stays open.
    async fn ask_gate(&mut self, screen: &mut Screen, run: Option<RunId>, gate: &Gate) -> Result<Then, Failure> {
        let (Some(run), request) = (run, people::of_gate(gate)) else { return Ok(Then::GoOn) };
        let id = request.as_ref().map(|request| request.request_id.clone()).unwrap_or_default();
        if self.asked.contains(&id) {
            return Ok(Then::GoOn);
        }
        if screen.has_person() {
            return self.decide(screen, run, request.as_ref()).await;
        }
        if self.told.insert(id) {
            let what = request.as_ref().map(people::in_short).unwrap_or_default();
            screen.note(&format!("run {run} waits for a person: {what} Decide it with: m8tes run approve {run}"));
        }
        Ok(Then::GoOn)
    }

    /// The stream is at its end. Where a person has decided what the run waited for, it goes on: `None`.
    async fn ask_paused(&mut self, screen: &mut Screen, stream: &RunStream) -> Result<Option<Then>, Failure> {
        let (Some(request), Some(run)) = (stream.paused(), stream.run_id()) else { return Ok(Some(Then::GoOn)) };
        if !screen.has_person() {
            return Ok(Some(Then::GoOn));
        }
        if self.asked.contains(&request.request_id) {
            // It is decided, and m8tes has yet to see that.
            self.looks += 1;
            if self.looks > LAG.0 {
                return Ok(Some(Then::GoOn));
            }
            tokio::time::sleep(LAG.1).await;
            return Ok(None);
        }
        let then = self.decide(screen, run, Some(request)).await?;
        Ok((then != Then::GoOn).then_some(then))
    }

    async fn decide(
        &mut self,
        screen: &mut Screen,
        run: RunId,
        request: Option<&PermissionRequest>,
    ) -> Result<Then, Failure> {
        loop {
            let asked = tokio::select! {
                asked = people::decide(screen, self.client, run, request, &mut self.asked) => asked?,
                // A line is being read, and no other question can be asked until it has ended.
                _ = self.watch.next() => {
                    screen.note(&goes_on(Some(run)));
                    return Ok(Then::Leave);
                }
            };
            match asked {
                Asked::Decided => return Ok(Then::GoOn),
                Asked::CtrlC => match self.interrupted(screen, Some(run), Interrupt::Keyboard).await? {
                    Then::GoOn => {}
                    then => return Ok(then),
                },
            }
        }
    }

    /// Ctrl-C: what becomes of the run is the person's to say. A second one leaves, and so does any other signal.
    async fn interrupted(
        &mut self,
        screen: &mut Screen,
        run: Option<RunId>,
        interrupt: Interrupt,
    ) -> Result<Then, Failure> {
        let goes_on = goes_on(run);
        if interrupt == Interrupt::Terminate || !screen.has_person() {
            screen.note(&goes_on);
            return Ok(Then::Leave);
        }
        let Some(id) = run else {
            screen.note(&goes_on);
            return Ok(Then::Leave);
        };
        let question = format!("Run {id} is at work: (l)eave it running, (c)ancel it, (g)o on watching?");
        let pressed = tokio::select! {
            pressed = prompts::key(screen, &question, "lcg") => pressed?,
            _ = self.watch.next() => Pressed::CtrlC,
        };
        match pressed {
            Pressed::Key('g') => Ok(Then::GoOn),
            Pressed::Key('c') => match self.client.runs().cancel(id).await {
                Ok(_) => {
                    screen.styled_note(&format!("run {id} is cancelled"), YELLOW);
                    Ok(Then::Cancelled)
                }
                // It is over by itself, which its stream tells.
                Err(error) if error.kind() == ErrorKind::Conflict => Ok(Then::GoOn),
                Err(error) => {
                    screen.note(&format!("run {id} could not be cancelled: {error}"));
                    Ok(Then::GoOn)
                }
            },
            _ => {
                screen.note(&goes_on);
                Ok(Then::Leave)
            }
        }
    }

    /// Waits for the end of a run whose stream was cut for good, and shows what it has said since.
    async fn wait_out(
        &mut self,
        screen: &mut Screen,
        error: &Error,
        shown: &str,
        work: &mut Work,
    ) -> Result<(), Failure> {
        let Some(run) = error.run_id() else { return Err(Failure::failed(error.to_string())) };
        screen.note(&error.to_string());
        screen.note(&format!("waiting for run {run} to end, for 30 minutes at the most"));
        let over = self.wait(screen, run, None).await?;
        show_rest(screen, work, shown, over.output.as_deref().unwrap_or_default())?;
        result_of(over)
    }

    /// What was shown may be the turn that was under way; the reply's own comes after it.
    async fn wait_for_reply(
        &mut self,
        screen: &mut Screen,
        run: RunId,
        reply: Reply,
        shown: &str,
        work: &mut Work,
    ) -> Result<(), Failure> {
        screen.note(&format!("that was the turn under way; waiting for run {run} to answer the reply"));
        let over = self.wait(screen, run, reply.queued).await?;
        // It is the reply's turn that was streamed where the other was over by then.
        if let Some(output) = over.output.as_deref().filter(|output| *output != shown) {
            work.rest(screen, output)?;
            screen.end_line()?;
        }
        result_of(over)
    }

    /// Waits for the end of a run, and of the turn of this reply.
    async fn wait(&mut self, screen: &mut Screen, run: RunId, queued: Option<i64>) -> Result<Run, Failure> {
        let over = loop {
            screen.spin(&format!("waiting for run {run}"));
            let wait = self.client.runs().wait(run).timeout(LONGEST_WAIT);
            let wait = match queued {
                Some(queued) => wait.queued_message(queued),
                None => wait,
            };
            let waited = tokio::select! {
                waited = wait => waited,
                interrupt = self.watch.next() => {
                    match self.interrupted(screen, Some(run), interrupt).await? {
                        Then::GoOn => continue,
                        _ => return Err(Failure::Interrupted),
                    }
                }
            };
            match waited {
                Ok(over) => break over,
                Err(error) if error.kind() == ErrorKind::NeedsPerson && screen.has_person() => {
                    if self.decide(screen, run, error.permission_request()).await? != Then::GoOn {
                        return Err(Failure::Interrupted);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        };
        screen.stop_spinning();
        Ok(over)
    }
}

/// Shows what a run has said beyond what was shown.
fn show_rest(screen: &mut Screen, work: &mut Work, shown: &str, output: &str) -> Result<(), Failure> {
    match output.strip_prefix(shown) {
        Some("") => Ok(()),
        Some(rest) => work.rest(screen, rest),
        None if output.is_empty() => Ok(()),
        None => {
            work.rewritten(screen, 0)?;
            work.rest(screen, output)
        }
    }
}

/// Whether a run that is over did what it was asked to.
pub(crate) fn result_of(run: Run) -> Result<(), Failure> {
    match run.status {
        RunStatus::Cancelled => Err(Failure::failed(format!("run {} was cancelled", run.id))),
        _ => run.into_result().map(drop).map_err(Failure::from),
    }
}
