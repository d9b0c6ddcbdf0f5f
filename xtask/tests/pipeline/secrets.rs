//! No generated type shows a secret.

use std::collections::BTreeSet;

use serde_json::Value;
use xtask::Kind;

use crate::workspace::Workspace;

const CLIENT: &str = "generated/mycel-web-backend-client/src/client.rs";

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
    workspace.replace("openapi/mycel/contract.toml", "secret = [\"password\", \"token\"]", "secret = [\"token\"]");
    xtask::regenerate(&workspace.backend).unwrap();
    assert!(derived(&workspace.read(CLIENT), "LoginRequest").contains("Debug"));
}

#[test]
fn a_secret_that_no_field_is_called_is_refused() {
    let workspace = Workspace::regenerated();
    workspace.replace("openapi/mycel/contract.toml", "\"password\"", "\"passwort\"");
    let before = workspace.snapshot();
    let error = xtask::regenerate(&workspace.backend).unwrap_err();
    assert_eq!(error.kind(), Kind::Contract);
    assert!(error.to_string().contains("\"passwort\""), "{error}");
    assert_eq!(workspace.snapshot(), before);
}

/// A field that is called like a secret is one, or is named here as none.
#[test]
fn the_contract_names_what_is_called_like_a_secret() {
    const NONE: &[&str] = &["trigger_tokens"];
    let contract = include_str!("../../../openapi/mycel/contract.toml");
    let contract: toml::Table = contract.parse().unwrap();
    let secret: BTreeSet<_> =
        contract["secret"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let public: Value = serde_json::from_str(include_str!("../../../openapi/mycel/public.json")).unwrap();
    let mut found = BTreeSet::new();
    for schema in public["components"]["schemas"].as_object().unwrap().values() {
        for name in schema["properties"].as_object().into_iter().flat_map(|properties| properties.keys()) {
            let lower = name.to_lowercase();
            let words = ["password", "token", "secret", "invite_code", "otp", "api_key", "credential", "mcp"];
            if words.iter().any(|word| lower.contains(word)) && !NONE.contains(&name.as_str()) {
                found.insert(name.as_str());
            }
        }
    }
    assert_eq!(found, secret);
}
