//! The program: a local MUXI management server with a formation until Ctrl-C.

use std::{net::SocketAddr, process::ExitCode};

use lexopt::{Error, Parser, ValueExt};
use local_backend_kit::program::{self, Program};
use muxi_local_backend::{ADMIN_KEY, Builder, CLIENT_KEY, KEY_ID, LocalBackend, SECRET_KEY};

const USAGE: &str = "\
A MUXI management server and its formations in one process, for local development. They echo what they are told.

Usage: muxi-local-backend [OPTIONS]

Options:
  --listen ADDRESS       Where to listen; port 0 takes a free one [default: 127.0.0.1:8271]
  --data FILE            Keep secrets, memories, jobs, users and credentials in this SQLite file, which is made if it
                         doesn't exist; what is deployed in FILE-server, and what that keeps in the folder
                         FILE-formations.
                         Without it everything is in memory and gone at the end.
  --formation NAME       The formation that is served without being deployed: echo, the only one [default: echo]
  --admin-key KEY        The admin key that is taken [default: {admin}]
  --client-key KEY       The client key that is taken [default: {client}]
  --variant VARIANT      How the formation is set up: full, bare (no memory, database, scheduler, secrets), or single
                         (one user, whoever asks) [default: full]
  --key-id ID            The id of the key pair that the management server takes [default: {key-id}]
  --secret-key SECRET    The secret of that key pair [default: {secret}]
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
    let program =
        Program { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION"), usage: usage(), option, greeting };
    program::run(&program, builder)
}

fn usage() -> String {
    let usage = USAGE.replace("{admin}", ADMIN_KEY).replace("{client}", CLIENT_KEY);
    usage.replace("{key-id}", KEY_ID).replace("{secret}", SECRET_KEY)
}

fn option(builder: Builder, name: &str, parser: &mut Parser) -> Result<Option<Builder>, Error> {
    Ok(Some(match name {
        "admin-key" => builder.admin_key(parser.value()?.string()?),
        "client-key" => builder.client_key(parser.value()?.string()?),
        "variant" => builder.variant(parser.value()?.parse()?),
        "key-id" => builder.key_id(parser.value()?.string()?),
        "secret-key" => builder.secret_key(parser.value()?.string()?),
        "formation" => match parser.value()?.string()?.as_str() {
            "echo" => builder,
            other => return Err(Error::Custom(format!("there is no formation {other}; there is echo").into())),
        },
        _ => return Ok(None),
    }))
}

fn greeting(url: &str) -> String {
    format!(
        "For the SDK:\n  export MUXI_FORMATION_URL={url} MUXI_CLIENT_KEY={CLIENT_KEY} MUXI_ADMIN_KEY={ADMIN_KEY}\n  \
         export MUXI_SERVER_URL={url} MUXI_KEY_ID={KEY_ID} MUXI_SECRET_KEY={SECRET_KEY}\n"
    )
}
