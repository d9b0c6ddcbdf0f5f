//! Listeners with nothing to do, and with a connection that is cut.

mod cut;
mod idle;

use crate::Result;
use crate::figure::Row;

pub(crate) use idle::{ROLE, probe};

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let mut rows = idle::measure(runs)?;
    rows.extend(cut::measure(runs)?);
    Ok(rows)
}
