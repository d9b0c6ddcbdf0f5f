//! The local backend: what it stores in a second, and what of that is its own.

mod load;
mod process;
mod recording;
mod replay;
mod whole;

use std::path::Path;

use crate::Result;
use crate::figure::{Pairs, Row, Target, Unit};
use crate::measure;
use crate::spent::{self, Spent};

use load::Load;
use process::Backend;
use recording::Recording;

pub(crate) use process::{ROLE, serve};

/// Messages of a run that don't count, and those that do.
const WARM: usize = 1_000;
const SENDS: usize = 10_000;

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut processor = Vec::new();
    for clients in [1, 64] {
        let recording = Recording::make(clients)?;
        for place in [Place::Memory, Place::File] {
            let (sends, seconds) = compare(runs, clients, &recording, place)?;
            rows.push(sends);
            processor.push(seconds);
        }
    }
    rows.append(&mut processor);
    rows.append(&mut whole::measure(runs)?);
    Ok(rows)
}

/// Where the database is.
#[derive(Clone, Copy)]
enum Place {
    Memory,
    File,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Memory => "in memory",
            Self::File => "on a file",
        }
    }

    /// Has `work` done on a database that nobody had before.
    fn fresh(self, work: impl FnOnce(Option<&Path>) -> Result<Spent>) -> Result<Spent> {
        match self {
            Self::Memory => work(None),
            Self::File => {
                let directory = tempfile::tempdir()?;
                work(Some(&directory.path().join("mycel.db")))
            }
        }
    }
}

/// What is stored in a second, and the processor's time for each message: of the backend and of the statements alone.
fn compare(runs: usize, clients: usize, recording: &Recording, place: Place) -> Result<(Row, Row)> {
    let (mut of_backend, mut of_statements) = (Vec::new(), Vec::new());
    let sends = measure::in_turns(
        runs,
        || taken(&mut of_backend, || place.fresh(|file| through_backend(clients, file))),
        || taken(&mut of_statements, || place.fresh(|file| replay::run(recording, file))),
    )?;
    let who = if clients == 1 { "1 client".to_owned() } else { format!("{clients} clients") };
    let subject = format!("{who}, {}", place.name());
    let alone = "its statements alone";
    let sends_row =
        Row::compared(format!("`send`, {subject}"), Unit::PerSecond("messages"), &sends, alone, Target::AtLeast(0.5));
    // The first of each was for warming up.
    let processor = of_backend.iter().zip(&of_statements).skip(1).map(|pair| match pair {
        (Spent { processor: Some(ours), .. }, Spent { processor: Some(alone), .. }) => {
            Some((each(*ours), each(*alone)))
        }
        _ => None,
    });
    let what = format!("processor time for a message, {subject}");
    let processor_row = match processor.collect::<Option<Vec<_>>>() {
        Some(pairs) => Row::compared(what, Unit::Seconds, &Pairs::new(pairs), alone, Target::Stated),
        None => Row::left_out(what, spent::WHY_UNKNOWN),
    };
    Ok((sends_row, processor_row))
}

fn taken(all: &mut Vec<Spent>, run: impl FnOnce() -> Result<Spent>) -> Result<f64> {
    let spent = run()?;
    all.push(spent);
    Ok(SENDS as f64 / spent.seconds)
}

fn each(seconds: f64) -> f64 {
    seconds / SENDS as f64
}

/// A fresh backend, its clients, and their messages.
fn through_backend(clients: usize, file: Option<&Path>) -> Result<Spent> {
    let backend = Backend::start(file)?;
    let mut load = Load::prepare(backend.url(), clients)?;
    load.send(WARM)?;
    Spent::on(|| backend.processor_time(), || load.send(SENDS))
}
