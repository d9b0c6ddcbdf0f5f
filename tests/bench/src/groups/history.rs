//! Long histories, and decoding a page.

pub(super) mod probe;
mod reading;

use tokio::runtime::{Builder, Runtime};

use reading::{Order, Reader};

use crate::Result;
use crate::counted::{self, Probe};
use crate::figure::{Pairs, Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// Messages in a page, the most that the backend gives.
const PAGE: u32 = 200;

/// How long the histories are.
const LENGTHS: [u32; 3] = [1_000, 10_000, 100_000];

/// A run reads no less than this, so that its time says something.
const LEAST: u32 = 20_000;

/// Pages that are asked for in a run of `list`.
const PAGES: u32 = 300;

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let bench = Bench {
        runtime: Builder::new_current_thread().enable_all().build()?,
        ours: Reader::ours(peer.url())?,
        bare: Reader::bare(peer.url())?,
        runs,
    };
    let mut rows = Vec::new();
    for order in [Order::NewestFirst, Order::OldestFirst] {
        for length in LENGTHS {
            rows.push(bench.throughput(length, order)?);
        }
        rows.push(bench.linearity(order)?);
    }
    rows.extend(memory(peer.url(), runs)?);
    rows.push(bench.page()?);
    rows.push(bench.decoding()?);
    rows.extend(counted_decoding(peer.url(), runs)?);
    Ok(rows)
}

struct Bench {
    runtime: Runtime,
    ours: Reader,
    bare: Reader,
    runs: usize,
}

impl Bench {
    fn throughput(&self, length: u32, order: Order) -> Result<Row> {
        let per_second = |reader| self.seconds_per_message(reader, length, order).map(|seconds| 1.0 / seconds);
        let pairs = measure::in_turns(4 * self.runs, || per_second(&self.ours), || per_second(&self.bare))?;
        Ok(Row::compared(
            format!("`history` over {length} messages, {order}"),
            Unit::PerSecond("messages"),
            &pairs,
            "a bare loop over the pages",
            Target::AtLeast(0.9),
        ))
    }

    fn linearity(&self, order: Order) -> Result<Row> {
        let per_message = |length| self.seconds_per_message(&self.ours, length, order);
        let pairs = measure::in_turns(self.runs, || per_message(100_000), || per_message(10_000))?;
        Ok(Row::compared(
            format!("one message of 100000, {order}"),
            Unit::Seconds,
            &pairs,
            "one of 10000",
            Target::AtMost(1.1),
        ))
    }

    fn seconds_per_message(&self, reader: &Reader, length: u32, order: Order) -> Result<f64> {
        let times = (LEAST / length).max(1);
        let seconds = measure::seconds(|| {
            self.runtime.block_on(async {
                for _ in 0..times {
                    reader.history(length, order).await?;
                }
                Ok(())
            })
        })?;
        Ok(seconds / f64::from(times * length))
    }

    /// The whole call.
    fn page(&self) -> Result<Row> {
        let pairs = measure::in_turns(
            2 * self.runs,
            || self.seconds_per_page(&self.ours, PAGE),
            || self.seconds_per_page(&self.bare, PAGE),
        )?;
        Ok(Row::compared(
            "`list` of 200 messages, the whole call",
            Unit::Seconds,
            &pairs,
            "bare reqwest and serde_json",
            Target::Stated,
        ))
    }

    /// What 200 messages add to the call for an empty page.
    fn decoding(&self) -> Result<Row> {
        let added = |reader| Ok(self.seconds_per_page(reader, PAGE)? - self.seconds_per_page(reader, 0)?);
        let pairs = measure::in_turns(4 * self.runs, || added(&self.ours), || added(&self.bare))?;
        Ok(Row::compared(
            "what 200 messages add to the `list` of none",
            Unit::Seconds,
            &pairs,
            "bare reqwest and serde_json",
            Target::AtMost(1.1),
        ))
    }

    fn seconds_per_page(&self, reader: &Reader, length: u32) -> Result<f64> {
        let seconds = measure::seconds(|| {
            self.runtime.block_on(async {
                for _ in 0..PAGES {
                    reader.page(length).await?;
                }
                Ok(())
            })
        })?;
        Ok(seconds / f64::from(PAGES))
    }
}

/// The most memory of a program that reads a history, of the shortest and of the longest.
fn memory(url: &str, runs: usize) -> Result<Vec<Row>> {
    let [short, .., long] = LENGTHS;
    let what = "most heap of a program that reads 100000 messages";
    let heap = match counted::hindrance() {
        Some(why) => Row::left_out(what, why),
        None => {
            let peak = |length: u32| {
                let length = length.to_string();
                counted::peak(&Probe { role: probe::ROLE, arguments: &["ours", "history", url, &length] }, 1)
            };
            let pairs = counted::pairs(runs, || peak(long), || peak(short))?;
            Row::compared(what, Unit::Bytes, &pairs, "1000 messages", Target::AtMost(1.1))
        }
    };
    let what = "most resident memory of the same";
    let resident = if cfg!(target_os = "linux") {
        let pairs = measure::in_turns(runs, || probe::resident(url, long), || probe::resident(url, short))?;
        Row::compared(what, Unit::Bytes, &pairs, "1000 messages", Target::AtMost(1.1))
    } else {
        Row::left_out(what, "only Linux tells it of a program")
    };
    Ok(vec![heap, resident])
}

/// What decoding a page takes, without what it takes to get it.
fn counted_decoding(url: &str, runs: usize) -> Result<Vec<Row>> {
    const FEW: u32 = 10;
    const MANY: u32 = 60;
    let [added, alone] =
        ["what 200 messages add to the `list` of none", "decoding 200 messages: the same without their arrival"];
    if let Some(why) = counted::hindrance() {
        return Ok([added, alone].map(|what| Row::left_out(what, why)).into());
    }
    let count = |reader, length: u32| {
        let length = length.to_string();
        let probe = Probe { role: probe::ROLE, arguments: &[reader, "page", url, &length] };
        counted::instructions_between(&probe, FEW, MANY)
    };
    let of = |reader| -> Result<f64> { Ok(count(reader, PAGE)? - count(reader, 0)?) };
    let mut whole = Vec::new();
    let mut decoding = Vec::new();
    for _ in 0..runs {
        let (ours, bare, raw) = (of("ours")?, of("bare")?, of("raw")?);
        whole.push((ours, bare));
        decoding.push((ours - raw, count("decoding", PAGE)?));
    }
    let compared = |what, pairs, baseline| {
        Row::compared(what, Unit::Count("instructions"), &Pairs::new(pairs), baseline, Target::AtMost(1.1))
    };
    Ok(vec![
        compared(added, whole, "bare reqwest and serde_json"),
        compared(alone, decoding, "serde_json into an equal struct"),
    ])
}
