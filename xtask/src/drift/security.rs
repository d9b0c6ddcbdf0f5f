//! Comparing what authorizes a call.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::Severity;
use super::operation::Side;
use super::view::canonical;
use super::walk::{Spot, Walk};

/// Compares the requirements of two operations. What authorized a call has to authorize it still.
pub(super) fn compare(walk: &mut Walk<'_>, spot: &Spot<'_>, old: Side<'_>, new: Side<'_>) {
    let (was, is) = (Requirements::of(old), Requirements::of(new));
    if was == is {
        return;
    }
    let (severity, meaning) = if is.is_open() || was.ways.is_subset(&is.ways) && !was.is_open() {
        (Severity::Harmless, "what authorized the call still does")
    } else {
        (Severity::Breaking, "the backend may refuse the call for want of another authorization")
    };
    walk.judged(spot, "security", severity, was.shown(), is.shown(), meaning);
}

/// The ways in which a call can be authorized, each with the schemes that it names.
#[derive(PartialEq)]
struct Requirements {
    ways: BTreeSet<String>,
}

impl Requirements {
    fn of(side: Side<'_>) -> Self {
        let declared = side.operation.object.get("security").or(side.export.security.as_ref());
        let schemes = side.export.components.get("securitySchemes");
        let ways = match declared {
            None => BTreeSet::new(),
            Some(Value::Array(ways)) => ways.iter().map(|way| spelled_out(way, schemes)).collect(),
            Some(other) => [canonical(other)].into(),
        };
        Self { ways }
    }

    /// Whether a call needs no authorization.
    fn is_open(&self) -> bool {
        self.ways.is_empty() || self.ways.contains("")
    }

    fn shown(&self) -> Value {
        if self.ways.is_empty() { Value::Null } else { self.ways.iter().cloned().collect::<Vec<_>>().into() }
    }
}

/// What the schemes of one way are, with their scopes. A scheme's name is not sent.
fn spelled_out(way: &Value, schemes: Option<&Value>) -> String {
    let Some(object) = way.as_object() else {
        return canonical(way);
    };
    let mut parts = Vec::new();
    for (name, scopes) in object {
        let declared = schemes.and_then(|schemes| schemes.get(name)).cloned();
        let mut scheme = declared.unwrap_or_else(|| name.as_str().into());
        if let Some(scheme) = scheme.as_object_mut() {
            scheme.retain(|key, _| !matches!(key.as_str(), "bearerFormat" | "description") && !key.starts_with("x-"));
        }
        let scopes = if scopes == &Value::Array(Vec::new()) { String::new() } else { canonical(scopes) };
        parts.push(canonical(&scheme) + &scopes);
    }
    parts.sort();
    parts.join(" and ")
}
