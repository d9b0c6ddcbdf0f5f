//! Answers, as far as progenitor's methods need help with them.
//!
//! progenitor knows one kind of answer for an operation: JSON of one type, or nothing. What is streamed comes past the
//! generated client, which then answers nothing; where JSON may stay away, its method answers an `Option`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use syn::{Arm, Expr, ImplItem, ImplItemFn, Item, ReturnType, Stmt};

use crate::error::{Error, Result};
use crate::media;
use crate::public::Row;
use crate::success::{AnswerKind, Status};

/// Leaves of each operation's responses in the document what progenitor takes: those with JSON, out of its envelope, or
/// all of them with nothing in them.
pub(crate) fn simplify(document: &mut Value, rows: &BTreeMap<String, Row>) {
    for (name, operation) in operations(document) {
        let Some(row) = rows.get(&name) else { continue };
        let Some(Value::Object(responses)) = operation.get_mut("responses") else { continue };
        if row.kind.has_json() {
            responses.retain(|_, response| response.get("content").is_some());
            let contents = responses.values_mut().filter_map(|response| response.get_mut("content")?.as_object_mut());
            for content in contents {
                content.retain(|media_type, _| media_type == media::JSON);
                if let Some(schema) = content.get_mut(media::JSON).and_then(|media| media.get_mut("schema")) {
                    open(schema, row.envelope.as_deref());
                }
            }
        } else {
            for response in responses.values_mut().filter_map(Value::as_object_mut) {
                response.remove("content");
            }
        }
    }
}

/// Puts in the place of an envelope what is in it.
fn open(schema: &mut Value, envelope: Option<&str>) {
    if let Some(member) = envelope {
        let inner = schema.get_mut("properties").and_then(|properties| properties.get_mut(member));
        *schema = inner.map_or_else(|| json!({}), Value::take);
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = (String, &mut Map<String, Value>)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    items.flat_map(Map::values_mut).filter_map(|operation| {
        let operation = operation.as_object_mut()?;
        Some((operation.get("operationId")?.as_str()?.to_owned(), operation))
    })
}

/// Makes an `Option` of the answer of each operation whose JSON may stay away: with a status that nothing comes with, or
/// since events come instead, of which the generated client gets nothing, with status 204.
pub(crate) fn make_optional(file: &mut syn::File, rows: &BTreeMap<String, Row>) -> Result<()> {
    let mut optional: BTreeMap<&str, BTreeSet<Status>> = BTreeMap::new();
    for (name, row) in rows {
        let mut nothing = row.without_body.clone();
        if row.kind == AnswerKind::JsonOrEvents {
            nothing.insert(Status::Code(204));
        }
        if row.kind.has_json() && !nothing.is_empty() {
            optional.insert(name, nothing);
        }
    }
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            let name = method.sig.ident.to_string();
            if optional.get(name.as_str()).is_some_and(|nothing| answer_option(method, nothing)) {
                optional.remove(name.as_str());
            }
        }
    }
    match optional.first_key_value() {
        None => Ok(()),
        Some((name, _)) => Err(Error::not_generated(format!("makes no method {name} whose answer could stay away"))),
    }
}

/// Makes each method ask for what its operation answers, where progenitor's asks for JSON, or for anything.
pub(crate) fn ask_for(file: &mut syn::File, rows: &BTreeMap<String, Row>) -> Result<()> {
    let mut asking: BTreeMap<_, _> = rows.iter().filter(|(_, row)| !row.media_types.is_empty()).collect();
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            let name = method.sig.ident.to_string();
            let Some(row) = asking.get(&name) else { continue };
            let media_types = row.media_types.join(", ");
            let mut inits = method.block.stmts.iter_mut().filter_map(|statement| match statement {
                Stmt::Local(local) => local.init.as_mut(),
                _ => None,
            });
            if inits.any(|init| accept(&mut init.expr, &media_types)) {
                asking.remove(&name);
            }
        }
    }
    match asking.first_key_value() {
        None => Ok(()),
        Some((name, _)) => Err(Error::not_generated(format!("makes no method {name} that could ask for its answer"))),
    }
}

/// Whether it makes a request (`self.client.get(url)…`), which asks for those media types then.
fn accept(expression: &mut Expr, media_types: &str) -> bool {
    match expression {
        Expr::Try(tried) => accept(&mut tried.expr, media_types),
        Expr::MethodCall(call) => {
            if matches!(call.receiver.as_ref(), Expr::Field(_)) {
                let begun = &*call;
                *expression = syn::parse_quote!(#begun.header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static(#media_types),
                ));
                return true;
            }
            if !accept(&mut call.receiver, media_types) {
                return false;
            }
            // It asks for JSON in the place of it.
            if call.method == "header" && call.args.first().is_some_and(is_accept) && is_request(&call.receiver) {
                *expression = (*call.receiver).clone();
            }
            true
        }
        _ => false,
    }
}

/// Whether a request has asked for something already.
fn is_request(expression: &Expr) -> bool {
    matches!(expression, Expr::MethodCall(call) if call.method == "header" && call.args.first().is_some_and(is_accept))
}

fn is_accept(expression: &Expr) -> bool {
    matches!(expression, Expr::Path(path) if path.path.segments.last().is_some_and(|name| name.ident == "ACCEPT"))
}

/// Whether the method has an answer, which is an `Option` then: nothing with those statuses.
fn answer_option(method: &mut ImplItemFn, nothing: &BTreeSet<Status>) -> bool {
    let Some(answered) = answered(&mut method.sig.output) else { return false };
    let of = answered.clone();
    *answered = syn::parse_quote!(::std::option::Option<#of>);
    let Some(Stmt::Expr(Expr::Match(by_status), _)) = method.block.stmts.last_mut() else { return false };
    let mut arms = Vec::new();
    let mut found = false;
    // A status of its own comes before any, and both before what is no success.
    let codes = nothing.iter().filter_map(|status| match status {
        Status::Code(code) => Some(*code),
        Status::Any => None,
    });
    for code in codes {
        arms.push(syn::parse_quote!(#code => { ResponseValue::empty(response).map(|()| None) }));
    }
    let mut any: Option<Arm> = nothing
        .contains(&Status::Any)
        .then(|| syn::parse_quote!(200u16..=299u16 => { ResponseValue::empty(response).map(|()| None) }));
    for mut arm in std::mem::take(&mut by_status.arms) {
        if decodes(&arm.body) {
            found = true;
            *arm.body = syn::parse_quote!({ ResponseValue::<#of>::from_response::<()>(response).await?.map(Some) });
        } else {
            arms.extend(any.take());
        }
        arms.push(arm);
    }
    by_status.arms = arms;
    found
}

/// Whether an arm reads the answer: `{ ResponseValue::from_response(response).await }`.
fn decodes(body: &Expr) -> bool {
    let body = match body {
        Expr::Block(block) => match block.block.stmts.as_slice() {
            [Stmt::Expr(body, None)] => body,
            _ => return false,
        },
        body => body,
    };
    let Expr::Await(awaited) = body else { return false };
    let Expr::Call(call) = awaited.base.as_ref() else { return false };
    let Expr::Path(function) = call.func.as_ref() else { return false };
    function.path.segments.last().is_some_and(|name| name.ident == "from_response")
}

/// The `T` of `Result<ResponseValue<T>, E>`.
fn answered(output: &mut ReturnType) -> Option<&mut syn::Type> {
    match output {
        ReturnType::Type(_, result) => first_argument(result).and_then(first_argument),
        ReturnType::Default => None,
    }
}

/// The first of the types that a type is generic over.
fn first_argument(of: &mut syn::Type) -> Option<&mut syn::Type> {
    let syn::Type::Path(path) = of else { return None };
    match &mut path.path.segments.last_mut()?.arguments {
        syn::PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter_mut().find_map(|argument| match argument {
                syn::GenericArgument::Type(argument) => Some(argument),
                _ => None,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn row(kind: AnswerKind, without_body: &[Status]) -> Row {
        Row {
            kind,
            media_types: Vec::new(),
            without_body: without_body.iter().copied().collect(),
            credentials: Vec::new(),
            envelope: None,
        }
    }

    const METHOD: &str = "impl Client { pub async fn a<'a>(&'a self) -> Result<ResponseValue<types::A>, Error<()>> {
        let response = result?;
        match response.status().as_u16() {
            200u16 => { ResponseValue::from_response(response).await }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    } }";

    fn optional(kind: AnswerKind, without_body: &[Status]) -> Result<String> {
        let mut file = syn::parse_str(METHOD).unwrap();
        make_optional(&mut file, &BTreeMap::from([("a".to_owned(), row(kind, without_body))]))?;
        Ok(prettyplease::unparse(&file))
    }

    #[test]
    fn json_that_may_stay_away_is_an_option() {
        let code = optional(AnswerKind::Json, &[Status::Code(204), Status::Any]).unwrap();
        assert!(code.contains("Result<ResponseValue<::std::option::Option<types::A>>, Error<()>>"), "{code}");
        let arms: Vec<_> = code.lines().filter_map(|line| line.trim().split_once(" => ").map(|(arm, _)| arm)).collect();
        assert_eq!(arms, ["204u16", "200u16", "200u16..=299u16", "_"]);
        let read = "ResponseValue::<types::A>::from_response::<()>(response).await?.map(Some)";
        assert!(code.split_whitespace().collect::<String>().contains(read), "{code}");

        let code = optional(AnswerKind::JsonOrEvents, &[]).unwrap();
        assert!(code.contains("204u16 => ResponseValue::empty(response).map(|()| None)"), "{code}");
    }

    #[test]
    fn a_request_asks_for_what_comes() {
        let method = |asked: &str| {
            format!(
                "impl Client {{ pub async fn a<'a>(&'a self) {{
                    let url = format!(\"{{}}/a\", self.baseurl);
                    let mut request = self.client.post(url){asked}.json(&body).headers(header_map).build()?;
                }} }}"
            )
        };
        let asks = |media_type: &str| {
            format!(".header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static({media_type:?}),)")
        };
        let events = Row {
            media_types: vec!["text/event-stream".to_owned(), "application/json".to_owned()],
            ..row(AnswerKind::JsonOrEvents, &[])
        };
        let rows = BTreeMap::from([("a".to_owned(), events)]);
        let expected = syn::parse_str(&method(&asks("text/event-stream, application/json"))).unwrap();
        for before in [String::new(), asks("application/json")] {
            let mut file = syn::parse_str(&method(&before)).unwrap();
            ask_for(&mut file, &rows).unwrap();
            assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&expected));
        }
        let mut none = syn::parse_str("impl Client { fn a() {} }").unwrap();
        assert!(ask_for(&mut none, &rows).unwrap_err().to_string().contains("method a "));
    }

    #[test]
    fn what_always_comes_stays() {
        let as_it_is = prettyplease::unparse(&syn::parse_str(METHOD).unwrap());
        assert_eq!(optional(AnswerKind::Json, &[]).unwrap(), as_it_is);
        assert_eq!(optional(AnswerKind::Events, &[Status::Any]).unwrap(), as_it_is);
    }

    #[test]
    fn refuses_code_in_which_it_does_not_find_the_answer() {
        let mut file = syn::parse_str(&METHOD.replace("from_response", "stream")).unwrap();
        let rows = BTreeMap::from([("a".to_owned(), row(AnswerKind::JsonOrEvents, &[]))]);
        let error = make_optional(&mut file, &rows).unwrap_err();
        assert_eq!(error.kind(), Kind::Generator);
        assert!(error.to_string().contains("method a "), "{error}");
    }

    #[test]
    fn progenitor_gets_json_out_of_its_envelope_or_nothing() {
        let json = json!({"schema": {"type": "object", "properties": {"data": {"type": "string"}}}});
        let mut document = json!({"paths": {"/a": {
            "get": {"operationId": "a", "responses": {
                "200": {"content": {"application/json": json, "text/event-stream": {}}}, "204": {"description": ""},
            }},
            "put": {"operationId": "b", "responses": {"200": {"content": {"text/plain": {}}}, "204": {}}},
        }}});
        let enveloped = Row { envelope: Some("data".to_owned()), ..row(AnswerKind::JsonOrEvents, &[]) };
        let rows = [("a".to_owned(), enveloped), ("b".to_owned(), row(AnswerKind::Text, &[]))];
        simplify(&mut document, &rows.into());
        let responses = |method: &str| document["paths"]["/a"][method]["responses"].clone();
        assert_eq!(responses("get"), json!({"200": {"content": {"application/json": {"schema": {"type": "string"}}}}}));
        assert_eq!(responses("put"), json!({"200": {}, "204": {}}));
    }
}
