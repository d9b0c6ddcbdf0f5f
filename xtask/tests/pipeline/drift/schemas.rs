//! Changes of schemas, in what the client sends, in what it reads, and in what it is refused with.

use serde_json::{Value, json};

use super::{CONTRACT, compare, compare_under, document, is_taken_if_harmless, live, summary};

/// Puts schemas in the place of a component's required property.
fn changed(component: &str, old: &Value, new: &Value) -> Vec<String> {
    let (mut imported, mut live) = (document(), live());
    imported["components"]["schemas"][component]["properties"]["it"] = old.clone();
    live["components"]["schemas"][component]["properties"]["it"] = new.clone();
    let drift = compare(&imported, &live).unwrap();
    for change in &drift.changes {
        let names: Vec<_> = change.operations.iter().map(|operation| operation.name.as_deref()).collect();
        assert_eq!(names, [Some("act")], "{change:?}");
        assert!(change.place.starts_with(&format!("components/schemas/{component}/properties/it")), "{change:?}");
        assert!(!change.meaning.is_empty() && change.was != change.is, "{change:?}");
    }
    is_taken_if_harmless(&drift, &live);
    summary(&drift)
}

/// What each change from one schema to the other is in a request, and in an answer.
type Case = (&'static str, Value, Value, &'static [&'static str], &'static [&'static str]);

fn cases() -> Vec<Case> {
    let object = |extra: Value| {
        let mut object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        object.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        object
    };
    let text = || json!({"type": "string"});
    let or_null = |schema: Value| json!({"anyOf": [schema, {"type": "null"}]});
    let not = |schema: Value| json!({"not": schema});
    vec![
        // Types.
        ("retyped", text(), json!({"type": "boolean"}), &["breaking type"], &["breaking type"]),
        ("wider number", json!({"type": "integer"}), json!({"type": "number"}), &["harmless type"], &["breaking type"]),
        (
            "narrower number",
            json!({"type": "number"}),
            json!({"type": "integer"}),
            &["breaking type"],
            &["harmless type"],
        ),
        ("one more type", text(), json!({"type": ["string", "boolean"]}), &["harmless type"], &["breaking type"]),
        ("anything now", text(), json!({}), &["harmless type"], &["breaking type"]),
        ("typed now", json!({}), text(), &["breaking type"], &["harmless type"]),
        ("nothing now", text(), json!(false), &["breaking schema"], &["harmless schema"]),
        // Null.
        ("may be null", text(), or_null(text()), &["harmless null"], &["breaking null"]),
        ("may be null, as a list", text(), json!({"type": ["string", "null"]}), &["harmless null"], &["breaking null"]),
        ("never null", or_null(text()), text(), &["breaking null"], &["harmless null"]),
        ("null said otherwise", or_null(text()), json!({"type": ["null", "string"]}), &[], &[]),
        (
            "more than null",
            json!({"type": "null"}),
            json!({"type": ["string", "null"]}),
            &["harmless type"],
            &["breaking type"],
        ),
        // Values.
        ("a value more", json!({"enum": ["a"]}), json!({"enum": ["a", "b"]}), &["harmless enum"], &["breaking enum"]),
        ("a value less", json!({"enum": ["a", "b"]}), json!({"enum": ["b"]}), &["breaking enum"], &["harmless enum"]),
        (
            "a value for another",
            json!({"enum": ["a", "b"]}),
            json!({"enum": ["a", "c"]}),
            &["breaking enum", "harmless enum"],
            &["breaking enum", "harmless enum"],
        ),
        ("values reordered", json!({"enum": ["a", "b"]}), json!({"enum": ["b", "a"]}), &[], &[]),
        ("const said as enum", json!({"const": "a"}), json!({"enum": ["a"], "type": "string"}), &[], &[]),
        (
            "values said with what they mean",
            json!({"type": "string", "enum": ["a", "b"]}),
            json!({"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "description": "B"}]}),
            &[],
            &[],
        ),
        (
            "values said with what they mean, beside their type and null",
            json!({"type": ["integer", "null"], "enum": [0, 2, null]}),
            json!({"type": ["integer", "null"], "anyOf": [{"const": 0}, {"enum": [2]}, {"type": "null"}]}),
            &[],
            &[],
        ),
        (
            "values said with what they mean, beside a bound and null",
            json!({"minimum": 0, "enum": [1, 2, null]}),
            json!({"minimum": 0, "anyOf": [{"const": 1}, {"const": 2}, {"type": "null"}]}),
            &[],
            &[],
        ),
        ("integers that say so", json!({"enum": [1, 2]}), json!({"type": "integer", "enum": [1, 2]}), &[], &[]),
        ("numbers that say so", json!({"enum": [1.5, 2.5]}), json!({"type": "number", "enum": [1.5, 2.5]}), &[], &[]),
        (
            "a value more, said with what it means",
            json!({"oneOf": [{"const": "a"}, {"const": "b"}]}),
            json!({"type": "string", "oneOf": [{"const": "a"}, {"const": "b"}, {"const": "c"}]}),
            &["harmless enum"],
            &["breaking enum"],
        ),
        ("limited", text(), json!({"type": "string", "enum": ["a"]}), &["breaking enum"], &["harmless enum"]),
        ("not limited", json!({"type": "string", "enum": ["a"]}), text(), &["harmless enum"], &["breaking enum"]),
        // Bounds.
        (
            "a bound narrowed",
            json!({"type": "integer", "maximum": 200}),
            json!({"type": "integer", "maximum": 100}),
            &["breaking maximum"],
            &["harmless maximum"],
        ),
        (
            "a bound narrowed by one, where floats are two apart",
            json!({"type": "integer", "maximum": 9_007_199_254_740_993_u64}),
            json!({"type": "integer", "maximum": 9_007_199_254_740_992_u64}),
            &["breaking maximum"],
            &["harmless maximum"],
        ),
        (
            "a bound widened",
            json!({"type": "integer", "minimum": 1}),
            json!({"type": "integer", "minimum": 0}),
            &["harmless minimum"],
            &["harmless minimum"],
        ),
        (
            "unsigned no more",
            json!({"type": "integer", "minimum": 0.0}),
            json!({"type": "integer"}),
            &["harmless minimum"],
            &["breaking minimum"],
        ),
        (
            "an equal bound",
            json!({"type": "integer", "minimum": 1}),
            json!({"type": "integer", "minimum": 1.0}),
            &[],
            &[],
        ),
        (
            "a bound came",
            json!({"type": "number"}),
            json!({"type": "number", "exclusiveMinimum": 0}),
            &["breaking exclusiveMinimum"],
            &["harmless exclusiveMinimum"],
        ),
        (
            "finer steps",
            json!({"type": "integer", "multipleOf": 4}),
            json!({"type": "integer", "multipleOf": 2}),
            &["harmless multipleOf"],
            &["harmless multipleOf"],
        ),
        (
            "coarser steps",
            json!({"type": "integer", "multipleOf": 2}),
            json!({"type": "integer", "multipleOf": 4}),
            &["breaking multipleOf"],
            &["harmless multipleOf"],
        ),
        // The client reads texts and lists of any size.
        (
            "maxLength came",
            text(),
            json!({"type": "string", "maxLength": 9}),
            &["breaking maxLength"],
            &["harmless maxLength"],
        ),
        (
            "maxLength went",
            json!({"type": "string", "maxLength": 9}),
            text(),
            &["harmless maxLength"],
            &["harmless maxLength"],
        ),
        ("minLength of 0", text(), json!({"type": "string", "minLength": 0}), &[], &[]),
        (
            "minLength of 1",
            text(),
            json!({"type": "string", "minLength": 1}),
            &["breaking minLength"],
            &["harmless minLength"],
        ),
        (
            "pattern came",
            text(),
            json!({"type": "string", "pattern": "^a"}),
            &["breaking pattern"],
            &["harmless pattern"],
        ),
        (
            "pattern changed",
            json!({"type": "string", "pattern": "^a"}),
            json!({"type": "string", "pattern": "^b"}),
            &["breaking pattern"],
            &["harmless pattern"],
        ),
        (
            "format came",
            text(),
            json!({"type": "string", "format": "uuid"}),
            &["breaking format"],
            &["harmless format"],
        ),
        (
            "a wider integer",
            json!({"type": "integer", "format": "int32"}),
            json!({"type": "integer", "format": "int64"}),
            &["harmless format"],
            &["harmless format"],
        ),
        (
            "unique now",
            json!({"type": "array"}),
            json!({"type": "array", "uniqueItems": true}),
            &["breaking uniqueItems"],
            &["harmless uniqueItems"],
        ),
        (
            "items retyped",
            json!({"type": "array", "items": text()}),
            json!({"type": "array", "items": {"type": "integer"}}),
            &["breaking type"],
            &["breaking type"],
        ),
        // Objects.
        (
            "an optional property more",
            object(json!({})),
            object(json!({"properties": {"a": text(), "b": text()}})),
            &["harmless property"],
            &["harmless property"],
        ),
        (
            "a required property more",
            object(json!({})),
            object(json!({"properties": {"a": text(), "b": text()}, "required": ["b"]})),
            &["breaking property"],
            &["harmless property"],
        ),
        (
            "a property less",
            object(json!({})),
            object(json!({"properties": {}})),
            &["breaking property"],
            &["breaking property"],
        ),
        (
            "required now",
            object(json!({})),
            object(json!({"required": ["a"]})),
            &["breaking required"],
            &["harmless required"],
        ),
        (
            "optional now",
            object(json!({"required": ["a"]})),
            object(json!({})),
            &["harmless required"],
            &["breaking required"],
        ),
        (
            "never null, in what is left out rather than sent as null",
            object(json!({"properties": {"a": or_null(text())}})),
            object(json!({})),
            &["harmless null"],
            &["harmless null"],
        ),
        (
            "closed to what the client never sends",
            object(json!({})),
            object(json!({"additionalProperties": false})),
            &["harmless additionalProperties"],
            &["harmless additionalProperties"],
        ),
        (
            "closed to what the client may send",
            object(json!({"additionalProperties": true})),
            object(json!({"additionalProperties": false})),
            &["breaking additionalProperties"],
            &["harmless additionalProperties"],
        ),
        (
            "open",
            object(json!({"additionalProperties": false})),
            object(json!({})),
            &["harmless additionalProperties"],
            &["harmless additionalProperties"],
        ),
        (
            "texts besides what is told, which nobody sends or reads",
            object(json!({})),
            object(json!({"additionalProperties": text()})),
            &["harmless additionalProperties"],
            &["harmless additionalProperties"],
        ),
        (
            "a map's values retyped",
            json!({"type": "object", "additionalProperties": text()}),
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            &["breaking type"],
            &["breaking type"],
        ),
        (
            "a property where the client may send any",
            json!({"type": "object"}),
            object(json!({})),
            &["breaking type", "harmless property"],
            &["harmless property"],
        ),
        // What goes one way alone.
        (
            "required of the backend",
            object(json!({})),
            object(
                json!({"properties": {"a": text(), "id": {"type": "string", "readOnly": true}}, "required": ["id"]}),
            ),
            &["harmless property"],
            &["harmless property"],
        ),
        (
            "required of the client",
            object(json!({})),
            object(
                json!({"properties": {"a": text(), "pw": {"type": "string", "writeOnly": true}}, "required": ["pw"]}),
            ),
            &["breaking property"],
            &["harmless property"],
        ),
        (
            "what the client never sent is gone",
            object(
                json!({"properties": {"a": text(), "id": {"type": "string", "readOnly": true}}, "required": ["id"]}),
            ),
            object(json!({})),
            &["harmless property"],
            &["breaking property"],
        ),
        (
            "what the client never read is gone",
            object(json!({"properties": {"a": text(), "pw": {"type": "string", "writeOnly": true}}})),
            object(json!({})),
            &["breaking property"],
            &["harmless property"],
        ),
        (
            "what the client never sent is sent",
            object(
                json!({"properties": {"a": text(), "id": {"type": "string", "readOnly": true}}, "required": ["id"]}),
            ),
            object(json!({"properties": {"a": text(), "id": text()}, "required": ["id"]})),
            &["breaking property"],
            &["harmless readOnly"],
        ),
        // Unions.
        (
            "a member more",
            text(),
            json!({"anyOf": [text(), {"type": "integer"}]}),
            &["harmless member"],
            &["breaking member"],
        ),
        (
            "a member less",
            json!({"anyOf": [text(), {"type": "integer"}]}),
            json!({"anyOf": [{"type": "integer"}]}),
            &["breaking member"],
            &["harmless member"],
        ),
        (
            "members reordered",
            json!({"anyOf": [text(), {"type": "integer"}]}),
            json!({"anyOf": [{"type": "integer"}, text()]}),
            &[],
            &[],
        ),
        (
            "a member narrowed",
            json!({"anyOf": [text(), {"type": "integer"}]}),
            json!({"anyOf": [text(), {"type": "integer", "maximum": 3}]}),
            &["breaking maximum"],
            &["harmless maximum"],
        ),
        (
            "several to hold",
            json!({"allOf": [{"type": "object"}]}),
            json!({"allOf": [{"type": "object"}, {"minProperties": 1}]}),
            &["breaking member"],
            &["harmless member"],
        ),
        (
            "a part of what has to hold narrowed, beside its type",
            json!({"type": "object", "allOf": [{"minProperties": 1}]}),
            json!({"type": "object", "allOf": [{"minProperties": 2}]}),
            &["breaking minProperties"],
            &["harmless minProperties"],
        ),
        (
            "one member alone may hold",
            json!({"anyOf": [text(), {"type": "integer"}]}),
            json!({"oneOf": [text(), {"type": "integer"}]}),
            &["breaking union"],
            &["harmless union"],
        ),
        (
            "several members may hold",
            json!({"oneOf": [text(), {"type": "integer"}]}),
            json!({"anyOf": [text(), {"type": "integer"}]}),
            &["harmless union"],
            &["breaking union"],
        ),
        (
            "members that changed, paired by their kind",
            json!({"anyOf": [text(), {"type": "integer"}]}),
            json!({"anyOf": [{"type": "number"}, {"type": "string", "maxLength": 9}]}),
            &["breaking maxLength", "harmless type"],
            &["breaking type", "harmless maxLength"],
        ),
        (
            "members of one kind, paired in their order",
            json!({"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "string", "maxLength": 9}]}),
            json!({"anyOf": [{"type": "string", "pattern": "^b"}, {"type": "string", "maxLength": 8}]}),
            &["breaking maxLength", "breaking pattern"],
            &["harmless maxLength", "harmless pattern"],
        ),
        (
            "one of several now, and narrower",
            text(),
            json!({"anyOf": [{"type": "string", "maxLength": 9}, {"type": "integer"}]}),
            &["breaking maxLength", "harmless member"],
            &["breaking member", "harmless maxLength"],
        ),
        (
            "one of several, then anything",
            json!({"anyOf": [text(), {"type": "integer"}]}),
            json!({}),
            &["harmless type"],
            &["breaking type"],
        ),
        (
            "anything, then all of several",
            json!({}),
            json!({"allOf": [{"type": "object"}, {"minProperties": 1}]}),
            &["breaking type"],
            &["harmless type"],
        ),
        // What surrounds a value.
        (
            "the same in an allOf of one",
            json!({"type": "string", "default": "a"}),
            json!({"allOf": [{"type": "string", "default": "a"}]}),
            &[],
            &[],
        ),
        (
            "the same in a union with null",
            json!({"type": ["string", "null"], "default": "a"}),
            json!({"anyOf": [{"type": "string", "default": "a"}, {"type": "null"}]}),
            &[],
            &[],
        ),
        (
            "another default",
            json!({"type": "string", "default": "a"}),
            json!({"type": "string", "default": "b"}),
            &["harmless default"],
            &["harmless default"],
        ),
        (
            "deprecated",
            text(),
            json!({"type": "string", "deprecated": true}),
            &["harmless deprecated"],
            &["harmless deprecated"],
        ),
        (
            "only read",
            text(),
            json!({"type": "string", "readOnly": true}),
            &["breaking readOnly"],
            &["harmless readOnly"],
        ),
        (
            "only written",
            text(),
            json!({"type": "string", "writeOnly": true}),
            &["harmless writeOnly"],
            &["breaking writeOnly"],
        ),
        // What nobody can weigh counts as breaking.
        ("not", text(), json!({"type": "string", "not": {"const": "a"}}), &["breaking not"], &["breaking not"]),
        (
            "within not",
            json!({"type": "string", "not": {"maxLength": 3}}),
            json!({"type": "string", "not": {"maxLength": 4}}),
            &["breaking maxLength"],
            &["breaking maxLength"],
        ),
        (
            "only read, within not",
            not(json!({"maxLength": 3})),
            not(json!({"maxLength": 3, "readOnly": true})),
            &["breaking readOnly"],
            &["breaking readOnly"],
        ),
        (
            "deprecated, within not",
            not(json!({"maxLength": 3})),
            not(json!({"maxLength": 3, "deprecated": true})),
            &["harmless deprecated"],
            &["harmless deprecated"],
        ),
        (
            "required, within not",
            not(object(json!({}))),
            not(object(json!({"required": ["a"]}))),
            &["breaking required"],
            &["breaking required"],
        ),
        (
            "others of a type, within not",
            not(object(json!({}))),
            not(object(json!({"additionalProperties": text()}))),
            &["breaking type"],
            &["breaking type"],
        ),
        (
            "closed, within not",
            not(object(json!({}))),
            not(object(json!({"additionalProperties": false}))),
            &["breaking additionalProperties"],
            &["breaking additionalProperties"],
        ),
        (
            "open, within not",
            not(object(json!({"additionalProperties": false}))),
            not(object(json!({}))),
            &["breaking additionalProperties"],
            &["breaking additionalProperties"],
        ),
        (
            "a keyword unknown",
            text(),
            json!({"type": "string", "future": 1}),
            &["breaking future"],
            &["breaking future"],
        ),
        // Prose.
        (
            "prose",
            json!({"type": "string", "title": "A", "description": "a", "examples": ["a"]}),
            json!({"type": "string", "title": "B", "description": "b", "example": "b", "x-order": 1, "$comment": "c"}),
            &[],
            &[],
        ),
        (
            "by what members are told apart",
            json!({"oneOf": [text(), {"type": "integer"}]}),
            json!({"oneOf": [text(), {"type": "integer"}], "discriminator": {"propertyName": "kind"}}),
            &[],
            &[],
        ),
        // Each keyword that narrows, in each direction.
        ("something now", json!(false), text(), &["harmless schema"], &["breaking schema"]),
        ("minLength of 0 went", json!({"type": "string", "minLength": 0}), json!({"type": "string"}), &[], &[]),
        ("minItems of 0 went", json!({"type": "array", "minItems": 0}), json!({"type": "array"}), &[], &[]),
        ("minProperties of 0 went", json!({"type": "object", "minProperties": 0}), json!({"type": "object"}), &[], &[]),
        (
            "a higher minLength",
            json!({"type": "string", "minLength": 1}),
            json!({"type": "string", "minLength": 2}),
            &["breaking minLength"],
            &["harmless minLength"],
        ),
        (
            "a lower minLength",
            json!({"type": "string", "minLength": 2}),
            json!({"type": "string", "minLength": 1}),
            &["harmless minLength"],
            &["harmless minLength"],
        ),
        (
            "a higher minItems",
            json!({"type": "array", "minItems": 1}),
            json!({"type": "array", "minItems": 2}),
            &["breaking minItems"],
            &["harmless minItems"],
        ),
        (
            "a lower minItems",
            json!({"type": "array", "minItems": 2}),
            json!({"type": "array", "minItems": 1}),
            &["harmless minItems"],
            &["harmless minItems"],
        ),
        (
            "a higher minProperties",
            json!({"type": "object", "minProperties": 1}),
            json!({"type": "object", "minProperties": 2}),
            &["breaking minProperties"],
            &["harmless minProperties"],
        ),
        (
            "a lower minProperties",
            json!({"type": "object", "minProperties": 2}),
            json!({"type": "object", "minProperties": 1}),
            &["harmless minProperties"],
            &["harmless minProperties"],
        ),
        (
            "a higher minimum",
            json!({"type": "number", "minimum": 1}),
            json!({"type": "number", "minimum": 2}),
            &["breaking minimum"],
            &["harmless minimum"],
        ),
        (
            "a lower minimum",
            json!({"type": "number", "minimum": 2}),
            json!({"type": "number", "minimum": 1}),
            &["harmless minimum"],
            &["harmless minimum"],
        ),
        (
            "a higher exclusiveMinimum",
            json!({"type": "number", "exclusiveMinimum": 1.5}),
            json!({"type": "number", "exclusiveMinimum": 2}),
            &["breaking exclusiveMinimum"],
            &["harmless exclusiveMinimum"],
        ),
        (
            "a lower exclusiveMinimum",
            json!({"type": "number", "exclusiveMinimum": 2}),
            json!({"type": "number", "exclusiveMinimum": 1.5}),
            &["harmless exclusiveMinimum"],
            &["harmless exclusiveMinimum"],
        ),
        (
            "a lower maxLength",
            json!({"type": "string", "maxLength": 1}),
            json!({"type": "string", "maxLength": 0}),
            &["breaking maxLength"],
            &["harmless maxLength"],
        ),
        (
            "a higher maxLength",
            json!({"type": "string", "maxLength": 0}),
            json!({"type": "string", "maxLength": 1}),
            &["harmless maxLength"],
            &["harmless maxLength"],
        ),
        (
            "maxLength of 0 came",
            json!({"type": "string"}),
            json!({"type": "string", "maxLength": 0}),
            &["breaking maxLength"],
            &["harmless maxLength"],
        ),
        (
            "a lower maxItems",
            json!({"type": "array", "maxItems": 1}),
            json!({"type": "array", "maxItems": 0}),
            &["breaking maxItems"],
            &["harmless maxItems"],
        ),
        (
            "a higher maxItems",
            json!({"type": "array", "maxItems": 0}),
            json!({"type": "array", "maxItems": 1}),
            &["harmless maxItems"],
            &["harmless maxItems"],
        ),
        (
            "maxItems of 0 came",
            json!({"type": "array"}),
            json!({"type": "array", "maxItems": 0}),
            &["breaking maxItems"],
            &["harmless maxItems"],
        ),
        (
            "a lower maxProperties",
            json!({"type": "object", "maxProperties": 1}),
            json!({"type": "object", "maxProperties": 0}),
            &["breaking maxProperties"],
            &["harmless maxProperties"],
        ),
        (
            "a higher maxProperties",
            json!({"type": "object", "maxProperties": 0}),
            json!({"type": "object", "maxProperties": 1}),
            &["harmless maxProperties"],
            &["harmless maxProperties"],
        ),
        (
            "maxProperties of 0 came",
            json!({"type": "object"}),
            json!({"type": "object", "maxProperties": 0}),
            &["breaking maxProperties"],
            &["harmless maxProperties"],
        ),
        (
            "a lower maximum",
            json!({"type": "number", "maximum": 1}),
            json!({"type": "number", "maximum": 0}),
            &["breaking maximum"],
            &["harmless maximum"],
        ),
        (
            "a higher maximum",
            json!({"type": "number", "maximum": 0}),
            json!({"type": "number", "maximum": 1}),
            &["harmless maximum"],
            &["harmless maximum"],
        ),
        (
            "maximum of 0 came",
            json!({"type": "number"}),
            json!({"type": "number", "maximum": 0}),
            &["breaking maximum"],
            &["harmless maximum"],
        ),
        (
            "a lower exclusiveMaximum",
            json!({"type": "number", "exclusiveMaximum": 0.5}),
            json!({"type": "number", "exclusiveMaximum": 0}),
            &["breaking exclusiveMaximum"],
            &["harmless exclusiveMaximum"],
        ),
        (
            "a higher exclusiveMaximum",
            json!({"type": "number", "exclusiveMaximum": 0}),
            json!({"type": "number", "exclusiveMaximum": 0.5}),
            &["harmless exclusiveMaximum"],
            &["harmless exclusiveMaximum"],
        ),
        (
            "exclusiveMaximum of 0 came",
            json!({"type": "number"}),
            json!({"type": "number", "exclusiveMaximum": 0}),
            &["breaking exclusiveMaximum"],
            &["harmless exclusiveMaximum"],
        ),
        (
            "minimum of 0 came",
            json!({"type": "integer"}),
            json!({"type": "integer", "minimum": 0}),
            &["breaking minimum"],
            &["harmless minimum"],
        ),
        (
            "minimum of 0 raised",
            json!({"type": "integer", "minimum": 0}),
            json!({"type": "integer", "minimum": 1}),
            &["breaking minimum"],
            &["harmless minimum"],
        ),
        (
            "minimum of 0 lowered",
            json!({"type": "integer", "minimum": 0}),
            json!({"type": "integer", "minimum": -1}),
            &["harmless minimum"],
            &["breaking minimum"],
        ),
        (
            "steps of another size",
            json!({"type": "integer", "multipleOf": 4}),
            json!({"type": "integer", "multipleOf": 6}),
            &["breaking multipleOf"],
            &["harmless multipleOf"],
        ),
        (
            "equal steps",
            json!({"type": "integer", "multipleOf": 4}),
            json!({"type": "integer", "multipleOf": 4.0}),
            &[],
            &[],
        ),
        (
            "int64 to int32",
            json!({"type": "integer", "format": "int64"}),
            json!({"type": "integer", "format": "int32"}),
            &["breaking format"],
            &["harmless format"],
        ),
        (
            "float to double",
            json!({"type": "number", "format": "float"}),
            json!({"type": "number", "format": "double"}),
            &["harmless format"],
            &["harmless format"],
        ),
        (
            "double to float",
            json!({"type": "number", "format": "double"}),
            json!({"type": "number", "format": "float"}),
            &["breaking format"],
            &["harmless format"],
        ),
        (
            "a pattern that reads like a format",
            json!({"type": "string", "pattern": "float"}),
            json!({"type": "string", "pattern": "double"}),
            &["breaking pattern"],
            &["harmless pattern"],
        ),
        (
            "format went",
            json!({"type": "string", "format": "uuid"}),
            text(),
            &["harmless format"],
            &["harmless format"],
        ),
        (
            "need not be unique",
            json!({"type": "array", "uniqueItems": true}),
            json!({"type": "array", "uniqueItems": false}),
            &["harmless uniqueItems"],
            &["harmless uniqueItems"],
        ),
        (
            "properties are told no more",
            object(json!({})),
            json!({"type": "object"}),
            &["breaking property"],
            &["breaking property"],
        ),
        (
            "closed no more, as nothing else is told",
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object"}),
            &["harmless additionalProperties"],
            &["harmless additionalProperties"],
        ),
        (
            "required without being declared",
            json!({"type": "object"}),
            json!({"type": "object", "required": ["a"]}),
            &["breaking required"],
            &["harmless required"],
        ),
        (
            "required no more without being declared",
            json!({"type": "object", "required": ["a"]}),
            json!({"type": "object"}),
            &["harmless required"],
            &["breaking required"],
        ),
        (
            "optional now, where it may be null",
            object(json!({"properties": {"a": or_null(text())}, "required": ["a"]})),
            object(json!({"properties": {"a": or_null(text())}})),
            &["harmless required"],
            &["breaking required"],
        ),
        (
            "a keyword unknown, changed",
            json!({"type": "string", "future": "a"}),
            json!({"type": "string", "future": "b"}),
            &["breaking future"],
            &["breaking future"],
        ),
        (
            "a keyword unknown that holds a list",
            json!({"type": "string", "future": [1]}),
            json!({"type": "string", "future": [2]}),
            &["breaking future"],
            &["breaking future"],
        ),
        (
            "a keyword unknown that holds an object",
            json!({"type": "string", "future": {"a": 1}}),
            json!({"type": "string", "future": {"a": 2}}),
            &["breaking future"],
            &["breaking future"],
        ),
        (
            "a tuple's item retyped",
            json!({"type": "array", "prefixItems": [{"type": "string"}]}),
            json!({"type": "array", "prefixItems": [{"type": "integer"}]}),
            &["breaking type"],
            &["breaking type"],
        ),
        (
            "a tuple longer",
            json!({"type": "array", "prefixItems": [{"type": "string"}]}),
            json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]}),
            &["breaking prefixItems"],
            &["breaking prefixItems"],
        ),
        (
            "prose in a tuple",
            json!({"type": "array", "prefixItems": [{"type": "string"}]}),
            json!({"type": "array", "prefixItems": [{"type": "string", "description": "a"}]}),
            &[],
            &[],
        ),
        (
            "a pattern's properties retyped",
            json!({"type": "object", "patternProperties": {"^a": {"type": "string"}}}),
            json!({"type": "object", "patternProperties": {"^a": {"type": "integer"}}}),
            &["breaking type"],
            &["breaking type"],
        ),
        (
            "another pattern of properties",
            json!({"type": "object", "patternProperties": {"^a": {"type": "string"}}}),
            json!({"type": "object", "patternProperties": {"^b": {"type": "string"}}}),
            &["breaking patternProperties"],
            &["breaking patternProperties"],
        ),
        (
            "a pattern of properties more",
            json!({"type": "object", "patternProperties": {"^a": {"type": "string"}}}),
            json!({"type": "object", "patternProperties": {"^a": {"type": "string"}, "^b": {"type": "string"}}}),
            &["breaking patternProperties"],
            &["breaking patternProperties"],
        ),
        (
            "a union beside another keyword",
            json!({"type": "string", "anyOf": [{"maxLength": 3}, {"minLength": 9}]}),
            json!({"type": "string", "anyOf": [{"maxLength": 4}, {"minLength": 9}]}),
            &["breaking maxLength"],
            &["breaking maxLength"],
        ),
    ]
}

#[test]
fn a_change_is_weighed_by_the_way_that_values_travel() {
    for (name, old, new, sent, read) in cases() {
        assert_eq!(changed("Body", &old, &new), sent, "sent: {name}");
        assert_eq!(changed("Read", &old, &new), read, "read: {name}");
    }
}

#[test]
fn no_change_of_a_failure_breaks_the_client() {
    for (name, old, new, ..) in cases() {
        let found = changed("Failure", &old, &new);
        assert!(found.iter().all(|line| line.starts_with("harmless ")), "{name}: {found:?}");
        let elsewhere = changed("Read", &old, &new);
        assert_eq!(found.is_empty(), elsewhere.is_empty(), "{name}");
    }
}

#[test]
fn what_does_not_change_is_not_reported() {
    for (name, old, new, ..) in cases() {
        for schema in [old, new] {
            for component in ["Body", "Read", "Failure"] {
                assert!(changed(component, &schema, &schema).is_empty(), "{name}: {schema}");
            }
        }
    }
}

/// A named schema may be written out where it is used, and the other way round.
#[test]
fn a_reference_is_what_it_leads_to() {
    for (name, old, new, sent, read) in cases() {
        for (component, expected) in [("Body", sent), ("Read", read)] {
            let (mut imported, mut live) = (document(), live());
            imported["components"]["schemas"][component]["properties"]["it"] = old.clone();
            live["components"]["schemas"][component]["properties"]["it"] = json!({"$ref": "#/components/schemas/It"});
            live["components"]["schemas"]["It"] = new.clone();
            assert_eq!(summary(&compare(&imported, &live).unwrap()), expected, "{component}, {name}");
        }
    }
}

/// A property goes one way alone if what it refers to says so.
#[test]
fn a_reference_may_lead_to_what_goes_one_way() {
    let document_with = |mark: &str, properties: Value, required: Value| {
        let mut document = live();
        let schema = json!({"type": "object", "properties": properties, "required": required});
        for component in ["Body", "Read"] {
            document["components"]["schemas"][component] = schema.clone();
        }
        document["components"]["schemas"]["Marked"] = json!({"type": "string", mark: true});
        document
    };
    let text = json!({"type": "string"});
    let without = |mark| document_with(mark, json!({"it": text}), json!(["it"]));
    let with = |mark| {
        let marked = json!({"$ref": "#/components/schemas/Marked"});
        document_with(mark, json!({"it": text, "a": marked}), json!(["it", "a"]))
    };
    for (mark, came, gone) in [
        ("readOnly", ["harmless property"; 2], ["breaking property", "harmless property"]),
        ("writeOnly", ["breaking property", "harmless property"], ["breaking property", "harmless property"]),
    ] {
        let as_imported = |mut document: Value| {
            document["x-left-out"] = super::document()["x-left-out"].clone();
            document["paths"].as_object_mut().unwrap().remove("/private/old");
            document
        };
        assert_eq!(summary(&compare(&as_imported(without(mark)), &with(mark)).unwrap()), came, "{mark} came");
        assert_eq!(summary(&compare(&as_imported(with(mark)), &without(mark)).unwrap()), gone, "{mark} went");
    }
}

#[test]
fn a_shared_schema_is_reported_once_with_all_operations_that_reach_it() {
    let contract =
        super::CONTRACT.to_owned() + "[public.again]\ncall = \"POST /b\"\nanswer = \"Answer\"\nrepeat = false\n";
    let mut imported = document();
    let node = json!({"type": "object", "properties": {
        "next": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
        "size": {"type": "integer", "maximum": 200},
    }});
    imported["components"]["schemas"]["Node"] = node;
    imported["components"]["schemas"]["Body"]["properties"]["it"] = json!({"$ref": "#/components/schemas/Node"});
    let body = imported["paths"]["/a/{id}"]["post"]["requestBody"].clone();
    let responses = imported["paths"]["/a/{id}"]["post"]["responses"].clone();
    imported["paths"]["/b"] = json!({"post": {"operationId": "b", "requestBody": body, "responses": responses}});
    let mut live = imported.clone();
    live["components"]["schemas"]["Node"]["properties"]["size"]["maximum"] = json!(100);

    let imported = imported.to_string();
    let texts = xtask::Texts { contract: &contract, schemas: super::SCHEMAS.as_bytes(), imported: imported.as_bytes() };
    let drift = xtask::drift_between(texts, live.to_string().as_bytes()).unwrap();
    let changes: Vec<_> = drift.changes.iter().filter(|change| change.what != "operation").collect();
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(change.place, "components/schemas/Node/properties/size");
    assert_eq!((&change.was, &change.is), (&json!(200), &json!(100)));
    let names: Vec<_> = change.operations.iter().map(|operation| operation.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["act", "again"]);
}

/// Two documents that refer to themselves out of step.
#[test]
fn references_that_never_meet_come_to_an_end() {
    let (mut imported, mut live) = (document(), live());
    let reference = json!({"$ref": "#/components/schemas/Body"});
    let inner = json!({"type": "object", "properties": {"it": reference}});
    imported["components"]["schemas"]["Body"]["properties"] = json!({"it": reference});
    imported["components"]["schemas"]["Body"].as_object_mut().unwrap().remove("required");
    live["components"]["schemas"]["Body"]["properties"] =
        json!({"it": {"type": "object", "properties": {"it": inner}}});
    live["components"]["schemas"]["Body"].as_object_mut().unwrap().remove("required");
    assert!(summary(&compare(&imported, &live).unwrap()).is_empty());
}

/// A part of an answer: its schema, and whether it has to be there.
type Part = (Value, bool);

/// Where the document itself types an answer, the client's types take more than it says.
#[test]
fn what_the_client_reads_beyond_the_document_is_harmless() {
    let text = || json!({"type": "string"});
    let or_null = |schema: Value| json!({"anyOf": [schema, {"type": "null"}]});
    let of = |values: Value| json!({"enum": values});
    let cases: [(&str, Part, Part, &[&str]); 19] = [
        ("a value more", (of(json!(["a"])), true), (of(json!(["a", "b"])), true), &["harmless enum"]),
        ("a number more", (of(json!([1])), true), (of(json!([1, 2])), true), &["harmless enum"]),
        ("a boolean more", (json!({"const": true}), true), (json!({"type": "boolean"}), true), &["harmless enum"]),
        ("another value", (json!({"const": "a"}), true), (json!({"const": "b"}), true), &["harmless enum"; 2]),
        ("not limited", (of(json!(["a"])), true), (text(), true), &["harmless enum"]),
        (
            "a value more of a list's items",
            (json!({"type": "array", "items": of(json!(["a"]))}), true),
            (json!({"type": "array", "items": of(json!(["a", "b"]))}), true),
            &["harmless enum"],
        ),
        (
            "a value of another type",
            (of(json!(["a"])), true),
            (of(json!(["a", 1])), true),
            &["breaking type", "harmless enum"],
        ),
        (
            "a value more, or null",
            (of(json!(["a"])), false),
            (of(json!(["a", "b", null])), false),
            &["harmless enum", "harmless null"],
        ),
        ("null for what may stay away", (text(), false), (or_null(text()), false), &["harmless null"]),
        (
            "null for a list that may",
            (json!({"type": "array"}), false),
            (or_null(json!({"type": "array"})), false),
            &["harmless null"],
        ),
        ("null for what has to be there", (text(), true), (or_null(text()), true), &["breaking null"]),
        (
            "null among a list's items",
            (json!({"type": "array", "items": text()}), false),
            (json!({"type": "array", "items": or_null(text())}), false),
            &["breaking null"],
        ),
        (
            "null deep in what may stay away",
            (json!({"type": "object", "properties": {"a": text()}, "required": ["a"]}), false),
            (json!({"type": "object", "properties": {"a": or_null(text())}, "required": ["a"]}), false),
            &["breaking null"],
        ),
        ("absent, where it may be null", (or_null(text()), true), (or_null(text()), false), &["harmless required"]),
        (
            "absent, where it may be null alone",
            (or_null(text()), true),
            (text(), false),
            &["harmless null", "harmless required"],
        ),
        ("absent", (text(), true), (text(), false), &["breaking required"]),
        ("absent or null", (text(), true), (or_null(text()), false), &["breaking null", "breaking required"]),
        ("another type", (text(), false), (json!({"type": "integer"}), false), &["breaking type"]),
        ("a type more", (text(), false), (json!({"type": ["string", "integer"]}), false), &["breaking type"]),
    ];
    let contract = CONTRACT.replace("answer = \"Answer\"", "");
    for (name, old, new, expected) in cases {
        let (mut imported, mut live) = (document(), live());
        for (document, (schema, is_required)) in [(&mut imported, old), (&mut live, new)] {
            let read = &mut document["components"]["schemas"]["Read"];
            read["properties"]["it"] = schema;
            read["required"] = if is_required { json!(["it"]) } else { json!([]) };
        }
        let drift = compare_under(&contract, "{}", &imported, &live).unwrap();
        assert_eq!(summary(&drift), expected, "{name}");
    }
}

/// What stands beside a reference holds as well as what it leads to.
#[test]
fn a_reference_beside_other_keywords_is_followed() {
    let beside = |target: &str| json!({"$ref": format!("#/components/schemas/{target}"), "maxLength": 9});
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    for (target, old, new, expected) in [
        ("Text", text("^a"), text("^a"), &[][..]),
        ("Text", text("^a"), text("^b"), &["breaking pattern"]),
        ("Renamed", text("^a"), text("^a"), &[]),
        ("Renamed", text("^a"), text("^b"), &["breaking pattern"]),
    ] {
        let (mut imported, mut live) = (document(), live());
        imported["components"]["schemas"]["Body"]["properties"]["it"] = beside("Text");
        imported["components"]["schemas"]["Text"] = old;
        live["components"]["schemas"]["Body"]["properties"]["it"] = beside(target);
        live["components"]["schemas"][target] = new;
        assert_eq!(summary(&compare(&imported, &live).unwrap()), expected, "{target}");
    }
}

/// The bound on the work grows with the documents: of a large one that is compared in one pass, no part is given up.
#[test]
fn large_documents_are_compared_whole() {
    let values: Vec<_> = (0..4_000).map(|index| format!("{index:050}")).collect();
    let (mut imported, mut live) = (document(), live());
    for (document, values) in [(&mut imported, &values[1..]), (&mut live, &values[..])] {
        document["components"]["schemas"]["Body"]["properties"]["it"] = json!({"type": "string", "enum": values});
    }
    let contract = CONTRACT.replace("answer = \"Answer\"", "");
    assert_eq!(summary(&compare_under(&contract, "{}", &imported, &live).unwrap()), ["harmless enum"]);
}
