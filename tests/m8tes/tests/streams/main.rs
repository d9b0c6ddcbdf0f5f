//! What the facade reads out of the bytes of a run's stream, wherever they are cut.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod peer;
mod recorded;
mod shown;

use std::path::Path;

use futures::StreamExt;
use m8tes_sdk::Client;
use m8tes_tests::client;
use test_harness::{Cutting, note, soon, totals};

use crate::peer::{Order, serve};
use crate::recorded::{Recorded, read};
use crate::shown::difference;

/// How many streams are read at once.
const AT_ONCE: usize = 8;

/// A further file of streams, in the form of `streams.jsonl` beside this file.
const VARIABLE: &str = "M8TES_STREAMS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_streams_of_the_repository_are_read_in_every_cutting() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/streams/streams.jsonl");
    let (streams, cuttings) = decode(&file, "the repository").await;
    totals::record("m8tes", "recorded streams", &format!("{streams} in {cuttings} cuttings"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn further_streams_are_read_in_every_cutting() {
    let Some(file) = std::env::var_os(VARIABLE) else {
        return note(&format!("left out, since {VARIABLE} names no file: further_streams_are_read_in_every_cutting"));
    };
    let file = Path::new(&file);
    decode(file, &file.display().to_string()).await;
}

/// Reads all streams of a file, each in every cutting; how many, and in how many.
async fn decode(file: &Path, name: &str) -> (usize, usize) {
    let recorded = read(file);
    let peer = serve(recorded.clone()).await;
    let client = client(&peer.url());
    let orders = recorded.iter().enumerate().flat_map(|(number, stream)| {
        let cuts = Cutting::all(stream.body.bytes.len());
        cuts.map(move |cut| (stream, Order { number, cut }))
    });
    let read = orders.map(|(stream, order)| read_one(&client, stream, order));
    let differences: Vec<_> = futures::stream::iter(read).buffer_unordered(AT_ONCE).collect().await;
    let (cuttings, mut differences) = (differences.len(), differences.into_iter().flatten().collect::<Vec<_>>());
    differences.sort();
    // One cutting of each is told: the others mostly say the same.
    differences.dedup_by(|one, other| one.0 == other.0);
    let (all, right) = (recorded.len(), recorded.len() - differences.len());
    note(&format!("decoded {right} of {all} streams of {name}"));
    note(&format!("decoded them in {cuttings} cuttings"));
    let told: String = differences.iter().map(|(stream, cut, what)| format!("\n{stream}, {cut}: {what}")).collect();
    assert!(all > 0 && differences.is_empty(), "of {name} are read otherwise:{told}");
    (all, cuttings)
}

/// Reads a stream in one cutting: its name, the cutting, and what is read otherwise.
async fn read_one(client: &Client, recorded: &Recorded, order: Order) -> Option<(String, String, String)> {
    let mut stream = soon(client.runs().stream(order.to_string()).rejoins(0).into_future()).await.unwrap();
    let mut events = Vec::new();
    let mut error = None;
    while let Some(event) = soon(stream.next()).await {
        match event {
            Ok(event) => events.push(event),
            Err(broken) => error = Some(broken),
        }
    }
    let what = difference(&recorded.expected, &events, &stream, error.as_ref())?;
    Some((recorded.name.clone(), order.cut.to_string(), what))
}
