//! Which changes break a client: what is sent and what is received are opposites.

use super::change::Severity;

/// Which way the values of a schema travel, as far as it decides what a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// The client sends them.
    Request,
    /// The client sends them or leaves them out, but never sends null: a parameter, or a field that is
    /// not required.
    Optional,
    /// The client reads them.
    Answer(Reader),
    /// They tell the client why it was refused. It takes failures of any shape.
    Failure,
    /// The client passes them over.
    Unread,
    /// They stand under a keyword that turns meanings around, such as `not`.
    Either,
}

/// How closely the client keeps to the schema of what it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reader {
    /// To its letter: a shape that was written by hand, to be read as it says.
    Strict,
    /// By types that were made of the document's schema: it takes any value of an enum's type, and does without what may
    /// be null.
    Lenient,
    /// The same, of a part that may be left out, and may be null in its place.
    Optional,
}

/// What a change does to the values that a schema allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Fewer than before.
    Narrower,
    /// More than before.
    Wider,
    /// Others than before.
    Other,
    /// The same as before, or what differs is of no consequence on this way.
    Note,
}

impl Effect {
    /// The effect on the whole of an effect on what is taken away from it.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Narrower => Self::Wider,
            Self::Wider => Self::Narrower,
            other => other,
        }
    }
}

impl Way {
    /// The way of the parts of a value on this way.
    pub(super) fn of_parts(self) -> Self {
        match self {
            Self::Optional => Self::Request,
            Self::Answer(Reader::Optional) => Self::Answer(Reader::Lenient),
            other => other,
        }
    }

    /// Whether the client sends what travels on this way.
    pub(super) fn is_sent(self) -> bool {
        matches!(self, Self::Request | Self::Optional)
    }

    /// The effect of a constraint that the client never checks in what it reads, such as a text's length.
    pub(super) fn unless_unchecked(self, effect: Effect) -> Effect {
        if matches!(self, Self::Answer(_)) { Effect::Note } else { effect }
    }

    /// Whether the client reads what a schema does not name among its values.
    pub(super) fn takes_other_values(self) -> bool {
        matches!(self, Self::Answer(Reader::Lenient | Reader::Optional))
    }

    /// How grave a change with that effect is, and what it means for the client.
    pub(super) fn judge(self, effect: Effect) -> (Severity, &'static str) {
        match (self, effect) {
            (Self::Failure, _) => {
                (Severity::Harmless, "the client takes failures of any shape, but may show less of this one")
            }
            (Self::Unread, _) => (Severity::Harmless, "the client does not read it"),
            (_, Effect::Note) => (Severity::Harmless, "nothing that the client sends or reads becomes invalid"),
            (Self::Request | Self::Optional, Effect::Wider) => {
                (Severity::Harmless, "the backend takes all that the client sends, and more")
            }
            (Self::Request | Self::Optional, Effect::Narrower | Effect::Other) => {
                (Severity::Breaking, "the backend may refuse what the client sends")
            }
            (Self::Answer(_), Effect::Narrower) => (Severity::Harmless, "the client reads the answer as before"),
            (Self::Answer(_), Effect::Wider | Effect::Other) => {
                (Severity::Breaking, "the client may be unable to read the answer")
            }
            (Self::Either, _) => {
                (Severity::Breaking, "what it means is not known: it counts as breaking until somebody has looked")
            }
        }
    }
}
