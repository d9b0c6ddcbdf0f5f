//! The part `conversation`: our client and the official one take turns in one scenario, `conversation.toml`.
//!
//! After each step both look at all there is, each by its own means, and have to see the same. A second run, in which each
//! makes the steps that the other made before, has to come to the same states and to the same results.

mod canonical;
mod look;

use mycel_local_backend::LocalBackend;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::{
    canonical::{Names, canonical},
    look::View,
};
use crate::{
    clients::{Answer, Invocation, MYCEL_CALLS, Official, Ours, Outcome, fill_all},
    environment::{Environment, Environments},
    problem::Problem,
    totals::Row,
};

const SCENARIO: &str = include_str!("../conversation.toml");

#[derive(Deserialize)]
struct Scenario {
    step: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    #[serde(flatten)]
    call: Invocation,
    /// The name of its result.
    keep: Option<String>,
    /// The status that it has to be refused with.
    refused: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Ours,
    Official,
}

/// What a run has come to, without what is another in each run.
#[derive(Debug, Default)]
struct Record {
    /// Of each step: its result.
    results: Vec<Value>,
    /// After each step: all that was seen.
    states: Vec<Value>,
    /// How many views were compared.
    views: usize,
}

/// Runs the scenario twice.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let scenario: Scenario = toml::from_str(SCENARIO).map_err(Problem::because("conversation.toml"))?;
    let environment = &environments.sdk_083;
    let first = scenario.play(environment, [Client::Official, Client::Ours]).await?;
    let second = scenario.play(environment, [Client::Ours, Client::Official]).await?;
    for (index, step) in scenario.step.iter().enumerate() {
        for (what, one, other) in
            [("the result", &first.results, &second.results), ("the state after it", &first.states, &second.states)]
        {
            let (one, other) = (one.get(index), other.get(index));
            if one != other {
                let [one, other] = [one, other].map(|value| value.map(Value::to_string).unwrap_or_default());
                let what = format!("the runs differ in {what}");
                return Err(Problem::new(format!("{}: {what}\nfirst run:  {one}\nsecond run: {other}", step.name)));
            }
        }
    }
    Ok(vec![Row {
        part: "conversation",
        subject: "Rust SDK and mycel-sdk 0.1.83".to_owned(),
        counted: format!(
            "{} steps × 2 runs: {} states of {} views, each seen by both",
            scenario.step.len(),
            first.states.len() + second.states.len(),
            first.views + second.views
        ),
    }])
}

impl Scenario {
    /// Plays it on a fresh backend, with the clients taking turns in this order.
    async fn play(&self, environment: &Environment, order: [Client; 2]) -> Result<Record, Problem> {
        let backend = LocalBackend::builder().start().await.map_err(Problem::because("a backend"))?;
        let mut stage = Stage {
            ours: Ours::new(backend.url())?,
            official: Official::start(environment, MYCEL_CALLS, &[backend.url()])?,
            known: Map::new(),
            actors: Vec::new(),
            chats: Vec::new(),
            names: Names::default(),
            record: Record::default(),
        };
        for (step, client) in self.step.iter().zip(order.into_iter().cycle()) {
            let because = || Problem::because(format!("{}, by {client:?}", step.name));
            stage.take(step, client).await.map_err(because())?;
            stage.look().await.map_err(because())?;
        }
        backend.shutdown().await;
        Ok(stage.record)
    }
}

/// A run under way.
struct Stage {
    ours: Ours,
    official: Official,
    /// The results that steps can speak of.
    known: Map<String, Value>,
    actors: Vec<String>,
    /// The chats that there are, and who made each.
    chats: Vec<(String, String)>,
    names: Names,
    record: Record,
}

impl Stage {
    async fn call(&mut self, client: Client, call: &Invocation) -> Result<Answer, Problem> {
        match client {
            Client::Ours => self.ours.call(call).await,
            Client::Official => self.official.call(call).await,
        }
    }

    /// Takes a step.
    async fn take(&mut self, step: &Step, client: Client) -> Result<(), Problem> {
        let arguments = fill_all(&step.call.arguments, &Value::Object(self.known.clone()))?;
        let call = Invocation { arguments, ..step.call.clone() };
        let Answer { outcome, token } = self.call(client, &call).await?;
        let result = match (&outcome, step.refused) {
            (Outcome::Done(result), None) => result.clone(),
            (Outcome::Refused { status, .. }, Some(expected)) if *status == expected => Value::Null,
            _ => return Err(Problem::new(format!("{outcome:?}"))),
        };
        let seen = canonical(&call.call, &outcome)?;
        self.record.results.push(self.names.replace(seen));
        let Some(name) = &step.keep else { return Ok(()) };
        if let Some(token) = token {
            self.ours.add(name, &token);
            self.official.add(name, &token).await?;
            self.actors.push(name.clone());
        }
        if let (true, Some(maker)) = (is_chat(&call.call), call.actor) {
            self.chats.push((name.clone(), maker));
        }
        self.known.insert(name.clone(), result);
        Ok(())
    }

    /// Looks at all there is, with both clients.
    async fn look(&mut self) -> Result<(), Problem> {
        let mut state = Map::new();
        let known = Value::Object(self.known.clone());
        for View { name, call } in look::views(&self.actors, &self.chats) {
            let call = Invocation { arguments: fill_all(&call.arguments, &known)?, ..call };
            let ours = canonical(&call.call, &self.call(Client::Ours, &call).await?.outcome)?;
            let theirs = canonical(&call.call, &self.call(Client::Official, &call).await?.outcome)?;
            if ours != theirs {
                return Err(Problem::new(format!("afterwards, {name}\nours:   {ours}\ntheirs: {theirs}")));
            }
            self.record.views += 1;
            state.insert(name, ours);
        }
        let state = self.names.replace(json!(state));
        self.record.states.push(state);
        Ok(())
    }
}

fn is_chat(call: &str) -> bool {
    matches!(call, "chats.create" | "chats.ensure_direct" | "chats.direct")
}
