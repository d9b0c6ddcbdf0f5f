//! What is sent, as far as typify's types can't tell it from what is left out.
//!
//! Of a list or a map that may be left out, typify makes one that is left out when it is empty; but an empty list is a value,
//! which means something else in most changes. And of what may be null it makes an `Option` that is left out when it is
//! `None`; where a backend means something else by null, the contract says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use syn::{Field, Item};

use crate::contract::Contract;
use crate::error::{Error, Kind, Result};
use crate::{reference, secret};

/// Makes typify write an `Option` of each list and map that a body may leave out.
pub(crate) fn simplify(document: &mut Value) {
    let sent = sent(document);
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    for (_, schema) in schemas.iter_mut().filter(|(name, _)| sent.contains(*name)) {
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            let is_collection = property.get("type").is_some_and(|kind| kind == "array" || kind == "object");
            if is_collection && !required.iter().any(|required| required == name) {
                property["nullable"] = json!(true);
            }
        }
    }
}

/// The components that bodies lead to.
fn sent(document: &Value) -> BTreeSet<String> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let mut open: Vec<&Value> =
        operations(document).filter_map(|(_, operation)| operation.get("requestBody")).collect();
    let mut sent = BTreeSet::new();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                open.extend(object.values());
                let target = object.get("$ref").and_then(Value::as_str).and_then(reference::component);
                if let Some(name) = target.filter(|name| sent.insert((*name).to_owned())) {
                    open.extend(schemas.and_then(|schemas| schemas.get(name)));
                }
            }
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    sent
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
    let paths = document.get("paths").and_then(Value::as_object);
    let items = paths.into_iter().flat_map(Map::values).filter_map(Value::as_object);
    let operations = items.flat_map(Map::values).filter_map(Value::as_object);
    operations.filter_map(|operation| Some((operation.get("operationId")?.as_str()?, operation)))
}

/// Makes an `Option` of an `Option` of each field that may be null in a body whose contract says that null is sent: the
/// outer `None` leaves it out, the inner one sends null.
pub(crate) fn keep_nulls(file: &mut syn::File, contract: &Contract, document: &Value) -> Result<()> {
    let mut nullable = nullable(contract, document)?;
    let types = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    });
    for item in types.into_iter().flatten() {
        let Item::Struct(item) = item else { continue };
        let name = item.ident.to_string();
        let Some(mut fields) = nullable.remove(&name) else { continue };
        for field in &mut item.fields {
            if fields.remove(&secret::sent_name(field)?) && !make_double(field) {
                return Err(Error::not_generated(format!("makes no Option of a field of {name} that may be null")));
            }
        }
        if let Some(field) = fields.first() {
            return Err(Error::not_generated(format!("makes no field of {name} of {field:?}")));
        }
    }
    match nullable.first_key_value() {
        None => Ok(()),
        Some((name, _)) => Err(Error::not_generated(format!("makes no structure of {name}, in which null is sent"))),
    }
}

/// The fields that may be null or left out, of each body in which null is sent.
fn nullable(contract: &Contract, document: &Value) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut nullable = BTreeMap::new();
    for (name, operation) in operations(document) {
        if !contract.public.get(name).is_some_and(|public| public.sends_null) {
            continue;
        }
        let schema = operation.get("requestBody").and_then(|body| body.pointer("/content/application~1json/schema"));
        let target = schema.and_then(|schema| schema.get("$ref")?.as_str()).and_then(reference::component);
        let body = target.and_then(|name| document.pointer("/components/schemas")?.get(name));
        let required = body.and_then(|body| body.get("required")?.as_array()).cloned().unwrap_or_default();
        let properties = body.and_then(|body| body.get("properties")?.as_object()).into_iter().flatten();
        let fields: BTreeSet<_> = properties
            .filter(|(name, property)| {
                property.get("nullable") == Some(&json!(true)) && !required.iter().any(|required| required == *name)
            })
            .map(|(name, _)| name.clone())
            .collect();
        let Some(target) = target.filter(|_| !fields.is_empty()) else {
            return Err(Error::new(
                Kind::Contract,
                format!("contract.toml [public.{name}]"),
                "sends null, but its body has no field that may be null or left out",
                "take it out, or correct the export",
            ));
        };
        nullable.insert(target.to_owned(), fields);
    }
    Ok(nullable)
}

/// Whether the field is an `Option` that is left out when it is `None`; it is one of an `Option` then.
fn make_double(field: &mut Field) -> bool {
    let is_option = matches!(&field.ty, syn::Type::Path(path)
        if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"));
    if is_option {
        let of = &field.ty;
        field.ty = syn::parse_quote!(::std::option::Option<#of>);
    }
    is_option
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        let to = |name: &str| json!({"$ref": reference::to_component(name)});
        json!({
            "paths": {"/a": {
                "patch": {"operationId": "change", "requestBody": {"content": {"application/json": {"schema": to("Change")}}}},
                "get": {"operationId": "get", "responses": {"200": {"schema": to("Answer")}}},
            }},
            "components": {"schemas": {
                "Change": {
                    "properties": {
                        "tags": {"type": "array", "items": to("Tag")},
                        "all": {"type": "array", "items": {}},
                        "model": {"type": "string", "nullable": true},
                        "owner": {"type": "string", "nullable": true},
                        "name": {"type": "string"},
                    },
                    "required": ["all", "owner"],
                },
                "Tag": {"properties": {"data": {"type": "object"}}},
                "Answer": {"properties": {"list": {"type": "array", "items": {}}}},
            }},
        })
    }

    fn contract(line: &str) -> Contract {
        let text = format!("[public.change]\ncall = \"PATCH /a\"\nrepeat = false\n{line}\n");
        Contract::parse(&text, "contract.toml").unwrap()
    }

    #[test]
    fn lists_and_maps_that_a_body_may_leave_out_are_options() {
        let mut simplified = document();
        simplify(&mut simplified);
        let mut expected = document();
        for (name, property) in [("Change", "tags"), ("Tag", "data")] {
            expected["components"]["schemas"][name]["properties"][property]["nullable"] = json!(true);
        }
        assert_eq!(simplified, expected);
    }

    #[test]
    fn null_is_sent_where_the_contract_says_so() {
        let code = "pub mod types { pub struct Change {
            pub model: ::std::option::Option<::std::string::String>,
            #[serde(rename = \"owner\")] pub owner_: ::std::option::Option<::std::string::String>,
        } }";
        let kept = |line: &str| {
            let mut file = syn::parse_str(code).unwrap();
            keep_nulls(&mut file, &contract(line), &document()).unwrap();
            prettyplease::unparse(&file)
        };
        assert_eq!(kept(""), prettyplease::unparse(&syn::parse_str(code).unwrap()));
        let kept: String = kept("sends-null = true").split_whitespace().collect();
        assert!(
            kept.contains("pubmodel:::std::option::Option<::std::option::Option<::std::string::String>>,"),
            "{kept}"
        );
        assert!(kept.contains("pubowner_:::std::option::Option<::std::string::String>,"), "{kept}");
    }

    #[test]
    fn refuses_null_where_nothing_may_be_null_or_is_found() {
        let mut without = document();
        without["components"]["schemas"]["Change"]["properties"]["model"] = json!({"type": "string"});
        let mut file = syn::parse_str("pub mod types {}").unwrap();
        let error = keep_nulls(&mut file, &contract("sends-null = true"), &without).unwrap_err();
        assert_eq!(error.kind(), Kind::Contract);
        assert!(error.to_string().contains("[public.change]"), "{error}");
        for code in ["", "pub struct Change {}", "pub struct Change { model: String }"] {
            let mut file = syn::parse_str(&format!("pub mod types {{ {code} }}")).unwrap();
            let error = keep_nulls(&mut file, &contract("sends-null = true"), &document()).unwrap_err();
            assert!(error.kind() == Kind::Generator && error.to_string().contains("Change"), "{error}");
        }
    }
}
