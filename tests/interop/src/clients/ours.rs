//! Our client, by the names and arguments of the official one.

mod accounts;
mod chats;
mod messages;
mod workflows;

use std::collections::BTreeMap;

use mycel_sdk::{Client, Error, RetryPolicy, Secret};
use serde_json::Value;

use super::{Answer, Invocation, Outcome, arguments::Arguments, shown::Shown};
use crate::problem::Problem;

/// Our client, for each actor.
pub struct Ours {
    nobody: Client,
    actors: BTreeMap<String, Client>,
}

impl Ours {
    /// For the backend at this URL.
    pub fn new(url: &str) -> Result<Self, Problem> {
        // One request a call: the official client doesn't try again either.
        let nobody =
            Client::builder(url).retry(RetryPolicy::never()).build().map_err(Problem::because("our client"))?;
        Ok(Self { nobody, actors: BTreeMap::new() })
    }

    /// Makes an actor known.
    pub fn add(&mut self, actor: &str, token: &Secret) {
        self.actors.insert(actor.to_owned(), self.nobody.with_auth_token(token));
    }

    /// Calls.
    pub async fn call(&self, call: &Invocation) -> Result<Answer, Problem> {
        let client = match &call.actor {
            None => &self.nobody,
            Some(name) => self.actors.get(name).ok_or_else(|| Problem::new(format!("who is {name}?")))?,
        };
        let arguments = Arguments::new(&call.arguments);
        let outcome = make(client, &call.call, &arguments).await.map_err(Problem::because(&call.call))?;
        arguments.finish().map_err(Problem::because(&call.call))?;
        Ok(Answer::new(outcome))
    }
}

async fn make(client: &Client, name: &str, arguments: &Arguments<'_>) -> Result<Outcome, Problem> {
    if let Some(outcome) = accounts::call(client, name, arguments).await? {
        return Ok(outcome);
    }
    if let Some(outcome) = chats::call(client, name, arguments).await? {
        return Ok(outcome);
    }
    if let Some(outcome) = messages::call(client, name, arguments).await? {
        return Ok(outcome);
    }
    if let Some(outcome) = workflows::call(client, name, arguments).await? {
        return Ok(outcome);
    }
    Err(Problem::new("our client has nothing for it"))
}

/// What a caller saw.
fn outcome<T: Shown>(result: Result<T, Error>) -> Outcome {
    match result {
        Ok(value) => Outcome::Done(value.shown()),
        Err(error) => match error.status() {
            Some(status) => Outcome::Refused { status, detail: detail(&error) },
            None => Outcome::Failed(error.to_string()),
        },
    }
}

fn detail(error: &Error) -> Value {
    match error.detail_object() {
        Some(object) => Value::Object(object.clone()),
        None => error.detail().into(),
    }
}
