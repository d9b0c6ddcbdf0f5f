//! Names that would meet in Rust.
//!
//! progenitor tells an operation's parameters apart by their names alone, wherever they are sent; and it and typify spell
//! names as Rust's are spelled. Where two come to the same, or to one that the generated code uses itself, the code would
//! not compile, or send one in the place of the other. So such a name gets a stand-in before progenitor sees it, and each
//! text of the code loses what makes it one: what is sent and read is what the document says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::endpoint::Method;
use crate::spelling::value_name;

/// What a stand-in has behind the name: what tells it apart, between two characters that no name has.
const OPEN: char = '\u{1f}';
const CLOSE: char = '\u{1e}';

/// Arguments that would hide what a method uses.
const USED_BY_METHODS: &[&str] = &["body", "encode_path", "header_map"];

/// Puts a stand-in wherever the names of a document's parameters or properties would meet.
pub(crate) fn put(document: &mut Value) {
    for schema in document.pointer_mut("/components/schemas").and_then(Value::as_object_mut).into_iter().flatten() {
        put_in_properties(schema.1);
    }
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in std::mem::take(paths) {
        let Value::Object(item) = item else { continue };
        for (field, mut operation) in item {
            let path = match Method::of_field(&field) {
                Some(_) => put_in_parameters(&path, &mut operation),
                None => path.clone(),
            };
            if let Some(item) = paths.entry(path).or_insert_with(|| Value::Object(Default::default())).as_object_mut() {
                item.insert(field, operation);
            }
        }
    }
}

/// Takes what makes a name a stand-in out of each text of the code.
pub(crate) fn take_out(code: &str) -> String {
    let (open, close) = (OPEN.escape_debug().to_string(), CLOSE.escape_debug().to_string());
    let mut cleaned = String::with_capacity(code.len());
    let mut rest = code;
    while let Some((before, marked)) = rest.split_once(&open) {
        cleaned.push_str(before);
        rest = match marked.split_once(&close) {
            Some((mark, after)) if mark.chars().all(|character| character.is_ascii_alphanumeric()) => after,
            // It is the document's own, then.
            _ => {
                cleaned.push_str(&open);
                marked
            }
        };
    }
    cleaned + rest
}

fn put_in_properties(schema: &mut Value) {
    let takes_extras = schema.get("additionalProperties").is_some_and(|extras| extras != &Value::Bool(false));
    // typify calls so what is not declared.
    let used: &[&str] = if takes_extras { &["extra"] } else { &[] };
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    let names = properties.keys().map(|name| Name { rank: 0, name: name.clone(), suffix: "" });
    let stand_ins = stand_ins(names.collect(), used);
    if stand_ins.is_empty() {
        return;
    }
    let stand_in = |name: &str| stand_ins.get(&(0, name.to_owned()));
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        for name in required {
            if let Some(stand_in) = name.as_str().and_then(stand_in) {
                *name = stand_in.as_str().into();
            }
        }
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let named = std::mem::take(properties).into_iter();
        properties.extend(named.map(|(name, property)| (stand_in(&name).cloned().unwrap_or(name), property)));
    }
}

/// Puts stand-ins for an operation's parameters, and returns its path with those that stand there.
fn put_in_parameters(path: &str, operation: &mut Value) -> String {
    let mut path = path.to_owned();
    let Some(Value::Array(parameters)) = operation.get_mut("parameters") else {
        return path;
    };
    let names = parameters.iter().filter_map(name_of);
    let stand_ins = stand_ins(names.collect(), USED_BY_METHODS);
    for parameter in parameters {
        let Some(Name { rank, name, suffix }) = name_of(parameter) else { continue };
        let Some(stand_in) = stand_ins.get(&(rank, name.clone())) else { continue };
        if suffix == "path" {
            path = path.replace(&format!("{{{name}}}"), &format!("{{{stand_in}}}"));
        }
        if let Some(named) = parameter.get_mut("name") {
            *named = stand_in.as_str().into();
        }
    }
    path
}

/// A parameter's name: what stands in the path keeps it rather than what stands in the query, and that rather than a header.
fn name_of(parameter: &Value) -> Option<Name> {
    let name = parameter.get("name")?.as_str()?.to_owned();
    let places = [(0, "path"), (1, "query"), (2, "header")];
    let (rank, suffix) = places.into_iter().find(|(_, place)| parameter.get("in").is_some_and(|is| is == place))?;
    Some(Name { rank, name, suffix })
}

/// A name that may meet others: the lowest rank keeps it, and the others get the suffix.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    rank: u8,
    name: String,
    suffix: &'static str,
}

/// The stand-ins for those names that meet one that is used, or one another, by rank and name.
fn stand_ins(mut names: Vec<Name>, used: &[&str]) -> BTreeMap<(u8, String), String> {
    let mut taken: BTreeSet<String> = used.iter().map(|name| (*name).to_owned()).collect();
    // Whichever is spelled already as it will be keeps its name rather than another of its rank.
    names.sort_by_cached_key(|name| (name.rank, value_name(&name.name) != name.name, name.name.clone()));
    names.retain(|name| !taken.insert(value_name(&name.name)));
    let mut stand_ins = BTreeMap::new();
    for Name { rank, name, suffix } in names {
        let mut number = if suffix.is_empty() { 2 } else { 1 };
        let stand_in = loop {
            let number_text = if number == 1 { String::new() } else { number.to_string() };
            let stand_in = format!("{name}{OPEN}{suffix}{number_text}{CLOSE}");
            if taken.insert(value_name(&stand_in)) {
                break stand_in;
            }
            number += 1;
        };
        stand_ins.insert((rank, name), stand_in);
    }
    stand_ins
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The names of the parameters as Rust spells them, and the path.
    fn parameters(path: &str, parameters: &[(&str, &str)]) -> (String, Vec<String>) {
        let parameters: Vec<_> = parameters.iter().map(|(place, name)| json!({"in": place, "name": name})).collect();
        let mut document = json!({"paths": {path: {"get": {"parameters": parameters}}}});
        put(&mut document);
        let (path, item) = document["paths"].as_object().unwrap().iter().next().unwrap();
        let names = item["get"]["parameters"].as_array().unwrap().iter();
        (path.clone(), names.map(|parameter| value_name(parameter["name"].as_str().unwrap())).collect())
    }

    #[test]
    fn parameters_that_meet_are_told_apart() {
        let same_in_all_places = [("query", "id"), ("header", "id"), ("path", "id")];
        assert_eq!(
            parameters("/a/{id}", &same_in_all_places),
            ("/a/{id}".to_owned(), vec!["id_query".to_owned(), "id_header".to_owned(), "id".to_owned()])
        );
        for (given, spelled) in [
            ([("query", "pageSize"), ("query", "page_size")], ["page_size_query", "page_size"]),
            ([("query", "page-size"), ("query", "pageSize")], ["page_size", "page_size_query"]),
            ([("query", "body"), ("header", "header-map")], ["body_query", "header_map_header"]),
            ([("query", "encodePath"), ("query", "other")], ["encode_path_query", "other"]),
            ([("query", "+1"), ("query", "plus1")], ["1_query", "plus1"]),
        ] {
            assert_eq!(parameters("/a", &given).1, spelled, "{given:?}");
        }
    }

    #[test]
    fn a_stand_in_meets_no_other_name() {
        let given = [("query", "a"), ("header", "a"), ("query", "a_header"), ("header", "A")];
        assert_eq!(parameters("/a", &given).1, ["a", "a_header2", "a_header", "a_header3"].map(str::to_owned));
    }

    #[test]
    fn parameters_of_one_path_may_meet() {
        let (path, names) = parameters("/{userId}/{user_id}", &[("path", "userId"), ("path", "user_id")]);
        assert_eq!(names, ["user_id_path", "user_id"]);
        assert_eq!(take_out(&path.escape_debug().to_string()), "/{userId}/{user_id}");
    }

    #[test]
    fn properties_that_meet_are_told_apart() {
        let mut document = json!({"components": {"schemas": {
            "A": {"properties": {"bornIn": {}, "born_in": {}, "extra": {}}, "required": ["bornIn", "extra"]},
            "B": {"properties": {"extra": {}, "a": {}}, "additionalProperties": {}},
        }}});
        put(&mut document);
        let spelled = |name: &str| -> Vec<_> {
            let properties = document["components"]["schemas"][name]["properties"].as_object().unwrap();
            properties.keys().map(|name| value_name(name)).collect()
        };
        assert_eq!(spelled("A"), ["born_in_2", "born_in", "extra"]);
        assert_eq!(spelled("B"), ["a", "extra_2"]);
        let required = &document["components"]["schemas"]["A"]["required"];
        assert_eq!(required[0], format!("bornIn{OPEN}2{CLOSE}"));
        assert_eq!(required[1], "extra");
    }

    #[test]
    fn what_makes_a_stand_in_goes_out_of_the_code_and_nothing_else_does() {
        let code = quote_like("id\u{1f}query2\u{1e}") + &quote_like("a\u{1f}-\u{1e}b\u{1f}");
        assert_eq!(take_out(&code), quote_like("id") + &quote_like("a\u{1f}-\u{1e}b\u{1f}"));
    }

    /// A text as it stands in code.
    fn quote_like(text: &str) -> String {
        format!("\"{}\"", text.escape_debug())
    }
}
