//! Kinds of schemas, as bodies and parameters have them.

use serde_json::{Value, json};

use crate::kinds::{Kind, body_of, get, kind, object, operation};

pub fn kinds() -> Vec<Kind> {
    let mut kinds = enums();
    kinds.extend(unions());
    kinds.extend(objects());
    kinds.extend(free());
    kinds.extend(bodies());
    kinds.push(texts());
    kinds
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn enums() -> Vec<Kind> {
    vec![
        kind(
            body_of("/enums", "Enums"),
            json!({
                "Enums": object(json!({
                    "kind": {"type": "integer", "oneOf": [{"title": "TEXT", "const": 0}, {"title": "VOICE", "const": 2}]},
                    "sort": to("Sort"),
                    "sorts": {"type": "array", "items": to("Sort")},
                    "sign": {"enum": ["+1", "laugh"]},
                    "empty": {"enum": ["", "a"]},
                    "twice": {"enum": ["a", "b", "a"]},
                    "float": {"enum": [1.5, 2]},
                    "truth": {"const": true},
                })),
                "Sort": {"oneOf": [{"const": "asc", "title": "Up"}, {"const": "desc", "title": "Down"}]},
            }),
            &[
                "pub struct EnumsKind(i64)",
                "pub enum Sort { #[serde(rename = \"asc\")] Asc,",
                "::std::vec::Vec<Sort>",
                "rename = \"+1\"",
                "pub float: ::std::option::Option<f64>",
                "pub truth: ::std::option::Option<bool>",
            ],
        ),
        kind(
            body_of("/open-enums", "OpenEnums"),
            json!({"OpenEnums": object(json!({
                "signs": {"enum": ["+1", "-1", "laugh"]},
                "order": {"enum": ["<", "<="]},
                "unit": {"enum": ["µs", "ms", "s"]},
                "case": {"type": ["string", "null"], "enum": ["RS256", "rs256", null]},
            }))}),
            &[
                "pub signs: ::std::option::Option<::std::string::String>",
                "pub order: ::std::option::Option<::std::string::String>",
                "pub unit: ::std::option::Option<::std::string::String>",
                "pub case: ::std::option::Option<::std::string::String>",
            ],
        ),
    ]
}

fn unions() -> Vec<Kind> {
    vec![kind(
        body_of("/unions", "Unions"),
        json!({
            "Unions": object(json!({
                "pet": to("Pet"),
                "pets": {"type": "object", "additionalProperties": {"oneOf": [to("Cat"), to("Dog"), {"type": "null"}]}},
                "written_out": {"oneOf": [
                    object(json!({"a": {"type": "string"}})),
                    object(json!({"b": {"type": "string"}})),
                    {"type": "array", "items": {}},
                    {"type": "integer"},
                ]},
                "enums": {"anyOf": [{"enum": ["a", "b"]}, {"enum": ["c"]}, {"type": "string"}]},
                "maps": {"anyOf": [
                    {"type": "object", "additionalProperties": {"type": "integer"}},
                    {"type": "object", "additionalProperties": {"type": "string"}},
                ]},
                "once": {"anyOf": [to("Cat"), to("Cat"), {"type": "null"}]},
                "id": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "string"}]},
                "types": {"type": ["string", "array", "null"], "items": {"type": "integer"}, "maxLength": 3},
                "numbers": {"type": ["integer", "number", "boolean"]},
                "tree": to("Tree"),
                "named": {"anyOf": [to("Anything"), {"type": "string"}]},
            })),
            "Pet": {
                "oneOf": [to("Cat"), to("Dog")],
                "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
            },
            "Cat": {"type": "object", "properties": {"kind": {"const": "cat"}}, "required": ["kind"]},
            "Dog": {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]},
            "Tree": object(json!({"value": {"oneOf": [to("Tree"), to("Cat"), {"type": "string"}, {"type": "null"}]}})),
            "Anything": {},
        }),
        &[
            "pub enum Pet { Cat(Cat), Dog(Dog), }",
            "pub once: ::std::option::Option<Cat>",
            "pub id: ::std::option::Option<::std::string::String>",
            "pub enum UnionsTypes { String(::std::string::String), Array(::std::vec::Vec<i64>), }",
            "Tree(::std::boxed::Box<Tree>)",
        ],
    )]
}

fn objects() -> Vec<Kind> {
    vec![
        kind(
            body_of("/all-of", "Rich"),
            json!({
                "Base": {
                    "type": "object",
                    "properties": {"id": {"type": "string", "readOnly": true}, "name": {"type": "string"}},
                    "required": ["id", "name"],
                },
                "Rich": {"allOf": [
                    to("Base"),
                    {"type": "object", "properties": {"extra": {"type": "string"}, "name": {"maxLength": 3}}, "required": ["extra"]},
                ]},
                "Richer": {"allOf": [to("Rich")], "properties": {"more": {"$ref": "#/components/schemas/Base", "type": "object"}}},
            }),
            &["pub struct Rich { pub extra: ::std::string::String, pub name: ::std::string::String, }"],
        ),
        kind(
            body_of("/objects", "Objects"),
            json!({
                "Objects": object(json!({
                    "keyed": {"type": "object", "propertyNames": {"enum": ["a"]}, "additionalProperties": {"type": "integer"}},
                    "either": {
                        "properties": {"x": {"type": "string"}, "y": {"type": "string"}, "z": false},
                        "anyOf": [{"required": ["x"]}, {"required": ["y"]}],
                    },
                    "maybe": to("Maybe"),
                    "maybes": {"type": "array", "items": to("Maybe")},
                    "point": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "maxItems": 2},
                    "pair": {"prefixItems": [{"type": "string"}, to("Size")], "items": false},
                    "size": to("Size"),
                    "byte": {"type": "integer", "minimum": 0, "maximum": 255},
                    "day": {"type": "integer", "minimum": -128, "format": "int32"},
                })),
                "Maybe": {"anyOf": [object(json!({"a": {"type": "string"}})), {"type": "null"}]},
                "Size": {"type": "integer", "minimum": 1},
            }),
            &[
                "pub keyed: ::std::option::Option< ::std::collections::BTreeMap<::std::string::String, i64>,",
                "pub struct ObjectsEither {",
                "pub maybe: ::std::option::Option<Maybe>",
                "::std::vec::Vec<::std::option::Option<Maybe>>",
                "pub point: ::std::option::Option<::std::vec::Vec<f64>>",
                "pub enum ObjectsPairItem {",
                "pub struct Size(pub i64)",
                "pub byte: ::std::option::Option<u64>",
                "pub day: ::std::option::Option<i32>",
            ],
        ),
    ]
}

fn free() -> Vec<Kind> {
    vec![kind(
        body_of("/free", "Free"),
        json!({
            "Free": object(json!({
                "patterns": to("Patterns"),
                "conditions": to("Conditions"),
                "null": {"type": "null"},
                "mixed": {"enum": ["a", 1]},
                "huge": {"type": "integer", "enum": [18_446_744_073_709_551_615_u64]},
                "undeclared": {"type": "object", "required": ["zzz"]},
                "date": {"type": "date"},
                "neither": {"allOf": [{"type": "string"}, {"type": "integer"}]},
                "both": {"allOf": [to("Patterns"), {"oneOf": [{"type": "object"}, to("Conditions")]}]},
                "nothing": 3,
            })),
            "Patterns": {"type": "object", "patternProperties": {"^x": {"type": "integer"}}},
            "Conditions": {"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}},
        }),
        &[
            "pub struct Patterns( pub ::serde_json::Map<",
            "pub struct Conditions(pub ::serde_json::Value)",
            "pub mixed: ::std::option::Option<::serde_json::Value>",
            "pub undeclared: ::std::option::Option< ::serde_json::Map<",
        ],
    )]
}

/// Each kind of body, required and not.
fn bodies() -> Vec<Kind> {
    let schemas = [
        json!({}),
        json!({"type": "string"}),
        json!({"type": "integer"}),
        json!({"type": "array", "items": {"type": "boolean"}}),
        json!({"anyOf": [{"type": "boolean"}, {"type": "null"}]}),
        json!({"oneOf": [{"type": "integer"}, {"type": "string"}]}),
    ];
    let mut kinds = Vec::new();
    for (index, schema) in schemas.into_iter().enumerate() {
        for required in [true, false] {
            let mut operation = operation(json!([]));
            operation["requestBody"] =
                json!({"required": required, "content": {"application/json; charset=utf-8": {"schema": schema}}});
            let parts: &[&str] = if required { &[".json(&body)"] } else { &["body: Option<", "None => request,"] };
            kinds.push(kind(json!({format!("/body-{index}-{required}"): {"post": operation}}), json!({}), parts));
        }
    }
    for (media_type, schema, kind_of_body) in [
        ("multipart/form-data", to("Upload"), "body: ::agent_platform_core::Multipart,"),
        (
            "application/octet-stream",
            json!({"type": "string", "format": "binary"}),
            "body: ::agent_platform_core::Bytes,",
        ),
        ("image/png", json!({}), "\"image/png\""),
        ("*/*", json!({}), "::agent_platform_core::Bytes"),
        ("text/csv", json!({"type": "string"}), "::agent_platform_core::Bytes"),
    ] {
        for required in [true, false] {
            let mut operation = operation(json!([]));
            operation["requestBody"] = json!({"required": required, "content": {media_type: {"schema": schema}}});
            let schemas = json!({"Upload": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
                "required": ["file"],
            }});
            let path = format!("/body-of-{}-{required}", media_type.replace(['/', '*'], "-"));
            let parts = if required {
                vec![kind_of_body]
            } else {
                vec!["body: Option<::agent_platform_core::", "None => request,"]
            };
            kinds.push(kind(json!({path: {"post": operation}}), schemas, Vec::leak(parts)));
        }
    }
    kinds
}

fn texts() -> Kind {
    let in_query = [
        (
            "of_one_or_many",
            json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]}),
        ),
        ("number_or_word", json!({"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["all"]}]})),
        ("level", to("TextLevel")),
        ("sort", to("TextSort")),
        ("maybe", to("TextMaybe")),
        ("wrapped", json!({"allOf": [to("TextLevel")], "default": 1})),
        ("sorts", json!({"type": "array", "items": to("TextSort")})),
        ("levels", to("TextLevels")),
        ("any", json!({})),
        ("types", json!({"type": ["string", "integer"]})),
    ];
    let elsewhere = |place: &str| {
        let prefix = if place == "header" { "X-" } else { "" };
        [("level", to("TextLevel")), ("sort", to("TextSort")), ("either", json!({"type": ["string", "integer"]}))]
            .map(|(name, schema)| json!({"name": format!("{prefix}{name}"), "in": place, "required": place == "path", "schema": schema}))
    };
    let mut parameters: Vec<_> = in_query
        .into_iter()
        .map(|(name, schema)| json!({"name": format!("q_{name}"), "in": "query", "schema": schema}))
        .collect();
    parameters.extend(elsewhere("path"));
    parameters.extend(elsewhere("header"));
    kind(
        get("/texts/{level}/{sort}/{either}", Value::Array(parameters)),
        json!({
            "TextLevel": {"oneOf": [{"const": 1, "title": "LOW"}, {"const": 2, "title": "HIGH"}]},
            "TextSort": {"oneOf": [{"const": "asc"}, {"const": "desc"}]},
            "TextMaybe": {"type": ["string", "null"]},
            "TextLevels": {"type": "array", "items": to("TextLevel")},
        }),
        &[
            "level: i64, sort: types::TextSort, either: &'a str",
            "q_of_one_or_many: Option<&'a ::std::vec::Vec<::std::string::String>>",
            "q_number_or_word: Option<&'a str>",
            "q_level: Option<i64>",
            "q_maybe: Option<&'a str>",
            "q_wrapped: Option<i64>",
            "q_sorts: Option<&'a ::std::vec::Vec<types::TextSort>>",
            "q_levels: Option<&'a ::std::vec::Vec<i64>>",
            "x_level: Option<i64>",
            "x_sort: Option<types::TextSort>",
        ],
    )
}
