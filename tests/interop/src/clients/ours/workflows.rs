//! Workflows, their events, and tasks.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use mycel_sdk::Client;
use serde_json::{Map, Value};

use super::outcome;
use crate::{
    clients::{
        Outcome,
        arguments::{Arguments, set},
    },
    problem::Problem,
};

type Object = Map<String, Value>;
type Decisions = BTreeMap<String, BTreeMap<String, String>>;

pub async fn call(client: &Client, name: &str, given: &Arguments<'_>) -> Result<Option<Outcome>, Problem> {
    let chat = || given.get::<String>("chat_id");
    let event = || given.get::<String>("event_id");
    let (workflows, events) = (client.workflows(), client.workflow_events());
    Ok(Some(match name {
        "chats.get_workflow" => outcome(workflows.get(chat()?).await),
        "chats.set_workflow" => {
            let mut request = workflows.set(chat()?, given.get::<String>("kind")?);
            set!(request, given,
                "state" => state: String,
                "config" => config: Object,
                "expected_state_version" => expected_state_version: u64,
            );
            outcome(request.await)
        }
        "chats.delete_workflow" => outcome(workflows.delete(chat()?).await),
        "chats.list_workflow_events" => outcome(events.list(chat()?).await),
        "chats.get_workflow_event" => outcome(events.get(chat()?, event()?).await),
        "chats.delete_workflow_event" => outcome(events.delete(chat()?, event()?).await),
        "chats.create_workflow_event" => {
            let by = given.get::<String>("requested_by_user_id")?;
            let mut request = events.create(chat()?, given.get::<String>("kind")?, by);
            for resource in given.maybe::<Vec<Object>>("resource_refs")?.unwrap_or_default() {
                request = request.resource_ref(resource);
            }
            set!(request, given,
                "decision_states" => decision_states: Decisions,
                "rationales" => rationales: Object,
                "final_state" => final_state: Object,
                "metadata" => metadata: Object,
            );
            outcome(request.await)
        }
        "chats.update_workflow_event" => {
            let mut request = events.update(chat()?, event()?);
            set!(request, given,
                "state" => state: String,
                "decision_states" => decision_states: Decisions,
                "rationales" => rationales: Object,
                "final_state" => final_state: Object,
                "metadata" => metadata: Object,
                "expected_state_version" => expected_state_version: u64,
            );
            if let Some(seconds) = given.maybe::<f64>("settled_at")? {
                let since = Duration::try_from_secs_f64(seconds).map_err(Problem::because("settled_at"))?;
                request = request.settled_at(SystemTime::UNIX_EPOCH + since);
            }
            outcome(request.await)
        }
        other => return tasks(client, other, given).await,
    }))
}

async fn tasks(client: &Client, name: &str, given: &Arguments<'_>) -> Result<Option<Outcome>, Problem> {
    let chat = || given.get::<String>("chat_id");
    let task = || given.get::<String>("task_id");
    let tasks = client.tasks();
    Ok(Some(match name {
        "chats.list_tasks" => outcome(tasks.list(chat()?).await),
        "chats.get_task" => outcome(tasks.get(chat()?, task()?).await),
        "chats.delete_task" => outcome(tasks.delete(chat()?, task()?).await),
        "chats.create_task" => {
            let mut request = tasks.create(chat()?, given.get::<String>("subject")?);
            set!(request, given,
                "description" => description: String,
                "status" => status: String,
                "active_form" => active_form: String,
                "owner" => owner: String,
                "blocks" => blocks: Vec<String>,
                "blocked_by" => blocked_by: Vec<String>,
                "metadata" => metadata: Object,
            );
            outcome(request.await)
        }
        "chats.update_task" => {
            let mut request = tasks.update(chat()?, task()?);
            set!(request, given,
                "subject" => subject: String,
                "description" => description: String,
                "status" => status: String,
                "active_form" => active_form: String,
                "owner" => owner: String,
                "blocks" => blocks: Vec<String>,
                "blocked_by" => blocked_by: Vec<String>,
                "metadata" => metadata: Object,
            );
            outcome(request.await)
        }
        _ => return Ok(None),
    }))
}
