//! Each fix-up before and after, and each refusal.

use super::*;

/// Lowers a property of a component; hands out the property and the components made besides.
fn lower_with(side: Side, schema: Value, others: Value) -> Result<(Value, BTreeMap<String, Value>)> {
    let mut components = others.as_object().unwrap().clone();
    components.insert("Holder".to_owned(), json!({"type": "object", "properties": {"it": schema}}));
    let mut lowering = Lowering::new(side, &components, "components/schemas");
    lowering.reference("Holder", "test")?;
    let (mut lowered, _) = lowering.finish()?;
    let holder = lowered.remove("Holder").unwrap();
    Ok((holder["properties"]["it"].clone(), lowered))
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
    let error = lower_with(side, schema, others()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(problem), "{text}");
    assert!(text.starts_with("components/schemas/Holder/properties/it"), "{text}");
    assert_eq!(error.kind(), Kind::Unlowerable);
}

const AUTHOR: &str = "#/components/schemas/Author";

#[test]
fn drop_annotations() {
    mends(
        Side::Answer,
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
        Side::Answer,
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
fn drop_request_defaults() {
    let schema = json!({"type": "string", "default": "local"});
    mends(Side::Request, schema.clone(), json!({"type": "string"}));
    mends(Side::Answer, schema.clone(), schema);
}

#[test]
fn type_list() {
    mends(Side::Answer, json!({"type": ["string", "null"]}), json!({"type": "string", "nullable": true}));
    mends(Side::Answer, json!({"type": ["string"]}), json!({"type": "string"}));
    mends(
        Side::Answer,
        json!({"type": ["string", "integer"]}),
        json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
    );
    mends(
        Side::Answer,
        json!({"type": ["object", "null"], "additionalProperties": true}),
        json!({"type": "object", "additionalProperties": true, "nullable": true}),
    );
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

#[test]
fn null_in_enum() {
    let (lowered, made) =
        lower_with(Side::Request, json!({"type": ["string", "null"], "enum": ["a", null]}), others()).unwrap();
    assert_eq!(lowered, json!({"allOf": [{"$ref": "#/components/schemas/HolderIt"}], "nullable": true}));
    assert_eq!(made["HolderIt"], json!({"type": "string", "enum": ["a"]}));
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
    mends(Side::Answer, with_default, json!({"allOf": [{"$ref": "#/components/schemas/Kind"}], "default": "novel"}));
}

#[test]
fn nullable_anything() {
    mends(Side::Request, json!({"anyOf": [{}, {"type": "null"}], "title": "Any"}), json!({}));
    mends(Side::Request, json!(true), json!({}));
}

#[test]
fn single_value_enum() {
    mends(Side::Request, json!({"const": "chat", "title": "Type"}), json!({"type": "string", "enum": ["chat"]}));
}

#[test]
fn untyped_enum() {
    mends(Side::Request, json!({"enum": ["a", "b"]}), json!({"type": "string", "enum": ["a", "b"]}));
    mends(Side::Request, json!({"enum": [1, 2]}), json!({"type": "integer", "enum": [1, 2]}));
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
}

#[test]
fn parameter_bounds() {
    let components = Schema::new();
    let mut lowering = Lowering::new(Side::Request, &components, "components/schemas");
    let limit = json!({"type": "integer", "maximum": 200, "minimum": 1, "default": 50, "title": "Limit"});
    let place = Place::new("test");
    let lowered = lowering.schema(limit, Role::Parameter, &place, "ListLimit").unwrap();
    assert_eq!(lowered, json!({"type": "integer"}));
}

#[test]
fn exclusive_bounds() {
    mends(
        Side::Request,
        json!({"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1}),
        json!({
            "type": "number",
            "minimum": 0.5,
            "exclusiveMinimum": true,
            "maximum": 1,
            "exclusiveMaximum": true,
        }),
    );
}

#[test]
fn whole_bounds() {
    mends(
        Side::Request,
        json!({"type": "integer", "exclusiveMinimum": 0.0, "maximum": 9.0}),
        json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 9}),
    );
    let beyond = json!({"type": "integer", "minimum": 0.5, "maximum": 1e300});
    mends(Side::Request, beyond.clone(), beyond);
}

#[test]
fn unconstrained_text() {
    mends(
        Side::Answer,
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
    mends(Side::Answer, json!({"type": "number", "format": "money"}), json!({"type": "number"}));
    let width = json!({"type": "integer", "format": "int32"});
    mends(Side::Answer, width.clone(), width);
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
        }),
        json!({"type": "array", "items": {"type": "string"}}),
    );
}

#[test]
fn untyped_items() {
    mends(Side::Request, json!({"type": "array"}), json!({"type": "array", "items": {}}));
}

#[test]
fn unconstrained_object() {
    mends(Side::Request, json!({"type": "object", "minProperties": 1, "maxProperties": 2}), json!({"type": "object"}));
}

#[test]
fn empty_required() {
    mends(Side::Answer, json!({"type": "object", "required": []}), json!({"type": "object"}));
}

#[test]
fn kept_extras() {
    mends(
        Side::Answer,
        json!({"type": "object", "properties": {"a": {}}, "additionalProperties": true}),
        json!({"type": "object", "properties": {"a": {}}, "additionalProperties": {}}),
    );
    let map = json!({"type": "object", "additionalProperties": true});
    mends(Side::Answer, map.clone(), map);
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

#[test]
fn two_types_of_one_name_are_refused() {
    let components = json!({
        "Holder": {
            "type": "object",
            "properties": {"it": {"enum": ["a"]}, "other": {"$ref": "#/components/schemas/HolderIt"}},
        },
        "HolderIt": {"type": "object", "properties": {}},
    });
    let components = components.as_object().unwrap();
    let mut lowering = Lowering::new(Side::Request, components, "components/schemas");
    lowering.reference("Holder", "test").unwrap();
    let error = lowering.finish().unwrap_err();
    assert!(error.to_string().contains("needs the name HolderIt"), "{error}");
}

#[test]
fn keywords_that_cannot_be_lowered_are_refused_by_name() {
    for keyword in [
        "if",
        "then",
        "else",
        "not",
        "patternProperties",
        "propertyNames",
        "dependentSchemas",
        "dependentRequired",
        "unevaluatedProperties",
        "$defs",
        "$dynamicRef",
        "$anchor",
        "$id",
        "discriminator",
        "no-such-keyword",
    ] {
        refuses(Side::Request, json!({"type": "object", keyword: {}}), keyword);
    }
    for keyword in ["prefixItems", "contains", "minContains", "unevaluatedItems", "additionalItems"] {
        refuses(Side::Request, json!({"type": "array", keyword: {}}), keyword);
    }
    refuses(Side::Request, json!({"properties": {}}), "properties");
    refuses(Side::Request, json!({"type": "string", "properties": {}}), "properties");
    refuses(Side::Request, json!({"$ref": AUTHOR, "properties": {}}), "properties");
    refuses(Side::Request, json!({"$ref": AUTHOR, "type": "object"}), "$ref");
}

#[test]
fn null_alone_is_refused() {
    for schema in [
        json!({"type": "null"}),
        json!({"type": ["null"]}),
        json!({"const": null}),
        json!({"enum": [null]}),
        json!({"anyOf": [{"type": "null"}]}),
    ] {
        refuses(Side::Request, schema, "allows null only");
    }
}

#[test]
fn unions_that_json_does_not_tell_apart_are_refused() {
    for schema in [
        json!({"anyOf": [{"type": "string"}, {"type": "string", "format": "uuid"}]}),
        json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}),
        json!({"oneOf": [{"$ref": AUTHOR}, {"type": "object"}]}),
        json!({"type": ["integer", "number"]}),
    ] {
        refuses(Side::Request, schema, "two members");
    }
    refuses(Side::Request, json!({"anyOf": [{}, {"type": "string"}]}), "not plain to see");
    refuses(Side::Request, json!({"allOf": [{"$ref": AUTHOR}, {"type": "object"}]}), "several schemas");
    refuses(Side::Request, json!({"type": ["string", "integer"], "minimum": 1}), "several types and keywords");
    refuses(Side::Request, json!({"anyOf": [{"type": "string"}], "type": "integer"}), "\"type\" both");
}

#[test]
fn malformed_schemas_are_refused() {
    for schema in [
        json!(false),
        json!(null),
        json!(3),
        json!([]),
        json!("string"),
        json!({"type": "text"}),
        json!({"type": 3}),
        json!({"type": []}),
        json!({"type": {}}),
        json!({"type": "array", "items": []}),
        json!({"type": "object", "properties": []}),
        json!({"type": "object", "properties": {"a": null}}),
        json!({"type": "object", "required": "a"}),
        json!({"type": "object", "required": ["a"]}),
        json!({"type": "object", "additionalProperties": 1}),
        json!({"type": "integer", "minimum": "0"}),
        json!({"type": "integer", "minimum": 0, "exclusiveMinimum": 0}),
        json!({"enum": []}),
        json!({"enum": {}}),
        json!({"enum": ["a", 1]}),
        json!({"enum": ["a", "a"]}),
        json!({"enum": ["a-b", "a_b"]}),
        json!({"enum": [1.5]}),
        json!({"type": "integer", "enum": ["a"]}),
        json!({"type": "number", "enum": [1]}),
        json!({"const": {}}),
        json!({"const": 1, "enum": [1]}),
        json!({"anyOf": []}),
        json!({"anyOf": {}}),
        json!({"allOf": []}),
        json!({"allOf": [3]}),
        json!({"anyOf": [3]}),
        json!({"$ref": 3}),
    ] {
        let shown = schema.to_string();
        let error = lower_with(Side::Request, schema, others()).unwrap_err();
        assert_eq!(error.kind(), Kind::Unlowerable, "{shown}");
        assert_eq!(error.to_string().lines().count(), 1, "{shown}");
    }
}

#[test]
fn defaults_of_another_type_are_refused() {
    for schema in [
        json!({"type": "string", "default": 3}),
        json!({"type": "string", "default": null}),
        json!({"type": "array", "default": {}}),
        json!({"$ref": "#/components/schemas/Kind", "default": 3}),
    ] {
        refuses(Side::Answer, schema, "not of its type");
    }
}

#[test]
fn closed_answers_are_refused() {
    let closed = json!({"type": "object", "properties": {}, "additionalProperties": false});
    refuses(Side::Answer, closed.clone(), "additionalProperties: false");
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
fn nullable_components_are_refused() {
    let nullable = json!({"A": {"type": ["string", "null"]}});
    let error = lower_with(Side::Request, json!({"$ref": "#/components/schemas/A"}), nullable).unwrap_err();
    assert!(error.to_string().contains("nullable as a whole"), "{error}");
}

#[test]
fn deep_nesting_is_refused() {
    let mut schema = json!({"type": "string"});
    for _ in 0..100 {
        schema = json!({"type": "array", "items": schema});
    }
    let error = lower_with(Side::Request, schema, others()).unwrap_err();
    assert!(error.to_string().contains("nested too deeply"), "{error}");
}

#[test]
fn a_chain_of_aliases_takes_linear_time() {
    const LENGTH: usize = 20_000;
    let mut components: Schema = (0..LENGTH)
        .map(|index| (format!("A{index}"), json!({"$ref": format!("#/components/schemas/A{}", index + 1)})))
        .collect();
    components.insert(format!("A{LENGTH}"), json!({"type": "string"}));
    let mut lowering = Lowering::new(Side::Request, &components, "components/schemas");
    lowering.reference("A0", "test").unwrap();
    assert_eq!(lowering.finish().unwrap().0.len(), LENGTH + 1);
}
