//! The part `muxi-wire`: what MUXI's official client sends for a call, and what ours sends for the same, as
//! `muxi-wire-cases.toml` lists them. Each difference stands in `muxi-wire-differences.toml` with its reason.

mod ours;
mod ours_server;
mod request;

use std::collections::BTreeSet;

use muxi_sdk::{FormationClient, RetryPolicy, ServerClient};
use serde::Deserialize;
use serde_json::{Map, Value};
use test_harness::{Peer, Reply};

use self::request::{Request, differences};
use crate::{environment::Environments, problem::Problem, python, totals::Row};

/// What it is called.
pub const PART: &str = "muxi-wire";

const CASES: &str = include_str!("../muxi-wire-cases.toml");

const TABLE: &str = include_str!("../muxi-wire-differences.toml");

/// Calls of the official client, by its own names.
#[derive(Deserialize)]
struct Cases {
    call: Vec<Call>,
}

/// A call.
#[derive(Clone, Deserialize)]
struct Call {
    /// The method.
    method: String,
    /// Its arguments, by their names.
    #[serde(default)]
    arguments: Map<String, Value>,
}

/// The differences that are known.
#[derive(Deserialize)]
struct Table {
    difference: Vec<Known>,
}

/// A difference, and in which calls: by their methods, or in all.
#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    methods: Vec<String>,
    what: String,
    reason: String,
}

/// What a script prints: the number of requests that there were behind each call, or the methods that there are.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Call(usize),
    Methods { methods: Vec<String> },
}

/// An answer that nobody reads: all that counts is what was sent.
fn answer() -> Reply {
    Reply::json("200 OK", r#"{"success":true,"error":null,"data":{}}"#)
}

/// Makes all calls by both.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let Cases { call: calls } = toml::from_str(CASES).map_err(Problem::because("muxi-wire-cases.toml"))?;
    let Table { difference: known } = toml::from_str(TABLE).map_err(Problem::because("muxi-wire-differences.toml"))?;
    let (official, methods) = by_the_official_client(environments, &calls).await?;
    let mut wrong: Vec<String> =
        methods.iter().filter(|method| !calls.iter().any(|call| call.method == **method)).map(lacking).collect();
    let (mut pairs, mut needed) = (0, BTreeSet::new());
    for (call, official) in calls.iter().zip(&official) {
        let ours = by_ours(call).await?;
        pairs += official.len().min(ours.len());
        for what in differences(official, &ours) {
            let covers = |known: &&Known| {
                known.what == what && (known.methods.is_empty() || known.methods.contains(&call.method))
            };
            match known.iter().find(covers) {
                Some(known) => drop(needed.insert((known.what.as_str(), known.methods.as_slice()))),
                None => wrong.push(format!("{}: {what}", call.method)),
            }
        }
    }
    let unneeded = known.iter().filter(|known| !needed.contains(&(known.what.as_str(), known.methods.as_slice())));
    wrong.extend(unneeded.map(|known| format!("nothing needs the row {:?} of {:?}", known.what, known.methods)));
    wrong.extend(
        known.iter().filter(|known| known.reason.is_empty()).map(|known| format!("{:?} has no reason", known.what)),
    );
    if !wrong.is_empty() {
        wrong.dedup();
        return Err(Problem::new(format!("of what is sent, no row tells:\n{}", wrong.join("\n"))));
    }
    Ok(vec![Row {
        part: PART,
        subject: "Rust SDK and muxi 1.20260713.0".to_owned(),
        counted: format!(
            "{} methods: {} calls, {pairs} pairs of requests, {} known differences",
            methods.len(),
            calls.len(),
            known.len()
        ),
    }])
}

fn lacking(method: &String) -> String {
    format!("muxi-wire-cases.toml has no call of {method}")
}

/// What the official client sends for each call, and the methods that it has.
async fn by_the_official_client(
    environments: &Environments,
    calls: &[Call],
) -> Result<(Vec<Vec<Request>>, Vec<String>), Problem> {
    let peer = Peer::start([answer()]).await;
    let wanted = calls.iter().map(|call| serde_json::json!([call.method, call.arguments])).collect::<Value>();
    let lines = python::run::<Line>(&environments.muxi, "muxi_calls.py", &[peer.url(), &wanted.to_string()]).await?;
    let mut requests = peer.requests().into_iter().map(|text| Request::read(&text));
    let (mut sent, mut all) = (Vec::new(), Vec::new());
    for line in lines {
        match line {
            Line::Call(count) => sent.push(requests.by_ref().take(count).collect::<Result<_, _>>()?),
            Line::Methods { methods } => all = methods,
        }
    }
    Ok((sent, all))
}

/// What ours sends for it.
async fn by_ours(call: &Call) -> Result<Vec<Request>, Problem> {
    let peer = Peer::start([answer()]).await;
    match call.method.strip_prefix("server.") {
        Some(method) => {
            let builder = ServerClient::builder(peer.url()).key_id("id").secret_key("secret");
            let server = builder.retry(RetryPolicy::never()).build().map_err(Problem::because(PART))?;
            ours_server::call(&server, method, &call.arguments).await?;
        }
        None => {
            let builder = FormationClient::direct(peer.url()).client_key("ck").admin_key("ak");
            let formation = builder.retry(RetryPolicy::never()).build().map_err(Problem::because(PART))?;
            ours::call(&formation, &call.method, &call.arguments).await?;
        }
    }
    peer.requests().iter().map(|text| Request::read(text)).collect()
}
