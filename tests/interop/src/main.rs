//! Runs the platforms' official Python clients against the local backends, alone and beside the Rust SDKs, and counts what
//! was right.
//!
//! The README beside `src` tells how it is made and how to change it.

#![forbid(unsafe_code)]

mod arguments;
mod cases;
mod cel;
mod clients;
mod conversation;
mod environment;
mod m8tes;
mod methods;
mod muxi;
mod muxi_wire;
mod part;
mod problem;
mod python;
mod scenario;
mod totals;
mod turns;
mod wire;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use crate::{arguments::Request, environment::Environments, part::Part};

#[tokio::main]
async fn main() -> ExitCode {
    let parts = match arguments::read() {
        Ok(Request::Run(parts)) => parts,
        Ok(Request::Print(text)) => {
            // A reader that has gone away has seen enough.
            let _ = io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    if run(&parts).await { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the parts, all of them also after one has failed, and tells whether everything was right.
async fn run(parts: &[Part]) -> bool {
    let environments = match Environments::prepare().await {
        Ok(environments) => environments,
        Err(problem) => {
            eprintln!("error: {problem}");
            return false;
        }
    };
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for part in parts {
        println!("== {}", part.name());
        match part.run(&environments).await {
            Ok(counted) => rows.extend(counted),
            Err(problem) => {
                eprintln!("error: {problem}");
                failed.push(part.name());
            }
        }
    }
    println!("== totals");
    for row in &rows {
        println!("{row}");
    }
    if !failed.is_empty() {
        eprintln!("error: failed: {}", failed.join(", "));
        return false;
    }
    match totals::compare_with_readme(&rows, parts.len() == Part::ALL.len()) {
        Ok(()) => true,
        Err(problem) => {
            eprintln!("error: {problem}");
            false
        }
    }
}
