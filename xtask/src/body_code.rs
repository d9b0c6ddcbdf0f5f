//! Bodies, as far as progenitor's methods need help with them: those that may be left out, of which it always sends
//! one, and those that are no JSON, of which it knows no media type but its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use syn::{Expr, ExprMethodCall, FnArg, GenericParam, ImplItem, ImplItemFn, Item, Local, Pat, Stmt};

use crate::error::{Error, Kind, Result};
use crate::media;

/// What the methods call their body.
const BODY: &str = "body";

/// What progenitor takes for bytes.
const BYTES: &str = "application/octet-stream";

/// A body that needs help.
#[derive(Debug, PartialEq, Eq)]
struct Body {
    required: bool,
    /// Its media type; `None` if it is JSON.
    media_type: Option<String>,
}

/// Puts bytes in the place of each body of the document that is no JSON.
pub(crate) fn simplify(document: &mut Value) {
    for body in operations_mut(document).filter_map(|operation| operation.get_mut("requestBody")) {
        if body.pointer("/content/application~1json").is_none() {
            body["content"] = json!({BYTES: {"schema": {"type": "string", "format": "binary"}}});
        }
    }
}

/// Makes each method take and send the body that the document has. A body of bytes is sent as it is, with the
/// document's media type; one of several parts is made by the engine. Both are whole, so that each attempt sends the same.
/// A body that is not required is an `Option`; without it the request has neither a body nor a content type.
pub(crate) fn make(file: &mut syn::File, public: &Value) -> Result<()> {
    let mut bodies = bodies(public);
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            let name = method.sig.ident.to_string();
            if bodies.get(&name).is_some_and(|body| send(method, body)) {
                bodies.remove(&name);
            }
        }
    }
    match bodies.first_key_value() {
        None => Ok(()),
        Some((name, _)) => Err(Error::new(
            Kind::Generator,
            "public.json",
            format!("makes no method {name} whose body could be sent as the document has it"),
            "make the operation private in contract.toml or extend the generation",
        )),
    }
}

/// The bodies that need help, by the names of their operations.
fn bodies(public: &Value) -> BTreeMap<String, Body> {
    let paths = public.get("paths").and_then(Value::as_object);
    let items = paths.into_iter().flat_map(Map::values).filter_map(Value::as_object);
    let bodies = items.flat_map(Map::values).filter_map(|operation| {
        let body = operation.get("requestBody")?;
        let required = body.get("required") == Some(&json!(true));
        let name = body.get("content")?.as_object()?.keys().next()?;
        let media_type = Some(name.clone()).filter(|name| name != media::JSON);
        Some((operation.get("operationId")?.as_str()?.to_owned(), Body { required, media_type }))
    });
    bodies.filter(|(_, body)| !body.required || body.media_type.is_some()).collect()
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    items.flat_map(Map::values_mut)
}

/// Whether the method has a body, which is sent as it should be then.
fn send(method: &mut ImplItemFn, body: &Body) -> bool {
    let argument = method.sig.inputs.iter_mut().find_map(|argument| match argument {
        FnArg::Typed(argument) if is_body(&argument.pat) => Some(argument),
        _ => None,
    });
    let Some(argument) = argument else { return false };
    if let Some(media_type) = &body.media_type {
        argument.ty = if media_type == media::MULTIPART {
            syn::parse_quote!(::agent_platform_core::Multipart)
        } else {
            syn::parse_quote!(::agent_platform_core::Bytes)
        };
        // What progenitor is generic over instead.
        let generics = &mut method.sig.generics.params;
        *generics = std::mem::take(generics).into_iter().filter(|one| !matches!(one, GenericParam::Type(_))).collect();
    }
    if !body.required {
        let kind = &argument.ty;
        argument.ty = syn::parse_quote!(Option<#kind>);
    }
    method.block.stmts.iter_mut().any(|statement| match statement {
        Stmt::Local(Local { init: Some(init), .. }) => send_in(&mut init.expr, body),
        _ => false,
    })
}

fn is_body(pattern: &Pat) -> bool {
    matches!(pattern, Pat::Ident(pattern) if pattern.ident == BODY)
}

/// Makes the right thing of what sends the body in a chain of calls, and says whether it is there.
fn send_in(expression: &mut Expr, body: &Body) -> bool {
    match expression {
        Expr::Try(tried) => send_in(&mut tried.expr, body),
        Expr::MethodCall(call) => match request_before(call, body) {
            Some(request) => {
                let sent = sent(body);
                *expression = if body.required {
                    syn::parse_quote!({ let request = #request; #sent })
                } else {
                    syn::parse_quote!({
                        let request = #request;
                        match body {
                            Some(body) => #sent,
                            None => request,
                        }
                    })
                };
                true
            }
            None => send_in(&mut call.receiver, body),
        },
        _ => false,
    }
}

/// The request as it is before its body: what `.json(&body)` or `.header(CONTENT_TYPE, …).body(body)` is called on.
fn request_before<'c>(call: &'c ExprMethodCall, body: &Body) -> Option<&'c Expr> {
    match (&body.media_type, call.method.to_string().as_str()) {
        (None, "json") => Some(&call.receiver),
        (Some(_), BODY) => match call.receiver.as_ref() {
            Expr::MethodCall(header) if header.method == "header" => Some(&header.receiver),
            _ => None,
        },
        _ => None,
    }
}

/// The request with its body.
fn sent(body: &Body) -> Expr {
    match body.media_type.as_deref() {
        None => syn::parse_quote!(request.json(&body)),
        Some(media::MULTIPART) => syn::parse_quote!({
            let (content_type, body) = body.into_body();
            request.header(::reqwest::header::CONTENT_TYPE, content_type).body(body)
        }),
        Some(media_type) => syn::parse_quote!(
            request
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(#media_type),
                )
                .body(body)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(argument: &str, body: &str) -> syn::File {
        let code = format!(
            "impl Client {{ pub async fn a<'a, B: Into<reqwest::Body>>(&'a self, {argument}) -> Result<(), ()> {{
                let url = format!(\"{{}}/a\", self.baseurl);
                let mut request = self.client.post(url).header(X, Y){body}.query(&q).build()?;
            }} }}"
        );
        syn::parse_str(&code).unwrap()
    }

    fn public(media_type: &str, required: Value) -> Value {
        let body = json!({"required": required, "content": {media_type: {}}});
        json!({"paths": {"/a": {"post": {"operationId": "a", "requestBody": body}}}})
    }

    const JSON_BODY: (&str, &str) = ("body: &'a types::A", ".json(&body)");
    const BYTES_BODY: (&str, &str) = ("body: B", ".header(CONTENT_TYPE, Z).body(body)");

    fn made((argument, body): (&str, &str), media_type: &str, required: bool) -> String {
        let mut file = client(argument, body);
        make(&mut file, &public(media_type, json!(required))).unwrap();
        prettyplease::unparse(&file)
    }

    #[test]
    fn json_that_is_not_required_may_be_left_out() {
        let code = made(JSON_BODY, "application/json", false);
        assert!(code.contains("body: Option<&'a types::A>"), "{code}");
        assert!(code.contains("Some(body) => request.json(&body),"), "{code}");
        assert!(code.contains("None => request,"), "{code}");
        assert_eq!(code.matches(".json(").count(), 1, "{code}");
    }

    #[test]
    fn json_that_is_required_stays_as_it_is() {
        let as_it_is = prettyplease::unparse(&client(JSON_BODY.0, JSON_BODY.1));
        assert_eq!(made(JSON_BODY, "application/json", true), as_it_is);
        let mut file = client(JSON_BODY.0, JSON_BODY.1);
        make(&mut file, &json!({"paths": {"/a": {"get": {"operationId": "a"}}}})).unwrap();
        assert_eq!(prettyplease::unparse(&file), as_it_is);
    }

    #[test]
    fn bytes_go_with_the_media_type_of_the_document() {
        let code = made(BYTES_BODY, "image/png", true);
        for part in
            ["fn a<'a>(&'a self, body: ::agent_platform_core::Bytes)", "from_static(\"image/png\")", ".body(body)"]
        {
            assert!(code.contains(part), "{part}: {code}");
        }
        assert_eq!(code.matches("header(").count(), 2, "{code}");
        let code = made(BYTES_BODY, "image/png", false);
        assert!(code.contains("body: Option<::agent_platform_core::Bytes>"), "{code}");
        assert!(code.contains("None => request,"), "{code}");
    }

    #[test]
    fn parts_are_put_together_by_the_engine() {
        for required in [true, false] {
            let code = made(BYTES_BODY, "multipart/form-data", required);
            let code = code.split_whitespace().collect::<String>();
            for part in
                ["::agent_platform_core::Multipart", "=body.into_body();", "CONTENT_TYPE,content_type).body(body)"]
            {
                assert!(code.contains(part), "{part}: {code}");
            }
            assert_eq!(code.contains("None=>request,"), !required, "{code}");
        }
    }

    #[test]
    fn progenitor_gets_bytes_in_the_place_of_what_is_no_json() {
        for media_type in ["multipart/form-data", "image/png"] {
            let mut document = public(media_type, json!(true));
            simplify(&mut document);
            let body = &document["paths"]["/a"]["post"]["requestBody"];
            assert_eq!(body["content"], json!({BYTES: {"schema": {"type": "string", "format": "binary"}}}));
        }
        let mut document = public("application/json", json!(true));
        let before = document.clone();
        simplify(&mut document);
        assert_eq!(document, before);
    }

    #[test]
    fn refuses_code_in_which_it_does_not_find_the_body() {
        for ((argument, body), media_type) in [
            (("other: &'a types::A", ".json(&body)"), "application/json"),
            (("body: &'a types::A", ""), "application/json"),
            (JSON_BODY, "image/png"),
        ] {
            let error = make(&mut client(argument, body), &public(media_type, json!(null))).unwrap_err();
            assert_eq!(error.kind(), Kind::Generator);
            assert!(error.to_string().contains("method a "), "{error}");
        }
    }
}
