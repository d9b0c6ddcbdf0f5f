//! All cells, and how they are run.

use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use mycel_local_backend::LocalBackend;
use mycel_sdk::{Client, Error, RetryPolicy, Secret, UserId};
use mycel_tests::{Dice, Door, Fault, Script, ScriptedNetwork, note};
use rusqlite::{Connection, params_from_iter};
use test_harness::PublicOperation;
use tokio::task::spawn_blocking;

use crate::cases::{Effects, prepare};
use crate::judge::{ATTEMPTS, Facts, faults, most_attempts};
use crate::scenarios::{Scenario, scenarios};

/// The largest response that is taken. The backend's own document is smaller.
const LARGEST: usize = 1024 * 1024;

/// A limit that is not to run out.
const GENEROUS: Duration = Duration::from_secs(60);

/// A cell whose call is over.
struct Done {
    operation: PublicOperation,
    outcome: Result<(), Error>,
    script: Arc<Script>,
    effects: Effects,
    /// Whom the next call of the same client found itself to be.
    after: Result<UserId, Error>,
}

/// A cell that is judged.
struct Judged {
    name: String,
    facts: Facts,
    wrong: Vec<String>,
}

/// What happened in all.
#[derive(Default)]
struct Totals {
    cells: usize,
    succeeded: usize,
    may_have_been_sent: usize,
    surely_not_sent: usize,
    retries: usize,
    delivered: usize,
    effects: i64,
    wrong: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_under_every_fault() {
    if env::var_os("MYCEL_TEST_URL").is_some() {
        note("left out, since it needs the local backend: every_operation_under_every_fault");
        return;
    }
    let seed = env::var("FAULT_SEED").map_or(0, |seed| seed.parse().unwrap());
    let wanted = env::var("FAULT_CELL").unwrap_or("*/*".to_owned());
    let (operation, scenario) = wanted.split_once('/').expect("FAULT_CELL is the name of an operation/of a fault");
    let is_wanted = |wanted: &str, name: &str| wanted == "*" || wanted == name;
    let operations: Vec<_> = operations().into_iter().filter(|one| is_wanted(operation, &one.name)).collect();
    let scenarios: Vec<_> = scenarios().into_iter().filter(|one| is_wanted(scenario, one.name)).collect();
    let (rows, columns) = (operations.len(), scenarios.len());
    assert!(rows * columns > 0, "there is no cell {wanted}");

    let begun = Instant::now();
    // Where a limit has to run out there is nothing to do but to wait: those run beside all others.
    let (waiting, busy): (Vec<_>, Vec<_>) = scenarios.into_iter().partition(Scenario::is_waiting);
    let columns_of = |scenarios: Vec<Scenario>, at_once| {
        let columns = stream::iter(scenarios).map(|scenario| tokio::spawn(column(scenario, operations.clone(), seed)));
        columns.buffer_unordered(at_once).map(Result::unwrap).collect::<Vec<_>>()
    };
    let (waiting, busy) = tokio::join!(columns_of(waiting, 8), columns_of(busy, 3));
    let mut totals = Totals::default();
    for cell in waiting.iter().chain(&busy).flatten() {
        totals.add(cell);
    }
    let Totals { cells, succeeded, may_have_been_sent, surely_not_sent, retries, delivered, effects, wrong } = totals;
    note(&format!(
        "faults, seed {seed}: {rows} operations x {columns} faults = {cells} cells in {:?}\n\
         faults: {succeeded} succeeded, {} failed with a typed error ({may_have_been_sent} may have been sent, \
         {surely_not_sent} surely not); {retries} retries, {delivered} requests delivered, {effects} effects",
        begun.elapsed(),
        may_have_been_sent + surely_not_sent,
    ));
    assert_eq!(cells, rows * columns);
    assert!(
        wrong.is_empty(),
        "{} things are wrong; run one cell alone with FAULT_SEED={seed} FAULT_CELL=<its name>:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// All operations under one fault, over one backend.
async fn column(scenario: Scenario, operations: Vec<PublicOperation>, seed: u64) -> Vec<Judged> {
    // A busy disk is no fault that is wanted here.
    let in_memory = Path::new("/dev/shm");
    let directory = if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() }.unwrap();
    let file = directory.path().join("mycel.db");
    let backend = LocalBackend::builder().data(&file).start().await.unwrap();
    let direct = Client::builder(backend.url()).attempt_timeout(GENEROUS).build().unwrap();
    let witness = direct.auth().create_guest_owner().await.unwrap();
    let around = Around { scenario: &scenario, seed, direct: &direct, token: &witness.token };
    let lines = lines(&scenario, operations);
    let lines: Vec<_> = lines.iter().map(|operations| line(&around, backend.address(), operations)).collect();
    let at_once = if scenario.is_waiting() { lines.len() } else { 4 };
    let done: Vec<Vec<Done>> = stream::iter(lines).buffer_unordered(at_once).collect().await;
    backend.shutdown().await;
    let database = Connection::open(&file).unwrap();
    done.into_iter().flatten().map(|done| judged(&scenario, done, &database, &witness.user.id)).collect()
}

/// Deals the operations out to as few clients as can be, since a client is costly to build: its budget of retries has to
/// last, and nobody is to wait for long.
fn lines(scenario: &Scenario, operations: Vec<PublicOperation>) -> Vec<Vec<PublicOperation>> {
    let (most, weight): (usize, fn(usize) -> usize) = match () {
        // The connection that one cell has left behind would spare the next one the fault.
        () if scenario.is_of_connections() => (1, |_| 1),
        () if scenario.is_waiting() => (ATTEMPTS, |attempts| attempts),
        () => (9, |attempts| attempts - 1),
    };
    let mut lines: Vec<Vec<PublicOperation>> = vec![Vec::new()];
    let mut room = most;
    for operation in operations {
        let weight = weight(most_attempts(scenario, &operation));
        if weight > room {
            lines.push(Vec::new());
            room = most;
        }
        room -= weight;
        lines.last_mut().unwrap().push(operation);
    }
    lines
}

/// What all cells of a column share.
struct Around<'c> {
    scenario: &'c Scenario,
    seed: u64,
    direct: &'c Client,
    /// Of a user who has nothing else to do than to see whether a client works.
    token: &'c Secret,
}

/// Some operations, one after the other by one client.
async fn line(around: &Around<'_>, backend: SocketAddr, operations: &[PublicOperation]) -> Vec<Done> {
    let network = ScriptedNetwork::start(backend, around.scenario.door).await;
    let client = far_client(&network, around.scenario).await;
    let mut done = Vec::new();
    for operation in operations {
        done.push(cell(around, operation, &network, &client).await);
    }
    done
}

/// One operation.
async fn cell(around: &Around<'_>, operation: &PublicOperation, network: &ScriptedNetwork, client: &Client) -> Done {
    let Around { scenario, seed, direct, token } = *around;
    let as_witness = client.with_auth_token(token);
    let case = prepare(&operation.name, direct).await;
    if !scenario.for_good {
        // The fault is to meet a connection that was used before.
        as_witness.me().whoami().await.unwrap();
    }
    if scenario.closes_quiet {
        network.close_quiet_connections().await;
    }
    let own = operation
        .name
        .bytes()
        .chain(scenario.name.bytes())
        .fold(seed, |seed, byte| Dice::new(seed ^ u64::from(byte)).below(u64::MAX));
    let faults: Vec<Fault> = scenario.steps.iter().map(|(fault, _)| fault.clone()).collect();
    let script = Script::new(faults, own);
    let script = network.follow(if scenario.for_good { script.for_good() } else { script });
    let (effects, outcome) = case.call(client).await;
    if let (Err(error), Door::Open) = (&outcome, scenario.door) {
        // On a busy machine a limit can run out before the network gets to look.
        script.wait_for_attempts(error.attempts() as usize, GENEROUS / 4).await;
    }
    network.follow(Script::default());
    network.open().await;
    let after = as_witness.me().whoami().await.map(|user| user.id);
    Done { operation: operation.clone(), outcome, script, effects, after }
}

/// What became of it, as the backend's database has it.
fn judged(scenario: &Scenario, done: Done, database: &Connection, witness: &UserId) -> Judged {
    let Done { operation, outcome, script, effects: Effects { query, parameters }, after } = done;
    let count = |query| database.query_row(query, params_from_iter(parameters), |row| row.get(0)).unwrap();
    let facts = Facts { outcome, seen: script.seen(), effects: query.map(count) };
    let mut wrong = faults(scenario, &operation, &facts);
    if !after.as_ref().is_ok_and(|user| user == witness) {
        wrong.push(format!("the next call of the client brought {after:?}"));
    }
    Judged { name: format!("{}/{}", operation.name, scenario.name), facts, wrong }
}

impl Totals {
    fn add(&mut self, cell: &Judged) {
        self.cells += 1;
        match &cell.facts.outcome {
            Ok(()) => self.succeeded += 1,
            Err(error) if error.may_have_been_sent() => self.may_have_been_sent += 1,
            Err(_) => self.surely_not_sent += 1,
        }
        self.retries += cell.facts.seen.attempts.saturating_sub(1);
        self.delivered += cell.facts.seen.delivered;
        self.effects += cell.facts.effects.unwrap_or(0);
        self.wrong.extend(cell.wrong.iter().map(|problem| format!("{}: {problem}", cell.name)));
    }
}

async fn far_client(network: &ScriptedNetwork, scenario: &Scenario) -> Client {
    let retry = RetryPolicy::default()
        .max_attempts(u32::try_from(ATTEMPTS).unwrap())
        .base_delay(Duration::from_millis(1))
        .max_delay(Duration::from_millis(2));
    let builder = Client::builder(network.url())
        .connect_timeout(if scenario.door == Door::Stuck { Duration::from_secs(1) } else { GENEROUS })
        .attempt_timeout(scenario.limit.unwrap_or(GENEROUS))
        .overall_timeout(2 * GENEROUS)
        .max_response_bytes(LARGEST)
        .retry(retry);
    // It reads the system's certificates, while clocks are ticking here.
    spawn_blocking(|| builder.build().unwrap()).await.unwrap()
}

/// Every public operation that the facade sends, and the two that the backend's document does not have.
fn operations() -> Vec<PublicOperation> {
    let listed = PublicOperation::all("mycel").into_iter().filter(|operation| mycel_tests::is_sent(&operation.name));
    let unlisted = [("backend_info", "/openapi.json"), ("subscribe_inbox", "/api/runtime/inbox/subscribe")];
    let unlisted = unlisted.map(|(name, path)| PublicOperation {
        name: name.to_owned(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        repeatable: true,
    });
    listed.chain(unlisted).collect()
}

/// Whether it asks for another protocol, in place of an answer. It is attempted once: who wants a stream goes on asking.
pub fn is_handshake(operation: &PublicOperation) -> bool {
    operation.name == "subscribe_inbox"
}
