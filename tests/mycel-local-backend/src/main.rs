//! The program: a local Mycel backend until Ctrl-C.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use lexopt::{Error, Parser, ValueExt};
use local_backend_kit::program::{self, Program};
use mycel_local_backend::{Builder, DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend, Profile};

const USAGE: &str = "\
A Mycel backend in one process, for local development.

Usage: mycel-local-backend [OPTIONS]

Options:
  --listen ADDRESS       Where to listen; port 0 takes a free one [default: 127.0.0.1:8042]
  --data FILE            Keep everything in this SQLite file, which is made if it doesn't exist.
                         Without it everything is in memory and gone at the end.
  --profile PROFILE      full, or communication: no registration, login, managed agents or
                         threads, as a command-line deployment of Mycel [default: full]
  --invite-code CODE     The invite code that registration takes [default: {invite}]
  --one-time-code CODE   The code that registration would send by e-mail [default: {one_time}]
  --stream-linger MS     How many milliseconds the task of an inbox stream runs on after the
                         stream's end. It then takes the user's listener away, also that of
                         a stream which was opened in the meantime [default: 0]
  -h, --help             Print this
  -V, --version          Print the version

The first line on standard output is `listening on http://ADDRESS`, once requests are answered.
Ctrl-C or SIGTERM ends it; requests under way are answered first.

A token, and who it is for:
  curl -X POST http://127.0.0.1:8042/api/auth/guest \\
       -H 'content-type: application/json' -d '{\"display_name\": \"Ada\"}'
  curl http://127.0.0.1:8042/api/auth/me -H 'authorization: Bearer TOKEN'
";

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        usage: USAGE.replace("{invite}", DEFAULT_INVITE_CODE).replace("{one_time}", DEFAULT_ONE_TIME_CODE),
        option,
        greeting,
    };
    program::run(&program, LocalBackend::builder().listen(SocketAddr::from(([127, 0, 0, 1], 8042))))
}

fn option(builder: Builder, name: &str, parser: &mut Parser) -> Result<Option<Builder>, Error> {
    Ok(Some(match name {
        "profile" => builder.profile(parser.value()?.parse_with(profile)?),
        "invite-code" => builder.invite_code(parser.value()?.string()?),
        "one-time-code" => builder.one_time_code(parser.value()?.string()?),
        "stream-linger" => builder.stream_linger(Duration::from_millis(parser.value()?.parse()?)),
        _ => return Ok(None),
    }))
}

fn greeting(url: &str) -> String {
    format!(
        "A guest and their token:\n  curl -X POST {url}/api/auth/guest -H 'content-type: application/json' -d '{{}}'\n"
    )
}

fn profile(name: &str) -> Result<Profile, &'static str> {
    match name {
        "full" => Ok(Profile::Full),
        "communication" => Ok(Profile::Communication),
        _ => Err("it is neither full nor communication"),
    }
}
