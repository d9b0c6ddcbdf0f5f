//! The comparison of two documents' schemas: each pair of named schemas once, however often it is reached.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::change::{Change, Found, Reached, Severity};
use super::view;
use super::way::{Effect, Reader, Way};
use crate::error::{Error, Kind, Result};
use crate::place::Place;
use crate::reference;

/// One comparison of two documents.
pub(super) struct Walk<'a> {
    old: Named<'a>,
    new: Named<'a>,
    nodes: Vec<Node>,
    /// The node of each pair of schemas that stands for itself.
    pairs: HashMap<Key, usize>,
    /// The pairs that are still to be compared.
    open: Vec<Pair<'a>>,
    /// What is left of the bound on the work.
    steps: usize,
}

/// The named schemas of a document, and where they lie in it.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) schemas: &'a Map<String, Value>,
    pub(super) origin: &'static str,
}

impl<'a> Named<'a> {
    /// The named schema that a reference leads to.
    fn target<'t>(&self, spot: &Spot<'_>, target: &'t str) -> Result<(&'t str, &'a Value)> {
        let name = reference::component(target);
        name.and_then(|name| Some((name, self.schemas.get(name)?)))
            .ok_or_else(|| reference::dangling(spot.place, target))
    }
}

/// What was found in one operation or one pair of schemas, and which pairs it refers to.
#[derive(Default)]
struct Node {
    found: Vec<Found>,
    next: Vec<usize>,
}

/// Schemas are told apart by where they lie in memory: the documents outlive the comparison.
type Key = (*const Value, *const Value, Way, bool);

struct Pair<'a> {
    node: usize,
    old: &'a Value,
    new: &'a Value,
    way: Way,
    place: String,
    /// Whether what is wrapped around both has been compared already.
    unwrapped: bool,
}

/// Where in a comparison one is.
#[derive(Clone, Copy)]
pub(super) struct Spot<'p> {
    node: usize,
    pub(super) way: Way,
    pub(super) place: &'p Place<'p>,
}

impl<'p> Spot<'p> {
    /// The operation or pair of schemas, by which its changes find their operations.
    pub(super) fn node(&self) -> usize {
        self.node
    }

    /// The same operation or pair of schemas, at another place.
    pub(super) fn at<'q>(&self, place: &'q Place<'q>) -> Spot<'q> {
        Spot { node: self.node, way: self.way, place }
    }

    /// The same spot, where the effect of a change is not known.
    pub(super) fn unweighed(self) -> Self {
        match self.way {
            way @ (Way::Failure | Way::Unread) => self.going(way),
            _ => self.going(Way::Either),
        }
    }

    /// The same spot, with values that travel another way.
    pub(super) fn going(self, way: Way) -> Self {
        Self { way, ..self }
    }
}

/// A schema and what was wrapped around it: unions with null, an `allOf` of one, references.
struct Unwrapped<'a> {
    schema: &'a Value,
    /// The component that it is a reference to, if references were not followed.
    target: Option<&'a str>,
    nullable: bool,
    default: Option<&'a Value>,
    /// `deprecated`, `readOnly` and `writeOnly`.
    marks: [bool; 3],
}

const MARKS: [&str; 3] = ["deprecated", "readOnly", "writeOnly"];

impl<'a> Walk<'a> {
    /// A comparison that takes a number of steps in proportion to the size of the documents, or is
    /// refused: documents can be made that refer to each other's parts in more ways than can be counted.
    pub(super) fn new(old: Named<'a>, new: Named<'a>, size: usize) -> Self {
        let steps = size.saturating_mul(64).saturating_add(100_000);
        Self { old, new, nodes: Vec::new(), pairs: HashMap::new(), open: Vec::new(), steps }
    }

    /// The named schemas of both documents.
    pub(super) fn components(&self) -> (&'a Map<String, Value>, &'a Map<String, Value>) {
        (self.old.schemas, self.new.schemas)
    }

    /// The start of an operation's own part.
    pub(super) fn operation<'p>(&mut self, way: Way, place: &'p Place<'p>) -> Spot<'p> {
        self.nodes.push(Node::default());
        Spot { node: self.nodes.len() - 1, way, place }
    }

    /// Notes a change that is judged by its effect.
    pub(super) fn found(&mut self, spot: &Spot<'_>, what: &str, effect: Effect, was: Value, is: Value) {
        let (severity, meaning) = spot.way.judge(effect);
        self.judged(spot, what, severity, was, is, meaning);
    }

    /// Notes a change that has a meaning of its own.
    pub(super) fn judged(
        &mut self,
        spot: &Spot<'_>,
        what: &str,
        severity: Severity,
        was: Value,
        is: Value,
        meaning: &'static str,
    ) {
        let place = spot.place.to_string();
        if let Some(node) = self.nodes.get_mut(spot.node) {
            node.found.push(Found { severity, what: what.to_owned(), place, was, is, meaning });
        }
    }

    /// Takes steps off the bound.
    pub(super) fn step(&mut self, count: usize, spot: &Spot<'_>) -> Result<()> {
        self.steps = self.steps.checked_sub(count).ok_or_else(|| {
            Error::new(
                Kind::Incomparable,
                spot.place,
                "is where the comparison gives up: the documents' schemas refer to each other in too many ways",
                "compare a backend that is closer to the one imported last",
            )
        })?;
        Ok(())
    }

    /// Compares two schemas that stand at the same place.
    pub(super) fn schema(&mut self, spot: &Spot<'_>, old: &'a Value, new: &'a Value) -> Result<()> {
        let one = self.unwrap(spot, old, self.old, false)?;
        let other = self.unwrap(spot, new, self.new, false)?;
        match (one.target, other.target) {
            (None, None) => {
                self.wrappers(spot, &one, &other);
                self.values(spot, one.schema, other.schema)
            }
            (Some(name), Some(_)) => {
                self.wrappers(spot, &one, &other);
                let place = format!("{}/{name}", self.old.origin);
                self.pair(spot, one.schema, other.schema, place, false)
            }
            _ => {
                let one = self.unwrap(spot, old, self.old, true)?;
                let other = self.unwrap(spot, new, self.new, true)?;
                self.wrappers(spot, &one, &other);
                self.pair(spot, one.schema, other.schema, spot.place.to_string(), true)
            }
        }
    }

    /// Compares what two references lead to.
    pub(super) fn references(&mut self, spot: &Spot<'_>, old: &str, new: &str) -> Result<()> {
        let (name, old) = self.old.target(spot, old)?;
        let (_, new) = self.new.target(spot, new)?;
        let place = format!("{}/{name}", self.old.origin);
        self.pair(spot, old, new, place, false)
    }

    /// Compares what two schemas allow, whatever is wrapped around them.
    pub(super) fn inner(&mut self, spot: &Spot<'_>, old: &'a Value, new: &'a Value) -> Result<()> {
        let old = self.unwrap(spot, old, self.old, true)?;
        let new = self.unwrap(spot, new, self.new, true)?;
        self.pair(spot, old.schema, new.schema, spot.place.to_string(), true)
    }

    /// Compares the pairs that are still open, and hands out what was found with the operations that it
    /// reaches; `operations` are the starts of these.
    pub(super) fn finish(mut self, operations: &[(usize, Reached)]) -> Result<Vec<Change>> {
        while let Some(pair) = self.open.pop() {
            let place = Place::new(&pair.place);
            let spot = Spot { node: pair.node, way: pair.way, place: &place };
            if pair.unwrapped {
                self.values(&spot, pair.old, pair.new)?;
            } else {
                self.schema(&spot, pair.old, pair.new)?;
            }
        }
        Ok(self.reached(operations))
    }

    /// A pair of schemas that stands for itself: what is found in it is found once. Whatever leads through a
    /// reference becomes one, so that no reference makes the comparison recurse.
    fn pair(&mut self, spot: &Spot<'_>, old: &'a Value, new: &'a Value, place: String, unwrapped: bool) -> Result<()> {
        self.step(place.len(), spot)?;
        // Whether null is sent in its place has been looked at already.
        let way = spot.way.of_parts();
        let key = (std::ptr::from_ref(old), std::ptr::from_ref(new), way, unwrapped);
        let next = self.nodes.len();
        let node = *self.pairs.entry(key).or_insert(next);
        if node == next {
            self.nodes.push(Node::default());
            self.open.push(Pair { node, old, new, way, place, unwrapped });
        }
        if let Some(from) = self.nodes.get_mut(spot.node) {
            from.next.push(node);
        }
        Ok(())
    }

    /// Takes off what is wrapped around a schema, up to the first reference or through all of them.
    fn unwrap(
        &mut self,
        spot: &Spot<'_>,
        schema: &'a Value,
        named: Named<'a>,
        through_references: bool,
    ) -> Result<Unwrapped<'a>> {
        let mut unwrapped = Unwrapped { schema, target: None, nullable: false, default: None, marks: [false; 3] };
        let mut references = 0;
        loop {
            self.step(1, spot)?;
            unwrapped.nullable |= view::names_null(unwrapped.schema);
            let Value::Object(object) = unwrapped.schema else {
                break;
            };
            let listed = object.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
            self.step(object.len(), spot)?;
            self.step(listed, spot)?;
            unwrapped.default = unwrapped.default.or(object.get("default"));
            for (mark, keyword) in unwrapped.marks.iter_mut().zip(MARKS) {
                *mark |= object.get(keyword) == Some(&Value::Bool(true));
            }
            let Some(keyword) = view::only_keyword(object) else {
                break;
            };
            let inner = match (keyword, object.get(keyword)) {
                ("$ref", Some(Value::String(target))) => {
                    let (name, schema) = named.target(spot, target)?;
                    references += 1;
                    if references > named.schemas.len() {
                        return Err(Error::new(
                            Kind::DanglingReference,
                            spot.place,
                            format!("has a $ref to {target:?}, which leads back to itself"),
                            "correct the $ref",
                        ));
                    }
                    if !through_references {
                        unwrapped.target = Some(name);
                        unwrapped.schema = schema;
                        break;
                    }
                    schema
                }
                ("allOf", Some(Value::Array(members))) => match members.as_slice() {
                    [member] => member,
                    _ => break,
                },
                ("anyOf" | "oneOf", Some(Value::Array(members))) => {
                    self.step(members.len(), spot)?;
                    unwrapped.nullable |= members.iter().any(view::is_null);
                    let mut others = members.iter().filter(|member| !view::is_null(member));
                    match (others.next(), others.next()) {
                        (Some(member), None) => member,
                        _ => break,
                    }
                }
                _ => break,
            };
            unwrapped.schema = inner;
        }
        Ok(unwrapped)
    }

    /// Whether a schema of the imported document allows null, itself or by what it refers to.
    pub(super) fn was_nullable(&mut self, spot: &Spot<'_>, schema: &'a Value) -> Result<bool> {
        Ok(self.unwrap(spot, schema, self.old, true)?.nullable)
    }

    /// Compares what was wrapped around two schemas.
    fn wrappers(&mut self, spot: &Spot<'_>, old: &Unwrapped<'a>, new: &Unwrapped<'a>) {
        let is_any = |one: &Unwrapped<'_>| one.target.is_none() && view::allows_anything(one.schema);
        if old.nullable != new.nullable && !is_any(old) && !is_any(new) {
            let effect = match (new.nullable, spot.way) {
                (true, _) => Effect::Wider,
                (false, Way::Optional) => Effect::Note,
                (false, _) => Effect::Narrower,
            };
            let (was, is) = (allowed(old.nullable), allowed(new.nullable));
            if effect == Effect::Wider && spot.way == Way::Answer(Reader::Optional) {
                let meaning = "to the client it is as if it were left out, as it may be";
                self.judged(spot, "null", Severity::Harmless, was, is, meaning);
            } else {
                self.found(spot, "null", effect, was, is);
            }
        }
        if old.default.map(view::canonical) != new.default.map(view::canonical) {
            let value = |default: Option<&Value>| default.cloned().unwrap_or_default();
            let meaning = "what the client leaves out may mean something else now";
            let (severity, usual) = spot.way.judge(Effect::Note);
            let meaning = if spot.way.is_sent() { meaning } else { usual };
            self.judged(spot, "default", severity, value(old.default), value(new.default), meaning);
        }
        for ((keyword, was), is) in MARKS.into_iter().zip(old.marks).zip(new.marks) {
            if was == is {
                continue;
            }
            let effect = match (keyword, spot.way, is) {
                ("readOnly", Way::Request | Way::Optional, true) => Effect::Narrower,
                ("writeOnly", Way::Answer(_), true) => Effect::Other,
                (_, Way::Either, _) => Effect::Other,
                _ => Effect::Note,
            };
            let (severity, meaning) = match (keyword, spot.way) {
                ("deprecated", _) => {
                    (Severity::Harmless, "it works as before; deprecated means that it is going to go")
                }
                (_, way) => way.judge(effect),
            };
            self.judged(spot, keyword, severity, was.into(), is.into(), meaning);
        }
    }

    /// Which operations each change reaches.
    fn reached(self, operations: &[(usize, Reached)]) -> Vec<Change> {
        let leads_to_a_change = leads_to_a_change(&self.nodes);
        let mut reaching: BTreeMap<usize, Vec<Reached>> = BTreeMap::new();
        let mut last_seen = vec![None; self.nodes.len()];
        for (number, (start, operation)) in operations.iter().enumerate() {
            let mut open = vec![*start];
            while let Some(index) = open.pop() {
                let (Some(node), Some(seen)) = (self.nodes.get(index), last_seen.get_mut(index)) else {
                    continue;
                };
                // An operation may have several starts, one after the other.
                if *seen == Some(number) || leads_to_a_change.get(index) != Some(&true) {
                    continue;
                }
                *seen = Some(number);
                if !node.found.is_empty() {
                    let operations = reaching.entry(index).or_default();
                    if operations.last() != Some(operation) {
                        operations.push(operation.clone());
                    }
                }
                open.extend(&node.next);
            }
        }
        let mut changes = Vec::new();
        for (index, node) in self.nodes.into_iter().enumerate() {
            let operations = reaching.remove(&index).unwrap_or_default();
            changes.extend(node.found.into_iter().map(|found| found.reaching(operations.clone())));
        }
        changes
    }
}

/// For each node, whether a change is to be found in it or in one that it leads to.
fn leads_to_a_change(nodes: &[Node]) -> Vec<bool> {
    let mut previous = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for next in &node.next {
            if let Some(previous) = previous.get_mut(*next) {
                previous.push(index);
            }
        }
    }
    let mut leads = vec![false; nodes.len()];
    let mut open: Vec<_> =
        (0..nodes.len()).filter(|index| nodes.get(*index).is_some_and(|node| !node.found.is_empty())).collect();
    while let Some(index) = open.pop() {
        let Some(known) = leads.get_mut(index) else {
            continue;
        };
        if !std::mem::replace(known, true) {
            open.extend(previous.get(index).into_iter().flatten());
        }
    }
    leads
}

fn allowed(is_allowed: bool) -> Value {
    Value::from(if is_allowed { "allowed" } else { "not allowed" })
}
