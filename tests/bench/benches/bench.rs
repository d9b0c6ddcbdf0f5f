//! Measures, and prints one table.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench::main()
}
