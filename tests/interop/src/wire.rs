//! The part `wire`: what our client and the official one send for the same call.
//!
//! Both make the calls of `wire-cases.toml` on backends with equal contents, each through a tap. What their requests
//! differ in has to stand in `wire-differences.toml`, with a reason, and nothing else may stand there.

mod comparison;
mod coverage;
mod document;
mod handshake;
mod request;
mod scenery;
mod table;

use mycel_tests::Tap;
use serde::Deserialize;
use serde_json::Value;

use self::{
    comparison::{Difference, compare},
    coverage::Coverage,
    document::Document,
    handshake::Opener,
    request::Request,
    scenery::{Copy, Scenery},
    table::{Found, Table},
};
use crate::{
    clients::{Invocation, MYCEL_CALLS, Official, Ours, Outcome, fill_all},
    environment::{Environment, Environments},
    problem::Problem,
    totals::Row,
};

const CASES: &str = include_str!("../wire-cases.toml");

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// A call, and what the backend answers it with.
#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    call: Invocation,
    #[serde(default = "ok")]
    status: u16,
}

fn ok() -> u16 {
    200
}

/// What became of a case.
enum Seen {
    Sent(Vec<Request>),
    /// The client failed before it sent anything.
    Nothing,
}

/// What was compared of two clients.
#[derive(Default)]
struct Pair {
    coverage: Coverage,
    found: Found,
    requests: usize,
}

/// Runs the cases with our client and both official ones.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let contract = Document::read()?;
    let table = Table::read()?;
    let cases: Cases = toml::from_str(CASES).map_err(Problem::because("wire-cases.toml"))?;
    let scenery = Scenery::prepare().await?;
    let ours = OurSide::start(&scenery).await?;
    let mut newer = OfficialSide::start(&environments.sdk_083, &scenery).await?;
    let mut older = OfficialSide::start(&environments.sdk_045, &scenery).await?;

    let (mut differences, mut changes) = (Pair::default(), Pair::default());
    let mut problems = Vec::new();
    for case in &cases.case {
        let call = Invocation { arguments: fill_all(&case.call.arguments, &scenery.known)?, ..case.call.clone() };
        let (ours, theirs, before) = (
            ours.call(&call, &contract).await?,
            newer.call(&call, &contract).await?,
            older.call(&call, &contract).await?,
        );
        if let Err(problem) = case.check_status(&ours, &theirs) {
            problems.push(format!("{}, {}: {problem}", call.call, case.name));
        }
        differences.coverage.call(&call.call);
        differences.compare(case, &ours, &theirs, &scenery.known);
        changes.compare(case, &before, &theirs, &scenery.known);
    }
    let methods = newer.client.methods().await?;
    differences.coverage.call("notifications.stream");
    differences.handshakes(&Opener::Ours, &Opener::Official(&environments.sdk_083)).await?;
    changes.handshakes(&Opener::Official(&environments.sdk_045), &Opener::Official(&environments.sdk_083)).await?;

    let counted = |pair: &Pair, rows: usize| {
        let (operations, calls, requests) = (pair.coverage.operations(&contract), cases.case.len(), pair.requests);
        format!(
            "{operations} operations and the stream: {calls} calls, {requests} pairs of requests, {rows} known differences"
        )
    };
    let rows = vec![
        Row {
            part: "wire",
            subject: "Rust SDK and mycel-sdk 0.1.83".to_owned(),
            counted: counted(&differences, table.differences.len()),
        },
        Row {
            part: "wire",
            subject: "mycel-sdk 0.1.45 and 0.1.83".to_owned(),
            counted: counted(&changes, table.changes.len()),
        },
    ];
    let checks = [
        differences.coverage.check(&contract, &methods, &table.ours_alone),
        differences.found.hold_against(&table.differences).map_err(Problem::because("ours and 0.1.83")),
        changes.found.hold_against(&table.changes).map_err(Problem::because("0.1.45 and 0.1.83")),
    ];
    problems.extend(checks.into_iter().filter_map(Result::err).map(|problem| problem.to_string()));
    if problems.is_empty() { Ok(rows) } else { Err(Problem::new(problems.join("\n"))) }
}

impl Case {
    /// A case that the backend answers otherwise than it is meant to shows nothing.
    fn check_status(&self, ours: &Seen, theirs: &Seen) -> Result<(), Problem> {
        let sent = [ours, theirs].into_iter().find_map(|seen| match seen {
            Seen::Sent(requests) => requests.last(),
            Seen::Nothing => None,
        });
        match sent {
            Some(request) if request.status == self.status => Ok(()),
            Some(request) => Err(Problem::new(format!("{} was answered with {}", request.line(), request.status))),
            None => Err(Problem::new("nobody sent anything")),
        }
    }
}

impl Pair {
    fn compare(&mut self, case: &Case, first: &Seen, second: &Seen, known: &Value) {
        match (first, second) {
            (Seen::Sent(one), Seen::Sent(other)) => self.compare_sent(one, other, known),
            (Seen::Nothing, Seen::Nothing) => {}
            (Seen::Sent(sent), Seen::Nothing) | (Seen::Nothing, Seen::Sent(sent)) => {
                let Some(request) = sent.last() else { return };
                let sent = format!("sent, and answered with {}", request.status);
                let (first, second) = if matches!(first, Seen::Nothing) {
                    ("nothing".to_owned(), sent)
                } else {
                    (sent, "nothing".to_owned())
                };
                self.found.note(&request.operation, Difference::new(format!("case: {}", case.name), first, second));
            }
        }
    }

    fn compare_sent(&mut self, one: &[Request], other: &[Request], known: &Value) {
        if let (true, Some(request)) = (one.len() != other.len(), other.first()) {
            let difference = Difference::new("requests", one.len().to_string(), other.len().to_string());
            self.found.note(&request.operation, difference);
        }
        for (one, other) in one.iter().zip(other) {
            if one.operation != other.operation {
                self.coverage.replaced(&other.operation);
                let difference = Difference::new("operation", &one.operation, &other.operation);
                self.found.note(&other.operation, difference);
                continue;
            }
            self.requests += 1;
            self.coverage.compared(one, other);
            for difference in compare(one, other) {
                let Difference { what, first, second } = difference;
                let difference = Difference { what, first: named(first, known), second: named(second, known) };
                self.found.note(&one.operation, difference);
            }
        }
    }

    async fn handshakes(&mut self, first: &Opener<'_>, second: &Opener<'_>) -> Result<(), Problem> {
        let (differences, compared) = handshake::compare(first, second).await?;
        self.requests += compared;
        differences.into_iter().for_each(|difference| self.found.note(handshake::OPERATION, difference));
        Ok(())
    }
}

/// The text without what is another in each run.
fn named(mut text: String, known: &Value) -> String {
    for (name, value) in known.as_object().into_iter().flatten() {
        if let Some(value) = value.as_str().filter(|value| value.len() > 2) {
            text = text.replace(value, &format!("{{{name}}}"));
        }
    }
    text
}

/// Our client, before a backend of its own.
struct OurSide {
    client: Ours,
    tap: Tap,
    _copy: Copy,
}

impl OurSide {
    async fn start(scenery: &Scenery) -> Result<Self, Problem> {
        let copy = scenery.copy().await?;
        let tap = Tap::before(copy.backend.url()).await;
        let mut client = Ours::new(&tap.url())?;
        scenery.tokens.iter().for_each(|(actor, token)| client.add(actor, token));
        Ok(Self { client, tap, _copy: copy })
    }

    async fn call(&self, call: &Invocation, contract: &Document) -> Result<Seen, Problem> {
        let outcome = self.client.call(call).await?.outcome;
        seen(&self.tap, &outcome, contract).map_err(Problem::because(&call.call))
    }
}

/// An official client, before a backend of its own.
struct OfficialSide {
    client: Official,
    tap: Tap,
    _copy: Copy,
}

impl OfficialSide {
    async fn start(environment: &Environment, scenery: &Scenery) -> Result<Self, Problem> {
        let copy = scenery.copy().await?;
        let tap = Tap::before(copy.backend.url()).await;
        let mut client = Official::start(environment, MYCEL_CALLS, &[&tap.url()])?;
        for (actor, token) in &scenery.tokens {
            client.add(actor, token).await?;
        }
        Ok(Self { client, tap, _copy: copy })
    }

    async fn call(&mut self, call: &Invocation, contract: &Document) -> Result<Seen, Problem> {
        let outcome = self.client.call(call).await?.outcome;
        seen(&self.tap, &outcome, contract).map_err(Problem::because(&call.call))
    }
}

fn seen(tap: &Tap, outcome: &Outcome, contract: &Document) -> Result<Seen, Problem> {
    let requests: Vec<Request> =
        tap.take().iter().map(|exchange| Request::read(exchange, contract)).collect::<Result<_, _>>()?;
    match (requests.is_empty(), outcome) {
        (true, Outcome::Failed(_)) => Ok(Seen::Nothing),
        (true, _) => Err(Problem::new("a client tells of an answer to nothing")),
        (false, _) => Ok(Seen::Sent(requests)),
    }
}
