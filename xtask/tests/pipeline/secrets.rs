//! No generated type shows a secret.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use xtask::Kind;

use crate::workspace::Workspace;

const CLIENT: &str = "generated/library-client/src/client.rs";

/// What the generated code derives for a type.
fn derived(client: &str, name: &str) -> String {
    let before = client.split(&format!("pub struct {name} {{")).next().unwrap();
    before.lines().rev().find(|line| line.contains("#[derive(")).unwrap().trim().to_owned()
}

#[test]
fn types_with_a_secret_show_all_but_that() {
    let workspace = Workspace::regenerated();
    let client = workspace.read(CLIENT);
    for (name, secret) in [("LoginRequest", "password"), ("Session", "token")] {
        assert!(!derived(&client, name).contains("Debug"), "{name}");
        let debug = client.split(&format!("impl ::std::fmt::Debug for {name} {{")).nth(1).unwrap();
        let debug = debug.split("finish()").next().unwrap();
        assert!(debug.contains(&format!(".field(\"{secret}\", &::std::format_args!(\"[redacted]\"))")), "{debug}");
        assert!(!debug.contains(&format!("self.{secret}")), "{debug}");
    }
    assert!(derived(&client, "Book").contains("Debug"));

    // Nothing is a secret that the contract does not name.
    workspace.replace("openapi/library/contract.toml", "secret = [\"password\", \"token\"]", "secret = [\"token\"]");
    xtask::regenerate(&workspace.backend).unwrap();
    assert!(derived(&workspace.read(CLIENT), "LoginRequest").contains("Debug"));
}

#[test]
fn a_secret_that_no_field_is_called_is_refused() {
    let workspace = Workspace::regenerated();
    workspace.replace("openapi/library/contract.toml", "\"password\"", "\"passwort\"");
    let before = workspace.snapshot();
    let error = xtask::regenerate(&workspace.backend).unwrap_err();
    assert_eq!(error.kind(), Kind::Contract);
    assert!(error.to_string().contains("\"passwort\""), "{error}");
    assert_eq!(workspace.snapshot(), before);
}

/// In every document that the workspace has, a field that is called like a secret is one, unless it is a number or only
/// tells of one.
#[test]
fn the_contracts_name_what_is_called_like_a_secret() {
    for folder in folders() {
        let contract: toml::Table = fs::read_to_string(folder.join("contract.toml")).unwrap().parse().unwrap();
        let secret: BTreeSet<_> =
            contract["secret"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let public: Value = serde_json::from_slice(&fs::read(folder.join("public.json")).unwrap()).unwrap();
        let schemas = public["components"]["schemas"].as_object().unwrap().values();
        for (name, schema) in schemas.flat_map(|schema| schema["properties"].as_object().into_iter().flatten()) {
            let lower = name.to_lowercase();
            let words = ["password", "token", "secret", "invite_code", "otp", "api_key", "credential", "mcp"];
            let is_number = matches!(schema["type"].as_str(), Some("integer" | "number" | "boolean"));
            let tells_of_one = ["_documentation_url", "_guidance", "_label"].iter().any(|end| lower.ends_with(end));
            let is_called_so = words.iter().any(|word| lower.contains(word)) && !is_number && !tells_of_one;
            assert!(!is_called_so || secret.contains(name.as_str()), "{}: {name}", folder.display());
        }
    }
}

fn folders() -> Vec<PathBuf> {
    // Of the checkout that the test is run in, not of the one that it was built in.
    let crate_dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let openapi = Path::new(&crate_dir).parent().unwrap().join("openapi");
    let folders = fs::read_dir(openapi).unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|folder| folder.join("public.json").is_file()).collect()
}
