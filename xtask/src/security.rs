//! Which credentials an operation wants.

use serde_json::{Map, Value};

use crate::contract::PublicOperation;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind, Result};
use crate::export::Export;

/// The names of the security schemes of which an operation wants one: as the contract says, or else the document.
pub(crate) fn wanted(
    export: &Export,
    operation: &Map<String, Value>,
    call: &Endpoint,
    public: &PublicOperation,
) -> Result<Vec<String>> {
    let refuse = |problem: String| {
        Err(Error::new(Kind::Contract, call, problem, "say in contract.toml which credentials the operation wants"))
    };
    let schemes = export.components.get("securitySchemes").and_then(Value::as_object);
    let wanted = match &public.credentials {
        Some(names) => names.clone(),
        None => {
            let declared = operation.get("security").or(export.security.as_ref()).and_then(Value::as_array);
            let mut names = Vec::new();
            for way in declared.into_iter().flatten() {
                let mut together = way.as_object().into_iter().flat_map(Map::keys);
                // A way that wants none leaves the others to whoever has something.
                names.extend(together.next().cloned());
                if let Some(other) = together.next() {
                    return refuse(format!(
                        "wants {other:?} together with other credentials, of which one can be sent"
                    ));
                }
            }
            names
        }
    };
    let is_known = |name: &&String| schemes.is_none_or(|schemes| schemes.contains_key(name.as_str()));
    match wanted.iter().find(|name| !is_known(name)) {
        None => Ok(wanted),
        Some(name) => refuse(format!("wants {name:?}, which is none of the document's security schemes")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::Contract;

    fn of(document: Value, operation: Value, line: &str) -> Result<Vec<String>> {
        let mut whole = json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {},
            "components": {"securitySchemes": {"Client": {}, "Admin": {}}},
        });
        if !document.is_null() {
            whole["security"] = document;
        }
        let text = format!("[public.a]\ncall = \"GET /a\"\nrepeat = true\n{line}\n");
        let contract = Contract::parse(&text, "contract.toml").unwrap();
        let public = &contract.public["a"];
        wanted(&Export::read(whole, "export").unwrap(), operation.as_object().unwrap(), &public.call, public)
    }

    #[test]
    fn the_contract_says_before_the_operation_and_that_before_the_document() {
        let client = || json!([{"Client": []}]);
        let admin_or_client = json!({"security": [{"Admin": []}, {"Client": []}]});
        assert_eq!(of(json!(null), json!({}), "").unwrap(), [""; 0]);
        assert_eq!(of(client(), json!({}), "").unwrap(), ["Client"]);
        assert_eq!(of(client(), json!({"security": []}), "").unwrap(), [""; 0]);
        assert_eq!(of(client(), json!({"security": [{}, {"Admin": []}]}), "").unwrap(), ["Admin"]);
        assert_eq!(of(client(), admin_or_client.clone(), "").unwrap(), ["Admin", "Client"]);
        assert_eq!(of(client(), admin_or_client, "credentials = [\"Client\"]").unwrap(), ["Client"]);
    }

    #[test]
    fn refuses_several_at_once_and_schemes_that_are_none() {
        let error = of(json!([{"Client": [], "Admin": []}]), json!({}), "").unwrap_err();
        assert!(error.to_string().contains("GET /a") && error.to_string().contains("together"), "{error}");
        of(json!([{"Client": [], "Admin": []}]), json!({}), "credentials = [\"Admin\"]").unwrap();
        for (operation, line) in [(json!({"security": [{"Other": []}]}), ""), (json!({}), "credentials = [\"Other\"]")]
        {
            assert!(of(json!([]), operation, line).unwrap_err().to_string().contains("\"Other\""));
        }
    }
}
