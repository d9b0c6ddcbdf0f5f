//! The operations that there are.

use std::path::Path;

/// An operation, as the contract has it.
#[derive(Clone, Debug)]
pub struct Operation {
    pub name: String,
    /// Whether it may be carried out a second time.
    pub repeatable: bool,
}

impl Operation {
    /// Whether it asks for another protocol, in place of an answer.
    pub fn is_handshake(&self) -> bool {
        self.name == "subscribe_inbox"
    }
}

/// Every public operation of the contract that the facade sends, and the two that the backend's schema does not have.
pub fn operations() -> Vec<Operation> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/mycel/contract.toml");
    let contract: toml::Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
    let public = contract["public"].as_table().unwrap().iter().filter(|(name, _)| mycel_tests::is_sent(name));
    let public = public.map(|(name, entry)| (name.as_str(), entry["repeat"].as_bool().unwrap()));
    let others = [("backend_info", true), ("subscribe_inbox", false)];
    let all = public.chain(others);
    all.map(|(name, repeatable)| Operation { name: name.to_owned(), repeatable }).collect()
}
