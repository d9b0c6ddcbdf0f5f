//! One `send`, and many at once.

use mycel_sdk::Client;

use crate::Result;
use crate::figure::{Row, Target, Unit};
use crate::measure;
use crate::peer::Peer;

/// Calls in a run.
const CALLS: u32 = 5_000;

/// What the token of the backend looks like: a JWT.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl";

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let peer = Peer::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = Client::builder(peer.url()).auth_token(TOKEN).build()?;
    let pairs = measure::in_turns(
        3 * runs,
        || measure::seconds(|| runtime.block_on(send(&client))).map(|seconds| seconds / f64::from(CALLS)),
        || measure::seconds(|| runtime.block_on(send(&client))).map(|seconds| seconds / f64::from(CALLS)),
    )?;
    Ok(vec![Row::compared("`send`, one after another", Unit::Seconds, &pairs, "itself", Target::AtMost(1.05))])
}

async fn send(client: &Client) -> Result<()> {
    for _ in 0..CALLS {
        client.messages().send("c", "hello").await?;
    }
    Ok(())
}
