//! Counting what a program does instead of timing it: valgrind runs this program again, in a role that does the
//! same thing so many times.

use std::process::{Command, Stdio};

use crate::Result;
use crate::figure::Pairs;

/// A role that is given its arguments and, after them, how many times to do it.
pub(crate) struct Probe<'a> {
    pub(crate) role: &'a str,
    pub(crate) arguments: &'a [&'a str],
}

/// So often in the shorter of two runs, whose difference leaves out what a program does once.
const FEW: u32 = 100;

/// So often in the longer one.
const MANY: u32 = 600;

/// What it takes to do it once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Allocated {
    pub(crate) blocks: f64,
    pub(crate) bytes: f64,
}

/// What is counted.
#[derive(Clone, Copy)]
pub(crate) enum Counted {
    Instructions,
    Allocations,
}

impl Counted {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
        }
    }

    /// How many it takes to do it once.
    pub(crate) fn count(self, probe: &Probe<'_>) -> Result<f64> {
        match self {
            Self::Instructions => instructions(probe),
            Self::Allocations => allocated(probe).map(|allocated| allocated.blocks),
        }
    }
}

/// Why nothing can be counted here, if nothing can.
pub(crate) fn hindrance() -> Option<&'static str> {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    (!found.is_ok_and(|status| status.success())).then_some("there is no valgrind, which counts it")
}

/// Counts both sides so often. No run disturbs another: they need not take turns at being first.
pub(crate) fn pairs(runs: usize, ours: impl Fn() -> Result<f64>, baseline: impl Fn() -> Result<f64>) -> Result<Pairs> {
    let counted: Result<Vec<_>> = (0..runs).map(|_| Ok((ours()?, baseline()?))).collect();
    counted.map(Pairs::new)
}

/// Instructions that it takes to do it once.
pub(crate) fn instructions(probe: &Probe<'_>) -> Result<f64> {
    difference(|times| instructions_of(probe, times))
}

/// The same, between two runs of these lengths: for what takes long under valgrind.
pub(crate) fn instructions_between(probe: &Probe<'_>, few: u32, many: u32) -> Result<f64> {
    Ok((instructions_of(probe, many)? - instructions_of(probe, few)?) / f64::from(many - few))
}

fn instructions_of(probe: &Probe<'_>, times: u32) -> Result<f64> {
    let told = valgrind(&["--tool=callgrind", "--callgrind-out-file=/dev/null"], probe, times)?;
    number(&told, "Collected : ")
}

/// Bytes on the heap when they are the most, of a run that does it so many times.
pub(crate) fn peak(probe: &Probe<'_>, times: u32) -> Result<f64> {
    number(&valgrind(&["--tool=dhat", "--dhat-out-file=/dev/null"], probe, times)?, "At t-gmax:")
}

/// What it allocates to do it once.
pub(crate) fn allocated(probe: &Probe<'_>) -> Result<Allocated> {
    let count = |times| valgrind(&["--tool=dhat", "--dhat-out-file=/dev/null"], probe, times);
    let (few, many) = (count(FEW)?, count(MANY)?);
    Ok(Allocated {
        blocks: difference(|times| number(if times == FEW { &few } else { &many }, " bytes in "))?,
        bytes: difference(|times| number(if times == FEW { &few } else { &many }, "Total:"))?,
    })
}

/// Of the longer run and the shorter one, for each time by which they differ.
fn difference(count: impl Fn(u32) -> Result<f64>) -> Result<f64> {
    Ok((count(MANY)? - count(FEW)?) / f64::from(MANY - FEW))
}

/// What valgrind tells about a run.
fn valgrind(tool: &[&str], probe: &Probe<'_>, times: u32) -> Result<String> {
    let output = Command::new("valgrind")
        .args(tool)
        .arg(std::env::current_exe()?)
        .arg(probe.role)
        .args(probe.arguments)
        .arg(times.to_string())
        .stdin(Stdio::null())
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(told) } else { Err(format!("{} failed under valgrind: {told}", probe.role).into()) }
}

/// The first number behind this text.
fn number(told: &str, before: &str) -> Result<f64> {
    let found = told.split_once(before).map(|(_, rest)| {
        let digits = rest.trim_start().chars().take_while(|character| character.is_ascii_digit() || *character == ',');
        digits.filter(char::is_ascii_digit).collect::<String>()
    });
    let found = found.and_then(|digits| digits.parse().ok());
    found.ok_or_else(|| format!("valgrind tells no {:?}: {told}", before.trim()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_found_in_what_valgrind_tells() {
        let told = "==1== Collected : 1234567\n==1== Total:     5,028,734 bytes in 19,344 blocks\n";
        assert_eq!(number(told, "Collected : ").unwrap(), 1_234_567.0);
        assert_eq!(number(told, "Total:").unwrap(), 5_028_734.0);
        assert_eq!(number(told, " bytes in ").unwrap(), 19_344.0);
        number(told, "At t-gmax:").unwrap_err();
    }

    #[test]
    fn what_a_program_does_once_is_left_out() {
        let count = |times| Ok(1e9 + 250.0 * f64::from(times));
        assert_eq!(difference(count).unwrap(), 250.0);
    }
}
