//! Each field that a request's body may have is one that the facade can send: bodies may begin with what is their default, where
//! the compiler does not ask for a new field.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The documents, and the facade of each.
const DOCUMENTS: [(&str, &str); 4] =
    [("m8tes", "m8tes"), ("muxi-formation", "muxi"), ("muxi-server", "muxi"), ("mycel", "mycel")];

/// What no method sends, and why not: the type of the body, the field, the reason.
const NOT_SENT: [(&str, &str, &str); 4] = [
    ("MemoryCreate", "source", "of what is ingested, which is its own body"),
    ("MemoryCreate", "source_id", "of what is ingested, which is its own body"),
    ("MemoryCreate", "subject", "of what is ingested, which is its own body"),
    ("MemoryCreate", "timestamp", "of what is ingested, which is its own body"),
];

/// The texts of a facade's sources.
fn sources(folder: PathBuf) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            texts.extend(sources(entry.path()));
        } else {
            texts.push(fs::read_to_string(entry.path()).unwrap());
        }
    }
    texts
}

fn has_word(text: &str, word: &str) -> bool {
    // A word that Rust keeps for itself has an underscore behind it.
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .any(|found| found == word || found.strip_suffix('_') == Some(word))
}

/// The types of bodies in a document, each with its fields.
fn bodies(document: &Value) -> Vec<(String, Vec<String>)> {
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let contents = operations.filter_map(|operation| operation["requestBody"]["content"].as_object());
    let references = contents.flat_map(|content| content.values()).filter_map(|media| media["schema"]["$ref"].as_str());
    let names = references.map(|reference| reference.rsplit('/').next().unwrap());
    let fields = |name: &str| match document["components"]["schemas"][name]["properties"].as_object() {
        Some(properties) => properties.keys().cloned().collect(),
        None => Vec::new(),
    };
    names.map(|name| (name.to_owned(), fields(name))).collect()
}

#[test]
fn each_field_of_a_request_can_be_sent() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let (mut fields, mut missing) = (0, Vec::new());
    for (document, facade) in DOCUMENTS {
        let public = fs::read(root.join(format!("openapi/{document}/public.json"))).unwrap();
        let texts = sources(root.join(format!("sdk/{facade}/src")));
        for (body, names) in bodies(&serde_json::from_slice(&public).unwrap()) {
            let of_body: Vec<_> = texts.iter().filter(|text| has_word(text, &body)).collect();
            for name in names {
                fields += 1;
                let is_sent = of_body.iter().any(|text| has_word(text, &name));
                let is_meant = NOT_SENT.iter().any(|(of, field, _)| (*of, *field) == (body.as_str(), name.as_str()));
                match (is_sent, is_meant) {
                    (false, false) => missing.push(format!(
                        "sdk/{facade}/src: no file that makes a types::{body} has its field `{name}`: give the request a method \
                         that sets it"
                    )),
                    (true, true) => missing.push(format!("{body}.{name} is sent, so it has no need of a reason not to be")),
                    _ => {}
                }
            }
        }
    }
    assert!(fields > 300, "{fields}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
