//! The arguments of a call.

use std::{cell::RefCell, collections::BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Arguments by name. None of them may go unread: what was meant to be said would not be said.
pub struct Arguments<'a> {
    given: &'a Map<String, Value>,
    read: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Arguments<'a> {
    pub fn new(given: &'a Map<String, Value>) -> Self {
        Self { given, read: RefCell::default() }
    }

    /// One that has to be there.
    pub fn get<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, Problem> {
        self.maybe(name)?.ok_or_else(|| Problem::new(format!("the argument {name} is missing")))
    }

    /// One that may be there.
    pub fn maybe<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, Problem> {
        self.read.borrow_mut().insert(name);
        let value = self.given.get(name).map(T::deserialize);
        value.transpose().map_err(Problem::because(format_args!("the argument {name}")))
    }

    /// Fails if one was not read.
    pub fn finish(&self) -> Result<(), Problem> {
        let read = self.read.borrow();
        match self.given.keys().find(|name| !read.contains(name.as_str())) {
            Some(name) => Err(Problem::new(format!("our client has nothing for the argument {name}"))),
            None => Ok(()),
        }
    }
}

/// Gives a request the optional arguments that are there, each by the method that takes it.
macro_rules! set {
    ($request:ident, $arguments:ident, $($name:literal => $method:ident: $type:ty),* $(,)?) => {$(
        if let Some(value) = $arguments.maybe::<$type>($name)? {
            $request = $request.$method(value);
        }
    )*};
}
pub(super) use set;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_that_nobody_reads_is_told() {
        let given = json!({"title": "T", "colour": "red"});
        let arguments = Arguments::new(given.as_object().unwrap());
        assert_eq!(arguments.get::<String>("title").unwrap(), "T");
        assert!(arguments.finish().unwrap_err().to_string().contains("colour"));
        assert!(arguments.get::<u64>("colour").is_err());
        assert!(arguments.get::<u64>("size").unwrap_err().to_string().contains("size"));
        assert_eq!(arguments.maybe::<u64>("size").unwrap(), None);
        arguments.finish().unwrap();
    }
}
