//! The part `turns`: m8tes' official client and ours take turns in one scenario, `m8tes-turns.toml`.
//!
//! After each step both look at what it may have changed, and after every tenth and the last at all there is, each by its own
//! means, and have to see the same.

mod look;
mod same;

use std::{net::SocketAddr, time::Duration};

use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend};
use m8tes_sdk::Client;
use m8tes_tests::official::{Failed, Given, dispatch};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use self::{
    look::{Made, seen_after, views},
    same::{difference, lasting},
};
use crate::{
    clients::{Invocation, Official, Outcome, fill_all},
    environment::{Environment, Environments},
    m8tes,
    problem::Problem,
    scenario::{Player, Record, Scenario, Step},
    totals::Row,
};

/// What it is called.
pub const PART: &str = "turns";

const SCENARIO: &str = include_str!("../m8tes-turns.toml");

const SCRIPT: &str = "m8tes_calls.py";

/// After how many steps all there is is looked at.
const EVERY: usize = 10;

/// How often it is looked whether the backend has come to rest, and how long the pauses in between are.
const LOOKS: usize = 2000;
const PAUSE: Duration = Duration::from_millis(5);

/// Runs the scenario twice.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let scenario = Scenario::read("m8tes-turns.toml", SCENARIO)?;
    let play = async |order| play(&scenario, &environments.m8tes_449, order).await;
    scenario.run(PART, "Rust SDK and m8tes 4.49.0", play, difference).await
}

/// Plays it on a fresh backend, with the clients taking turns in this order.
async fn play(scenario: &Scenario, environment: &Environment, order: [Player; 2]) -> Result<Record, Problem> {
    let backend = LocalBackend::builder().loopback_webhooks().on_run(m8tes::script).start().await;
    let backend = backend.map_err(Problem::because("a backend"))?;
    let hook = take_all().await.map_err(Problem::because("a listener"))?;
    let url = backend.base_url();
    let mut stage = Stage {
        ours: Client::builder(DEFAULT_API_KEY).base_url(&url).build().map_err(Problem::because("our client"))?,
        official: Official::start(environment, SCRIPT, &[&url, DEFAULT_API_KEY])?,
        known: json!({"hook": format!("http://{hook}/hook")}).as_object().cloned().unwrap_or_default(),
        made: Made::default(),
        record: Record::default(),
    };
    for (number, (step, player)) in scenario.turns(order).enumerate() {
        let is_all = (number + 1) % EVERY == 0 || number + 1 == scenario.step.len();
        let because = || Problem::because(format!("{}, by {player:?}", step.name));
        stage.take(step, player).await.map_err(because())?;
        stage.look(if is_all { None } else { Some(seen_after(&step.call.call)) }).await.map_err(because())?;
    }
    backend.shutdown().await;
    Ok(stage.record)
}

/// A run under way.
struct Stage {
    ours: Client,
    official: Official,
    /// The results that steps can speak of.
    known: Map<String, Value>,
    made: Made,
    record: Record,
}

impl Stage {
    async fn call(&mut self, player: Player, call: &str, arguments: &Map<String, Value>) -> Result<Outcome, Problem> {
        let outcome = match player {
            Player::Ours => match dispatch(&self.ours, call, Given::from(arguments.clone()), true).await {
                Ok(returned) => Outcome::Done(returned.value),
                Err(Failed::Unsayable(what)) => Outcome::Failed(what),
                Err(Failed::Error(error)) => match error.status() {
                    Some(status) => Outcome::Refused { status, detail: json!(error.code()) },
                    None => Outcome::Failed(error.to_string()),
                },
            },
            Player::Official => {
                let call = Invocation { actor: None, call: call.to_owned(), arguments: arguments.clone() };
                self.official.call(&call).await?.outcome
            }
        };
        Ok(outcome)
    }

    /// Takes a step.
    async fn take(&mut self, step: &Step, player: Player) -> Result<(), Problem> {
        let arguments = fill_all(&step.call.arguments, &Value::Object(self.known.clone()))?;
        let outcome = self.call(player, &step.call.call, &arguments).await?;
        let result = match (&outcome, step.refused) {
            (Outcome::Done(result), None) => result.clone(),
            (Outcome::Refused { status, detail }, Some(expected)) if *status == expected => {
                json!({"refused": status, "code": detail})
            }
            _ => return Err(Problem::new(format!("{outcome:?}"))),
        };
        if let Some(status) = &step.until {
            let id = result.get("id").or(result.get("run_id")).unwrap_or(&Value::Null).clone();
            self.come_to(&id, status).await?;
        }
        self.made.add(&step.call.call, &result);
        self.record.results.push(lasting(&result));
        if let Some(name) = &step.keep {
            self.known.insert(name.clone(), result);
        }
        Ok(())
    }

    /// Waits until a run has this status, and asks for as many things as it has to then.
    async fn come_to(&mut self, id: &Value, status: &str) -> Result<(), Problem> {
        let run = json!({"run_id": id}).as_object().cloned().unwrap_or_default();
        for _ in 0..LOOKS {
            let outcome = self.call(Player::Ours, "runs.get", &run).await?;
            if matches!(&outcome, Outcome::Done(run) if run.get("status").is_some_and(|is| is == status)) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Problem::new(format!("run {id} is never {status}")))
    }

    /// Waits until all deliveries have been made.
    async fn delivered(&mut self) -> Result<(), Problem> {
        for id in self.made.of("webhooks") {
            let webhook = json!({"webhook_id": id}).as_object().cloned().unwrap_or_default();
            let mut looks = LOOKS;
            while let Outcome::Done(Value::Array(deliveries)) =
                self.call(Player::Ours, "webhooks.list_deliveries", &webhook).await?
            {
                if deliveries.iter().all(|delivery| delivery.get("status").is_none_or(|status| status != "pending")) {
                    break;
                }
                looks = looks.checked_sub(1).ok_or_else(|| Problem::new("a delivery is never made"))?;
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    /// Looks at all there is of these resources, or of all, with both clients.
    async fn look(&mut self, resources: Option<&[&str]>) -> Result<(), Problem> {
        self.delivered().await?;
        let mut state = Map::new();
        let is_seen = |call: &str| {
            let resource = call.split('.').next().unwrap_or_default();
            resources.is_none_or(|resources| resources.contains(&resource))
        };
        for (call, arguments) in views(&self.made).into_iter().filter(|(call, _)| is_seen(call)) {
            let shown = |outcome| match outcome {
                Outcome::Done(value) => Ok(value),
                Outcome::Refused { status, detail } => Ok(json!({"refused": status, "code": detail})),
                Outcome::Failed(problem) => Err(Problem::new(format!("{call}: {problem}"))),
            };
            let ours = shown(self.call(Player::Ours, call, &arguments).await?)?;
            let theirs = shown(self.call(Player::Official, call, &arguments).await?)?;
            let name = format!("{call} {}", Value::Object(arguments));
            if let Some(difference) = difference(&ours, &theirs) {
                return Err(Problem::new(format!("afterwards, {name}: ours and theirs: {difference}")));
            }
            self.record.views += 1;
            state.insert(name, lasting(&theirs));
        }
        self.record.states.push(Value::Object(state));
        Ok(())
    }
}

/// A server that takes whatever is posted to it, for as long as the program runs.
async fn take_all() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut post = vec![0; 64 * 1024];
                // What is posted is small, and nobody here reads it.
                if connection.read(&mut post).await.is_ok() {
                    let _ = connection.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
                }
            });
        }
    });
    Ok(address)
}
