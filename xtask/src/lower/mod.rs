//! Lowering schemas from OpenAPI 3.1 to what OpenAPI 3.0.3, and progenitor, can take.
//!
//! A schema first goes through the list of [`FIXUPS`]; then [`shape`] looks for what is left that
//! OpenAPI 3.0.3 or progenitor does not know; then its parts follow; and at last, if it would become a
//! Rust type of its own, it gets a name.
//!
//! What no type of Rust's is like becomes [free JSON](free) at that place, with a note, where the schema is the
//! document's; where it was written by hand, it is refused, and so is a parameter that has no one text.

mod all_of;
mod annotation;
mod array;
mod bound;
mod constant;
mod context;
mod free;
mod nullable;
mod object;
mod shape;
mod string;
mod text;
mod union;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::{Map, Value, json};

pub(crate) use context::{Context, Role, Side};
use context::{Trouble, untypable};
pub(crate) use union::{annotated_values, marked};

use crate::error::{Error, Kind, Result};
use crate::place::Place;
use crate::{reference, spelling};

/// A schema object.
pub(crate) type Schema = Map<String, Value>;

/// A fix-up mends one thing in one schema, its parts aside. It says whether it has changed anything.
type Fixup = fn(&mut Schema, &Context<'_>) -> Result<bool, Trouble>;

/// The fix-ups. After each that has changed something they start over from the first, until none changes
/// anything any more: what one unwraps may be the business of any other.
const FIXUPS: &[Fixup] = &[
    annotation::drop_annotations,
    annotation::drop_defaults,
    annotation::drop_not,
    nullable::type_list,
    nullable::null_member,
    nullable::null_in_enum,
    text::inlined_reference,
    nullable::nullable_component,
    nullable::reference_with_siblings,
    all_of::merged,
    nullable::nullable_anything,
    constant::annotated_values,
    constant::single_value_enum,
    constant::untyped_enum,
    constant::repeated_values,
    constant::boolean_enum,
    constant::number_enum,
    constant::answered_enum,
    constant::variants_of_one_name,
    text::union_of_texts,
    text::untyped_text,
    union::required_together,
    union::distinct_members,
    bound::unbounded_number,
    string::unconstrained_text,
    array::tuple,
    array::unconstrained_array,
    array::untyped_items,
    object::untyped_object,
    object::unconstrained_object,
    object::open_answer,
    object::undeclared_answer,
    object::optional_answer,
    object::forbidden_properties,
    object::one_way_properties,
    object::empty_required,
    object::kept_extras,
];

/// More nesting within one schema than any type that a person writes.
const DEEPEST: usize = 48;

/// How often named schemas are written out where they are referred to, at most: so often, and so often for each.
const COPIES: usize = 1_000;
const COPIES_EACH: usize = 16;

/// A longer name than any type that a person names. A name is a part of all names below it, so that the
/// work would grow with the square of a document's size.
const LONGEST: usize = 1000;

/// Lowers the schemas of one side, requests or answers.
pub(crate) struct Lowering<'a> {
    side: Side,
    /// The side's named schemas, not lowered.
    components: &'a Map<String, Value>,
    /// Where they lie, for messages.
    origin: &'a str,
    wanted: Vec<String>,
    seen: BTreeSet<String>,
    /// Components that are known not to be parts of themselves.
    settled: BTreeSet<String>,
    lowered: BTreeMap<String, Value>,
    /// The names in it with what has them, in the order of their coming.
    added: Vec<(String, String)>,
    /// The components that were referred to, by their names as Rust spells them.
    spelled: BTreeMap<String, String>,
    /// What led to each of them first.
    users: BTreeMap<String, String>,
    /// What led to the component that is being lowered.
    user: Option<String>,
    /// How often named schemas may still be written out where they are referred to.
    copies: Cell<usize>,
    /// What the client does not have of the document.
    notes: Vec<String>,
}

impl<'a> Lowering<'a> {
    /// A lowering of one side's schemas.
    pub(crate) fn new(side: Side, components: &'a Map<String, Value>, origin: &'a str) -> Self {
        Self {
            side,
            components,
            origin,
            wanted: Vec::new(),
            seen: BTreeSet::new(),
            settled: BTreeSet::new(),
            lowered: BTreeMap::new(),
            added: Vec::new(),
            spelled: BTreeMap::new(),
            users: BTreeMap::new(),
            user: None,
            copies: Cell::new(COPIES + components.len().saturating_mul(COPIES_EACH)),
            notes: Vec::new(),
        }
    }

    /// Whether the side has a named schema of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.components.contains_key(name)
    }

    /// A named schema of the side, not lowered.
    pub(crate) fn declared(&self, name: &str) -> Option<&'a Value> {
        self.components.get(name)
    }

    /// Lowers a schema that stands in an operation. Should it need a name, it gets `name`.
    pub(crate) fn schema(&mut self, schema: Value, role: Role, place: &Place<'_>, name: &str) -> Result<Value> {
        let schema = self.node(schema, role, place, name)?;
        self.named(schema, place, name)
    }

    /// Lowers something of which nothing is left if that fails.
    pub(crate) fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = (self.wanted.len(), self.added.len(), self.notes.len());
        let result = work(self);
        if result.is_err() {
            let (wanted, added, notes) = before;
            for name in self.wanted.drain(wanted..) {
                self.seen.remove(&name);
                self.spelled.remove(&spelling::type_name(&name));
                self.users.remove(&name);
            }
            for (name, _) in self.added.drain(added..) {
                self.lowered.remove(&name);
            }
            self.notes.truncate(notes);
        }
        result
    }

    /// A component's name as Rust spells it; the component is lowered in its turn.
    fn spelled(&mut self, name: &str, place: impl ToString) -> Result<String> {
        if !self.components.contains_key(name) {
            return Err(reference::dangling(place, &reference::to_component(name)));
        }
        let spelled = spelling::type_name(name);
        if self.seen.insert(name.to_owned()) {
            if let Some(other) = self.spelled.insert(spelled.clone(), name.to_owned()) {
                let problem = format!("leads to {name:?} beside {other:?}, of which both are {spelled} in Rust");
                return Err(unlowerable(place, problem));
            }
            self.users.insert(name.to_owned(), self.user.clone().unwrap_or_else(|| place.to_string()));
            self.wanted.push(name.to_owned());
        }
        Ok(spelled)
    }

    /// Notes a place where the client has less than the document.
    pub(crate) fn note(&mut self, place: impl Display, text: impl Display) {
        self.notes.push(format!("{place}: {text}"));
    }

    /// Lowers all components that were referred to, and what they refer to, and hands them out with the notes.
    pub(crate) fn finish(mut self) -> Result<(BTreeMap<String, Value>, Vec<String>)> {
        while let Some(name) = self.wanted.pop() {
            let user = self.users.get(&name).cloned().unwrap_or_default();
            self.user = Some(user.clone());
            self.component(&name).map_err(|error| error.reached_from(&user))?;
        }
        Ok((self.lowered, self.notes))
    }

    /// Lowers a component.
    fn component(&mut self, name: &str) -> Result<()> {
        let root = format!("{}/{name}", self.origin);
        let place = Place::new(&root);
        let schema = self.components.get(name).cloned().unwrap_or_default();
        union::check_not_its_own_part(name, self.components, &mut self.settled, &place)?;
        let spelled = spelling::type_name(name);
        let mut schema = self.node(schema, Role::Component, &place, &spelled)?;
        // What refers to it is nullable instead, if that can be seen there.
        if schema.remove("nullable").is_some() && !nullable::is_nullable(name, self.components) {
            if self.side == Side::Shape {
                return Err(unlowerable(place, "is nullable as a whole, so that it can't be a named type"));
            }
            self.note(place, "is free JSON: it is nullable in a way that its references can't be");
            schema.clear();
        }
        self.add(spelled, Value::Object(schema), &place)
    }

    fn add(&mut self, name: String, schema: Value, place: &Place<'_>) -> Result<()> {
        if self.lowered.contains_key(&name) {
            let other = self.added.iter().find(|(other, _)| *other == name).map_or("another", |(_, place)| place);
            return Err(unlowerable(place, format!("needs the name {name} in Rust, which {other} has already")));
        }
        self.added.push((name.clone(), place.to_string()));
        self.lowered.insert(name, schema);
        Ok(())
    }

    /// Lowers one schema and its parts.
    fn node(&mut self, schema: Value, role: Role, place: &Place<'_>, name: &str) -> Result<Schema> {
        let mut schema = match schema {
            Value::Object(schema) => schema,
            // OpenAPI 3.0 has no boolean schemas.
            Value::Bool(true) => Schema::new(),
            Value::Bool(false) => return Err(unlowerable(place, "allows no value at all")),
            _ if self.side == Side::Shape || role.is_text() => return Err(unlowerable(place, "is not a schema")),
            _ => {
                self.note(place, "is free JSON: it is not a schema");
                return Ok(Schema::new());
            }
        };
        let context = Context { side: self.side, role, place, components: self.components, copies: &self.copies };
        let free = free::json(&schema, self.components);
        match fix(&mut schema, &context) {
            Ok(()) => self.parts(&mut schema, role, place, name)?,
            Err(Trouble::Refused(error)) => return Err(error),
            Err(Trouble::Untypable(problem)) if self.side == Side::Shape || role.is_text() => {
                return Err(unlowerable(place, problem));
            }
            Err(Trouble::Untypable(problem)) => {
                self.note(place, format!("is {}: it {problem}", free::name(&free)));
                schema = free;
            }
        }
        Ok(schema)
    }

    /// Lowers the schemas within a schema.
    fn parts(&mut self, schema: &mut Schema, role: Role, place: &Place<'_>, name: &str) -> Result<()> {
        if name.len() > LONGEST {
            return Err(unlowerable(place, format!("would be a type with a name of more than {LONGEST} characters")));
        }
        if let Some(reference) = schema.get_mut("$ref")
            && let Some(target) = reference.as_str()
        {
            let Some(component) = reference::component(target) else {
                return Err(reference::dangling(place, target));
            };
            *reference = reference::to_component(&self.spelled(component, place)?).into();
        }
        let name = &spelling::type_name(name);
        let item_role = role.of_items();
        for (keyword, role, suffix) in [("items", item_role, "Item"), ("additionalProperties", Role::Part, "Value")] {
            if let Some(part) = schema.get_mut(keyword).filter(|part| !part.is_boolean()) {
                let place = place.child(keyword);
                *part = self.schema(part.take(), role, &place, &format!("{name}{suffix}"))?;
            }
        }
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            let place = place.child("properties");
            for (property, part) in properties {
                let name = format!("{name}{}", pascal(property));
                *part = self.schema(part.take(), Role::Part, &place.child(property), &name)?;
            }
        }
        for (keyword, role) in [("allOf", Role::Wrapped), ("oneOf", Role::Member)] {
            if let Some(Value::Array(members)) = schema.get_mut(keyword) {
                let place = place.child(keyword);
                let mut names = BTreeSet::new();
                for (index, part) in members.iter_mut().enumerate() {
                    let index = index.to_string();
                    let variant = union::variant(part);
                    let mut name = format!("{name}{variant}");
                    // The whole has the name without anything behind it.
                    if variant.is_empty() || !names.insert(variant) {
                        name.push_str(&index);
                    }
                    *part = self.schema(part.take(), role, &place.child(&index), &name)?;
                }
            }
        }
        union::once_each(schema);
        if self.side == Side::Answer {
            object::optional_nulls(schema);
        }
        Ok(())
    }

    /// Gives a schema that becomes a Rust type a component of its own.
    ///
    /// typify names such types itself where they stand, and where the name is taken already it silently
    /// uses the type that has it, whatever that is. As components, their names are ours to check.
    fn named(&mut self, mut schema: Schema, place: &Place<'_>, name: &str) -> Result<Value> {
        if !shape::becomes_a_type(&schema) {
            return Ok(Value::Object(schema));
        }
        let mut outer = Schema::new();
        for keyword in ["default", "nullable"] {
            outer.extend(schema.remove_entry(keyword));
        }
        let name = spelling::type_name(name);
        let reference = json!({"$ref": reference::to_component(&name)});
        self.add(name, Value::Object(schema), place)?;
        if outer.is_empty() {
            return Ok(reference);
        }
        outer.insert("allOf".to_owned(), json!([reference]));
        Ok(Value::Object(outer))
    }
}

/// Applies the fix-ups until none has anything to mend, and looks at what they leave.
fn fix(schema: &mut Schema, context: &Context<'_>) -> Result<(), Trouble> {
    if context.place.depth() > DEEPEST {
        return Err(untypable("is nested too deeply"));
    }
    while apply_one(schema, context)? {}
    shape::check(schema, context)?;
    text::check(schema, context)
}

/// Applies the first fix-up that has something to mend.
fn apply_one(schema: &mut Schema, context: &Context<'_>) -> Result<bool, Trouble> {
    for fixup in FIXUPS {
        if fixup(schema, context)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The refusal of a construct that can't be lowered.
pub(crate) fn unlowerable(place: impl ToString, problem: impl ToString) -> Error {
    Error::new(Kind::Unlowerable, place, problem, "make the operation private in contract.toml or extend the lowering")
}

/// A property's or operation's name as a part of a type's name: `delivery_scope` as `DeliveryScope`.
pub(crate) fn pascal(name: &str) -> String {
    name.split(|character: char| !character.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut characters = word.chars();
            let first = characters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(characters)
        })
        .collect()
}

#[cfg(test)]
mod tests;
