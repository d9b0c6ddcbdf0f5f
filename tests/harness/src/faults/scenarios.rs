//! The faults: what the network does, and what a client can know of it.

use std::time::Duration;

use super::Subject;
use super::hastened::LIMIT;
use crate::{Cut, Door, End, Fault};

/// How an attempt ends, as far as its client can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It succeeds.
    Success,
    /// No connection is made.
    Connect,
    /// The connection breaks off.
    Interrupted,
    /// The limit of the attempt runs out.
    TimedOut,
    /// A response with this status.
    Status(u16),
    /// A 429 that asks for a pause longer than any call.
    ComeBackLater,
    /// A success with this status, whose body is none of the contract's.
    Malformed(u16),
    /// A 200 with an object of JSON that has no field of the contract's.
    Foreign,
    /// What comes is no response of HTTP.
    NoHttp,
    /// A 200 with a body that is larger than the client's bound.
    TooLarge,
}

/// One fault after the other, under a name.
pub struct Scenario {
    pub name: &'static str,
    pub door: Door,
    /// What is done to each attempt, and how that attempt may end.
    pub steps: Vec<(Fault, Vec<Ending>)>,
    /// Whether the last step is that of all further attempts; otherwise they pass.
    pub for_good: bool,
    /// Whether it stalls attempts, until their limit runs out.
    pub stalls: bool,
    /// Whether the connection that has served another call already is closed before this one.
    pub closes_quiet: bool,
}

impl Scenario {
    fn new(name: &'static str, steps: Vec<(Fault, Vec<Ending>)>) -> Self {
        Self { name, door: Door::Open, steps, for_good: true, stalls: false, closes_quiet: false }
    }

    /// Only so many attempts as there are steps meet it, over a connection that has served another call already.
    fn then_passes(mut self) -> Self {
        self.for_good = false;
        self
    }

    /// The other call's connection is closed before this one.
    fn after_a_close(mut self) -> Self {
        self.closes_quiet = true;
        self
    }

    fn behind(mut self, door: Door) -> Self {
        self.door = door;
        self
    }

    fn stalling(mut self) -> Self {
        self.stalls = true;
        self
    }

    /// Whether the fault befalls a connection before there is a request.
    pub fn is_of_connections(&self) -> bool {
        self.door != Door::Open || self.steps.iter().any(|(fault, _)| matches!(fault, Fault::OnArrival(_)))
    }

    /// Whether the subject takes part: not where a limit has to run out that is longer than anybody waits.
    pub fn is_meant_for(&self, subject: &Subject) -> bool {
        !self.stalls || !subject.outlasts_limits
    }

    /// How many of a subject's exchanges it spares, which come before the one that is meant.
    pub fn spared(&self, subject: &Subject) -> usize {
        usize::from(subject.behind.is_some() && !self.is_of_connections())
    }

    /// The subject that it befalls: of one with another before it that is not spared, the other.
    pub fn met_by(&self, subject: &Subject) -> Subject {
        match &subject.behind {
            Some(first) if self.is_of_connections() => Subject::from(first.clone()),
            _ => subject.clone(),
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

fn canned(status: &str, headers: &str, body: &str) -> Fault {
    Fault::Answer(answer(status, headers, body), None)
}

/// The head of an answer whose body never comes.
fn unfinished(status: &str) -> Fault {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: 100\r\n\r\n");
    Fault::Answer(head.into_bytes(), Some(End::Silence))
}

const HTML: &str = "content-type: text/html\r\n";
const JSON: &str = "content-type: application/json\r\n";

/// All of them.
pub fn scenarios() -> Vec<Scenario> {
    let mut all = connections();
    all.extend(requests());
    all.extend(answers());
    all.extend(answers_of_others());
    all.extend(passing());
    all
}

/// Nothing of a request is read.
fn connections() -> Vec<Scenario> {
    use Ending::{Connect, Interrupted};
    // Whether the connection counts as made is a matter of who is faster.
    let early = || vec![Connect, Interrupted];
    vec![
        Scenario::new("refused", vec![(Fault::Pass, vec![Connect])]).behind(Door::Closed),
        Scenario::new("unanswered", vec![(Fault::Pass, vec![Connect])]).behind(Door::Stuck),
        Scenario::new("reset-on-arrival", vec![(Fault::OnArrival(End::Reset), early())]),
        Scenario::new("close-on-arrival", vec![(Fault::OnArrival(End::Close), early())]),
        Scenario::new("quiet-connection-closed", Vec::new()).then_passes().after_a_close(),
        Scenario::new("reset-unread", vec![(Fault::Unread(End::Reset), vec![Interrupted])]),
    ]
}

/// The request does not get through, or not whole.
fn requests() -> Vec<Scenario> {
    use Ending::{Interrupted, TimedOut};
    let cut = |name, cut| Scenario::new(name, vec![(Fault::CutRequest(cut), vec![Interrupted])]);
    vec![
        cut("cut-request-after-first-byte", Cut::FirstByte),
        cut("cut-request-in-head", Cut::InHead),
        cut("cut-request-in-body", Cut::InBody),
        cut("cut-request-before-last-byte", Cut::BeforeLastByte),
        Scenario::new("reset-after-request", vec![(Fault::Swallow(End::Reset), vec![Interrupted])]),
        Scenario::new("close-after-request", vec![(Fault::Swallow(End::Close), vec![Interrupted])]),
        Scenario::new("swallow-request", vec![(Fault::Swallow(End::Silence), vec![TimedOut])]).stalling(),
    ]
}

/// The backend acts, and its answer does not get through, or not whole, or late.
fn answers() -> Vec<Scenario> {
    use Ending::{Interrupted, Success, TimedOut};
    let cut = |name, cut, end| Scenario::new(name, vec![(Fault::CutAnswer(cut, end), vec![Interrupted])]);
    let late = |name, fault| Scenario::new(name, vec![(fault, vec![TimedOut])]).stalling();
    vec![
        cut("drop-answer", Cut::Start, End::Close),
        cut("drop-answer-reset", Cut::Start, End::Reset),
        cut("cut-answer-in-head", Cut::InHead, End::Close),
        cut("cut-answer-after-head", Cut::AfterHead, End::Close),
        cut("cut-answer-in-body", Cut::InBody, End::Close),
        cut("cut-answer-before-last-byte", Cut::BeforeLastByte, End::Close),
        cut("reset-answer-in-body", Cut::InBody, End::Reset),
        late("drop-answer-silent", Fault::CutAnswer(Cut::Start, End::Silence)),
        late("stall-answer-in-body", Fault::CutAnswer(Cut::InBody, End::Silence)),
        late("trickle-answer", Fault::Trickle(Duration::from_millis(200))),
        late("late-answer", Fault::Late(2 * LIMIT)),
        Scenario::new("slow-answer", vec![(Fault::Late(Duration::from_millis(30)), vec![Success])]),
        Scenario::new("answer-byte-by-byte", vec![(Fault::Trickle(Duration::ZERO), vec![Success])]),
    ]
}

/// Something in between answers by itself, before the backend has acted or after.
fn answers_of_others() -> Vec<Scenario> {
    use Ending::{ComeBackLater, Foreign, Interrupted, Malformed, NoHttp, Status, TooLarge};
    let says = |name, fault, ending| Scenario::new(name, vec![(fault, vec![ending])]);
    let acts = |name, status: &str, ending| says(name, Fault::Replace(answer(status, HTML, "<html></html>")), ending);
    let html = "<html><body>It works!</body></html>";
    let huge = b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n[".to_vec();
    vec![
        says("429", canned("429 Too Many Requests", "", ""), Status(429)),
        says("429-retry-after", canned("429 Too Many Requests", "retry-after: 0\r\n", ""), Status(429)),
        says("429-in-an-hour", canned("429 Too Many Requests", "retry-after: 3600\r\n", ""), ComeBackLater),
        says("500", canned("500 Internal Server Error", "", "Internal Server Error"), Status(500)),
        says("502", canned("502 Bad Gateway", HTML, html), Status(502)),
        says("503", canned("503 Service Unavailable", HTML, html), Status(503)),
        says("504", canned("504 Gateway Timeout", HTML, html), Status(504)),
        says("408", canned("408 Request Timeout", "", ""), Status(408)),
        says("404-html", canned("404 Not Found", HTML, html), Status(404)),
        says("401", canned("401 Unauthorized", JSON, r#"{"detail":"who are you?"}"#), Status(401)),
        says("307", canned("307 Temporary Redirect", "location: http://127.0.0.1:1/elsewhere\r\n", ""), Status(307)),
        says("204", Fault::Answer(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), None), Status(204)),
        // A head is enough to know that the backend refused.
        says("404-without-its-body", unfinished("404 Not Found"), Status(404)).stalling(),
        says("429-without-its-body", unfinished("429 Too Many Requests"), Status(429)).stalling(),
        says("200-empty", canned("200 OK", JSON, ""), Malformed(200)),
        says("200-foreign", canned("200 OK", JSON, r#"{"hello":"world"}"#), Foreign),
        says("200-html", canned("200 OK", HTML, html), Malformed(200)),
        // A list is read all the same, since some of it can be kept.
        Scenario::new("200-huge", vec![(Fault::Answer(huge, Some(End::Close)), vec![TooLarge, Interrupted])]),
        says("no-http", Fault::Answer(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), Some(End::Close)), NoHttp),
        acts("acts-then-408", "408 Request Timeout", Status(408)),
        acts("acts-then-500", "500 Internal Server Error", Status(500)),
        acts("acts-then-502", "502 Bad Gateway", Status(502)),
        acts("acts-then-504", "504 Gateway Timeout", Status(504)),
    ]
}

/// What goes by, so that the last attempt succeeds or fails in another way.
fn passing() -> Vec<Scenario> {
    use Ending::{Interrupted, Status, TimedOut};
    let dropped = || (Fault::CutAnswer(Cut::Start, End::Close), vec![Interrupted]);
    let unavailable = || (canned("503 Service Unavailable", HTML, "<html></html>"), vec![Status(503)]);
    let too_many = || (canned("429 Too Many Requests", "retry-after: 0\r\n", ""), vec![Status(429)]);
    let once = |name, step| Scenario::new(name, vec![step]).then_passes();
    vec![
        once("once-reset-unread", (Fault::Unread(End::Reset), vec![Interrupted])),
        once("once-reset-after-request", (Fault::Swallow(End::Reset), vec![Interrupted])),
        once("once-cut-request", (Fault::CutRequest(Cut::BeforeLastByte), vec![Interrupted])),
        once("once-drop-answer", dropped()),
        once("once-drop-answer-silent", (Fault::CutAnswer(Cut::Start, End::Silence), vec![TimedOut])).stalling(),
        once("once-cut-answer", (Fault::CutAnswer(Cut::InBody, End::Close), vec![Interrupted])),
        once("once-429", too_many()),
        once("once-503", unavailable()),
        once("once-acts-then-504", (Fault::Replace(answer("504 Gateway Timeout", "", "")), vec![Status(504)])),
        Scenario::new("429-503", vec![too_many(), unavailable()]).then_passes(),
        Scenario::new("429-drop-answer", vec![too_many(), dropped()]).then_passes(),
        Scenario::new("drop-answer-429", vec![dropped(), too_many()]),
        Scenario::new("drop-answer-404", vec![dropped(), (canned("404 Not Found", "", ""), vec![Status(404)])]),
    ]
}
