//! Each fix-up before and after, and each refusal.

use super::*;

/// Refers to a component.
fn refer(lowering: &mut Lowering<'_>, name: &str) -> Result<Value> {
    let reference = json!({"$ref": reference::to_component(name)});
    lowering.schema(reference, Role::Part, &Place::new("test"), "Test")
}

/// A lowered property, the components made besides, and the notes.
type Lowered = (Value, BTreeMap<String, Value>, Vec<String>);

/// Lowers a property of a component.
fn lower_noting(side: Side, schema: Value, others: Value) -> Result<Lowered> {
    let mut components = others.as_object().unwrap().clone();
    components.insert("Holder".to_owned(), json!({"type": "object", "properties": {"it": schema}}));
    let mut lowering = Lowering::new(side, &components, "components/schemas");
    refer(&mut lowering, "Holder")?;
    let (mut lowered, notes) = lowering.finish()?;
    let holder = lowered.remove("Holder").unwrap();
    Ok((holder["properties"]["it"].clone(), lowered, notes))
}

/// As [`lower_noting`], of what can be typed.
fn lower_with(side: Side, schema: Value, others: Value) -> Result<(Value, BTreeMap<String, Value>)> {
    let (lowered, made, notes) = lower_noting(side, schema, others)?;
    assert_eq!(notes, [""; 0]);
    Ok((lowered, made))
}

fn others() -> Value {
    json!({
        "Author": {"type": "object", "properties": {"name": {"type": "string"}}},
        "Kind": {"type": "string", "enum": ["novel", "essay"]},
    })
}

fn lower(side: Side, schema: Value) -> Value {
    let (lowered, made) = lower_with(side, schema, others()).unwrap();
    // What became a type of its own is shown where it stood.
    match lowered["$ref"].as_str().and_then(reference::component) {
        Some(name) if name.starts_with("Holder") => made[name].clone(),
        _ => lowered,
    }
}

#[track_caller]
fn mends(side: Side, before: Value, after: Value) {
    assert_eq!(lower(side, before), after);
}

#[track_caller]
fn refuses(side: Side, schema: Value, problem: &str) {
    let error = lower_noting(side, schema, others()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(problem), "{text}");
    assert!(text.starts_with("components/schemas/Holder/properties/it"), "{text}");
    assert_eq!(error.kind(), Kind::Unlowerable);
}

/// What can't be typed is free JSON in what is sent, with a note that says where and why; in what was written by hand
/// it is refused.
#[track_caller]
fn frees(schema: Value, free: Value, problem: &str) {
    let (lowered, _, notes) = lower_noting(Side::Request, schema.clone(), others()).unwrap();
    assert_eq!(lowered, free, "{schema}");
    let [note] = notes.as_slice() else { panic!("{schema}: {notes:?}") };
    assert!(note.starts_with("components/schemas/Holder/properties/it: is "), "{note}");
    assert!(note.contains(problem), "{problem:?} in {note}");
    refuses(Side::Shape, schema, problem);
}

/// Lowers the schema of a parameter.
fn parameter(role: Role, schema: Value) -> Result<Value> {
    let components = json!({
        "Kind": {"type": "string", "enum": ["novel", "essay"]},
        "Level": {"oneOf": [{"const": 1, "title": "LOW"}, {"const": 2, "title": "HIGH"}]},
        "Maybe": {"type": ["integer", "null"]},
        "Author": {"type": "object"},
        "Circle": {"anyOf": [{"$ref": "#/components/schemas/Circle"}, {"$ref": "#/components/schemas/Circle"}]},
    });
    let mut lowering = Lowering::new(Side::Request, components.as_object().unwrap(), "components/schemas");
    let place = Place::new("test");
    lowering.schema(schema, role, &place, "ListLimit")
}

const AUTHOR: &str = "#/components/schemas/Author";

#[test]
fn drop_annotations() {
    mends(
        Side::Shape,
        json!({
            "type": "string",
            "title": "Kind",
            "description": "prose",
            "examples": ["a"],
            "example": "a",
            "deprecated": true,
            "readOnly": true,
            "$comment": "prose",
            "x-rust-type": {"crate": "std"},
        }),
        json!({"type": "string"}),
    );
}

#[test]
fn drop_annotations_keeps_the_titles_that_name_variants() {
    mends(
        Side::Shape,
        json!({
            "title": "Retracted At",
            "oneOf": [
                {"title": "EpochSeconds", "type": "number"},
                {"title": "Gone", "type": "object", "properties": {}},
            ],
        }),
        json!({
            "oneOf": [
                {"title": "EpochSeconds", "type": "number"},
                {"type": "object", "properties": {}},
            ],
        }),
    );
}

#[test]
fn drop_defaults() {
    let schema = json!({"type": "string", "default": "local"});
    mends(Side::Request, schema.clone(), json!({"type": "string"}));
    mends(Side::Shape, schema.clone(), schema.clone());
    let (lowered, _) = lower_with(Side::Answer, schema, others()).unwrap();
    assert_eq!(lowered, json!({"type": "string", "nullable": true}));
}

#[test]
fn type_list() {
    mends(Side::Shape, json!({"type": ["string", "null"]}), json!({"type": "string", "nullable": true}));
    mends(Side::Shape, json!({"type": ["string"]}), json!({"type": "string"}));
    mends(
        Side::Shape,
        json!({"type": ["string", "integer"]}),
        json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
    );
    mends(
        Side::Shape,
        json!({"type": ["object", "null"], "additionalProperties": true}),
        json!({"type": "object", "additionalProperties": true, "nullable": true}),
    );
    // Each type takes the keywords that are its own.
    mends(
        Side::Shape,
        json!({"type": ["string", "array", "integer"], "items": {"type": "integer"}, "maxLength": 3, "minimum": 0}),
        json!({"oneOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "integer"}},
            {"type": "integer", "minimum": 0},
        ]}),
    );
    frees(json!({"type": ["string", "integer"], "enum": ["a", 1]}), json!({}), "several types, and \"enum\" beside");
    let (lowered, _) =
        lower_with(Side::Request, json!({"type": ["string", "integer"], "nullable": true}), others()).unwrap();
    assert_eq!(lowered, json!({"allOf": [{"$ref": "#/components/schemas/HolderIt"}], "nullable": true}));
}

#[test]
fn null_member() {
    for union in ["anyOf", "oneOf"] {
        mends(
            Side::Request,
            json!({union: [{"type": "integer", "minimum": 0.0}, {"type": "null"}], "title": "It"}),
            json!({"type": "integer", "minimum": 0, "nullable": true}),
        );
    }
    mends(
        Side::Request,
        json!({"anyOf": [{"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "null"}]}),
        json!({"type": "string", "nullable": true}),
    );
    let (lowered, made) = lower_with(
        Side::Request,
        json!({"anyOf": [{"type": "string"}, {"type": "integer"}, {"const": null}]}),
        others(),
    )
    .unwrap();
    assert_eq!(lowered, json!({"allOf": [{"$ref": "#/components/schemas/HolderIt"}], "nullable": true}));
    assert_eq!(made["HolderIt"], json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}));
}

/// The whole may be null if one of its members may.
#[test]
fn null_in_a_members_types() {
    let either = json!({"oneOf": [{"type": "string"}, {"type": "integer"}]});
    for (types, nullable) in [(json!(["string", "null"]), true), (json!(["string"]), false)] {
        for side in [Side::Request, Side::Shape, Side::Answer] {
            for union in ["anyOf", "oneOf"] {
                let holder = json!({
                    "type": "object",
                    "properties": {"a": {union: [{"type": types}, {"type": "integer"}]}},
                    "required": ["a"],
                });
                let (_, made) = lower_with(side, holder, others()).unwrap();
                let reference = json!({"$ref": "#/components/schemas/HolderItA"});
                let expected = if nullable { json!({"allOf": [reference], "nullable": true}) } else { reference };
                assert_eq!(made["HolderIt"]["properties"]["a"], expected, "{types}");
                assert_eq!(made["HolderItA"], either);
            }
        }
    }
}

#[test]
fn null_in_enum() {
    let (lowered, made) =
        lower_with(Side::Request, json!({"type": ["string", "null"], "enum": ["a", null]}), others()).unwrap();
    assert_eq!(lowered, json!({"allOf": [{"$ref": "#/components/schemas/HolderIt"}], "nullable": true}));
    assert_eq!(made["HolderIt"], json!({"type": "string", "enum": ["a"]}));
}

#[test]
fn nullable_component() {
    let maybe = |schema: Value| {
        let (lowered, made) =
            lower_with(Side::Shape, json!({"$ref": "#/components/schemas/Maybe"}), json!({"Maybe": schema})).unwrap();
        assert_eq!(lowered, json!({"allOf": [{"$ref": "#/components/schemas/Maybe"}], "nullable": true}));
        made["Maybe"].clone()
    };
    assert_eq!(maybe(json!({"type": ["string", "null"]})), json!({"type": "string"}));
    assert_eq!(maybe(json!({"anyOf": [{"type": "object"}, {"type": "null"}]})), json!({"type": "object"}));
    assert_eq!(maybe(json!({"type": "string", "nullable": true})), json!({"type": "string"}));
    assert_eq!(maybe(json!({"enum": ["a", null]})), json!({"type": "string", "enum": ["a"]}));
}

#[test]
fn single_all_of() {
    mends(
        Side::Request,
        json!({"allOf": [{"$ref": AUTHOR}], "description": "prose", "title": "Author"}),
        json!({"$ref": AUTHOR}),
    );
}

#[test]
fn reference_with_siblings() {
    mends(
        Side::Request,
        json!({"anyOf": [{"$ref": AUTHOR}, {"type": "null"}]}),
        json!({"allOf": [{"$ref": AUTHOR}], "nullable": true}),
    );
    let with_default = json!({"$ref": "#/components/schemas/Kind", "default": "novel", "title": "Kind"});
    mends(Side::Request, with_default.clone(), json!({"$ref": "#/components/schemas/Kind"}));
    mends(Side::Shape, with_default, json!({"allOf": [{"$ref": "#/components/schemas/Kind"}], "default": "novel"}));
    // What says again what the component says.
    mends(Side::Request, json!({"$ref": AUTHOR, "type": "object"}), json!({"$ref": AUTHOR}));
}

#[test]
fn merged() {
    let name = json!({"name": {"type": "string"}});
    let born = json!({"born": {"type": "integer"}});
    let both = json!({"type": "object", "properties": {"name": {"type": "string"}, "born": {"type": "integer"}}});
    let born_object = json!({"type": "object", "properties": born});
    for schema in [
        json!({"allOf": [{"$ref": AUTHOR}, born_object]}),
        json!({"allOf": [{"$ref": AUTHOR}, {"properties": born}]}),
        json!({"allOf": [{"$ref": AUTHOR}], "properties": born}),
        json!({"$ref": AUTHOR, "properties": born}),
        json!({"allOf": [{"allOf": [{"$ref": AUTHOR}, {"$ref": AUTHOR}]}, {"$ref": AUTHOR, "properties": born}]}),
        json!({"allOf": [{"allOf": [true, {"$ref": AUTHOR}]}, born_object]}),
        json!({"allOf": [{"$ref": AUTHOR, "description": "x"}, {"properties": born, "description": "y"}]}),
        json!({"allOf": [{"properties": name, "additionalProperties": false, "type": "object"}, {"properties": born}, {"additionalProperties": {}}]}),
    ] {
        let mut expected = both.clone();
        if schema.to_string().contains("additionalProperties") {
            expected["additionalProperties"] = json!({});
        }
        mends(Side::Request, schema.clone(), expected.clone());
        mends(Side::Shape, schema, expected);
    }
    // A part that says nothing, and a reference that is left.
    mends(Side::Request, json!({"allOf": [{"$ref": AUTHOR}, {"description": "x"}, true]}), json!({"$ref": AUTHOR}));
    mends(
        Side::Request,
        json!({"allOf": [{"$ref": AUTHOR}, {"description": "x"}], "nullable": true}),
        json!({"allOf": [{"$ref": AUTHOR}], "nullable": true}),
    );
    mends(
        Side::Request,
        json!({"allOf": [{"type": "string"}], "nullable": true}),
        json!({"type": "string", "nullable": true}),
    );
    mends(Side::Request, json!({"allOf": [{}, true], "type": "string"}), json!({"type": "string"}));
    // The default of the whole, and bounds that no type is held against.
    mends(
        Side::Shape,
        json!({"allOf": [{"type": "string", "maxLength": 3}, {"maxLength": 5}], "default": "a"}),
        json!({"type": "string", "default": "a"}),
    );
    // What is said of one property by both.
    mends(
        Side::Request,
        json!({"allOf": [
            {"properties": {"a": {"type": "string", "maxLength": 3}, "b": {"enum": ["x", "y"]}}, "required": ["a"]},
            {"properties": {"a": {"minLength": 1}, "b": {"type": "string"}}, "required": ["b", "a"]},
        ]}),
        json!({
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"$ref": "#/components/schemas/HolderItB"}},
            "required": ["a", "b"],
        }),
    );
    mends(Side::Request, json!({"allOf": [{"type": "number"}, {"type": "integer"}]}), json!({"type": "integer"}));
    frees(json!({"allOf": [{"type": "string"}, {"type": "integer"}]}), json!({}), "different type");
    frees(
        json!({"allOf": [{"$ref": AUTHOR}, {"oneOf": [{"$ref": AUTHOR}, {"type": "object"}]}]}),
        json!({"type": "object"}),
        "",
    );
}

/// Written out, it never ends: each of its parts is a new one of both.
#[test]
fn merged_without_end() {
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let knot = |other: &str| {
        json!({"type": "object", "properties": {
            "x": {"allOf": [to("A"), to("B")]}, "y": {"allOf": [to("B"), to("A")]}, other: {"type": "string"},
        }})
    };
    let (_, made, notes) = lower_noting(Side::Request, to("A"), json!({"A": knot("a"), "B": knot("b")})).unwrap();
    assert!(made.len() < 5_000, "{}", made.len());
    assert!(notes.iter().any(|note| note.contains("more ways than can be written out")), "{notes:?}");
}

#[test]
fn nullable_anything() {
    mends(Side::Request, json!({"anyOf": [{}, {"type": "null"}], "title": "Any"}), json!({}));
    mends(Side::Request, json!({"anyOf": [true, {"type": "null"}]}), json!({}));
    mends(Side::Request, json!({"minimum": 1, "nullable": true}), json!({}));
    mends(Side::Request, json!(true), json!({}));
}

/// A member that is alone in its union, and what stands beside the union.
#[test]
fn union_of_one() {
    mends(Side::Request, json!({"type": "string", "anyOf": [{"type": "string"}]}), json!({"type": "string"}));
    mends(
        Side::Shape,
        json!({"default": "a", "oneOf": [{"type": "string", "default": "b"}]}),
        json!({"type": "string", "default": "a"}),
    );
    mends(
        Side::Request,
        json!({"oneOf": [
            {"type": "integer"},
            {"type": "string", "title": "Outside", "anyOf": [{"type": "string", "title": "Within"}]},
        ]}),
        json!({"oneOf": [{"type": "integer"}, {"type": "string", "title": "Outside"}]}),
    );
    let of_another_type = json!({"type": "string", "anyOf": [{"type": "integer"}]});
    frees(of_another_type, json!({"type": "string"}), "says \"type\" both beside and within a union of one");
}

#[test]
fn single_value_enum() {
    mends(Side::Request, json!({"const": "chat", "title": "Type"}), json!({"type": "string", "enum": ["chat"]}));
}

#[test]
fn annotated_values() {
    for union in ["anyOf", "oneOf"] {
        mends(
            Side::Request,
            json!({"type": "integer", union: [{"title": "TEXT", "const": 0}, {"title": "VOICE", "const": 2}]}),
            json!({"type": "integer", "enum": [0, 2]}),
        );
        mends(
            Side::Shape,
            json!({union: [{"const": "asc", "description": "Up"}, {"enum": ["desc"], "type": "string"}]}),
            json!({"type": "string", "enum": ["asc", "desc"]}),
        );
    }
    let (lowered, made) =
        lower_with(Side::Request, json!({"oneOf": [{"const": "a"}, {"const": "b"}, {"type": "null"}]}), others())
            .unwrap();
    assert_eq!(lowered, json!({"allOf": [{"$ref": "#/components/schemas/HolderIt"}], "nullable": true}));
    assert_eq!(made["HolderIt"], json!({"type": "string", "enum": ["a", "b"]}));
    for (keyword, beside) in [("enum", json!(["a"])), ("const", json!("a"))] {
        let both = json!({keyword: beside, "oneOf": [{"const": "a"}, {"const": "b"}]});
        frees(both, json!({"type": "string"}), "both an enum and oneOf of values");
    }
}

#[test]
fn repeated_values() {
    mends(Side::Request, json!({"enum": ["a", "b", "a"]}), json!({"type": "string", "enum": ["a", "b"]}));
}

#[test]
fn number_enum() {
    mends(Side::Request, json!({"enum": [1.5, 2]}), json!({"type": "number"}));
    mends(Side::Shape, json!({"enum": [1, 2]}), json!({"type": "integer"}));
    assert_eq!(parameter(Role::Text, json!({"enum": [1, 2]})).unwrap(), json!({"type": "integer"}));
    frees(json!({"enum": ["a", 1]}), json!({}), "other than strings, numbers or booleans");
}

#[test]
fn variants_of_one_name() {
    for values in [
        json!(["+1", "-1", "laugh"]),
        json!(["<", "<=", ">"]),
        json!(["RS256", "rs256"]),
        json!(["a-b", "a_b"]),
        json!(["", "x"]),
        json!(["1", "x1"]),
        json!(["self", "Self"]),
    ] {
        frees(json!({"type": "string", "enum": values}), json!({"type": "string"}), "one name in Rust");
    }
    frees(json!({"enum": ["µs", "ms", "s"]}), json!({"type": "string"}), "\"µs\"");
    let nullable = json!({"type": ["string", "null"], "enum": ["a", "A", null]});
    frees(nullable, json!({"type": "string", "nullable": true}), "one name in Rust");
    let distinct = json!({"type": "string", "enum": ["", "+1", "laugh", "a b", "ab c", "2nd"]});
    mends(Side::Request, distinct.clone(), distinct);
}

#[test]
fn untyped_enum() {
    mends(Side::Request, json!({"enum": ["a", "b"]}), json!({"type": "string", "enum": ["a", "b"]}));
    for values in [json!([1, 2]), json!([-1, 2])] {
        mends(Side::Request, json!({"enum": values}), json!({"type": "integer", "enum": values}));
    }
}

#[test]
fn boolean_enum() {
    mends(Side::Request, json!({"const": true}), json!({"type": "boolean"}));
}

#[test]
fn distinct_members() {
    mends(
        Side::Request,
        json!({"anyOf": [{"type": "string"}, {"$ref": AUTHOR}]}),
        json!({"oneOf": [{"type": "string"}, {"$ref": AUTHOR}]}),
    );
    // The type of values tells members apart as well.
    let (integer, string) = (json!({"type": "integer"}), json!({"type": "string"}));
    for (fixed, other, lowered) in [
        (json!({"const": "a"}), &integer, json!({"$ref": "#/components/schemas/HolderIt0"})),
        (json!({"const": true}), &string, json!({"type": "boolean"})),
        (json!({"const": 1}), &string, integer.clone()),
        (json!({"enum": [1, 2]}), &string, integer.clone()),
    ] {
        mends(Side::Shape, json!({"anyOf": [fixed, other]}), json!({"oneOf": [lowered, other]}));
    }
    let of_two_types = json!({"anyOf": [{"type": ["string", "boolean"]}, {"type": "integer"}]});
    refuses(Side::Shape, of_two_types, "an anyOf with a member whose JSON type is not plain to see");
}

#[test]
fn unbounded_number() {
    let bounds = json!({"type": "integer", "maximum": 200, "minimum": 1, "multipleOf": 2, "exclusiveMinimum": -129});
    for side in [Side::Request, Side::Shape] {
        mends(side, bounds.clone(), json!({"type": "integer"}));
        mends(
            side,
            json!({"type": "integer", "minimum": 0.0, "maximum": 255}),
            json!({"type": "integer", "minimum": 0}),
        );
        mends(side, json!({"type": "number", "minimum": 0, "exclusiveMaximum": 1}), json!({"type": "number"}));
    }
    for role in [Role::Text, Role::Texts] {
        let limit = json!({"type": "integer", "minimum": 0, "default": 50, "title": "Limit"});
        assert_eq!(parameter(role, limit).unwrap(), json!({"type": "integer"}));
    }
}

#[test]
fn unconstrained_text() {
    mends(
        Side::Shape,
        json!({
            "type": "string",
            "format": "date-time",
            "pattern": "^a$",
            "minLength": 1,
            "maxLength": 2,
            "contentMediaType": "text/plain",
        }),
        json!({"type": "string"}),
    );
    mends(Side::Shape, json!({"type": "number", "format": "money"}), json!({"type": "number"}));
    let width = json!({"type": "integer", "format": "int32"});
    mends(Side::Request, width.clone(), width.clone());
    // A wider one is read all the same.
    mends(Side::Shape, width, json!({"type": "integer"}));
}

#[test]
fn unconstrained_array() {
    mends(
        Side::Request,
        json!({
            "type": "array",
            "items": {"type": "string"},
            "uniqueItems": true,
            "minItems": 2,
            "maxItems": 2,
            "contains": {"const": "a"},
        }),
        json!({"type": "array", "items": {"type": "string"}}),
    );
}

#[test]
fn tuple() {
    let number = json!({"type": "number"});
    let list = |items: Value| json!({"type": "array", "items": items});
    let pair = |rest: Value| {
        let mut pair = json!({"type": "array", "prefixItems": [number, number]});
        pair.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        pair
    };
    for rest in [json!({"items": false}), json!({"maxItems": 2, "minItems": 2}), json!({"maxItems": 2, "items": {}})] {
        mends(Side::Request, pair(rest.clone()), list(number.clone()));
        mends(Side::Shape, pair(rest), list(number.clone()));
    }
    for empty in [json!({"prefixItems": [], "items": false}), json!({"prefixItems": []})] {
        mends(Side::Request, empty, list(json!({})));
    }
    mends(Side::Request, json!({"prefixItems": [number], "items": false}), list(number.clone()));
    // What may follow is read, and need not be sent.
    mends(Side::Request, pair(json!({})), list(number.clone()));
    frees_the_items(pair(json!({})));
    let (lowered, made) = lower_with(
        Side::Request,
        json!({"prefixItems": [number, {"type": "string"}], "items": {"type": "boolean"}}),
        others(),
    )
    .unwrap();
    assert_eq!(lowered, list(json!({"$ref": "#/components/schemas/HolderItItem"})));
    assert_eq!(made["HolderItItem"], json!({"oneOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}));
}

#[track_caller]
fn frees_the_items(schema: Value) {
    let error = lower_with(Side::Shape, schema, others()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("components/schemas/Holder/properties/it/items ") && text.contains("an anyOf"), "{text}");
}

#[test]
fn untyped_items() {
    for schema in
        [json!({"type": "array"}), json!({"type": "array", "items": true}), json!({"type": "array", "items": false})]
    {
        mends(Side::Request, schema, json!({"type": "array", "items": {}}));
    }
}

#[test]
fn unconstrained_object() {
    mends(Side::Request, json!({"type": "object", "minProperties": 1, "maxProperties": 2}), json!({"type": "object"}));
    let map = json!({"type": "object", "additionalProperties": {"type": "integer"}});
    let mut keyed = map.clone();
    keyed["propertyNames"] = json!({"enum": ["a", "b"]});
    mends(Side::Request, keyed.clone(), map.clone());
    mends(Side::Shape, keyed, map);
}

#[test]
fn untyped_object() {
    let properties = json!({"a": {"type": "string"}});
    mends(
        Side::Request,
        json!({"properties": properties, "minProperties": 1}),
        json!({"type": "object", "properties": properties}),
    );
}

#[test]
fn forbidden_properties() {
    mends(
        Side::Request,
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": false}}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    );
    let error =
        lower_with(Side::Request, json!({"type": "object", "properties": {"b": false}, "required": ["b"]}), others());
    assert!(error.unwrap_err().to_string().contains("allows no value at all"));
}

#[test]
fn one_way_properties() {
    let others = json!({
        "Id": {"type": "string", "readOnly": true},
        "Bug": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "readOnly": true},
                "other": {"$ref": "#/components/schemas/Id"},
                "third": {"allOf": [{"$ref": "#/components/schemas/Id"}], "description": "x"},
                "made": {"anyOf": [{"type": "string", "readOnly": true}, {"type": "null"}]},
                "fourth": {"allOf": [{"$ref": "#/components/schemas/Id"}, {"minLength": 1}]},
                "fifth": {"allOf": [{"allOf": [{"type": "string"}, {"readOnly": true}]}, {"type": "string"}]},
                "name": {"type": "string", "readOnly": false},
                "secret": {"type": "string", "writeOnly": true},
            },
            "required": ["id", "other", "name", "secret"],
        },
    });
    let bug =
        |side| lower_with(side, json!({"$ref": "#/components/schemas/Bug"}), others.clone()).unwrap().1["Bug"].clone();
    assert_eq!(
        bug(Side::Request),
        json!({
            "type": "object",
            "properties": {"name": {"type": "string"}, "secret": {"type": "string"}},
            "required": ["name", "secret"],
        })
    );
    let answered = bug(Side::Shape);
    assert_eq!(answered["required"], json!(["id", "other", "name"]));
    assert_eq!(answered["properties"].as_object().unwrap().len(), 7);
}

/// What two schemas say of one property is merged with its mark.
#[test]
fn one_way_properties_of_merged_schemas() {
    let id = |more: Value| {
        let mut id = json!({"type": "string", "readOnly": true});
        id.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"type": "object", "properties": {"id": id, "never": false}, "required": ["id"]})
    };
    let name = json!({"properties": {"name": {"type": "string"}}});
    for other in [id(json!({})), id(json!({"minLength": 1})), id(json!({"readOnly": false}))] {
        mends(
            Side::Request,
            json!({"allOf": [id(json!({})), other, name]}),
            json!({"type": "object", "properties": {"name": {"type": "string"}}}),
        );
    }
}

#[test]
fn empty_required() {
    mends(Side::Shape, json!({"type": "object", "required": []}), json!({"type": "object"}));
}

#[test]
fn kept_extras() {
    mends(
        Side::Shape,
        json!({"type": "object", "properties": {"a": {}}, "additionalProperties": true}),
        json!({"type": "object", "properties": {"a": {}}, "additionalProperties": {}}),
    );
    let map = json!({"type": "object", "additionalProperties": true});
    mends(Side::Shape, map.clone(), map);
}

#[test]
fn inline_types_get_the_name_of_the_place_where_they_stand() {
    let (lowered, made) = lower_with(
        Side::Request,
        json!({
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {"type": "object", "properties": {"delivery_scope": {"enum": ["all"]}}},
            },
        }),
        others(),
    )
    .unwrap();
    assert_eq!(lowered["additionalProperties"]["items"], json!({"$ref": "#/components/schemas/HolderItValueItem"}));
    let names: Vec<_> = made.keys().map(String::as_str).collect();
    assert_eq!(names, ["HolderItValueItem", "HolderItValueItemDeliveryScope"]);
}

/// What a document says of its answers, as the client reads it.
#[test]
fn documented_answers_are_read_leniently() {
    let chat = json!({
        "type": "object",
        "properties": {
            "id": {"type": "integer", "minimum": 0, "format": "int32"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "tags": {"type": "array", "items": {"type": "string"}, "default": []},
            "author": {"$ref": AUTHOR},
            "either": {"oneOf": [{"$ref": AUTHOR}, {"type": "object"}]},
            "any": {},
            "gone_by": {"type": "string", "nullable": true},
        },
        "required": ["id", "kind", "gone"],
        "additionalProperties": false,
    });
    let (_, made, notes) = lower_noting(Side::Answer, json!({"$ref": "#/components/schemas/Chat"}), {
        let mut others = others();
        others["Chat"] = chat;
        others
    })
    .unwrap();
    assert_eq!(
        made["Chat"],
        json!({
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "kind": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}, "nullable": true},
                "author": {"allOf": [{"$ref": AUTHOR}], "nullable": true},
                "either": {"type": "object", "nullable": true},
                "any": {},
                "gone_by": {"type": "string", "nullable": true},
            },
            "required": ["id", "kind"],
        })
    );
    assert_eq!(notes.len(), 1, "{notes:?}");
    let extras = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": true});
    let (_, made) = lower_with(Side::Answer, extras, others()).unwrap();
    assert_eq!(made["HolderIt"]["additionalProperties"], json!({}));
}

#[test]
fn two_types_of_one_name_are_refused() {
    let components = json!({
        "Holder": {
            "type": "object",
            "properties": {
                "a": {"enum": ["a"]}, "it": {"enum": ["a"]}, "other": {"$ref": "#/components/schemas/HolderIt"},
            },
        },
        "HolderIt": {"type": "object", "properties": {}},
    });
    let components = components.as_object().unwrap();
    let mut lowering = Lowering::new(Side::Request, components, "components/schemas");
    refer(&mut lowering, "Holder").unwrap();
    let error = lowering.finish().unwrap_err();
    let problem = "needs the name HolderIt in Rust, which components/schemas/Holder/properties/it has already";
    assert!(error.to_string().contains(problem), "{error}");
}

#[test]
fn keywords_that_cannot_be_lowered_make_free_json() {
    for keyword in [
        "if",
        "then",
        "else",
        "patternProperties",
        "dependentSchemas",
        "$defs",
        "$dynamicRef",
        "$anchor",
        "$id",
        "no-such-keyword",
    ] {
        frees(json!({"type": "object", keyword: {}}), json!({"type": "object"}), keyword);
        let problem = format!("the keyword {keyword:?}, which has no like for a schema without a type");
        frees(json!({keyword: {}}), json!({}), &problem);
    }
    let list = json!({"type": "array", "items": {}});
    frees(json!({"type": "array", "items": {"type": "string"}, "additionalItems": {}}), list, "additionalItems");
    frees(json!({"type": "string", "properties": {}}), json!({"type": "string"}), "properties");
    frees(json!({"type": "text"}), json!({}), "unknown type");
    frees(
        json!({"type": ["string", "null"], "unknown": 1}),
        json!({"type": "string", "nullable": true}),
        "\"unknown\"",
    );
}

/// A member of a union may have no more keywords than others, a title aside.
#[test]
fn members_with_keywords_that_cannot_be_lowered_are_free_json() {
    for (member, problem) in [
        (
            json!({"type": "string", "no-such-keyword": 1}),
            "has the keyword \"no-such-keyword\", which has no like for a string",
        ),
        (json!({"type": "string", "title": 1}), "has the keyword \"title\" with a number"),
    ] {
        let union = json!({"oneOf": [member, {"type": "integer"}]});
        let (_, made, notes) = lower_noting(Side::Request, union, others()).unwrap();
        assert_eq!(made["HolderIt"], json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}));
        assert_eq!(notes, [format!("components/schemas/Holder/properties/it/oneOf/0: is any string: it {problem}")]);
    }
}

#[test]
fn free_json_is_called_by_its_type() {
    for (kind, name) in [
        ("array", "a list of free JSON"),
        ("object", "an object of free JSON"),
        ("string", "any string"),
        ("boolean", "any boolean"),
        ("integer", "free JSON"),
    ] {
        let (_, _, notes) = lower_noting(Side::Request, json!({"type": kind, "no-such-keyword": 1}), others()).unwrap();
        let start = format!("components/schemas/Holder/properties/it: is {name}: it has the keyword");
        assert!(notes.len() == 1 && notes[0].starts_with(&start), "{notes:?}");
    }
}

#[test]
fn null_alone_is_free_json() {
    for schema in [
        json!({"type": "null"}),
        json!({"type": ["null"]}),
        json!({"type": ["null"], "enum": [null]}),
        json!({"const": null}),
        json!({"enum": [null]}),
        json!({"anyOf": [{"type": "null"}]}),
    ] {
        frees(schema, json!({}), "allows null only");
    }
}

/// Of what is sent, the client chooses the variant; of what is read, the first that fits would be a guess.
#[test]
fn unions_that_json_does_not_tell_apart() {
    let union = |members: Value| json!({"oneOf": members});
    let kind = "#/components/schemas/Kind";
    for (members, lowered) in [
        (json!([{"$ref": AUTHOR}, {"type": "object"}]), json!([{"$ref": AUTHOR}, {"type": "object"}])),
        (json!([{"type": "integer"}, {"type": "number"}]), json!([{"type": "integer"}, {"type": "number"}])),
        (json!([{"$ref": kind}, {"type": "string"}]), json!([{"$ref": kind}, {"type": "string"}])),
        (
            json!([{"properties": {"a": {}}}, {"properties": {"b": {}}}]),
            json!([{"$ref": "#/components/schemas/HolderIt0"}, {"$ref": "#/components/schemas/HolderIt1"}]),
        ),
    ] {
        for keyword in ["anyOf", "oneOf"] {
            mends(Side::Request, json!({keyword: members}), union(lowered.clone()));
            refuses(Side::Shape, json!({keyword: members}), &format!("has an {keyword} with"));
        }
    }
    mends(
        Side::Request,
        json!({"oneOf": [{"$ref": AUTHOR}, {"$ref": AUTHOR}, {"type": "null"}], "discriminator": {"propertyName": "a"}}),
        json!({"allOf": [{"$ref": AUTHOR}], "nullable": true}),
    );
    mends(
        Side::Request,
        json!({"anyOf": [{"type": "string"}, {"type": "string", "format": "uuid"}]}),
        json!({"type": "string"}),
    );
    mends(
        Side::Request,
        json!({"type": "object", "oneOf": [{"$ref": AUTHOR}, {"$ref": AUTHOR}]}),
        json!({"$ref": AUTHOR}),
    );
    frees(json!({"anyOf": [{}, {"type": "string"}]}), json!({}), "not plain to see");
    frees(json!({"anyOf": []}), json!({}), "null only");
    frees(json!({"anyOf": {}}), json!({}), "not a list");
}

#[test]
fn required_together() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
    let mut either = object.clone();
    either["anyOf"] = json!([{"required": ["a"]}, {"required": ["b"], "not": {"required": ["a"]}}]);
    mends(Side::Request, either.clone(), object.clone());
    mends(Side::Shape, either, object);
}

#[test]
fn drop_not() {
    mends(Side::Request, json!({"type": "string", "not": {"const": "a"}}), json!({"type": "string"}));
}

#[test]
fn parameters_are_texts() {
    let text = || json!({"type": "string"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    for (schema, lowered) in [
        (json!({}), text()),
        (json!(true), text()),
        (json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}), text()),
        (json!({"type": ["integer", "string"]}), text()),
        (json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}), json!({"type": "number"})),
        (json!({"minimum": 1}), text()),
        (json!({"anyOf": [to("Kind"), {"type": "string"}]}), text()),
        (json!({"anyOf": [{"type": ["string"]}, {"type": "integer"}]}), text()),
        (to("Kind"), to("Kind")),
        (to("Level"), json!({"type": "integer"})),
        (to("Maybe"), json!({"type": "integer", "nullable": true})),
        (json!({"allOf": [to("Level")], "default": 1}), json!({"type": "integer"})),
        (json!({"anyOf": [{"allOf": [to("Level")]}, {"type": "null"}]}), json!({"type": "integer", "nullable": true})),
    ] {
        for role in [Role::Text, Role::Texts] {
            assert_eq!(parameter(role, schema.clone()).unwrap(), lowered, "{schema}");
        }
    }
    for schema in [
        json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
        json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}]}),
        json!({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "array"}]}),
        json!({"type": "array"}),
    ] {
        assert_eq!(parameter(Role::Texts, schema.clone()).unwrap(), texts(), "{schema}");
        let error = parameter(Role::Text, schema).unwrap_err();
        assert!(error.to_string().contains("neither a string"), "{error}");
    }
    for schema in [
        to("Author"),
        to("Circle"),
        json!({"type": "object"}),
        json!({"anyOf": [{"type": "string"}, {"type": "object"}]}),
        json!({"type": "array", "items": {"type": "array"}}),
        json!({"type": "array", "items": to("Author")}),
    ] {
        assert_eq!(parameter(Role::Texts, schema.clone()).unwrap_err().kind(), Kind::Unlowerable, "{schema}");
    }
}

#[test]
fn what_is_no_schema_is_free_json() {
    for schema in [json!(null), json!(3), json!([]), json!("string")] {
        frees(schema, json!({}), "not a schema");
    }
    for schema in [json!(false), json!({"$ref": 3}), json!({"type": "object", "additionalProperties": {"$ref": []}})] {
        for side in [Side::Request, Side::Shape] {
            let holder = json!({"type": "object", "properties": {"a": schema}, "required": ["a"]});
            let error = lower_noting(side, holder, others()).unwrap_err();
            assert!(matches!(error.kind(), Kind::Unlowerable | Kind::DanglingReference), "{error}");
            assert_eq!(error.to_string().lines().count(), 1, "{error}");
        }
    }
}

/// A keyword with a value that is not of its kind.
#[test]
fn malformed_keywords_make_free_json() {
    for schema in [
        json!({"type": 3}),
        json!({"type": []}),
        json!({"type": {}}),
        json!({"type": "array", "items": []}),
        json!({"type": "object", "properties": {"a": null}}),
        json!({"type": "object", "properties": []}),
        json!({"type": "object", "required": "a"}),
        json!({"type": "object", "required": ["a"]}),
        json!({"type": "object", "additionalProperties": 1}),
        json!({"type": "string", "nullable": 3}),
        json!({"enum": []}),
        json!({"enum": {}}),
        json!({"type": "string", "enum": [1]}),
        json!({"anyOf": [{"type": "string"}, 3]}),
        json!({"allOf": [3]}),
        json!({"const": {}}),
        json!({"const": 1, "enum": [2]}),
        json!({"allOf": {}}),
        json!({"prefixItems": {}, "type": "array"}),
    ] {
        let (_, _, notes) = lower_noting(Side::Request, schema.clone(), others()).unwrap();
        assert_eq!(notes.len(), 1, "{schema}: {notes:?}");
        refuses(Side::Shape, schema, "");
    }
}

/// Only what is wrong is lost.
#[test]
fn an_object_with_malformed_additional_properties_keeps_the_others() {
    for malformed in [json!(1), json!(null), json!([])] {
        let schema =
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": malformed});
        let (_, made, notes) = lower_noting(Side::Request, schema, others()).unwrap();
        assert_eq!(
            made["HolderIt"],
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {}})
        );
        let place = "components/schemas/Holder/properties/it/additionalProperties";
        assert_eq!(notes, [format!("{place}: is free JSON: it is not a schema")]);
    }
}

#[test]
fn defaults_of_another_type_are_refused() {
    for schema in [
        json!({"type": "string", "default": 3}),
        json!({"type": "string", "default": null}),
        json!({"type": "array", "default": {}}),
        json!({"$ref": "#/components/schemas/Kind", "default": 3}),
        json!({"oneOf": [{"type": "string"}, {"type": "integer"}], "default": "a"}),
    ] {
        refuses(Side::Shape, schema, "not of its type");
    }
    let of_any_type = json!({"default": 3});
    mends(Side::Shape, of_any_type.clone(), of_any_type);
}

#[test]
fn closed_answers_are_refused() {
    let closed = json!({"type": "object", "properties": {}, "additionalProperties": false});
    refuses(Side::Shape, closed.clone(), "additionalProperties: false");
    mends(Side::Request, closed.clone(), closed);
}

#[test]
fn references_to_nothing_are_refused() {
    for target in ["#/components/schemas/Nobody", "#/components/parameters/Author", "author.json", "#", ""] {
        let error = lower_with(Side::Request, json!({"$ref": target}), others()).unwrap_err();
        assert_eq!(error.kind(), Kind::DanglingReference, "{target:?}");
    }
}

#[test]
fn recursion_through_properties_and_items_is_fine() {
    let tree = json!({
        "Tree": {
            "type": "object",
            "properties": {
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                "next": {"anyOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "null"}]},
            },
        },
    });
    lower_with(Side::Request, json!({"$ref": "#/components/schemas/Tree"}), tree).unwrap();
}

#[test]
fn recursive_nullables_and_circles_of_aliases_are_refused() {
    for circle in [
        json!({"A": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}}),
        json!({"A": {"$ref": "#/components/schemas/A"}}),
        json!({
            "A": {"allOf": [{"$ref": "#/components/schemas/B"}]},
            "B": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "string"}]},
        }),
    ] {
        let error = lower_with(Side::Request, json!({"$ref": "#/components/schemas/A"}), circle).unwrap_err();
        assert!(error.to_string().contains("a part of itself"), "{error}");
    }
}

#[test]
fn what_is_nested_too_deeply_is_free_json() {
    let mut schema = json!({"type": "string"});
    for _ in 0..100 {
        schema = json!({"type": "array", "items": schema});
    }
    let (_, _, notes) = lower_noting(Side::Request, schema, others()).unwrap();
    assert!(notes[0].contains("nested too deeply"), "{notes:?}");
}

#[test]
fn a_chain_of_aliases_takes_linear_time() {
    const LENGTH: usize = 20_000;
    let mut components: Schema = (0..LENGTH)
        .map(|index| (format!("A{index}"), json!({"$ref": format!("#/components/schemas/A{}", index + 1)})))
        .collect();
    components.insert(format!("A{LENGTH}"), json!({"type": "string"}));
    let mut lowering = Lowering::new(Side::Request, &components, "components/schemas");
    refer(&mut lowering, "A0").unwrap();
    assert_eq!(lowering.finish().unwrap().0.len(), LENGTH + 1);
}

/// To a client, absent and null mean the same.
#[test]
fn what_is_required_of_an_answer_and_may_be_null_may_be_absent() {
    let (lowered, made, notes) = lower_noting(
        Side::Answer,
        json!({
            "type": "object",
            "properties": {
                "a": {"type": "string"},
                "b": {"type": ["string", "null"]},
                "c": {"anyOf": [{"type": "object", "properties": {"d": {"type": "null"}}}, {"type": "null"}]},
            },
            "required": ["a", "b", "c"],
        }),
        others(),
    )
    .unwrap();
    let name = lowered.pointer("/allOf/0/$ref").unwrap().as_str().and_then(reference::component).unwrap();
    assert_eq!(made[name]["required"], json!(["a"]));
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("/d: is free JSON: it allows null only"), "{notes:?}");
}

/// Properties lie two places below what has them, and items one.
#[test]
fn forty_eight_places_are_as_deep_as_a_schema_may_be() {
    let property = |inner: Value| json!({"type": "object", "properties": {"a": inner}});
    let item = |inner: Value| json!({"type": "array", "items": inner});
    let nested = |wrap: &dyn Fn(Value) -> Value, depth: usize| {
        (0..depth).fold(json!({"type": "string"}), |inner, _| wrap(inner))
    };
    // The property that holds it all lies two places deep itself.
    for (wrap, deepest) in [(&property as &dyn Fn(Value) -> Value, 23), (&item, 46)] {
        let notes = |depth| lower_noting(Side::Request, nested(wrap, depth), others()).unwrap().2;
        assert_eq!(notes(deepest), [""; 0]);
        for depth in [deepest + 1, deepest + 2] {
            let notes = notes(depth);
            assert!(notes.len() == 1 && notes[0].contains("nested too deeply"), "{notes:?}");
        }
    }
}

#[test]
fn a_types_name_has_an_end() {
    for (length, is_taken) in [(LONGEST, true), (LONGEST + 1, false)] {
        let components = Schema::new();
        let mut lowering = Lowering::new(Side::Request, &components, "components/schemas");
        let lowered = lowering.schema(json!({"type": "string"}), Role::Part, &Place::new("test"), &"T".repeat(length));
        assert_eq!(lowered.is_ok(), is_taken, "{length}");
    }
}

/// Members are called by their titles, and by their numbers where these do not tell them apart.
#[test]
fn members_of_a_union_are_told_apart_by_their_names() {
    let object = |property: &str, title: Option<&str>| {
        let mut object =
            json!({"type": "object", "properties": {property: {"type": "string"}}, "required": [property]});
        object["title"] = title.into();
        if title.is_none() {
            object.as_object_mut().unwrap().remove("title");
        }
        object
    };
    for (one, other, names) in [
        (Some("Early"), Some("Late"), ["HolderItEarly", "HolderItLate"]),
        (Some("Early"), Some("Early"), ["HolderItEarly", "HolderItEarly1"]),
        (None, Some("Late"), ["HolderItLate", "HolderItObject"]),
    ] {
        let union = json!({"oneOf": [object("a", one), object("b", other)]});
        let (_, made) = lower_with(Side::Request, union, json!({})).unwrap();
        let found: Vec<_> = made.keys().map(String::as_str).filter(|name| *name != "HolderIt").collect();
        assert_eq!(found, names);
    }
}

/// What refers to a component is nullable in its place, as far as that can be seen there.
#[test]
fn a_component_that_is_nullable_beneath_is_free_json() {
    let maybe = || json!({"Maybe": {"allOf": [{"type": ["string", "null"]}]}});
    let reference = || json!({"$ref": "#/components/schemas/Maybe"});
    let (_, made, notes) = lower_noting(Side::Request, reference(), maybe()).unwrap();
    assert_eq!(made["Maybe"], json!({}));
    assert_eq!(notes, ["components/schemas/Maybe: is free JSON: it is nullable in a way that its references can't be"]);
    let error = lower_noting(Side::Shape, reference(), maybe()).unwrap_err().to_string();
    assert!(error.contains("components/schemas/Maybe") && error.contains("is nullable as a whole"), "{error}");
}

#[test]
fn named_schemas_are_found_as_they_were_declared() {
    let others = others();
    let lowering = Lowering::new(Side::Request, others.as_object().unwrap(), "components/schemas");
    assert_eq!(lowering.declared("Kind"), Some(&others["Kind"]));
    assert_eq!(lowering.declared("Nobody"), None);
    assert!(lowering.has("Kind") && !lowering.has("Nobody"));
}
