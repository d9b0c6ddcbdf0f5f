//! The local backend as a program under many clients, half of them on a bad network, killed again and again: what it has
//! acknowledged it keeps, and what it has not it did once or not at all.
//!
//! `LOAD_SECONDS` says for how long, 5 unless set; `LOAD_SEED` makes the choices.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod audit;
mod pair;
mod population;
mod record;
mod worker;

use std::env;

use mycel_tests::{Dice, Network, Weather, note};
use test_harness::Program;
use test_harness::load::{CLIENTS, Load};

use audit::audit;
use population::Population;
use record::Record;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_killed_under_load_keeps_what_it_acknowledged() {
    if env::var_os("MYCEL_TEST_URL").is_some() {
        note("left out, since it needs the local backend: a_backend_that_is_killed_under_load_…");
        return;
    }
    let load = Load::from_env();
    let Load { seed, .. } = load;
    let mut dice = Dice::new(seed);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let data = ["--data".into(), file.clone().into_os_string()];
    let mut program = Program::start(env!("CARGO_BIN_EXE_load-backend"), data).await;
    let network = Network::start(program.address(), dice.below(u64::MAX)).await;
    let population = Population::build(program.url(), &network).await;
    let listeners = population.listen();
    network.set(Weather::Storm);
    let end = load.end();
    let workers = population.work(end, &mut dice);
    let mut kills = load.kill_until(end, &mut program, &mut dice).await;
    let mut record = Record::default();
    for worker in workers {
        record.absorb(worker.await.unwrap());
    }
    let told = listeners.hear_everything().await;
    program.kill().await;
    kills += 1;

    let (listeners, groups) = (population::LISTENERS, population::GROUPS);
    let of = format!("{CLIENTS} clients and {listeners} listeners in {groups} chats");
    load.tell("Mycel", &of, kills, &format!("{record}; {told} events told"));
    audit(&file, &record);
    load.record("Mycel", &of, kills);
}
