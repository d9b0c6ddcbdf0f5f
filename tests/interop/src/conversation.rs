//! The part `conversation`: our client and the official one take turns in one scenario, `conversation.toml`.
//!
//! After each step both look at all there is, each by its own means, and have to see the same.

mod canonical;
mod look;

use mycel_local_backend::LocalBackend;
use serde_json::{Map, Value, json};

use self::{
    canonical::{Names, canonical},
    look::View,
};
use crate::{
    clients::{Answer, Invocation, MYCEL_CALLS, Official, Ours, Outcome, fill_all},
    environment::{Environment, Environments},
    problem::Problem,
    scenario::{Player, Record, Scenario, Step},
    totals::Row,
};

const SCENARIO: &str = include_str!("../conversation.toml");

/// Runs the scenario twice.
pub async fn run(environments: &Environments) -> Result<Vec<Row>, Problem> {
    let scenario = Scenario::read("conversation.toml", SCENARIO)?;
    let play = async |order| play(&scenario, &environments.sdk_083, order).await;
    let difference =
        |ours: &Value, theirs: &Value| (ours != theirs).then(|| format!("\nours:   {ours}\ntheirs: {theirs}"));
    scenario.run("conversation", "Rust SDK and mycel-sdk 0.1.83", play, difference).await
}

/// Plays it on a fresh backend, with the clients taking turns in this order.
async fn play(scenario: &Scenario, environment: &Environment, order: [Player; 2]) -> Result<Record, Problem> {
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
    for (step, player) in scenario.turns(order) {
        let because = || Problem::because(format!("{}, by {player:?}", step.name));
        stage.take(step, player).await.map_err(because())?;
        stage.look().await.map_err(because())?;
    }
    backend.shutdown().await;
    Ok(stage.record)
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
    async fn call(&mut self, player: Player, call: &Invocation) -> Result<Answer, Problem> {
        match player {
            Player::Ours => self.ours.call(call).await,
            Player::Official => self.official.call(call).await,
        }
    }

    /// Takes a step.
    async fn take(&mut self, step: &Step, player: Player) -> Result<(), Problem> {
        let arguments = fill_all(&step.call.arguments, &Value::Object(self.known.clone()))?;
        let call = Invocation { arguments, ..step.call.clone() };
        let Answer { outcome, token } = self.call(player, &call).await?;
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
            let ours = canonical(&call.call, &self.call(Player::Ours, &call).await?.outcome)?;
            let theirs = canonical(&call.call, &self.call(Player::Official, &call).await?.outcome)?;
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
