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
        if view::allows_anything(old) || view::allows_anything(new) {
            return self.keywords(spot, old, new);
        }
        match (view::union(old), view::union(new)) {
            (None, None) => {}
            (Some((keyword, olds)), Some((other, news))) => {
                if keyword != other {
                    // An anyOf takes whatever fits several of its members too.
                    let effect = if other == "oneOf" { Effect::Narrower } else { Effect::Wider };
                    self.found(spot, "union", effect, keyword.into(), other.into());
                }
                return self.members(spot, Some(keyword), &olds, &news, Effect::Narrower);
            }
            // What is no union is one of a single member.
            (Some((_, olds)), None) => return self.members(spot, None, &olds, &[new], Effect::Narrower),
            (None, Some((_, news))) => return self.members(spot, None, &[old], &news, Effect::Narrower),
        }
        match (view::intersection(old), view::intersection(new)) {
            (None, None) => self.keywords(spot, old, new),
            (Some(olds), Some(news)) => self.all_of(spot, olds, news),
            (Some(olds), None) => self.members(spot, None, &olds.iter().collect::<Vec<_>>(), &[new], Effect::Wider),
            (None, Some(news)) => self.members(spot, None, &[old], &news.iter().collect::<Vec<_>>(), Effect::Wider),
        }
    }

    /// Compares lists of schemas all of which have to hold.
    pub(super) fn all_of(&mut self, spot: &Spot<'_>, old: &'a [Value], new: &'a [Value]) -> Result<()> {
        let (olds, news): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
        self.members(spot, Some("allOf"), &olds, &news, Effect::Wider)
    }

    /// Compares lists of schemas, of which one that is gone has that effect on the whole. Without a keyword
    /// they stand for what one of the two schemas is itself.
    fn members(
        &mut self,
        spot: &Spot<'_>,
        keyword: Option<&str>,
        old: &[&'a Value],
        new: &[&'a Value],
        if_gone: Effect,
    ) -> Result<()> {
        let matched = self.matched(spot, old, new)?;
        let parts = spot.going(spot.way.of_parts());
        for (index, old, new) in matched.pairs {
            match keyword {
                Some(keyword) => {
                    let index = index.to_string();
                    let place = spot.place.child(keyword);
                    let place = place.child(&index);
                    self.schema(&parts.at(&place), old, new)?;
                }
                None => self.inner(&parts, old, new)?,
            }
        }
        for member in matched.gone {
            self.found(spot, "member", if_gone, brief(member), Value::Null);
        }
        for member in matched.new {
            self.found(spot, "member", if_gone.reversed(), Value::Null, brief(member));
        }
        Ok(())
    }

    /// Which members belong together: those that are equal, and of the rest those of one kind, in order.
    fn matched(&mut self, spot: &Spot<'_>, old: &[&'a Value], new: &[&'a Value]) -> Result<Matched<'a>> {
        let mut pairs = Vec::new();
        let mut rest: Vec<(usize, &'a Value)> = old.iter().copied().enumerate().collect();
        let mut news: Vec<(usize, &'a Value)> = new.iter().copied().enumerate().collect();
        let keys: [fn(&Value) -> String; 2] = [view::canonical, kind];
        for key in keys {
            let mut by_key: BTreeMap<String, Vec<(usize, &'a Value)>> = BTreeMap::new();
            for (index, member) in news.into_iter().rev() {
                let key = key(member);
                self.step(key.len(), spot)?;
                by_key.entry(key).or_default().push((index, member));
            }
            let mut left = Vec::new();
            for (index, member) in rest {
                let key = key(member);
                self.step(key.len(), spot)?;
                match by_key.get_mut(&key).and_then(Vec::pop) {
                    Some((_, partner)) => pairs.push((index, member, partner)),
                    None => left.push((index, member)),
                }
            }
            rest = left;
            news = by_key.into_values().flatten().collect();
            news.sort_by_key(|(index, _)| *index);
        }
        pairs.sort_by_key(|(index, ..)| *index);
        let members = |left: Vec<(usize, &'a Value)>| left.into_iter().map(|(_, member)| member).collect();
        Ok(Matched { pairs, gone: members(rest), new: members(news) })
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
