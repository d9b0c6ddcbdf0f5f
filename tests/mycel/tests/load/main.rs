//! The local backend as a program under many clients, half of them on a bad network, killed again and again: what it has
//! acknowledged it keeps, and what it has not it did once or not at all.
//!
//! `LOAD_SECONDS` says for how long, 8 unless set; `LOAD_SEED` makes the choices.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod audit;
mod pair;
mod population;
mod program;
mod record;
mod worker;

use std::env;
use std::time::{Duration, Instant};

use mycel_tests::{Dice, Network, Weather, note};
use tokio::time::sleep;

use audit::audit;
use population::Population;
use program::Program;
use record::Record;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_killed_under_load_keeps_what_it_acknowledged() {
    if env::var_os("MYCEL_TEST_URL").is_some() {
        note("left out, since it needs the local backend: a_backend_that_is_killed_under_load_…");
        return;
    }
    let number = |name: &str, default| env::var(name).map_or(default, |value| value.parse().unwrap());
    let (seed, seconds) = (number("LOAD_SEED", 0), number("LOAD_SECONDS", 8));
    let mut dice = Dice::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let mut program = Program::start(&file).await;
    let network = Network::start(program.address(), dice.below(u64::MAX)).await;
    let population = Population::build(program.url(), &network).await;
    let listeners = population.listen();
    network.set(Weather::Storm);
    let workers = population.work(Duration::from_secs(seconds), &mut dice);

    let end = Instant::now() + Duration::from_secs(seconds);
    let mut kills = 0;
    while Instant::now() < end {
        sleep(Duration::from_millis(400) + dice.millis(2_000)).await;
        program.kill().await;
        program.restart().await;
        kills += 1;
    }
    let mut record = Record::default();
    for worker in workers {
        record.absorb(worker.await.unwrap());
    }
    let told = listeners.hear_everything().await;
    program.kill().await;
    kills += 1;

    note(&format!(
        "load: seed {seed}, {seconds} s, {} clients and {} listeners in {} chats\nload: {kills} kills; {record}; \
         {told} events told",
        population::WORKERS,
        population::LISTENERS,
        population::GROUPS,
    ));
    audit(&file, &record);
}
