//! What a fix-up may need to know of a schema besides the schema itself.

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::error::Error;
use crate::place::Place;

/// Which way the values of a schema travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// From the client to the backend.
    Request,
    /// From the backend to the client, as the backend's document has them: they are read whatever they are like.
    Answer,
    /// From the backend to the client, as `schemas.json` has them, which was written for that.
    Shape,
}

/// What a schema is to the one that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A named component.
    Component,
    /// The schema of a parameter in a path or a header, or of an item of one in a query: one text.
    Text,
    /// The schema of a parameter in a query, which may be repeated.
    Texts,
    /// A member of a union.
    Member,
    /// A reference that stands one level down, so that something can stand beside it.
    Wrapped,
    /// Any other part, such as a property or a body.
    Part,
}

impl Role {
    /// The role of the items of an array in this role.
    pub(crate) fn of_items(self) -> Self {
        match self {
            Self::Text | Self::Texts => Self::Text,
            Self::Component | Self::Member | Self::Wrapped | Self::Part => Self::Part,
        }
    }

    /// Whether values are written as texts rather than as JSON.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Texts)
    }
}

/// Where a fix-up is at work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) side: Side,
    pub(crate) role: Role,
    pub(crate) place: &'a Place<'a>,
    /// The side's named schemas, not lowered.
    pub(crate) components: &'a Map<String, Value>,
    /// What is left of the bound on how often named schemas are written out where they are referred to.
    pub(crate) copies: &'a Cell<usize>,
}

impl Context<'_> {
    /// Takes a copy of a named schema off the bound: documents can be made whose schemas, written out, never end.
    pub(crate) fn copy(&self) -> Result<(), Trouble> {
        let left =
            self.copies.get().checked_sub(1).ok_or_else(|| {
                Trouble::Untypable("is made of others in more ways than can be written out".to_owned())
            })?;
        self.copies.set(left);
        Ok(())
    }
}

/// Why a schema can't be lowered.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It is a schema, but no type of Rust's is like it; what it has that none can have.
    Untypable(String),
    /// It is no schema, or refers to nothing.
    Refused(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The trouble with a schema that no type of Rust's is like.
pub(crate) fn untypable(problem: impl Into<String>) -> Trouble {
    Trouble::Untypable(problem.into())
}
