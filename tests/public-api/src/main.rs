//! `rustdoc` with its unstable options, on a stable toolchain. Cargo is told to run it in place of `rustdoc`.
//!
//! Were the variable set for cargo itself, build scripts would run anew with it, and everything be compiled again.

use std::env;
use std::io;
use std::process::{Command, ExitCode};

fn main() -> io::Result<ExitCode> {
    let status = Command::new("rustdoc").args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
