//! Types that hold a secret: their `Debug` shows every field but that.
//!
//! Which fields are secret is said in `contract.toml`. A type that holds such a type needs nothing: it
//! shows it by its `Debug`.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;
use syn::punctuated::Punctuated;
use syn::{Field, Item, ItemStruct, LitStr, Meta, Token};

use crate::contract::Contract;
use crate::error::{Error, Kind, Result};
use crate::used_code;

/// Replaces the derived `Debug` of each type that has a field with one of the contract's secret names.
pub(crate) fn redact(file: &mut syn::File, contract: &Contract, public: &Value) -> Result<()> {
    let mut expected = holders(contract, public)?;
    let types = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    });
    let Some(types) = types else {
        return if expected.is_empty() { Ok(()) } else { Err(Error::not_generated("makes no types")) };
    };
    let mut redacted = Vec::with_capacity(types.len());
    for mut item in std::mem::take(types) {
        let debug = match &mut item {
            Item::Struct(item) => debug(item, &contract.secret)?,
            _ => None,
        };
        if let (Item::Struct(item), Some(_)) = (&item, &debug) {
            expected.remove(&item.ident.to_string());
        }
        redacted.push(item);
        redacted.extend(debug);
    }
    *types = redacted;
    match expected.first() {
        None => Ok(()),
        Some(name) => Err(Error::not_generated(format!("makes no structure of {name}, which holds a secret"))),
    }
}

/// The named schemas with a secret field. A name that none has is a mistake in the contract.
fn holders(contract: &Contract, public: &Value) -> Result<BTreeSet<String>> {
    let schemas = public.pointer("/components/schemas").and_then(Value::as_object);
    let mut holders = BTreeSet::new();
    let mut unused: BTreeSet<_> = contract.secret.iter().collect();
    for (name, schema) in schemas.into_iter().flatten() {
        let properties = schema.get("properties").and_then(Value::as_object);
        for property in properties.into_iter().flat_map(|properties| properties.keys()) {
            if contract.secret.contains(property) {
                unused.remove(property);
                holders.insert(name.clone());
            }
        }
    }
    match unused.first() {
        None => Ok(holders),
        Some(name) => Err(Error::new(
            Kind::Contract,
            "contract.toml",
            format!("has the secret {name:?}, which is the name of no field"),
            "take it out or correct it",
        )),
    }
}

/// The `Debug` of a type with a secret field, in place of the derived one.
fn debug(item: &mut ItemStruct, secret: &BTreeSet<String>) -> Result<Option<Item>> {
    let mut shown = String::new();
    let mut is_secret = false;
    for field in &item.fields {
        let Some(name) = &field.ident else {
            continue;
        };
        // Writing into a String can't fail.
        let _ = if secret.contains(&sent_name(field)?) {
            is_secret = true;
            write!(shown, ".field(\"{name}\", &::std::format_args!(\"[redacted]\"))")
        } else {
            write!(shown, ".field(\"{name}\", &self.{name})")
        };
    }
    if !is_secret {
        return Ok(None);
    }
    let name = &item.ident;
    if !item.generics.params.is_empty() {
        return Err(Error::not_generated(format!("makes a generic type of {name}, which holds a secret")));
    }
    used_code::derive_less(&mut item.attrs, "Debug")?;
    let code = format!(
        "impl ::std::fmt::Debug for {name} {{
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {{
                f.debug_struct(\"{name}\"){shown}.finish()
            }}
        }}"
    );
    syn::parse_str(&code).map(Some).map_err(|error| Error::not_generated(format!("makes no Debug of {name} ({error})")))
}

/// What a field is called in JSON.
pub(crate) fn sent_name(field: &Field) -> Result<String> {
    let mut name = field.ident.as_ref().map(|name| name.to_string().trim_start_matches("r#").to_owned());
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        for meta in
            metas.map_err(|error| Error::not_generated(format!("writes an attribute that is none ({error})")))?
        {
            if let Meta::NameValue(meta) = meta
                && meta.path.is_ident("rename")
                && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = meta.value
            {
                name = Some(LitStr::value(&text));
            }
        }
    }
    Ok(name.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CONTRACT: &str = "
        secret = [\"pass\", \"type\"]

        [public.get_a]
        call = \"GET /a\"
        answer = \"A\"
        repeat = true
    ";

    fn redacted(types: &str, properties: Value) -> Result<String> {
        let contract = Contract::parse(CONTRACT, "contract.toml").unwrap();
        let mut file = syn::parse_str(&format!("pub mod types {{ {types} }}")).unwrap();
        let public = json!({"components": {"schemas": {"A": {"properties": properties}, "B": {"type": "object"}}}});
        redact(&mut file, &contract, &public)?;
        Ok(prettyplease::unparse(&file))
    }

    #[test]
    fn a_secret_field_is_not_shown() {
        let code = redacted(
            "#[derive(::serde::Serialize, Clone, Debug, Default)]
            pub struct A { pub name: String, pub pass: String, #[serde(rename = \"type\")] pub type_: Option<B> }
            #[derive(Clone, Debug)]
            pub struct B { pub passage: String }",
            json!({"name": {}, "pass": {}, "type": {}}),
        )
        .unwrap();
        let expected = r#"pub mod types {
    #[derive(::serde::Serialize, Clone, Default)]
    pub struct A {
        pub name: String,
        pub pass: String,
        #[serde(rename = "type")]
        pub type_: Option<B>,
    }
    impl ::std::fmt::Debug for A {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.debug_struct("A")
                .field("name", &self.name)
                .field("pass", &::std::format_args!("[redacted]"))
                .field("type_", &::std::format_args!("[redacted]"))
                .finish()
        }
    }
    #[derive(Clone, Debug)]
    pub struct B {
        pub passage: String,
    }
}
"#;
        assert_eq!(code, expected);
    }

    #[test]
    fn refuses_what_it_can_not_redact_and_names_that_no_field_has() {
        let both = json!({"pass": {}, "type": {}});
        let error = redacted("pub struct B {}", both.clone()).unwrap_err();
        assert!(error.to_string().contains("no structure of A"), "{error}");
        let error = redacted("#[derive(Debug)] pub struct A<T> { pass: T }", both).unwrap_err();
        assert!(error.to_string().contains("generic type of A"), "{error}");
        let error = redacted("pub struct A { pass: String }", json!({"pass": {}})).unwrap_err();
        assert_eq!(error.kind(), Kind::Contract);
        assert!(error.to_string().contains("\"type\""), "{error}");
    }
}
