//! What webhooks are told. A delivery is stored with what it tells of, and sent afterwards: none is lost on the way.

use std::net::IpAddr;

use local_backend_kit::clock;
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{DELIVERIES, Db, Of, WEBHOOKS, accounts, now};

/// How often one is sent before it has failed.
pub(crate) const ATTEMPTS: i64 = 3;

/// How long the first repetition waits; each further one takes twice as long.
const PAUSE_IN_SECONDS: f64 = 0.2;

/// What is kept of a delivery beside what is answered.
const HIDDEN: [&str; 3] = ["user_id", "body", "due"];

/// A delivery that is to be sent.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) id: i64,
    pub(crate) account: i64,
    pub(crate) attempts: i64,
    pub(crate) event_id: String,
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) body: String,
}

/// How an attempt ended.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<String>,
}

/// A delivery as it is answered.
pub(crate) fn shown(mut delivery: Value) -> Value {
    if let Some(fields) = delivery.as_object_mut() {
        HIDDEN.iter().for_each(|name| drop(fields.remove(*name)));
    }
    delivery
}

/// Whether a host of a URL is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

fn has(webhook: &Value, event: &str) -> bool {
    let is_active = webhook.get("active") == Some(&Value::Bool(true));
    let mut events = webhook.get("events").and_then(Value::as_array).into_iter().flatten();
    is_active && events.any(|wanted| wanted == event)
}

/// Tells an event of a run to the webhooks that want to know: those of its end user, and those of nobody.
pub(crate) fn tell(db: &Db<'_>, event: &str, run: &Value) -> rusqlite::Result<()> {
    let is_wanted = |webhook: &Value| {
        let owner = webhook.get("user_id").filter(|owner| !owner.is_null());
        has(webhook, event) && owner.is_none_or(|owner| run.get("user_id") == Some(owner))
    };
    for webhook in WEBHOOKS.all(db, Of::Anyone(None), is_wanted)? {
        let (event_id, now) = (format!("evt_{}", Uuid::new_v4().simple()), now());
        let run_id = run.get("id");
        let body = json!({ "id": event_id, "event": event, "run_id": run_id, "created_at": now, "data": run });
        let rest = json!({
            "webhook_endpoint_id": webhook.get("id"), "event_type": event, "event_id": event_id, "run_id": run_id,
            "status": "pending", "response_status_code": null, "response_body": null, "attempts": 0,
            "next_retry_at": null, "created_at": now, "body": body.to_string(), "due": clock::now(),
        });
        DELIVERIES.insert(db, None, &rest)?;
    }
    Ok(())
}

fn is_pending(delivery: &Value) -> bool {
    delivery.get("status").is_some_and(|status| status == "pending")
}

/// The deliveries that are to be sent by now, the oldest first, and how many seconds it is until the next.
pub(crate) fn due(connection: &Connection) -> rusqlite::Result<(Vec<Due>, Option<f64>)> {
    let (mut due, mut wait) = (Vec::new(), None);
    for account in accounts::all(connection)? {
        due_of(&Db::of(connection, account), &mut due, &mut wait)?;
    }
    Ok((due, wait))
}

/// Adds those of an account.
fn due_of(db: &Db<'_>, due: &mut Vec<Due>, wait: &mut Option<f64>) -> rusqlite::Result<()> {
    let now = clock::now();
    for delivery in DELIVERIES.all(db, Of::Anyone(None), is_pending)?.into_iter().rev() {
        let number = |name: &str| delivery.get(name).and_then(Value::as_i64).unwrap_or_default();
        let text = |object: &Value, name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let left = delivery.get("due").and_then(Value::as_f64).unwrap_or_default() - now;
        if left > 0.0 {
            *wait = Some(wait.map_or(left, |wait| wait.min(left)));
            continue;
        }
        // One whose webhook is gone has nowhere to go.
        let Some(webhook) = WEBHOOKS.find(db, number("webhook_endpoint_id"), Of::Anyone(None))? else {
            DELIVERIES.delete(db, number("id"))?;
            continue;
        };
        due.push(Due {
            id: number("id"),
            account: db.account,
            attempts: number("attempts"),
            event_id: text(&delivery, "event_id"),
            url: text(&webhook, "url"),
            secret: text(&webhook, "secret"),
            body: text(&delivery, "body"),
        });
    }
    Ok(())
}

/// Keeps how an attempt ended.
pub(crate) fn attempted(connection: &Connection, delivery: &Due, answered: Answered) -> rusqlite::Result<()> {
    let attempts = delivery.attempts + 1;
    let is_good = answered.status.is_some_and(|status| (200..300).contains(&status));
    let pauses = i32::try_from(delivery.attempts).unwrap_or(i32::MAX);
    let due = clock::now() + PAUSE_IN_SECONDS * 2_f64.powi(pauses);
    let is_over = is_good || attempts >= ATTEMPTS;
    let status = match (is_good, is_over) {
        (true, _) => "delivered",
        (_, true) => "failed",
        _ => "pending",
    };
    let told = [
        ("status", json!(status)),
        ("attempts", json!(attempts)),
        ("response_status_code", json!(answered.status)),
        ("response_body", json!(answered.body)),
        ("next_retry_at", json!((!is_over).then(|| clock::iso(due)))),
        ("due", json!(due)),
    ];
    let told: Map<_, _> = told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    DELIVERIES.update(&Db::of(connection, delivery.account), delivery.id, told).map(drop)
}
