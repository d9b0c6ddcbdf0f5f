//! What a client costs before it makes calls: to build it, to clone it, to give it another token.

use std::hint::black_box;

use mycel_sdk::Client;

use super::calls::{CHAT, CONTENT, TOKEN, runtime};
use crate::Result;
use crate::bare::BareClient;
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// Clients that are built in a run.
const BUILT: u32 = 20;

/// Clones that are made in a run, and tokens that are given.
const MADE: u32 = 200_000;

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let client = Client::builder(peer.url()).auth_token(TOKEN).build()?;
    Ok(vec![
        start(runs, &peer)?,
        made("`Client::clone`", runs, || client.clone())?,
        made("`Client::with_auth_token`", runs, || client.with_auth_token(TOKEN))?,
    ])
}

/// From nothing to the answer of the first call.
fn start(runs: usize, peer: &Peer) -> Result<Row> {
    let runtime = runtime()?;
    let pairs = measure::in_turns(
        4 * runs,
        || {
            let seconds = measure::seconds(|| {
                for _ in 0..BUILT {
                    let client = Client::builder(peer.url()).auth_token(TOKEN).build()?;
                    runtime.block_on(client.messages().send(CHAT, CONTENT).into_future())?;
                }
                Ok(())
            })?;
            Ok(seconds / f64::from(BUILT))
        },
        || {
            let seconds = measure::seconds(|| {
                for _ in 0..BUILT {
                    let client = BareClient::new(peer.url(), TOKEN)?;
                    runtime.block_on(client.send(CHAT, CONTENT))?;
                }
                Ok(())
            })?;
            Ok(seconds / f64::from(BUILT))
        },
    )?;
    Ok(Row::compared("build, and the first call", Unit::Seconds, &pairs, "bare reqwest", Target::AtMost(1.05)))
}

/// To make something out of a client, and to drop it.
fn made(what: &str, runs: usize, mut make: impl FnMut() -> Client) -> Result<Row> {
    let samples = measure::alone(runs, || {
        let seconds = measure::seconds(|| {
            for _ in 0..MADE {
                black_box(make());
            }
            Ok(())
        })?;
        Ok(seconds / f64::from(MADE))
    })?;
    Ok(Row::alone(what, Unit::Seconds, samples, Target::Below(1e-6)))
}
