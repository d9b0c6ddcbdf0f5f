//! Who is lent to the chats.

use std::fmt;

use m8tes_sdk::{PermissionMode, TeammateId};
use muxi_sdk::FormationClient;

use crate::desk::{Desk, Halt};
use crate::m8tes::M8tes;
use crate::muxi::Muxi;

/// Who answers in the chats.
#[derive(Clone, Debug)]
pub struct Lent(Kind);

#[derive(Clone, Debug)]
enum Kind {
    M8tes(M8tes),
    Muxi(Muxi),
}

/// Why there is no answer yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// It passes, and the turn was certainly not begun.
    #[error("{0}")]
    Unsent(String),
    /// It passes: the same turn is gone on with later.
    #[error("{0}")]
    Passing(String),
    /// It does not, and the person is told so.
    #[error("{0}")]
    Lasting(String),
    /// The bridge can't go on.
    #[error(transparent)]
    Halt(Halt),
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl Lent {
    /// A teammate of m8tes, whose tools are asked for one by one.
    pub fn m8tes(client: m8tes_sdk::Client, teammate: impl Into<TeammateId>) -> Self {
        Self::m8tes_with_mode(client, teammate, PermissionMode::Approval)
    }

    /// A teammate of m8tes, and what it may do without asking.
    pub fn m8tes_with_mode(client: m8tes_sdk::Client, teammate: impl Into<TeammateId>, mode: PermissionMode) -> Self {
        Self(Kind::M8tes(M8tes::new(client, teammate.into(), mode)))
    }

    /// A formation of MUXI, by a client that has its client key.
    pub fn muxi(formation: FormationClient) -> Self {
        Self(Kind::Muxi(Muxi::new(formation)))
    }

    /// Whether it can be reached as it is set up.
    pub(crate) async fn check(&self) -> Result<(), Trouble> {
        match &self.0 {
            Kind::M8tes(m8tes) => m8tes.check().await,
            Kind::Muxi(muxi) => muxi.check().await,
        }
    }

    /// Answers the message on the desk, or goes on with that; `is_new` where it was certainly not begun before.
    pub(crate) async fn answer(&self, desk: &Desk, is_new: bool) -> Result<String, Trouble> {
        match &self.0 {
            // A turn is known there by its key, whether or not it is new.
            Kind::M8tes(m8tes) => m8tes.answer(desk).await,
            Kind::Muxi(muxi) => muxi.answer(desk, is_new).await,
        }
    }
}

/// Who it is, for who runs the bridge.
impl fmt::Display for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::M8tes(m8tes) => m8tes.fmt(f),
            Kind::Muxi(muxi) => muxi.fmt(f),
        }
    }
}
