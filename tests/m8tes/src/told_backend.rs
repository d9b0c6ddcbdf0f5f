//! The program of the local backend, whose runs do what their messages tell them to: see [`m8tes_tests::work`].

use std::process::ExitCode;

use local_backend_kit::program::{self, Program};
use m8tes_local_backend::LocalBackend;
use m8tes_tests::work;

fn main() -> ExitCode {
    let program = Program {
        name: "told-backend",
        version: env!("CARGO_PKG_VERSION"),
        usage: "Usage: told-backend [--listen ADDRESS] [--data FILE]\n".to_owned(),
        option: |_, _, _| Ok(None),
        greeting: |_| "Its runs do what they are told to.\n".to_owned(),
    };
    program::run(&program, LocalBackend::builder().on_run(work::play))
}
