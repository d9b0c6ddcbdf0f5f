//! Bodies that may be left out: progenitor's methods always send one.

use std::collections::BTreeSet;

use serde_json::Value;
use syn::{Expr, FnArg, ImplItem, ImplItemFn, Item, Local, Pat, Stmt};

use crate::error::{Error, Kind, Result};

/// What the methods call their body.
const BODY: &str = "body";

/// Makes an `Option` of the body of each operation whose document does not require one. Without it the request has
/// neither a body nor a content type.
pub(crate) fn make(file: &mut syn::File, public: &Value) -> Result<()> {
    let mut optional = optional(public);
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            if optional.remove(&method.sig.ident.to_string()) && !make_optional(method) {
                optional.insert(method.sig.ident.to_string());
            }
        }
    }
    match optional.first() {
        None => Ok(()),
        Some(name) => Err(Error::new(
            Kind::Generator,
            "public.json",
            format!("makes no method {name} whose body could be left out"),
            "make the operation private in contract.toml or extend the generation",
        )),
    }
}

/// The operations with a body that is not required.
fn optional(public: &Value) -> BTreeSet<String> {
    let paths = public.get("paths").and_then(Value::as_object);
    let operations = paths.into_iter().flat_map(|paths| paths.values()).filter_map(Value::as_object);
    operations
        .flat_map(|item| item.values())
        .filter(|operation| operation.get("requestBody").is_some_and(|body| body.get("required") != Some(&true.into())))
        .filter_map(|operation| operation.get("operationId")?.as_str().map(str::to_owned))
        .collect()
}

/// Whether the method has a body, which is optional then.
fn make_optional(method: &mut ImplItemFn) -> bool {
    let body = method.sig.inputs.iter_mut().find_map(|argument| match argument {
        FnArg::Typed(argument) if is_body(&argument.pat) => Some(argument),
        _ => None,
    });
    let Some(argument) = body else { return false };
    let kind = &argument.ty;
    argument.ty = syn::parse_quote!(Option<#kind>);
    method.block.stmts.iter_mut().any(|statement| match statement {
        Stmt::Local(Local { init: Some(init), .. }) => send_if_some(&mut init.expr),
        _ => false,
    })
}

fn is_body(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Ident(pattern) if pattern.ident == BODY)
}

/// Makes `.json(&body)` in a chain of calls a choice, and says whether it is there.
fn send_if_some(expression: &mut Expr) -> bool {
    match expression {
        Expr::Try(tried) => send_if_some(&mut tried.expr),
        Expr::MethodCall(call) if call.method == "json" => {
            let request = &call.receiver;
            *expression = syn::parse_quote!({
                let request = #request;
                match body {
                    Some(body) => request.json(&body),
                    None => request,
                }
            });
            true
        }
        Expr::MethodCall(call) => send_if_some(&mut call.receiver),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(argument: &str, body: &str) -> syn::File {
        let code = format!(
            "impl Client {{ pub async fn a<'a>(&'a self, {argument}) -> Result<(), ()> {{
                let url = format!(\"{{}}/a\", self.baseurl);
                let mut request = self.client.post(url).header(X, Y){body}.query(&q).build()?;
            }} }}"
        );
        syn::parse_str(&code).unwrap()
    }

    fn public(required: Value) -> Value {
        json!({"paths": {"/a": {"post": {"operationId": "a", "requestBody": {"required": required}}}}})
    }

    #[test]
    fn a_body_that_is_not_required_may_be_left_out() {
        let mut file = client("body: &'a types::A", ".json(&body)");
        make(&mut file, &public(json!(false))).unwrap();
        let code = prettyplease::unparse(&file);
        assert!(code.contains("body: Option<&'a types::A>"), "{code}");
        assert!(code.contains("Some(body) => request.json(&body),"), "{code}");
        assert!(code.contains("None => request,"), "{code}");
        assert_eq!(code.matches(".json(").count(), 1, "{code}");
    }

    #[test]
    fn one_that_is_required_stays() {
        let mut file = client("body: &'a types::A", ".json(&body)");
        let before = prettyplease::unparse(&file);
        make(&mut file, &public(json!(true))).unwrap();
        make(&mut file, &json!({"paths": {"/a": {"get": {"operationId": "a"}}}})).unwrap();
        assert_eq!(prettyplease::unparse(&file), before);
    }

    #[test]
    fn refuses_code_in_which_it_does_not_find_the_body() {
        for (argument, body) in [("other: &'a types::A", ".json(&body)"), ("body: &'a types::A", "")] {
            let error = make(&mut client(argument, body), &public(json!(null))).unwrap_err();
            assert_eq!(error.kind(), Kind::Generator);
            assert!(error.to_string().contains("method a "), "{error}");
        }
    }
}
