//! `schemas.json`: the shapes of the answers, by hand.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};
use crate::{files, json};

/// The shapes by name, not yet lowered.
#[derive(Debug)]
pub(crate) struct Schemas(pub(crate) Map<String, Value>);

impl Schemas {
    /// Reads the file; without one, there are none.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self(Map::new()));
        }
        let place = path.display().to_string();
        Self::parse(&files::read(path)?, &place)
    }

    /// Reads the text of the file; `place` is what errors call it.
    pub(crate) fn parse(text: &[u8], place: &str) -> Result<Self> {
        match json::parse(text, place)? {
            Value::Object(schemas) => Ok(Self(schemas)),
            other => Err(refuse(place, format!("is {}, not an object of named schemas", json::type_name(&other)))),
        }
    }
}

/// The refusal of something about the shapes of the answers.
pub(crate) fn refuse(place: impl ToString, problem: impl ToString) -> Error {
    Error::new(Kind::Answers, place, problem, "make schemas.json and the answers in contract.toml fit together")
}
