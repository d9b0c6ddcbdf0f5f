//! Comparing lists of schemas: unions, and schemas that all have to hold.

use std::collections::BTreeMap;

use serde_json::Value;

use super::view;
use super::walk::{Spot, Walk};
use super::way::Effect;
use crate::error::Result;

/// What lists of schemas have in common.
struct Matched<'a> {
    pairs: Vec<(usize, &'a Value, &'a Value)>,
    gone: Vec<&'a Value>,
    new: Vec<&'a Value>,
}

impl<'a> Walk<'a> {
    /// Compares the values of two schemas of which what is wrapped around them has been compared.
    pub(super) fn values(&mut self, spot: &Spot<'_>, old: &'a Value, new: &'a Value) -> Result<()> {
        let (one, other) = (view::union(old), view::union(new));
        if one.is_none() && other.is_none() {
            return self.keywords(spot, old, new);
        }
        if let (Some((one, _)), Some((other, _))) = (&one, &other)
            && one != other
        {
            // An anyOf takes whatever fits several of its members too.
            let effect = if *other == "oneOf" { Effect::Narrower } else { Effect::Wider };
            self.found(spot, "union", effect, (*one).into(), (*other).into());
        }
        if view::allows_anything(old) || view::allows_anything(new) {
            return self.keywords(spot, old, new);
        }
        // What is no union is one of a single member.
        let keyword = one.as_ref().or(other.as_ref()).map_or("anyOf", |(keyword, _)| *keyword);
        let was_union = one.is_some();
        let is_union = other.is_some();
        let members = |union: Option<(_, Vec<&'a Value>)>, whole| union.map_or(vec![whole], |(_, members)| members);
        let matched = self.matched(spot, &members(one, old), &members(other, new))?;
        let place = spot.place.child(keyword);
        for (index, old, new) in matched.pairs {
            let index = index.to_string();
            let place = place.child(&index);
            if was_union && is_union {
                self.schema(&spot.going(spot.way.of_parts()).at(&place), old, new)?;
            } else {
                self.member(&spot.going(spot.way.of_parts()), old, new)?;
            }
        }
        for member in matched.gone {
            self.found(spot, "member", Effect::Narrower, brief(member), Value::Null);
        }
        for member in matched.new {
            self.found(spot, "member", Effect::Wider, Value::Null, brief(member));
        }
        Ok(())
    }

    /// Compares lists of schemas all of which have to hold.
    pub(super) fn all_of(&mut self, spot: &Spot<'_>, old: &'a [Value], new: &'a [Value]) -> Result<()> {
        let olds: Vec<_> = old.iter().collect();
        let news: Vec<_> = new.iter().collect();
        let matched = self.matched(spot, &olds, &news)?;
        let place = spot.place.child("allOf");
        for (index, old, new) in matched.pairs {
            let index = index.to_string();
            let place = place.child(&index);
            self.schema(&spot.at(&place), old, new)?;
        }
        for member in matched.gone {
            self.found(spot, "member", Effect::Narrower.reversed(), brief(member), Value::Null);
        }
        for member in matched.new {
            self.found(spot, "member", Effect::Wider.reversed(), Value::Null, brief(member));
        }
        Ok(())
    }

    /// Which members belong together: those that are equal, and of the rest those of one kind, in order.
    fn matched(&mut self, spot: &Spot<'_>, old: &[&'a Value], new: &[&'a Value]) -> Result<Matched<'a>> {
        let mut pairs = Vec::new();
        let mut rest: Vec<(usize, &'a Value)> = old.iter().copied().enumerate().collect();
        let mut news: Vec<&'a Value> = new.to_vec();
        let keys: [fn(&Value) -> String; 2] = [view::canonical, kind];
        for key in keys {
            let mut by_key: BTreeMap<String, Vec<&'a Value>> = BTreeMap::new();
            for member in news.into_iter().rev() {
                let key = key(member);
                self.step(key.len(), spot)?;
                by_key.entry(key).or_default().push(member);
            }
            let mut left = Vec::new();
            for (index, member) in rest {
                let key = key(member);
                self.step(key.len(), spot)?;
                match by_key.get_mut(&key).and_then(Vec::pop) {
                    Some(partner) => pairs.push((index, member, partner)),
                    None => left.push((index, member)),
                }
            }
            rest = left;
            news = by_key.into_values().flat_map(|members| members.into_iter().rev()).collect();
        }
        pairs.sort_by_key(|(index, ..)| *index);
        Ok(Matched { pairs, gone: rest.into_iter().map(|(_, member)| member).collect(), new: news })
    }
}

/// By what members that are not equal still belong together.
fn kind(member: &Value) -> String {
    let Some(object) = member.as_object() else {
        return member.to_string();
    };
    match (object.get("$ref"), view::types(object)) {
        (Some(target), _) => target.to_string(),
        (None, Some(types)) => types.into_iter().map(|name| if name == "integer" { "number" } else { name }).collect(),
        (None, None) => String::new(),
    }
}

/// As much of a schema as tells which one it is.
fn brief(schema: &Value) -> Value {
    let Some(object) = schema.as_object() else {
        return schema.clone();
    };
    let telling = object.iter().filter(|(keyword, _)| matches!(keyword.as_str(), "$ref" | "const" | "enum" | "type"));
    Value::Object(telling.map(|(keyword, value)| (keyword.clone(), value.clone())).collect())
}
