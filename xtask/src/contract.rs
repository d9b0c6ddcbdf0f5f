//! `contract.toml`: which operations are public, their names, what each answers, and what is private.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::call::Call;
use crate::error::{Error, Kind, Result};
use crate::pattern::Pattern;
use crate::{files, reference};

/// The contract with one backend.
#[derive(Debug)]
pub(crate) struct Contract {
    /// The public operations by name.
    pub(crate) public: BTreeMap<String, PublicOperation>,
    /// The names of the public operations by call.
    pub(crate) names: BTreeMap<Call, String>,
    /// What is left out on purpose.
    pub(crate) private: Vec<Pattern>,
    /// The names of fields whose values are never shown, whatever holds them.
    pub(crate) secret: BTreeSet<String>,
}

/// What the contract says of one public operation.
#[derive(Debug)]
pub(crate) struct PublicOperation {
    /// Method and path, as the export has them.
    pub(crate) call: Call,
    /// The shape of its answer.
    pub(crate) answer: Answer,
    /// Whether it may be sent again while the outcome of the first sending is unknown.
    pub(crate) repeatable: bool,
}

/// The shape of an answer: a name in `schemas.json`, or an array of it (`Name[]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The name in `schemas.json`.
    pub(crate) schema: String,
    /// Whether the answer is an array of it.
    pub(crate) array: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContractFile {
    #[serde(default)]
    secret: BTreeSet<String>,
    public: BTreeMap<String, PublicTable>,
    #[serde(default)]
    private: Vec<PrivateTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicTable {
    call: String,
    answer: String,
    repeat: bool,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrivateTable {
    calls: Vec<String>,
    reason: String,
}

impl Contract {
    /// Reads and checks the file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        Self::parse(&files::read_text(path)?, &place)
    }

    /// Checks the text of a contract; `place` is what errors call it.
    pub(crate) fn parse(text: &str, place: &str) -> Result<Self> {
        let file: ContractFile = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            refuse(place, format!("line {line}: {}", error.message()))
        })?;

        let mut public = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (name, table) in file.public {
            let here = format!("{place} [public.{name}]");
            check_name(&name).map_err(|problem| refuse(&here, problem))?;
            let call: Call = table.call.parse().map_err(|problem| refuse(&here, problem))?;
            let answer = Answer::parse(&table.answer).map_err(|problem| refuse(&here, problem))?;
            if let Some(other) = names.insert(call.clone(), name.clone()) {
                return Err(refuse(&here, format!("has the call of [public.{other}]: {call}")));
            }
            let operation = PublicOperation { call, answer, repeatable: table.repeat };
            public.insert(name, operation);
        }

        let mut private = Vec::new();
        for (index, table) in file.private.into_iter().enumerate() {
            let here = format!("{place} [[private]] number {}", index + 1);
            if table.reason.trim().is_empty() {
                return Err(refuse(&here, "gives no reason"));
            }
            if table.calls.is_empty() {
                return Err(refuse(&here, "names no calls"));
            }
            for call in table.calls {
                private.push(call.parse().map_err(|problem| refuse(&here, problem))?);
            }
        }

        Ok(Self { public, names, private, secret: file.secret })
    }

    /// A contract that makes every operation public, under a name of its own, with the same answer.
    pub(crate) fn of_everything<'a>(calls: impl Iterator<Item = &'a Call>, answer: &str) -> Self {
        let mut everything =
            Self { public: BTreeMap::new(), names: BTreeMap::new(), private: Vec::new(), secret: BTreeSet::new() };
        for (index, call) in calls.enumerate() {
            let name = format!("operation_{index}");
            let answer = Answer { schema: answer.to_owned(), array: false };
            let operation = PublicOperation { call: call.clone(), answer, repeatable: false };
            everything.names.insert(call.clone(), name.clone());
            everything.public.insert(name, operation);
        }
        everything
    }

    /// Whether a private pattern covers whatever can be called on the path.
    pub(crate) fn covers_as_private_all_of(&self, path: &str) -> bool {
        self.private.iter().any(|pattern| pattern.matches_all_of(path))
    }

    /// Whether a private pattern covers the call. A call that the contract names as public is public
    /// all the same.
    pub(crate) fn covers_as_private(&self, call: &Call) -> bool {
        self.private.iter().any(|pattern| pattern.matches(call))
    }
}

impl Answer {
    fn parse(text: &str) -> Result<Self, String> {
        let (schema, array) = match text.strip_suffix("[]") {
            Some(schema) => (schema, true),
            None => (text, false),
        };
        if !reference::is_component_name(schema) {
            return Err(format!("answer = {text:?} is neither the name of a schema nor such a name with [] behind it"));
        }
        Ok(Self { schema: schema.to_owned(), array })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = if self.array { "[]" } else { "" };
        write!(formatter, "{}{suffix}", self.schema)
    }
}

/// Methods that the generated client has besides the operations, or calls on itself.
const TAKEN: &[&str] =
    &["all", "api_version", "baseurl", "client", "clone", "exec", "inner", "new", "new_with_client", "post", "pre"];

/// An operation's name becomes a method. It has to be one already: progenitor would mend it silently,
/// and the method would no longer be called what the contract says.
fn check_name(name: &str) -> Result<(), String> {
    let words_are_plain = name.split('_').all(|word| {
        !word.is_empty() && word.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
    });
    let starts_with_a_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
    if !words_are_plain || !starts_with_a_letter {
        return Err(format!("{name:?} is not a name in snake_case"));
    }
    if syn::parse_str::<syn::Ident>(name).is_err() {
        return Err(format!("{name:?} is a keyword of Rust"));
    }
    if TAKEN.contains(&name) {
        return Err(format!("{name:?} is a name that the generated client uses itself"));
    }
    Ok(())
}

fn refuse(place: &str, problem: impl ToString) -> Error {
    Error::new(Kind::Contract, place, problem, "correct contract.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = r#"
        [public.get_chat]
        call = "GET /api/chats/{chat_id}"
        answer = "Chat"
        repeat = true
        note = "why"

        [public.list_chats]
        call = "GET /api/chats"
        answer = "Chat[]"
        repeat = true

        [[private]]
        calls = ["* /api/monitor/**"]
        reason = "operators' monitoring"
    "#;

    fn refusal(text: &str) -> String {
        let error = Contract::parse(text, "contract.toml").unwrap_err();
        assert_eq!(error.kind(), Kind::Contract);
        assert_eq!(error.to_string().lines().count(), 1);
        error.to_string()
    }

    #[test]
    fn reads_what_is_public_and_what_is_private() {
        let contract = Contract::parse(VALID, "contract.toml").unwrap();
        let list = &contract.public["list_chats"];
        assert_eq!(list.call.to_string(), "GET /api/chats");
        assert_eq!(list.answer.to_string(), "Chat[]");
        assert!(list.repeatable);
        let monitor = "GET /api/monitor/threads".parse().unwrap();
        assert!(contract.covers_as_private(&monitor));
        assert!(!contract.covers_as_private(&list.call));
    }

    #[test]
    fn refuses_fields_that_it_does_not_know() {
        let text = VALID.replace("repeat = true", "repeat = true\nretry = 3");
        assert!(refusal(&text).contains("unknown field `retry`"));
        assert!(refusal("[privat]").contains("unknown field `privat`"));
    }

    #[test]
    fn names_the_line_of_a_syntax_error() {
        assert!(refusal("[public.a]\ncall = ").contains("line 2"));
    }

    #[test]
    fn refuses_names_that_cannot_be_methods_as_they_are() {
        for name in ["GetChat", "get-chat", "get__chat", "_get", "2fa", "match", "self", "new"] {
            let text = VALID.replace("public.get_chat", &format!("public.{name}"));
            assert!(refusal(&text).contains(name), "{name}");
        }
    }

    #[test]
    fn refuses_two_operations_with_one_call() {
        let text = VALID.replace("GET /api/chats\"", "GET /api/chats/{chat_id}\"");
        assert!(refusal(&text).contains("has the call of [public.get_chat]"));
    }

    #[test]
    fn refuses_calls_and_answers_that_are_none() {
        for (from, to) in [
            ("GET /api/chats\"", "/api/chats\""),
            ("GET /api/chats\"", "get /api/chats\""),
            ("GET /api/chats\"", "GET api/chats\""),
            ("Chat[]", "Chat[][]"),
            ("Chat[]", "a chat"),
            ("Chat[]", ""),
            ("* /api/monitor/**", "/api/monitor/**"),
            ("* /api/monitor/**", "* /api/**/monitor"),
        ] {
            refusal(&VALID.replace(from, to));
        }
    }

    #[test]
    fn refuses_privacy_without_a_reason_or_without_calls() {
        assert!(refusal(&VALID.replace("operators' monitoring", " ")).contains("no reason"));
        assert!(refusal(&VALID.replace("\"* /api/monitor/**\"", "")).contains("no calls"));
    }
}
