//! The operations that a contract makes public.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// A public operation, as its contract has it.
#[derive(Clone, Debug)]
pub struct PublicOperation {
    /// Its name.
    pub name: String,
    /// Such as `GET`.
    pub method: String,
    /// The template of its path, such as `/api/chats/{chat_id}`.
    pub path: String,
    /// Whether it may be carried out a second time.
    pub repeatable: bool,
    /// Whether all attempts of a call carry one key, by which the backend knows that they are one.
    pub idempotency_key: bool,
    /// What it is answered with where it succeeds.
    pub answer: AnswerKind,
    /// Whether any status of 2xx is a success.
    pub any_success: bool,
    /// Whether 200 is.
    pub is_200_success: bool,
    /// The parameters that take texts: where they are, and their names.
    texts: Vec<(String, String)>,
}

/// What an operation is answered with where it succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// JSON of the contract.
    Json,
    /// Nothing: a body is passed over.
    Nothing,
    /// Any text.
    Text,
    /// Bytes of any kind, as they come.
    Bytes,
    /// Server-sent events, as they come.
    Events,
    /// Server-sent events or JSON, as the request asks for one or the other.
    JsonOrEvents,
    /// Another protocol.
    Messages,
}

#[derive(Deserialize)]
struct Contract {
    public: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    call: String,
    repeat: bool,
    #[serde(default, rename = "idempotency-key")]
    idempotency_key: bool,
}

impl PublicOperation {
    /// All of a document of the folder `openapi`, in the order of their names.
    pub fn all(document: &str) -> Vec<Self> {
        let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi").join(document);
        let read = |name: &str| std::fs::read_to_string(openapi.join(name)).unwrap();
        let contract: Contract = toml::from_str(&read("contract.toml")).unwrap();
        let described: Value = serde_json::from_str(&read("public.json")).unwrap();
        let operation = |(name, entry): (String, Entry)| {
            let (method, path) = entry.call.split_once(' ').unwrap();
            let responses = described["paths"][path][method.to_lowercase()]["responses"].as_object().unwrap();
            let parameters = described["paths"][path][method.to_lowercase()]["parameters"].as_array();
            let texts = parameters.into_iter().flatten().filter(|parameter| parameter["schema"]["type"] == "string");
            let text = |field: &Value| field.as_str().unwrap().to_owned();
            let texts = texts.map(|parameter| (text(&parameter["in"]), text(&parameter["name"]))).collect();
            let (status, success) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
            Self {
                name,
                method: method.to_owned(),
                path: path.to_owned(),
                repeatable: entry.repeat,
                idempotency_key: entry.idempotency_key,
                answer: AnswerKind::of(success),
                any_success: status == "2XX",
                is_200_success: ["200", "2XX"].iter().any(|status| responses.contains_key(*status)),
                texts,
            }
        };
        contract.public.into_iter().map(operation).collect()
    }

    /// One that no contract has, which is read from this path.
    pub fn unlisted(name: &str, path: &str, answer: AnswerKind) -> Self {
        Self {
            name: name.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            repeatable: true,
            idempotency_key: false,
            answer,
            any_success: false,
            is_200_success: true,
            texts: Vec::new(),
        }
    }

    /// The names of the parameters in this place, `path` or `query`, that take texts.
    pub fn parameters(&self, place: &str) -> Vec<String> {
        self.texts.iter().filter(|(in_, _)| in_ == place).map(|(_, name)| name.clone()).collect()
    }

    /// Whether another attempt may follow one of which it is unknown what became of it.
    pub fn may_be_repeated(&self) -> bool {
        self.repeatable || self.idempotency_key
    }

    /// Whether a request with this method and path is one of it.
    pub fn is_meant_by(&self, method: &str, path: &str) -> bool {
        let (template, path): (Vec<_>, Vec<_>) = (self.path.split('/').collect(), path.split('/').collect());
        let fits = |(template, segment): (&&str, &&str)| template.starts_with('{') || template == segment;
        self.method == method && template.len() == path.len() && template.iter().zip(&path).all(fits)
    }
}

impl AnswerKind {
    /// That of a response, by its media types.
    fn of(response: &Value) -> Self {
        let content = response["content"].as_object();
        let has = |media_type: &str| content.is_some_and(|content| content.contains_key(media_type));
        match (has("application/json"), has("text/event-stream")) {
            (true, true) => Self::JsonOrEvents,
            (true, false) => Self::Json,
            (false, true) => Self::Events,
            (false, false) if content.is_none_or(serde_json::Map::is_empty) => Self::Nothing,
            (false, false) if has("text/plain") => Self::Text,
            (false, false) => Self::Bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_of_every_document_are_found() {
        let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
        let folders =
            std::fs::read_dir(openapi).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
        let documents: Vec<String> = folders.map(|folder| folder.file_name().into_string().unwrap()).collect();
        assert!(documents.len() > 1, "{documents:?}");
        for document in documents {
            let operations = PublicOperation::all(&document);
            assert!(operations.iter().any(|operation| operation.repeatable), "{document}");
        }
    }

    #[test]
    fn an_answer_is_what_its_media_types_say() {
        let kind = |media_types: &[&str]| {
            let content: serde_json::Map<_, _> =
                media_types.iter().map(|media_type| ((*media_type).to_owned(), Value::Null)).collect();
            AnswerKind::of(&serde_json::json!({ "content": content }))
        };
        assert_eq!(kind(&["application/json"]), AnswerKind::Json);
        assert_eq!(kind(&["application/json", "text/event-stream"]), AnswerKind::JsonOrEvents);
        assert_eq!(kind(&["text/event-stream"]), AnswerKind::Events);
        assert_eq!(kind(&["text/plain"]), AnswerKind::Text);
        assert_eq!(kind(&["application/octet-stream"]), AnswerKind::Bytes);
        assert_eq!(kind(&[]), AnswerKind::Nothing);
        assert_eq!(AnswerKind::of(&serde_json::json!({ "description": "archived" })), AnswerKind::Nothing);
    }
}
