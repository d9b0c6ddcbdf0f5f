//! What the contract says that an operation answers.

use crate::reference;

/// What an operation answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// What the document says.
    Document,
    /// JSON of a shape in `schemas.json`.
    Shape(Shape),
    /// Nothing that a client reads.
    Nothing,
    /// A text.
    Text,
    /// Bytes of any kind.
    Bytes,
    /// Server-sent events.
    Events,
    /// Server-sent events, or JSON of a shape in `schemas.json` or as the document types it, as the request asks.
    JsonOrEvents(Option<Shape>),
}

/// A shape in `schemas.json`: a name, or an array of it (`Name[]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The name in `schemas.json`.
    pub(crate) schema: String,
    /// Whether the answer is an array of it.
    pub(crate) array: bool,
}

impl Answer {
    /// Reads the answer's kind, or its shape, and the shape of the JSON that may come in the place of events.
    pub(crate) fn parse(answer: Option<&str>, shape: Option<&str>) -> Result<Self, String> {
        let shape = shape.map(Shape::parse).transpose()?;
        let answer = match (answer, shape) {
            (Some("json-or-events"), shape) => return Ok(Self::JsonOrEvents(shape)),
            (_, Some(_)) => return Err("has a shape beside an answer other than \"json-or-events\"".to_owned()),
            (answer, None) => answer,
        };
        Ok(match answer {
            None => Self::Document,
            Some("none") => Self::Nothing,
            Some("text") => Self::Text,
            Some("bytes") => Self::Bytes,
            Some("events") => Self::Events,
            Some(shape) => Self::Shape(Shape::parse(shape)?),
        })
    }

    /// The shape in `schemas.json` that the answer has, if it has one of those.
    pub(crate) fn shape(&self) -> Option<&Shape> {
        match self {
            Self::Shape(shape) | Self::JsonOrEvents(Some(shape)) => Some(shape),
            _ => None,
        }
    }
}

impl Shape {
    fn parse(text: &str) -> Result<Self, String> {
        let (schema, array) = match text.strip_suffix("[]") {
            Some(schema) => (schema, true),
            None => (text, false),
        };
        if !reference::is_component_name(schema) {
            return Err(format!(
                "{text:?} is neither a kind of answer, nor the name of a shape, nor such a name with []"
            ));
        }
        Ok(Self { schema: schema.to_owned(), array })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_kind_or_a_shape() {
        let shape = |schema: &str, array| Shape { schema: schema.to_owned(), array };
        for (answer, json, expected) in [
            (None, None, Answer::Document),
            (Some("Chat"), None, Answer::Shape(shape("Chat", false))),
            (Some("note-list[]"), None, Answer::Shape(shape("note-list", true))),
            (Some("none"), None, Answer::Nothing),
            (Some("text"), None, Answer::Text),
            (Some("bytes"), None, Answer::Bytes),
            (Some("events"), None, Answer::Events),
            (Some("json-or-events"), None, Answer::JsonOrEvents(None)),
            (Some("json-or-events"), Some("Run[]"), Answer::JsonOrEvents(Some(shape("Run", true)))),
        ] {
            assert_eq!(Answer::parse(answer, json), Ok(expected), "{answer:?}");
        }
        for (answer, json) in [
            (Some(""), None),
            (Some("Chat[][]"), None),
            (Some("a chat"), None),
            (Some("json-or-events"), Some("a run")),
            (Some("events"), Some("Run")),
            (None, Some("Run")),
        ] {
            assert!(Answer::parse(answer, json).is_err(), "{answer:?} {json:?}");
        }
    }
}
