//! The operations that a contract makes public.

use std::path::Path;

use serde::Deserialize;
use std::collections::BTreeMap;

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
}

#[derive(Deserialize)]
struct Contract {
    public: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    call: String,
    repeat: bool,
}

impl PublicOperation {
    /// All of a document of the folder `openapi`, in the order of their names.
    pub fn all(document: &str) -> Vec<Self> {
        let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
        let text = std::fs::read_to_string(openapi.join(document).join("contract.toml")).unwrap();
        let contract: Contract = toml::from_str(&text).unwrap();
        let operation = |(name, entry): (String, Entry)| {
            let (method, path) = entry.call.split_once(' ').unwrap();
            Self { name, method: method.to_owned(), path: path.to_owned(), repeatable: entry.repeat }
        };
        contract.public.into_iter().map(operation).collect()
    }

    /// Whether a request with this method and path is one of it.
    pub fn is_meant_by(&self, method: &str, path: &str) -> bool {
        let (template, path): (Vec<_>, Vec<_>) = (self.path.split('/').collect(), path.split('/').collect());
        let fits = |(template, segment): (&&str, &&str)| template.starts_with('{') || template == segment;
        self.method == method && template.len() == path.len() && template.iter().zip(&path).all(fits)
    }
}
