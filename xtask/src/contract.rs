//! `contract.toml`: which operations are public, their names, what is known of each, and what is private.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind, Result};
use crate::pattern::Pattern;
use crate::{backend, files};

/// The contract with one backend.
#[derive(Debug)]
pub(crate) struct Contract {
    /// What the generated crate is called, if the contract says so.
    pub(crate) crate_name: Option<String>,
    /// The member of an object that holds the answer, where a backend wraps its answers into one.
    pub(crate) envelope: Option<String>,
    /// The public operations by name.
    pub(crate) public: BTreeMap<String, PublicOperation>,
    /// The names of the public operations by call.
    pub(crate) names: BTreeMap<Endpoint, String>,
    /// What is left out on purpose.
    pub(crate) private: Vec<Pattern>,
    /// The names of fields whose values are never shown, whatever holds them.
    pub(crate) secret: BTreeSet<String>,
}

/// What the contract says of one public operation.
#[derive(Debug)]
pub(crate) struct PublicOperation {
    /// Method and path, as the export has them.
    pub(crate) call: Endpoint,
    /// The shape of the JSON that it takes, where the document leaves out that it takes any.
    pub(crate) body: Option<String>,
    /// What it answers.
    pub(crate) answer: Answer,
    /// The statuses of its successes, where the document has others.
    pub(crate) statuses: Option<BTreeSet<u16>>,
    /// Whether the document is wrong about the answer: what the contract says counts.
    pub(crate) corrects: bool,
    /// Whether its answer is wrapped as the contract's envelope says.
    pub(crate) enveloped: bool,
    /// Whether it may be sent again while the outcome of the first sending is unknown.
    pub(crate) repeatable: bool,
    /// Whether null means something else in its body than absence, and is sent.
    pub(crate) sends_null: bool,
    /// Whether it takes an idempotency key, which the engine sends.
    pub(crate) idempotency_key: bool,
    /// The security schemes that it wants one of, where the document does not say.
    pub(crate) credentials: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContractFile {
    #[serde(rename = "crate")]
    crate_name: Option<String>,
    envelope: Option<String>,
    #[serde(default)]
    secret: BTreeSet<String>,
    public: BTreeMap<String, PublicTable>,
    #[serde(default)]
    private: Vec<PrivateTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PublicTable {
    call: String,
    body: Option<String>,
    answer: Option<String>,
    shape: Option<String>,
    status: Option<BTreeSet<u16>>,
    correction: Option<String>,
    envelope: Option<bool>,
    repeat: bool,
    #[serde(default)]
    sends_null: bool,
    #[serde(default)]
    idempotency_key: bool,
    credentials: Option<Vec<String>>,
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
        if let Some(name) = file.crate_name.as_ref().filter(|name| !backend::is_plain(name)) {
            return Err(refuse(place, format!("crate = {name:?} is not a name of small letters, digits and hyphens")));
        }
        if file.envelope.as_ref().is_some_and(String::is_empty) {
            return Err(refuse(place, "envelope = \"\" names no member"));
        }

        let mut public = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (name, table) in file.public {
            let here = format!("{place} [public.{name}]");
            check_name(&name).map_err(|problem| refuse(&here, problem))?;
            let operation = table.operation(file.envelope.is_some()).map_err(|problem| refuse(&here, problem))?;
            if let Some(other) = names.insert(operation.call.clone(), name.clone()) {
                return Err(refuse(&here, format!("has the call of [public.{other}]: {}", operation.call)));
            }
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

        let ContractFile { crate_name, envelope, secret, .. } = file;
        Ok(Self { crate_name, envelope, public, names, private, secret })
    }

    /// A contract that makes every operation public, under a name of its own, with the answer that its document has.
    pub(crate) fn of_everything<'a>(calls: impl Iterator<Item = &'a Endpoint>) -> Self {
        let mut everything = Self {
            crate_name: None,
            envelope: None,
            public: BTreeMap::new(),
            names: BTreeMap::new(),
            private: Vec::new(),
            secret: BTreeSet::new(),
        };
        for (index, call) in calls.enumerate() {
            let name = format!("operation_{index}");
            let operation = PublicOperation {
                call: call.clone(),
                body: None,
                answer: Answer::Document,
                statuses: None,
                corrects: false,
                enveloped: false,
                repeatable: false,
                sends_null: false,
                idempotency_key: false,
                credentials: None,
            };
            everything.names.insert(call.clone(), name.clone());
            everything.public.insert(name, operation);
        }
        everything
    }

    /// What the contract says of a call, if it makes it public.
    pub(crate) fn public_by_call(&self, call: &Endpoint) -> Option<(&String, &PublicOperation)> {
        self.public.get_key_value(self.names.get(call)?)
    }

    /// Whether a private pattern covers whatever can be called on the path.
    pub(crate) fn covers_as_private_all_of(&self, path: &str) -> bool {
        self.private.iter().any(|pattern| pattern.matches_all_of(path))
    }

    /// Whether a private pattern covers the call. A call that the contract names as public is public
    /// all the same.
    pub(crate) fn covers_as_private(&self, call: &Endpoint) -> bool {
        self.private.iter().any(|pattern| pattern.matches(call))
    }
}

impl PublicTable {
    fn operation(self, has_envelope: bool) -> Result<PublicOperation, String> {
        if self.correction.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err("corrects the document without a reason".to_owned());
        }
        if let Some(statuses) = &self.status {
            if statuses.is_empty() || !statuses.iter().all(|status| (200..300).contains(status)) {
                return Err("has a status that is no success (200 to 299)".to_owned());
            }
            if self.correction.is_none() {
                return Err("has statuses of its own, but no correction that says why".to_owned());
            }
        }
        if self.body.is_some() && self.correction.is_none() {
            return Err("has a body of its own, but no correction that says why".to_owned());
        }
        if self.envelope == Some(true) && !has_envelope {
            return Err("has an envelope that the contract does not describe".to_owned());
        }
        Ok(PublicOperation {
            call: self.call.parse()?,
            body: self.body,
            answer: Answer::parse(self.answer.as_deref(), self.shape.as_deref())?,
            statuses: self.status,
            corrects: self.correction.is_some(),
            enveloped: has_envelope && self.envelope != Some(false),
            repeatable: self.repeat,
            sends_null: self.sends_null,
            idempotency_key: self.idempotency_key,
            credentials: self.credentials,
        })
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
        assert_eq!(list.answer, Answer::parse(Some("Chat[]"), None).unwrap());
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
            ("* /api/monitor/**", "/api/monitor/**"),
            ("* /api/monitor/**", "* /api/**/monitor"),
        ] {
            refusal(&VALID.replace(from, to));
        }
    }

    #[test]
    fn reads_what_a_document_does_not_say() {
        let with = "[public.list_chats]\nidempotency-key = true\ncredentials = [\"AdminKey\"]\nstatus = [202, 200]\n\
                    correction = \"it says 200 alone\"\nenvelope = false";
        let text = VALID.replace("[public.list_chats]", with);
        let contract = Contract::parse(&format!("crate = \"a-client\"\nenvelope = \"data\"\n{text}"), "x").unwrap();
        assert_eq!((contract.crate_name.as_deref(), contract.envelope.as_deref()), (Some("a-client"), Some("data")));
        let (list, get) = (&contract.public["list_chats"], &contract.public["get_chat"]);
        assert!(list.idempotency_key && list.corrects && !list.enveloped && get.enveloped && !get.idempotency_key);
        assert_eq!(list.statuses, Some([200, 202].into()));
        assert_eq!(list.credentials, Some(vec!["AdminKey".to_owned()]));
        assert_eq!((&get.statuses, &get.credentials), (&None, &None));
    }

    #[test]
    fn refuses_corrections_without_a_reason_and_statuses_that_are_no_successes() {
        let with = |line: &str| VALID.replace("[public.list_chats]", &format!("[public.list_chats]\n{line}"));
        assert!(refusal(&with("correction = \" \"")).contains("without a reason"));
        assert!(refusal(&with("status = [202]")).contains("no correction"));
        assert!(refusal(&with("body = \"Name\"")).contains("no correction"));
        for statuses in ["[]", "[302]", "[200, 404]"] {
            assert!(refusal(&with(&format!("correction = \"x\"\nstatus = {statuses}"))).contains("no success"));
        }
        assert!(refusal(&with("envelope = true")).contains("does not describe"));
        assert!(refusal(&format!("envelope = \"\"\n{VALID}")).contains("no member"));
        for name in ["", "a_b", "../a", "A", "2a"] {
            assert!(refusal(&format!("crate = {name:?}\n{VALID}")).contains("small letters"), "{name}");
        }
    }

    #[test]
    fn refuses_privacy_without_a_reason_or_without_calls() {
        assert!(refusal(&VALID.replace("operators' monitoring", " ")).contains("no reason"));
        assert!(refusal(&VALID.replace("\"* /api/monitor/**\"", "")).contains("no calls"));
    }
}
