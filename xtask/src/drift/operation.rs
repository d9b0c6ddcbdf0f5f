//! Comparing operations: parameters, bodies, answers and what authorizes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::change::Severity;
use super::keyword::{ANYTHING, short};
use super::security;
use super::walk::{Spot, Walk};
use super::way::{Effect, Reader, Way};
use crate::endpoint::{Endpoint, template_parameters};
use crate::error::{Error, Kind, Result};
use crate::export::{Export, OperationObject};
use crate::place::Place;
use crate::success::{self, AnswerKind, Status, Success};
use crate::{media, parameter, reference};

/// An operation of a document.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) export: &'a Export,
    pub(super) call: &'a Endpoint,
    pub(super) operation: &'a OperationObject,
}

/// Compares two operations that stand for the same thing, of which the client takes that success, and reads it so.
pub(super) fn compare<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'_>,
    (old, new): (Side<'a>, Side<'a>),
    success: &Success<'_>,
    reader: Reader,
) -> Result<()> {
    if old.operation.id != new.operation.id {
        let meaning = "nothing is sent under that name";
        walk.judged(
            spot,
            "operationId",
            Severity::Harmless,
            old.operation.id.as_deref().into(),
            new.operation.id.as_deref().into(),
            meaning,
        );
    }
    let marked = |side: Side<'_>| side.operation.object.get("deprecated") == Some(&Value::Bool(true));
    if marked(old) != marked(new) {
        let meaning = "it works as before; deprecated means that it is going to go";
        walk.judged(spot, "deprecated", Severity::Harmless, marked(old).into(), marked(new).into(), meaning);
    }
    security::compare(walk, spot, old, new);
    parameters(walk, spot, old, new)?;
    body(walk, spot, old, new)?;
    responses(walk, spot, (old, new), success, reader)?;
    rest(walk, spot, &old.operation.object, &new.operation.object, OperationObject::KEYWORDS);
    Ok(())
}

/// A parameter's place and name; of a parameter in the path, the number of its position.
type Parameters<'a> = BTreeMap<(String, String), (&'a str, &'a Map<String, Value>)>;

fn parameters<'a>(walk: &mut Walk<'a>, spot: &Spot<'_>, old: Side<'a>, new: Side<'a>) -> Result<()> {
    let (olds, news) = (parameters_of(old)?, parameters_of(new)?);
    for ((location, key), (name, was)) in &olds {
        let root = format!("{} {location} parameter {name}", old.call);
        let place = Place::new(&root);
        let spot = spot.going(Way::Optional).at(&place);
        let is = news.get(&(location.clone(), key.clone()));
        // The client sends no cookies; those that it has to send are not imported.
        if location == "cookie" && !is.is_some_and(|(_, is)| is_required(is)) {
            if is.is_none() {
                let meaning = "the client never sent it";
                walk.judged(&spot, "parameter", Severity::Harmless, required_text(false), Value::Null, meaning);
            }
            continue;
        }
        match is {
            Some((renamed, is)) => {
                if renamed != name && location == "path" {
                    let meaning = "the name of a parameter in the path is not sent";
                    walk.judged(&spot, "name", Severity::Harmless, (*name).into(), (*renamed).into(), meaning);
                }
                parameter(walk, &spot, was, is)?;
            }
            None => {
                let meaning = "the backend ignores or refuses what the client sends in it";
                walk.judged(
                    &spot,
                    "parameter",
                    Severity::Breaking,
                    required_text(is_required(was)),
                    Value::Null,
                    meaning,
                );
            }
        }
    }
    for ((location, key), (name, is)) in &news {
        if olds.contains_key(&(location.clone(), key.clone())) {
            continue;
        }
        let root = format!("{} {location} parameter {name}", new.call);
        let place = Place::new(&root);
        let (severity, meaning) = if is_required(is) {
            (Severity::Breaking, "the backend refuses what the client sends without it")
        } else {
            (Severity::Harmless, "the client leaves it out, as it may")
        };
        walk.judged(&spot.at(&place), "parameter", severity, Value::Null, required_text(is_required(is)), meaning);
    }
    Ok(())
}

fn parameters_of(side: Side<'_>) -> Result<Parameters<'_>> {
    let refuse =
        |problem: String| Error::new(Kind::NotOpenApi, side.call, problem, "give a whole OpenAPI 3.1 document");
    let own = match side.operation.object.get("parameters") {
        None => &[][..],
        Some(Value::Array(own)) => own,
        Some(_) => return Err(refuse("has parameters that are not an array".to_owned())),
    };
    let positions =
        template_parameters(&side.call.path).map_err(|problem| refuse(format!("has a path that {problem}")))?;
    let mut parameters = Parameters::new();
    // An operation's own parameters stand in for those that its path's operations share.
    for parameter in side.operation.shared_parameters.iter().chain(own) {
        let parameter = resolve(parameter, "parameters", side, &refuse)?;
        let text = |key| parameter.get(key).and_then(Value::as_str);
        let (Some(name), Some(location)) = (text("name"), text("in")) else {
            return Err(refuse("has a parameter without a name or a place (in)".to_owned()));
        };
        if parameter::is_not_one(location, name) {
            continue;
        }
        let key = match location {
            "path" => match positions.iter().position(|position| *position == name) {
                Some(position) => position.to_string(),
                None => name.to_owned(),
            },
            "header" => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        parameters.insert((location.to_owned(), key), (name, parameter));
    }
    Ok(parameters)
}

/// Compares two parameters, or headers of answers.
fn parameter<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'_>,
    old: &'a Map<String, Value>,
    new: &'a Map<String, Value>,
) -> Result<()> {
    const KNOWN: &[&str] =
        &["content", "deprecated", "description", "example", "examples", "in", "name", "required", "schema"];
    let (was, is) = (is_required(old), is_required(new));
    if was != is {
        let (severity, meaning) = match (spot.way.is_sent(), is) {
            (true, true) => (Severity::Breaking, "the backend refuses what the client sends without it"),
            _ => spot.way.judge(Effect::Note),
        };
        walk.judged(spot, "required", severity, was.into(), is.into(), meaning);
    }
    let marked = |object: &Map<String, Value>| object.get("deprecated") == Some(&Value::Bool(true));
    if marked(old) != marked(new) {
        let meaning = "it works as before; deprecated means that it is going to go";
        walk.judged(spot, "deprecated", Severity::Harmless, marked(old).into(), marked(new).into(), meaning);
    }
    match (old.get("schema"), new.get("schema")) {
        (None, None) => {}
        (one, other) => walk.schema(spot, one.unwrap_or(&ANYTHING), other.unwrap_or(&ANYTHING))?,
    }
    content(walk, spot, (old, new), None)?;
    rest(walk, spot, old, new, KNOWN);
    Ok(())
}

fn body<'a>(walk: &mut Walk<'a>, spot: &Spot<'_>, old: Side<'a>, new: Side<'a>) -> Result<()> {
    let get = |side: Side<'a>| {
        let refuse = |problem| Error::new(Kind::NotOpenApi, side.call, problem, "give a whole OpenAPI 3.1 document");
        let body = side.operation.object.get("requestBody");
        body.map(|body| resolve(body, "requestBodies", side, &refuse)).transpose()
    };
    let root = format!("{} requestBody", old.call);
    let place = Place::new(&root);
    let spot = spot.going(Way::Request).at(&place);
    match (get(old)?, get(new)?) {
        (None, None) => Ok(()),
        (Some(was), None) => {
            let meaning = "the backend ignores or refuses what the client sends in it";
            walk.judged(
                &spot,
                "requestBody",
                Severity::Breaking,
                required_text(is_required(was)),
                Value::Null,
                meaning,
            );
            Ok(())
        }
        (None, Some(is)) => {
            let (severity, meaning) = if is_required(is) {
                (Severity::Breaking, "the backend refuses what the client sends without it")
            } else {
                (Severity::Harmless, "the client leaves it out, as it may")
            };
            walk.judged(&spot, "requestBody", severity, Value::Null, required_text(is_required(is)), meaning);
            Ok(())
        }
        (Some(was), Some(is)) => {
            if is_required(was) != is_required(is) {
                let effect = if is_required(is) { Effect::Narrower } else { Effect::Wider };
                walk.found(&spot, "required", effect, is_required(was).into(), is_required(is).into());
            }
            content(walk, &spot, (was, is), None)?;
            rest(walk, &spot, was, is, &["content", "description", "required"]);
            Ok(())
        }
    }
}

/// Compares the schemas of media types; of an answer, the client reads those of that kind.
fn content<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'_>,
    (old, new): (&'a Map<String, Value>, &'a Map<String, Value>),
    read: Option<AnswerKind>,
) -> Result<()> {
    let (olds, news) = (old.get("content"), new.get("content"));
    if [olds, news].into_iter().flatten().any(|content| !content.is_object()) {
        if olds != news {
            let (was, is) = (olds.map_or(Value::Null, short), news.map_or(Value::Null, short));
            walk.found(&spot.unweighed(), "content", Effect::Other, was, is);
        }
        return Ok(());
    }
    let known = olds.is_some();
    let (olds, news) = (media_types(olds), media_types(news));
    // Of several kinds, the client sends JSON, or else parts.
    let used = [media::JSON, media::MULTIPART].into_iter().find(|kind| olds.contains_key(*kind));
    let is_used = |key: &str| read.is_some() || used.is_none_or(|used| key == used);
    for (key, (name, was)) in &olds {
        let is = news.get(key);
        if !is_used(key) {
            if is.is_none_or(|(_, is)| was != is) {
                let is = is.map_or(Value::Null, |_| "another".into());
                let meaning = "the client uses another of the kinds";
                walk.judged(spot, "media type", Severity::Harmless, (*name).into(), is, meaning);
            }
            continue;
        }
        let is_read = read.is_none_or(|kind| kind.includes(name));
        let spot = if is_read { *spot } else { spot.going(Way::Unread) };
        let Some((_, is)) = is else {
            let (severity, meaning) = match spot.way {
                Way::Request | Way::Optional => {
                    (Severity::Breaking, "the backend refuses what the client sends as that")
                }
                Way::Answer(_) => (Severity::Breaking, "the client can't read an answer of another kind"),
                way => way.judge(Effect::Other),
            };
            walk.judged(&spot, "media type", severity, (*name).into(), Value::Null, meaning);
            continue;
        };
        let (Value::Object(was), Value::Object(is)) = (was, is) else {
            if was != is {
                walk.found(&spot.unweighed(), "media type", Effect::Other, short(was), short(is));
            }
            continue;
        };
        // Of what is no JSON, the client reads no parts.
        let is_typed = read.is_none_or(|_| AnswerKind::Json.includes(name));
        let spot = if is_typed { spot } else { spot.going(Way::Unread) };
        match (was.get("schema"), is.get("schema")) {
            (None, None) => {}
            (one, other) => walk.schema(&spot, one.unwrap_or(&ANYTHING), other.unwrap_or(&ANYTHING))?,
        }
        rest(walk, &spot, was, is, &["example", "examples", "schema"]);
    }
    for (_, (name, _)) in news.iter().filter(|(key, _)| !olds.contains_key(*key)) {
        let (severity, meaning) = match (spot.way, known) {
            (Way::Answer(_), false) => (Severity::Breaking, "the client does not expect it"),
            (Way::Answer(_), true) => (Severity::Harmless, "the client asks for the kind that it knows"),
            (way, _) => way.judge(Effect::Wider),
        };
        walk.judged(spot, "media type", severity, Value::Null, (*name).into(), meaning);
    }
    Ok(())
}

/// The media types of a map of content, by what they mean.
fn media_types(content: Option<&Value>) -> BTreeMap<String, (&str, &Value)> {
    let named = content.and_then(Value::as_object).into_iter().flat_map(Map::iter);
    named.map(|(name, media)| (media::canonical(name), (name.as_str(), media))).collect()
}

fn responses<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'_>,
    (old, new): (Side<'a>, Side<'a>),
    success: &Success<'_>,
    reader: Reader,
) -> Result<()> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    let get = |side: Side<'a>| match side.operation.object.get("responses") {
        Some(Value::Object(responses)) => Ok(responses),
        None => Ok(&*NONE),
        Some(_) => Err(Error::new(
            Kind::NotOpenApi,
            side.call,
            "has responses that are not an object",
            "give a whole OpenAPI 3.1 document",
        )),
    };
    let (olds, news) = (get(old)?, get(new)?);
    successes(walk, spot, (old, new), success, reader)?;

    let is_other = |status: &&String| !status.starts_with("x-") && Status::parse(status).is_none();
    let statuses: BTreeSet<_> = olds.keys().chain(news.keys()).filter(is_other).collect();
    for status in statuses {
        let root = format!("{} answer {status}", old.call);
        let place = Place::new(&root);
        // What is neither a success nor a failure is not what the client was made for.
        let way = if status.starts_with(['1', '3']) { Way::Answer(Reader::Strict) } else { Way::Failure };
        let spot = spot.going(way).at(&place);
        match (olds.get(status), news.get(status)) {
            (Some(was), Some(is)) => response(walk, &spot, (was, old), (is, new), None)?,
            (was, is) => {
                let (severity, meaning) = match (way, is) {
                    (Way::Answer(_), None) => (Severity::Breaking, "the client takes any other status for a failure"),
                    (Way::Answer(_), Some(_)) => (Severity::Breaking, "the client takes that status for a failure"),
                    (way, _) => way.judge(Effect::Note),
                };
                let text = |response: Option<&Value>| response.map_or(Value::Null, |_| status.as_str().into());
                walk.judged(&spot, "status", severity, text(was), text(is), meaning);
            }
        }
    }
    Ok(())
}

/// Compares what is promised where an operation succeeds.
fn successes<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'_>,
    (old, new): (Side<'a>, Side<'a>),
    success: &Success<'_>,
    reader: Reader,
) -> Result<()> {
    let taken: Vec<_> = success.with_body.iter().chain(&success.without_body).collect();
    let (olds, news) = (success::promised(&old.operation.object), success::promised(&new.operation.object));
    // What was promised before, and is not taken, the contract corrects.
    let is_taken = |status: Status| {
        let mut promised = olds.iter().map(|(old, _)| old);
        taken.iter().any(|taken| taken.covers(status)) || promised.any(|old| old.covers(status))
    };
    let is_left = !news.is_empty() && news.iter().all(|(status, _)| is_taken(*status));
    let way = if success.kind == AnswerKind::Empty { Way::Unread } else { Way::Answer(reader) };
    for (status, was) in &olds {
        let root = format!("{} answer {status}", old.call);
        let place = Place::new(&root);
        let spot = spot.going(way).at(&place);
        // Of what is promised now, what could come in its place.
        let partners = news.iter().filter(|(other, _)| status.covers(*other) || other.covers(*status));
        if !news.iter().any(|(other, _)| other.covers(*status)) {
            let (severity, meaning) = if is_left {
                (Severity::Harmless, "the client takes what is left of its successes")
            } else {
                (Severity::Breaking, "the client takes any other status for a failure")
            };
            walk.judged(&spot, "status", severity, status.to_string().into(), Value::Null, meaning);
        }
        for (_, is) in partners {
            response(walk, &spot, (was, old), (is, new), Some(success.kind))?;
        }
    }
    for (status, _) in news.iter().filter(|(status, _)| !is_taken(*status)) {
        let root = format!("{} answer {status}", old.call);
        let place = Place::new(&root);
        let meaning = "the client takes that status for a failure";
        let is = status.to_string().into();
        walk.judged(&spot.at(&place), "status", Severity::Breaking, Value::Null, is, meaning);
    }
    Ok(())
}

/// Compares two responses with one status.
fn response<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'_>,
    (was, old): (&'a Value, Side<'a>),
    (is, new): (&'a Value, Side<'a>),
    read: Option<AnswerKind>,
) -> Result<()> {
    let refuse = |problem| Error::new(Kind::NotOpenApi, spot.place, problem, "give a whole OpenAPI 3.1 document");
    let was = resolve(was, "responses", old, &refuse)?;
    let is = resolve(is, "responses", new, &refuse)?;
    content(walk, spot, (was, is), read)?;
    headers(walk, spot, (was, old), (is, new))?;
    rest(walk, spot, was, is, &["content", "description", "headers", "links"]);
    Ok(())
}

/// Compares an answer's headers. The client needs none of those that a schema declares.
fn headers<'a>(
    walk: &mut Walk<'a>,
    spot: &Spot<'_>,
    (was, old): (&'a Map<String, Value>, Side<'a>),
    (is, new): (&'a Map<String, Value>, Side<'a>),
) -> Result<()> {
    let refuse = |problem| Error::new(Kind::NotOpenApi, spot.place, problem, "give a whole OpenAPI 3.1 document");
    let get = |response: &'a Map<String, Value>, side: Side<'a>| {
        let headers = response.get("headers").and_then(Value::as_object);
        let named = headers
            .into_iter()
            .flat_map(Map::iter)
            .map(|(name, header)| Ok((name.to_ascii_lowercase(), resolve(header, "headers", side, &refuse)?)));
        named.collect::<Result<BTreeMap<_, _>>>()
    };
    let (olds, news) = (get(was, old)?, get(is, new)?);
    for name in olds.keys().chain(news.keys()).collect::<BTreeSet<_>>() {
        let root = format!("{} header {name}", spot.place);
        let place = Place::new(&root);
        let spot = spot.going(Way::Failure).at(&place);
        match (olds.get(name), news.get(name)) {
            (Some(was), Some(is)) => parameter(walk, &spot, was, is)?,
            (was, is) => {
                let text = |header: Option<&&Map<String, Value>>| header.map_or(Value::Null, |_| name.as_str().into());
                let meaning = "the client does not rely on it";
                walk.judged(&spot, "header", Severity::Harmless, text(was), text(is), meaning);
            }
        }
    }
    Ok(())
}

/// Compares what no comparison above knows: equal or not.
fn rest(walk: &mut Walk<'_>, spot: &Spot<'_>, old: &Map<String, Value>, new: &Map<String, Value>, known: &[&str]) {
    for keyword in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        if known.contains(&keyword.as_str()) || keyword.starts_with("x-") {
            continue;
        }
        let (was, is) = (old.get(keyword), new.get(keyword));
        if was != is {
            let spot = spot.unweighed();
            walk.found(&spot, keyword, Effect::Other, was.map_or(Value::Null, short), is.map_or(Value::Null, short));
        }
    }
}

/// The object itself, or the component of its kind that it refers to.
fn resolve<'a>(
    value: &'a Value,
    kind: &str,
    side: Side<'a>,
    refuse: &dyn Fn(String) -> Error,
) -> Result<&'a Map<String, Value>> {
    reference::resolve(value, kind, &side.export.components, side.call, refuse)
}

fn is_required(object: &Map<String, Value>) -> bool {
    object.get("required") == Some(&Value::Bool(true))
}

fn required_text(is_required: bool) -> Value {
    Value::from(if is_required { "required" } else { "optional" })
}
