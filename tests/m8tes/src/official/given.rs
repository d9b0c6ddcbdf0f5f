//! What a call is given.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value};

use super::Failed;

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub(super) in_order: VecDeque<Value>,
    pub(super) named: Map<String, Value>,
}

impl From<Map<String, Value>> for Given {
    fn from(named: Map<String, Value>) -> Self {
        Self { in_order: VecDeque::new(), named }
    }
}

impl Given {
    /// The argument of this name, where it is given.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.named.remove(name)
    }

    /// The same of one that may be given by its place, too. They are asked for in their order.
    pub(super) fn next(&mut self, name: &str) -> Option<Value> {
        self.take(name).or_else(|| self.in_order.pop_front())
    }

    /// The same as a text. The facade asks for all that it asks for by its place.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Failed> {
        text(&self.next(name).unwrap_or_default())
    }

    /// The same as the number of a thing.
    pub(super) fn id(&mut self, name: &str) -> Result<i64, Failed> {
        id(&self.next(name).unwrap_or_default())
    }

    /// Whether this is said.
    pub(super) fn is(&mut self, name: &str) -> bool {
        self.take(name) == Some(Value::Bool(true))
    }

    /// Fails where something is left that the facade has no way to say.
    pub(super) fn is_used_up(&self) -> Result<(), Failed> {
        match self.named.keys().next() {
            Some(name) => Err(Failed::Unsayable(format!("{name} can't be said"))),
            None if !self.in_order.is_empty() => Err(Failed::Unsayable(format!("{:?} can't be said", self.in_order))),
            None => Ok(()),
        }
    }
}

fn read<T>(value: &Value, read: Option<T>) -> Result<T, Failed> {
    read.ok_or_else(|| Failed::Unsayable(format!("{value} can't be said")))
}

pub(super) fn text(value: &Value) -> Result<String, Failed> {
    read(value, value.as_str().map(str::to_owned))
}

pub(super) fn texts(value: &Value) -> Result<Vec<String>, Failed> {
    read(value, value.as_array())?.iter().map(text).collect()
}

pub(super) fn flag(value: &Value) -> Result<bool, Failed> {
    read(value, value.as_bool())
}

pub(super) fn number(value: &Value) -> Result<u32, Failed> {
    read(value, value.as_u64().and_then(|number| number.try_into().ok()))
}

pub(super) fn nullable_number(value: &Value) -> Result<Option<u32>, Failed> {
    if value.is_null() { Ok(None) } else { number(value).map(Some) }
}

pub(super) fn id(value: &Value) -> Result<i64, Failed> {
    read(value, value.as_i64())
}

pub(super) fn time(value: &Value) -> Result<Duration, Failed> {
    Ok(Duration::from_secs_f64(read(value, value.as_f64())?))
}
