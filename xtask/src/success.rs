//! What an operation promises where it succeeds: by its document, and by the contract, which may correct it.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::contract::PublicOperation;
use crate::endpoint::{Endpoint, Method};
use crate::error::{Error, Kind, Result};
use crate::media;

/// A status of success, or any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// One status from 200 to 299.
    Code(u16),
    /// Any of them: `2XX`.
    Any,
}

impl Status {
    /// Reads it, if it is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("2xx") {
            return Some(Self::Any);
        }
        let code = text.parse().ok().filter(|code| (200..300).contains(code) && text.len() == 3);
        code.map(Self::Code)
    }

    /// Whether whoever takes this takes that.
    pub(crate) fn covers(self, other: Self) -> bool {
        self == Self::Any || self == other
    }

    /// Whether HTTP has no body with it.
    fn is_without_body(self) -> bool {
        matches!(self, Self::Code(204 | 205))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Any => formatter.write_str("2XX"),
        }
    }
}

/// What kind of thing an operation is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerKind {
    Json,
    Empty,
    Text,
    Bytes,
    Events,
    JsonOrEvents,
}

impl AnswerKind {
    /// What the engine calls it.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::Json => "Json",
            Self::Empty => "Empty",
            Self::Text => "Text",
            Self::Bytes => "Bytes",
            Self::Events => "Events",
            Self::JsonOrEvents => "JsonOrEvents",
        }
    }

    /// Whether a media type is of the kind. Bytes are anything but JSON, for which a document has a type.
    pub(crate) fn includes(self, media_type: &str) -> bool {
        let name = media::canonical(media_type);
        match self {
            Self::Json => name == media::JSON,
            Self::Events => name.split(';').next() == Some(media::EVENTS),
            Self::Text => name.starts_with("text/") && !Self::Events.includes(media_type),
            Self::Bytes => name != media::JSON,
            Self::JsonOrEvents => Self::Json.includes(media_type) || Self::Events.includes(media_type),
            Self::Empty => false,
        }
    }

    /// Whether it may be JSON.
    pub(crate) fn has_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonOrEvents)
    }
}

/// What an operation promises.
#[derive(Debug)]
pub(crate) struct Success<'d> {
    pub(crate) kind: AnswerKind,
    /// The statuses that something comes with.
    pub(crate) with_body: BTreeSet<Status>,
    /// The statuses that nothing comes with.
    pub(crate) without_body: BTreeSet<Status>,
    /// The media types of what comes, as the document has them.
    pub(crate) media_types: BTreeSet<&'d str>,
    /// The schema that the document has for JSON.
    pub(crate) schema: Option<&'d Value>,
    /// Whether the contract says that it corrects the document, and does not.
    pub(crate) corrects_nothing: bool,
}

/// The statuses of success that an operation's document promises, with their responses: those from 200 to 299, and where
/// there is none, whatever else comes.
pub(crate) fn promised(operation: &Map<String, Value>) -> Vec<(Status, &Value)> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let mut promised: Vec<_> = responses
        .into_iter()
        .flatten()
        .filter_map(|(status, response)| Some((Status::parse(status)?, response)))
        .collect();
    if promised.is_empty() {
        let default = responses.and_then(|responses| responses.get("default"));
        promised.extend(default.map(|default| (Status::Any, default)));
    }
    promised
}

/// What the operation of that name promises.
pub(crate) fn of<'d>(
    operation: &'d Map<String, Value>,
    call: &Endpoint,
    name: &str,
    public: &PublicOperation,
) -> Result<Success<'d>> {
    let promised = promised(operation);
    let documented: BTreeSet<_> = promised.iter().map(|(status, _)| *status).collect();
    let corrected = public.statuses.as_ref().map(|codes| codes.iter().copied().map(Status::Code).collect());
    let corrects_statuses = corrected.as_ref().is_some_and(|corrected| *corrected != documented);
    let statuses = corrected.unwrap_or_else(|| documented.clone());
    if statuses.is_empty() {
        return Err(refuse(call, name, "promises no success (2xx)"));
    }

    // What each answer with something in it consists of.
    let contents: Vec<(Status, &Map<String, Value>)> =
        promised.iter().filter_map(|(status, response)| Some((*status, content(*status, response)?))).collect();
    let schema = contents.iter().find_map(|(_, content)| media::json(content)).and_then(|media| media.get("schema"));
    let media_types = contents.iter().flat_map(|(_, content)| content.keys()).map(String::as_str).collect();

    let kind = match (&public.answer, call.method) {
        // Whatever it is that a GET would answer with: nothing follows the head.
        (_, Method::Head) | (Answer::Nothing, _) => AnswerKind::Empty,
        (Answer::Document, _) => of_document(&contents).map_err(|problem| refuse(call, name, &problem))?,
        (Answer::Shape(_), _) => AnswerKind::Json,
        (Answer::Text, _) => AnswerKind::Text,
        (Answer::Bytes, _) => AnswerKind::Bytes,
        (Answer::Events, _) => AnswerKind::Events,
        (Answer::JsonOrEvents(_), _) => AnswerKind::JsonOrEvents,
    };
    let fits =
        kind == AnswerKind::Empty || !contents.is_empty() && contents.iter().all(|(_, content)| has(content, kind));
    if !fits && !public.corrects {
        let kinds: Vec<_> = contents.iter().flat_map(|(_, content)| content.keys()).map(String::as_str).collect();
        let kinds = if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
        return Err(refuse(call, name, &format!("answers {}, but the document promises {kinds}", kind.variant())));
    }

    let is_empty = |status: &Status| {
        kind == AnswerKind::Empty
            || status.is_without_body()
            || (fits && documented.contains(status) && !contents.iter().any(|(other, _)| other == status))
    };
    let (without_body, with_body): (BTreeSet<_>, BTreeSet<_>) = statuses.into_iter().partition(is_empty);
    if with_body.is_empty() && kind != AnswerKind::Empty {
        return Err(refuse(
            call,
            name,
            &format!("answers {}, but with no status that anything comes with", kind.variant()),
        ));
    }
    let corrects_nothing = public.corrects && fits && !corrects_statuses;
    Ok(Success {
        kind,
        with_body: most_general(with_body),
        without_body: most_general(without_body),
        media_types,
        schema,
        corrects_nothing,
    })
}

/// What a response holds, if it holds anything.
fn content(status: Status, response: &Value) -> Option<&Map<String, Value>> {
    let content = response.get("content")?.as_object()?;
    (!status.is_without_body() && !content.is_empty()).then_some(content)
}

/// The kind that the document says.
fn of_document(contents: &[(Status, &Map<String, Value>)]) -> Result<AnswerKind, String> {
    let mut kinds = contents.iter().map(|(_, content)| {
        // JSON among several kinds is the one that the client asks for.
        let known = [AnswerKind::Json, AnswerKind::Events, AnswerKind::Text];
        let known =
            known.into_iter().find(|kind| *kind == AnswerKind::Json && has(content, *kind) || is_all(content, *kind));
        known.unwrap_or(AnswerKind::Bytes)
    });
    let first = kinds.next().unwrap_or(AnswerKind::Empty);
    match kinds.find(|kind| *kind != first) {
        None => Ok(first),
        Some(other) => Err(format!("answers {} with one status and {} with another", first.variant(), other.variant())),
    }
}

/// Whether a response may be of the kind.
fn has(content: &Map<String, Value>, kind: AnswerKind) -> bool {
    match kind {
        AnswerKind::JsonOrEvents => has(content, AnswerKind::Json) && has(content, AnswerKind::Events),
        kind => content.keys().any(|name| kind.includes(name)),
    }
}

fn is_all(content: &Map<String, Value>, kind: AnswerKind) -> bool {
    content.keys().all(|name| kind.includes(name))
}

/// Any status alone, if it is among them.
fn most_general(statuses: BTreeSet<Status>) -> BTreeSet<Status> {
    if statuses.contains(&Status::Any) { [Status::Any].into() } else { statuses }
}

fn refuse(call: &Endpoint, name: &str, problem: &str) -> Error {
    Error::new(
        Kind::Answers,
        format!("{call} (contract.toml [public.{name}])"),
        problem,
        "correct the contract's answer, or give it a correction that says why the document is wrong",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn public(lines: &str) -> PublicOperation {
        let text = format!("[public.a]\ncall = \"GET /a\"\nrepeat = true\n{lines}\n");
        crate::contract::Contract::parse(&text, "contract.toml").unwrap().public.remove("a").unwrap()
    }

    /// The kind and the statuses with and without a body.
    fn success(responses: Value, lines: &str) -> Result<(AnswerKind, String, String)> {
        let operation = json!({ "responses": responses });
        let success = of(operation.as_object().unwrap(), &"GET /a".parse().unwrap(), "a", &public(lines))?;
        let text = |statuses: BTreeSet<Status>| statuses.iter().map(Status::to_string).collect::<Vec<_>>().join(" ");
        Ok((success.kind, text(success.with_body), text(success.without_body)))
    }

    fn with(media_type: &str) -> Value {
        json!({"description": "", "content": {media_type: {"schema": {}}}})
    }

    #[track_caller]
    fn is(responses: Value, lines: &str, expected: (AnswerKind, &str, &str)) {
        let (kind, with_body, without_body) = success(responses, lines).unwrap();
        assert_eq!((kind, with_body.as_str(), without_body.as_str()), expected);
    }

    #[test]
    fn any_success_that_the_document_promises_is_one() {
        let (json, none) = (|| with("application/json"), || json!({"description": ""}));
        is(json!({"200": json(), "422": json()}), "", (AnswerKind::Json, "200", ""));
        is(json!({"201": json(), "302": none()}), "", (AnswerKind::Json, "201", ""));
        is(json!({"200": json(), "202": json()}), "", (AnswerKind::Json, "200 202", ""));
        is(json!({"200": json(), "204": none()}), "", (AnswerKind::Json, "200", "204"));
        is(json!({"2XX": json(), "200": json(), "204": json()}), "", (AnswerKind::Json, "2XX", "204"));
        is(json!({"2xx": none(), "default": json()}), "", (AnswerKind::Empty, "", "2XX"));
        is(json!({"default": json()}), "", (AnswerKind::Json, "2XX", ""));
        is(json!({"204": none()}), "", (AnswerKind::Empty, "", "204"));
        is(json!({"205": json()}), "", (AnswerKind::Empty, "", "205"));
        is(json!({"200": {"content": {}}}), "", (AnswerKind::Empty, "", "200"));
        for responses in [json!({}), json!({"404": json()}), json!({"20": json()}), json!({"0200": json()}), json!(3)] {
            assert!(success(responses, "").unwrap_err().to_string().contains("no success"));
        }
    }

    #[test]
    fn the_kind_is_what_the_document_says() {
        for (media_type, kind) in [
            ("Application/JSON; charset=utf-8", AnswerKind::Json),
            ("text/event-stream", AnswerKind::Events),
            ("text/event-stream; charset=utf-8", AnswerKind::Events),
            ("text/plain", AnswerKind::Text),
            ("text/csv; header=present", AnswerKind::Text),
            ("application/pdf", AnswerKind::Bytes),
            ("*/*", AnswerKind::Bytes),
        ] {
            is(json!({"200": with(media_type)}), "", (kind, "200", ""));
        }
        let mut both = with("application/json");
        both["content"]["text/event-stream"] = json!({});
        is(json!({ "200": both }), "", (AnswerKind::Json, "200", ""));
        is(json!({ "200": both }), "answer = \"json-or-events\"", (AnswerKind::JsonOrEvents, "200", ""));
        is(json!({ "200": both }), "answer = \"events\"", (AnswerKind::Events, "200", ""));
        let mixed = success(json!({"200": with("application/json"), "206": with("image/png")}), "");
        assert!(mixed.unwrap_err().to_string().contains("Json with one status and Bytes with another"));
    }

    #[test]
    fn the_contract_may_read_less_and_says_why_where_the_document_is_wrong() {
        let json = || json!({"200": with("application/json")});
        is(json(), "answer = \"none\"", (AnswerKind::Empty, "", "200"));
        is(json!({"200": with("text/csv")}), "answer = \"bytes\"", (AnswerKind::Bytes, "200", ""));
        for answer in ["text", "bytes", "events", "json-or-events"] {
            let line = format!("answer = {answer:?}");
            let error = success(json(), &line).unwrap_err();
            assert_eq!(error.kind(), Kind::Answers);
            assert!(
                error.to_string().contains("[public.a]") && error.to_string().contains("application/json"),
                "{error}"
            );
            success(json(), &format!("{line}\ncorrection = \"it streams\"")).unwrap();
        }
        let empty = || json!({"204": {"description": ""}});
        assert!(success(empty(), "answer = \"A\"").unwrap_err().to_string().contains("promises nothing"));
        assert!(success(empty(), "answer = \"A\"\ncorrection = \"x\"").unwrap_err().to_string().contains("no status"));
        is(empty(), "answer = \"A\"\ncorrection = \"x\"\nstatus = [200]", (AnswerKind::Json, "200", ""));
        is(json(), "status = [202, 204]\ncorrection = \"x\"", (AnswerKind::Json, "202", "204"));
    }

    #[test]
    fn a_correction_that_corrects_nothing_is_seen() {
        let operation = json!({"responses": {"200": with("application/json")}});
        let corrects_nothing = |lines: &str| {
            let public = public(&format!("correction = \"x\"\n{lines}"));
            of(operation.as_object().unwrap(), &public.call, "a", &public).unwrap().corrects_nothing
        };
        assert!(corrects_nothing("") && corrects_nothing("status = [200]") && corrects_nothing("answer = \"A\""));
        assert!(!corrects_nothing("status = [200, 202]") && !corrects_nothing("answer = \"text\""));
    }

    #[test]
    fn nothing_follows_the_head() {
        let operation = json!({"responses": {"200": with("application/json")}});
        let call = "HEAD /a".parse().unwrap();
        let success = of(operation.as_object().unwrap(), &call, "a", &public("answer = \"A\"")).unwrap();
        assert_eq!((success.kind, success.with_body.len()), (AnswerKind::Empty, 0));
    }
}
