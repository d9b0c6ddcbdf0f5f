//! What a fix-up may need to know of a schema besides the schema itself.

use serde_json::{Map, Value};

use crate::place::Place;

/// Which way the values of a schema travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// From the client to the backend.
    Request,
    /// From the backend to the client.
    Answer,
}

/// What a schema is to the one that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A named component.
    Component,
    /// The schema of a parameter in a path, a query or a header, or of the items of such a one.
    Parameter,
    /// A member of a union.
    Member,
    /// Any other part, such as a property or a body.
    Part,
}

impl Role {
    /// The role of the items of an array in this role.
    pub(crate) fn of_items(self) -> Self {
        match self {
            Self::Parameter => Self::Parameter,
            Self::Component | Self::Member | Self::Part => Self::Part,
        }
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
}
