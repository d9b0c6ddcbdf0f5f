//! Listeners with nothing to do, and with a connection that is cut.

mod cut;
mod idle;

use crate::Result;
use crate::figure::Row;

pub(crate) use idle::{ROLE, probe};

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let mut rows = idle::measure(idle::LISTENERS, runs)?;
    rows.extend(cut::measure(runs)?);
    Ok(rows)
}

pub(super) fn measure_streams(runs: usize) -> Result<Vec<Row>> {
    idle::measure(idle::STREAMS, runs)
}
