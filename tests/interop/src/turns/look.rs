//! What is looked at after each step: what it may have changed, and everything from time to time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// The user of the scenario.
const USER: &str = "cust_1";

/// The ids of what was made, by resource.
#[derive(Debug, Default)]
pub struct Made(BTreeMap<&'static str, BTreeSet<i64>>);

impl Made {
    /// Takes note of what a call has brought.
    pub fn add(&mut self, call: &str, result: &Value) {
        let resource = match call {
            "teammates.create" => "teammates",
            "tasks.create" => "tasks",
            "webhooks.create" => "webhooks",
            _ if result.get("run_id").is_some() || call.starts_with("runs.") || call.starts_with("tasks.run") => "runs",
            _ => return,
        };
        let id = result.get("run_id").or(result.get("id")).and_then(Value::as_i64);
        self.0.entry(resource).or_default().extend(id);
    }

    /// The ids of a resource.
    pub fn of(&self, resource: &str) -> Vec<i64> {
        self.0.get(resource).into_iter().flatten().copied().collect()
    }
}

/// Of how many runs, tasks and the like all is looked at: the last ones. The others are in the lists.
const LAST: usize = 3;

/// The resources that a call may change, as far as somebody can see it: the first segment of their methods.
pub fn seen_after(call: &str) -> &'static [&'static str] {
    match call.split('.').next().unwrap_or_default() {
        "tasks" => &["tasks", "runs"],
        "runs" => &["runs", "webhooks", "auth"],
        "teammates" => &["teammates"],
        "webhooks" => &["webhooks"],
        // Making one makes its user, too.
        "memories" => &["memories", "users"],
        "permissions" => &["permissions", "users"],
        "users" => &["users"],
        "apps" => &["apps"],
        _ => &["settings"],
    }
}

/// All calls that look at something.
pub fn views(made: &Made) -> Vec<(&'static str, Map<String, Value>)> {
    let mut views = vec![
        ("teammates.list", json!({"limit": 2, "include_archived": true})),
        ("teammates.list", json!({"limit": 2, "user_id": USER})),
        ("runs.list", json!({"limit": 3})),
        ("runs.list", json!({"limit": 3, "user_id": USER})),
        ("runs.list", json!({"status": "completed", "limit": 2})),
        ("tasks.list", json!({"limit": 1, "include_archived": true})),
        ("memories.list", json!({"limit": 1})),
        ("memories.list", json!({"limit": 1, "user_id": USER})),
        ("permissions.list", json!({})),
        ("permissions.list", json!({"user_id": USER})),
        ("users.list", json!({"limit": 1})),
        ("users.get", json!({"user_id": USER})),
        ("webhooks.list", json!({"limit": 1})),
        ("apps.list", json!({"user_id": USER})),
        ("settings.get", json!({})),
        ("auth.get_usage", json!({})),
    ];
    for (resource, argument, calls) in [
        ("teammates", "agent_id", &["teammates.get"][..]),
        ("tasks", "task_id", &["tasks.get", "tasks.triggers.list"]),
        ("webhooks", "webhook_id", &["webhooks.get", "webhooks.list_deliveries"]),
        ("runs", "run_id", &["runs.get", "runs.permissions", "runs.messages", "runs.outcome", "runs.list_files"]),
    ] {
        for id in made.of(resource).into_iter().rev().take(LAST) {
            views.extend(calls.iter().map(|call| (*call, json!({ argument: id }))));
        }
    }
    views.into_iter().map(|(call, arguments)| (call, arguments.as_object().cloned().unwrap_or_default())).collect()
}
