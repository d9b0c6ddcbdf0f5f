//! What runs have said and made.

use axum::{
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{super::json as answer, found};
use crate::{
    app::App,
    error::Failure,
    store::{
        Db, files,
        messages::{self, Part},
    },
};

/// How many messages are told unless the request says otherwise.
const LIMIT: i64 = 500;

pub(super) fn outcome(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let found = |db: &Db<'_>| Ok((found(db, call)?, messages::count(db, call.path_as("run_id")?)?));
    let (run, message_count) = app.transact(found, |found| found)?;
    let told = |name: &str| run.get(name).cloned().unwrap_or_default();
    let tokens = |name: &str| run.pointer(&format!("/usage/{name}")).cloned().unwrap_or_else(|| json!(0));
    let outcome = json!({
        "run_id": told("id"), "status": told("status"), "summary": told("output"), "headline": null,
        "needs_reply": false, "needs_reply_count": null, "delivery_channel": "none", "output_data": told("output_data"),
        "message_count": message_count, "input_tokens": tokens("input_tokens"),
        "output_tokens": tokens("output_tokens"), "total_tokens": tokens("total_tokens"),
        "cost_usd": run.pointer("/usage/cost_usd"),
    });
    Ok(answer(StatusCode::OK, outcome))
}

pub(super) fn messages(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Sought {
        after_sequence: Option<i64>,
        before_sequence: Option<i64>,
        tail: Option<String>,
        limit: Option<i64>,
        include_trace: Option<String>,
    }

    let (id, sought): (i64, Sought) = (call.path_as("run_id")?, call.query()?);
    let is_tail = sought.tail.as_deref() == Some("true");
    let part = match (sought.after_sequence, sought.before_sequence, is_tail) {
        (None, None, false) => Part::After(0),
        (Some(place), None, false) => Part::After(place),
        (None, Some(place), false) => Part::Before(place),
        (None, None, true) => Part::Before(i64::MAX),
        _ => return Err(Failure::invalid("tail, after_sequence and before_sequence exclude each other")),
    };
    let limit = sought.limit.unwrap_or(LIMIT);
    if limit < 1 {
        return Err(Failure::invalid("query.limit: Input should be greater than or equal to 1"));
    }
    let list = |db: &Db<'_>| found(db, call).and_then(|_| Ok(messages::list(db, id, part, limit)?));
    let mut messages = app.transact(list, |messages| messages)?;
    if sought.include_trace.as_deref() != Some("true") {
        let blocks = messages.iter_mut().filter_map(|message| message.get_mut("content_blocks")?.as_array_mut());
        blocks.for_each(|blocks| blocks.retain(|block| block.get("type").is_none_or(|kind| kind != "tool_result")));
    }
    Ok(answer(StatusCode::OK, Value::from(messages)))
}

pub(super) fn files(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let id = call.path_as("run_id")?;
    let files = app.transact(|db| found(db, call).and_then(|_| Ok(files::list(db, id)?)), |files| files)?;
    Ok(answer(StatusCode::OK, Value::from(files)))
}

pub(super) fn download(app: &App, _: &Parts, call: &CheckedRequest) -> Result<Response, Failure> {
    let (id, name) = (call.path_as("run_id")?, call.path("filename")?);
    let file = app.transact(|db| found(db, call).and_then(|_| Ok(files::get(db, id, name)?)), |file| file)?;
    let bytes = file.ok_or_else(|| Failure::not_found("File"))?;
    let octets = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, octets)], bytes).into_response())
}
