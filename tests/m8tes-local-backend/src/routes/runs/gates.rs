//! What runs ask people for.

use axum::{
    http::{StatusCode, request::Parts},
    response::Response,
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{super::json as answered, check, found, not_active, text};
use crate::{
    app::App,
    error::Failure,
    script::{Answers, Resolution},
    store::{Db, gates, runs},
};

pub(super) fn list(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let id = call.path_as("run_id")?;
    let gates = app.transact(|db| found(db, call).and_then(|_| Ok(gates::list(db, id)?)), |gates| gates)?;
    Ok(answered(StatusCode::OK, Value::from(gates)))
}

/// A request of the run that can't be resolved as it is asked for now.
fn refused(message: &str, code: &'static str) -> Failure {
    Failure::no_such(message).coded(code)
}

fn gate(db: &Db<'_>, run_id: i64, request_id: &str) -> Result<Value, Failure> {
    let gate = gates::find(db, run_id, request_id)?;
    gate.ok_or_else(|| refused("The run has no such request", "gate_not_found"))
}

pub(super) fn approve(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Approval {
        request_id: String,
        decision: String,
        remember: bool,
        reason: Option<String>,
    }

    let (id, approval): (i64, Approval) = (call.path_as("run_id")?, call.body()?);
    let is_allowed = approval.decision == "allow";
    let status = if is_allowed { "allowed" } else { "denied" };
    let resolved = app.transact(
        |db| {
            let (run, request_id) = (found(db, call)?, approval.request_id.as_str());
            let mut gate = gate(db, id, request_id)?;
            match text(&gate, "status") {
                Some("cancelled" | "timeout") => return Err(refused("The request was cancelled", "gate_cancelled")),
                Some(other) if other != "pending" && other != status => {
                    return Err(refused("Somebody else has decided otherwise", "gate_resolved_otherwise"));
                }
                _ if runs::is_over(&run) => return Err(not_active("The run is at its end")),
                _ => {}
            }
            let resumed = gates::resolve(db, id, request_id, status, false)?;
            if approval.remember && is_allowed && !gates::is_question(&gate) {
                gates::grant(db, text(&run, "user_id"), text(&gate, "tool_name").unwrap_or_default())?;
                gates::change(db, id, request_id, json!({ "remembered": true }))?;
            } else if resumed.is_some() {
                gates::change(db, id, request_id, json!({ "remembered": false }))?;
            }
            gates::change(db, id, request_id, json!({ "resumed": resumed == Some(true) }))?;
            gate = self::gate(db, id, request_id)?;
            Ok((gate, resumed))
        },
        |(gate, resumed)| {
            if let (Some(goes_on), Some(live)) = (resumed, app.runs.find(id)) {
                let (decision, reason) = (approval.decision.as_str(), approval.reason.clone());
                live.resolve(&gate, decision, Resolution { is_allowed, reason, answers: Answers::new() }, goes_on);
            }
            gate
        },
    )?;
    Ok(answered(StatusCode::OK, resolved))
}

pub(super) fn answer(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Body {
        answers: Answers,
        request_id: Option<String>,
    }

    let (id, body): (i64, Body) = (call.path_as("run_id")?, call.body()?);
    if body.answers.is_empty() {
        return Err(Failure::invalid("body.answers: Dictionary should have at least 1 item"));
    }
    let resumed = app.transact(
        |db| {
            let run = found(db, call)?;
            let question = asked(db, id, &run, body.request_id.as_deref())?;
            let request_id = text(&question, "request_id").unwrap_or_default();
            let goes_on = gates::resolve(db, id, request_id, "allowed", false)?.unwrap_or_default();
            gates::change(db, id, request_id, json!({ "resumed": goes_on, "remembered": false }))?;
            Ok((question, goes_on))
        },
        |(question, goes_on)| {
            if let Some(live) = app.runs.find(id) {
                let resolution = Resolution { is_allowed: true, reason: None, answers: body.answers };
                live.resolve(&question, "allow", resolution, goes_on);
            }
            goes_on
        },
    )?;
    Ok(answered(StatusCode::OK, json!({ "status": "ok", "resumed": resumed })))
}

/// The open question that is meant: the one that is named, or the oldest.
fn asked(db: &Db<'_>, run_id: i64, run: &Value, request_id: Option<&str>) -> Result<Value, Failure> {
    if runs::is_over(run) {
        return Err(not_active("The run is at its end"));
    }
    let status = |gate: &Value| text(gate, "status").map(str::to_owned).unwrap_or_default();
    let not_awaiting = || Failure::conflict("The run does not await an answer").coded("run_not_awaiting_input");
    let auto_continued = || {
        let message = "Nobody answered in time, and the run went on without";
        Failure::conflict(message).coded("auto_continued")
    };
    if let Some(request_id) = request_id {
        let gate = gate(db, run_id, request_id)?;
        return match status(&gate).as_str() {
            _ if !gates::is_question(&gate) => Err(refused("The request is no question", "gate_not_found")),
            "pending" => Ok(gate),
            "timeout" => Err(auto_continued()),
            "cancelled" => Err(refused("The question was cancelled", "gate_cancelled")),
            _ => Err(not_awaiting()),
        };
    }
    let mut questions: Vec<_> = gates::list(db, run_id)?.into_iter().filter(gates::is_question).collect();
    if let Some(open) = questions.iter().position(|question| status(question) == "pending") {
        return Ok(questions.swap_remove(open));
    }
    Err(match questions.last() {
        Some(last) if status(last) == "timeout" => auto_continued(),
        _ => not_awaiting(),
    })
}

pub(super) fn set_mode(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Mode {
        permission_mode: String,
    }

    let (id, Mode { permission_mode: mode }): (i64, Mode) = (call.path_as("run_id")?, call.body()?);
    let told = json!({ "permission_mode": mode });
    app.transact(
        |db| {
            found(db, call)?;
            check(Some(&mode), runs::asked(db, id)?.human_in_the_loop, None)?;
            runs::change(db, id, told.clone())?;
            if mode != "autonomous" {
                return Ok(Vec::new());
            }
            let mut allowed = Vec::new();
            for gate in gates::list(db, id)?.into_iter().filter(|gate| !gates::is_question(gate)) {
                let request_id = text(&gate, "request_id").unwrap_or_default();
                if let Some(goes_on) = gates::resolve(db, id, request_id, "allowed", true)? {
                    allowed.push((gate, goes_on));
                }
            }
            Ok(allowed)
        },
        |allowed| {
            let Some(live) = app.runs.find(id) else { return };
            for (gate, goes_on) in allowed {
                let resolution = Resolution { is_allowed: true, reason: None, answers: Answers::new() };
                live.resolve(&gate, "allow", resolution, goes_on);
            }
        },
    )?;
    Ok(answered(StatusCode::OK, told))
}
