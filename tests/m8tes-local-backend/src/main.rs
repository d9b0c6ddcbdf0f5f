//! The program: a local m8tes backend until Ctrl-C.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use lexopt::{Error, Parser, ValueExt};
use local_backend_kit::program::{self, Program};
use m8tes_local_backend::{BASE_PATH, Builder, DEFAULT_API_KEY, LocalBackend};

const USAGE: &str = "\
An m8tes backend in one process, for local development. Its runs echo what they are asked.

Usage: m8tes-local-backend [OPTIONS]

Options:
  --listen ADDRESS       Where to listen; port 0 takes a free one [default: 127.0.0.1:8043]
  --data FILE            Keep everything in this SQLite file, which is made if it doesn't exist.
                         Without it everything is in memory and gone at the end.
  --api-key KEY          The API key of the account that is there from the start [default: {key}].
                         Others are made by POST {base}/signup, each with its own.
  --require-user-id      Take its requests for a named end user only (require_end_user_id)
  --loopback-webhooks    Take webhooks whose URLs are on this machine, and send them their deliveries
  --tool NAME            Take this tool as well as the apps of the catalogue; may be given several times
  --scripted             Have runs do what their message says, where each line of it is a step:
                         say TEXT, tool NAME INPUT RESULT, ask TOOL INPUT, question TEXT | OPTION | …,
                         plan TEXT, file NAME TEXT, usage IN OUT DOLLARS, frame JSON,
                         wait MILLISECONDS, cut, end-streams, fail TEXT
  --pace MILLISECONDS    How long a run waits before each piece of its text [default: 40]
  -h, --help             Print this
  -V, --version          Print the version

The first line on standard output is `listening on http://ADDRESS`, once requests are answered.
Ctrl-C or SIGTERM ends it; requests under way are answered first.

Beside the API under {base}, what starts runs from without:
  POST /webhooks/…       The URLs of webhooks of teammates and tasks
  POST /emails/ADDRESS   Takes an e-mail in: {\"from\": …, \"subject\": …, \"text\": …}
  POST /events/APP/NAME  Tells the account's tasks that something happened in an app

A run, as it goes on:
  curl -N -X POST http://127.0.0.1:8043{base}/runs/ -H 'authorization: Bearer {key}' \\
       -H 'content-type: application/json' -d '{\"message\": \"hello\", \"stream\": true}'
";

fn main() -> ExitCode {
    let builder = LocalBackend::builder().listen(SocketAddr::from(([127, 0, 0, 1], 8043)));
    let program = Program {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        usage: USAGE.replace("{key}", DEFAULT_API_KEY).replace("{base}", BASE_PATH),
        option,
        greeting,
    };
    program::run(&program, builder.pace(Duration::from_millis(40)))
}

fn option(builder: Builder, name: &str, parser: &mut Parser) -> Result<Option<Builder>, Error> {
    Ok(Some(match name {
        "api-key" => builder.api_key(parser.value()?.string()?),
        "require-user-id" => builder.require_user_id(),
        "scripted" => builder.scripted(),
        "tool" => builder.tool(parser.value()?.string()?),
        "loopback-webhooks" => builder.loopback_webhooks(),
        "pace" => builder.pace(Duration::from_millis(parser.value()?.parse()?)),
        _ => return Ok(None),
    }))
}

fn greeting(url: &str) -> String {
    format!("For the SDK:\n  export M8TES_BASE_URL={url}{BASE_PATH} M8TES_API_KEY={DEFAULT_API_KEY}\n")
}
