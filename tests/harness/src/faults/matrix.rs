//! All cells, and how they are run.

use std::env;
use std::iter::repeat_n;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use futures::future::join_all;
use futures::{StreamExt, stream};
use rusqlite::{Connection, params_from_iter};
use tokio::runtime::Builder;
use tokio::task::{block_in_place, spawn_blocking};

use super::hastened::{CONNECT_LIMIT, LIMIT, hastened};
use super::judge::{ATTEMPTS, Facts, faults, most_attempts};
use super::scenarios::{Scenario, scenarios};
use super::{Case, Effects, Facade, Outcome, Subject};
use crate::engine::{Retry, Settings};
use crate::{Dice, Door, Fault, PublicOperation, Script, ScriptedNetwork, note, totals};

/// The largest response that is taken. A backend's own document is smaller.
const LARGEST: usize = 1024 * 1024;

/// How many lines of a column are worked on at once, each in a thread.
const AT_ONCE: usize = 4;

/// A cell whose call is over.
struct Done {
    subject: Subject,
    outcome: Outcome,
    script: Arc<Script>,
    effects: Effects,
    /// How the next call of the same client ended.
    after: Result<(), String>,
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

/// Runs all cells, and fails with what is wrong in any.
///
/// `FAULT_CELL=send_message/drop-answer` runs one cell alone, `FAULT_CELL='*/drop-answer'` those of one fault;
/// `FAULT_SEED` decides where exactly messages are cut.
pub async fn every_operation_under_every_fault<F: Facade>() {
    let seed = env::var("FAULT_SEED").map_or(0, |seed| seed.parse().unwrap());
    let wanted = env::var("FAULT_CELL").unwrap_or("*/*".to_owned());
    let (subject, scenario) = wanted.split_once('/').expect("FAULT_CELL is the name of an operation/of a fault");
    let is_wanted = |wanted: &str, name: &str| wanted == "*" || wanted == name;
    let subjects: Vec<_> = F::subjects().into_iter().filter(|one| is_wanted(subject, &one.name)).collect();
    let scenarios: Vec<_> = scenarios().into_iter().filter(|one| is_wanted(scenario, one.name)).collect();
    let (rows, columns) = (subjects.len(), scenarios.len());
    assert!(rows * columns > 0, "there is no cell {wanted}");
    expect_all_take_part::<F>();

    let meant: usize =
        scenarios.iter().map(|one| subjects.iter().filter(|subject| one.is_meant_for(subject)).count()).sum();
    let begun = Instant::now();
    let all = stream::iter(scenarios).map(|scenario| tokio::spawn(under::<F>(scenario, subjects.clone(), seed)));
    let judged: Vec<_> = all.buffer_unordered(3).map(Result::unwrap).collect().await;
    let mut totals = Totals::default();
    for cell in judged.iter().flatten() {
        totals.add(cell);
    }
    let Totals { cells, succeeded, may_have_been_sent, surely_not_sent, retries, delivered, effects, wrong } = totals;
    let counted = format!("{rows} operations x {columns} faults = {cells} cells");
    note(&format!(
        "faults of {}, seed {seed}: {counted} in {:?}\n\
         faults: {succeeded} succeeded, {} failed with a typed error ({may_have_been_sent} may have been sent, \
         {surely_not_sent} surely not); {retries} retries, {delivered} requests delivered, {effects} effects",
        F::PLATFORM,
        begun.elapsed(),
        may_have_been_sent + surely_not_sent,
    ));
    assert_eq!(cells, meant);
    assert!(
        wrong.is_empty(),
        "{} things are wrong; run one cell alone with FAULT_SEED={seed} FAULT_CELL=<its name>:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    totals::record(F::PLATFORM, "faults", &format!("{counted}; {retries} retries, {effects} effects"));
}

/// Expects that each operation of the contract takes part, or is left out with a reason, and tells those. What is said of others
/// holds no longer.
fn expect_all_take_part<F: Facade>() {
    let (subjects, operations) = (F::subjects(), PublicOperation::all(F::DOCUMENT));
    let is_left_out = |name: &str| F::LEFT_OUT.iter().any(|(left_out, _)| *left_out == name);
    for PublicOperation { name, .. } in &operations {
        let takes_part = subjects.iter().any(|subject| subject.operation.name == *name);
        assert!(takes_part != is_left_out(name), "{name} either takes part or is left out");
    }
    for (name, reason) in F::LEFT_OUT.iter().chain(F::LEAVES_NOTHING) {
        let is_one = operations.iter().any(|operation| operation.name == *name);
        assert!(is_one, "{name} is no operation of the contract, of which is said: {reason}");
    }
    for (name, reason) in F::LEFT_OUT {
        note(&format!("left out of the faults of {}: {name}, since {reason}", F::PLATFORM));
    }
    for (name, reason) in F::LEAVES_NOTHING {
        note(&format!("not counted in the faults of {}: the effects of {name}, since {reason}", F::PLATFORM));
    }
}

/// All subjects under one fault: those over one backend that can be, each other over one of its own.
async fn under<F: Facade>(scenario: Scenario, mut subjects: Vec<Subject>, seed: u64) -> Vec<Judged> {
    subjects.retain(|subject| scenario.is_meant_for(subject));
    let (alone, together): (Vec<_>, Vec<_>) = subjects.into_iter().partition(|subject| subject.is_alone);
    let all = std::iter::once(together).chain(alone.into_iter().map(|subject| vec![subject]));
    let judged = all.filter(|subjects| !subjects.is_empty()).map(|subjects| column::<F>(&scenario, subjects, seed));
    join_all(judged).await.into_iter().flatten().collect()
}

/// Subjects under one fault, over one backend.
async fn column<F: Facade>(scenario: &Scenario, subjects: Vec<Subject>, seed: u64) -> Vec<Judged> {
    // A busy disk is no fault that is wanted here.
    let in_memory = Path::new("/dev/shm");
    let directory = if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() }.unwrap();
    let file = directory.path().join("backend.db");
    let facade = F::start(&file).await;
    let around = Around { scenario, seed, facade: &facade };
    let lines = lines::<F>(scenario, subjects);
    let mut done = in_runtimes_of_their_own(&around, &lines);
    for one in &mut done {
        one.effects = std::mem::replace(&mut one.effects, Effects::None).while_running().await;
    }
    facade.shutdown().await;
    let database = Connection::open(&file).unwrap();
    done.into_iter().map(|done| judged::<F>(scenario, done, &database)).collect()
}

/// All lines, in runtimes with one thread each. Their clocks can be moved; and where a connection ends on one thread while
/// another hands a request to it, tokio's channel between the two may keep the request until a limit runs out.
fn in_runtimes_of_their_own<F: Facade>(around: &Around<'_, F>, lines: &[Vec<Subject>]) -> Vec<Done> {
    let in_order = async |lines: &[Vec<Subject>]| {
        let mut done = Vec::new();
        for subjects in lines {
            done.extend(line(around, subjects).await);
        }
        done
    };
    let run = |lines| Builder::new_current_thread().enable_all().build().unwrap().block_on(in_order(lines));
    block_in_place(|| {
        thread::scope(|scope| {
            let shares = lines.chunks(lines.len().div_ceil(AT_ONCE));
            let shares: Vec<_> = shares.map(|share| scope.spawn(move || run(share))).collect();
            shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
        })
    })
}

/// Deals the subjects out to as few clients as can be, since a client is costly to build: its budget of retries has to
/// last.
fn lines<F: Facade>(scenario: &Scenario, subjects: Vec<Subject>) -> Vec<Vec<Subject>> {
    let (most, weight): (usize, fn(usize) -> usize) = match () {
        // The connection that one cell has left behind would spare the next one the fault.
        () if scenario.is_of_connections() => (1, |_| 1),
        () => (9, |attempts| attempts - 1),
    };
    let mut lines: Vec<Vec<Subject>> = vec![Vec::new()];
    let mut room = most;
    for subject in subjects {
        let weight = weight(most_attempts(scenario, &subject, &F::RULES));
        if weight > room {
            lines.push(Vec::new());
            room = most;
        }
        room = room.saturating_sub(weight);
        lines.last_mut().unwrap().push(subject);
    }
    lines
}

/// What all cells of a column share.
struct Around<'c, F> {
    scenario: &'c Scenario,
    seed: u64,
    facade: &'c F,
}

/// Some subjects, one after the other by one client.
async fn line<F: Facade>(around: &Around<'_, F>, subjects: &[Subject]) -> Vec<Done> {
    let network = ScriptedNetwork::start(around.facade.address(), around.scenario.door).await;
    let client = far_client::<F>(&network, around.scenario.door).await;
    let mut done = Vec::new();
    for subject in subjects {
        done.push(cell(around, subject, &network, &client).await);
    }
    done
}

/// One subject.
async fn cell<F: Facade>(
    around: &Around<'_, F>,
    subject: &Subject,
    network: &ScriptedNetwork,
    client: &F::Client,
) -> Done {
    let Around { scenario, seed, facade } = *around;
    let Case { call, effects } = facade.prepare(&subject.name).await;
    if !scenario.for_good {
        // The fault is to meet a connection that was used before.
        facade.check(client).await.unwrap();
    }
    if scenario.closes_quiet {
        network.close_quiet_connections().await;
    }
    let own = subject
        .name
        .bytes()
        .chain(scenario.name.bytes())
        .fold(seed, |seed, byte| Dice::new(seed ^ u64::from(byte)).below(u64::MAX));
    let spared = scenario.spared(subject);
    let faults: Vec<Fault> =
        repeat_n(Fault::Pass, spared).chain(scenario.steps.iter().map(|(fault, _)| fault.clone())).collect();
    let script = Script::new(faults, own);
    let script = network.follow(if scenario.for_good { script.for_good() } else { script });
    let call = call(client.clone());
    let outcome = match scenario.door {
        Door::Stuck => hastened(call, CONNECT_LIMIT, None).await,
        _ if scenario.stalls => hastened(call, LIMIT, Some(&script)).await,
        _ => call.await,
    };
    network.follow(Script::default());
    network.open().await;
    let after = facade.check(client).await;
    Done { subject: subject.clone(), outcome, script, effects, after }
}

/// What is wrong with how the effects of an operation are counted, if anything: those of each that changes something are, or it
/// is said why not.
fn uncounted<F: Facade>(subject: &Subject, effects: Option<i64>) -> Option<String> {
    let may_leave_nothing = F::LEAVES_NOTHING.iter().any(|(name, _)| *name == subject.operation.name);
    let has_to_be_counted = subject.operation.method != "GET" && !may_leave_nothing;
    match effects {
        None if has_to_be_counted => Some("nobody counts its effects; say what it leaves behind".to_owned()),
        Some(_) if may_leave_nothing => Some("its effects are counted, and it is said to leave nothing".to_owned()),
        _ => None,
    }
}

/// What became of it, as the backend's database has it.
fn judged<F: Facade>(scenario: &Scenario, done: Done, database: &Connection) -> Judged {
    let Done { subject, outcome, script, effects, after } = done;
    let effects = effects_of(effects, database);
    let facts = Facts { outcome, seen: script.seen().behind(scenario.spared(&subject)), effects };
    let mut wrong = faults(scenario, &subject, &F::RULES, &facts);
    wrong.extend(uncounted::<F>(&subject, effects));
    if let Err(problem) = after {
        wrong.push(format!("the next call of the client brought {problem}"));
    }
    Judged { name: format!("{}/{}", subject.name, scenario.name), facts, wrong }
}

/// How often something was carried out; `None` for what only reads.
pub(super) fn effects_of(effects: Effects, database: &Connection) -> Option<i64> {
    match effects {
        Effects::None => None,
        Effects::Counted(count) => Some(count),
        Effects::Stored { query, parameters } => {
            Some(database.query_row(&query, params_from_iter(parameters), |row| row.get(0)).unwrap())
        }
        Effects::Running(_) => unreachable!("it was counted before the backend ended"),
    }
}

impl Totals {
    fn add(&mut self, cell: &Judged) {
        self.cells += 1;
        match &cell.facts.outcome {
            Ok(()) => self.succeeded += 1,
            Err(error) if error.may_have_been_sent => self.may_have_been_sent += 1,
            Err(_) => self.surely_not_sent += 1,
        }
        self.retries += cell.facts.seen.attempts.saturating_sub(1);
        self.delivered += cell.facts.seen.delivered;
        self.effects += cell.facts.effects.unwrap_or(0);
        self.wrong.extend(cell.wrong.iter().map(|problem| format!("{}: {problem}", cell.name)));
    }
}

/// The client whose calls the faults befall. No limit of it runs out by itself.
pub(super) async fn far_client<F: Facade>(network: &ScriptedNetwork, door: Door) -> F::Client {
    let settings = Settings {
        connect_timeout: Some(if door == Door::Stuck { CONNECT_LIMIT } else { LIMIT }),
        attempt_timeout: Some(LIMIT),
        overall_timeout: Some(2 * ATTEMPTS * LIMIT),
        max_response_bytes: Some(LARGEST),
        retry: Retry::Attempts(ATTEMPTS),
        ..Settings::default()
    };
    let url = network.url().to_owned();
    // It reads the system's certificates, while clocks are ticking here.
    spawn_blocking(move || F::client(&url, settings)).await.unwrap()
}
