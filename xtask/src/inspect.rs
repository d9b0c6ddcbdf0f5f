//! Whether the generated code is what was asked for.
//!
//! progenitor and typify mend names on their own: what is not an identifier they make one, and where two
//! names meet they may write code that does not compile. A look at the code finds all such cases.

use std::collections::BTreeSet;

use serde_json::Value;
use syn::{Fields, FnArg, ImplItem, Item, Pat, Type};

use crate::contract::Contract;
use crate::error::{Error, Result};

/// Checks methods and types of the generated code against the contract and the document.
pub(crate) fn check(file: &syn::File, contract: &Contract, public: &Value) -> Result<()> {
    let mut methods = BTreeSet::new();
    let mut types = BTreeSet::new();
    for item in &file.items {
        match item {
            Item::Impl(item) if item.trait_.is_none() && is_client(&item.self_ty) => {
                for member in &item.items {
                    if let ImplItem::Fn(method) = member {
                        check_arguments(&method.sig)?;
                        methods.insert(method.sig.ident.to_string());
                    }
                }
            }
            Item::Mod(module) if module.ident == "types" => {
                let items = module.content.as_ref().map(|(_, items)| items.as_slice());
                for item in items.unwrap_or_default() {
                    check_type(item, &mut types)?;
                }
            }
            _ => {}
        }
    }

    if let Some(name) = contract.public.keys().find(|name| !methods.contains(*name)) {
        return Err(Error::not_lowered(format!("makes no method of the name {name}")));
    }
    // Each named schema is one type, and there are no others.
    let schemas = public.pointer("/components/schemas").and_then(Value::as_object);
    let names: BTreeSet<_> = schemas.into_iter().flatten().map(|(name, _)| name).collect();
    if let Some(name) = types.iter().find(|name| !names.contains(name)) {
        return Err(Error::not_lowered(format!("makes a type {name}, which is no named schema's")));
    }
    if let Some(name) = names.iter().find(|name| !types.contains(**name)) {
        return Err(Error::not_lowered(format!("makes no type of the name {name}")));
    }
    Ok(())
}

fn is_client(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.is_ident("Client"))
}

fn check_arguments(signature: &syn::Signature) -> Result<()> {
    let names = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => match argument.pat.as_ref() {
            Pat::Ident(pattern) => Some(pattern.ident.to_string()),
            _ => None,
        },
        _ => None,
    });
    check_distinct(names, &format!("the arguments of {}", signature.ident))
}

fn check_type(item: &Item, types: &mut BTreeSet<String>) -> Result<()> {
    let name = match item {
        Item::Struct(item) => {
            if let Fields::Named(fields) = &item.fields {
                let names = fields.named.iter().filter_map(|field| field.ident.as_ref());
                check_distinct(names.map(ToString::to_string), &format!("the fields of {}", item.ident))?;
            }
            item.ident.to_string()
        }
        Item::Enum(item) => {
            let names = item.variants.iter().map(|variant| variant.ident.to_string());
            check_distinct(names, &format!("the variants of {}", item.ident))?;
            item.ident.to_string()
        }
        _ => return Ok(()),
    };
    match types.replace(name) {
        None => Ok(()),
        Some(name) => Err(Error::not_lowered(format!("makes two types of the name {name}"))),
    }
}

fn check_distinct(names: impl Iterator<Item = String>, what: &str) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if let Some(name) = seen.replace(name) {
            return Err(Error::not_lowered(format!("makes two of {what} have the name {name}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Kind;

    const CONTRACT: &str = "[public.get_a]\ncall = \"GET /a\"\nanswer = \"A\"\nrepeat = true\n";

    #[track_caller]
    fn inspect(methods: &str, types: &str) -> Result<()> {
        let code = format!("pub mod types {{ {types} }} impl Client {{ {methods} }}");
        let contract = Contract::parse(CONTRACT, "contract.toml").unwrap();
        let public = json!({"components": {"schemas": {"A": {}}}});
        check(&syn::parse_str(&code).unwrap(), &contract, &public)
    }

    #[test]
    fn takes_one_method_for_each_operation_and_one_type_for_each_schema() {
        inspect("fn get_a(&self, a: u8, b: u8) {}", "pub struct A { a: u8, b: u8 } pub mod error {}").unwrap();
    }

    #[test]
    fn refuses_names_that_meet_or_are_not_those_asked_for() {
        let method = "fn get_a(&self) {}";
        for (methods, types, problem) in [
            ("", "struct A;", "no method of the name get_a"),
            ("fn get_a(&self, a: u8, a: u8) {}", "struct A;", "arguments of get_a have the name a"),
            (method, "", "no type of the name A"),
            (method, "struct A; enum A {}", "two types of the name A"),
            (method, "struct A; struct AInner;", "a type AInner"),
            (method, "struct A { a: u8, a: u8 }", "fields of A have the name a"),
            (method, "enum A { B, B }", "variants of A have the name B"),
        ] {
            let error = inspect(methods, types).unwrap_err();
            assert_eq!(error.kind(), Kind::Generator);
            assert!(error.to_string().contains(problem), "{error}");
        }
    }
}
