//! The program: a local MUXI formation until Ctrl-C.

use std::{net::SocketAddr, process::ExitCode};

use lexopt::{Error, Parser, ValueExt};
use local_backend_kit::program::{self, Program};
use muxi_local_backend::{ADMIN_KEY, Builder, CLIENT_KEY, LocalBackend};

const USAGE: &str = "\
A MUXI formation in one process, for local development. It echoes what it is told.

Usage: muxi-local-backend [OPTIONS]

Options:
  --listen ADDRESS       Where to listen; port 0 takes a free one [default: 127.0.0.1:8271]
  --data FILE            Keep secrets, memories, jobs, users and credentials in this SQLite file, which is made if it
                         doesn't exist.
                         Without it everything is in memory and gone at the end.
  --admin-key KEY        The admin key that is taken [default: {admin}]
  --client-key KEY       The client key that is taken [default: {client}]
  --variant VARIANT      How the formation is set up: full, bare (no memory, database, scheduler, secrets), or single
                         (one user, whoever asks) [default: full]
  -h, --help             Print this
  -V, --version          Print the version

The first line on standard output is `listening on http://ADDRESS`, once requests are answered.
Ctrl-C or SIGTERM ends it; requests under way are answered first.

A chat, as it goes on:
  curl -N -X POST http://127.0.0.1:8271/v1/chat -H 'x-muxi-client-key: {client}' \\
       -H 'content-type: application/json' -d '{\"message\": \"hello\"}'
";

fn main() -> ExitCode {
    let builder = LocalBackend::builder().listen(SocketAddr::from(([127, 0, 0, 1], 8271)));
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        usage: USAGE.replace("{admin}", ADMIN_KEY).replace("{client}", CLIENT_KEY),
        option,
        greeting,
    };
    program::run(&program, builder)
}

fn option(builder: Builder, name: &str, parser: &mut Parser) -> Result<Option<Builder>, Error> {
    Ok(Some(match name {
        "admin-key" => builder.admin_key(parser.value()?.string()?),
        "client-key" => builder.client_key(parser.value()?.string()?),
        "variant" => builder.variant(parser.value()?.parse()?),
        _ => return Ok(None),
    }))
}

fn greeting(url: &str) -> String {
    format!("For the SDK:\n  export MUXI_FORMATION_URL={url} MUXI_CLIENT_KEY={CLIENT_KEY} MUXI_ADMIN_KEY={ADMIN_KEY}\n")
}
