//! Import and regenerate.

mod public_document;
mod workspace;
mod xtask;

use crate::Result;
use crate::figure::{Row, Target, Unit};
use crate::measure;
use public_document::PublicDocument;
use workspace::Workspace;
use xtask::Xtask;

/// How often the document of the repository is repeated.
const COPIES: [usize; 4] = [1, 2, 4, 8];

pub(super) fn measure(runs: usize) -> Result<Vec<Row>> {
    let xtask = Xtask::build()?;
    let mut rows = vec![own_document(&xtask, runs)?];
    rows.extend(public_document(&xtask, runs)?);
    rows.extend(growth(&xtask, runs)?);
    Ok(rows)
}

/// The document of the Mycel backend, with nothing there that was made of it before.
fn own_document(xtask: &Xtask, runs: usize) -> Result<Row> {
    let workspace = Workspace::mycel(1)?;
    let seconds = measure::alone(runs, || {
        workspace.empty()?;
        measure::seconds(|| {
            xtask.import(&workspace)?;
            xtask.regenerate(&workspace)
        })
    })?;
    let what = "`import` and `regenerate` of the Mycel backend, together";
    Ok(Row::alone(what, Unit::Seconds, seconds, Target::Below(1.0)))
}

/// A large document of another project, of which a few operations are public.
fn public_document(xtask: &Xtask, runs: usize) -> Result<[Row; 2]> {
    let whole = "`import` of a public document of 13 MB";
    let larger = "`import` of a byte of the same with all references replaced, 73 MB";
    let folder = match public_document::fetch(xtask.target()?) {
        Ok(folder) => folder,
        Err(problem) => {
            return Ok([whole, larger].map(|what| Row::left_out(what, format!("it can't be had ({problem})"))));
        }
    };
    let [document, replaced] =
        [PublicDocument::PLAIN, PublicDocument::WITHOUT_REFERENCES].map(|document| document.workspace(&folder));
    let (document, replaced) = (document?, replaced?);
    let import = |workspace: &Workspace| {
        workspace.empty()?;
        measure::seconds(|| xtask.import(workspace))
    };
    let per_byte = |workspace: &Workspace| Ok(import(workspace)? / f64::from(workspace.export_bytes()?));
    let seconds = measure::alone(runs, || import(&document))?;
    let pairs = measure::in_turns(runs, || per_byte(&replaced), || per_byte(&document))?;
    Ok([
        Row::alone(whole, Unit::Seconds, seconds, Target::Below(5.0)),
        Row::compared(larger, Unit::Seconds, &pairs, "a byte of the 13 MB", Target::AtMost(1.1)),
    ])
}

/// The document of the Mycel backend, repeated under other names, all of it as public as it is once.
fn growth(xtask: &Xtask, runs: usize) -> Result<Vec<Row>> {
    let workspaces = COPIES.into_iter().map(Workspace::mycel).collect::<Result<Vec<_>>>()?;
    let per_byte = |workspace: &Workspace| {
        workspace.empty()?;
        Ok(measure::seconds(|| xtask.import(workspace))? / f64::from(workspace.export_bytes()?))
    };
    let steps = workspaces.iter().zip(COPIES).zip(workspaces.iter().zip(COPIES).skip(1));
    steps
        .map(|((smaller, few), (larger, many))| {
            let pairs = measure::in_turns(runs, || per_byte(larger), || per_byte(smaller))?;
            Ok(Row::compared(
                format!("`import` of a byte of the Mycel document, {many} times as large"),
                Unit::Seconds,
                &pairs,
                format!("{few} times as large"),
                Target::AtMost(1.1),
            ))
        })
        .collect()
}
